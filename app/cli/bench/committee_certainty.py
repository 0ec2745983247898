"""What certainty and what-ifs cost: a made-up list of 1,000 proposals with five reviews each, under its ceiling alone and
under every kind of term.

In: nothing but seeds. Out: seconds for chances of 2,000 draws, 1,000 weightings, the least change of weights, eleven
ceilings, and the list without each of fifty reviewers.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from app.cli.bench.made_up import NOW
from app.cli.bench.measure import Figure
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.certainty import DRAWS, judge_certainty
from app.portfolio.facts import Bound, Dimension, Entry, Limit, Terms
from app.portfolio.rules import weighed
from app.portfolio.sensitivity import SAMPLES, leave_out_reviewers, try_ceilings
from app.proposals.states import PASSED
from app.reviews.design import Rating, Refusal
from app.reviews.facts import Panel

Say = Callable[[str], object]
PROPOSALS, REVIEWERS, EACH = 1000, 50, 5
WEIGHTS = {"a": 25, "b": 15, "c": 15, "d": 15, "e": 20, "f": 10}
_STAGES = ("upstream", "midstream", "downstream")
_NAME = Text("โครงการ", "Project")

Levels = dict[int, list[dict[str, int]]]


def make_list(proposals: int, seed: int = 1) -> tuple[list[Entry], Levels, list[Rating]]:
    """A list with its reviews: levels follow the quality of the proposal and the severity of the reviewer."""
    dice = random.Random(seed)
    severity = [dice.gauss(0, 0.4) for _ in range(REVIEWERS)]
    levels: Levels = {}
    ratings: list[Rating] = []
    entries = []
    for n in range(1, proposals + 1):
        quality = dice.gauss(2.4, 0.7)
        people = dice.sample(range(REVIEWERS), EACH)
        levels[n] = [
            {c: min(max(round(quality + severity[p] + dice.gauss(0, 0.6)), 0), 4) for c in WEIGHTS}
            for p in people
        ]
        totals = [sum(WEIGHTS[c] * level * 25 for c, level in review.items()) for review in levels[n]]
        ratings += [Rating(n, p, total) for p, total in zip(people, totals, strict=True)]
        requested = dice.randint(10**8, 10**10)
        entries.append(
            Entry(
                proposal_id=n,
                number=f"{n:04d}",
                title=_NAME,
                agency=_NAME,
                ministry=_NAME,
                ministry_code=f"m{n % 20}",
                stage=dice.choice(_STAGES),
                guideline=f"{n % 3 + 1}.{n % 4 + 1}",
                state=PASSED,
                requested=requested,
                submitted_at=NOW + timedelta(seconds=n % 97),
                panel=Panel(0, 0, 0),
                least=requested // 2 if n % 3 == 0 else None,
            )
        )
    panels = weighed(levels, WEIGHTS)
    return [replace(entry, panel=panels[entry.proposal_id]) for entry in entries], levels, ratings


def every_term(entries: Sequence[Entry], seed: int = 1) -> Terms:
    """Half of what is asked for, with floors, caps, must-funds, needs, exclusive groups and least amounts."""
    dice = random.Random(seed)
    total = sum(entry.requested for entry in entries)
    numbers = [entry.number for entry in entries]
    some = len(entries) // 20
    return Terms(
        total // 2,
        limits=(
            *(Limit(Dimension.STAGE, stage, Bound.FLOOR, total // 8) for stage in _STAGES),
            *(Limit(Dimension.MINISTRY, f"m{n}", Bound.CAP, total // 35) for n in range(20)),
        ),
        must_fund=frozenset(dice.sample(numbers, some)),
        needs=tuple(
            (a, b)
            for a, b in zip(dice.sample(numbers, some), dice.sample(numbers, some), strict=True)
            if a != b
        ),
        exclusive=tuple(tuple(dice.sample(numbers, 3)) for _ in range(some)),
        partial=True,
    )


def measure_certainty(say: Say, proposals: int = PROPOSALS) -> list[Figure]:
    """Measure; `say` tells the details."""
    from app.portfolio.swaps import find_swaps  # imported late: numpy
    from app.portfolio.weightings import WeighableReviews, share_weights
    from app.reviews.calibration import calibrate

    entries, levels, ratings = make_list(proposals)
    found = calibrate(ratings)
    if isinstance(found, Refusal):
        raise ValueError(found.reasons[0].words.en)
    calibrated = {row.proposal: row.calibrated for row in found.proposals}
    percents = list(WEIGHTS.values())
    figures = []
    rich = every_term(entries)
    for name, terms in (("ceiling alone", Terms(rich.ceiling)), ("every kind of term", rich)):
        lines = allocate(entries, terms).lines
        certainty = judge_certainty(entries, terms, found.posterior, calibrated)
        say(
            f"Certainty, {proposals:,} proposals, {name}: "
            + ", ".join(
                f"{band.value} {certainty.count(band)}" for band in sorted({c.band for c in certainty})
            )
        )

        def chances(terms: Terms = terms) -> object:
            return judge_certainty(entries, terms, found.posterior, calibrated)

        def weights(terms: Terms = terms) -> object:
            # half of them from everywhere, half nearby: as many walks as weightings
            return share_weights(
                WeighableReviews(entries, levels, list(WEIGHTS)), terms, percents, SAMPLES // 2
            )

        def swaps(terms: Terms = terms, lines: tuple[object, ...] = lines) -> object:
            return find_swaps(WeighableReviews(entries, levels, list(WEIGHTS)), terms, percents, lines)  # type: ignore[arg-type]

        def ceilings(terms: Terms = terms) -> object:
            return try_ceilings(entries, terms)

        def reviewers(terms: Terms = terms) -> object:
            return leave_out_reviewers(entries, terms, ratings, _never)

        figures += [
            Figure(f"{DRAWS:,} draws, {name}", _seconds(chances), "s", 2),
            Figure(f"{SAMPLES:,} weightings, {name}", _seconds(weights), "s", 2),
            Figure(f"least change of weights, {name}", _seconds(swaps), "s"),
            Figure(f"eleven ceilings by the walk, {name}", _seconds(ceilings), "s", 5),
            Figure(f"without each of {REVIEWERS} reviewers, {name}", _seconds(reviewers), "s"),
        ]
    return figures


def _never(_ratings: list[Rating]) -> Refusal:
    raise ValueError("raw means ask for no calibration")


def _seconds(what: Callable[[], object], times: int = 3) -> float:
    """The median of a few times, wall clock."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        what()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
