"""A moment typed in four fields: Buddhist years, Thai digits, Bangkok time, and words for what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.web.moments import (
    CHRISTIAN_YEAR,
    NO_SUCH_DAY,
    NOT_A_DAY,
    NOT_A_MONTH,
    NOT_A_TIME,
    NOT_A_YEAR,
    TypedMoment,
)

# day, month, year, time -> UTC
READ: list[tuple[tuple[str, str, str, str], datetime]] = [
    (("27", "11", "2568", "16:30"), datetime(2025, 11, 27, 9, 30, tzinfo=UTC)),
    (("๒๗", "11", "๒๕๖๘", "๑๖.๓๐ น."), datetime(2025, 11, 27, 9, 30, tzinfo=UTC)),
    ((" 27 ", "11", " 2568 ", " 9:05 "), datetime(2025, 11, 27, 2, 5, tzinfo=UTC)),
    (("27", "11", "2568", "24:00"), datetime(2025, 11, 27, 17, 0, tzinfo=UTC)),
    (("28", "11", "2568", "00:00"), datetime(2025, 11, 27, 17, 0, tzinfo=UTC)),
    (("31", "12", "2568", "24:00"), datetime(2025, 12, 31, 17, 0, tzinfo=UTC)),
    (("29", "2", "2567", "00:00"), datetime(2024, 2, 28, 17, 0, tzinfo=UTC)),
]


@pytest.mark.parametrize(("typed", "moment"), READ, ids=str)
def test_what_people_type_is_read(typed: tuple[str, str, str, str], moment: datetime) -> None:
    assert TypedMoment("at", *typed).read() == (moment, ())


@pytest.mark.parametrize(
    "moment",
    [datetime(2025, 11, 27, 9, 30, tzinfo=UTC), datetime(2025, 12, 31, 17, 0, tzinfo=UTC)],
    ids=str,
)
def test_what_is_written_is_read_back(moment: datetime) -> None:
    assert TypedMoment.of("at", moment).read() == (moment, ())
    assert TypedMoment.of("at", datetime(2025, 12, 31, 17, 0, tzinfo=UTC)).time == "24:00"


GOOD = {"day": "27", "month": "11", "year": "2568", "time": "16:30"}
# what is typed instead -> the field, why
WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"day": ""}, "at-day", NOT_A_DAY.th),
    ({"day": "0"}, "at-day", NOT_A_DAY.th),
    ({"day": "32"}, "at-day", NOT_A_DAY.th),
    ({"day": "-1"}, "at-day", NOT_A_DAY.th),
    ({"day": "²"}, "at-day", NOT_A_DAY.th),
    ({"day": "30", "month": "2"}, "at-day", NO_SUCH_DAY.th),
    ({"day": "29", "month": "2", "year": "2568"}, "at-day", NO_SUCH_DAY.th),
    ({"month": ""}, "at-month", NOT_A_MONTH.th),
    ({"month": "13"}, "at-month", NOT_A_MONTH.th),
    ({"year": ""}, "at-year", NOT_A_YEAR.th),
    ({"year": "68"}, "at-year", NOT_A_YEAR.th),
    ({"year": "25688"}, "at-year", NOT_A_YEAR.th),
    ({"year": "2025"}, "at-year", CHRISTIAN_YEAR.fill(year=2025, thai=2568).th),
    ({"time": ""}, "at-time", NOT_A_TIME.th),
    ({"time": "เที่ยง"}, "at-time", NOT_A_TIME.th),
    ({"time": "25:00"}, "at-time", NOT_A_TIME.th),
    ({"time": "24:01"}, "at-time", NOT_A_TIME.th),
    ({"time": "16:60"}, "at-time", NOT_A_TIME.th),
    ({"time": "1630"}, "at-time", NOT_A_TIME.th),
]


@pytest.mark.parametrize(("change", "place", "why"), WRONG, ids=str)
def test_what_is_wrong_is_named_at_its_field(change: dict[str, str], place: str, why: str) -> None:
    form = {f"at-{key}": value for key, value in (GOOD | change).items()}
    moment, problems = TypedMoment.sent("at", form).read()
    assert moment is None
    assert [(p.place, p.text.th) for p in problems] == [(place, why)]


def test_everything_wrong_is_told_at_once() -> None:
    moment, problems = TypedMoment.sent("at", {}).read()
    assert moment is None
    assert [p.place for p in problems] == ["at-day", "at-month", "at-year", "at-time"]
