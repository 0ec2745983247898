"""What the public is told: every field there is. Whatever has no field here is never published.

Money in satang. `planned`, `committed` and `disbursed` are 24 amounts, the months of `monitoring.periods`. Codes are those
of the call's plan structure and of the register of agencies. `reasons` says of each field why it may be public.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text

FORMAT = "dgi-release"
VERSION = 1


class Phase(StrEnum):
    """How far a year has come: each phase holds what the ones before it do."""

    ASKED = "asked"
    RECOMMENDED = "recommended"
    APPROVED = "approved"
    SPENT = "spent"


PHASE_NAMES = {
    Phase.ASKED: Text("คำขอ", "Asked"),
    Phase.RECOMMENDED: Text("รายการที่เสนอคณะกรรมการ", "Recommended"),
    Phase.APPROVED: Text("ได้รับความเห็นชอบ", "Approved"),
    Phase.SPENT: Text("ผลการใช้จ่าย", "Spending"),
}


class Dimension(StrEnum):
    """What sums are broken down by."""

    STAGE = "stage"
    GUIDELINE = "guideline"
    FOCUS_AREA = "focus_area"
    MINISTRY = "ministry"
    AGENCY = "agency"


DIMENSION_NAMES = {
    Dimension.STAGE: Text("ช่วงของห่วงโซ่คุณค่า", "Stage of the value chain"),
    Dimension.GUIDELINE: Text("แนวทาง", "Guideline"),
    Dimension.FOCUS_AREA: Text("ด้านสำคัญ", "Focus area"),
    Dimension.MINISTRY: Text("กระทรวง", "Ministry"),
    Dimension.AGENCY: Text("หน่วยงาน", "Agency"),
}


@dataclass(frozen=True, slots=True)
class PublicName:
    """A code of the plan structure with its name. `kind` is stage, guideline, strategy, focus_area or category."""

    kind: str
    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class PublicAgency:
    """An agency with its ministry. `months` and `quarters` are those whose reports were accepted."""

    code: str
    name: Text
    ministry_code: str
    ministry: Text
    months: tuple[int, ...]
    quarters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many proposals and how much money (satang) of one group, in the phases that are told as sums only."""

    phase: Phase
    dimension: Dimension
    code: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class PublicMeeting:
    """The closed meeting before which the recommended list lay."""

    number: str
    held_on: date


@dataclass(frozen=True, slots=True)
class PublicMoney:
    """The money of one agency and category in a project. `allotted` is what the plan in force allows."""

    agency: str
    category: str
    asked: int
    approved: int
    allotted: int
    planned: tuple[int, ...]
    committed: tuple[int, ...]
    disbursed: tuple[int, ...]

    @property
    def spent(self) -> int:
        return sum(self.disbursed)


@dataclass(frozen=True, slots=True)
class PublicMilestone:
    """A milestone of the plan in force, and how far it is: `percent` None where no report says."""

    position: int
    agency: str
    title: str
    due_on: date
    weight: int
    percent: int | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class PublicIndicator:
    """An indicator of the plan in force. `planned` are the four quarters' targets, `results` (quarter, result) as
    reported; decimal text, "" where nothing is to be measured."""

    position: int
    agency: str
    name: str
    unit: str
    baseline: str
    target: str
    aim: str
    planned: tuple[str, str, str, str]
    results: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class PublicChange:
    """A plan that came into force: `cause` as `monitoring.facts.Cause`; what the project may spend from then on."""

    ordinal: int
    cause: str
    in_force_on: date
    allotted: int
    ends_on: date


@dataclass(frozen=True, slots=True)
class PublicProject:
    """A granted project. `id` stays the same over the years; `continues` is the number it had the year before, "" for a
    new one. `recommended` is None where no list was published."""

    number: str
    id: str
    continues: str
    title: Text
    lead: str
    agencies: tuple[str, ...]
    stage: str
    guideline: str
    strategy: str
    focus_area: str
    state: str
    recommended: int | None
    ends_on: date
    money: tuple[PublicMoney, ...]
    milestones: tuple[PublicMilestone, ...]
    indicators: tuple[PublicIndicator, ...]
    changes: tuple[PublicChange, ...]

    @property
    def asked(self) -> int:
        return sum(row.asked for row in self.money)

    @property
    def approved(self) -> int:
        return sum(row.approved for row in self.money)

    @property
    def allotted(self) -> int:
        return sum(row.allotted for row in self.money)

    @property
    def committed(self) -> int:
        return sum(sum(row.committed) for row in self.money)

    @property
    def disbursed(self) -> int:
        return sum(sum(row.disbursed) for row in self.money)


@dataclass(frozen=True, slots=True)
class PublicYear:
    """Everything published of a year. `origin` says where its proposals come from (`calls.facts.Origin`), `is_synthetic`
    that its reports are made up. `note` is what the call's own documents say of its limits, `ceiling` the budget frame."""

    format: str
    version: int
    fiscal_year: int
    name: Text
    note: Text
    plan: Text
    origin: str
    is_synthetic: bool
    phase: Phase
    ceiling: int
    gathered_at: datetime
    meeting: PublicMeeting | None
    names: tuple[PublicName, ...]
    agencies: tuple[PublicAgency, ...]
    tallies: tuple[Tally, ...]
    projects: tuple[PublicProject, ...]
