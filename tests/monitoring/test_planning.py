"""Amounts spread without losing a satang, numbers as people type them, and what is wrong with a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.text import Text
from app.kernel.values import freeze_value, thaw_value
from app.monitoring.facts import Aim, Cause, Milestone, Plan, PlanLine, PlannedIndicator, Spending
from app.monitoring.planning import carried_over, list_plan_problems, read_number, spread

NAMES = {code: Text(code, code) for code in ("alpha", "beta", "capital", "operations")}


def months(**amounts: int) -> tuple[int, ...]:
    return tuple(amounts.get(f"m{n}", 0) for n in range(1, 25))


PLAN = Plan(
    lines=(
        PlanLine(1, "alpha", "capital", "ระบบ", 600),
        PlanLine(2, "alpha", "operations", "จ้าง", 300),
        PlanLine(3, "beta", "operations", "จ้าง", 100),
    ),
    spending=(
        Spending("alpha", "capital", months(m3=600)),
        Spending("alpha", "operations", months(m6=100, m12=200)),
        Spending("beta", "operations", months(m9=100)),
    ),
    milestones=(Milestone(1, "alpha", "ส่งมอบ", date(2026, 5, 1), 100),),
    indicators=(PlannedIndicator(1, "alpha", "บริการ", "บริการ", "0", "12", Aim.UP, ("3", "6", "9", "12")),),
    ends_on=date(2026, 9, 30),
)


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**13), min_size=1, max_size=30))
def test_parts_add_up_and_none_is_off_by_more_than_a_satang(amount: int, weights: list[int]) -> None:
    parts = spread(amount, weights)
    assert sum(parts) == amount
    shares = weights if any(weights) else [1] * len(weights)
    assert all(
        abs(part * sum(shares) - amount * share) < sum(shares)
        for part, share in zip(parts, shares, strict=True)
    )


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("85", "85"),
        ("๘๕", "85"),
        ("1,200.50", "1200.5"),
        ("85 %", "85"),
        ("-3", "-3"),
        ("0.00", "0"),
        ("100", "100"),
    ]
    + [(text, None) for text in ("", "ร้อยละ 85", "80-90", "1e5", "≥ 80", "nan", "1.2.3")],
)
def test_numbers_as_people_type_them(typed: str, number: str | None) -> None:
    assert read_number(typed) == number


def moved(change: Callable[[Plan], Plan]) -> Plan:
    return change(PLAN)


def lines(*amounts: int) -> Callable[[Plan], Plan]:
    """The same lines with other amounts, the months following them."""

    def change(plan: Plan) -> Plan:
        new = tuple(replace(line, amount=n) for line, n in zip(plan.lines, amounts, strict=True))
        rows = tuple(replace(r, months=months(m12=n)) for r, n in zip(plan.spending, amounts, strict=True))
        return replace(plan, lines=new, spending=rows)

    return change


def spent_later(plan: Plan) -> Plan:
    rows = (replace(plan.spending[0], months=months(m3=500, m13=100)), *plan.spending[1:])
    return replace(plan, spending=rows, ends_on=date(2026, 12, 31))


CASES: list[tuple[Cause, Callable[[Plan], Plan], set[str]]] = [
    (Cause.DETAIL, lambda p: p, set()),
    (Cause.DETAIL, lines(500, 400, 100), {"total"}),
    (Cause.TRANSFER, lines(500, 400, 100), set()),
    (Cause.TRANSFER, lines(500, 300, 200), {"total"}),
    (Cause.AGENCIES, lines(500, 300, 200), set()),
    (Cause.AGENCIES, lines(600, 300, 200), {"total"}),
    (Cause.AGENCIES, lines(500, 300, 100), {"total"}),
    (Cause.SCOPE, lines(500, 300, 100), set()),
    (Cause.SCOPE, lines(700, 300, 100), {"total"}),
    (Cause.CANCELLATION, lines(50, 0, 0), set()),
    (Cause.CANCELLATION, lines(0, 0, 0), {"total"}),  # 50 are spent
    (Cause.TRANSFER, lines(-100, 1000, 100), {"line-1", "spending-1", "total"}),
    (Cause.DETAIL, spent_later, {"spending-1", "ends_on"}),
    (Cause.CARRY_OVER, spent_later, set()),
    (Cause.EXTENSION, lambda p: replace(p, ends_on=date(2026, 12, 31)), set()),
    (Cause.EXTENSION, lambda p: replace(p, ends_on=date(2027, 10, 1)), {"ends_on"}),
    (Cause.DETAIL, lambda p: replace(p, spending=p.spending[1:]), {"total"}),
    (
        Cause.DETAIL,
        lambda p: replace(p, milestones=(replace(p.milestones[0], weight=99, title=" "),)),
        {"milestone-1-weight", "milestone-1-title"},
    ),
    (
        Cause.DETAIL,
        lambda p: replace(p, milestones=(replace(p.milestones[0], due_on=date(2026, 10, 1)),)),
        {"milestone-1-due_on"},
    ),
    (
        Cause.DETAIL,
        lambda p: replace(p, indicators=(replace(p.indicators[0], quarters=("", "มาก", "", "12")),)),
        {"indicator-1-q2"},
    ),
]


@pytest.mark.parametrize(("cause", "change", "places"), CASES)
def test_what_a_change_may_move(cause: Cause, change: Callable[[Plan], Plan], places: set[str]) -> None:
    problems = list_plan_problems(moved(change), PLAN, cause, 2569, {("alpha", "capital"): 50}, NAMES)
    assert {p.place for p in problems} == places


@given(st.integers(0, 600), st.integers(13, 24))
def test_what_is_carried_over_adds_up(rest: int, month: int) -> None:
    plan = carried_over(PLAN, {("alpha", "capital"): rest}, month)
    row = plan.spending[0]
    assert (row.total, row.carried) == (600, rest)
    assert not any(row.months[month:])


def test_a_plan_is_read_back_as_it_was() -> None:
    assert thaw_value(Plan, freeze_value(PLAN)) == PLAN
