"""How the demo's projects spend, month by month, and what their indicators reach: synthetic, of one seed.

Most follow their plan with a month's delay and pay much of it at the year's end, as projects do. A few are slow and carry
money over; one pays nearly everything in the last two months, so that an early warning is wrong; one stops without
warning; one is cancelled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum, auto

from app.cli.demo.dice import Dice
from app.kernel.lean import dataclass
from app.kernel.thai_text import arabic_digits
from app.monitoring.facts import Aim, CategoryOf, Milestone, Plan, PlannedIndicator
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR, first_day
from app.monitoring.planning import read_number, spread

BAHT = 100
BOUND_AHEAD = 2  # months a contract comes before its payment
CARRIED_SHARE = 80  # of a hundred baht left at the year's end that are bound by contract and carried over
SPENT_LATER = 97  # of a hundred baht carried over
LATER_MONTHS = 8
CANCELLED_AFTER = 8  # the month


class Course(Enum):
    """How a project goes."""

    STEADY = auto()
    SLOW = auto()
    SURPRISING = auto()  # late, then nearly all of it
    STALLING = auto()  # in time, then nothing
    CANCELLED = auto()


@dataclass(frozen=True, slots=True)
class Month:
    """What an agency newly bound and paid in a month, satang."""

    committed: int
    disbursed: int


def months_of_money(
    dice: Dice, plan: Plan, course: Course, permille: int, carriers: Collection[str]
) -> tuple[dict[CategoryOf, list[Month]], dict[CategoryOf, int]]:
    """Month by month (24) what is bound and paid of each agency's category, and what is carried over of it by
    `carriers`. `permille` of what is allotted is spent within the year."""
    money, carried = {}, {}
    delay = dice.between(2, 4) if course is Course.SLOW else dice.between(0, 1)
    for row in plan.spending:
        key = row.agency, row.category
        spent = row.total * permille // 1000 // BAHT * BAHT
        weights = _weights(dice, row.months, course, delay)
        paid = [part * BAHT for part in spread(spent // BAHT, weights)]
        if permille == 1000:
            paid[-1] += row.total - spent
        later = (row.total - sum(paid)) * CARRIED_SHARE // 100 // BAHT * BAHT if row.agency in carriers else 0
        if later:
            carried[key] = later
        money[key] = _months(paid, later, is_bought=row.category in ("capital", "subsidies", "other"))
    return money, carried


def _weights(dice: Dice, planned: Sequence[int], course: Course, delay: int) -> list[int]:
    """How the year's money falls over its twelve months."""
    base = [0] * MONTHS_OF_YEAR
    for month, amount in enumerate(planned[:MONTHS_OF_YEAR]):
        # figures a person would believe: no two months alike
        base[min(month + delay, MONTHS_OF_YEAR - 1)] += amount // 1000 * dice.between(850, 1150)
    if course is Course.SURPRISING:
        early = sum(base[:10])
        return [part * 35 // 100 for part in base[:10]] + [
            early * 20 // 100,
            early * 45 // 100 + sum(base[10:]),
        ]
    if course is Course.STALLING:
        return [*base[:7], 0, 0, 0, 0, 0] if any(base[:7]) else [0] * 6 + [1] + [0] * 5
    if course is Course.CANCELLED:
        return [*base[:CANCELLED_AFTER], *[0] * (MONTHS_OF_YEAR - CANCELLED_AFTER)]
    return base


def _months(paid: Sequence[int], later: int, *, is_bought: bool) -> list[Month]:
    """Payments as months: what is bought is bound ahead of being paid, the rest when it is."""
    after = [part * BAHT for part in spread(later * SPENT_LATER // 100 // BAHT, [1] * LATER_MONTHS)]
    disbursed = [*paid, *after, *[0] * (LAST_MONTH - len(paid) - LATER_MONTHS)]
    if not is_bought and not later:
        return [Month(amount, amount) for amount in disbursed]
    sums = [sum(disbursed[: n + 1]) for n in range(LAST_MONTH)]
    year = sums[MONTHS_OF_YEAR - 1]
    bound = [min(sums[min(n + BOUND_AHEAD, MONTHS_OF_YEAR - 1)], year) for n in range(MONTHS_OF_YEAR)]
    bound[MONTHS_OF_YEAR - 1] = year + later  # the last contracts are signed before the year ends
    bound += [year + later] * (LAST_MONTH - MONTHS_OF_YEAR)
    before = [0, *bound[:-1]]
    return [Month(b - a, d) for b, a, d in zip(bound, before, disbursed, strict=True)]


_STEPS = (
    ("จัดทำข้อกำหนดและลงนามสัญญา", 20),
    ("ออกแบบและทดสอบต้นแบบ", 25),
    ("พัฒนาและติดตั้งระบบ", 30),
    ("ตรวจรับงานและเปิดให้บริการ", 25),
)


def detailed(dice: Dice, plan: Plan, lead: str, fiscal_year: int) -> Plan:
    """The plan worked out: four milestones, and the way of the indicators whose target is a number."""
    begin = first_day(fiscal_year, 1)
    days = (100, 180, 270, 350)
    milestones = tuple(
        Milestone(n, lead, title, begin + timedelta(days=day + dice.between(-20, 14)), weight)
        for n, ((title, weight), day) in enumerate(zip(_STEPS, days, strict=True), 1)
    )
    indicators = tuple(_with_way(indicator) for indicator in plan.indicators)
    return Plan(plan.lines, plan.spending, milestones, indicators, plan.ends_on)


def _with_way(indicator: PlannedIndicator) -> PlannedIndicator:
    target = read_number(indicator.target)
    if target is None or not target.isdigit() or indicator.aim is Aim.DOWN:
        return indicator
    begun = read_number(indicator.baseline)
    low = int(begun) if begun is not None and begun.isdigit() else 0
    way = int(target) - low
    steps = [str(low + way * percent // 100) for percent in (40, 70)]
    return PlannedIndicator(
        indicator.position,
        indicator.agency,
        indicator.name,
        indicator.unit,
        indicator.baseline,
        indicator.target,
        indicator.aim,
        ("", steps[0], steps[1], target),
    )


def milestone_days(dice: Dice, plan: Plan, course: Course) -> dict[int, date | None]:
    """When each milestone was done; None for what never was."""
    late = {Course.SLOW: (40, 120), Course.SURPRISING: (25, 60)}.get(course, (-10, 20))
    done: dict[int, date | None] = {}
    for milestone in plan.milestones:
        day = milestone.due_on + timedelta(days=dice.between(*late))
        over = course in (Course.STALLING, Course.CANCELLED) and milestone.position > 2
        done[milestone.position] = None if over else day
    return done


def percent_done(milestone: Milestone, done_on: date | None, begin: date, end: date, course: Course) -> int:
    """How far a milestone is at the end of a quarter: in step with the days that are gone, 100 once it is done."""
    if done_on is not None and done_on <= end:
        return 100
    goal = done_on or milestone.due_on + timedelta(days=200)
    share = max((end - begin).days, 0) * 100 // max((goal - begin).days, 1)
    most = 60 if course in (Course.STALLING, Course.CANCELLED) else 95
    return min(share // 5 * 5, most)


def indicator_results(
    dice: Dice, indicator: PlannedIndicator, year_end: str | None, course: Course
) -> Mapping[int, str]:
    """Quarter (1 to 4) -> what it stood at; nothing where no number is aimed at. `year_end` is what it reached, as told
    elsewhere, or None."""
    target = read_number(indicator.target)
    if target is None or not target.isdigit():
        return {}
    final = read_number(arabic_digits(year_end or "").replace(",", "")) if year_end else None
    if final is None or not final.isdigit():
        low = 45 if course is not Course.STEADY else 92
        final = str(int(target) * dice.between(low, 108) // 100)
        if "ร้อยละ" in indicator.unit:
            final = str(min(int(final), 100))
    begun = read_number(indicator.baseline)
    low_end = int(begun) if begun is not None and begun.isdigit() else 0
    way = int(final) - low_end
    return {
        2: str(low_end + way * dice.between(30, 48) // 100),
        3: str(low_end + way * dice.between(55, 80) // 100),
        4: final,
    }
