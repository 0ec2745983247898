"""How often a review was saved, and what was handed in, as the secretariat sees it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.models import CallDocument
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.reviews.models import ReviewRevision


@dataclass(frozen=True, slots=True)
class HandIn:
    """A review as it was handed in at a moment; `total` hundredths."""

    at: datetime
    cause: str
    total: int
    reason: str
    rubric_version: int


@dataclass(frozen=True, slots=True)
class Saves:
    """How often a review was saved, and every hand-in, the first one first. What a draft held stays its owner's."""

    count: int
    hand_ins: tuple[HandIn, ...]


def count_saves(session: Session, actor: Actor, assignment_id: int) -> Saves:
    """The saves of an assignment. Two queries."""
    require(actor, Permission.READ_REVIEWS)
    of_this = ReviewRevision.assignment_id == assignment_id
    rows = session.execute(
        select(
            ReviewRevision.at,
            ReviewRevision.cause,
            ReviewRevision.total,
            ReviewRevision.reason,
            CallDocument.version,
        )
        .join(CallDocument, CallDocument.id == ReviewRevision.rubric_id)
        .where(of_this, ReviewRevision.total.is_not(None))
        .order_by(ReviewRevision.version)
    )
    number = session.scalar(select(func.count()).select_from(ReviewRevision).where(of_this)) or 0
    return Saves(number, tuple(HandIn(r.at, r.cause, r.total or 0, r.reason, r.version) for r in rows))
