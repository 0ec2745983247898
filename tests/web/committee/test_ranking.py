"""The ranked list: order and ties, who fits and why, filters, and that a page of strings stays safe."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Entry, Standing, Terms
from app.portfolio.rules import TIE_RULES, rank
from app.reviews.facts import Panel
from app.reviews.rules import mean
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, NOW, World

RANKING = f"/committee/calls/{FISCAL_YEAR}/ranking"
BLANK = Text("", "")


def panel(*totals: int) -> Panel:
    return Panel(len(totals), sum(totals), sum(t * t for t in totals))


def entry(number: str, *totals: int, asked: int = 100, **changes: object) -> Entry:
    """A scored entry; totals in hundredths of a point."""
    plain = Entry(
        int(number), number, BLANK, BLANK, BLANK, "m", "s", "g", "passed", asked, NOW, panel(*totals)
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        # higher mean: no tie at all
        (entry("2", 8000, 8000), entry("1", 7000, 7000), None),
        # one third more in the exact mean, equal when printed
        (entry("2", 5000, 5000, 5001), entry("1", 5000, 5000, 5000), None),
        (entry("2", 7000, 7000), entry("1", 6000, 8000), 0),
        (entry("2", 6000, 8000), entry("1", 7000), 0),  # one review has no spread: it counts as widest
        (entry("2", 7000, 7000, asked=99), entry("1", 7000, 7000, asked=100), 1),
        (entry("2", 7000, 7000), entry("1", 7000, 7000, submitted_at=NOW + timedelta(seconds=1)), 2),
        (entry("1", 7000, 7000), entry("2", 7000, 7000), 3),
    ],
)
def test_ties_are_broken_by_the_declared_rules_in_order(
    first: Entry, second: Entry, rule: int | None
) -> None:
    for entries in ([first, second], [second, first]):
        lines = allocate(entries, Terms(10_000)).lines
        assert [line.entry.number for line in lines] == [first.number, second.number]
        assert lines[0].tie is None
        assert lines[1].tie == (None if rule is None else TIE_RULES[rule])


@pytest.mark.parametrize(
    ("asked", "ceiling", "expected"),
    [
        ([100, 100], 200, [("in", 100, 0), ("in", 0, 0)]),
        ([100, 100], 199, [("in", 99, 0), ("out", 99, 1)]),
        ([300, 100], 200, [("out", 200, 100), ("in", 100, 0)]),  # passed over, the walk goes on
        ([150, 100, 50], 200, [("in", 50, 0), ("out", 50, 50), ("in", 0, 0)]),
        ([1], 0, [("out", 0, 1)]),
    ],
)
def test_allocation_takes_what_still_fits(
    asked: list[int], ceiling: int, expected: list[tuple[str, int, int]]
) -> None:
    entries = [entry(str(n), 9000 - n, 9000 - n, asked=a) for n, a in enumerate(asked, 1)]
    lines = allocate(entries, Terms(ceiling)).lines
    found = [(line.standing.value, line.left, line.short) for line in lines]
    assert found == expected


@pytest.mark.both_databases
def test_unscored_come_last_and_take_nothing() -> None:
    lines = allocate([entry("1"), entry("2", 5000, asked=50)], Terms(100)).lines
    assert [(line.entry.number, line.standing) for line in lines] == [
        ("2", Standing.IN),
        ("1", Standing.UNSCORED),
    ]
    assert lines[1].rank is None


@given(st.lists(st.lists(st.integers(0, 10_000), min_size=1, max_size=7), min_size=1, max_size=12))
def test_means_rank_as_exact_fractions(panels: list[list[int]]) -> None:
    ranked = rank(entry(str(n), *totals) for n, totals in enumerate(panels, 1))
    means: list[Fraction] = [m for e in ranked if (m := mean(e.panel)) is not None]
    assert means == sorted(means, reverse=True)


def _scored(world: World, level: int, baht: str, **names: str) -> int:
    proposal_id = file_one(world, baht, **names)
    for name, assignment in zip(
        ("reviewer_bb", "reviewer_dga"),
        assign(world, proposal_id, "reviewer_bb", "reviewer_dga"),
        strict=True,
    ):
        hand_in(world, name, assignment, scores(level))
    return proposal_id


def test_the_page_says_rank_cut_and_why(app: Flask, world: World) -> None:
    _scored(world, 3, "2000000.00", title_en="Best and fits")
    _scored(world, 2, "4000000.00", title_en="Too large for the rest")
    _scored(world, 1, "1000000.00", title_en="Small enough again")
    file_one(world, title_en="Nobody scored it")
    page = text_of(browser(app, "committee", "en").get(RANKING))
    assert (
        page.index("Best and fits") < page.index("Too large for the rest") < page.index("Small enough again")
    )
    assert page.index("Best and fits") < page.index("cut-line") < page.index("Too large for the rest")
    assert "6.0000 million baht of the ceiling left after it" in page
    assert "6.0000 million baht of the ceiling left, 2.0000 million short" in page
    assert "4.0000 million baht of the ceiling left after it" in page
    assert "No review has been handed in yet" in page
    assert "Synthetic data for demonstration" in page


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"One", "Two", "Three"}),
        ("?standing=in", {"One"}),
        ("?standing=out", {"Two"}),
        ("?standing=unscored", {"Three"}),
        ("?verdict=none", {"One", "Two", "Three"}),
        ("?verdict=approved", set()),
        ("?q=tw", {"Two"}),
        ("?stage=upstream&guideline=1.1&ministry=mof", {"One", "Two", "Three"}),
        ("?ministry=moi", {"One", "Two", "Three"}),  # no such ministry on this list: let go
        ("?standing=%27&verdict=x&stage=y&q=%07", {"One", "Two", "Three"}),
    ],
)
def test_the_list_is_narrowed_by_its_address(app: Flask, world: World, query: str, shown: set[str]) -> None:
    _scored(world, 3, "1000000.00", title_en="One")
    _scored(world, 2, "4500000.00", title_en="Two")
    file_one(world, title_en="Three")
    answer = browser(app, "committee", "en").get(RANKING + query)
    page = text_of(answer)
    assert answer.status_code == 200
    assert {t for t in ("One", "Two", "Three") if f">{t}</a>" in page} == shown


def test_what_people_typed_is_only_ever_text(app: Flask, world: World) -> None:
    _scored(world, 3, "1000.00", title_th="<script>ก</script>", title_en='<img src=x onerror="a">&"')
    for language in ("th", "en"):
        page = browser(app, "committee", language).get(RANKING).get_data(as_text=True)
        assert "<script>ก" not in page
        assert "<img src=x" not in page
        assert ("&lt;script&gt;ก" if language == "th" else "&lt;img src=x") in page


@pytest.mark.both_databases
def test_the_page_asks_the_same_whatever_the_number(app: Flask, world: World) -> None:
    client = browser(app, "committee")
    for _ in range(3):
        file_one(world, "1000.00")
    few = [queries_of(client, p) for p in (RANKING, "/committee/", "/committee/papers")]
    for _ in range(7):
        file_one(world, "1000.00")
    assert [queries_of(client, p) for p in (RANKING, "/committee/", "/committee/papers")] == few
    assert max(few) <= 12


def test_an_unknown_year_is_not_found(app: Flask, world: World) -> None:
    assert browser(app, "committee").get("/committee/calls/1999/ranking").status_code == 404
