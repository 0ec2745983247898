"""Totals, means and spreads, exactly; who is in conflict; what a review still lacks."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from app.calls.facts import Rubric
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.reviews.facts import Panel, Scores


def weighted_total(scores: Scores, rubric: Rubric) -> int:
    """The total in hundredths of a point: sum of weight x level / 4, weights in percent. Exact.

    Raises `KeyError` when a criterion is missing and `TypeError` when a level is.
    """
    # weight (percent) x level / 4 points = weight x level x 25 hundredths
    total = 0
    for c in rubric.criteria:
        level = scores[c.code].level
        if level is None:
            raise TypeError(f"criterion {c.code} has no level")
        total += c.weight * level * 25
    return total


def mean(panel: Panel) -> Fraction | None:
    """The mean total in hundredths, exact; None without reviews."""
    return Fraction(panel.total, panel.count) if panel.count else None


def mean_hundredths(panel: Panel) -> int | None:
    """The mean rounded half up to a hundredth of a point, for printing."""
    return (2 * panel.total + panel.count) // (2 * panel.count) if panel.count else None


def spread_hundredths(panel: Panel) -> int | None:
    """Sample standard deviation in hundredths, rounded half up; None for fewer than two reviews."""
    n = panel.count
    if n < 2:
        return None
    numerator = n * panel.squares - panel.total**2
    denominator = n * (n - 1)
    # round(sqrt(a/b)) exactly: floor(sqrt(4a/b)) rounded half up
    doubled = isqrt(4 * numerator // denominator)
    return (doubled + 1) // 2


def list_unscored(scores: Scores, rubric: Rubric) -> list[Problem]:
    """What a review lacks before it can be handed in: every level, and a comment where the level asks for one."""
    problems = []
    for c in rubric.criteria:
        score = scores.get(c.code)
        level = score.level if score else None
        if level is None:
            problems.append(
                Problem(
                    f"score-{c.code}",
                    Text(f"กรุณาให้คะแนนเกณฑ์ “{c.name.th}”", f"Score the criterion “{c.name.en}”"),
                )
            )
        elif (
            level in rubric.comment_levels
            and len((score.comment if score else "").strip()) < rubric.comment_length
        ):
            problems.append(
                Problem(
                    f"comment-{c.code}",
                    Text(
                        f"เกณฑ์ “{c.name.th}” ให้ระดับ {level} ต้องมีความเห็นอย่างน้อย {rubric.comment_length} ตัวอักษร",
                        f"“{c.name.en}” at level {level} needs a comment of at least {rubric.comment_length} characters",
                    ),
                )
            )
    return problems


def in_conflict(reviewer_agencies: frozenset[int], proposal_agencies: frozenset[int]) -> bool:
    """Whether a reviewer belongs to any agency of the proposal, lead or participating.

    A reviewer of a body belongs to the agency that is that body, so DGA's people never review DGA's proposals.
    """
    return bool(reviewer_agencies & proposal_agencies)
