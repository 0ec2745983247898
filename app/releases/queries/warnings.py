"""What whoever publishes should know before: figures that are still missing, and that may change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.decisions.models import Meeting
from app.kernel.text import Text
from app.monitoring.models import PlanChange, ProgressRecord, Project
from app.monitoring.periods import MONTHS_OF_YEAR, ReportKind, due_at
from app.monitoring.queries import find_monitored
from app.monitoring.states import ASKED, SIGNED
from app.proposals.models import Proposal
from app.proposals.results import GRANTED_STATES
from app.releases.facts import PublicYear

NOT_OPENED = Text(
    "ข้อเสนอที่ได้รับความเห็นชอบ {n} รายการยังไม่เปิดติดตาม จึงไม่อยู่ในข้อมูลชุดนี้",
    "Approved proposals that are not followed yet, and so are not in this release: {n}",
)
TO_JUDGE = Text(
    "รายงานที่ลงนามแล้ว {n} ฉบับรอการรับรอง ตัวเลขยังไม่นับ",
    "Signed reports that wait to be accepted, and do not count yet: {n}",
)
NOT_REPORTED = Text(
    "รายงานการเงินที่ถึงกำหนดแล้ว {n} เดือนของหน่วยงานยังไม่มีฉบับที่รับรอง",
    "Monthly reports that are due and have no accepted version: {n}",
)
CHANGES = Text("คำขอเปลี่ยนแปลงแผน {n} เรื่องรอพิจารณา", "Changes of plans that wait to be judged: {n}")
MEETING = Text(
    "การประชุมของรอบนี้เปิดอยู่ มติยังแก้ไขได้", "A meeting of this call is open; its decisions may still change"
)
NO_MEETING = Text(
    "ยังไม่มีการประชุมที่ปิดแล้ว จึงไม่เผยแพร่รายการที่เสนอ", "No meeting is closed, so no recommended list is told"
)


def list_warnings(session: Session, call: CallView, year: PublicYear, now: datetime) -> list[Text]:
    """What is missing from a release made now. Six queries."""

    def counted(statement: object) -> int:
        return session.scalar(statement) or 0  # type: ignore[call-overload]

    not_opened = counted(
        select(func.count(Proposal.id))
        .outerjoin(Project, Project.proposal_id == Proposal.id)
        .where(Proposal.call_id == call.id, Proposal.state.in_(GRANTED_STATES), Project.id.is_(None))
    )
    to_judge = counted(
        select(func.count(ProgressRecord.id)).where(
            ProgressRecord.call_id == call.id, ProgressRecord.state == SIGNED
        )
    )
    asked = counted(
        select(func.count(PlanChange.id))
        .join(Project, Project.id == PlanChange.project_id)
        .where(Project.call_id == call.id, PlanChange.state == ASKED)
    )
    found = [
        text.fill(n=n) for text, n in ((NOT_OPENED, not_opened), (TO_JUDGE, to_judge), (CHANGES, asked)) if n
    ]
    if missing := _months_missing(session, call, year, now):
        found.append(NOT_REPORTED.fill(n=missing))
    if counted(select(func.count(Meeting.id)).where(Meeting.open_for == call.id)):
        found.append(MEETING)
    if year.meeting is None and year.tallies:
        found.append(NO_MEETING)
    return found


def _months_missing(session: Session, call: CallView, year: PublicYear, now: datetime) -> int:
    """Of the agencies with money in projects, the months of the year that are due and have no accepted report."""
    monitored = find_monitored(session, call.fiscal_year)
    if monitored is None:
        return 0
    due = [
        month
        for month in range(1, MONTHS_OF_YEAR + 1)
        if due_at(call.fiscal_year, ReportKind.MONEY, month, monitored.rules.month_days) <= now
    ]
    carrying = {m.agency for p in year.projects for m in p.money if m.allotted}
    return sum(1 for a in year.agencies if a.code in carrying for month in due if month not in a.months)
