"""The pictures of plan against actual; each answers the question above it, with its numbers in a table."""

from __future__ import annotations

from collections.abc import Sequence

from app.figures.pen import Pen
from app.monitoring.curves import Curve
from app.monitoring.periods import MONTHS_OF_YEAR, month_name
from app.monitoring.queries.standing_views import Group
from app.monitoring.queries.years import YearStanding
from app.monitoring.targets import SpendingClass, Targets
from reports.document import Chart, Series

GROUPS_SHOWN = 12
# told apart in lightness and by the shape of their marks; none of the three waters, which mean stages
_PLANNED, _COMMITTED, _SPENT, _TARGET = "slate", "#d97706", "navy", "red"
_YEARS = ("navy", "#d97706", "slate", "#5b7fb5", "green", "red")


def month_names(fiscal_year: int, months: int, pen: Pen) -> tuple[str, ...]:
    """The months of a curve, short."""
    return tuple(pen.name(month_name(fiscal_year, month, short=True)) for month in range(1, months + 1))


def curve_chart(
    curve: Curve,
    fiscal_year: int,
    pen: Pen,
    *,
    targets: Targets | None = None,
    allotted: int = 0,
    whose: str = "",
) -> Chart:
    """Plan, commitments and payments by month, cumulative; with the cabinet's overall targets where they are known."""
    points = curve.points
    series = [
        Series(pen("แผนสะสม", "Planned"), tuple(p.planned for p in points), _PLANNED, "planned"),
        Series(pen("ผูกพันสะสม", "Committed"), tuple(p.committed for p in points), _COMMITTED, "committed"),
        Series(pen("เบิกจ่ายสะสม", "Paid"), tuple(p.spent for p in points), _SPENT, "spent"),
    ]
    wanted = target_amounts(targets, allotted, len(points))
    if any(amount is not None for amount in wanted):
        series.append(Series(pen("เป้าหมาย ครม.", "Cabinet target"), wanted, _TARGET, "target"))
    title = pen("แผนและผลการใช้จ่ายสะสม", "Planned and actual spending, cumulative")
    return Chart(
        f"{title} {whose}".strip(),
        pen("การใช้จ่ายเป็นไปตามแผนหรือไม่", "Is spending on plan?"),
        "line",
        month_names(fiscal_year, len(points), pen),
        tuple(series),
        table="curve",
        category_key="month",
    )


def target_amounts(targets: Targets | None, allotted: int, months: int) -> tuple[int | None, ...]:
    """The overall target by month in satang, where one is confirmed; rounded down."""
    found: list[int | None] = [None] * months
    if targets is not None and allotted:
        for target in targets.targets:
            if target.spending_class is SpendingClass.OVERALL and target.quarter * 3 <= months:
                found[target.quarter * 3 - 1] = allotted * target.percent // 10_000
    return tuple(found)


def years_chart(years: Sequence[YearStanding], pen: Pen) -> Chart:
    """Paid of what may be spent, by month, one line for each year; hundredths of a percent."""
    shown = [y for y in years if y.sums.allotted][: len(_YEARS)]
    return Chart(
        pen("การเบิกจ่ายสะสมรายปี (ร้อยละของวงเงิน)", "Paid by month, year by year (percent of the money)"),
        pen("ปีนี้เร็วหรือช้ากว่าปีก่อน ๆ", "Is this year ahead of earlier ones, or behind?"),
        "line",
        tuple(
            pen.name(month_name(2567, month, short=True)).rsplit(" ", 1)[0]
            for month in range(1, MONTHS_OF_YEAR + 1)
        ),
        tuple(
            Series(
                f"{y.monitored.fiscal_year}",
                tuple(
                    y.curve.spent_by(month) * 10_000 // y.sums.allotted if month <= y.month else None
                    for month in range(1, MONTHS_OF_YEAR + 1)
                ),
                colour,
            )
            for y, colour in zip(shown, _YEARS, strict=False)
        ),
        value_kind="percent",
    )


def groups_chart(groups: Sequence[Group], question: str, title: str, pen: Pen) -> Chart:
    """Planned by now against paid, for the largest groups."""
    shown = groups[:GROUPS_SHOWN]
    return Chart(
        title,
        question,
        "bar",
        tuple(pen.name(g.name) for g in shown),
        (
            Series(
                pen("แผนถึงเดือนนี้", "Planned by now"), tuple(g.sums.planned for g in shown), _PLANNED, "planned"
            ),
            Series(pen("เบิกจ่ายแล้ว", "Paid"), tuple(g.sums.spent for g in shown), _SPENT, "spent"),
        ),
        horizontal=True,
    )
