"""What systems can be told of, and how far a message is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text


class EventType(StrEnum):
    """What happened, as a message names it."""

    PROPOSAL_FILED = "proposal.filed"
    PROPOSAL_WITHDRAWN = "proposal.withdrawn"
    PROPOSAL_RETURNED = "proposal.returned"
    PROPOSAL_REFILED = "proposal.refiled"
    PROPOSAL_RECALLED = "proposal.recalled"
    PROPOSAL_SIGNED = "proposal.signed"
    PROPOSAL_DECIDED = "proposal.decided"
    LINK_ASKED = "link.asked"
    LINK_ANSWERED = "link.answered"
    REPORT_FILED = "report.filed"
    REPORT_ACCEPTED = "report.accepted"
    REPORT_RETURNED = "report.returned"
    TEST = "test"


EVENT_NAMES: dict[EventType, Text] = {
    EventType.PROPOSAL_FILED: Text("ยื่นข้อเสนอแล้ว", "A proposal was filed"),
    EventType.PROPOSAL_WITHDRAWN: Text("ถอนข้อเสนอกลับเป็นร่าง", "A filing was withdrawn"),
    EventType.PROPOSAL_RETURNED: Text("ส่งคืนข้อเสนอให้แก้ไข", "A proposal was returned for revision"),
    EventType.PROPOSAL_REFILED: Text("ยื่นข้อเสนอกลับหลังแก้ไข", "A returned proposal was filed again"),
    EventType.PROPOSAL_RECALLED: Text("เรียกข้อเสนอคืนโดยใช้ฉบับที่ยื่นล่าสุด", "A returned proposal was called back"),
    EventType.PROPOSAL_SIGNED: Text("ลงนามรับรองข้อเสนอ", "A proposal was signed"),
    EventType.PROPOSAL_DECIDED: Text("มีมติของคณะกรรมการ", "The committee decided on a proposal"),
    EventType.LINK_ASKED: Text("มีการเชื่อมโยงให้หน่วยงานยืนยัน", "A link waits for the agency's answer"),
    EventType.LINK_ANSWERED: Text("หน่วยงานคู่เชื่อมตอบแล้ว", "A partner answered for a link"),
    EventType.REPORT_FILED: Text("ส่งรายงานผลการดำเนินงาน", "A report was handed in"),
    EventType.REPORT_ACCEPTED: Text("รับรายงานผลการดำเนินงาน", "A report was accepted"),
    EventType.REPORT_RETURNED: Text("ส่งคืนรายงานผลการดำเนินงาน", "A report was returned"),
    EventType.TEST: Text("ทดสอบการเชื่อมต่อ", "A test"),
}


class DeliveryState(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


DELIVERY_STATES: dict[DeliveryState, Text] = {
    DeliveryState.WAITING: Text("รอส่ง", "Waiting"),
    DeliveryState.DELIVERED: Text("ส่งแล้ว", "Delivered"),
    DeliveryState.GIVEN_UP: Text("เลิกส่งแล้ว", "Given up"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `key` is the same however often it is heard; `agency_ids` are told, the secretariat when
    `for_office`. `number` and `fiscal_year` name the object, `data` says more; nothing of it is confidential."""

    key: str
    type: EventType
    number: str
    fiscal_year: int
    agency_ids: frozenset[int]
    for_office: bool
    data: Mapping[str, str | int]
    path: str  # of the object for its agencies, below /api/v1
    office_path: str  # and for the secretariat


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way out."""

    delivery_id: int
    message_id: str
    url: str
    body: str
    endpoint_id: int
    secret_numbers: tuple[int, ...]  # of those to sign with, the newest first
    attempts: int
