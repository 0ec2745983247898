"""`dataclass` as Python has it, made leaner for the kind this project writes most: `@dataclass(frozen=True, slots=True)`.

In: a class with fields. Out: what Python's own decorator would make of it: the same fields, arguments, equality, hash and
words; `replace`, `asdict` and copies work. Any other kind is handed to Python. Raises `TypeError` for a field that is no
plain argument.
Why: Python writes six functions for each frozen class as text and compiles them; with seven hundred classes that was two
fifths of the application's start. Here what needs no fields is shared, and the three functions that do are written when
they are first called, which for most classes a given process never does. Fields are filled through their slots, which is
also quicker.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError, fields
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn

Method = Callable[..., Any]

_OURS = {"frozen": True, "slots": True}
_LEFT_OUT = object()  # stands for an argument whose default is made anew for each value


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, **options):
        """As `dataclasses.dataclass`."""
        if cls is not None or options != _OURS:
            return dataclasses.dataclass(cls, **options)
        return _frozen


def _frozen(cls: type) -> type:
    own = vars(cls)
    if hasattr(cls, "__post_init__"):
        return dataclasses.dataclass(frozen=True, slots=True)(cls)
    if cls.__doc__ is None:  # or Python would note down the arguments of an `__init__` that is not there yet
        cls.__doc__ = cls.__name__
    methods = {name: method for name, method in _SHARED.items() if name not in own}
    # None counts as not there: a class that writes `__eq__` alone has had its `__hash__` set to it
    late = [name for name in _WRITERS if own.get(name) is None]
    cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    if odd := [f.name for f in fields(cls) if f.kw_only or not f.init]:
        raise TypeError(f"{cls.__name__}.{odd[0]} is no plain argument")
    for name, method in methods.items():
        setattr(cls, name, method)
    for name in late:
        setattr(cls, name, _when_called(cls, name))
    return cls


# --- what all of them share ------------------------------------------------------------------------------------------------


@recursive_repr()
def _repr(self: Any) -> str:
    shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
    return f"{type(self).__qualname__}({shown})"


def _refuse_setting(self: object, name: str, value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, f.name) for f in fields(self)]


def _restore(self: Any, state: Sequence[Any]) -> None:
    for f, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, f.name, value)


_SHARED: dict[str, Method] = {
    "__repr__": _repr,
    "__setattr__": _refuse_setting,
    "__delattr__": _refuse_deleting,
    "__getstate__": _state,  # for copying and for handing to another process
    "__setstate__": _restore,
}


# --- what is written for each, when first called ---------------------------------------------------------------------------


def _when_called(cls: type, name: str) -> Method:
    """What stands in for the method: it writes the true one, puts it in its own place and goes on as it."""

    def first(*args: Any, **values: Any) -> Any:
        text, known = _WRITERS[name](cls)
        exec(text, known)  # noqa: S102 (names of fields, as Python's own does)
        method: Method = known[name]
        method.__qualname__ = f"{cls.__qualname__}.{name}"  # for what is said of a wrong argument
        method.__module__ = cls.__module__
        setattr(cls, name, method)
        return method(*args, **values)

    return first


def _write_init(cls: type) -> tuple[str, dict[str, Any]]:
    known: dict[str, Any] = {"_LEFT_OUT": _LEFT_OUT}
    arguments, lines = ["self"], []
    for f in fields(cls):
        value, default = f.name, ""
        if f.default_factory is not dataclasses.MISSING:
            known[f"_made_{f.name}"] = f.default_factory
            value, default = f"_made_{f.name}() if {f.name} is _LEFT_OUT else {f.name}", "=_LEFT_OUT"
        elif f.default is not dataclasses.MISSING:
            known[f"_made_{f.name}"] = f.default
            default = f"=_made_{f.name}"
        known[f"_set_{f.name}"] = getattr(cls, f.name).__set__
        arguments.append(f.name + default)
        lines.append(f" _set_{f.name}(self, {value})\n")
    return f"def __init__({', '.join(arguments)}):\n{''.join(lines)} return", known


def _write_eq(cls: type) -> tuple[str, dict[str, Any]]:
    names = [f.name for f in fields(cls) if f.compare]
    return (
        "def __eq__(self, other):\n"
        " if other.__class__ is self.__class__:\n"
        f"  return {_tuple('self', names)} == {_tuple('other', names)}\n"
        " return NotImplemented"
    ), {}


def _write_hash(cls: type) -> tuple[str, dict[str, Any]]:
    names = [f.name for f in fields(cls) if (f.compare if f.hash is None else f.hash)]
    return f"def __hash__(self):\n return hash({_tuple('self', names)})", {}


def _tuple(of: str, names: list[str]) -> str:
    return f"({''.join(f'{of}.{name}, ' for name in names)})"


_WRITERS = {"__init__": _write_init, "__eq__": _write_eq, "__hash__": _write_hash}
