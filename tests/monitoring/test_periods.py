"""Months and quarters of a fiscal year, and by when they are reported."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from app.kernel.clock import BANGKOK
from app.monitoring.periods import (
    ReportKind,
    due_at,
    first_day,
    last_day,
    month_name,
    month_of,
    months_of,
    quarter_of,
    report_title,
)


@pytest.mark.parametrize(
    ("month", "first", "last", "name"),
    [
        (1, date(2023, 10, 1), date(2023, 10, 31), "ตุลาคม 2566"),
        (4, date(2024, 1, 1), date(2024, 1, 31), "มกราคม 2567"),
        (5, date(2024, 2, 1), date(2024, 2, 29), "กุมภาพันธ์ 2567"),
        (12, date(2024, 9, 1), date(2024, 9, 30), "กันยายน 2567"),
        (13, date(2024, 10, 1), date(2024, 10, 31), "ตุลาคม 2567"),
        (24, date(2025, 9, 1), date(2025, 9, 30), "กันยายน 2568"),
    ],
)
def test_months_of_the_fiscal_year_2567(month: int, first: date, last: date, name: str) -> None:
    assert (first_day(2567, month), last_day(2567, month), month_name(2567, month).th) == (first, last, name)
    assert month_of(2567, first) == month_of(2567, last) == month
    assert month in months_of(quarter_of(month))


@pytest.mark.parametrize(
    ("kind", "period", "days", "day"),
    [
        (ReportKind.MONEY, 1, 10, (2023, 11, 11)),
        (ReportKind.MONEY, 12, 10, (2024, 10, 11)),
        (ReportKind.PROGRESS, 1, 15, (2024, 1, 16)),
        (ReportKind.PROGRESS, 8, 15, (2025, 10, 16)),
        (ReportKind.MONEY, 24, 0, (2025, 10, 1)),
    ],
)
def test_a_report_is_in_time_until_its_day_is_over(
    kind: ReportKind, period: int, days: int, day: tuple[int, int, int]
) -> None:
    assert due_at(2567, kind, period, days) == datetime(*day, tzinfo=BANGKOK)
    assert due_at(2567, kind, period, days) - timedelta(seconds=1) < datetime(*day, tzinfo=BANGKOK)


@pytest.mark.parametrize(
    ("kind", "period", "thai", "english"),
    [
        (
            ReportKind.MONEY,
            1,
            "รายงานการใช้จ่ายประจำเดือน ตุลาคม 2566",
            "Monthly report of money, October 2566 B.E.",
        ),
        # "ไตรมาส" is said once
        (
            ReportKind.PROGRESS,
            4,
            "รายงานความก้าวหน้า ไตรมาส 4 ปีงบประมาณ 2567",
            "Quarterly report of progress, Quarter 4 of FY 2567",
        ),
    ],
)
def test_a_report_is_called_by_its_kind_and_period(
    kind: ReportKind, period: int, thai: str, english: str
) -> None:
    title = report_title(2567, kind, period)
    assert (title.th, title.en) == (thai, english)
