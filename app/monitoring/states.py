"""The lives of a project, of a change and of a report."""

from __future__ import annotations

from app.kernel.lifecycle import Lifecycle, Move
from app.kernel.text import Text

ACTIVE, CLOSED, CANCELLED = "active", "closed", "cancelled"

PROJECT_STATES: dict[str, Text] = {
    ACTIVE: Text("ดำเนินการ", "Under way"),
    CLOSED: Text("ปิดโครงการ", "Closed"),
    CANCELLED: Text("ยกเลิกโครงการ", "Cancelled"),
}
PROJECT_LIFE = Lifecycle(
    PROJECT_STATES,
    [
        Move("close", frozenset({ACTIVE}), CLOSED),
        Move("cancel", frozenset({ACTIVE}), CANCELLED),
        # what was spent may turn up late: a closed project can be opened for its corrections
        Move("reopen", frozenset({CLOSED}), ACTIVE),
    ],
)

DRAFT = "draft"
ASKED, APPROVED, REFUSED, WITHDRAWN = "asked", "approved", "refused", "withdrawn"

CHANGE_STATES: dict[str, Text] = {
    DRAFT: Text("ร่าง", "Draft"),
    ASKED: Text("ยื่นแล้ว รอพิจารณา", "Asked for, waiting"),
    APPROVED: Text("อนุมัติ", "Approved"),
    REFUSED: Text("ไม่อนุมัติ", "Refused"),
    WITHDRAWN: Text("ถอนคำขอ", "Withdrawn"),
}
CHANGE_LIFE = Lifecycle(
    CHANGE_STATES,
    [
        Move("ask", frozenset({DRAFT}), ASKED),
        Move("approve", frozenset({ASKED}), APPROVED),
        Move("refuse", frozenset({ASKED}), REFUSED),
        # to be mended and asked for again: what was typed is kept
        Move("return", frozenset({ASKED}), DRAFT),
        Move("withdraw", frozenset({DRAFT, ASKED}), WITHDRAWN),
    ],
)

SENT, SIGNED, ACCEPTED, RETURNED, SUPERSEDED = "sent", "signed", "accepted", "returned", "superseded"

REPORT_STATES: dict[str, Text] = {
    DRAFT: Text("ร่าง", "Draft"),
    SENT: Text("รอผู้รับรองลงนาม", "Waiting for the certifier"),
    SIGNED: Text("ลงนามแล้ว รอฝ่ายเลขานุการรับรอง", "Signed, waiting for the secretariat"),
    ACCEPTED: Text("รับรองแล้ว", "Accepted"),
    RETURNED: Text("ส่งคืนแก้ไข", "Returned"),
    SUPERSEDED: Text("มีฉบับแก้ไขแทนแล้ว", "Replaced by a correction"),
}
REPORT_LIFE = Lifecycle(
    REPORT_STATES,
    [
        Move("send", frozenset({DRAFT, RETURNED}), SENT),
        # the certifier hands it back to the officer, or the officer takes it back before it is signed
        Move("hand_back", frozenset({SENT}), DRAFT),
        Move("sign", frozenset({SENT}), SIGNED),
        Move("accept", frozenset({SIGNED}), ACCEPTED),
        Move("return", frozenset({SIGNED}), RETURNED),
        # a correction that was accepted stands in its place; what it said is kept
        Move("supersede", frozenset({ACCEPTED}), SUPERSEDED),
    ],
)
WRITABLE = frozenset({DRAFT, RETURNED})
HANDED_IN = frozenset({SIGNED, ACCEPTED, SUPERSEDED})
"""The states in which the agency's duty to report a period is done."""
