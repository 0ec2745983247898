"""What notices are about: the kinds people choose from, the events other rooms tell of, and who is written to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from app.identity.facts import Actor
from app.kernel.lean import dataclass
from app.kernel.text import Text


class Kind(StrEnum):
    """What a person may switch off, or not: the official kinds always come."""

    TAKING_PART = "taking_part"
    LINKS = "links"
    SIGNING = "signing"
    FILING = "filing"
    REVISION = "revision"
    REVIEWING = "reviewing"
    DISCUSSION = "discussion"
    DEADLINE = "deadline"
    REPORTING = "reporting"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class KindWords:
    """A kind as people choose it. `why_always` is empty where it can be switched off."""

    name: Text
    about: Text
    why_always: Text | None = None


KINDS: dict[Kind, KindWords] = {
    Kind.TAKING_PART: KindWords(
        Text("การเข้าร่วมโครงการ", "Taking part"),
        Text(
            "คำเชิญให้หน่วยงานเข้าร่วมโครงการ คำตอบของหน่วยงานที่ได้รับเชิญ และการยืนยันข้อมูลส่วนของหน่วยงานร่วม",
            "Invitations to take part in a proposal, the answers, and parts that participants confirm",
        ),
    ),
    Kind.LINKS: KindWords(
        Text("การเชื่อมโยงข้อมูลและระบบ", "Links"),
        Text(
            "คำขอให้หน่วยงานของท่านยืนยันการเชื่อมโยง และคำตอบต่อคำขอของหน่วยงานท่าน",
            "Links that your agency is asked to confirm, and the answers to yours",
        ),
    ),
    Kind.SIGNING: KindWords(
        Text("การลงนามรับรอง", "Signing"),
        Text(
            "ข้อเสนอที่รอการลงนามของผู้รับรอง และการลงนามที่เสร็จแล้ว",
            "Proposals that wait for a certifier's signature, and signatures given",
        ),
    ),
    Kind.FILING: KindWords(
        Text("การยื่นและการถอนข้อเสนอ", "Filing and withdrawing"),
        Text(
            "การยื่นข้อเสนอพร้อมเลขที่ใบรับ และการถอนข้อเสนอกลับมาเป็นร่าง",
            "Proposals filed, with the number of the receipt, and filings withdrawn",
        ),
        Text(
            "เรื่องนี้เป็นหลักฐานการยื่นที่ทุกหน่วยงานของโครงการต้องได้รับ จึงปิดรับไม่ได้",
            "This is the evidence of a filing, which every agency of the proposal must receive; it cannot be switched off.",
        ),
    ),
    Kind.REVISION: KindWords(
        Text("การส่งคืนแก้ไข", "Returns for revision"),
        Text(
            "ข้อเสนอที่ส่งคืนให้แก้ไขพร้อมกำหนดส่ง ข้อเสนอที่ยื่นกลับหรือเรียกคืน และคำถามของผู้พิจารณา",
            "Proposals returned for revision with their due date, filed again or called back, and reviewers' questions",
        ),
        Text(
            "เรื่องนี้เป็นการแจ้งของทางราชการที่เริ่มนับระยะเวลาแก้ไข จึงปิดรับไม่ได้",
            "This is an official notice from which the time to answer is counted; it cannot be switched off.",
        ),
    ),
    Kind.REVIEWING: KindWords(
        Text("การมอบหมายและรอบพิจารณา", "Assignments and the round of reviews"),
        Text(
            "ข้อเสนอที่มอบหมายให้ท่านพิจารณาหรือยกเลิกการมอบหมาย รอบพิจารณาที่เปลี่ยนขั้น การเปิดให้คะแนนอีกครั้ง "
            "และการขอไม่พิจารณาหรือถอนตัวของผู้พิจารณา",
            "Proposals given to you to review or taken back, the round's next phase, reviews opened again, "
            "and reviewers who decline or are recused",
        ),
        Text(
            "เรื่องนี้เป็นการมอบหมายงานของทางราชการ จึงปิดรับไม่ได้",
            "This is how official work is given and taken back; it cannot be switched off.",
        ),
    ),
    Kind.DISCUSSION: KindWords(
        Text("การหารือของผู้พิจารณา", "Discussions of reviewers"),
        Text(
            "มีความเห็นใหม่ในการหารือเรื่องข้อเสนอที่ท่านพิจารณา วันละไม่เกินหนึ่งฉบับต่อข้อเสนอ",
            "Something new in the discussion of a proposal that you review, once a day for each proposal at most",
        ),
    ),
    Kind.DEADLINE: KindWords(
        Text("กำหนดเวลา", "Deadlines"),
        Text(
            "คำเตือนก่อนครบกำหนด 3 วัน 24 ชั่วโมง และ 1 ชั่วโมง เมื่อยังมีร่างที่ไม่ได้ยื่นหรือข้อเสนอที่ยังพิจารณาไม่เสร็จ "
            "และการขยายเวลาหรือยกเลิกการขยาย",
            "Reminders 3 days, 24 hours and 1 hour before the time is up while a draft is not filed or a review is not "
            "done; extensions given or ended",
        ),
    ),
    Kind.ACCOUNT: KindWords(
        Text("ความปลอดภัยของบัญชี", "Your account's security"),
        Text(
            "การเปลี่ยนวิธีเข้าสู่ระบบของท่าน เช่น การยืนยันตัวตนสองขั้น รหัสกู้คืน และบัญชีภายนอกที่เชื่อมไว้",
            "Changes of how you sign in: the second factor, recovery codes, linked accounts",
        ),
        Text(
            "ท่านต้องทราบเมื่อมีผู้อื่นเปลี่ยนทางเข้าบัญชีของท่าน จึงปิดรับไม่ได้",
            "You must learn of it when somebody else changes the way into your account; it cannot be switched off.",
        ),
    ),
    Kind.REPORTING: KindWords(
        Text("การรายงานผลโครงการ", "Reports of projects"),
        Text(
            "คำเตือนก่อนครบกำหนดรายงาน 3 วันและเมื่อเกินกำหนด รายงานที่รอลงนาม ส่งคืน หรือรับรองแล้ว ฉบับแก้ไข "
            "และคำขอเปลี่ยนแปลงแผน",
            "Reminders 3 days before a report is due and once it is late; reports to sign, returned or accepted, "
            "corrections, and changes of plans",
        ),
    ),
}


class Event(StrEnum):
    """What other rooms tell of by `work.promise("notify", {"event": …, ids})`."""

    INVITED = "invited"
    INVITATION_ANSWERED = "invitation_answered"
    PART_CONFIRMED = "part_confirmed"
    LINK_ASKED = "link_asked"
    LINK_ANSWERED = "link_answered"
    SIGNATURE_WANTED = "signature_wanted"
    SIGNED = "signed"
    FILED = "filed"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    REFILED = "refiled"
    RECALLED = "recalled"
    QUESTION_ASKED = "question_asked"
    EXTENDED = "extended"
    EXTENSION_ENDED = "extension_ended"
    REVIEWERS_ASSIGNED = "reviewers_assigned"
    ASSIGNMENT_WITHDRAWN = "assignment_withdrawn"
    ASSIGNMENT_DECLINED = "assignment_declined"
    REVIEWER_RECUSED = "reviewer_recused"
    ROUND_MOVED = "round_moved"
    REVIEW_REOPENED = "review_reopened"
    DISCUSSION_NOTE = "discussion_note"
    REPORT_SENT = "report_sent"
    REPORT_RETURNED = "report_returned"
    REPORT_ACCEPTED = "report_accepted"
    REPORT_CORRECTED = "report_corrected"
    PLAN_CHANGE_ASKED = "plan_change_asked"
    PLAN_CHANGE_JUDGED = "plan_change_judged"
    ACCOUNT_CHANGED = "account_changed"
    # written when the secretariat asks for it
    REVIEWS_WANTED = "reviews_wanted"
    REPORTS_WANTED = "reports_wanted"
    # found by the chore of reminders, promised by nobody
    DRAFTS_DUE = "drafts_due"
    RETURN_DUE = "return_due"
    REVIEWS_DUE = "reviews_due"
    REPORTS_DUE = "reports_due"
    REPORTS_LATE = "reports_late"


class MailState(StrEnum):
    """How far an e-mail is. UNWANTED was written but never sent: the person had switched its kind off."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    UNWANTED = "unwanted"


MAIL_STATES: dict[MailState, Text] = {
    MailState.WAITING: Text("รอส่ง", "Waiting"),
    MailState.SENT: Text("ส่งแล้ว", "Sent"),
    MailState.FAILED: Text("ส่งไม่สำเร็จ", "Not sent"),
    MailState.UNWANTED: Text("ปิดรับไว้", "Switched off"),
}


class Fault(StrEnum):
    """Why an e-mail failed, where it was not the mail server that said so in its own words."""

    TOO_LATE = "too_late"
    ADDRESS = "address"
    DISABLED = "disabled"


FAULTS: dict[Fault, Text] = {
    Fault.TOO_LATE: Text(
        "ส่งไม่ได้ภายใน 3 วัน จึงไม่ส่งแล้ว เพราะเนื้อหาอาจพ้นเวลาไปแล้ว",
        "It could not be sent within 3 days and is not sent any more: what it says may be over",
    ),
    Fault.ADDRESS: Text("ที่อยู่อีเมลนี้ส่งไม่ได้", "This address cannot be written to"),
    Fault.DISABLED: Text("บัญชีถูกระงับก่อนที่จะส่ง", "The account was disabled before it was sent"),
}


def say_error(error: str) -> Text:
    """What stands in a mail's `error`, for people: our own reason, or the server's words as they came."""
    return FAULTS[Fault(error)] if error in set(Fault) else Text(error, error)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person who can sign in, and how they are written to."""

    actor: Actor
    email: str
    language: str
    unwanted: frozenset[Kind] = frozenset()


@dataclass(frozen=True, slots=True)
class Matter:
    """A proposal, as far as a letter names it. `agency_ids` may read it as their own."""

    id: int
    number: str
    title: Text
    lead: Text
    lead_id: int
    agency_ids: frozenset[int]
    is_draft: bool


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened, ready to be told.

    `named` are the agencies the event itself names; `by` is the moment until which something is to be done; `words`
    fill the places of the wording; `drafts` are (number, title) of the proposals of the one agency told.

    News of reviews is for `people` by name, less `but`, who did it; where it names people the secretariat is not told
    as well. It has no `matter` for them: a reviewer's letter names proposals by number alone, because a conflict of
    interest may yet be found. `path` is the page where it is seen to, in place of the event's own; with a `key` of its
    own, news that is told of by several promises is written once. News of an account has no call: `call` is empty.
    """

    event: Event
    call: Text
    matter: Matter | None = None
    named: frozenset[int] = frozenset()
    by: datetime | None = None
    words: Mapping[str, Text | str] = field(default_factory=dict)
    drafts: tuple[tuple[str, Text], ...] = ()
    people: frozenset[int] = frozenset()
    but: int | None = None
    path: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one event, and the page where it is seen to. `todo` may be empty."""

    subject: Text
    happened: Text
    todo: Text
    path: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every letter of this installation carries: the address of the site, and where answers go, if anywhere."""

    site_url: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject of one line and a plain text, in one language."""

    subject: str
    body: str
