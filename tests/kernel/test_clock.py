"""Time: stored in UTC, judged and shown in Bangkok, in the Buddhist era."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.kernel.clock import BANGKOK, as_utc, format_closing, format_date, format_moment, system_clock
from app.kernel.db import Moment, wal_is_safe
from app.kernel.fiscal_year import fiscal_year_of

LAST_SECOND_OF_2565 = datetime(2022, 12, 31, 16, 59, 59, tzinfo=UTC)
STEP = timedelta(seconds=1)
TOKYO = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("moment", "th", "en"),
    [
        (LAST_SECOND_OF_2565, "31 ธ.ค. 2565 23:59:59 น.", "31 Dec 2565 B.E., 23:59:59"),
        (LAST_SECOND_OF_2565 + STEP, "1 ม.ค. 2566 00:00:00 น.", "1 Jan 2566 B.E., 00:00:00"),
        (
            datetime(2024, 2, 29, 3, 5, 7, tzinfo=TOKYO),
            "29 ก.พ. 2567 01:05:07 น.",
            "29 Feb 2567 B.E., 01:05:07",
        ),
    ],
)
def test_moments_are_shown_in_bangkok(moment: datetime, th: str, en: str) -> None:
    assert format_moment(moment, "th", seconds=True) == th
    assert format_moment(moment, "en", seconds=True) == en
    assert format_moment(moment, "th") == th[:-6] + " น."
    assert format_moment(moment, "en") == en[:-3]
    assert format_date(moment, "th") == " ".join(th.split()[:3])


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2022, 9, 30, 16, 59, 59, 999_999, tzinfo=UTC), 2565),
        (datetime(2022, 9, 30, 17, 0, tzinfo=UTC), 2566),
        (datetime(2022, 12, 31, 17, 0, tzinfo=UTC), 2566),
        (datetime(2023, 9, 30, 23, 59, tzinfo=BANGKOK), 2566),
        (datetime(2023, 10, 1, 0, 0, tzinfo=BANGKOK), 2567),
    ],
)
def test_fiscal_year_turns_on_the_first_of_october_in_bangkok(moment: datetime, year: int) -> None:
    assert fiscal_year_of(moment) == year


MIDNIGHT = datetime(2025, 11, 26, 17, 0, tzinfo=UTC)  # 27 Nov 2568, 00:00 in Bangkok


@pytest.mark.parametrize(
    ("moment", "exactness", "th", "en"),
    [
        (MIDNIGHT, "day", "26 พ.ย. 2568", "26 Nov 2568 B.E."),
        (MIDNIGHT, "minute", "26 พ.ย. 2568 24:00 น.", "26 Nov 2568 B.E., 24:00"),
        (MIDNIGHT, "second", "26 พ.ย. 2568 24:00:00 น.", "26 Nov 2568 B.E., 24:00:00"),
        (MIDNIGHT - timedelta(minutes=30), "minute", "26 พ.ย. 2568 23:30 น.", "26 Nov 2568 B.E., 23:30"),
        (MIDNIGHT + timedelta(hours=9), "day", "27 พ.ย. 2568", "27 Nov 2568 B.E."),
    ],
)
def test_closing_at_midnight_is_the_end_of_the_last_day(
    moment: datetime, exactness: str, th: str, en: str
) -> None:
    assert format_closing(moment, "th", exactness) == th
    assert format_closing(moment, "en", exactness) == en


def test_naive_moments_are_never_stored() -> None:
    naive = datetime(2022, 12, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        Moment().process_bind_param(naive, None)
    assert as_utc(naive) == datetime(2022, 12, 1, tzinfo=UTC)
    assert system_clock().tzinfo is UTC


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_versions_with_the_wal_reset_bug_get_no_wal(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe
