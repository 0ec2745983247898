"""What the figures of a call are. Money in satang; scores in hundredths of a point."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from app.decisions.facts import Verdict
from app.identity.rules import Permission
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.facts import Line


class Basis(StrEnum):
    """What a call's total counts."""

    APPROVED = "approved"
    RECORDED = "recorded"
    FITTING = "fitting"


BASIS_NAMES = {
    Basis.APPROVED: Text("คณะกรรมการเห็นชอบ", "approved by the committee"),
    Basis.RECORDED: Text("ตามเอกสารงบประมาณที่เผยแพร่", "as published in the budget documents"),
    Basis.FITTING: Text("อยู่ในกรอบวงเงินตามลำดับ ยังไม่มีมติ", "within the ceiling by rank, not decided yet"),
}


@dataclass(frozen=True, slots=True)
class BookLine:
    """A ranked line with what was decided. `cumulative` is what the lines taken so far ask for; None for a line
    that takes nothing."""

    line: Line
    cumulative: int | None
    verdict: Verdict | None
    approved: int


class Share(NamedTuple):
    """An agency with a part in a proposal: it leads, or has money in it."""

    proposal_id: int
    agency_id: int
    ministry_id: int
    is_lead: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """Lines added up: how many and how much is asked for, of these within the ceiling, of these approved."""

    projects: int = 0
    requested: int = 0
    in_projects: int = 0
    in_amount: int = 0
    approved_projects: int = 0
    approved: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """The sums of one stage, guideline or ministry."""

    code: str
    name: Text
    sums: Sums


@dataclass(frozen=True, slots=True)
class Counts:
    """How many proposals of a call stand where. `filed` counts all but drafts and recorded ones."""

    filed: int
    passed: int
    questioned: int
    failed: int
    waiting: int
    returned: int
    recorded: int


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures a call is known by: projects, distinct agencies (lead, or with money) and their total."""

    basis: Basis
    projects: int
    agencies: int
    ministries: int
    total: int


class BudgetRow(NamedTuple):
    """A budget line of a proposal that passed or was recorded. `counted` is its amount if the proposal is one the
    headline counts, else 0; `later` is what the years after are committed to."""

    proposal_id: int
    number: str
    position: int
    agency_id: int
    agency: Text
    category: str
    item: str
    quantity: int
    unit: str
    unit_price: int
    amount: int
    q1: int
    q2: int
    q3: int
    q4: int
    q0: int
    later: tuple[int, int, int, int]
    source: str
    counted: int


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """An expenditure category: amounts by quarter, without a quarter, in all, in later years, and of what counts."""

    code: str
    name: Text
    q1: int
    q2: int
    q3: int
    q4: int
    q0: int
    amount: int
    later: int
    counted: int

    @property
    def quarters(self) -> tuple[int, int, int, int, int]:
        """The four quarters, then what has no quarter."""
        return self.q1, self.q2, self.q3, self.q4, self.q0


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency's own money in the call: `projects` it leads or has money in; `counted` of those that count."""

    agency_id: int
    name: Text
    ministry: Text
    leads: int
    projects: int
    requested: int
    counted_projects: int
    counted: int


class PaperKind(StrEnum):
    """What can be printed on order."""

    RANKING_BOOK = "ranking-book"
    OWN_FILINGS = "own-filings"
    DECISION_BOOK = "decision-book"
    BRIEF = "brief"
    MONITORING = "monitoring"


@dataclass(frozen=True, slots=True)
class FilingChoice:
    """What a paper is narrowed to. An agency's holds the proposals of these agencies, narrowed as their list is; a decision
    book is of one meeting, a monitoring report of the end of one month. "" and 0 narrow nothing. `thai_digits` prints ๐-๙,
    as official papers may."""

    agency_ids: frozenset[int] = frozenset()
    text: str = ""
    state: str = ""
    stage: str = ""
    side: str = ""
    meeting: int = 0
    month: int = 0
    thai_digits: bool = False

    def to_json(self) -> dict[str, Any]:
        """The choice as JSON values; a choice of nothing is {}, as papers of a whole call have it."""
        words = {"text": self.text, "state": self.state, "stage": self.stage, "side": self.side}
        agencies = {"agencies": sorted(self.agency_ids)} if self.agency_ids else {}
        rest = {"meeting": self.meeting, "month": self.month, "thai_digits": self.thai_digits}
        return agencies | {key: word for key, word in (words | rest).items() if word}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> FilingChoice:
        """The inverse of `to_json`."""
        words = {key: value.get(key, "") for key in ("text", "state", "stage", "side")}
        return FilingChoice(
            frozenset(value.get("agencies", ())),
            **words,
            meeting=value.get("meeting", 0),
            month=value.get("month", 0),
            thai_digits=value.get("thai_digits", False),
        )


class PaperFormat(StrEnum):
    """On what."""

    XLSX = "xlsx"
    PDF = "pdf"
    JSON = "json"
    ZIP = "zip"


PAPER_NAMES = {
    PaperKind.RANKING_BOOK: Text("บัญชีจัดลำดับข้อเสนอ", "Ranking book"),
    PaperKind.OWN_FILINGS: Text("ข้อเสนอของหน่วยงาน", "The agency's proposals"),
    PaperKind.DECISION_BOOK: Text("สมุดมติ", "Decision book"),
    PaperKind.BRIEF: Text("สรุปหนึ่งหน้า", "One-page brief"),
    PaperKind.MONITORING: Text("รายงานผลการดำเนินงาน", "Monitoring report"),
}
# beside the permission to print at all, whoever orders a paper may see what it shows
SHOWN_BY = {
    PaperKind.RANKING_BOOK: Permission.READ_PORTFOLIO,
    PaperKind.OWN_FILINGS: Permission.READ_PROPOSAL,
    PaperKind.DECISION_BOOK: Permission.READ_PORTFOLIO,
    PaperKind.BRIEF: Permission.READ_PORTFOLIO,
    PaperKind.MONITORING: Permission.READ_MONITORING,
}
FORMAT_NAMES = {
    PaperFormat.XLSX: Text("Excel", "Excel"),
    PaperFormat.PDF: Text("PDF", "PDF"),
    PaperFormat.JSON: Text("JSON", "JSON"),
    PaperFormat.ZIP: Text("ZIP", "ZIP"),
}
# what each kind can be printed on
FORMATS_OF = {
    PaperKind.RANKING_BOOK: (PaperFormat.XLSX, PaperFormat.PDF),
    PaperKind.OWN_FILINGS: (PaperFormat.XLSX, PaperFormat.PDF),
    PaperKind.DECISION_BOOK: (PaperFormat.PDF, PaperFormat.XLSX),
    PaperKind.BRIEF: (PaperFormat.PDF,),
    PaperKind.MONITORING: (PaperFormat.XLSX, PaperFormat.PDF),
}
MEDIA_TYPES = {
    PaperFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PaperFormat.PDF: "application/pdf",
    PaperFormat.JSON: "application/json",
    PaperFormat.ZIP: "application/zip",
}


class Step(StrEnum):
    """Where the printing of a paper is."""

    WAITING = "waiting"
    READING = "reading"
    SETTING = "setting"
    KEEPING = "keeping"


STEP_NAMES = {
    Step.WAITING: Text("รอพิมพ์", "Waiting to be printed"),
    Step.READING: Text("กำลังรวบรวมตัวเลข", "Adding up the figures"),
    Step.SETTING: Text("กำลังจัดหน้า", "Setting the pages"),
    Step.KEEPING: Text("กำลังเก็บแฟ้ม", "Putting the file away"),
}


class Failure(StrEnum):
    """Why a paper was not printed."""

    REFUSED = "refused"
    BROKEN = "broken"
    LOST = "lost"


FAILURE_NAMES = {
    Failure.REFUSED: Text("บัญชีของท่านไม่มีสิทธิ์พิมพ์เอกสารนี้แล้ว", "Your account may no longer print this paper"),
    Failure.BROKEN: Text(
        "พิมพ์ไม่สำเร็จหลังจากลองหลายครั้ง กรุณาสั่งพิมพ์ใหม่หรือแจ้งผู้ดูแลระบบ",
        "Printing failed several times; please order it again or tell the administrator",
    ),
    Failure.LOST: Text("การพิมพ์ขาดตอน กรุณาสั่งพิมพ์ใหม่", "Printing was cut short; please order it again"),
}
