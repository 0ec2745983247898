"""Two languages in every template, and the filters that write values the way people read them.

    {{ t("ยื่นคำขอ", "Submit") }}   {{ call.name|say }}   {{ line.total|baht }}   {{ opens_at|moment }}

The language is chosen once per request and held in a context variable, so that macros imported without context
see it too, and a table of a thousand rows pays next to nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import date as calendar_date
from datetime import datetime
from typing import Any

from flask import Flask, request, session

from app.kernel.clock import BANGKOK, format_closing, format_date, format_day, format_moment
from app.kernel.money import format_baht, format_million
from app.kernel.text import LANGUAGES, Text
from app.web.signing import current_session, half_session
from reports.rounding import rounding_difference
from reports.thai import word

_language: ContextVar[str] = ContextVar("language", default="th")


def language() -> str:
    """The reader's language: "th" or "en"."""
    return _language.get()


def set_language(code: str) -> None:
    """Read the rest of this request in `code`."""
    _language.set(code)


def choose_for_request() -> None:
    """The person's own choice, else the visitor's cookie, else Thai whatever the browser says."""
    _language.set("th")
    if request.endpoint == "assets.file":
        return  # the same for everybody, so that the cookie is not even looked at
    if request.blueprint == "site":  # likewise: what anybody may keep is told apart by its address alone
        _language.set("en" if request.args.get("lang") == "en" else "th")
        return
    signed_in, half = current_session(), half_session()
    chosen_here = session.get("language") or (half.language if half else None)
    wanted = signed_in.language if signed_in else chosen_here
    if wanted in LANGUAGES:
        _language.set(wanted)


def t(th: str, en: str) -> str:
    """One of two wordings, by the reader's language."""
    return en if _language.get() == "en" else th


def say(value: Any) -> Any:
    """A `Text` in the reader's language; anything else as it is."""
    return value.say(_language.get()) if isinstance(value, Text) else value


def date(moment: datetime | None) -> str:
    """The Bangkok day, Buddhist era."""
    return format_date(moment, _language.get()) if moment else "–"


def day(value: calendar_date | None) -> str:
    """A day that is no moment, Buddhist era."""
    return format_day(value, _language.get()) if value else "–"


def moment(value: datetime | None) -> str:
    """The Bangkok day and minute, Buddhist era."""
    return format_moment(value, _language.get()) if value else "–"


def second(value: datetime | None) -> str:
    """The Bangkok day and second, Buddhist era: receipts and deadlines."""
    return format_moment(value, _language.get(), seconds=True) if value else "–"


def clock_time(value: datetime) -> str:
    """The Bangkok hour and minute, "14:32"."""
    return value.astimezone(BANGKOK).strftime("%H:%M")


def closing(value: datetime, exactness: str = "minute") -> str:
    """The end of a half-open window, as people say it: midnight is 24:00 of the last day that still counts.

    `exactness`: "day", "minute" or "second".
    """
    return format_closing(value, _language.get(), exactness)


def baht(satang: int | None) -> str:
    """Satang as full baht with two decimals; an en dash for no amount."""
    return "–" if satang is None else format_baht(satang)


def million(satang: int | None) -> str:
    """Satang as million baht with four decimals; an en dash for no amount."""
    return "–" if satang is None else format_million(satang)


def rounding(amounts: Iterable[int | None]) -> int:
    """What a column of amounts, shown as million baht, lacks to its total as shown: satang, 0 when it adds up."""
    return rounding_difference(amounts)


def rounding_rule() -> str:
    """How amounts in million baht are rounded and made to add up, in the words of the papers."""
    return word("rounding_rule", "en" if language() == "en" else "th")


def score(hundredths: int | None) -> str:
    """Hundredths of a point with two decimals; an en dash for no score."""
    if hundredths is None:
        return "–"
    sign, value = ("-", -hundredths) if hundredths < 0 else ("", hundredths)
    return f"{sign}{value // 100}.{value % 100:02d}"


def count(number: int | None) -> str:
    """A whole number with thousands separated; an en dash for none."""
    return "–" if number is None else f"{number:,}"


def time_left(until: datetime, now: datetime) -> Text:
    """How long until a deadline: in days and hours, on the last day in hours and minutes, then in minutes."""
    seconds = int((until - now).total_seconds())
    if seconds <= 0:
        return Text("หมดเวลาแล้ว", "time is up")
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    if days:
        return Text(f"เหลือ {days} วัน {hours} ชั่วโมง", f"{_many(days, 'day')} {_many(hours, 'hour')} left")
    minutes = rest // 60
    if hours:
        return Text(
            f"เหลือ {hours} ชั่วโมง {minutes} นาที", f"{_many(hours, 'hour')} {_many(minutes, 'minute')} left"
        )
    if minutes:
        return Text(f"เหลือ {minutes} นาที", f"{_many(minutes, 'minute')} left")
    return Text("เหลือไม่ถึง 1 นาที", "less than a minute left")


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def register(app: Flask) -> None:
    """Give the words to every template."""
    app.before_request(choose_for_request)
    app.jinja_env.globals.update(t=t, language=language, time_left=time_left, rounding_rule=rounding_rule)
    for filter_ in (say, date, day, moment, second, closing, baht, million, rounding, score, count):
        app.jinja_env.filters[filter_.__name__] = filter_
