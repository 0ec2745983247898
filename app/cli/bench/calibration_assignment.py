"""What planning an assignment costs and is worth: 1,000 proposals, five reviewers each, 120 reviewers of four bodies.

In: nothing but a seed. Out: seconds until the plan is there (as the page waits for it, in a process of its own),
whether every reviewer can be compared with every other, how many seats went to somebody whose expertise fits, and how
far loads lie apart.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from app.cli.bench.measure import Figure
from app.identity.facts import Body
from app.kernel.text import Text
from app.reviews.planning.apart import compute_apart
from app.reviews.planning.costs import Match
from app.reviews.planning.facts import PanelSeats, Reviewer, Situation, Subject
from app.reviews.planning.reckoning import Reckoning, reckon

Say = Callable[[str], object]
PROPOSALS, REVIEWERS, EACH = 1000, 120, 5
_STAGE_OF = {"1.1": "upstream", "1.2": "upstream", "2.1": "midstream", "3.1": "downstream"}
_FOCUS = tuple("12345678")
_CONFLICTS = 10  # in a hundred pairs
_SEED = 1


def made_up(*, by_stage: bool) -> Situation:
    """A call where one pair in ten is in conflict and a third of the reviewers have a limit near the even share;
    one panel of everybody, or three that overlap: one for each stage and one of all."""
    chance = random.Random(f"{PROPOSALS}-{REVIEWERS}-{by_stage}")
    bodies = tuple(Body)
    people = tuple(
        Reviewer(
            n,
            Text(f"ผู้พิจารณา {n}", f"Reviewer {n}"),
            bodies[n % len(bodies)].value,
            chance.choice((None, None, PROPOSALS * EACH // REVIEWERS + 4)),
            frozenset(chance.sample(sorted(_STAGE_OF), chance.choice((1, 1, 2)))),
            frozenset(chance.sample(_FOCUS, 2)),
        )
        for n in range(1, REVIEWERS + 1)
    )
    subjects = tuple(
        Subject(PROPOSALS + n, f"{n:04d}", _STAGE_OF[guideline], guideline, chance.choice(_FOCUS))
        for n in range(1, PROPOSALS + 1)
        for guideline in (chance.choice(sorted(_STAGE_OF)),)
    )
    everybody = frozenset(r.id for r in people)
    panels: tuple[PanelSeats, ...] = (PanelSeats(None, Text("ทุกคน", "All"), EACH, everybody),)
    if by_stage:
        third = REVIEWERS // 3
        panels = (
            PanelSeats(1, Text("ทุกช่วง", "All stages"), 2, everybody),
            *(
                PanelSeats(
                    n + 2,
                    Text(stage, stage),
                    EACH - 2,
                    frozenset(range(n * third + 1, (n + 1) * third + 1)),
                    stage,
                )
                for n, stage in enumerate(("upstream", "midstream", "downstream"))
            ),
        )
    barred = frozenset((s.id, r.id) for s in subjects for r in people if chance.randrange(100) < _CONFLICTS)
    return Situation(subjects, people, panels, barred=barred, least_bodies=3)


def measure_assignment(say: Say) -> list[Figure]:
    """Plan two calls, and say what the plans are worth."""
    figures: list[Figure] = []
    for name, by_stage in (("one panel", False), ("panels by stage", True)):
        situation = made_up(by_stage=by_stage)
        start = time.perf_counter()
        seats, exchanges, _ = compute_apart(situation, _SEED)
        seconds = time.perf_counter() - start
        found = reckon(situation, seats)
        _tell(say, name, seconds, exchanges, found)
        figures += _figures(f"assignment, {name}", seconds, found)
    return figures


def _tell(say: Say, name: str, seconds: float, exchanges: int, found: Reckoning) -> None:
    totals = sorted(load.total for load in found.loads)
    say(
        f"assignment, {name}: {PROPOSALS:,} proposals x {EACH}, {REVIEWERS} reviewers, {seconds:.1f} s; "
        f"{len(found.seats):,} seats, {found.missing} empty, {len(found.islands)} part(s) of the graph "
        f"({exchanges} exchanges), {found.coverage.shared:,} of {found.coverage.pairs:,} pairs share a proposal; "
        f"expertise: guideline {found.matches[Match.GUIDELINE]:,}, focus area {found.matches[Match.FOCUS]:,}, "
        f"none {found.matches[Match.NONE]:,}; loads {totals[0]} to {totals[-1]}, median {totals[len(totals) // 2]}; "
        f"{found.cost.total:,} points"
    )


def _figures(name: str, seconds: float, found: Reckoning) -> list[Figure]:
    totals = [load.total for load in found.loads]
    planned = sum(found.matches.values())
    return [
        Figure(f"{name}: planned and connected", seconds, "s", 10),
        Figure(f"{name}: seats left empty", found.missing, "seats", 0),
        Figure(f"{name}: parts of the graph", len(found.islands), "parts", 1),
        Figure(f"{name}: conflicts or limits broken", len(found.faults), "seats", 0),
        Figure(f"{name}: expertise fits", 100 * (1 - found.matches[Match.NONE] / planned), "%"),
        Figure(f"{name}: loads, most less fewest", max(totals) - min(totals), "proposals"),
    ]
