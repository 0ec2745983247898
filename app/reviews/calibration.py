"""Calibrated scores: what proposals would score if all reviewers were equally strict. Beside the raw means, never
instead of them.

In: scores by proposal and reviewer. Out: raw mean, calibrated mean with interval and the rank by each, every reviewer's
severity with interval, how the variance divides; or the reasons why these scores cannot be calibrated. The model, and why
it is built as it is, is told in `additive`. Intervals hold the variances for known (as is usual; they are then a little
short with very few scores) and take Student's t with the degrees of freedom of the noise for it. Imported late: numpy,
scipy.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from scipy.special import stdtrit

from app.kernel.lean import dataclass
from app.reviews.additive import Fit, Floats, fit
from app.reviews.design import NO_SIGNAL, Rating, Refusal, judge_design

# the central share of an interval
CONFIDENCE = Fraction(95, 100)
# proposals closer than this many parts of a hundredth of a point are equal: what lies between is rounding of the machine
_EQUAL = 1000


@dataclass(frozen=True, slots=True)
class CalibratedProposal:
    """One proposal; hundredths of a point, rounded. Equal scores share a rank, and the next rank is left out. `low` and
    `high` bound the calibrated score; they, and it, may pass 0 or 100 points."""

    proposal: int
    count: int
    raw: int
    raw_rank: int
    calibrated: int
    low: int
    high: int
    rank: int

    @property
    def difference(self) -> int:
        return self.calibrated - self.raw

    @property
    def moved(self) -> int:
        """How many ranks calibration lifts it; negative where it falls."""
        return self.raw_rank - self.rank


@dataclass(frozen=True, slots=True)
class ReviewerSeverity:
    """How far a reviewer's level lies from the mean of all reviewers' levels, hundredths; negative is strict."""

    reviewer: int
    count: int
    severity: int
    low: int
    high: int

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What is known of the calibrated scores together: normal with this mean (hundredths) and the covariance
    diag(own) + factors @ factors.T, proposals in the order of their keys."""

    proposals: tuple[int, ...]
    mean: Floats
    own: Floats
    factors: Floats

    def draw(self, times: int, seed: int) -> Floats:
        """Scores that might be true, times x proposals; the same for the same seed."""
        dice = np.random.default_rng(seed)
        drawn: Floats = (
            self.mean
            + np.sqrt(self.own) * dice.standard_normal((times, len(self.own)))
            + dice.standard_normal((times, self.factors.shape[1])) @ self.factors.T
        )
        return drawn


@dataclass(frozen=True, eq=False)
class Calibration:
    """Calibrated scores. `proposals` by rank, `reviewers` the strictest first. The spreads are standard deviations in
    hundredths: of true quality, of reviewers' severity, and of the noise of one review."""

    proposals: tuple[CalibratedProposal, ...]
    reviewers: tuple[ReviewerSeverity, ...]
    quality_spread: int
    severity_spread: int
    noise_spread: int
    freedom: int
    fit: Fit

    @cached_property
    def posterior(self) -> Posterior:
        """For drawing from: expected ranks, chances of being above the line."""
        f = self.fit
        return Posterior(tuple(f.scores.proposals), f.mean_level + f.quality, f.own, f.factors)


def calibrate(ratings: Sequence[Rating]) -> Calibration | Refusal:
    """Calibrate, or say why not. Raises `ValueError` for a reviewer with two scores of one proposal."""
    if refusal := judge_design(ratings):
        return refusal
    found = fit(ratings)
    if found.share == 0:
        return Refusal((NO_SIGNAL,))
    freedom = found.scores.freedom
    reach = stdtrit(freedom, (1 + CONFIDENCE.numerator / CONFIDENCE.denominator) / 2)
    return Calibration(
        proposals=_proposals(found, reach),
        reviewers=_reviewers(found, reach),
        quality_spread=_whole(np.sqrt(found.quality_variance)),
        severity_spread=_whole(np.sqrt(found.severity_variance)),
        noise_spread=_whole(np.sqrt(found.noise_variance)),
        freedom=freedom,
        fit=found,
    )


def _whole(value: np.floating | float) -> int:
    return int(np.rint(value))


def _proposals(found: Fit, reach: float) -> tuple[CalibratedProposal, ...]:
    s = found.scores
    sums = np.zeros(len(s.proposals), np.int64)
    np.add.at(sums, s.row, np.rint(s.y).astype(np.int64) + s.base[s.column])
    raw = [Fraction(a, n) for a, n in zip(sums.tolist(), s.reviews.tolist(), strict=True)]
    calibrated = found.mean_level + found.quality
    width = reach * np.sqrt(found.error_variance)
    # by the quality alone: it is the same to the last bit whatever constant is added to a reviewer's scores
    ranks = _ranks([Fraction(q) for q in np.rint(found.quality * _EQUAL).astype(np.int64).tolist()])
    raw_ranks = _ranks(raw)
    rows = [
        CalibratedProposal(
            proposal=key,
            count=int(s.reviews[at]),
            raw=_half_up(raw[at]),
            raw_rank=raw_ranks[at],
            calibrated=_whole(calibrated[at]),
            low=_whole(calibrated[at] - width[at]),
            high=_whole(calibrated[at] + width[at]),
            rank=ranks[at],
        )
        for at, key in enumerate(s.proposals)
    ]
    return tuple(sorted(rows, key=lambda r: (r.rank, r.raw_rank, r.proposal)))


def _half_up(value: Fraction) -> int:
    """As `rules.mean_hundredths` prints it."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _ranks(values: Sequence[Fraction]) -> list[int]:
    """1 for the highest; equal ones share the rank."""
    first: dict[Fraction, int] = {}
    for place, value in enumerate(sorted(values, reverse=True), 1):
        first.setdefault(value, place)
    return [first[value] for value in values]


def _reviewers(found: Fit, reach: float) -> tuple[ReviewerSeverity, ...]:
    s = found.scores
    width = reach * np.sqrt(np.maximum(np.diag(found.severity_covariance), 0))
    rows = [
        ReviewerSeverity(
            reviewer=key,
            count=int(s.loads[at]),
            severity=_whole(found.severity[at]),
            low=_whole(found.severity[at] - width[at]),
            high=_whole(found.severity[at] + width[at]),
        )
        for at, key in enumerate(s.reviewers)
    ]
    return tuple(sorted(rows, key=lambda r: (r.severity, r.reviewer)))
