"""One clock. Stored time is UTC; people and deadlines live in Asia/Bangkok."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")
BUDDHIST_OFFSET = 543

_THAI_MONTHS = [
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
]
_ENGLISH_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def system_clock() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def as_utc(moment: datetime) -> datetime:
    """An aware UTC datetime. SQLite gives back naive values; they were stored as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_date(moment: datetime, language: str) -> str:
    """The Bangkok day in the Buddhist era: "9 ธ.ค. 2565", in English "9 Dec 2565 B.E."."""
    local = as_utc(moment).astimezone(BANGKOK)
    year = local.year + BUDDHIST_OFFSET
    if language == "en":
        return f"{local.day} {_ENGLISH_MONTHS[local.month - 1]} {year} B.E."
    return f"{local.day} {_THAI_MONTHS[local.month - 1]} {year}"


def format_day(day: date, language: str) -> str:
    """A day that is no moment, as `format_date` writes days."""
    return format_date(datetime(day.year, day.month, day.day, tzinfo=BANGKOK), language)


def format_moment(moment: datetime, language: str, *, seconds: bool = False) -> str:
    """Day and time in Bangkok: "9 ธ.ค. 2565 16:30 น."; with `seconds`, to the second."""
    local = as_utc(moment).astimezone(BANGKOK)
    time = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    day = format_date(moment, language)
    return f"{day}, {time}" if language == "en" else f"{day} {time} น."


def format_closing(moment: datetime, language: str, exactness: str = "minute") -> str:
    """The end of a half-open window, as people say it: midnight is 24:00 of the last day that still counts.

    `exactness`: "day", "minute" or "second".
    """
    local = as_utc(moment).astimezone(BANGKOK)
    last = moment
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        last = moment - timedelta(seconds=1)
    if exactness == "day":
        return format_date(last, language)
    said = format_moment(moment, language, seconds=exactness == "second")
    if last is moment:
        return said
    before = format_date(moment, language), format_date(last, language)
    return said.replace(*before).replace("00:00", "24:00", 1)
