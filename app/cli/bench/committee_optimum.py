"""The list laid under constraints of every kind, and the best choice under the same: 1,000 proposals and 10,000.

In: proposals made up for the purpose, amounts as uneven as in a real call; nothing of this installation is touched. Out:
seconds with their goals. "To 1 in 10,000" is what HiGHS itself calls optimal: it is proven that no choice is better by
more than that. The proofs to one part in a million, and to one in a thousand million, which is what the page calls proven
and as fine as HiGHS' doubles are, are measured beside it. Gaps are told in points times baht, and in baht at the average
score.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

from app.cli.bench.measure import Figure, time_calls
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Bound, Dimension, Entry, Limit, Terms, group_of
from app.proposals.states import PASSED
from app.reviews.facts import Panel

Say = Callable[[str], object]
SOME, MANY = 1000, 10_000
_LONGEST = 120  # seconds before a search gives up
_NAME, _NOW = Text("ก", "a"), datetime(2026, 1, 1, tzinfo=UTC)
_STAGES = ("upstream", "midstream", "downstream")


def make_case(count: int, seed: int) -> tuple[list[Entry], Terms]:
    """So many scored entries asking for twice what the ceiling holds, with floors, caps, must-funds, needs, exclusions
    and least amounts."""
    dice = random.Random(seed)
    entries = []
    for n in range(count):
        asked = max(10_000, round(dice.lognormvariate(16.5, 1.3)) // 100 * 10_000)
        totals = [min(10_000, max(2000, round(dice.gauss(6800, 1200)) // 25 * 25)) for _ in range(4)]
        entries.append(
            Entry(
                n + 1,
                f"2570-{n + 1:05d}",
                _NAME,
                _NAME,
                _NAME,
                f"m{dice.randrange(20):02d}",
                dice.choice(_STAGES),
                f"{dice.randrange(6)}",
                PASSED,
                asked,
                _NOW,
                Panel(4, sum(totals), sum(t * t for t in totals)),
                least=asked * 6 // 10 if dice.random() < 0.1 else None,
            )
        )

    def part(dimension: Dimension, code: str, percent: int) -> int:
        return sum(e.requested for e in entries if group_of(e, dimension) == code) * percent // 100

    caps = [(Dimension.MINISTRY, f"m{n:02d}", 30) for n in range(5)] + [(Dimension.STAGE, "midstream", 40)]
    floors = [(Dimension.STAGE, "upstream", 50), (Dimension.GUIDELINE, "2", 55)]
    numbers = [e.number for e in entries]
    pairs, groups = dice.sample(numbers, count // 25), dice.sample(numbers, count // 50 * 3)
    return entries, Terms(
        sum(e.requested for e in entries) * 45 // 100,
        limits=(
            *(Limit(d, code, Bound.CAP, part(d, code, percent)) for d, code, percent in caps),
            *(Limit(d, code, Bound.FLOOR, part(d, code, percent)) for d, code, percent in floors),
        ),
        must_fund=frozenset(dice.sample(numbers, count // 100)),
        needs=tuple(zip(pairs[::2], pairs[1::2], strict=False)),
        exclusive=tuple(zip(groups[::3], groups[1::3], groups[2::3], strict=True)),
        partial=True,
    )


def measure_optimum(say: Say) -> list[Figure]:
    """The figures of allocation and of the what-if."""
    from app.portfolio.optimum.engine import engine_name  # before anything is timed: numpy, highspy
    from app.portfolio.optimum.facts import NEAR, PRECISION

    say(engine_name())
    entries, terms = make_case(SOME, 1)
    walking = time_calls(lambda _n: allocate(entries, terms), 9)
    say(f"allocation of {SOME:,} with constraints: {walking}")
    near = _search(entries, terms, NEAR, say)
    million = _search(entries, terms, 10**6, say)
    proof = _search(entries, terms, PRECISION, say)
    eleven = _eleven(entries, terms, say)
    many = _search(*make_case(MANY, 1), NEAR, say)
    return [
        Figure("allocation of 1,000 with constraints", walking.wall / 1000, "s", 0.1),
        Figure("best choice of 1,000, proven to 1 in 10,000", near, "s", 1),
        Figure("… to 1 in a million", million, "s"),
        Figure("… to 1 in a thousand million", proof, "s"),
        Figure("… under eleven ceilings, each to 1 in 10,000", eleven, "s", 5),
        Figure("best choice of 10,000, proven to 1 in 10,000", many, "s", 6),
    ]


def _eleven(entries: list[Entry], terms: Terms, say: Say) -> float:
    """Seconds for the table of eleven ceilings as a page asks for it: two processes, from their start to their end."""
    from app.portfolio.optimum.apart import answer_apart
    from app.portfolio.optimum.facts import NEAR, Aim, Question, ceilings_around

    began = time.perf_counter()
    found = answer_apart(
        Question(tuple(entries), terms, Aim.PRODUCT, ceilings_around(terms.ceiling), _LONGEST, NEAR)
    )
    seconds = time.perf_counter() - began
    each = ", ".join(f"{o.milliseconds / 1000:.2f}" for o in found)
    widest = max(((o.bound or 0) - o.value) / o.value for o in found)
    say(f"eleven ceilings in two processes: {seconds:.2f} s; each {each} s; widest gap {widest:.1e}")
    return seconds if all(o.is_near for o in found) else float("inf")


def _search(entries: list[Entry], terms: Terms, parts: int, say: Say) -> float:
    """Seconds until it is proven so far, by the wall clock; forever where it is not."""
    from app.portfolio.optimum.comparing import margin_of
    from app.portfolio.optimum.facts import Aim, is_within
    from app.portfolio.optimum.solving import optimise
    from app.portfolio.rules import rank

    began, worked = time.perf_counter(), time.process_time()
    found = optimise(rank(entries, terms.basis), terms, Aim.PRODUCT, _LONGEST, parts)
    seconds = time.perf_counter() - began
    margin = margin_of(found)
    gap = (
        f"{margin.value / found.value:.1e} ({margin.points_baht:,} points x baht: {(margin.satang or 0) / 100:,.2f} baht)"
        if margin
        else "not known"
    )
    say(
        f"{len(entries):,} proposals to 1 in {parts:,}: {seconds:.2f} s, CPU {time.process_time() - worked:.2f} s; "
        f"gap {gap}; {len(found.taken):,} taken, {found.left / 100:,.2f} baht left"
    )
    return seconds if found.is_proven or is_within(found.value, found.bound, parts) else float("inf")
