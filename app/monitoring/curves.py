"""Plan and actual as cumulative curves: what was to be spent, bound and paid by the end of each month.

Amounts are satang. Index 0 is month 1 (October); 24 months, the last twelve of money carried over. What no accepted report
tells of yet is no zero: a curve of actuals ends with `upto`, the last month that was reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from app.kernel.lean import dataclass
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR


class Point(NamedTuple):
    """One month of a curve, cumulative satang; None where nothing was reported yet."""

    month: int
    planned: int
    committed: int | None
    spent: int | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Cumulative amounts by the end of each of the 24 months (satang). `upto` is the last month reported, 0 for none."""

    planned: tuple[int, ...]
    committed: tuple[int, ...]
    spent: tuple[int, ...]
    upto: int

    def planned_by(self, month: int) -> int:
        """What was to be spent by the end of a month; 0 before the first."""
        return self.planned[month - 1] if month else 0

    def spent_by(self, month: int) -> int:
        """What was paid by the end of a month; 0 before the first."""
        return self.spent[month - 1] if month else 0

    def committed_by(self, month: int) -> int:
        """What was bound by the end of a month; 0 before the first."""
        return self.committed[month - 1] if month else 0

    @property
    def planned_year(self) -> int:
        """What was to be spent by the year's end."""
        return self.planned[MONTHS_OF_YEAR - 1]

    @property
    def length(self) -> int:
        """How many months are worth showing: the year, and of the year after as many as anything happens in."""
        later = [
            month
            for month in range(MONTHS_OF_YEAR + 1, LAST_MONTH + 1)
            if self.planned[month - 1] > self.planned[month - 2] or month <= self.upto
        ]
        return max(later, default=MONTHS_OF_YEAR)

    @property
    def points(self) -> tuple[Point, ...]:
        """The months worth showing."""
        return tuple(
            Point(
                month,
                self.planned[month - 1],
                self.committed[month - 1] if month <= self.upto else None,
                self.spent[month - 1] if month <= self.upto else None,
            )
            for month in range(1, self.length + 1)
        )


def cumulate(months: Sequence[int]) -> tuple[int, ...]:
    """Monthly amounts as cumulative ones."""
    return tuple(accumulate(months))


def curve_of(planned: Sequence[int], committed: Sequence[int], spent: Sequence[int], upto: int) -> Curve:
    """The curve of 24 monthly amounts each."""
    return Curve(cumulate(planned), cumulate(committed), cumulate(spent), upto)


def add_months(rows: Iterable[Sequence[int]]) -> list[int]:
    """24 monthly amounts each, added up month by month; zeros for no row."""
    rows = list(rows)
    return [sum(column) for column in zip(*rows, strict=True)] if rows else [0] * LAST_MONTH
