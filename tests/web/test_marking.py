"""What two texts share, marked: borders, overlaps, letters with their marks, and what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.similarity.facts import Comparison, Match, Passage
from app.web.marking import KEPT, Span, cut, in_reading_order, mark_sides, name_of_place, shorten

Shown = list[tuple[str, tuple[int, ...], tuple[int, ...]]]


@pytest.mark.parametrize(
    ("text", "spans", "shown"),
    [
        ("abc", [], [("abc", (), ())]),
        ("", [(0, 3, 1)], []),
        ("abc", [(0, 3, 1)], [("abc", (1,), (1,))]),
        ("abcdef", [(2, 4, 1)], [("ab", (), ()), ("cd", (1,), (1,)), ("ef", (), ())]),
        # a span reaching beyond the text is cut to it; one of nothing marks nothing
        ("abc", [(1, 99, 1)], [("a", (), ()), ("bc", (1,), (1,))]),
        ("abc", [(7, 9, 1), (2, 2, 2), (2, 1, 3)], [("abc", (), ())]),
        ("abc", [(-5, 1, 1)], [("a", (1,), (1,)), ("bc", (), ())]),
        # overlapping matches share the letters they share
        (
            "abcdef",
            [(0, 4, 1), (2, 6, 2)],
            [("ab", (1,), (1,)), ("cd", (1, 2), (2,)), ("ef", (2,), ())],
        ),
        ("abcd", [(0, 4, 2), (0, 2, 1)], [("ab", (1, 2), (1, 2)), ("cd", (2,), ())]),
        # ที่ is one letter with two marks: a border within it moves to its edge
        ("ที่นี่", [(1, 3, 1)], [("ที่", (1,), (1,)), ("นี่", (), ())]),
        ("ที่นี่", [(0, 1, 1)], [("ที่", (1,), (1,)), ("นี่", (), ())]),
        ("กำน้ำ", [(0, 1, 1)], [("กำ", (1,), (1,)), ("น้ำ", (), ())]),
    ],
)
def test_text_is_cut_at_the_borders_of_what_matches(text: str, spans: list[Span], shown: Shown) -> None:
    assert [(p.text, p.numbers, p.begins) for p in cut(text, spans)] == shown


_SPANS = st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40), st.integers(1, 5)), max_size=6)


@given(st.text("กขคิีำ่้ abc\n", max_size=40), _SPANS)
def test_nothing_is_lost_and_no_letter_loses_its_marks(text: str, spans: list[Span]) -> None:
    pieces = cut(text, spans)
    assert "".join(p.text for p in pieces) == text
    assert all(p.text for p in pieces)
    assert all(p.text[0] not in "ิี่้ำ" for p in pieces[1:])


@pytest.mark.parametrize("letters", [3 * KEPT, 3 * KEPT + 1, 50_000])
def test_long_stretches_are_shortened_and_marks_never(letters: int) -> None:
    text = "ก" * letters + "ตรงกัน" * 200 + "ข" * letters
    pieces = shorten(cut(text, [(letters, letters + 1200, 1)]))
    is_short = letters <= 3 * KEPT
    assert "".join(p.text for p in pieces if p.numbers) == "ตรงกัน" * 200
    assert [p.is_left_out for p in pieces].count(True) == (0 if is_short else 2)
    if not is_short:
        assert [p.text for p in pieces] == ["…", "ก" * KEPT, "ตรงกัน" * 200, "ข" * KEPT, "…"]


def test_a_long_text_without_marks_keeps_its_beginning() -> None:
    (head, gap) = shorten(cut("ก" * 1000, []))
    assert (len(head.text), gap.is_left_out) == (3 * KEPT, True)


def test_both_sides_carry_the_same_numbers() -> None:
    left = [Passage("names-title_th", "ระบบทะเบียน"), Passage("rationale-outputs", "ฐานข้อมูลกลาง")]
    right = [Passage("rationale-rationale", "มีฐานข้อมูลกลางและระบบ"), Passage("rationale-outputs", "")]
    matches = (
        Match("rationale-outputs", 0, 13, "rationale-rationale", 2, 15, 1000),
        Match("names-title_th", 0, 4, "rationale-rationale", 18, 22, 990),
        Match("gone", 0, 4, "gone", 0, 4, 500),  # a place the filing does not have
    )
    marked = mark_sides(Comparison(900, (), matches), left, right, whole=True)
    seen = [[(f.place, p.text, p.begins) for f in side for p in f.pieces if p.numbers] for side in marked]
    assert seen == [
        [("names-title_th", "ระบบ", (2,)), ("rationale-outputs", "ฐานข้อมูลกลาง", (1,))],
        [("rationale-rationale", "ฐานข้อมูลกลาง", (1,)), ("rationale-rationale", "ระบบ", (2,))],
    ]
    assert [f.place for f in marked[1]] == ["rationale-rationale"]  # an empty field is not shown


@pytest.mark.parametrize(
    ("place", "th", "en"),
    [
        ("names-title_th", "ชื่อโครงการภาษาไทย", "Project name in Thai"),
        ("rationale-objectives", "วัตถุประสงค์", "Objectives"),
        ("budget-3-item", "รายการที่ 3", "Line 3"),
        ("budget-3", "รายการที่ 3", "Line 3"),
        ("integration-2-name", "การเชื่อมโยงที่ 2", "Link 2"),
        ("integration-2-partner", "การเชื่อมโยงที่ 2 หน่วยงานคู่เชื่อม", "Link 2, partner"),
        ("integration-service_name", "ระบบหรือบริการกลาง", "Central service"),
        ("indicators-1-name", "ตัวชี้วัดที่ 1", "Indicator 1"),
        ("somewhere-else", "somewhere-else", "somewhere-else"),
        ("title_th", "ชื่อโครงการภาษาไทย", "Project name in Thai"),
        ("", "", ""),
    ],
)
def test_places_have_names(place: str, th: str, en: str) -> None:
    assert (name_of_place(place).th, name_of_place(place).en) == (th, en)


def test_matches_are_numbered_as_the_left_side_is_read() -> None:
    left = [Passage("title_th", "ระบบทะเบียน"), Passage("rationale-outputs", "ฐานข้อมูลกลาง")]
    matches = (
        Match("gone", 0, 4, "x", 0, 4, 500),
        Match("rationale-outputs", 5, 9, "x", 0, 4, 500),
        Match("rationale-outputs", 0, 4, "x", 0, 4, 500),
        Match("title_th", 4, 8, "x", 0, 4, 500),
    )
    told = in_reading_order(Comparison(900, (), matches), left)
    assert told.matches == tuple(reversed(matches))
