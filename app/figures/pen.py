"""One language for one paper: both wordings stand at the place of use, the pen writes one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from app.kernel.clock import BANGKOK, BUDDHIST_OFFSET, as_utc, format_date, format_moment
from app.kernel.text import Text

THAI_MONTHS = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)


class Pen:
    """Writes in `language`; Thai for any other language than "en"."""

    def __init__(self, language: str):
        self.language: Literal["th", "en"] = "en" if language == "en" else "th"

    def __call__(self, th: str, en: str) -> str:
        return en if self.language == "en" else th

    def name(self, text: Text) -> str:
        """A name; the Thai one where nobody gave an English one."""
        return text.say(self.language) or text.th

    def name_or_empty(self, text: Text | None) -> str:
        return "" if text is None else self.name(text)

    def day(self, moment: datetime) -> str:
        return format_date(moment, self.language)

    def official_day(self, moment: datetime) -> str:
        """The day as an official letter writes it: 26 มกราคม 2566."""
        if self.language == "en":
            return self.day(moment)
        local = as_utc(moment).astimezone(BANGKOK)
        return f"{local.day} {THAI_MONTHS[local.month - 1]} {local.year + BUDDHIST_OFFSET}"

    def moment(self, moment: datetime) -> str:
        return format_moment(moment, self.language)

    def second(self, moment: datetime) -> str:
        return format_moment(moment, self.language, seconds=True)


def number_of(number: int, one: str, many: str) -> str:
    """An English number with its noun: "1 project", "78 projects"."""
    return f"{number:,} {one if number == 1 else many}"
