"""What a review is. Totals are integer hundredths of a point: 7250 is 72.50 of 100."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEVELS = range(5)


@dataclass(frozen=True, slots=True)
class Score:
    """One criterion: a level 0-4, or None when not given yet, and a comment."""

    level: int | None
    comment: str


Scores = Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Panel:
    """What the reviews of one proposal amount to, exactly: `count` reviews with sum and sum of squares of totals."""

    count: int
    total: int
    squares: int
