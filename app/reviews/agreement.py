"""How far reviewers agree: the intraclass correlation of their scores, from the variances of the additive model.

ICC(A,1) of McGraw & Wong 1996 (Psychological Methods 1:30-46), which is ICC(2,1) of Shrout & Fleiss 1979 (Psychological
Bulletin 86:420-428): the share of what one score varies by that is the proposal's quality, severity of reviewers counted
as disagreement. ICC(A,k) is that of a mean of k reviews. Variances of quality and noise by restricted likelihood, that of
severity by the method of moments; where everyone reads everything these are the textbook's, elsewhere they are what an
analysis of variance cannot give. Imported late: numpy, scipy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

import numpy as np

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.additive import ROUNDING_VARIANCE, fit
from app.reviews.design import NO_VARIANCE, Rating, Refusal, judge_design


class Grade(StrEnum):
    """Bands of Cicchetti 1994, Psychological Assessment 6:284-290."""

    POOR = "poor"
    FAIR = "fair"
    GOOD = "good"
    EXCELLENT = "excellent"


GRADE_NAMES: dict[Grade, Text] = {
    Grade.POOR: Text("ต่ำ", "Poor"),
    Grade.FAIR: Text("พอใช้", "Fair"),
    Grade.GOOD: Text("ดี", "Good"),
    Grade.EXCELLENT: Text("ดีมาก", "Excellent"),
}
_LEAST = ((Grade.EXCELLENT, 750), (Grade.GOOD, 600), (Grade.FAIR, 400))  # per mille


def grade_of(per_mille: int) -> Grade:
    """The band an intraclass correlation falls in."""
    return next((grade for grade, least in _LEAST if per_mille >= least), Grade.POOR)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of one kind of score. `single` is ICC(A,1) and `mean` ICC(A,k) with k = `reviews`, the harmonic mean of
    reviews per proposal, rounded; per mille. `severity` and `noise` are the other shares of a single score's variance,
    per mille."""

    single: int
    mean: int
    reviews: int
    severity: int
    noise: int

    @property
    def single_grade(self) -> Grade:
        return grade_of(self.single)

    @property
    def mean_grade(self) -> Grade:
        return grade_of(self.mean)


def measure_agreement(ratings: Sequence[Rating]) -> Agreement | Refusal:
    """How far the reviewers agree, or why that cannot be said. Raises `ValueError` for a reviewer with two scores of
    one proposal."""
    if refusal := judge_design(ratings):
        return refusal
    found = fit(ratings)
    quality, severity, noise = found.quality_variance, found.severity_variance, found.noise_variance
    whole = quality + severity + noise
    if whole <= ROUNDING_VARIANCE:
        return Refusal((NO_VARIANCE,))
    counts = Counter(r.proposal for r in ratings).values()
    reviews = max(round(len(counts) / sum(Fraction(1, n) for n in counts)), 1)
    return Agreement(
        single=_per_mille(quality / whole),
        mean=_per_mille(quality / (quality + (severity + noise) / reviews)),
        reviews=reviews,
        severity=_per_mille(severity / whole),
        noise=_per_mille(noise / whole),
    )


def _per_mille(share: float) -> int:
    return int(np.rint(share * 1000))
