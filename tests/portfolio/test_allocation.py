"""The allocation as decision tables: each ground, the order of the passes, and figures that hold for any list."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.canonical import canonical_json
from app.kernel.text import Text
from app.portfolio.allocation import TAKING, allocate, amounts_of, asked_of, must_take, walk
from app.portfolio.facts import (
    Adjusting,
    Adjustment,
    Allocation,
    Basis,
    Bound,
    Dimension,
    Entry,
    Ground,
    Limit,
    Line,
    Standing,
    Terms,
)
from app.portfolio.rules import rank
from app.proposals.states import PASSED, RECORDED
from app.reviews.facts import Panel
from tests.world import NOW

MODEST = settings(max_examples=150, deadline=None)
NAME = Text("ก", "a")
BASE = Entry(1, "", NAME, NAME, NAME, "mof", "upstream", "1.1", PASSED, 10, NOW, Panel(1, 5000, 25_000_000))
UP, DOWN = "upstream", "downstream"

RANK, REDUCED, MUST, MUST_REDUCED, FLOOR, TAKEN = (
    Ground.RANK,
    Ground.REDUCED,
    Ground.MUST_FUND,
    Ground.MUST_REDUCED,
    Ground.FLOOR,
    Ground.TAKEN,
)
CEILING, CAP, NEEDS, EXCLUSIVE, LEFT_OUT = (
    Ground.CEILING,
    Ground.CAP,
    Ground.NEEDS,
    Ground.EXCLUSIVE,
    Ground.LEFT_OUT,
)


def panel(*totals: int) -> Panel:
    return Panel(len(totals), sum(totals), sum(t * t for t in totals))


def listed(*asked: int, **changes: Mapping[str, object]) -> list[Entry]:
    """Projects "a", "b", … in rank order, ten points apart, asking these amounts; `changes` by letter."""
    entries = []
    for at, amount in enumerate(asked):
        letter = chr(ord("a") + at)
        made = replace(
            BASE, proposal_id=at + 1, number=letter, requested=amount, panel=panel(9000 - 1000 * at)
        )
        entries.append(replace(made, **changes.get(letter, {})))  # type: ignore[arg-type]
    return entries


def floor(amount: int, code: str = UP, dimension: Dimension = Dimension.STAGE) -> Limit:
    return Limit(dimension, code, Bound.FLOOR, amount)


def cap(amount: int, code: str = UP, dimension: Dimension = Dimension.STAGE) -> Limit:
    return Limit(dimension, code, Bound.CAP, amount)


def by_hand(**adjustments: tuple[Adjusting, int | None]) -> dict[str, Adjustment]:
    return {number: Adjustment(kind, amount, "เหตุผล") for number, (kind, amount) in adjustments.items()}


def line_of(allocation: Allocation, number: str) -> Line:
    return next(line for line in allocation.lines if line.entry.number == number)


def said(allocation: Allocation) -> str:
    """The list in one line: number, ground, what it takes where that is not nothing, whom or what it stands by."""
    words = []
    for line in allocation.lines:
        word = f"{line.entry.number}:{line.ground.value}"
        if line.granted:
            word += f"={line.granted}"
        if line.short:
            word += f"-{line.short}"
        if line.other:
            word += f"/{line.other}"
        if line.limit:
            word += f"@{line.limit.code}{line.limit.amount}"
        if line.displaced:
            word += f"!{line.displaced.value}"
        words.append(word)
    return " ".join(words)


TAKE, LEAVE, CUT = Adjusting.TAKE, Adjusting.LEAVE, Adjusting.CUT
DOWN_B = {"b": {"stage": DOWN}}

# name -> (entries in rank order, terms, what becomes of them, what stays of the ceiling)
TABLE: dict[str, tuple[list[Entry], Terms, str, int]] = {
    "whatever still fits is taken": (
        listed(60, 50, 40),
        Terms(100),
        "a:rank=60 b:ceiling-10 c:rank=40",
        0,
    ),
    "an empty list": ([], Terms(100), "", 100),
    "nothing to give": (listed(1), Terms(0), "a:ceiling-1", 0),
    "unscored and recorded stand outside": (
        listed(60, 60, 60, b={"panel": panel()}, c={"panel": panel(), "state": RECORDED}),
        Terms(100),
        "a:rank=60 b:unscored c:recorded",
        40,
    ),
    # least amounts
    "less is taken where it is allowed": (
        listed(60, 50, 40, b={"least": 30}),
        Terms(100, partial=True),
        "a:rank=60 b:reduced=30 c:ceiling-30",
        10,
    ),
    "not where it is not": (
        listed(60, 50, 40, b={"least": 30}),
        Terms(100),
        "a:rank=60 b:ceiling-10 c:rank=40",
        0,
    ),
    "all is taken where all fits": (listed(60, a={"least": 30}), Terms(60, partial=True), "a:rank=60", 0),
    "what is short is short of the least": (
        listed(60, a={"least": 30}),
        Terms(29, partial=True),
        "a:ceiling-1",
        29,
    ),
    "a least that is none": (listed(60, a={"least": 60}), Terms(59, partial=True), "a:ceiling-1", 59),
    # caps
    "a cap keeps its group out and lets others in": (
        listed(60, 50, 40, **DOWN_B),
        Terms(150, limits=(cap(70),)),
        "a:rank=60 b:rank=50 c:cap-30@upstream70",
        40,
    ),
    "the tighter cap is told": (
        listed(60, 50),
        Terms(200, limits=(cap(80), cap(70, "mof", Dimension.MINISTRY))),
        "a:rank=60 b:cap-40@mof70",
        140,
    ),
    "under a cap with the least": (
        listed(60, 50, b={"least": 10}),
        Terms(200, limits=(cap(70),), partial=True),
        "a:rank=60 b:reduced=10",
        130,
    ),
    "the ceiling is told before the cap": (
        listed(60, 50),
        Terms(100, limits=(cap(70),)),
        "a:rank=60 b:ceiling-10",
        40,
    ),
    "a cap of another group does not bind": (
        listed(60, 50),
        Terms(200, limits=(cap(1, DOWN),)),
        "a:rank=60 b:rank=50",
        90,
    ),
    # what must be funded
    "what must be funded comes first": (
        listed(60, 50),
        Terms(100, must_fund=frozenset("b")),
        "a:ceiling-10!must_fund b:must_fund=50",
        50,
    ),
    "and passes a cap, which then takes nobody else": (
        listed(60, 50, 10),
        Terms(200, limits=(cap(40),), must_fund=frozenset("b")),
        "a:cap-70@upstream40 b:must_fund=50 c:cap-20@upstream40!must_fund",
        150,
    ),
    "with what it needs": (
        listed(60, 50, 40),
        Terms(100, must_fund=frozenset("c"), needs=(("c", "b"),)),
        "a:ceiling-50!must_fund b:must_fund=50/c c:must_fund=40",
        10,
    ),
    "in rank order among themselves": (
        listed(60, 50, 40),
        Terms(100, must_fund=frozenset("abc")),
        "a:must_fund=60 b:ceiling-10 c:must_fund=40",
        0,
    ),
    "with the least it works with where the whole does not fit, and partial funding is allowed": (
        listed(60, 50, 40, b={"least": 30}),
        Terms(100, must_fund=frozenset("bc"), partial=True),
        "a:ceiling-50!must_fund b:must_fund=50 c:must_fund=40",
        10,
    ),
    "the one further down gets less": (
        listed(60, 50, 40, b={"least": 30}),
        Terms(95, must_fund=frozenset("ab"), partial=True),
        "a:must_fund=60 b:must_reduced=30 c:ceiling-35",
        5,
    ),
    "nor with its least where not even that fits": (
        listed(60, 50, b={"least": 45}),
        Terms(100, must_fund=frozenset("ab"), partial=True),
        "a:must_fund=60 b:ceiling-5",
        40,
    ),
    "whole or not at all where partial funding is not allowed": (
        listed(60, 50, b={"least": 30}),
        Terms(95, must_fund=frozenset("ab")),
        "a:must_fund=60 b:ceiling-15",
        35,
    ),
    "what it needs may be taken with its least, too": (
        listed(60, 50, b={"least": 30}),
        Terms(95, must_fund=frozenset("a"), needs=(("a", "b"),), partial=True),
        "a:must_fund=60 b:must_reduced=30/a",
        5,
    ),
    "who was taken by hand gets all of it or nothing": (
        listed(60, 50, b={"least": 30}),
        Terms(95, must_fund=frozenset("a"), partial=True, adjustments=by_hand(b=(TAKE, None))),
        "a:must_fund=60 b:ceiling-15!must_fund",
        35,
    ),
    "one who is not on the list changes nothing": (
        listed(60),
        Terms(100, must_fund=frozenset("z"), needs=(("z", "a"),)),
        "a:rank=60",
        40,
    ),
    "one left out by hand is not funded": (
        listed(60),
        Terms(100, must_fund=frozenset("a"), adjustments=by_hand(a=(LEAVE, None))),
        "a:left_out",
        100,
    ),
    # by hand
    "taken by hand before everybody": (
        listed(60, 50),
        Terms(100, adjustments=by_hand(b=(TAKE, None))),
        "a:ceiling-10 b:taken=50",
        50,
    ),
    "taken by hand with another amount": (
        listed(60, 50),
        Terms(100, adjustments=by_hand(b=(TAKE, 40))),
        "a:rank=60 b:taken=40",
        0,
    ),
    "more than it asks is never granted": (
        listed(60),
        Terms(100, adjustments=by_hand(a=(TAKE, 70))),
        "a:taken=60",
        40,
    ),
    "taken by hand whatever it needs": (
        listed(60),
        Terms(100, needs=(("a", "z"),), adjustments=by_hand(a=(TAKE, None))),
        "a:taken=60",
        40,
    ),
    "left out, and others move up": (
        listed(60, 50),
        Terms(100, adjustments=by_hand(a=(LEAVE, None))),
        "a:left_out b:rank=50",
        50,
    ),
    "cut, so that it fits": (
        listed(60, 50),
        Terms(100, adjustments=by_hand(b=(CUT, 40))),
        "a:rank=60 b:rank=40",
        0,
    ),
    "cut below its least it asks for no less": (
        listed(60, a={"least": 50}),
        Terms(30, partial=True, adjustments=by_hand(a=(CUT, 40))),
        "a:ceiling-10",
        30,
    ),
    # needs
    "a service waits for its platform": (
        listed(60, 30),
        Terms(100, needs=(("a", "b"),)),
        "a:rank=60 b:rank=30",
        10,
    ),
    "and is considered the moment that is in": (
        listed(60, 30, 40),
        Terms(100, needs=(("a", "b"),)),
        "a:rank=60 b:rank=30 c:ceiling-30",
        10,
    ),
    "by then too much may be gone": (
        listed(60, 50, 30),
        Terms(100, needs=(("a", "c"),)),
        "a:ceiling-40 b:rank=50 c:rank=30",
        20,
    ),
    "a platform that is out keeps it out": (
        listed(60, 50, 30),
        Terms(100, needs=(("c", "b"),)),
        "a:rank=60 b:ceiling-10 c:needs/b",
        40,
    ),
    "one on no list keeps it out as well": (
        listed(60),
        Terms(100, needs=(("a", "z"),)),
        "a:needs/z",
        100,
    ),
    "two needs": (
        listed(10, 20, 30),
        Terms(100, needs=(("a", "b"), ("a", "c"))),
        "a:rank=10 b:rank=20 c:rank=30",
        40,
    ),
    "a chain is let in link by link": (
        listed(10, 20, 30),
        Terms(100, needs=(("a", "b"), ("b", "c"))),
        "a:rank=10 b:rank=20 c:rank=30",
        40,
    ),
    "two that need each other": (
        listed(10, 20),
        Terms(100, needs=(("a", "b"), ("b", "a"))),
        "a:needs/b b:needs/a",
        100,
    ),
    # duplicates
    "of duplicates the better one": (
        listed(60, 30, 10),
        Terms(100, exclusive=(("a", "b"),)),
        "a:rank=60 b:exclusive/a c:rank=10",
        30,
    ),
    "one that is out bars nobody": (
        listed(60, 30),
        Terms(50, exclusive=(("a", "b"),)),
        "a:ceiling-10 b:rank=30",
        20,
    ),
    "one that must be funded bars the better one": (
        listed(60, 30),
        Terms(100, must_fund=frozenset("b"), exclusive=(("a", "b"),)),
        "a:exclusive/b b:must_fund=30",
        70,
    ),
    "in two groups at once": (
        listed(30, 20, 10),
        Terms(100, exclusive=(("a", "b"), ("b", "c"))),
        "a:rank=30 b:exclusive/a c:rank=10",
        60,
    ),
    # floors
    "a floor takes the best of its group first": (
        listed(60, 50, 45, a={"stage": DOWN}, b={"stage": DOWN}),
        Terms(100, limits=(floor(20),)),
        "a:ceiling-5!floor b:rank=50 c:floor=45@upstream20",
        5,
    ),
    "until it is reached": (
        listed(60, 15, 15, 15, a={"stage": DOWN}),
        Terms(80, limits=(floor(20),)),
        "a:ceiling-10!floor b:rank=15 c:floor=15@upstream20 d:rank=15",
        35,
    ),
    "what is in by rank anyhow is in by rank": (
        listed(60, 30),
        Terms(100, limits=(floor(50),)),
        "a:rank=60 b:rank=30",
        10,
    ),
    "who is starved by a floor is told so": (
        listed(60, 50, a={"stage": DOWN}),
        Terms(100, limits=(floor(20),)),
        "a:ceiling-10!floor b:floor=50@upstream20",
        50,
    ),
    "floors in the order declared": (
        listed(60, 50, a={"stage": DOWN}),
        Terms(100, limits=(floor(20, DOWN), floor(20))),
        "a:rank=60 b:ceiling-10",
        40,
    ),
    "floors in the order declared, not in that of their names": (
        listed(60, 50, a={"stage": DOWN}),
        Terms(100, limits=(floor(20), floor(20, DOWN))),
        "a:ceiling-10!floor b:floor=50@upstream20",
        50,
    ),
    "a floor keeps the caps": (
        listed(60, 50, a={"stage": DOWN}),
        Terms(200, limits=(floor(20), cap(40, "1.1", Dimension.GUIDELINE))),
        "a:cap-20@1.140 b:cap-10@1.140",
        200,
    ),
    "a floor takes the least, too": (
        listed(40, 70, a={"stage": DOWN}, b={"least": 30}),
        Terms(60, limits=(floor(20),), partial=True),
        "a:ceiling-10!floor b:floor=30@upstream20",
        30,
    ),
    "with the least by rank as well": (
        listed(60, a={"least": 30}),
        Terms(40, limits=(floor(20),), partial=True),
        "a:reduced=30",
        10,
    ),
    "what must be funded counts for a floor": (
        listed(60, 50, 30),
        Terms(100, limits=(floor(20),), must_fund=frozenset("c")),
        "a:rank=60 b:ceiling-40 c:must_fund=30",
        10,
    ),
    "a floor passes over who waits and comes back": (
        listed(60, 30, 20, a={"stage": DOWN}),
        Terms(100, limits=(floor(20),), needs=(("b", "a"),)),
        "a:rank=60 b:ceiling-10!floor c:floor=20@upstream20",
        20,
    ),
}


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_what_becomes_of_each(case: tuple[list[Entry], Terms, str, int]) -> None:
    entries, terms, expected, left = case
    allocation = allocate(entries, terms)
    assert said(allocation) == expected
    assert allocation.left == left
    assert allocation.granted == terms.ceiling - left
    # the plain walk agrees, but for floors that took who is in by rank
    outcomes = walk(rank(entries, terms.basis), terms)
    for line in allocation.lines:
        if line.rank is not None:
            outcome = outcomes[line.entry.number]
            assert (line.granted, line.left, line.short) == (outcome.granted, outcome.left, outcome.short)


def test_by_the_earlier_method_what_must_be_funded_is_taken_whole_or_not_at_all() -> None:
    entries, terms = listed(60, 50, b={"least": 30}), Terms(95, must_fund=frozenset("ab"), partial=True)
    assert said(allocate(entries, terms)) == "a:must_fund=60 b:must_reduced=30"
    assert said(allocate(entries, terms, whole_first=True)) == "a:must_fund=60 b:ceiling-15!must_fund"


def test_every_ground_is_in_the_table() -> None:
    met = {line.ground for e, terms, _, _ in TABLE.values() for line in allocate(e, terms).lines}
    assert met == set(Ground)


FLOORS = [
    ((floor(20),), []),
    ((floor(110),), [0]),
    ((floor(111),), [1]),
    ((floor(60, DOWN), floor(150, "mof", Dimension.MINISTRY)), [60, 40]),
    ((cap(0, DOWN),), []),
]


@pytest.mark.parametrize(("limits", "short"), FLOORS)
def test_floors_that_are_not_reached_are_told_with_what_they_lack(
    limits: tuple[Limit, ...], short: list[int]
) -> None:
    allocation = allocate(listed(60, 50), Terms(200, limits=limits))
    assert [unmet.short for unmet in allocation.unmet] == [n for n in short if n]
    assert all(unmet.limit in limits for unmet in allocation.unmet)


def test_calibrated_scores_rank_where_the_terms_say_so() -> None:
    entries = listed(60, 50, a={"calibrated": 4000}, b={"calibrated": 6000})
    assert said(allocate(entries, Terms(60, Basis.CALIBRATED))) == "b:rank=50 a:ceiling-50"
    assert said(allocate(entries, Terms(60))) == "a:rank=60 b:ceiling-50"
    with pytest.raises(ValueError, match="no calibrated score"):
        allocate(listed(60), Terms(60, Basis.CALIBRATED))


def test_amounts_and_reasons_beforehand() -> None:
    (one,) = listed(60, a={"least": 20})
    assert asked_of(one, Terms(1)) == 60
    assert amounts_of(one, Terms(1)) == (60,)
    assert amounts_of(one, Terms(1, partial=True)) == (60, 20)
    assert amounts_of(one, Terms(1, partial=True, adjustments=by_hand(a=(CUT, 30)))) == (30, 20)
    assert amounts_of(one, Terms(1, partial=True, adjustments=by_hand(a=(CUT, 20)))) == (20,)
    entries = listed(1, 1, 1, 1)
    terms = Terms(
        9,
        must_fund=frozenset("ad"),
        needs=(("a", "b"), ("b", "c"), ("d", "z")),
        adjustments=by_hand(c=(TAKE, None)),
    )
    assert must_take(entries, terms) == {
        "c": (TAKEN, ""),
        "a": (MUST, ""),
        "b": (MUST, "a"),
        "d": (MUST, ""),
    }


POINTS = [
    ("above whoever took the room", listed(60, 50, 40), Terms(100), "b", 1000),
    ("above the last place with room, not the first", listed(30, 30, 30, 20), Terms(100), "d", 1000),
    ("further up the more it asks", listed(30, 30, 30, 50), Terms(100), "d", 2000),
    ("where nothing is enough", listed(60, 110), Terms(100), "b", None),
    ("above one that must be funded there is no room", listed(60, 50), Terms(60, must_fund=frozenset("a")), "b", None),
    ("among those that must be funded", listed(60, 50), Terms(60, must_fund=frozenset("ab")), "b", 1000),
    (
        "among those, less would do",
        listed(60, 30, 50, c={"least": 20}),
        Terms(100, must_fund=frozenset("abc"), partial=True),
        "c",
        1000,
    ),
    ("under a cap", listed(60, 50, 40, b={"stage": DOWN}), Terms(200, limits=(cap(70),)), "c", 2000),
    (
        "a floor of its own group is an easier way in",
        listed(60, 30, 40, 35, a={"stage": DOWN}, b={"stage": DOWN}),
        Terms(100, limits=(floor(20),)),
        "d",
        1000,
    ),
    ("who waits is told nothing", listed(60, 50, 40), Terms(100, needs=(("b", "a"),)), "b", None),
    ("less will do", listed(60, 50, 40, c={"least": 30}), Terms(110, partial=True), "c", 1000),
    ("equal scores that only the rules part", listed(60, 50, b={"panel": panel(9000)}), Terms(60), "a", 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("entries", "terms", "number", "points"), [p[1:] for p in POINTS], ids=[p[0] for p in POINTS]
)
def test_how_many_points_were_short(
    entries: list[Entry], terms: Terms, number: str, points: int | None
) -> None:
    line = line_of(allocate(entries, terms), number)
    if points is not None:
        assert line.standing is Standing.OUT
    assert line.points == points


def raised(entry: Entry, by: int) -> Entry:
    """The same with every review `by` hundredths better, so that the spread stays."""
    p = entry.panel
    more = Panel(p.count, p.total + by * p.count, p.squares + 2 * by * p.total + p.count * by * by)
    return replace(entry, panel=more, calibrated=None if entry.calibrated is None else entry.calibrated + by)


def made_up(dice: random.Random) -> tuple[list[Entry], Terms]:
    """A few entries with scores close together, and terms of every kind about half of the time."""
    entries = []
    for n in range(1, dice.randint(2, 8) + 1):
        requested = dice.randint(1, 9)
        entries.append(
            replace(
                BASE,
                proposal_id=n,
                number=f"n{n}",
                stage=dice.choice((UP, DOWN)),
                ministry_code=dice.choice(("mof", "moi")),
                requested=requested,
                least=dice.choice((None, dice.randint(1, requested))),
                panel=panel(*(5000 + dice.randint(0, 8) for _ in range(dice.randint(1, 3)))),
                calibrated=5000 + dice.randint(0, 8),
            )
        )
    numbers = [entry.number for entry in entries]

    def some(most: int) -> list[str]:
        return dice.sample(numbers, min(most, len(numbers))) if dice.random() < 0.5 else []

    codes = {Dimension.STAGE: (UP, DOWN), Dimension.MINISTRY: ("mof", "moi"), Dimension.GUIDELINE: ("1.1",)}
    limits = []
    for _ in range(dice.randint(0, 3)):
        dimension = dice.choice(list(codes))
        limits.append(
            Limit(dimension, dice.choice(codes[dimension]), dice.choice(list(Bound)), dice.randint(1, 18))
        )
    hands = {
        number: Adjustment(kind, dice.randint(1, 9) if kind is CUT else None, "why")
        for number, kind in zip(some(2), (dice.choice((TAKE, LEAVE, CUT)), CUT), strict=False)
    }
    return entries, Terms(
        ceiling=dice.randint(3, 25),
        basis=dice.choice(list(Basis)),
        limits=tuple(limits),
        must_fund=frozenset(some(2)),
        needs=tuple((a, b) for a, b in zip(some(2), some(2), strict=False) if a != b),
        exclusive=(tuple(group),) if len(group := some(2)) > 1 else (),
        partial=dice.random() < 0.5,
        adjustments=hands,
    )


def score_of(entry: Entry, basis: Basis) -> Fraction:
    if basis is Basis.CALIBRATED:
        return Fraction(entry.calibrated or 0)
    return Fraction(entry.panel.total, entry.panel.count)


def test_the_points_are_those_found_by_raising_the_score_step_by_step() -> None:
    dice = random.Random(2567)
    told = {"points": 0, "none": 0, "level": 0, "floor": 0, "forced": 0}
    for case in range(400):
        entries, terms = made_up(dice)
        waiting = {one for one, _ in terms.needs}
        forced = must_take(entries, terms)
        for line in allocate(entries, terms).lines:
            if line.ground not in (CEILING, CAP):
                assert line.points is None
                continue
            at = entries.index(line.entry)
            if line.entry.number in waiting and line.entry.number not in forced:
                assert line.points is None
                continue
            found = None
            for more in range(1, 12):
                tried = [*entries[:at], raised(line.entry, more), *entries[at + 1 :]]
                if line_of(allocate(tried, terms), line.entry.number).standing is Standing.IN:
                    found = more
                    break
            if found is None or line.points is None:
                assert (found, line.points) == (None, None), (case, line)
                told["none"] += 1
                continue
            if found != line.points:  # level with somebody the tie rules put above it
                assert found == line.points + 1, (case, line)
                level = score_of(line.entry, terms.basis) + line.points
                assert level in {score_of(e, terms.basis) for e in entries}, (case, line)
                told["level"] += 1
            told["points"] += 1
            told["floor"] += any(n.bound is Bound.FLOOR and n.holds_for(line.entry) for n in terms.limits)
            told["forced"] += line.entry.number in forced
    assert min(told.values()) > 5, told


def limits_kept(lines: Iterable[Line], terms: Terms) -> None:
    """Caps hold what is not forced, beside what is."""
    for limit in terms.limits:
        if limit.bound is Bound.CAP:
            group = [line for line in lines if line.granted and limit.holds_for(line.entry)]
            held = sum(line.granted for line in group if line.ground in (MUST, MUST_REDUCED, TAKEN))
            assert sum(line.granted for line in group) <= max(limit.amount, held)


SEEDS = st.integers(0, 2**32)


@MODEST
@given(SEEDS)
def test_whatever_the_terms_the_ceiling_and_the_caps_hold(seed: int) -> None:
    entries, terms = made_up(random.Random(seed))
    allocation = allocate(entries, terms)
    lines = allocation.lines
    assert 0 <= allocation.granted == terms.ceiling - allocation.left <= terms.ceiling
    limits_kept(lines, terms)
    inside = {line.entry.number for line in lines if line.standing is Standing.IN}
    for line in lines:
        number, amounts = line.entry.number, amounts_of(line.entry, terms)
        assert (line.granted in amounts) == (number in inside) == (line.ground in TAKING)
        assert (line.granted > 0) == (number in inside)
        if line.ground is CEILING:
            # what it would do with is more than was left by exactly what it says, and more than stays at the end
            by_hand_taken = must_take(entries, terms).get(number, (MUST, ""))[0] is TAKEN
            wanted = asked_of(line.entry, terms) if by_hand_taken else amounts[-1]
            assert wanted == line.left + line.short
            assert line.short > 0
            assert wanted > allocation.left
        elif line.ground is CAP:
            assert line.limit is not None
            assert line.limit.bound is Bound.CAP
            assert line.limit.holds_for(line.entry)
            assert 0 < line.short <= amounts[-1] + sum(x.granted for x in lines)
            assert amounts[-1] <= line.left
        else:
            assert line.short == 0
        if line.ground in (REDUCED, MUST_REDUCED):
            assert line.granted == line.entry.least
            assert line.granted < asked_of(line.entry, terms)
        if line.ground in (RANK, REDUCED, FLOOR):
            assert all(needed in inside for one, needed in terms.needs if one == number)
            group = {n for g in terms.exclusive if number in g for n in g}
            assert group & inside <= {number}
        if line.ground is NEEDS:
            assert line.other not in inside
        if line.ground is EXCLUSIVE:
            assert line.other in inside
    for unmet in allocation.unmet:
        held = sum(line.granted for line in lines if unmet.limit.holds_for(line.entry))
        assert held + unmet.short == unmet.limit.amount


@MODEST
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_same_whatever_order_they_come_in(seed: int, dice: random.Random) -> None:
    entries, terms = made_up(random.Random(seed))
    assert allocate(dice.sample(entries, len(entries)), terms) == allocate(entries, terms)


@MODEST
@given(SEEDS)
def test_terms_go_to_paper_and_come_back(seed: int) -> None:
    _, terms = made_up(random.Random(seed))
    terms = replace(terms, weights={"readiness": 40, "value": 60})
    written = canonical_json(terms.to_json())
    again = Terms.from_json(json.loads(written))
    assert again == terms
    assert canonical_json(again.to_json()) == written


@pytest.mark.parametrize(
    "spoiled",
    [
        {"ceiling": "ten"},
        {"basis": "guess"},
        {"limits": [["stage", "upstream", "wish", "1.00"]]},
        {"limits": [["planet", "upstream", "cap", "1.00"]]},
        {"adjustments": {"a": ["burn", None, ""]}},
        {"needs": [["a"]]},
        {"must_fund": None},
    ],
)
def test_terms_that_are_none_are_refused(spoiled: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        Terms.from_json(Terms(100).to_json() | spoiled)
