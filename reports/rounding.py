"""Rounded figures that add up: the one rule of every paper and page.

Amounts in million baht are printed with four decimals, one step being a hundred baht. Each amount is rounded on its
own, half away from zero, from its exact satang, so that a project bears the same figure in a list, on its own page, in
a sum and in a memo, however the list is sorted, filtered or cut into pages. A total is its exact sum, rounded in the
same way. Where the figures of a column then do not add up to its total, a line of its own above the total says what
rounding took or added; totals carried from page to page add up the figures as printed. What a reader adds up therefore
comes out to the last digit. Amounts in whole hundreds of baht need no such line.

(Shifting single figures instead, as cumulative rounding does, would print one project a hundred baht apart in two
lists.)
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

# What one step of the last printed decimal is in raw values (satang); every other kind is printed in full.
STEPS = {"million": 10_000}


def half_up(value: int, step: int) -> int:
    """``value`` in steps of ``step``, rounded half away from zero: ``half_up(-15, 10)`` is ``-2``."""
    steps = (abs(value) + step // 2) // step
    return -steps if value < 0 else steps


def as_printed(value: int, kind: str = "million") -> int:
    """The raw value that the printed figure of ``value`` stands for."""
    step = STEPS.get(kind, 1)
    return half_up(value, step) * step


def rounding_difference(values: Iterable[int | None], kind: str = "million") -> int:
    """What the printed figures of ``values`` lack to the printed figure of their sum: a raw value, 0 when they add up.

    It is a whole number of steps, and at most half a step for each figure and the total. ``None`` is an empty cell.
    """
    exact = printed = 0
    for value in values:
        if value:
            exact += value
            printed += as_printed(value, kind)
    return as_printed(exact, kind) - printed


def running_sums(values: Iterable[int | None], kind: str = "million") -> list[int]:
    """The sums of the printed figures before the first, second, … and after the last value, as raw values."""
    return [0, *accumulate(as_printed(value or 0, kind) for value in values)]
