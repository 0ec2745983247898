"""What an agency types into a change of plan, read into the plan it amounts to.

Fields, by kind of change: `line-<position>` (baht), `new-<n>-agency|category|item|amount` (lines that are added),
`spending-<n>-m<month>` (baht, n in the plan's order from 1), `carry-<n>` (baht, with `until`: the last month, 13 to 24),
`milestone-<n>-title|agency|weight|position` and its day, `indicator-<position>-q<quarter>`, and the day `ends_on`. Days
come read already, because how a day is typed is the page's affair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import field, replace
from datetime import date

from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import MoneyError, format_baht, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, arabic_digits, normalise
from app.monitoring.facts import CategoryOf, Cause, Milestone, Plan, PlanLine, PlannedIndicator, Spending
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR, last_day
from app.monitoring.planning import LONGEST_REASON, carried_over, list_plan_problems, read_number, spread

NEW_LINES = 3
BLANK_MILESTONES = 5

MONEY_KINDS = frozenset({Cause.TRANSFER, Cause.AGENCIES, Cause.SCOPE})
MONTH_KINDS = MONEY_KINDS | {Cause.DETAIL}
WORK_KINDS = frozenset({Cause.DETAIL, Cause.EXTENSION, Cause.SCOPE})

_NOT_WHOLE = Text("น้ำหนักต้องเป็นจำนวนเต็ม 0 ถึง 100", "The weight must be a whole number from 0 to 100")
_NOT_OFFERED = Text("ตัวเลือกนี้ไม่มีในรายการ กรุณาเลือกใหม่", "This choice is not offered; choose again")
_NAME_LINE = Text("กรุณากรอกชื่อรายการที่เพิ่ม", "Please name the line that is added")
_NO_DAY = Text("กรุณากรอกกำหนดแล้วเสร็จ", "Please enter the day")
_UNTIL = Text("กรุณาเลือกเดือนสุดท้ายที่เบิกจ่าย", "Choose the last month in which the money is spent")
_TOO_MUCH = Text(
    "กันเงินได้ไม่เกินเงินที่ไม่ได้เบิกจ่ายภายในปีงบประมาณ คือ {left} บาท",
    "At most what was not disbursed within the year can be carried over: {left} baht",
)
_TOO_LITTLE = Text(
    "หลังสิ้นปีเบิกจ่ายไปแล้ว {paid} บาท จึงกันน้อยกว่านี้ไม่ได้",
    "{paid} baht were paid after the year's end already; no less can be carried over",
)
NOT_CHANGED = Text("แผนนี้ไม่ต่างจากแผนที่ใช้อยู่", "This plan does not differ from the one in force")
NEEDS_REASON = Text("กรุณาอธิบายเหตุผลอย่างน้อย 20 ตัวอักษร", "Give the reason, in at least 20 characters")
TOO_LONG = Text("ยาวเกิน {n} ตัวอักษร", "Longer than {n} characters")
_SHORTEST_REASON = 20
_NOTHING = Text("กรุณากรอกจำนวนเงินที่ขอกันอย่างน้อยหนึ่งรายการ", "Enter an amount to carry over for at least one row")


@dataclass(frozen=True, slots=True)
class Offered:
    """What a change may choose from: the agencies of the project and the categories of the plan structure, by code; `month`
    is the first month that is not reported yet. `disbursed` was paid out within the year and `after_year` after it, out of
    money carried over (satang)."""

    agencies: Collection[str]
    categories: Collection[str]
    month: int
    used: Mapping[CategoryOf, int]
    disbursed: Mapping[CategoryOf, int]
    after_year: Mapping[CategoryOf, int] = field(default_factory=dict)


def list_asking_problems(
    plan: Plan,
    before: Plan,
    kind: Cause,
    fiscal_year: int,
    used: Mapping[CategoryOf, int],
    names: Mapping[str, Text],
    reason: str,
) -> list[Problem]:
    """Everything that keeps a change from being asked for: its plan, that it changes nothing, its reason. As
    `planning.list_plan_problems`, beside "reason"."""
    problems = list_plan_problems(plan, before, kind, fiscal_year, used, names)
    if plan == before and kind is not Cause.CANCELLATION:
        problems.append(Problem("total", NOT_CHANGED))
    if len(reason.strip()) < _SHORTEST_REASON:
        problems.append(Problem("reason", NEEDS_REASON))
    elif len(reason) > LONGEST_REASON:
        problems.append(Problem("reason", TOO_LONG.fill(n=LONGEST_REASON)))
    return problems


def beside(unread: Collection[Problem], problems: Collection[Problem]) -> list[Problem]:
    """Of the problems of a plan as far as it could be read, those that do not come from what could not be: no sum is
    judged where a part of it is missing."""
    heads = {problem.place.split("-")[0] for problem in unread}
    rows = {problem.place.rsplit("-", 1)[0].removesuffix("-due_on") for problem in unread}
    fields = {problem.place for problem in unread} | {p.place.rsplit("-", 1)[0] for p in unread}
    money = bool(heads & {"line", "new", "spending", "carry", "until"})
    weights = any(problem.place.endswith("-weight") for problem in unread)
    told = []
    for problem in problems:
        place = problem.place
        is_sum = place == "total" or place.split("-")[0] in ("spending", "line")
        is_of_weights = place.startswith("milestone-") and place.endswith("-weight")
        if place in fields or (money and is_sum) or (weights and is_of_weights):
            continue
        if place.endswith("-due_on") and ("ends_on" in rows or place.removesuffix("-due_on") in rows):
            continue
        if place == "total" and problem.text is NOT_CHANGED:  # what could not be read is a change
            continue
        told.append(problem)
    return told


def read_change(
    plan: Plan,
    kind: Cause,
    fiscal_year: int,
    typed: Mapping[str, str],
    days: Mapping[str, date | None],
    offered: Offered,
) -> tuple[Plan, list[Problem]]:
    """The plan a form amounts to, made from `plan`, and what could not be read; whether the plan holds is judged by
    `planning.list_plan_problems`. Months nobody touched follow what became of their lines."""
    problems: list[Problem] = []
    if kind is Cause.CANCELLATION:
        return cancelled(plan, offered.used, offered.month), problems
    after = plan
    if kind in MONEY_KINDS:
        after = replace(after, lines=tuple(_lines(plan, kind, typed, offered, problems)))
    if kind in MONTH_KINDS:
        after = replace(after, spending=_months(plan, after, typed, offered, problems))
    if kind is Cause.CARRY_OVER:
        after = _carry(after, typed, offered, problems)
        month = _until(typed, problems)
        if month is not None:
            after = replace(after, ends_on=max(after.ends_on, last_day(fiscal_year, month)))
    if kind in WORK_KINDS:
        after = replace(
            after,
            milestones=tuple(_milestones(plan, typed, days, offered, problems)),
            indicators=tuple(_with_targets(indicator, typed) for indicator in plan.indicators),
        )
    if kind is Cause.EXTENSION:
        after = replace(after, ends_on=_day("ends_on", plan.ends_on, days, problems))
    return after, problems


def _amount(place: str, now: int, typed: Mapping[str, str], problems: list[Problem]) -> int:
    """What was typed at a place in satang; `now` where the form did not have it, nothing typed is 0."""
    if place not in typed:
        return now
    text = typed[place].strip()
    if not text:
        return 0
    try:
        return parse_baht(text)
    except MoneyError as error:
        problems.append(Problem(place, error.text))
        return now


def _words(text: str) -> str:
    try:
        return " ".join(normalise(text).split())
    except TextError:
        return ""


def _lines(
    plan: Plan, kind: Cause, typed: Mapping[str, str], offered: Offered, problems: list[Problem]
) -> Iterator[PlanLine]:
    for line in plan.lines:
        yield replace(line, amount=_amount(f"line-{line.position}", line.amount, typed, problems))
    position = max((line.position for line in plan.lines), default=0)
    for n in range(1, NEW_LINES + 1):
        place = f"new-{n}"
        item = _words(typed.get(f"{place}-item", ""))
        amount = _amount(f"{place}-amount", 0, typed, problems)
        if not item and not amount:
            continue
        agency, category = typed.get(f"{place}-agency", ""), typed.get(f"{place}-category", "")
        if agency not in offered.agencies:
            problems.append(Problem(f"{place}-agency", _NOT_OFFERED))
        if category not in offered.categories:
            problems.append(Problem(f"{place}-category", _NOT_OFFERED))
        if not item:
            problems.append(Problem(f"{place}-item", _NAME_LINE))
        if agency in offered.agencies and category in offered.categories:
            position += 1
            yield PlanLine(position, agency, category, item[:500], amount)


def _months(
    plan: Plan, after: Plan, typed: Mapping[str, str], offered: Offered, problems: list[Problem]
) -> tuple[Spending, ...]:
    allotted, rows = after.allotted, []
    known = {(row.agency, row.category) for row in plan.spending}
    for n, row in enumerate(plan.spending, 1):
        months = [
            _amount(f"spending-{n}-m{month}", amount, typed, problems) if month <= MONTHS_OF_YEAR else amount
            for month, amount in enumerate(row.months, 1)
        ]
        goal = allotted.get((row.agency, row.category), 0)
        if tuple(months) == row.months and sum(months) != goal:
            months = list(followed(row.months, goal, offered.month))
        rows.append(replace(row, months=tuple(months)))
    for (agency, category), amount in allotted.items():
        if (agency, category) not in known and amount:
            rows.append(Spending(agency, category, followed((0,) * LAST_MONTH, amount, offered.month)))
    return tuple(rows)


def followed(months: tuple[int, ...], total: int, first: int) -> tuple[int, ...]:
    """Months that add up to another total: more is spread over the months from `first` on as they are planned (evenly
    where nothing is), less is taken from the last ones first. Money of after the year's end stays, unless the year's is
    not enough."""
    kept = list(months)
    missing = total - sum(kept)
    open_months = range(min(first, MONTHS_OF_YEAR) - 1, MONTHS_OF_YEAR)
    if missing > 0:
        for month, part in zip(open_months, spread(missing, [kept[m] for m in open_months]), strict=True):
            kept[month] += part
        return tuple(kept)
    for month in (*reversed(range(MONTHS_OF_YEAR)), *reversed(range(MONTHS_OF_YEAR, LAST_MONTH))):
        taken = min(-missing, kept[month])
        kept[month] -= taken
        missing += taken
    return tuple(kept)


def cancelled(plan: Plan, used: Mapping[CategoryOf, int], month: int) -> Plan:
    """The plan of a project that stops: only what is bound or spent is left, line by line as far as it goes."""
    left = dict(used)
    lines = []
    for line in plan.lines:
        kept = min(line.amount, left.get((line.agency, line.category), 0))
        left[line.agency, line.category] = left.get((line.agency, line.category), 0) - kept
        lines.append(replace(line, amount=kept))
    after = replace(plan, lines=tuple(lines))
    allotted = after.allotted
    spending = tuple(
        replace(row, months=followed(row.months, allotted.get((row.agency, row.category), 0), month))
        for row in plan.spending
    )
    return replace(after, spending=spending)


def _until(typed: Mapping[str, str], problems: list[Problem]) -> int | None:
    text = typed.get("until", "")
    month = int(text) if text.isascii() and text.isdigit() and len(text) == 2 else 0
    if not MONTHS_OF_YEAR < month <= LAST_MONTH:
        problems.append(Problem("until", _UNTIL))
        return None
    return month


def _carry(plan: Plan, typed: Mapping[str, str], offered: Offered, problems: list[Problem]) -> Plan:
    rest: dict[CategoryOf, int] = {}
    for n, row in enumerate(plan.spending, 1):
        key, place = (row.agency, row.category), f"carry-{n}"
        amount = _amount(place, row.carried, typed, problems)
        left, paid = row.total - offered.disbursed.get(key, 0), offered.after_year.get(key, 0)
        if amount > left:
            problems.append(Problem(place, _TOO_MUCH.fill(left=format_baht(max(left, 0)))))
        elif amount < paid:
            problems.append(Problem(place, _TOO_LITTLE.fill(paid=format_baht(paid))))
        rest[key] = min(amount, row.total)
    if not any(rest.values()):
        problems.append(Problem("carry-1", _NOTHING))
    month = _until(typed, [])
    return carried_over(plan, rest, month) if month is not None else plan


def _milestones(
    plan: Plan,
    typed: Mapping[str, str],
    days: Mapping[str, date | None],
    offered: Offered,
    problems: list[Problem],
) -> Iterator[Milestone]:
    """The milestones typed, in order; a row without a word and without a weight is none. `milestone-<n>-position` says
    which of the plan's a row is (by its order where it is not sent): what was reported of a milestone stays with it
    when another goes, and a new one never takes a place that was used."""
    free = {milestone.position for milestone in plan.milestones}
    last = max(free, default=0)
    numbers = sorted(
        {
            int(name.split("-")[1])
            for name in typed
            if name.startswith("milestone-") and name.split("-")[1].isascii() and name.split("-")[1].isdigit()
        }
    )
    for n in numbers:
        place = f"milestone-{n}"
        title, weight = _words(typed.get(f"{place}-title", "")), typed.get(f"{place}-weight", "").strip()
        if not title and not weight:
            continue
        said = typed.get(f"{place}-position", str(n))
        position = int(said) if said.isascii() and said.isdigit() and len(said) <= 4 else 0
        if position in free:
            free.discard(position)
        else:
            position = last = last + 1
        agency = typed.get(f"{place}-agency", "")
        if agency not in offered.agencies:
            problems.append(Problem(f"{place}-agency", _NOT_OFFERED))
        digits = arabic_digits(weight)
        percent = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 3 else -1
        if not 0 <= percent <= 100:
            problems.append(Problem(f"{place}-weight", _NOT_WHOLE))
        day = days.get(f"{place}-due_on")
        if day is None:
            problems.append(Problem(f"{place}-due_on-day", _NO_DAY))
            day = date.min
        yield Milestone(position, agency, title, day, max(percent, 0))


def _with_targets(indicator: PlannedIndicator, typed: Mapping[str, str]) -> PlannedIndicator:
    place = f"indicator-{indicator.position}-q"
    q1, q2, q3, q4 = (_target(f"{place}{n}", now, typed) for n, now in enumerate(indicator.quarters, 1))
    return replace(indicator, quarters=(q1, q2, q3, q4))


def _target(place: str, now: str, typed: Mapping[str, str]) -> str:
    if place not in typed:
        return now
    text = typed[place].strip()
    return (read_number(text) or text) if text else ""


def _day(place: str, now: date, days: Mapping[str, date | None], problems: list[Problem]) -> date:
    day = days.get(place)
    if day is None:
        problems.append(Problem(f"{place}-day", _NO_DAY))
    return day or now
