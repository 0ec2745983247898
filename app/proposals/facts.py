"""What a proposal says: the frozen value that travels down the river.

A draft is a document of the same shape with anything missing: text is "", choices are "", amounts are 0 with
`None` where nothing was typed. `drafts.facts_from_draft` makes these facts from it, complete or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.money import decimal_baht, from_decimal_baht
from app.kernel.text import Text

SCHEMA = 2  # 2 adds who claims a link or indicator, the partner's answer, and the proposal continued


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


@dataclass(frozen=True, slots=True)
class FrozenFacts:
    """Facts with the exact bytes that were hashed."""

    facts: ProposalFacts
    content: str
    sha256: str


def claims_sha256(facts: ProposalFacts) -> str:
    """The hash a certifier signs: everything the agencies say, without their partners' answers. A partner that
    confirms a link later does not undo a signature."""
    links = tuple(replace(link, answer=Answer.NOT_ASKED, own_money=None) for link in facts.integration.links)
    return freeze(replace(facts, integration=replace(facts.integration, links=links))).sha256


def freeze(facts: ProposalFacts) -> FrozenFacts:
    """Canonical JSON of the facts and its SHA-256."""
    content = canonical_json(facts_to_json(facts))
    return FrozenFacts(facts, content, sha256_text(content))


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


def _agency_to_json(agency: AgencyRef) -> dict[str, Any]:
    return {
        "code": agency.code,
        "name": agency.name.as_dict(),
        "ministry_code": agency.ministry_code,
        "ministry": agency.ministry.as_dict(),
    }


def facts_to_json(facts: ProposalFacts) -> dict[str, Any]:
    """The facts as JSON values; money as decimal baht strings."""
    i = facts.integration
    return {
        "schema": SCHEMA,
        "fiscal_year": facts.fiscal_year,
        "number": facts.number,
        "origin": facts.origin,
        "title": facts.title.as_dict(),
        "lead": _agency_to_json(facts.lead),
        "participants": [_agency_to_json(a) for a in facts.participants],
        "stage": facts.stage,
        "guideline": facts.guideline,
        "strategy": facts.strategy,
        "focus_area": facts.focus_area,
        "integration": {
            "forms": list(i.forms),
            "links": [
                {
                    "kind": link.kind,
                    "name": link.name,
                    "direction": link.direction,
                    "partner": _agency_to_json(link.partner) if link.partner else None,
                    "partner_other": link.partner_other,
                    "channel": link.channel,
                    "agency": link.agency,
                    "answer": link.answer,
                    "own_money": link.own_money,
                }
                for link in i.links
            ],
            "curriculum": i.curriculum,
            "curriculum_detail": i.curriculum_detail,
            "standard": i.standard,
            "standard_scope": i.standard_scope,
            "shared_service": {
                "name": i.shared_service.name,
                "free": i.shared_service.free,
                "all_agencies": i.shared_service.all_agencies,
                "users": [_agency_to_json(a) for a in i.shared_service.users],
            },
        },
        "rationale": facts.rationale,
        "objectives": facts.objectives,
        "outputs": facts.outputs,
        "indicators": [
            {
                "name": k.name,
                "unit": k.unit,
                "baseline": k.baseline,
                "target": k.target,
                "agency": k.agency,
            }
            for k in facts.indicators
        ],
        "lines": [
            {
                "agency": line.agency,
                "category": line.category,
                "item": line.item,
                "quantity": line.quantity,
                "unit": line.unit,
                "unit_price": None if line.unit_price is None else decimal_baht(line.unit_price),
                "quarters": [decimal_baht(q) for q in line.quarters],
                "later_years": [decimal_baht(y) for y in line.later_years],
                "source": line.source,
            }
            for line in facts.lines
        ],
        "attachments": [
            {"kind": a.kind, "name": a.name, "size": a.size, "sha256": a.sha256} for a in facts.attachments
        ],
        "total": decimal_baht(facts.total),
        "continues": _continued_to_json(facts.continues),
    }


def _continued_to_json(continued: Continued | None) -> dict[str, Any] | None:
    if continued is None:
        return None
    return {
        "fiscal_year": continued.fiscal_year,
        "number": continued.number,
        "sha256": continued.sha256,
        "title": continued.title.as_dict(),
        "asked": decimal_baht(continued.asked),
    }


def _continued_from_json(value: Mapping[str, Any] | None) -> Continued | None:
    if value is None:
        return None
    return Continued(
        value["fiscal_year"],
        value["number"],
        value["sha256"],
        Text.from_dict(value["title"]),
        from_decimal_baht(value["asked"]),
    )


def _agency_from_json(value: Mapping[str, Any]) -> AgencyRef:
    return AgencyRef(
        value["code"],
        Text.from_dict(value["name"]),
        value["ministry_code"],
        Text.from_dict(value["ministry"]),
    )


def facts_from_json(value: Mapping[str, Any]) -> ProposalFacts:
    """The inverse of `facts_to_json`, for this schema and the earlier one. Raises `KeyError` or `ValueError` for
    another shape."""
    if value["schema"] not in (1, SCHEMA):
        raise ValueError(f"facts of schema {value['schema']} cannot be read")
    i = value["integration"]
    service = i["shared_service"]
    return ProposalFacts(
        fiscal_year=value["fiscal_year"],
        number=value["number"],
        origin=value["origin"],
        title=Text.from_dict(value["title"]),
        lead=_agency_from_json(value["lead"]),
        participants=tuple(_agency_from_json(a) for a in value["participants"]),
        stage=value["stage"],
        guideline=value["guideline"],
        strategy=value["strategy"],
        focus_area=value["focus_area"],
        integration=Integration(
            forms=tuple(i["forms"]),
            links=tuple(
                IntegrationLink(
                    link["kind"],
                    link["name"],
                    link["direction"],
                    _agency_from_json(link["partner"]) if link["partner"] else None,
                    link["partner_other"],
                    link["channel"],
                    link.get("agency", ""),
                    link.get("answer", ""),
                    link.get("own_money"),
                )
                for link in i["links"]
            ),
            curriculum=i["curriculum"],
            curriculum_detail=i["curriculum_detail"],
            standard=i["standard"],
            standard_scope=i["standard_scope"],
            shared_service=SharedService(
                service["name"],
                service["free"],
                service["all_agencies"],
                tuple(_agency_from_json(a) for a in service["users"]),
            ),
        ),
        rationale=value["rationale"],
        objectives=value["objectives"],
        outputs=value["outputs"],
        indicators=tuple(
            Indicator(k["name"], k["unit"], k["baseline"], k["target"], k.get("agency", ""))
            for k in value["indicators"]
        ),
        lines=tuple(
            BudgetLine(
                agency=line["agency"],
                category=line["category"],
                item=line["item"],
                quantity=line["quantity"],
                unit=line["unit"],
                unit_price=None if line["unit_price"] is None else from_decimal_baht(line["unit_price"]),
                quarters=tuple(from_decimal_baht(q) for q in line["quarters"]),  # type: ignore[arg-type]
                later_years=tuple(from_decimal_baht(y) for y in line["later_years"]),
                source=line["source"],
            )
            for line in value["lines"]
        ),
        attachments=tuple(
            AttachmentFacts(a["kind"], a["name"], a["size"], a["sha256"]) for a in value["attachments"]
        ),
        continues=_continued_from_json(value.get("continues")),
    )
