"""What decisions and meetings are made of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text


class Verdict(StrEnum):
    """The committee's word on a proposal."""

    APPROVED = "approved"
    CONDITIONAL = "conditional"
    DEFERRED = "deferred"
    REJECTED = "rejected"


VERDICT_NAMES = {
    Verdict.APPROVED: Text("เห็นชอบ", "Approved"),
    Verdict.CONDITIONAL: Text("เห็นชอบโดยมีเงื่อนไข", "Approved with conditions"),
    Verdict.DEFERRED: Text("เลื่อนการพิจารณา", "Deferred"),
    Verdict.REJECTED: Text("ไม่เห็นชอบ", "Not approved"),
}

GRANTING = frozenset({Verdict.APPROVED, Verdict.CONDITIONAL})

MOVES = {
    Verdict.APPROVED: "approve",
    Verdict.CONDITIONAL: "approve_conditionally",
    Verdict.DEFERRED: "defer",
    Verdict.REJECTED: "reject",
}


class Level(StrEnum):
    """Whose meeting it is: the secretariat draws up a list, the committee decides on it, the board has the last word."""

    SECRETARIAT = "secretariat"
    COMMITTEE = "committee"
    BOARD = "board"

    @property
    def settles_list(self) -> bool:
        """Whether its meetings recommend a list, the scenario adopted when they close, and decide no proposal."""
        return self is Level.SECRETARIAT


LEVEL_NAMES = {
    Level.SECRETARIAT: Text("ฝ่ายเลขานุการร่วม", "Joint secretariat"),
    Level.COMMITTEE: Text("คณะกรรมการจัดทำงบประมาณรายจ่ายบูรณาการ", "Integrated budget committee"),
    Level.BOARD: Text("คณะกรรมการพัฒนารัฐบาลดิจิทัล", "Digital Government Development Board"),
}


class Duty(StrEnum):
    """What somebody does at a meeting."""

    CHAIR = "chair"
    MEMBER = "member"
    SECRETARY = "secretary"
    ATTENDEE = "attendee"


DUTY_NAMES = {
    Duty.CHAIR: Text("ประธาน", "Chair"),
    Duty.MEMBER: Text("กรรมการ", "Member"),
    Duty.SECRETARY: Text("เลขานุการ", "Secretary"),
    Duty.ATTENDEE: Text("ผู้เข้าร่วมประชุม", "Attendee"),
}

DECIDING = frozenset(
    {Duty.CHAIR, Duty.MEMBER}
)  # whose presence makes a quorum, and whose interests are judged


class Presence(StrEnum):
    """Whether somebody invited came."""

    INVITED = "invited"
    PRESENT = "present"
    REPRESENTED = "represented"
    ABSENT = "absent"


PRESENCE_NAMES = {
    Presence.INVITED: Text("ยังไม่บันทึก", "Not recorded yet"),
    Presence.PRESENT: Text("มาประชุม", "Present"),
    Presence.REPRESENTED: Text("มีผู้แทนมาประชุม", "Represented"),
    Presence.ABSENT: Text("ไม่มาประชุม", "Absent"),
}

HERE = frozenset({Presence.PRESENT, Presence.REPRESENTED})


class ItemKind(StrEnum):
    """The five items every official agenda has."""

    INFORM = "inform"
    MINUTES = "minutes"
    MATTERS = "matters"
    CONSIDER = "consider"
    OTHER = "other"


ITEM_NAMES = {
    ItemKind.INFORM: Text("เรื่องที่ประธานแจ้งให้ที่ประชุมทราบ", "Matters the chair informs the meeting of"),
    ItemKind.MINUTES: Text("เรื่องรับรองรายงานการประชุม", "Approval of the minutes"),
    ItemKind.MATTERS: Text("เรื่องสืบเนื่อง", "Matters arising"),
    ItemKind.CONSIDER: Text("เรื่องเพื่อพิจารณา", "Matters for consideration"),
    ItemKind.OTHER: Text("เรื่องอื่น ๆ", "Other matters"),
}

OWN_WORD = "own"  # the ground of a recusal that somebody asked for, whatever the registers say


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """What a meeting is, before anybody comes. `number` is as the papers give it, "" for the next of its level."""

    level: Level
    number: str
    subject: str
    place: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody to invite: with an account, or by name."""

    user_id: int | None
    name: str
    post: str
    duty: Duty


@dataclass(frozen=True, slots=True)
class Attending:
    """What is recorded of somebody invited. `note` says who came instead, or why nobody did; `leaves` takes them off
    the list."""

    duty: Duty
    post: str
    presence: Presence
    note: str
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item of the agenda as it is to stand. `item_id` is None for a new one."""

    item_id: int | None
    position: int
    kind: ItemKind
    title: str
    text: str
    resolution: str


@dataclass(frozen=True, slots=True)
class Quorum:
    """Who of those who decide is there, and how many must be: the chair, and half of them."""

    chair: bool
    present: int
    deciding: int

    @property
    def needed(self) -> int:
        return (self.deciding + 1) // 2

    @property
    def is_met(self) -> bool:
        return self.chair and self.present >= self.needed
