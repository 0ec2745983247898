"""Months and quarters of a fiscal year's money, and by when they are reported.

Year N (พ.ศ.) runs from 1 October N-1: its month 1. Months 13 to 24 are the year after, for money carried over.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.kernel.clock import BANGKOK, BUDDHIST_OFFSET
from app.kernel.text import Text

MONTHS_OF_YEAR = 12
LAST_MONTH = 24
LAST_QUARTER = 8

_TH = ("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน")
_TH_LATER = ("กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม")
_TH_SHORT = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
_EN = ("January", "February", "March", "April", "May", "June")
_EN_LATER = ("July", "August", "September", "October", "November", "December")
_NAMES = tuple(Text(th, en) for th, en in zip(_TH + _TH_LATER, _EN + _EN_LATER, strict=True))


class ReportKind(StrEnum):
    """What a report tells of: a month's money, or a quarter's progress."""

    MONEY = "money"
    PROGRESS = "progress"


REPORT_NAMES = {
    ReportKind.MONEY: Text("รายงานการใช้จ่ายประจำเดือน", "Monthly report of money"),
    ReportKind.PROGRESS: Text("รายงานความก้าวหน้าประจำไตรมาส", "Quarterly report of progress"),
}
# As they are called before the name of a period, which says "ไตรมาส" itself.
NAMES_BEFORE_PERIOD = {
    **REPORT_NAMES,
    ReportKind.PROGRESS: Text("รายงานความก้าวหน้า", "Quarterly report of progress"),
}


def first_day(fiscal_year: int, month: int) -> date:
    """The first day of a month, 1 to 25 (25 is the day after the last)."""
    year, calendar_month = divmod(9 + month - 1, 12)
    return date(fiscal_year - BUDDHIST_OFFSET - 1 + year, calendar_month + 1, 1)


def last_day(fiscal_year: int, month: int) -> date:
    """The last day of a month."""
    return first_day(fiscal_year, month + 1) - timedelta(days=1)


def month_of(fiscal_year: int, day: date) -> int:
    """In which month of the year's money a day falls: below 1 before the year, above 24 after all of it."""
    begin = first_day(fiscal_year, 1)
    return (day.year - begin.year) * 12 + day.month - begin.month + 1


def quarter_of(month: int) -> int:
    """The quarter a month belongs to, 1 to 8."""
    return (month - 1) // 3 + 1


def months_of(quarter: int) -> range:
    """The three months of a quarter."""
    return range(quarter * 3 - 2, quarter * 3 + 1)


def last_month_of(kind: ReportKind, period: int) -> int:
    """The month a report's period ends with."""
    return period if kind is ReportKind.MONEY else period * 3


def month_name(fiscal_year: int, month: int, *, short: bool = False) -> Text:
    """ "ตุลาคม 2566" / "October 2566 B.E.", with the Buddhist year the month lies in."""
    day = first_day(fiscal_year, month)
    year, name = day.year + BUDDHIST_OFFSET, _NAMES[day.month - 1]
    if short:
        return Text(f"{_TH_SHORT[day.month - 1]} {year % 100:02d}", f"{name.en[:3]} {year % 100:02d}")
    return Text(f"{name.th} {year}", f"{name.en} {year} B.E.")


def quarter_name(fiscal_year: int, quarter: int) -> Text:
    """ "ไตรมาส 1 ปีงบประมาณ 2567"; of the year after, that it is carried-over money's."""
    if quarter <= 4:
        return Text(f"ไตรมาส {quarter} ปีงบประมาณ {fiscal_year}", f"Quarter {quarter} of FY {fiscal_year}")
    return Text(
        f"ไตรมาส {quarter - 4} ของปีถัดไป (เงินกันของปีงบประมาณ {fiscal_year})",
        f"Quarter {quarter - 4} of the year after (carried over from FY {fiscal_year})",
    )


def period_name(fiscal_year: int, kind: ReportKind, period: int) -> Text:
    return month_name(fiscal_year, period) if kind is ReportKind.MONEY else quarter_name(fiscal_year, period)


def report_title(fiscal_year: int, kind: ReportKind, period: int) -> Text:
    """ "รายงานความก้าวหน้า ไตรมาส 1 ปีงบประมาณ 2567": a report by its kind and period."""
    kind_name, name = NAMES_BEFORE_PERIOD[kind], period_name(fiscal_year, kind, period)
    return Text(f"{kind_name.th} {name.th}", f"{kind_name.en}, {name.en}")


def due_at(fiscal_year: int, kind: ReportKind, period: int, days: int) -> datetime:
    """Up to when a report is in time, exclusive: the end of the `days`-th day after its period, in Bangkok."""
    day = first_day(fiscal_year, last_month_of(kind, period) + 1) + timedelta(days=days)
    return datetime.combine(day, time(), BANGKOK)
