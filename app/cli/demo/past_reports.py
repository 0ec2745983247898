"""The demo's reports as they were accepted: what a story comes to, month by month and quarter by quarter. Synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, timedelta

from app.cli.demo.dice import Dice
from app.cli.demo.people import FIRST_OFFICER, SECOND_OFFICER
from app.cli.demo.replay import Stage
from app.cli.demo.spending import CANCELLED_AFTER, Course, Month, percent_done
from app.kernel.lean import dataclass
from app.monitoring.actions.taking_over import PastReport
from app.monitoring.facts import (
    CategoryOf,
    IndicatorRow,
    MilestoneRow,
    MoneyReport,
    MoneyRow,
    Plan,
    ProgressReport,
    ProjectWords,
)
from app.monitoring.models import Project
from app.monitoring.periods import (
    LAST_QUARTER,
    MONTHS_OF_YEAR,
    ReportKind,
    due_at,
    first_day,
    last_day,
    months_of,
)

CARRY_UNTIL = (
    20  # the month by which money carried over is spent; the two agencies of demo people have longer
)
CARRY_UNTIL_LONGER, TAKEN_UNTIL = 24, 21
LAST_OF_LATE_AGENCY = 9  # the last month the late agency reported
LATE_AGENCY_DAYS = (18, 55)
_PROBLEMS = (
    "การจัดซื้อจัดจ้างล่าช้า เพราะต้องปรับข้อกำหนดขอบเขตงาน",
    "หน่วยงานคู่เชื่อมยังไม่พร้อมส่งข้อมูล",
    "ผู้รับจ้างขาดบุคลากรที่มีความเชี่ยวชาญ",
    "อุปกรณ์เครือข่ายส่งมอบช้ากว่ากำหนด",
)
_HELP = (
    "ขอให้ฝ่ายเลขานุการประสานหน่วยงานเจ้าของข้อมูล",
    "ขอคำแนะนำเรื่องมาตรฐานการเชื่อมโยงข้อมูล",
)


@dataclass
class Story:
    """A project and how it goes."""

    project: Project
    number: str
    lead: str
    plan: Plan
    course: Course
    money: dict[CategoryOf, list[Month]]
    carried: dict[CategoryOf, int]
    done: dict[int, date | None] = field(default_factory=dict)
    results: dict[int, Mapping[int, str]] = field(default_factory=dict)

    @property
    def has_longer(self) -> bool:
        return self.lead in (FIRST_OFFICER, SECOND_OFFICER)

    @property
    def last_month(self) -> int:
        """The last month it is reported here; what demo people report themselves comes after."""
        if self.course is Course.CANCELLED:
            return CANCELLED_AFTER
        if not self.carried:
            return MONTHS_OF_YEAR
        return TAKEN_UNTIL if self.has_longer else CARRY_UNTIL


def reports_of(
    stage: Stage, fiscal_year: int, stories: list[Story], months: range, late: str
) -> list[PastReport]:
    """Every agency's reports of these months, and of the quarters that end in them."""
    rows: dict[tuple[str, int], list[MoneyRow]] = {}
    for story in stories:
        for (agency, category), money in story.money.items():
            last = (
                story.last_month
                if story.carried.get((agency, category))
                else min(story.last_month, MONTHS_OF_YEAR)
            )
            for month in months:
                if month <= last and not (agency == late and month > LAST_OF_LATE_AGENCY):
                    entry = money[month - 1]
                    row = MoneyRow(story.number, category, entry.committed, entry.disbursed)
                    rows.setdefault((agency, month), []).append(row)
    found = [
        _past(
            stage,
            fiscal_year,
            agency,
            month,
            MoneyReport(tuple(sorted(parts, key=lambda r: (r.project, r.category)))),
            late,
        )
        for (agency, month), parts in rows.items()
    ]
    for quarter in range(1, LAST_QUARTER):
        if months_of(quarter)[-1] in months:
            found += _progress(stage, fiscal_year, stories, quarter, late)
    return sorted(found, key=lambda past: (past.signed_at, past.agency_id, past.kind, past.period))


def _in_order(row: MoneyRow) -> tuple[str, str]:
    return row.project, row.category


def _progress(
    stage: Stage, fiscal_year: int, stories: list[Story], quarter: int, late: str
) -> list[PastReport]:
    begin, end = first_day(fiscal_year, 1), last_day(fiscal_year, months_of(quarter)[-1])
    parts: dict[str, tuple[list[MilestoneRow], list[IndicatorRow], list[ProjectWords]]] = {}
    carrying = {agency for story in stories for agency, _ in story.carried}
    for story in stories:
        first = months_of(quarter)[0]
        if (
            months_of(quarter)[-1] > story.last_month
            if story.course is Course.CANCELLED
            else first > story.last_month
        ):
            continue
        agencies = {line.agency for line in story.plan.lines} | {story.lead}
        if first > MONTHS_OF_YEAR:
            agencies &= carrying
        for agency in agencies:
            if agency == late and months_of(quarter)[-1] > LAST_OF_LATE_AGENCY:
                continue
            milestones, indicators, words = parts.setdefault(agency, ([], [], []))
            for m in story.plan.milestones:
                if m.agency == agency:
                    done = story.done.get(m.position)
                    percent = percent_done(m, done, begin, end, story.course)
                    day = done if percent == 100 else None
                    milestones.append(MilestoneRow(story.number, m.position, percent, day))
            for i in story.plan.indicators:
                result = story.results.get(i.position, {}).get(quarter, "")
                if i.agency == agency and result:
                    indicators.append(
                        IndicatorRow(story.number, i.position, result, "รายงานผลของหน่วยงาน (ข้อมูลสังเคราะห์)")
                    )
            words.append(_words(story, quarter) if agency == story.lead else ProjectWords(story.number))
    return [
        _past(stage, fiscal_year, agency, quarter, ProgressReport(tuple(m), tuple(i), tuple(w)), late)
        for agency, (m, i, w) in parts.items()
        if m or i or w
    ]


def _words(story: Story, quarter: int) -> ProjectWords:
    dice = Dice(f"words-{story.number}-{quarter}")
    troubled = story.course is not Course.STEADY or dice.chance(12)
    problems = dice.pick(_PROBLEMS) if troubled and quarter > 1 else ""
    return ProjectWords(story.number, problems, dice.pick(_HELP) if problems and dice.chance(35) else "")


def _past(
    stage: Stage, fiscal_year: int, agency: str, period: int, report: MoneyReport | ProgressReport, late: str
) -> PastReport:
    kind = ReportKind.MONEY if isinstance(report, MoneyReport) else ReportKind.PROGRESS
    dice = Dice(f"handed-in-{fiscal_year}-{agency}-{kind}-{period}")
    days = 10 if kind is ReportKind.MONEY else 15
    due = due_at(fiscal_year, kind, period, days)
    if agency == late:
        signed = due + timedelta(days=dice.between(*LATE_AGENCY_DAYS), hours=dice.between(9, 16))
    elif dice.chance(8):
        signed = due + timedelta(days=dice.between(1, 6), hours=9)
    else:
        signed = due - timedelta(days=dice.between(0, days - 3), hours=dice.between(1, 14))
    return PastReport(
        stage.agency_id(agency), period, report, signed, signed + timedelta(days=dice.between(1, 4))
    )
