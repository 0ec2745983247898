"""Frozen values to JSON and back, by their own type annotations: what was frozen is read again as the same value.

Dataclasses and named tuples become objects by field name, enums their values, moments ISO 8601 with their offset, tuples
and frozen sets lists (sets sorted), mappings objects (keys of whole numbers as decimal text). Fields that are computed
(properties, cached or `init=False`) are not carried. Nothing else is known, and no float ever.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

V = TypeVar("V")

_PLAIN = (str, int, bool, type(None))


class NotThisValue(ValueError):
    """JSON that is not the value it is read as; the message names the place, dots between names."""


def freeze_value(value: Any) -> Any:
    """A frozen value as JSON values fit for `canonical_json`. Raises `TypeError` for what is none."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: freeze_value(getattr(value, f.name)) for f in fields(value) if f.init}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: freeze_value(item) for name, item in zip(value._fields, value, strict=True)}
    if isinstance(value, frozenset | set):
        return sorted(freeze_value(item) for item in value)
    if isinstance(value, Mapping):
        return {_key(key): freeze_value(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [freeze_value(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be frozen")


def _key(key: Any) -> str:
    key = freeze_value(key)
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise TypeError("keys are text or whole numbers")
    return str(key)


@lru_cache(maxsize=512)
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    if is_dataclass(kind):
        return {f.name: hints[f.name] for f in fields(kind) if f.init}
    return {name: hints[name] for name in cast(Any, kind)._fields}


def thaw_value(kind: type[V], value: Any, place: str = "") -> V:
    """The inverse of `freeze_value` for a value of `kind`. Raises `NotThisValue` naming the first place that is not as
    the annotations say: a missing or unknown field, another type, an unknown code."""
    return cast(V, _thaw(kind, value, place))


def _wrong(place: str, what: str) -> NotThisValue:
    return NotThisValue(f"{place or '(top)'}: {what}")


def _thaw(kind: Any, value: Any, place: str) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return _thaw_union(args, value, place)
    if origin is Literal:
        if value not in args:
            raise _wrong(place, f"{value!r} is none of {args}")
        return value
    if origin is not None:
        return _thaw_many(origin, args, value, place)
    if kind is type(None):
        if value is not None:
            raise _wrong(place, "nothing expected")
        return None
    if issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise _wrong(place, f"{value!r} is no {kind.__name__}") from None
    if issubclass(kind, datetime | date):
        return _thaw_moment(kind, value, place)
    if kind in (str, int, bool):
        if type(value) is not kind:
            raise _wrong(place, f"{kind.__name__} expected")
        return value
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return _thaw_fields(kind, value, place)
    raise TypeError(f"{kind!r} cannot be thawed")


def _thaw_moment(kind: Any, value: Any, place: str) -> Any:
    try:
        return kind.fromisoformat(value)
    except (TypeError, ValueError):
        raise _wrong(place, "a moment expected") from None


def _thaw_union(args: Sequence[Any], value: Any, place: str) -> Any:
    if value is None and type(None) in args:
        return None
    others = [arg for arg in args if arg is not type(None)]
    for at, arg in enumerate(others):
        try:
            return _thaw(arg, value, place)
        except NotThisValue:
            if at == len(others) - 1:
                raise
    raise _wrong(place, "nothing expected")


def _thaw_many(origin: Any, args: Sequence[Any], value: Any, place: str) -> Any:
    if issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise _wrong(place, "an object expected")
        key_of, kind = args
        return {
            _thaw_key(key_of, key, place): _thaw(kind, item, f"{place}.{key}") for key, item in value.items()
        }
    if not isinstance(value, list):
        raise _wrong(place, "a list expected")
    if issubclass(origin, tuple) and args[-1:] != (...,):
        if len(args) != len(value):
            raise _wrong(place, f"{len(args)} values expected")
        return tuple(
            _thaw(kind, item, f"{place}.{n}") for n, (kind, item) in enumerate(zip(args, value, strict=True))
        )
    items = (_thaw(args[0], item, f"{place}.{n}") for n, item in enumerate(value))
    return frozenset(items) if issubclass(origin, frozenset) else tuple(items)


def _thaw_key(kind: Any, key: str, place: str) -> Any:
    if kind is int:
        if not key.lstrip("-").isdecimal():
            raise _wrong(place, f"{key!r} is no whole number")
        return int(key)
    return _thaw(kind, key, place)


def _thaw_fields(kind: Any, value: Any, place: str) -> Any:
    if not isinstance(value, dict):
        raise _wrong(place, "an object expected")
    hints = _hints(kind)
    if unknown := value.keys() - hints.keys():
        raise _wrong(place, f"unknown field {sorted(unknown)[0]}")
    if missing := hints.keys() - value.keys():
        raise _wrong(place, f"field {sorted(missing)[0]} is missing")
    return kind(**{name: _thaw(hint, value[name], f"{place}.{name}") for name, hint in hints.items()})
