"""Proposals on which reviewers differ by more than the panel's own noise explains: they are talked about first.

For each proposal Q = the sum of its squared residuals, reviewers' severity taken away, in units of the noise of one
review; without true disagreement Q follows chi-square with reviews - 1 degrees of freedom (Cochran 1954, Biometrics
10:101-129). Since all proposals share in the noise, a proposal can hide behind another worse one, but is not put first
by mistake. Where scores cannot be calibrated the raw spread stands against the pooled spread within proposals instead.
Imported late: numpy, scipy.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from app.kernel.lean import dataclass
from app.reviews.additive import ROUNDING_VARIANCE, Floats, Scores
from app.reviews.calibration import Calibration
from app.reviews.design import Rating

# one panel in twenty differs as much by chance
LEVEL = Fraction(5, 100)
# with two reviews both lie as far from their mean; which of them is the odd one nobody can tell
LEAST_FOR_STANDOUT = 3


@dataclass(frozen=True, slots=True)
class Discordance:
    """The reviews of one proposal with at least two. Hundredths of a point.

    `spread` is the standard deviation of the scores as given, `adjusted` that without reviewers' severity, `expected`
    what the noise of a review explains; without calibration `adjusted` is `spread`. `probability` per mille: how often
    reviewers who do not differ would differ as much. `holds` says that the flag holds though so many proposals were
    looked at together (Benjamini & Hochberg 1995). `standout` is the reviewer furthest off, `distance` how far their
    score lies from the mean of the others (negative: below), severity taken away.
    """

    proposal: int
    count: int
    spread: int
    adjusted: int
    expected: int
    probability: int
    is_flagged: bool
    holds: bool
    standout: int | None
    distance: int


def judge_discordance(ratings: Sequence[Rating], calibration: Calibration | None) -> list[Discordance]:
    """Every proposal with two reviews or more, the least probable first. `calibration` is that of the same ratings, or
    None where it was refused. Raises `ValueError` when it is of others."""
    if not ratings:
        return []
    if calibration is not None:
        scores, left = calibration.fit.scores, calibration.fit.residuals()
        noise = calibration.fit.noise_variance
        if len(scores.y) != len(ratings):
            raise ValueError("the calibration is of other ratings")
    else:
        scores = Scores(ratings)
        left = _raw_residuals(scores)
        freedom = len(scores.y) - len(scores.proposals)
        noise = (left**2).sum() / max(freedom, 1)
    noise = max(noise, ROUNDING_VARIANCE.numerator / ROUNDING_VARIANCE.denominator)
    squares = np.bincount(scores.row, left**2)
    raw = np.bincount(scores.row, _raw_residuals(scores) ** 2)
    several = np.flatnonzero(scores.reviews > 1)
    chances = chdtrc(scores.reviews[several] - 1, squares[several] / noise)
    holding = _holding(chances)
    starts = np.concatenate(([0], np.cumsum(scores.reviews)))
    rows = []
    for place, at in enumerate(several.tolist()):
        own = slice(starts[at], starts[at + 1])
        freedom = int(scores.reviews[at]) - 1
        standout, distance = _furthest(left[own])
        rows.append(
            Discordance(
                proposal=scores.proposals[at],
                count=freedom + 1,
                spread=_whole(np.sqrt(raw[at] / freedom)),
                adjusted=_whole(np.sqrt(squares[at] / freedom)),
                expected=_whole(np.sqrt(noise)),
                probability=_whole(chances[place] * 1000),
                is_flagged=bool(chances[place] * LEVEL.denominator <= LEVEL.numerator),
                holds=bool(holding[place]),
                standout=None if standout is None else scores.reviewers[scores.column[own][standout]],
                distance=distance,
            )
        )
    order = sorted(range(len(rows)), key=lambda place: (chances[place], rows[place].proposal))
    return [rows[place] for place in order]


def _whole(value: np.floating | float) -> int:
    return int(np.rint(value))


def _raw_residuals(scores: Scores) -> Floats:
    given = scores.y + scores.base[scores.column]
    left: Floats = given - (np.bincount(scores.row, given) / scores.reviews)[scores.row]
    return left


def _holding(chances: Floats) -> npt.NDArray[np.bool_]:
    """Benjamini and Hochberg's step-up: among those that hold, one in twenty is expected to be chance."""
    order = np.argsort(chances, kind="stable")
    count = len(chances)
    below = chances[order] * count * LEVEL.denominator <= LEVEL.numerator * np.arange(1, count + 1)
    holding = np.zeros(count, np.bool_)
    if below.any():
        holding[order[: np.flatnonzero(below)[-1] + 1]] = True
    return holding


def _furthest(left: Floats) -> tuple[int | None, int]:
    """Which of the residuals lies furthest off, and its distance from the mean of the others; None when two do."""
    if len(left) < LEAST_FOR_STANDOUT:
        return None, 0
    first, second = np.argsort(-np.abs(left), kind="stable")[:2]
    if _whole(abs(left[first])) == _whole(abs(left[second])):
        return None, 0
    return int(first), _whole(left[first] * len(left) / (len(left) - 1))
