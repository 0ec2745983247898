"""Every save of a review, for the reviewer who made it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.merging import Sheet
from app.reviews.models import ReviewRevision
from app.reviews.queries.own import AssignmentView, scores_from_json

CAUSES: dict[str, Text] = {
    "saved": Text("บันทึกร่าง", "Saved as a draft"),
    "autosaved": Text("บันทึกอัตโนมัติ", "Saved by itself"),
    "merged": Text("บันทึกรวมกับอีกหน้าหนึ่งของท่าน", "Saved together with another page of yours"),
    "restored": Text("นำฉบับก่อนกลับมาใช้", "An earlier version brought back"),
    "handed_in": Text("ส่งผลคะแนน", "Handed in"),
    "rescored": Text("ส่งผลคะแนนใหม่", "Handed in anew"),
    "final": Text("ส่งคะแนนสุดท้าย", "Final scores handed in"),
}


@dataclass(frozen=True, slots=True)
class Revision:
    """One save of a review of one's own; `total` (hundredths) where it was handed in."""

    version: int
    sheet: Sheet
    total: int | None
    cause: str
    rubric_id: int
    at: datetime


def list_revisions(session: Session, own: AssignmentView, *, most: int = 200) -> list[Revision]:
    """The saves of one's own review, from `get_assignment`, latest first. One query."""
    rows = session.execute(
        select(
            ReviewRevision.version,
            ReviewRevision.content,
            ReviewRevision.notes,
            ReviewRevision.reason,
            ReviewRevision.total,
            ReviewRevision.cause,
            ReviewRevision.rubric_id,
            ReviewRevision.at,
        )
        .where(ReviewRevision.assignment_id == own.id)
        .order_by(ReviewRevision.version.desc())
        .limit(most)
    )
    return [
        Revision(
            r.version,
            Sheet(scores_from_json(r.content), r.notes, r.reason),
            r.total,
            r.cause,
            r.rubric_id,
            r.at,
        )
        for r in rows
    ]
