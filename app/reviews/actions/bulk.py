"""A file of assignments is carried out: exactly what was previewed, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.reviews.actions.assigning import Seat, give_seats, lock_call, take_back
from app.reviews.models import Assignment
from app.reviews.queries.seat_plan import FilePlan, Outcome, find_named, plan_rows
from app.reviews.seat_file import FileRow

CHANGED_MEANWHILE = Text(
    "มีบางอย่างเปลี่ยนไปหลังจากตัวอย่างก่อน ยังไม่มีสิ่งใดเปลี่ยนตามแฟ้ม กรุณาตรวจตัวอย่างใหม่นี้แล้วยืนยันอีกครั้ง",
    "Something changed since the preview. Nothing of the file was done; check this new preview and confirm again",
)
HAS_PROBLEMS = Text(
    "แฟ้มยังมีแถวที่ต้องแก้ไข จึงไม่ได้ทำแถวใดเลย",
    "The file has rows to be mended, so none of it was done",
)


def apply_file(work: Work[Actor], call_id: int, rows: Sequence[FileRow], fingerprint: str) -> FilePlan:
    """Do what the rows ask. Raises `Stale` when it is no longer what was previewed (`fingerprint`), `Refused` with
    every row that cannot be done; then nothing is done. The same file once more does nothing."""
    require(work.actor, Permission.ASSIGN_REVIEWER)
    named = find_named(work.session, call_id, rows)
    seating = lock_call(work, call_id, *named.pairs)
    plan = plan_rows(rows, named, seating)
    if plan.fingerprint != fingerprint:
        raise Stale(CHANGED_MEANWHILE)
    if plan.problems:
        raise Refused(
            HAS_PROBLEMS, [Problem(f"line-{r.row.line}", r.said or HAS_PROBLEMS) for r in plan.problems]
        )
    if not plan.changes:
        return plan
    _take_back(work, plan)
    seats = [(Seat(*r.pair), r.held) for r in plan.of(Outcome.GIVE, Outcome.GIVE_AGAIN) if r.pair is not None]
    give_seats(work, call_id, seating, seats)
    work.audit(
        "import_assignments",
        f"call:{call_id}",
        after=fingerprint,
        detail={outcome.value: len(plan.of(outcome)) for outcome in Outcome},
    )
    return plan


def _take_back(work: Work[Actor], plan: FilePlan) -> None:
    reasons = {r.held.assignment_id: r.row.reason for r in plan.of(Outcome.TAKE_BACK) if r.held is not None}
    if not reasons:
        return
    for assignment in work.session.scalars(
        select(Assignment)
        .where(Assignment.id.in_(reasons))
        .order_by(Assignment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all():
        take_back(work, assignment, reasons[assignment.id], is_told=False)
    # one letter for each reviewer, however many were taken back
    work.promise("notify", {"event": "assignment_withdrawn", "assignments": sorted(reasons)})
