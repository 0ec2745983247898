"""The first plan of a project, from its filing and what was granted; and what is wrong with a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from app.kernel.findings import Problem
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.thai_text import arabic_digits
from app.monitoring.facts import Aim, CategoryOf, Cause, Plan, PlanLine, PlannedIndicator, Spending
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR, first_day, last_day
from app.proposals.facts import BudgetLine, Indicator, ProposalFacts

MOST_MILESTONES, LONGEST_TITLE, LONGEST_REASON = 50, 300, 4000

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


def spread(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """An amount in whole parts by weight, which add up to it again: the largest remainders get what rounding left over,
    earlier places first (Hamilton's method). Weights that are all 0 count as equal."""
    weights = weights if any(weights) else [1] * len(weights)
    total = sum(weights)
    parts = [amount * weight // total for weight in weights]
    left = amount - sum(parts)
    order = sorted(range(len(weights)), key=lambda n: (-(amount * weights[n] % total), n))
    for n in order[:left]:
        parts[n] += 1
    return tuple(parts)


def read_number(typed: str) -> str | None:
    """A number as people type it, as plain decimal text without needless zeros; None for anything else, a sentence or a
    range. Thai digits, commas and a percent sign are understood."""
    compact = arabic_digits(typed).replace(",", "").replace(" ", "").replace("−", "-").removesuffix("%")
    if not _NUMBER.fullmatch(compact):
        return None
    number = Decimal(compact)
    text = format(number.normalize(), "f") if number else "0"
    return text


def granted_lines(facts: ProposalFacts, approved: int) -> tuple[int, ...]:
    """What was granted for each line of a filing, satang: in proportion where less was granted than was asked for."""
    return spread(approved, [line.amount for line in facts.lines]) if facts.lines else ()


def first_plan(facts: ProposalFacts, granted: Sequence[int]) -> Plan:
    """The plan a project starts with: its lines as granted, spent by month as the filing's quarters say (evenly within a
    quarter, and over the year where none was stated), its indicators measured at the year's end."""
    lines = tuple(
        PlanLine(n, line.agency, line.category, line.item, amount)
        for n, (line, amount) in enumerate(zip(facts.lines, granted, strict=True), 1)
    )
    months: dict[CategoryOf, list[int]] = {}
    for line, amount in zip(facts.lines, granted, strict=True):
        row = months.setdefault((line.agency, line.category), [0] * LAST_MONTH)
        for month, part in enumerate(_months_of_line(line, amount)):
            row[month] += part
    spending = tuple(Spending(*key, tuple(row)) for key, row in months.items() if any(row))
    indicators = tuple(
        _planned(n, indicator, facts.lead.code) for n, indicator in enumerate(facts.indicators, 1)
    )
    return Plan(lines, spending, (), indicators, last_day(facts.fiscal_year, MONTHS_OF_YEAR))


def _months_of_line(line: BudgetLine, amount: int) -> tuple[int, ...]:
    stated = sum(line.quarters)
    parts = spread(amount, [*line.quarters, line.amount - stated])
    months = [part for quarter in parts[:4] for part in spread(quarter, (1, 1, 1))]
    anywhere = spread(parts[4], (1,) * MONTHS_OF_YEAR)
    return tuple(a + b for a, b in zip(months, anywhere, strict=True))


def _planned(position: int, indicator: Indicator, lead: str) -> PlannedIndicator:
    target, baseline = read_number(indicator.target), read_number(indicator.baseline)
    aim = Aim.DOWN if target and baseline and Decimal(target) < Decimal(baseline) else Aim.UP
    return PlannedIndicator(
        position,
        indicator.agency or lead,
        indicator.name,
        indicator.unit,
        indicator.baseline,
        indicator.target,
        aim,
        ("", "", "", target or ""),
    )


_SUMS = Text(
    "แผนรายเดือนของ{agency} {category} รวม {months} บาท แต่วงเงินคือ {lines} บาท",
    "The months of {agency}, {category}, add up to {months} baht, but {lines} baht are allotted",
)
_NEGATIVE = Text("จำนวนเงินต้องไม่ติดลบ", "Amounts must not be negative")
_TOTAL = Text(
    "วงเงินรวมต้องเท่าเดิม คือ {before} บาท แต่แผนนี้รวม {after} บาท",
    "The total must stay at {before} baht, but this plan adds up to {after}",
)
_MORE = Text(
    "วงเงินรวมต้องไม่เกินเดิม คือ {before} บาท แต่แผนนี้รวม {after} บาท",
    "The total must not exceed {before} baht, but this plan adds up to {after}",
)
_OF_AGENCY = Text(
    "วงเงินของแต่ละหน่วยงานต้องเท่าเดิม การโอนระหว่างหน่วยงานเป็นคำขออีกประเภทหนึ่ง",
    "Each agency's money must stay the same; transfers between agencies are a change of their own kind",
)
_OF_CATEGORY = Text(
    "วงเงินของแต่ละหน่วยงานและงบรายจ่ายต้องเท่าเดิม การโอนเป็นคำขออีกประเภทหนึ่ง",
    "What each agency has in each category must stay the same; transfers are a change of their own kind",
)
_SPENT = Text(
    "{agency} {category} ผูกพันหรือเบิกจ่ายไปแล้ว {spent} บาท จึงเหลือวงเงินน้อยกว่านี้ไม่ได้",
    "{agency} has committed or spent {spent} baht in {category} already; no less than that can be left",
)
_CARRIED = Text(
    "เงินหลังสิ้นปีงบประมาณวางแผนได้ในคำขอกันเงินไว้เบิกเหลื่อมปีเท่านั้น",
    "Money after the year's end can be planned only by a carry-over",
)
_WEIGHTS = Text(
    "น้ำหนักของงานสำคัญต้องรวมเป็น 100 (ขณะนี้ {sum})",
    "The weights of the milestones must add up to 100 (now {sum})",
)
_UNTITLED = Text("กรุณากรอกชื่องานสำคัญ", "Please name the milestone")
_TOO_LONG = Text("ยาวเกิน {n} ตัวอักษร", "Longer than {n} characters")
_OUTSIDE = Text(
    "กำหนดแล้วเสร็จต้องอยู่ระหว่าง 1 ตุลาคมของปีงบประมาณถึงวันสิ้นสุดโครงการ",
    "The day must lie between 1 October of the fiscal year and the project's end",
)
_END = Text(
    "วันสิ้นสุดโครงการต้องอยู่ในปีงบประมาณ หรือปีถัดไปเมื่อขยายเวลาหรือกันเงิน",
    "The project must end within the fiscal year, or the year after with an extension or a carry-over",
)
_NOT_A_NUMBER = Text("ค่าเป้าหมายรายไตรมาสต้องเป็นตัวเลข", "A quarter's target must be a number")
_TOO_MANY = Text("งานสำคัญมีได้ไม่เกิน 50 รายการ", "There may be at most 50 milestones")

# what a kind of change may move: the whole total, money between agencies, between categories and lines, after the year
_SAME_TOTAL = frozenset(
    {Cause.OPENING, Cause.DETAIL, Cause.TRANSFER, Cause.AGENCIES, Cause.EXTENSION, Cause.CARRY_OVER}
)
_BETWEEN_AGENCIES = frozenset({Cause.AGENCIES, Cause.SCOPE, Cause.CANCELLATION})
_BETWEEN_CATEGORIES = _BETWEEN_AGENCIES | {Cause.TRANSFER}
_LATER_END = frozenset({Cause.EXTENSION, Cause.CARRY_OVER})


def list_plan_problems(
    plan: Plan,
    before: Plan,
    cause: Cause,
    fiscal_year: int,
    used: Mapping[CategoryOf, int],
    names: Mapping[str, Text],
) -> list[Problem]:
    """Everything that speaks against a plan as the next version after `before`.

    `used` is what each agency has bound or spent in each category so far, whichever is more (satang); `names` are those
    of agencies and categories by code. Places: `spending-<n>` and `line-<position>` (n from 1, in the plan's order),
    `milestone-<n>-title|due_on|weight`, `indicator-<position>-q<n>`, `ends_on`, `total`.
    """
    return [
        *_money_problems(plan, before, cause, used, names),
        *_day_problems(plan, before, cause, fiscal_year),
        *_milestone_problems(plan, fiscal_year),
        *_indicator_problems(plan),
    ]


def _money_problems(
    plan: Plan,
    before: Plan,
    cause: Cause,
    used: Mapping[CategoryOf, int],
    names: Mapping[str, Text],
) -> Iterator[Problem]:
    for line in plan.lines:
        if line.amount < 0:
            yield Problem(f"line-{line.position}", _NEGATIVE)
    allotted, months = plan.allotted, dict.fromkeys(plan.allotted, 0)
    for n, row in enumerate(plan.spending, 1):
        if min(row.months) < 0:
            yield Problem(f"spending-{n}", _NEGATIVE)
        months[row.agency, row.category] = months.get((row.agency, row.category), 0) + row.total
    for (agency, category), total in months.items():
        if total != allotted.get((agency, category), 0):
            n = next(
                (n for n, r in enumerate(plan.spending, 1) if (r.agency, r.category) == (agency, category)), 0
            )
            words = {"agency": names.get(agency, agency), "category": names.get(category, category)}
            amounts = {
                "months": format_baht(total),
                "lines": format_baht(allotted.get((agency, category), 0)),
            }
            yield Problem(f"spending-{n}" if n else "total", _SUMS.fill(**words, **amounts))
    amounts = {"before": format_baht(before.total), "after": format_baht(plan.total)}
    if cause in _SAME_TOTAL and plan.total != before.total:
        yield Problem("total", _TOTAL.fill(**amounts))
    elif plan.total > before.total:
        yield Problem("total", _MORE.fill(**amounts))
    elif cause not in _BETWEEN_AGENCIES and _by_agency(plan) != _by_agency(before):
        yield Problem("total", _OF_AGENCY)
    elif cause not in _BETWEEN_CATEGORIES and _without_zeros(allotted) != _without_zeros(before.allotted):
        yield Problem("total", _OF_CATEGORY)
    for key, spent in used.items():
        if spent > allotted.get(key, 0):
            words = {"agency": names.get(key[0], key[0]), "category": names.get(key[1], key[1])}
            yield Problem("total", _SPENT.fill(**words, spent=format_baht(spent)))
    carried_before = {(r.agency, r.category): r.carried for r in before.spending}
    for n, row in enumerate(plan.spending, 1):
        grown = row.carried > carried_before.get((row.agency, row.category), 0)
        if grown and cause is not Cause.CARRY_OVER:
            yield Problem(f"spending-{n}", _CARRIED)


def _by_agency(plan: Plan) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in plan.lines:
        sums[line.agency] = sums.get(line.agency, 0) + line.amount
    return {agency: amount for agency, amount in sums.items() if amount}


def _without_zeros(amounts: Mapping[CategoryOf, int]) -> dict[CategoryOf, int]:
    return {key: amount for key, amount in amounts.items() if amount}


def _day_problems(plan: Plan, before: Plan, cause: Cause, fiscal_year: int) -> Iterator[Problem]:
    latest = last_day(fiscal_year, LAST_MONTH) if cause in _LATER_END else before.ends_on
    latest = max(latest, last_day(fiscal_year, MONTHS_OF_YEAR))
    if not first_day(fiscal_year, 1) <= plan.ends_on <= latest:
        yield Problem("ends_on", _END)


def _milestone_problems(plan: Plan, fiscal_year: int) -> Iterator[Problem]:
    if len(plan.milestones) > MOST_MILESTONES:
        yield Problem("milestones", _TOO_MANY)
    for n, milestone in enumerate(plan.milestones, 1):
        if not milestone.title.strip():
            yield Problem(f"milestone-{n}-title", _UNTITLED)
        elif len(milestone.title) > LONGEST_TITLE:
            yield Problem(f"milestone-{n}-title", _TOO_LONG.fill(n=LONGEST_TITLE))
        if not first_day(fiscal_year, 1) <= milestone.due_on <= plan.ends_on:
            yield Problem(f"milestone-{n}-due_on", _OUTSIDE)
    weights = sum(m.weight for m in plan.milestones)
    if plan.milestones and (weights != 100 or min(m.weight for m in plan.milestones) < 0):
        yield Problem("milestone-1-weight", _WEIGHTS.fill(sum=weights))


def _indicator_problems(plan: Plan) -> Iterator[Problem]:
    for indicator in plan.indicators:
        for quarter, target in enumerate(indicator.quarters, 1):
            if target and read_number(target) != target:
                yield Problem(f"indicator-{indicator.position}-q{quarter}", _NOT_A_NUMBER)


def carried_over(plan: Plan, rest: Mapping[CategoryOf, int], month: int) -> Plan:
    """The plan with what is left (`rest`, satang) meant to be spent evenly in the months after the year's end up to and
    with `month` (13 to 24), and the project ending with it."""
    spending = []
    for row in plan.spending:
        left = rest.get((row.agency, row.category), 0)
        kept = list(row.months)
        for at in reversed(range(MONTHS_OF_YEAR)):  # what is left was meant for the last months
            taken = min(left - sum(kept[MONTHS_OF_YEAR:]), kept[at])
            kept[at] -= taken
            kept[MONTHS_OF_YEAR] += taken
        later = spread(sum(kept[MONTHS_OF_YEAR:]), [1] * (month - MONTHS_OF_YEAR))
        kept[MONTHS_OF_YEAR:] = [*later, *[0] * (LAST_MONTH - month)]
        spending.append(replace(row, months=tuple(kept)))
    return replace(plan, spending=tuple(spending))
