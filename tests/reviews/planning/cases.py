"""Made-up situations for the tests of planning, and plans found by trying everything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

from app.kernel.text import Text
from app.reviews.planning.costs import load_points, proposal_points
from app.reviews.planning.facts import PanelSeats, Reviewer, Seat, Situation, Subject, by_proposal, count_by
from app.reviews.planning.graph import find_islands

BODIES = ("bb", "nesdc", "opdc", "dga")


def reviewer(
    n: int,
    body: str = "bb",
    limit: int | None = None,
    guidelines: str = "",
    focus: str = "",
    *,
    active: bool = True,
) -> Reviewer:
    known = frozenset(guidelines.split()), frozenset(focus.split())
    return Reviewer(n, Text(f"ผู้พิจารณา {n}", f"Reviewer {n}"), body, limit, *known, is_active=active)


def panel(seats: int, *members: int, number: int | None = None, stage: str = "") -> PanelSeats:
    return PanelSeats(number, Text("คณะ", "Panel"), seats, frozenset(members), stage)


def subjects(count: int, **codes: str) -> tuple[Subject, ...]:
    return tuple(Subject(100 + n, f"2570-{n:04d}", **codes) for n in range(1, count + 1))


def random_situation(chance: random.Random, *, several: bool = False) -> Situation:
    """A small situation of any kind: limits, conflicts, earlier assignments, and panels by body where `several`."""
    people = tuple(
        reviewer(
            n,
            chance.choice(BODIES[:3]),
            chance.choice((None, None, 1, 2)),
            chance.choice(("", "1", "2")),
            chance.choice(("", "a")),
        )
        for n in range(1, chance.randint(2, 5) + 1)
    )
    cases = tuple(
        Subject(100 + n, f"N{n}", "", chance.choice(("1", "2", "3")), chance.choice(("", "a")))
        for n in range(1, chance.randint(1, 3) + 1)
    )
    pairs = [(s.id, r.id) for s in cases for r in people]
    if several:
        by_body = {body: [r.id for r in people if r.body == body] for body in BODIES}
        panels = tuple(
            panel(1, *ids, number=n)
            for n, ids in enumerate(by_body.values(), 1)
            if ids or chance.random() < 0.2
        )
    else:
        panels = (panel(chance.randint(1, 3), *(r.id for r in people)),)
    kept = tuple(Seat(*pair) for pair in chance.sample(pairs, chance.choice((0, 0, 1))))
    return Situation(
        cases,
        people,
        panels,
        kept,
        barred=frozenset(pair for pair in pairs if chance.random() < 0.15),
        asked=frozenset(pair for pair in pairs if chance.random() < 0.05),
        declined=frozenset(pair for pair in pairs if chance.random() < 0.05),
        least_bodies=chance.choice((1, 1, 2, 3)),
    )


def every_plan(situation: Situation) -> Iterator[tuple[Seat, ...]]:
    """Every allowed way to fill any of the open seats, limits included."""
    taken = {(s.proposal, s.reviewer) for s in situation.kept}
    rows = sorted(situation.open_seats.items())
    choices = []
    for (proposal, index), seats in rows:
        there = situation.panels[index]
        free = [
            r.id
            for r in situation.reviewers
            if r.is_active
            and r.id in there.members
            and situation.may_plan(proposal, r.id)
            and (proposal, r.id) not in taken
        ]
        choices.append(
            [
                tuple(Seat(proposal, r, there.id) for r in chosen)
                for n in range(min(seats, len(free)) + 1)
                for chosen in combinations(free, n)
            ]
        )
    for picked in product(*choices):
        plan = tuple(seat for row in picked for seat in row)
        pairs = {(s.proposal, s.reviewer) for s in plan}
        loads = count_by(s.reviewer for s in (*situation.kept, *plan))
        if len(pairs) == len(plan) and all(
            r.limit is None or loads.get(r.id, 0) <= max(r.limit, situation.kept_load.get(r.id, 0))
            for r in situation.reviewers
        ):
            yield plan


def cost_of(situation: Situation, plan: tuple[Seat, ...]) -> int:
    """The cost of a plan, written out."""
    everything = (*situation.kept, *plan)
    of, loads = by_proposal(everything), count_by(s.reviewer for s in everything)
    unfilled: dict[int, int] = {}
    for (proposal, _), n in replace(situation, kept=everything).open_seats.items():
        unfilled[proposal] = unfilled.get(proposal, 0) + n
    points = sum(
        sum(
            proposal_points(
                situation, s.id, tuple(x.reviewer for x in of.get(s.id, ())), unfilled.get(s.id, 0)
            )
        )
        for s in situation.subjects
    )
    return points + sum(load_points(loads.get(r.id, 0), situation.share[r.id]) for r in situation.reviewers)


def empties(situation: Situation, plan: tuple[Seat, ...]) -> int:
    """How unevenly the empty seats lie over the proposals."""
    left = replace(situation, kept=(*situation.kept, *plan)).open_seats
    return sum(n * (n - 1) // 2 for n in left.values())


def is_connected(situation: Situation, plan: tuple[Seat, ...]) -> bool:
    return len(find_islands((*situation.kept, *plan))) < 2
