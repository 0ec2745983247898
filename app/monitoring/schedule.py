"""Earned schedule: how far the work is in months of the plan, after Lipke, "Schedule is Different" (2003).

Planned value PV(t) is what was to be reached by the end of month t, earned value EV what is reached; both in one unit,
satang for money, hundredths of the project for milestones (weight in percent times percent done). Then

    C    the last month whose PV is reached by EV
    ES   = C + (EV - PV(C)) / (PV(C+1) - PV(C)), in months: when the plan meant to be where the work is
    AT   the months gone by (actual time), up to the month the work was finished in
    SPI(t) = ES / AT; below 1 the work is behind, by SV(t) = ES - AT months

Unlike SPI = EV / PV these do not tend to 1 as a late project ends. All values are exact fractions. Where the plan stands
still at what is earned, no month of it is "the" one, and ES is the one nearest to AT: who has done all that is due is not
ahead by the months in which nothing is. ES is undefined, and says why, without a plan or before the first month; SPI(t)
is told from a month in which something was due.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from app.kernel.lean import dataclass
from app.kernel.text import Text

NO_PLAN = Text("ไม่มีแผนให้เทียบ", "There is no plan to compare with")
NOT_BEGUN = Text("ยังไม่มีรายงานที่รับรองแล้ว", "No report has been accepted yet")
NOTHING_DUE = Text("ยังไม่มีสิ่งใดถึงกำหนดตามแผน", "Nothing was due by the plan yet")

Amount = int | Fraction


@dataclass(frozen=True, slots=True)
class Schedule:
    """Where the work is in the plan's months. `why` says why ES is undefined; then all but `at` are None.

    `at` AT, `es` ES, `sv` SV(t) = ES - AT, in months; `spi` SPI(t), a ratio.
    """

    at: int
    es: Fraction | None = None
    spi: Fraction | None = None
    sv: Fraction | None = None
    why: Text | None = None


def earned_schedule(planned: Sequence[Amount], earned: Sequence[Amount]) -> Schedule:
    """The indices after `len(earned)` months. `planned` and `earned` are cumulative, by the end of each month from the
    first; neither ever falls."""
    at = len(earned)
    total = planned[-1] if planned else 0
    if not total:
        return Schedule(at, why=NO_PLAN)
    if not at:
        return Schedule(0, why=NOT_BEGUN)
    value = min(earned[-1], total)
    if not value and not planned[min(at, len(planned)) - 1]:
        return Schedule(at, why=NOTHING_DUE)
    if value == total:  # finished: neither clock runs on
        at = next(month for month, amount in enumerate(earned, 1) if amount >= total)
        es = Fraction(next(month for month, amount in enumerate(planned, 1) if amount >= total))
    else:
        es = _month_of(planned, value, at)
    return Schedule(at, es, es / at, es - at)


def _month_of(planned: Sequence[Amount], value: Amount, at: int) -> Fraction:
    steps: list[Amount] = [0, *planned]
    last = bisect_right(steps, value) - 1
    if steps[last] == value:
        first = steps.index(value)
        return Fraction(min(max(first, at), last))
    return last + Fraction(value - steps[last]) / (steps[last + 1] - steps[last])
