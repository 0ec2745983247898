"""Frozen values to JSON and back: the same value, or the first place that is not it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.canonical import canonical_json
from app.kernel.text import Text
from app.kernel.values import NotThisValue, freeze_value, thaw_value


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Point(NamedTuple):
    x: int
    y: int


@dataclass(frozen=True)
class Inner:
    name: Text
    at: datetime | None
    colour: Colour


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]
    by_id: Mapping[int, str]
    pair: tuple[int, str]
    marks: frozenset[str]
    point: Point
    day: date
    side: Literal["left", "right"]
    anything: Any
    maybe: int | None = None


INNERS = st.builds(
    Inner,
    st.builds(Text, st.text(), st.text()),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(Colour),
)
OUTERS = st.builds(
    Outer,
    st.lists(INNERS, max_size=3).map(tuple),
    st.dictionaries(st.integers(-5, 99), st.text(max_size=4), max_size=3),
    st.tuples(st.integers(), st.text(max_size=3)),
    st.frozensets(st.text(max_size=3), max_size=3),
    st.builds(Point, st.integers(), st.integers()),
    st.dates(),
    st.sampled_from(["left", "right"]),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), st.lists, max_leaves=4),
    st.none() | st.integers(),
)


@settings(max_examples=80, deadline=None)
@given(OUTERS)
def test_a_value_comes_back_as_it_was(value: Outer) -> None:
    assert thaw_value(Outer, json.loads(canonical_json(freeze_value(value)))) == value


GOOD = freeze_value(
    Outer(
        (Inner(Text("ก", "a"), None, Colour.RED),),
        {1: "x"},
        (1, "b"),
        frozenset({"m"}),
        Point(1, 2),
        date(2026, 1, 2),
        "left",
        None,
    )
)
SPOILT: list[tuple[str, Any, str]] = [
    ("pair", [1], ".pair: 2 values expected"),
    ("pair", ["1", "b"], ".pair.0: int expected"),
    ("by_id", {"one": "x"}, "'one' is no whole number"),
    ("by_id", [], ".by_id: an object expected"),
    ("inner", [{"name": {"th": "ก", "en": "a"}, "at": None}], "field colour is missing"),
    ("inner", [{"name": {"th": "ก"}, "at": None, "colour": "red"}], ".inner.0.name: field en is missing"),
    (
        "inner",
        [{"name": {"th": "ก", "en": "a"}, "at": "soon", "colour": "red"}],
        ".inner.0.at: a moment expected",
    ),
    ("inner", [{"name": {"th": "ก", "en": "a"}, "at": None, "colour": "green"}], "'green' is no Colour"),
    ("marks", "m", ".marks: a list expected"),
    ("side", "top", "'top' is none of"),
    ("maybe", True, ".maybe: int expected"),
    ("surplus", 1, "unknown field surplus"),
]


@pytest.mark.parametrize(("name", "value", "told"), SPOILT, ids=[f"{n}-{t}" for n, _, t in SPOILT])
def test_what_is_not_the_value_is_told_by_place(name: str, value: Any, told: str) -> None:
    with pytest.raises(NotThisValue) as caught:
        thaw_value(Outer, GOOD | {name: value})
    assert told in str(caught.value)


@pytest.mark.parametrize("value", [1.5, object(), {True: 1}, b"x"])
def test_what_cannot_be_frozen_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        freeze_value(value)
