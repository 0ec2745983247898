"""What monitoring knows. Money in satang; indicator values as plain decimal text, exact and without a unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.periods import ReportKind

CategoryOf = tuple[str, str]
"""(agency code, expenditure category): what money is planned, granted and reported by."""


class Cause(StrEnum):
    """Why a plan got another version; every one but the first is a change that was asked for and judged."""

    OPENING = "opening"
    DETAIL = "detail"
    TRANSFER = "transfer"
    AGENCIES = "agencies"
    EXTENSION = "extension"
    SCOPE = "scope"
    CANCELLATION = "cancellation"
    CARRY_OVER = "carry_over"


CAUSE_NAMES = {
    Cause.OPENING: Text("แผนตั้งต้นจากข้อเสนอที่ได้รับความเห็นชอบ", "First plan, from the filing as granted"),
    Cause.DETAIL: Text("จัดทำหรือปรับรายละเอียดแผน", "Plan worked out in detail"),
    Cause.TRANSFER: Text("โอนเปลี่ยนแปลงระหว่างรายการ", "Transfer between lines"),
    Cause.AGENCIES: Text("โอนระหว่างหน่วยงาน", "Transfer between agencies"),
    Cause.EXTENSION: Text("ขยายระยะเวลา", "Extension of time"),
    Cause.SCOPE: Text("ลดขอบเขตงาน", "Reduced scope"),
    Cause.CANCELLATION: Text("ยกเลิกโครงการ", "Cancellation"),
    Cause.CARRY_OVER: Text("กันเงินไว้เบิกเหลื่อมปี", "Carry-over to the next year"),
}
ASKED_FOR = tuple(cause for cause in Cause if cause is not Cause.OPENING)


class Aim(StrEnum):
    """Which way an indicator is to move."""

    UP = "up"
    DOWN = "down"


AIM_NAMES = {
    Aim.UP: Text("ยิ่งมากยิ่งดี", "More is better"),
    Aim.DOWN: Text("ยิ่งน้อยยิ่งดี", "Less is better"),
}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of a project under a plan. `position` is its place in the filing; `amount` what it may spend, satang."""

    position: int
    agency: str
    category: str
    item: str
    amount: int


@dataclass(frozen=True, slots=True)
class Spending:
    """What an agency means to spend in a category, month by month: 24 amounts (satang), the last twelve of money carried
    over."""

    agency: str
    category: str
    months: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.months)

    @property
    def carried(self) -> int:
        """What is meant to be spent after the year's end."""
        return sum(self.months[12:])


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something to be done by a day; `weight` in percent of the project, all of a project's together 100."""

    position: int
    agency: str
    title: str
    due_on: date
    weight: int


@dataclass(frozen=True, slots=True)
class PlannedIndicator:
    """An indicator with its way to the target: `quarters` are what is to be reached by the end of each, decimal text, ""
    where nothing is to be measured. `target` is as filed."""

    position: int
    agency: str
    name: str
    unit: str
    baseline: str
    target: str
    aim: Aim
    quarters: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A project's plan: one version of it. For each agency and category, the lines and the months add up to the same."""

    lines: tuple[PlanLine, ...]
    spending: tuple[Spending, ...]
    milestones: tuple[Milestone, ...]
    indicators: tuple[PlannedIndicator, ...]
    ends_on: date

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def allotted(self) -> dict[CategoryOf, int]:
        """What each agency may spend in each category, by the lines."""
        sums: dict[CategoryOf, int] = {}
        for line in self.lines:
            key = line.agency, line.category
            sums[key] = sums.get(key, 0) + line.amount
        return sums

    @property
    def by_month(self) -> tuple[int, ...]:
        """What is meant to be spent in each of the 24 months."""
        return tuple(sum(row.months[month] for row in self.spending) for month in range(24))


@dataclass(frozen=True, slots=True)
class ReportingRules:
    """By when a call's projects report, in days after the period, and what the traffic lights go by (per mille).

    A light is judged by spent of planned: green from `green`, amber from `amber`, else red.
    """

    month_days: int = 10
    quarter_days: int = 15
    green: int = 950
    amber: int = 800


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """A month's money of one project, agency and category, satang, never negative.

    `committed` is what was newly bound by contract or order in the month (ก่อหนี้ผูกพัน), also what was paid without
    either; `disbursed` what was paid out (เบิกจ่าย).
    """

    project: str
    category: str
    committed: int
    disbursed: int


@dataclass(frozen=True, slots=True)
class MoneyReport:
    """An agency's report of a month: its rows by project number and category, and what it has to say of it."""

    rows: tuple[MoneyRow, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """How far a milestone is: `percent` 0 to 100; `done_on` once it is 100."""

    project: str
    position: int
    percent: int
    done_on: date | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """What an indicator stands at by the end of the quarter: decimal text, "" where it was not measured. `evidence` says
    where it can be seen."""

    project: str
    position: int
    result: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ProjectWords:
    """What stands in the way, and what help is needed."""

    project: str
    problems: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """An agency's report of a quarter."""

    milestones: tuple[MilestoneRow, ...]
    indicators: tuple[IndicatorRow, ...]
    words: tuple[ProjectWords, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a report is read against: an agency's projects of a call at a period.

    `allotted`, `committed` and `disbursed` are by (project number, category): what the plan in force allows, and what the
    months before this one add up to in reports that count. `carried` is what may still be spent after the year's end,
    `after_year` what was paid then in other months than this. `later_excess` is by how much, at worst, the months after
    this one paid more than they bound: a correction must leave room for it.
    """

    fiscal_year: int
    agency: str
    projects: Mapping[str, Text] = field(default_factory=dict)
    allotted: Mapping[tuple[str, str], int] = field(default_factory=dict)
    committed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    disbursed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    later_disbursed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    later_committed: Mapping[tuple[str, str], int] = field(default_factory=dict)
    later_excess: Mapping[tuple[str, str], int] = field(default_factory=dict)
    carried: Mapping[tuple[str, str], int] = field(default_factory=dict)
    after_year: Mapping[tuple[str, str], int] = field(default_factory=dict)
    milestones: Mapping[tuple[str, int], Milestone] = field(default_factory=dict)
    indicators: Mapping[tuple[str, int], PlannedIndicator] = field(default_factory=dict)
    now: datetime | None = None
    kind: ReportKind = ReportKind.MONEY
    period: int = 1
    project_ids: Mapping[str, int] = field(default_factory=dict)
