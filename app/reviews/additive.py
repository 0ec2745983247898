"""The additive model of scores: score = level of the reviewer + quality of the proposal + noise.

Reviewers' levels are fixed effects, without a penalty; qualities are random effects N(0, s_p^2); noise is N(0, s_e^2).
The estimates minimise sum (y - m_j - p_i)^2 + lambda sum p_i^2 with lambda = s_e^2 / s_p^2, which is regularised least
squares, and solve Henderson's mixed-model equations (Henderson 1975, Biometrics 31:423-447). The variances maximise the
restricted likelihood (Patterson & Thompson 1971, Biometrika 58:545-554).

Why levels are fixed: with a penalty on them part of a reviewer's severity would stay in the proposals they read, and a
constant added to one reviewer's scores would move the order. Without it, it moves nothing. The penalty on qualities is
what keeps a proposal with few reviews from standing out by noise alone.

Sources of the model for peer review: Platt & Burges 2012 (regularised least squares, in use at NIPS from 2002); Ge,
Welling & Ghahramani 2013; Tan, Yu, Gao & Zhang 2021, NeurIPS (least-square calibration).

Instead of lambda the share h = s_p^2 / (s_p^2 + s_e^2) = 1 / (1 + lambda) is searched, so that neither end divides by
nothing: h = 0 is no quality at all, h = 1 no noise at all. Proposals are absorbed by hand, so each step solves one system
of reviewers x reviewers. Imported late: numpy, scipy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, cholesky

from app.kernel.lean import dataclass
from app.reviews.design import Rating

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# scores are whole hundredths, and rounding to a whole number has a variance of 1/12: less noise than that is none
ROUNDING_VARIANCE = Fraction(1, 12)
_MOST_EXPONENT = 9  # lambda is searched from 10^-9 to 10^9
_STEPS_A_DECADE = 2
_NARROWINGS = 45  # golden sections: narrows two steps of the grid to a billionth


class Scores:
    """Ratings as arrays. From every reviewer's scores a whole number near their mean is taken away first: what is left
    is the same, bit by bit, when a constant is added to all scores of a reviewer."""

    def __init__(self, ratings: Sequence[Rating]):
        """`ratings` in any order, at least one, no pair twice."""
        ordered = sorted(ratings, key=lambda r: (r.proposal, r.reviewer))
        self.proposals = sorted({r.proposal for r in ordered})
        self.reviewers = sorted({r.reviewer for r in ordered})
        row_of = {key: at for at, key in enumerate(self.proposals)}
        column_of = {key: at for at, key in enumerate(self.reviewers)}
        self.row: Ints = np.array([row_of[r.proposal] for r in ordered], np.int64)
        self.column: Ints = np.array([column_of[r.reviewer] for r in ordered], np.int64)
        raw: Ints = np.array([r.score for r in ordered], np.int64)
        self.reviews: Ints = np.bincount(self.row)  # of each proposal
        self.loads: Ints = np.bincount(self.column)  # of each reviewer
        sums = np.zeros(len(self.reviewers), np.int64)
        np.add.at(sums, self.column, raw)
        self.base: Ints = sums // self.loads
        self.y: Floats = (raw - self.base[self.column]).astype(np.float64)
        self.sums: Floats = np.bincount(self.row, self.y).astype(np.float64)
        self.incidence: Floats = np.zeros((len(self.proposals), len(self.reviewers)))
        self.incidence[self.row, self.column] = 1

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the noise, if connected."""
        return len(self.y) - len(self.proposals) - len(self.reviewers) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What the model makes of scores; hundredths, and squares of them.

    `mean_level` is the mean of the reviewers' levels; `severity` what each reviewer's level lies above it (negative is
    strict); `quality` what each proposal lies above 0. A calibrated score is mean_level + quality, with prediction
    error covariance diag(own) + factors @ factors.T. Order: as `scores.proposals` and `scores.reviewers`.
    """

    scores: Scores
    share: float
    noise_variance: float
    quality_variance: float
    severity_variance: float
    mean_level: float
    severity: Floats
    severity_covariance: Floats
    quality: Floats
    own: Floats
    factors: Floats

    @property
    def error_variance(self) -> Floats:
        """Prediction error variance of each calibrated score, the uncertainty of the levels included."""
        variance: Floats = self.own + (self.factors**2).sum(axis=1)
        return variance

    def residuals(self) -> Floats:
        """Each score less its reviewer's severity and less the mean of what is then left of its proposal: what the
        reviewers of a proposal still differ by. In the order of `scores.row`."""
        s = self.scores
        centred = s.y + s.base[s.column] - self.severity[s.column]
        left: Floats = centred - (np.bincount(s.row, centred) / s.reviews)[s.row]
        return left


@dataclass(frozen=True, slots=True, eq=False)
class _Solution:
    """The equations solved at one share; `level` and `offsets` are of the scores with the bases taken away."""

    lower: Floats
    level: float
    offsets: Floats
    quality: Floats
    squares: float
    criterion: float


class _Equations:
    """The mixed-model equations of some scores at any share h, with proposals absorbed.

    With w_i = 1 / (n_i h + 1 - h) the coefficient matrix of the levels is A = diag(loads) - h N'diag(w)N. It is near
    singular where h is near 1, along the constant vector: that direction, the mean level, is taken out by hand, and what
    is left, B, is a Laplacian of the reviewers, solved with the last reviewer's offset at 0 and then centred.
    """

    def __init__(self, scores: Scores):
        self.scores = scores
        self.sums_of_reviewers = np.bincount(scores.column, scores.y)
        # proposals with equally many reviews have one weight: what they add is summed once
        self.sizes = np.unique(scores.reviews)
        alike = [scores.reviews == size for size in self.sizes]
        blocks = [scores.incidence[some] for some in alike]
        self.grams = [block.T @ block for block in blocks]
        self.loads = np.array([block.sum(axis=0) for block in blocks])
        self.sums = np.array([scores.sums[some] @ block for some, block in zip(alike, blocks, strict=True)])
        self.totals = np.array([scores.sums[some].sum() for some in alike])

    def weigh(self, h: float) -> tuple[Floats, Floats, float]:
        """w of each proposal, N'w, and its sum."""
        w: Floats = 1 / (self.scores.reviews * h + 1 - h)
        u: Floats = (1 / (self.sizes * h + 1 - h)) @ self.loads
        return w, u, u.sum()

    def solve(self, h: float) -> _Solution:
        s = self.scores
        w, u, total = self.weigh(h)
        weights = 1 / (self.sizes * h + 1 - h)
        matrix = np.diag(s.loads.astype(np.float64)) - (1 - h) / total * np.outer(u, u)
        for weight, gram in zip(weights.tolist(), self.grams, strict=True):
            matrix -= h * weight * gram
        weighed = weights @ self.totals
        right = self.sums_of_reviewers - h * (weights @ self.sums) - (1 - h) / total * weighed * u
        lower: Floats = cholesky(matrix[:-1, :-1], lower=True)
        offsets: Floats = np.zeros(len(u))
        offsets[:-1] = cho_solve((lower, True), right[:-1])
        offsets -= offsets.mean()
        level = (weighed - u @ offsets) / total
        remainder = s.sums - s.reviews * level - np.bincount(s.row, offsets[s.column])
        quality = h * w * remainder
        residuals = s.y - level - offsets[s.column] - quality[s.row]
        squares = (residuals**2).sum() + (1 - h) * h * (w**2 * remainder**2).sum()
        criterion = np.inf
        if h < 1 and squares > 0:
            # -2 log restricted likelihood with the scale profiled out, up to a constant
            criterion = (
                (len(s.y) - len(u)) * np.log(squares)
                - (len(w) - 1) * np.log1p(-h)
                - np.log(w).sum()
                + np.log(total)
                + 2 * np.log(np.diag(lower)).sum()
            )
        return _Solution(lower, level, offsets, quality, squares, criterion)


def fit(ratings: Sequence[Rating]) -> Fit:
    """Fit the model. The design must be connected and leave degrees of freedom (`design.judge_design`). Deterministic;
    raises `scipy.linalg.LinAlgError` for a disconnected one."""
    scores = Scores(ratings)
    equations = _Equations(scores)
    exact = equations.solve(1)
    within = exact.squares / scores.freedom
    if within <= ROUNDING_VARIANCE:
        return _describe(equations, 1, exact, within)
    h = _most_likely(lambda share: equations.solve(share).criterion)
    found = equations.solve(h)
    return _describe(equations, h, found, found.squares / (len(scores.y) - len(scores.reviewers)))


def _most_likely(criterion: Callable[[float], float]) -> float:
    """The share with the least criterion, over the whole range: a grid first, then golden sections."""

    def at(exponent: float) -> float:
        return 1 / (1 + 10**exponent)

    edge = _MOST_EXPONENT * _STEPS_A_DECADE
    grid = [step / _STEPS_A_DECADE for step in range(-edge, edge + 1)]
    values = [criterion(at(exponent)) for exponent in grid]
    best = min(range(len(grid)), key=values.__getitem__)
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    golden = (sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    value_left, value_right = criterion(at(left)), criterion(at(right))
    for _ in range(_NARROWINGS):
        if value_left <= value_right:
            high, right, value_right = right, left, value_left
            left = high - golden * (high - low)
            value_left = criterion(at(left))
        else:
            low, left, value_left = left, right, value_right
            right = low + golden * (high - low)
            value_right = criterion(at(right))
    share = at((low + high) / 2)
    # the likelihood of hardly any quality and of none differ by rounding alone
    return 0 if criterion(0) <= criterion(share) or best == len(grid) - 1 else share


def _describe(equations: _Equations, h: float, found: _Solution, noise: float) -> Fit:
    s = equations.scores
    people = len(s.reviewers)
    w, u, total = equations.weigh(h)
    inverse = np.linalg.inv(found.lower)
    covariance = np.zeros((people, people))
    covariance[:-1, :-1] = noise * inverse.T @ inverse
    covariance -= covariance.mean(axis=0)
    covariance -= covariance.mean(axis=1, keepdims=True)
    # how an error of the levels reaches a calibrated score: through the reviewers it had, and through the mean level
    reach = -h * w[:, None] * s.incidence - np.outer((1 - h) * w, u / total)
    reach -= reach.mean(axis=1, keepdims=True)
    factors = np.empty((len(w), people))
    factors[:, :-1] = reach[:, :-1] @ inverse.T
    factors[:, -1] = w * np.sqrt((1 - h) / total)
    mean_base = s.base.sum() / people
    severity = s.base - mean_base + found.offsets
    # method of moments: what the estimated severities vary by, less what their estimation adds
    spread = ((severity**2).sum() - np.trace(covariance)) / (people - 1)
    quality = found.quality.var(ddof=1) if h == 1 else noise * h / (1 - h)
    return Fit(
        scores=s,
        share=h,
        noise_variance=noise,
        quality_variance=quality,
        severity_variance=max(spread, 0),
        mean_level=mean_base + found.level,
        severity=severity,
        severity_covariance=covariance,
        quality=found.quality,
        own=noise * h * w,
        factors=np.sqrt(noise) * factors,
    )
