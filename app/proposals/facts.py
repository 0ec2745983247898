"""What a proposal says: the frozen value that travels down the river.

A draft is a document of the same shape with anything missing: text is "", choices are "", amounts are 0 with
`None` where nothing was typed. `drafts.facts_from_draft` makes these facts from it, complete or not.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import search_key


class Form(StrEnum):
    """The ways a proposal can count as integration (รูปแบบการบูรณาการ)."""

    LINK = "link"
    CURRICULUM = "curriculum"
    STANDARD = "standard"
    SHARED_SERVICE = "shared_service"


FORM_NAMES = {
    Form.LINK: Text("เชื่อมโยงระบบหรือข้อมูลกับหน่วยงานอื่น", "Links its system or data with another agency's"),
    Form.CURRICULUM: Text("พัฒนาทักษะดิจิทัลด้วยหลักสูตรกลาง", "Raises digital skills with the common curriculum"),
    Form.STANDARD: Text("จัดทำมาตรฐานหรือแนวนโยบายกลาง", "Develops a central standard or policy guideline"),
    Form.SHARED_SERVICE: Text(
        "สร้างระบบหรือบริการกลางให้หลายหน่วยงานใช้โดยไม่คิดค่าใช้จ่าย",
        "Builds a central service that several agencies use free of charge",
    ),
}


class Direction(StrEnum):
    """Which way a link carries."""

    PROVIDES = "provides"
    CONSUMES = "consumes"
    BOTH = "both"


DIRECTION_NAMES = {
    Direction.PROVIDES: Text("ให้ข้อมูลหรือบริการแก่หน่วยงานคู่เชื่อม", "Provides to the partner"),
    Direction.CONSUMES: Text("รับข้อมูลหรือบริการจากหน่วยงานคู่เชื่อม", "Consumes from the partner"),
    Direction.BOTH: Text("แลกเปลี่ยนทั้งสองทาง", "Both ways"),
}

LINK_KIND_NAMES = {
    "data": Text("ข้อมูล", "Data"),
    "system": Text("ระบบงาน", "System"),
}


@dataclass(frozen=True, slots=True)
class AgencyRef:
    """An agency as it was called when the proposal was filed."""

    code: str
    name: Text
    ministry_code: str
    ministry: Text


class Answer(StrEnum):
    """What the partner named in a link says of it."""

    NOT_ASKED = ""
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


ANSWER_NAMES = {
    Answer.NOT_ASKED: Text("ยังไม่ได้ขอคำยืนยัน", "Not asked yet"),
    Answer.ASKED: Text("รอหน่วยงานคู่เชื่อมยืนยัน", "Waiting for the partner"),
    Answer.CONFIRMED: Text("หน่วยงานคู่เชื่อมยืนยันแล้ว", "Confirmed by the partner"),
    Answer.DECLINED: Text("หน่วยงานคู่เชื่อมปฏิเสธ", "Declined by the partner"),
}


@dataclass(frozen=True, slots=True)
class IntegrationLink:
    """One link to a partner. `partner` is a registered agency; `partner_other` a name typed by hand.

    `agency` is the code of the participant that claims it, "" for the lead. `answer` is the partner's word, and
    `own_money` whether the partner asks for money of its own for it (None: not said).
    """

    kind: str
    name: str
    direction: str
    partner: AgencyRef | None
    partner_other: str
    channel: str
    agency: str = ""
    answer: str = Answer.NOT_ASKED
    own_money: bool | None = None

    @property
    def sha256(self) -> str:
        """What is claimed, as a hash: an answer given to it holds for exactly this and no other link."""
        return sha256_text(canonical_json(link_claim(self)))


@dataclass(frozen=True, slots=True)
class SharedService:
    """A central service for others. `free` is None when not answered."""

    name: str
    free: bool | None
    all_agencies: bool
    users: tuple[AgencyRef, ...]


@dataclass(frozen=True, slots=True)
class Integration:
    """Which forms of integration are claimed, each with its evidence."""

    forms: tuple[str, ...]
    links: tuple[IntegrationLink, ...]
    curriculum: str
    curriculum_detail: str
    standard: str
    standard_scope: str
    shared_service: SharedService


@dataclass(frozen=True, slots=True)
class Indicator:
    """A measure with its target; numbers stay text as typed, because units differ. `agency` is the code of the
    participant that answers for it, "" for the lead."""

    name: str
    unit: str
    baseline: str
    target: str
    agency: str = ""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One line of one agency. Money in satang; `quarters` of the call's fiscal year; `later_years` are the
    commitments of the fiscal years after it. `source` names document and page of an imported line."""

    agency: str
    category: str
    item: str
    quantity: int | None
    unit: str
    unit_price: int | None
    quarters: tuple[int, int, int, int]
    later_years: tuple[int, ...]
    source: str = ""

    @property
    def amount(self) -> int:
        """Quantity x unit price, satang: what this line asks for in the call's fiscal year."""
        return (self.quantity or 0) * (self.unit_price or 0)


@dataclass(frozen=True, slots=True)
class AttachmentFacts:
    """A file as filed: its own name is for people, its SHA-256 for proof."""

    kind: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Continued:
    """The filing of an earlier year that a proposal continues. `asked` in satang."""

    fiscal_year: int
    number: str
    sha256: str
    title: Text
    asked: int


@dataclass(frozen=True, slots=True)
class Reduced:
    """The smallest amount (satang) the project still works with, and what is left out or put off then. `amount` is None
    while only the text is there, which no filing is."""

    amount: int | None
    scope: str


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """Everything a proposal says, complete or not. `agencies` holds the lead first, then participants."""

    fiscal_year: int
    number: str
    origin: str
    title: Text
    lead: AgencyRef
    participants: tuple[AgencyRef, ...]
    stage: str
    guideline: str
    strategy: str
    focus_area: str
    integration: Integration
    rationale: str
    objectives: str
    outputs: str
    indicators: tuple[Indicator, ...]
    lines: tuple[BudgetLine, ...]
    attachments: tuple[AttachmentFacts, ...]
    continues: Continued | None = None
    reduced: Reduced | None = None

    @property
    def agencies(self) -> tuple[AgencyRef, ...]:
        return (self.lead, *self.participants)

    @property
    def total(self) -> int:
        """Asked for in the call's fiscal year by all agencies together, satang."""
        return sum(line.amount for line in self.lines)

    @property
    def later_total(self) -> int:
        """Commitments of the years after, satang."""
        return sum(sum(line.later_years) for line in self.lines)

    def has_participant(self, agency_code: str) -> bool:
        return any(a.code == agency_code for a in self.participants)

    def total_of(self, agency_code: str) -> int:
        return sum(line.amount for line in self.lines if line.agency == agency_code)


_NOT_WORDS = re.compile(r"[^\w%+]+|(?<!\w)[0-9]+(?!\w)")


def item_key(item: str, unit: str) -> str:
    """What makes a budget item the same item in two proposals: its words and unit, without spaces, signs and numbers
    standing alone. At most 200 letters; "" for an item without words."""
    words = _NOT_WORDS.sub("", search_key(item))
    return f"{words[:160]}|{_NOT_WORDS.sub('', search_key(unit))[:39]}" if words else ""


def link_claim(link: IntegrationLink) -> dict[str, Any]:
    """What a link claims, as JSON values: everything but the partner's answer."""
    return {
        "agency": link.agency,
        "kind": link.kind,
        "name": link.name,
        "direction": link.direction,
        "partner": link.partner.code if link.partner else "",
        "channel": link.channel,
    }
