"""A moment as people type it into four fields: day, month, year of the Buddhist era, and the time in Bangkok."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from app.kernel.clock import BANGKOK, BUDDHIST_OFFSET, as_utc
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import arabic_digits
from app.web.tags import Options

MONTHS = (
    Text("มกราคม", "January"),
    Text("กุมภาพันธ์", "February"),
    Text("มีนาคม", "March"),
    Text("เมษายน", "April"),
    Text("พฤษภาคม", "May"),
    Text("มิถุนายน", "June"),
    Text("กรกฎาคม", "July"),
    Text("สิงหาคม", "August"),
    Text("กันยายน", "September"),
    Text("ตุลาคม", "October"),
    Text("พฤศจิกายน", "November"),
    Text("ธันวาคม", "December"),
)
MONTH_OPTIONS = Options((str(n), name) for n, name in enumerate(MONTHS, 1))

NOT_A_DAY = Text("กรุณากรอกวันที่เป็นตัวเลข 1 ถึง 31", "Enter the day as a number from 1 to 31")
NOT_A_MONTH = Text("กรุณาเลือกเดือน", "Choose the month")
NOT_A_YEAR = Text("กรุณากรอกปี พ.ศ. สี่หลัก เช่น 2569", "Enter the year of the Buddhist era, such as 2569")
CHRISTIAN_YEAR = Text(
    "กรุณากรอกเป็นปี พ.ศ. (ค.ศ. {year} คือ พ.ศ. {thai})",
    "Enter the year of the Buddhist era ({year} C.E. is {thai})",
)
NO_SUCH_DAY = Text("ไม่มีวันที่นี้ในเดือนที่เลือก", "The month has no such day")
NOT_A_TIME = Text("กรุณากรอกเวลา เช่น 16:30 หรือ 24:00", "Enter the time, such as 16:30 or 24:00")

_TIME = re.compile(r"([01]?\d|2[0-4])[:.]([0-5]\d)")
_YEARS = range(2400, 2800)


@dataclass(frozen=True, slots=True)
class TypedMoment:
    """What was typed. Fields are named `{name}-day`, `-month`, `-year` and `-time`; problems stand at them."""

    name: str
    day: str = ""
    month: str = ""
    year: str = ""
    time: str = ""

    @classmethod
    def of(cls, name: str, moment: datetime) -> TypedMoment:
        """A moment as it would be typed; midnight is 24:00 of the day before."""
        local = as_utc(moment).astimezone(BANGKOK)
        is_midnight = (local.hour, local.minute) == (0, 0)
        day = local - timedelta(days=1) if is_midnight else local
        return cls(
            name,
            str(day.day),
            str(day.month),
            str(day.year + BUDDHIST_OFFSET),
            "24:00" if is_midnight else f"{local:%H:%M}",
        )

    @classmethod
    def sent(cls, name: str, form: Mapping[str, str]) -> TypedMoment:
        """What a form sent."""
        return cls(name, *(form.get(f"{name}-{part}", "") for part in ("day", "month", "year", "time")))

    @classmethod
    def of_day(cls, name: str, day: date) -> TypedMoment:
        """A day as it would be typed, for fields without a time."""
        return cls(name, str(day.day), str(day.month), str(day.year + BUDDHIST_OFFSET))

    def read_day(self) -> tuple[date | None, tuple[Problem, ...]]:
        """The day, where no time is asked for; or None, and all that is wrong with it."""
        moment, problems = replace(self, time="00:00").read()
        return (moment.astimezone(BANGKOK).date() if moment else None), problems

    def read(self) -> tuple[datetime | None, tuple[Problem, ...]]:
        """The moment, UTC; or None, and all that is wrong with it."""
        day, month, year = _number(self.day), _number(self.month), _number(self.year)
        time = _TIME.fullmatch(_plain(self.time).removesuffix("น.").strip())
        problems = []
        if day is None or not 1 <= day <= 31:
            problems.append(Problem(f"{self.name}-day", NOT_A_DAY))
        if month is None or not 1 <= month <= 12:
            problems.append(Problem(f"{self.name}-month", NOT_A_MONTH))
        if year is None or year not in _YEARS:
            thai = (year or 0) + BUDDHIST_OFFSET
            why = CHRISTIAN_YEAR.fill(year=year, thai=thai) if thai in _YEARS else NOT_A_YEAR
            problems.append(Problem(f"{self.name}-year", why))
        if time is None or (time[1] == "24" and time[2] != "00"):
            problems.append(Problem(f"{self.name}-time", NOT_A_TIME))
        if problems or day is None or month is None or year is None or time is None:
            return None, tuple(problems)
        try:
            midnight = datetime(year - BUDDHIST_OFFSET, month, day, tzinfo=BANGKOK)
        except ValueError:
            return None, (Problem(f"{self.name}-day", NO_SUCH_DAY),)
        return as_utc(midnight + timedelta(hours=int(time[1]), minutes=int(time[2]))), ()


def _plain(typed: str) -> str:
    return arabic_digits(typed).strip()


def _number(typed: str) -> int | None:
    plain = _plain(typed)
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 4 else None
