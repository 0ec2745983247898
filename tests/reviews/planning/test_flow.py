"""Seats by flow: the fullest and cheapest plan, against trying everything."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.kernel.canonical import canonical_json
from app.reviews.planning.facts import Seat, Situation, count_by
from app.reviews.planning.flow import EMPTY_AGAIN, NotWhole, fill_seats, whole_seats
from tests.reviews.planning.cases import (
    cost_of,
    empties,
    every_plan,
    panel,
    random_situation,
    reviewer,
    subjects,
)


@pytest.mark.parametrize("several", [False, True], ids=["one panel", "panels by body"])
@pytest.mark.parametrize("start", range(0, 60, 20))
def test_no_plan_is_fuller_or_cheaper(start: int, several: bool) -> None:
    for n in range(start, start + 20):
        situation = random_situation(random.Random(n), several=several)
        if several:  # bodies of one panel each: the repetition within a panel is that of the proposal
            situation = replace(situation, kept=(), least_bodies=1)
        found = fill_seats(situation, seed=n)
        plans = list(every_plan(situation))
        assert found in [tuple(sorted(plan)) for plan in plans], f"case {n}: not among the plans allowed"
        fullest = max(len(plan) for plan in plans)
        assert len(found) == fullest, f"case {n}"
        is_short = fullest < sum(situation.open_seats.values())

        def worth(plan: tuple[Seat, ...], situation: Situation = situation, is_short: bool = is_short) -> int:
            uneven = EMPTY_AGAIN * empties(situation, plan) if is_short else 0
            return cost_of(situation, plan) + uneven

        best = min(worth(plan) for plan in plans if len(plan) == fullest)
        assert worth(found) == best, f"case {n}"


def test_conflicts_limits_and_panels_hold_in_larger_cases() -> None:
    for n in range(15):
        chance = random.Random(n)
        people = tuple(
            reviewer(r, ("bb", "nesdc", "opdc", "dga")[r % 4], chance.choice((None, 3, 6)))
            for r in range(1, 13)
        )
        cases = subjects(20, stage="upstream")
        pairs = [(s.id, r.id) for s in cases for r in people]
        situation = Situation(
            cases,
            people,
            (
                panel(2, *range(1, 9), number=1),
                panel(1, *range(5, 13), number=2, stage="upstream"),
                panel(1, *range(1, 13), number=3, stage="midstream"),
            ),
            kept=tuple(Seat(*pair) for pair in chance.sample(pairs, 6)),
            barred=frozenset(chance.sample(pairs, 60)),
        )
        found = fill_seats(situation, 1)
        loads = count_by(s.reviewer for s in (*situation.kept, *found))
        assert not {(s.proposal, s.reviewer) for s in found} & situation.barred
        assert all(
            r.limit is None or loads.get(r.id, 0) <= max(r.limit, situation.kept_load.get(r.id, 0))
            for r in people
        )
        assert all(s.reviewer in situation.panel[s.panel].members for s in found)
        assert len({(s.proposal, s.reviewer) for s in (*situation.kept, *found)}) == len(found) + 6
        taken = count_by(s.proposal * 10 + (s.panel or 0) for s in found)
        assert all(
            taken.get(p * 10 + (situation.panels[i].id or 0), 0) <= n
            for (p, i), n in situation.open_seats.items()
        )


def test_same_seed_same_bytes_and_another_seed_another_of_the_same_cost() -> None:
    people = tuple(reviewer(r, ("bb", "dga")[r % 2]) for r in range(1, 9))
    situation = Situation(subjects(30), people, (panel(3, *range(1, 9)),))
    one, again, other = (fill_seats(situation, seed) for seed in (7, 7, 8))
    assert canonical_json([list(s) for s in one]) == canonical_json([list(s) for s in again])
    assert one != other
    assert cost_of(situation, one) == cost_of(situation, other)


def test_loads_are_even_where_nothing_else_counts() -> None:
    people = tuple(reviewer(r, ("bb", "nesdc", "opdc", "dga")[r % 4]) for r in range(1, 9))
    found = fill_seats(Situation(subjects(21), people, (panel(3, *range(1, 9)),)), 3)
    loads = count_by(s.reviewer for s in found)
    assert len(found) == 63
    assert set(loads.values()) == {7, 8}


def test_empty_seats_are_spread_over_the_proposals() -> None:
    people = tuple(reviewer(r, limit=2) for r in range(1, 4))
    found = fill_seats(Situation(subjects(3), people, (panel(3, 1, 2, 3),)), 1)
    assert len(found) == 6
    assert set(count_by(s.proposal for s in found).values()) == {2}


@pytest.mark.parametrize(
    "situation",
    [
        Situation((), (reviewer(1),), (panel(3, 1),)),
        Situation(subjects(2), (), (panel(3),)),
        Situation(subjects(2), (reviewer(1),), ()),
        Situation(subjects(2), (reviewer(1, limit=0),), (panel(3, 1),)),
        Situation(subjects(1), (reviewer(1),), (panel(1, 1),), barred=frozenset({(101, 1)})),
        Situation(subjects(1), (reviewer(1, active=False),), (panel(1, 1),)),
        Situation(subjects(1), (reviewer(1),), (panel(1, 1),), kept=(Seat(101, 1),)),
    ],
    ids=["no proposals", "no reviewers", "no panels", "limit 0", "all in conflict", "ended", "full already"],
)
def test_nothing_to_fill_is_an_empty_plan(situation: Situation) -> None:
    assert fill_seats(situation, 1) == ()


def test_a_solution_that_is_not_whole_is_refused() -> None:
    import numpy as np

    from app.reviews.planning.flow import Network

    network = Network(Situation(subjects(1), (reviewer(1),), (panel(1, 1),)), 1)
    zero = np.array([0])
    assert whole_seats(network, np.array([1.0]), zero, zero, 1) == (Seat(101, 1),)
    with pytest.raises(NotWhole):
        whole_seats(network, np.array([0.5]), zero, zero, 1)
    with pytest.raises(NotWhole):
        whole_seats(network, np.array([0.0]), zero, zero, 1)
