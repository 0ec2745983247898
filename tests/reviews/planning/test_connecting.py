"""The graph of reviewers and proposals: its parts, its bridges, and connecting it, against trying everything."""

from __future__ import annotations

import random
from dataclasses import replace

from app.reviews.planning.connecting import connect_seats
from app.reviews.planning.facts import Seat, Situation, by_proposal, count_by
from app.reviews.planning.flow import fill_seats
from app.reviews.planning.graph import Coverage, cover_pairs, find_bridges, find_islands
from tests.reviews.planning.cases import (
    cost_of,
    every_plan,
    is_connected,
    panel,
    random_situation,
    reviewer,
    subjects,
)


def test_islands_are_listed_smallest_first() -> None:
    seats = [Seat(1, 11), Seat(1, 12), Seat(2, 12), Seat(3, 13)]
    assert [(sorted(i.proposals), sorted(i.reviewers)) for i in find_islands(seats)] == [
        ([3], [13]),
        ([1, 2], [11, 12]),
    ]
    assert find_islands([]) == []


def test_bridges_are_the_seats_whose_loss_cuts_the_graph() -> None:
    for n in range(60):
        chance = random.Random(n)
        pairs = [(p, r) for p in range(1, 6) for r in range(1, 6)]
        seats = [Seat(*pair) for pair in chance.sample(pairs, chance.randint(1, 12))]
        parts = (
            len(find_islands(seats))
            + 10
            - len({s.proposal for s in seats})
            - len({s.reviewer for s in seats})
        )
        cut = set()
        for seat in seats:
            rest = [s for s in seats if s != seat]
            left = (
                len(find_islands(rest))
                + 10
                - len({s.proposal for s in rest})
                - len({s.reviewer for s in rest})
            )
            if left > parts:
                cut.add((seat.proposal, seat.reviewer))
        assert find_bridges(seats) == cut, f"case {n}"


def test_pairs_that_share_a_proposal_are_counted_once() -> None:
    seats = by_proposal([Seat(1, 11), Seat(1, 12), Seat(2, 11), Seat(2, 12), Seat(3, 13)])
    assert cover_pairs(seats) == Coverage(1, 3)
    assert cover_pairs({}) == Coverage(0, 0)


def test_two_pairs_of_two_are_joined_by_one_exchange_of_the_same_loads() -> None:
    people = tuple(reviewer(n) for n in range(1, 5))
    situation = Situation(subjects(4), people, (panel(2, 1, 2, 3, 4),))
    seats = tuple(
        Seat(p, r) for p, own in ((101, (1, 2)), (102, (1, 2)), (103, (3, 4)), (104, (3, 4))) for r in own
    )
    found = connect_seats(situation, seats, 1)
    assert found.exchanges == 1
    assert is_connected(situation, found.seats)
    assert count_by(s.reviewer for s in found.seats) == count_by(s.reviewer for s in seats)
    assert len(set(found.seats) - set(seats)) == 2


def test_what_stands_already_is_not_moved() -> None:
    people = tuple(reviewer(n) for n in range(1, 5))
    kept = tuple(Seat(p, r) for p in (101, 102) for r in (1, 2))
    situation = Situation(subjects(4), people, (panel(2, 1, 2, 3, 4),), kept)
    seats = tuple(Seat(p, r) for p in (103, 104) for r in (3, 4))
    found = connect_seats(situation, seats, 1)
    assert is_connected(situation, found.seats)
    assert {s.proposal for s in found.seats} == {103, 104}


def test_panels_that_share_nobody_stay_apart_and_it_is_known() -> None:
    people = tuple(reviewer(n) for n in range(1, 5))
    cases = (*subjects(2, stage="a"), *(replace(s, id=s.id + 10) for s in subjects(2, stage="b")))
    situation = Situation(
        cases, people, (panel(2, 1, 2, number=1, stage="a"), panel(2, 3, 4, number=2, stage="b"))
    )
    seats = fill_seats(situation, 1)
    found = connect_seats(situation, seats, 1)
    assert (found.seats, found.exchanges, found.is_proven) == (seats, 0, True)


def test_a_plan_is_connected_whenever_one_that_fills_as_much_can_be() -> None:
    joined = impossible = 0
    for n in range(150):
        situation = random_situation(random.Random(1000 + n), several=n % 3 == 0)
        seats = fill_seats(situation, n)
        found = connect_seats(situation, seats, n)
        plans = [tuple(sorted(p)) for p in every_plan(situation)]
        assert found.seats in plans, f"case {n}: not allowed"

        def rows(plan: tuple[Seat, ...]) -> dict[tuple[int, int | None], int]:
            counts: dict[tuple[int, int | None], int] = {}
            for seat in plan:
                counts[seat.proposal, seat.panel] = counts.get((seat.proposal, seat.panel), 0) + 1
            return counts

        alike = [p for p in plans if rows(p) == rows(seats)]
        possible = [p for p in alike if is_connected(situation, p)]
        assert is_connected(situation, found.seats) == bool(possible), f"case {n}"
        if not possible:
            impossible += 1
            assert found.is_proven, f"case {n}"
        elif not is_connected(situation, seats):
            joined += 1
            assert cost_of(situation, found.seats) >= min(cost_of(situation, p) for p in possible)
    assert joined > 3
    assert impossible > 3
