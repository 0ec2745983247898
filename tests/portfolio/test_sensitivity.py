"""Other ceilings, and the list without each reviewer: exactly what a new walk gives."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Allocation, Basis, Bound, Dimension, Entry, Limit, Standing, Terms
from app.portfolio.sensitivity import CEILINGS, Change, leave_out_reviewers, try_ceilings
from app.proposals.states import PASSED
from app.reviews.design import NO_SIGNAL, Rating, Refusal
from app.reviews.facts import Panel
from tests.world import NOW

NAME = Text("ก", "a")
BASE = Entry(1, "", NAME, NAME, NAME, "mof", "upstream", "1.1", PASSED, 10, NOW, Panel(0, 0, 0))


def panel(*totals: int) -> Panel:
    return Panel(len(totals), sum(totals), sum(t * t for t in totals))


def entry(number: int, *totals: int, requested: int = 10, **changes: object) -> Entry:
    made = replace(
        BASE, proposal_id=number, number=f"n{number:02d}", panel=panel(*totals), requested=requested
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def inside(allocation: Allocation) -> dict[str, int]:
    return {n.entry.number: n.granted for n in allocation.lines if n.standing is Standing.IN}


def made_up(seed: int) -> tuple[list[Entry], list[Rating], Terms]:
    dice = random.Random(seed)
    ratings, entries = [], []
    for n in range(1, 13):
        of = [Rating(n, r, 100 * dice.randint(40, 60)) for r in dice.sample(range(5), dice.randint(1, 3))]
        ratings += of
        requested = dice.randint(50, 400)
        entries.append(
            entry(
                n,
                *(r.score for r in of),
                requested=requested,
                least=dice.choice((None, requested // 2)),
                stage=dice.choice(("upstream", "midstream")),
            )
        )
    entries.append(entry(99))
    limits = (
        Limit(Dimension.STAGE, "upstream", Bound.FLOOR, 300),
        Limit(Dimension.STAGE, "midstream", Bound.CAP, 500),
    )
    return (
        entries,
        ratings,
        Terms(1500, limits=limits, partial=True, must_fund=frozenset({"n04"}), needs=(("n01", "n02"),)),
    )


def change_between(before: dict[str, int], after: dict[str, int]) -> tuple[set[str], set[str], set[str]]:
    both = before.keys() & after.keys()
    return (
        after.keys() - before.keys(),
        before.keys() - after.keys(),
        {n for n in both if before[n] != after[n]},
    )


@pytest.mark.parametrize("seed", range(8))
def test_ceilings_are_walked_anew(seed: int) -> None:
    entries, _, terms = made_up(seed)
    found = try_ceilings(entries, terms)
    now = inside(allocate(entries, terms))
    assert [step.percent for step in found.steps] == list(CEILINGS)
    then = [inside(allocate(entries, replace(terms, ceiling=step.ceiling))) for step in found.steps]
    for step, taken in zip(found.steps, then, strict=True):
        assert step.ceiling == terms.ceiling * (100 + step.percent) // 100
        assert (step.granted, step.count) == (sum(taken.values()), len(taken))
        change = step.change
        assert change_between(now, taken) == (set(change.enters), set(change.leaves), set(change.amounts))
    rows = {row.number: row for row in found.rows}
    for one in entries:
        granted = tuple(taken.get(one.number, 0) for taken in then)
        assert (one.number in rows) == (len(set(granted)) > 1)
        if one.number in rows:
            assert rows[one.number].granted == granted
    assert found.steps[len(CEILINGS) // 2].change.is_none


def test_more_money_can_put_a_small_project_out() -> None:
    """At 100 the first does not fit and the second does; at 102 the first fits and leaves the second nothing."""
    found = try_ceilings([entry(1, 60, requested=102), entry(2, 50, requested=90)], Terms(100))
    rows = {row.number: row for row in found.rows}
    assert [granted > 0 for granted in rows["n01"].granted] == [c >= 2 for c in CEILINGS]
    assert [granted > 0 for granted in rows["n02"].granted] == [c < 2 for c in CEILINGS]
    assert (rows["n01"].is_odd, rows["n02"].is_odd) == (False, True)
    assert found.steps[6].change == Change(enters=("n01",), leaves=("n02",))


def test_a_ceiling_may_change_an_amount_and_nothing_else() -> None:
    found = try_ceilings([entry(1, 60, requested=102, least=50)], Terms(100, partial=True))
    assert [step.change.amounts for step in found.steps] == [("n01",) if c >= 2 else () for c in CEILINGS]
    assert [step.change.is_none for step in found.steps] == [c < 2 for c in CEILINGS]
    assert found.rows[0].is_odd is False


@pytest.mark.parametrize("seed", range(8))
def test_without_a_reviewer_the_list_is_laid_anew(seed: int) -> None:
    entries, ratings, terms = made_up(seed)
    now = inside(allocate(entries, terms))
    found = leave_out_reviewers(entries, terms, ratings, _never)
    assert [one.reviewer for one in found] == sorted({r.reviewer for r in ratings})
    for one in found:
        left = [r for r in ratings if r.reviewer != one.reviewer]
        without = [
            replace(e, panel=panel(*(r.score for r in left if r.proposal == e.proposal_id))) for e in entries
        ]
        assert one.reviews == sum(r.reviewer == one.reviewer for r in ratings)
        change = one.change
        assert change is not None
        assert change_between(now, inside(allocate(without, terms))) == (
            set(change.enters),
            set(change.leaves),
            set(change.amounts),
        )
        unscored = {e.number for e in without if not e.panel.count} - {"n99"}
        assert set(one.unscored) == unscored
        assert not unscored & set(change.enters)


def _never(_ratings: list[Rating]) -> Refusal:
    raise AssertionError("raw means ask for no calibration")


def test_calibrated_scores_are_calibrated_anew_or_refused() -> None:
    ratings = [Rating(1, 7, 50), Rating(1, 8, 70), Rating(2, 8, 60), Rating(2, 9, 60)]
    entries = [entry(1, 50, 70, calibrated=65), entry(2, 60, 60, calibrated=55)]

    def calibrate(left: list[Rating]) -> dict[int, int] | Refusal:
        reviewers = {r.reviewer for r in left}
        assert len(reviewers) == 2
        if 9 not in reviewers:
            return Refusal((NO_SIGNAL,))
        return {1: 40, 2: 60} if 7 not in reviewers else {1: 62, 2: 61}

    found = leave_out_reviewers(entries, Terms(10, Basis.CALIBRATED), ratings, calibrate)
    assert [(one.reviewer, one.change) for one in found] == [
        (7, Change(("n02",), ("n01",))),
        (8, Change((), ())),
        (9, None),
    ]
    assert found[2].refusal == Refusal((NO_SIGNAL,))
    assert found[0].unscored == ()


def test_nobody_scored() -> None:
    assert leave_out_reviewers([entry(1)], Terms(10), [], _never) == ()
    assert try_ceilings([entry(1)], Terms(10)).rows == ()
