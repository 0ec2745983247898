"""Ranking and allocation: a total order by declared rules, and a ceiling that is never passed nor wasted."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Bound, Dimension, Entry, Ground, Limit, Line, Standing, Terms
from app.portfolio.reasons import why, why_in_short
from app.portfolio.rules import TIE_RULES, rank
from app.proposals.states import PASSED, RECORDED
from app.reviews.facts import Panel
from tests.world import NOW

MODEST = settings(max_examples=80, deadline=None)
SPREAD, AMOUNT, TIME, NUMBER = TIE_RULES
LATER = NOW + timedelta(microseconds=1)
NAME = Text("ก", "a")


def panel(*totals: int) -> Panel:
    return Panel(len(totals), sum(totals), sum(t * t for t in totals))


FLOOR = Limit(Dimension.STAGE, "upstream", Bound.FLOOR, 100)
BASE = Entry(1, "2570-0001", NAME, NAME, NAME, "mof", "upstream", "1.1", PASSED, 100, NOW, panel(50, 50))


def entry(number: int, **changes: object) -> Entry:
    return replace(BASE, proposal_id=number, number=f"2570-{number:04d}", **changes)  # type: ignore[arg-type]


# better, worse, and the rule that broke the tie (None: the mean decided)
PAIRS: list[tuple[str, Entry, Entry, Text | None]] = [
    ("higher mean", entry(2, panel=panel(51, 50)), entry(1), None),
    ("mean of thirds", entry(2, panel=panel(50, 50, 51)), entry(1, panel=panel(50, 50, 50, 51)), None),
    (
        "equal means of different panels",
        entry(2, panel=panel(50, 50, 50)),
        entry(3, panel=panel(50, 50)),
        NUMBER,
    ),
    ("smaller spread", entry(2, panel=panel(50, 50)), entry(1, panel=panel(40, 60)), SPREAD),
    ("one review counts as widest", entry(2, panel=panel(0, 100)), entry(1, panel=panel(50)), SPREAD),
    ("smaller amount", entry(2, requested=99), entry(1, requested=100), AMOUNT),
    ("spread before amount", entry(2, requested=999), entry(1, panel=panel(49, 51)), SPREAD),
    ("earlier filing", entry(2), entry(1, submitted_at=LATER), TIME),
    ("amount before time", entry(2, requested=99, submitted_at=LATER), entry(1), AMOUNT),
    ("lower number", entry(1), entry(2), NUMBER),
]


@pytest.mark.parametrize(("better", "worse", "rule"), [p[1:] for p in PAIRS], ids=[p[0] for p in PAIRS])
def test_who_stands_above_whom_and_by_which_rule(better: Entry, worse: Entry, rule: Text | None) -> None:
    for entries in ([better, worse], [worse, better]):
        assert rank(entries) == [better, worse]
        first, second = allocate(entries, Terms(10**6)).lines
        assert (first.rank, second.rank) == (1, 2)
        assert first.tie is None
        assert second.tie == rule


_panels = st.one_of(
    st.lists(st.integers(0, 4).map(lambda n: n * 25), min_size=1, max_size=3).map(lambda t: panel(*t)),
    st.just(panel()),
)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    count = draw(st.integers(0, 8))
    return [
        entry(
            number,
            panel=draw(_panels),
            requested=draw(st.integers(1, 6)),
            submitted_at=NOW + timedelta(seconds=draw(st.integers(0, 2))),
            state=draw(st.sampled_from([PASSED, PASSED, RECORDED])),
        )
        for number in range(1, count + 1)
    ]


@MODEST
@given(entries(), st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_where_it_began(
    given_: list[Entry], dice: random.Random
) -> None:
    shuffled = dice.sample(given_, len(given_))
    assert rank(shuffled) == rank(given_)
    assert allocate(shuffled, Terms(10)).lines == allocate(given_, Terms(10)).lines
    means = [Fraction(e.panel.total, e.panel.count) for e in rank(given_)]
    assert means == sorted(means, reverse=True)


@MODEST
@given(entries(), st.integers(0, 25))
def test_allocation_keeps_the_ceiling_takes_what_fits_and_goes_on(given_: list[Entry], ceiling: int) -> None:
    lines = allocate(given_, Terms(ceiling)).lines
    assert sorted(line.entry.number for line in lines) == [e.number for e in given_]
    left = ceiling
    for line in lines:
        wanted = line.entry.requested
        if line.rank is None:
            expected = Standing.RECORDED if line.entry.state == RECORDED else Standing.UNSCORED
            assert (line.standing, line.left, line.short) == (expected, left, 0)
        elif wanted <= left:  # whatever still fits is taken, however many before it were skipped
            left -= wanted
            assert (line.standing, line.left, line.short) == (Standing.IN, left, 0)
        else:
            assert (line.standing, line.left, line.short) == (Standing.OUT, left, wanted - left)
            assert line.short > 0
    taken = sum(line.entry.requested for line in lines if line.standing is Standing.IN)
    assert taken == ceiling - left <= ceiling
    out = [line.entry.requested for line in lines if line.standing is Standing.OUT]
    assert all(wanted > left for wanted in out)
    assert [line.rank for line in lines if line.rank] == list(range(1, 1 + sum(1 for x in lines if x.rank)))


# ceiling, amounts by rank -> where each stands
WALKS = [
    (100, [100], "in"),
    (100, [101], "out"),
    (100, [60, 50, 40], "in out in"),
    (100, [60, 41, 41, 40, 1], "in out out in out"),
    (0, [1], "out"),
    (100, [], ""),
]


@pytest.mark.parametrize(("ceiling", "amounts", "standings"), WALKS)
def test_a_walk_down_the_rank(ceiling: int, amounts: list[int], standings: str) -> None:
    ranked = [entry(n, requested=a, panel=panel(100 - n)) for n, a in enumerate(amounts, 1)]
    assert " ".join(line.standing for line in allocate(ranked, Terms(ceiling)).lines) == standings


def test_every_ground_has_its_words() -> None:
    for ground in Ground:
        line = Line(
            BASE, None, None, None, Standing.OUT, 0, 0, None, 0, ground, other="2570-0009", limit=FLOOR
        )
        for language in ("th", "en"):
            assert len(why(line, language)) > 8
            assert why_in_short(line, language)
            assert "{" not in why(line, language) + why_in_short(line, language)
