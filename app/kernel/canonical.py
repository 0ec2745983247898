"""Canonical JSON and its SHA-256: the same facts give the same bytes, so a hash can be checked years later.

Sorted keys, no spaces, UTF-8, no floats (money travels as decimal strings), after RFC 8785 in so far as our
values need it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """`value` (dicts with string keys, lists, strings, ints, bools, None) as canonical JSON text.

    Raises `TypeError` for floats, for keys that are not strings, and for anything JSON does not know.
    """
    _refuse_what_drifts(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _refuse_what_drifts(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("canonical JSON holds no floats; carry decimals as strings")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys of canonical JSON are strings")
        for item in value.values():
            _refuse_what_drifts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_what_drifts(item)


def sha256_text(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, 64 lower-case hex digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sha256_bytes(data: bytes) -> str:
    """SHA-256 of `data`, 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()
