"""What calibration is worth on panels whose truth is known: made-up proposals, reviewers and scores.

In: nothing but seeds. Out: rank correlation with the truth of raw and calibrated scores, how often the 95 % intervals
hold the truth, how well severities are found again, and how long 1,000 proposals with five reviews each take.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence

from app.cli.bench.measure import Figure
from app.kernel.lean import dataclass
from app.reviews.design import Rating, Refusal

Say = Callable[[str], object]
SEEDS = range(20)
QUALITY, NOISE = 1000, 700  # standard deviations, hundredths of a point
STRONG, MILD = 1000, 250
_MEAN = 6000


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of panel. `each` reviews per proposal; `lopsided` gives some reviewers many and some few."""

    name: str
    proposals: int
    reviewers: int
    each: int
    severity: int
    lopsided: bool = False


SETTINGS = (
    Setting("strong severity, 3 of 12 each", 78, 12, 3, STRONG),
    Setting("mild severity, 3 of 12 each", 78, 12, 3, MILD),
    Setting("no severity, 3 of 12 each", 78, 12, 3, 0),
    Setting("strong severity, everyone reads everything", 78, 12, 12, STRONG),
    Setting("strong severity, unbalanced loads", 78, 12, 3, STRONG, lopsided=True),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """Scores with the truth behind them, by proposal and by reviewer."""

    ratings: list[Rating]
    quality: list[float]
    level: list[float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one panel gave. Shares are of one."""

    raw: float
    calibrated: float
    covered: float
    severities: float
    severities_covered: float


def make_panel(setting: Setting, seed: int) -> Panel:
    """A panel of a kind. Totals are whole hundredths; the scale is not cut off at its ends."""
    dice = random.Random(f"{setting.name}-{seed}")
    quality = [dice.gauss(_MEAN, QUALITY) for _ in range(setting.proposals)]
    level = [dice.gauss(0, setting.severity) for _ in range(setting.reviewers)]
    loads = [0] * setting.reviewers
    # how much of the work each takes: from one part to four where loads are unbalanced
    part = [
        1 + 3 * at / (setting.reviewers - 1) if setting.lopsided else 1 for at in range(setting.reviewers)
    ]
    ratings = []
    for proposal, true in enumerate(quality):
        order = sorted(
            range(setting.reviewers), key=lambda one: ((loads[one] + dice.random()) / part[one], one)
        )
        for reviewer in order[: setting.each]:
            loads[reviewer] += 1
            score = round(true + level[reviewer] + dice.gauss(0, NOISE))
            ratings.append(Rating(proposal, reviewer, score))
    return Panel(ratings, quality, level)


def judge_panel(panel: Panel) -> Outcome:
    """Calibrate a panel and hold it against its truth. Raises `ValueError` when it is refused."""
    from app.reviews.calibration import calibrate  # imported late: numpy, scipy

    found = calibrate(panel.ratings)
    if isinstance(found, Refusal):
        raise ValueError(found.reasons[0].words.en)
    true = [panel.quality[p.proposal] for p in found.proposals]
    mean_level = statistics.fmean(panel.level)
    levels = [panel.level[r.reviewer] - mean_level for r in found.reviewers]
    return Outcome(
        raw=spearman([p.raw for p in found.proposals], true),
        calibrated=spearman([p.calibrated for p in found.proposals], true),
        covered=statistics.fmean(
            p.low <= q + mean_level <= p.high for p, q in zip(found.proposals, true, strict=True)
        ),
        severities=statistics.fmean(
            abs(r.severity - one) for r, one in zip(found.reviewers, levels, strict=True)
        ),
        severities_covered=statistics.fmean(
            r.low <= one <= r.high for r, one in zip(found.reviewers, levels, strict=True)
        ),
    )


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Rank correlation; equal values share the mean of their ranks."""
    return statistics.correlation(_mean_ranks(one), _mean_ranks(other))


def _mean_ranks(values: Sequence[float]) -> list[float]:
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values)):
        places.setdefault(value, []).append(place)
    return [statistics.fmean(places[value]) for value in values]


def measure_panels(say: Say) -> list[Figure]:
    """Simulate, say everything, and give the figures."""
    say(
        f"Simulated panels, {len(SEEDS)} seeds each: quality ± {QUALITY / 100:g}, noise ± {NOISE / 100:g} points; "
        "rank correlation with the truth, mean (least to most)"
    )
    figures = []
    for setting in SETTINGS:
        outcomes = [judge_panel(make_panel(setting, seed)) for seed in SEEDS]
        raw, calibrated = [o.raw for o in outcomes], [o.calibrated for o in outcomes]
        covered = statistics.fmean(o.covered for o in outcomes)
        off = statistics.fmean(o.severities for o in outcomes)
        severities_covered = statistics.fmean(o.severities_covered for o in outcomes)
        say(
            f"  {setting.name:<44} raw {_range(raw)}   calibrated {_range(calibrated)}   gain "
            f"{statistics.fmean(calibrated) - statistics.fmean(raw):+.3f}"
        )
        say(
            f"  {'':<44} 95 % intervals hold {covered:.1%} of scores and {severities_covered:.1%} of severities; "
            f"severity off by {off / 100:.2f} points"
        )
        name = f"panel, {setting.name}"
        figures += [
            Figure(f"{name}: Spearman raw", statistics.fmean(raw), ""),
            Figure(f"{name}: Spearman calibrated", statistics.fmean(calibrated), ""),
            Figure(f"{name}: scores within their interval", covered * 100, "%", 93, "higher"),
        ]
    gain = figures[1].value - figures[0].value
    figures.append(Figure("panel, strong severity: gain of calibration", gain, "", 0.03, "higher"))
    return [*figures, *_time(say)]


def _range(values: Sequence[float]) -> str:
    return f"{statistics.fmean(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def _time(say: Say) -> list[Figure]:
    from app.reviews.calibration import calibrate  # imported late: numpy, scipy

    figures = []
    for reviewers in (50, 200):
        panel = make_panel(Setting("large", 1000, reviewers, 5, STRONG), 1)
        calibrate(panel.ratings)  # warm
        seconds = []
        for _ in range(3):
            begun = time.perf_counter()
            calibrate(panel.ratings)
            seconds.append(time.perf_counter() - begun)
        say(f"  1,000 proposals x 5 by {reviewers} reviewers: {min(seconds):.2f}–{max(seconds):.2f} s")
        name = f"calibrate 1,000 x 5 by {reviewers}"
        figures.append(Figure(name, statistics.median(seconds), "s", 1.0))
    return figures
