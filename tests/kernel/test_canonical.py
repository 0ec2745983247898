"""Canonical JSON: equal values give equal bytes, and nothing that could drift gets in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.canonical import canonical_json, sha256_bytes, sha256_text

MODEST = settings(max_examples=60, deadline=None)
WHOLE = st.integers(-(2**60), 2**60)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)

WRITTEN = [
    ({"b": 1, "a": [True, None, "ก"]}, '{"a":[true,null,"ก"],"b":1}'),
    ({"ข": "2", "ก": "1"}, '{"ก":"1","ข":"2"}'),
    ((1, 2), "[1,2]"),
    ('"\\\n\t\x00', '"\\"\\\\\\n\\t\\u0000"'),
    (10**15, "1000000000000000"),
    ({}, "{}"),
]

REFUSED: list[Any] = [
    1.0,
    float("nan"),
    [1, [2.5]],
    (0.1,),
    {"a": {"b": 0.0}},
    {1: "a"},
    {"a": {None: 1}},
    {1.5: "a"},
    {True: 1},
    b"bytes",
    {1, 2},
    object(),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN)
def test_written_form(value: Any, text: str) -> None:
    assert canonical_json(value) == text


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: type(value).__name__)
def test_what_has_no_one_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


@MODEST
@given(VALUES)
def test_reading_and_writing_again_gives_the_same_bytes(value: Any) -> None:
    text = canonical_json(value)
    assert json.loads(text) == value
    assert canonical_json(json.loads(text)) == text


@MODEST
@given(st.dictionaries(WORDS, WHOLE, min_size=2, max_size=6))
def test_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    backwards = dict(reversed(list(value.items())))
    assert canonical_json(backwards) == canonical_json(value)


def test_hash_is_of_the_utf8_bytes() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_text("") == sha256_bytes(b"") == empty
    assert sha256_text("ก") == sha256_bytes("ก".encode())
