"""Money that could be returned: what a project will hardly spend, and what nobody is bound by, with the reasons.

It is no verdict. It says where to ask, early enough for the money to do something else this year.
"""

from __future__ import annotations

from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.periods import MONTHS_OF_YEAR

NEAR_THE_END = 9
"""From the end of this month (June) on, money that is not bound is asked for: a purchase begun later is hardly paid in
the same year."""


class Reason(StrEnum):
    """Why money could be returned."""

    FORECAST = "forecast"
    UNBOUND = "unbound"
    LEFT = "left"
    ENDED = "ended"


REASON_NAMES = {
    Reason.FORECAST: Text(
        "วงเงินในปีสูงกว่าค่าคาดการณ์สูงสุด ณ สิ้นปี", "This year's money exceeds the upper end of the forecast"
    ),
    Reason.UNBOUND: Text("ใกล้สิ้นปีแล้วยังไม่ได้ก่อหนี้ผูกพัน", "Near the year's end and not committed by any contract"),
    Reason.ENDED: Text(
        "โครงการปิดหรือยกเลิกแล้ว มีเงินเหลือ", "The project was closed or cancelled with money left"
    ),
    Reason.LEFT: Text(
        "พ้นเวลาเบิกจ่ายแล้ว ยังไม่ได้เบิกจ่าย และไม่มีเงินกันรองรับ",
        "Its time is over: neither paid nor carried over to a time to come",
    ),
}


@dataclass(frozen=True, slots=True)
class Returnable:
    """What could be returned, satang, and why; the larger amount where both reasons hold."""

    amount: int
    reason: Reason


def could_return(
    available: int, committed: int, spent: int, upper: int | None, month: int, *, is_ended: bool = False
) -> Returnable | None:
    """What could be returned at the end of a month; None for nothing. `available` is what may be spent this year (allotted,
    less what is carried over), `committed` and `spent` what was bound and paid of it; `upper` the upper end of the forecast,
    None where it refuses to say; satang. Of a project that `is_ended`, all that is left."""
    if is_ended:
        return Returnable(available - spent, Reason.ENDED) if spent < available else None
    if month >= MONTHS_OF_YEAR:
        left = available - spent
        return Returnable(left, Reason.LEFT) if left > 0 else None
    found = []
    if upper is not None and upper < available:
        found.append(Returnable(available - upper, Reason.FORECAST))
    if month >= NEAR_THE_END and committed < available:
        found.append(Returnable(available - committed, Reason.UNBOUND))
    return max(found, key=lambda r: r.amount, default=None)
