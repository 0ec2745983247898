"""Reviews as others see them: the secretariat, the committee, and co-reviewers whose own are in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from app.calls.models import CallDocument
from app.identity.facts import BODY_NAMES, Actor, Body
from app.identity.models import User
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.reviews.facts import NamesFor, Scores
from app.reviews.models import Assignment
from app.reviews.queries.own import AssignmentView, scores_from_json
from app.reviews.queries.rounds import ROUNDS, shows_names
from app.reviews.states import ACCEPTED

NAMELESS = Text("ผู้พิจารณาคนที่ {n}", "Reviewer {n}")


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review as the secretariat, the committee, or a co-reviewer who has finished sees it. `reviewer` is a number
    within the proposal where the round keeps names from the reader. `first_total` was made before any discussion.
    `rubric_version` is the version it is scored by, which the call may have left since."""

    assignment_id: int
    reviewer_id: int
    reviewer: Text
    body: Text
    state: str
    assigned_at: datetime
    has_begun: bool
    submitted_at: datetime | None
    total: int | None
    first_total: int | None
    finalised_at: datetime | None
    final_reason: str
    answer_reason: str
    scores: Scores
    rubric_version: int

    @property
    def counts(self) -> bool:
        """Whether it is part of the proposal's mean."""
        return self.state == ACCEPTED and self.submitted_at is not None


def read_reviews(session: Session, actor: Actor, proposal_id: int) -> list[ReviewView]:
    """Every assignment of a proposal, named as the round shows names to the actor. The caller has asked whether the
    actor may read them."""
    rows = session.execute(
        select(
            Assignment.id,
            Assignment.reviewer_id,
            Assignment.body,
            Assignment.state,
            Assignment.assigned_at,
            Assignment.updated_at,
            Assignment.submitted_at,
            Assignment.total,
            Assignment.first_total,
            Assignment.finalised_at,
            Assignment.final_reason,
            Assignment.answer_reason,
            Assignment.scores,
            User.name_th,
            User.name_en,
            ROUNDS.c.names_for,
            CallDocument.version.label("rubric_version"),
        )
        .join(User, User.id == Assignment.reviewer_id)
        .join(CallDocument, CallDocument.id == Assignment.rubric_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .outerjoin(ROUNDS, ROUNDS.c.call_id == Proposal.call_id)
        .where(Assignment.proposal_id == proposal_id)
        .order_by(Assignment.id)
    )
    return [
        ReviewView(
            assignment_id=r.id,
            reviewer_id=r.reviewer_id,
            reviewer=Text(r.name_th, r.name_en)
            if shows_names(actor, NamesFor(r.names_for or NamesFor.EVERYONE))
            else NAMELESS.fill(n=n),
            body=BODY_NAMES[Body(r.body)],
            state=r.state,
            assigned_at=r.assigned_at,
            has_begun=r.updated_at is not None,
            submitted_at=r.submitted_at,
            total=r.total,
            first_total=r.first_total,
            finalised_at=r.finalised_at,
            final_reason=r.final_reason,
            answer_reason=r.answer_reason,
            scores=scores_from_json(r.scores) if r.submitted_at else {},
            rubric_version=r.rubric_version,
        )
        for n, r in enumerate(rows, 1)
    ]


def list_reviews(session: Session, actor: Actor, proposal_id: int) -> list[ReviewView]:
    """Every assignment of a proposal with what has been handed in; unfinished scores stay their owner's."""
    require(actor, Permission.READ_REVIEWS)
    return read_reviews(session, actor, proposal_id)


def list_other_reviews(session: Session, actor: Actor, own: AssignmentView) -> list[ReviewView]:
    """Others' reviews of the same proposal that count; empty until one's own, from `get_assignment`, is in."""
    if own.submitted_at is None:
        return []
    return [
        r for r in read_reviews(session, actor, own.proposal_id) if r.counts and r.assignment_id != own.id
    ]


def finished_panels() -> Subquery:
    """What the finished reviews of each proposal amount to, to be joined: proposal_id, n, total, squares."""
    total = Assignment.total
    return (
        select(
            Assignment.proposal_id,
            func.count().label("n"),
            func.sum(total).label("total"),
            func.sum(total * total).label("squares"),
        )
        .where(Assignment.state == ACCEPTED, Assignment.submitted_at.is_not(None))
        .group_by(Assignment.proposal_id)
        .subquery()
    )
