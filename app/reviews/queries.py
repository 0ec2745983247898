"""What is asked of reviews."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import BODY_NAMES, Actor, Body
from app.identity.models import Agency, User
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.queries import Filing, get_filing
from app.proposals.states import DRAFT
from app.reviews.facts import Score, Scores
from app.reviews.models import Assignment


def scores_from_json(content: str) -> dict[str, Score]:
    return {code: Score(value["level"], value["comment"]) for code, value in json.loads(content).items()}


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """One review on its reviewer's desk."""

    id: int
    proposal_id: int
    reviewer_id: int
    version: int
    scores: Scores
    updated_at: datetime | None
    submitted_at: datetime | None
    total: int | None
    filing: Filing

    @property
    def is_of_earlier_filing(self) -> bool:
        """Whether the agency has filed again since this was scored."""
        return self.updated_at is not None and self.updated_at < self.filing.submitted_at


def get_assignment(session: Session, actor: Actor, assignment_id: int) -> AssignmentView:
    """A review of the actor's own with the filing it is about. Raises `NotFound`."""
    require(actor, Permission.SCORE_PROPOSAL)
    row = session.get(Assignment, assignment_id)
    if row is None:
        raise NotFound()
    mine = frozenset({row.reviewer_id})
    require(actor, Permission.SCORE_PROPOSAL, Target(user_ids=mine))
    return AssignmentView(
        id=row.id,
        proposal_id=row.proposal_id,
        reviewer_id=row.reviewer_id,
        version=row.version,
        scores=scores_from_json(row.scores),
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        total=row.total,
        filing=get_filing(session, actor, row.proposal_id, assigned_to=mine),
    )


@dataclass(frozen=True, slots=True)
class OwnAssignment:
    """A line of the reviewer's list. `total` hundredths of a point; `amount` satang. `is_of_earlier_filing`: the
    agency has filed again since this was scored."""

    id: int
    proposal_id: int
    fiscal_year: int
    number: str
    title: Text
    agency: Text
    stage: str
    amount: int
    state: str
    scored: int
    submitted_at: datetime | None
    total: int | None
    closes_at: datetime
    is_of_earlier_filing: bool


def list_own_assignments(session: Session, actor: Actor) -> list[OwnAssignment]:
    """What was given to this reviewer: unfinished first, then by number."""
    require(actor, Permission.SCORE_PROPOSAL)
    rows = session.execute(
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.scores,
            Assignment.updated_at,
            Assignment.submitted_at,
            Assignment.total,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.stage,
            Proposal.state,
            Proposal.total.label("amount"),
            Proposal.submitted_at.label("filed_at"),
            Agency.name_th,
            Agency.name_en,
            Call.fiscal_year,
            Call.closes_at,
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(Assignment.reviewer_id == actor.id, Proposal.state != DRAFT)
        .order_by(Assignment.submitted_at.is_not(None), Proposal.number.desc())
    )
    return [
        OwnAssignment(
            id=r.id,
            proposal_id=r.proposal_id,
            fiscal_year=r.fiscal_year,
            number=r.number,
            title=Text(r.title_th, r.title_en),
            agency=Text(r.name_th, r.name_en),
            stage=r.stage,
            amount=r.amount,
            state=r.state,
            scored=sum(1 for v in json.loads(r.scores).values() if v["level"] is not None),
            submitted_at=r.submitted_at,
            total=r.total,
            closes_at=r.closes_at,
            is_of_earlier_filing=r.updated_at is not None and r.updated_at < r.filed_at,
        )
        for r in rows
    ]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review as the secretariat, the committee, or a co-reviewer who has finished sees it."""

    assignment_id: int
    reviewer_id: int
    reviewer: Text
    body: Text
    assigned_at: datetime
    has_begun: bool
    submitted_at: datetime | None
    total: int | None
    scores: Scores


def _reviews(session: Session, proposal_id: int) -> list[ReviewView]:
    return [
        ReviewView(
            assignment_id=r.id,
            reviewer_id=r.reviewer_id,
            reviewer=Text(r.name_th, r.name_en),
            body=BODY_NAMES[Body(r.body)],
            assigned_at=r.assigned_at,
            has_begun=r.updated_at is not None,
            submitted_at=r.submitted_at,
            total=r.total,
            scores=scores_from_json(r.scores) if r.submitted_at else {},
        )
        for r in session.execute(
            select(
                Assignment.id,
                Assignment.reviewer_id,
                Assignment.body,
                Assignment.assigned_at,
                Assignment.updated_at,
                Assignment.submitted_at,
                Assignment.total,
                Assignment.scores,
                User.name_th,
                User.name_en,
            )
            .join(User, User.id == Assignment.reviewer_id)
            .where(Assignment.proposal_id == proposal_id)
            .order_by(Assignment.id)
        )
    ]


def list_reviews(session: Session, actor: Actor, proposal_id: int) -> list[ReviewView]:
    """Every assignment of a proposal with what has been handed in; unfinished scores stay their owner's."""
    require(actor, Permission.READ_REVIEWS)
    return _reviews(session, proposal_id)


def list_other_reviews(session: Session, own: AssignmentView) -> list[ReviewView]:
    """Others' finished reviews of the same proposal; empty until one's own, from `get_assignment`, is in."""
    if own.submitted_at is None:
        return []
    return [
        r
        for r in _reviews(session, own.proposal_id)
        if r.submitted_at is not None and r.assignment_id != own.id
    ]


def reviewers_of(session: Session, proposal_id: int) -> frozenset[int]:
    """The people a proposal was given to: whom the scope ASSIGNED reaches."""
    return frozenset(
        session.scalars(select(Assignment.reviewer_id).where(Assignment.proposal_id == proposal_id))
    )


def find_own_assignment(session: Session, actor: Actor, proposal_id: int) -> int:
    """The actor's own review of a proposal. Raises `NotFound`."""
    require(actor, Permission.SCORE_PROPOSAL)
    found = session.scalar(
        select(Assignment.id).where(Assignment.proposal_id == proposal_id, Assignment.reviewer_id == actor.id)
    )
    if found is None:
        raise NotFound()
    return found


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
        .where(Assignment.submitted_at.is_not(None))
        .group_by(Assignment.proposal_id)
        .subquery()
    )


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One criterion of one finished review, for the committee's papers."""

    number: str
    title: Text
    body: Text
    reviewer: Text
    criterion: str
    level: int
    comment: str
    total: int
    submitted_at: datetime


def list_scores(session: Session, actor: Actor, call_id: int) -> list[ScoreRow]:
    """Every finished score of a call, by proposal number, reviewer and criterion."""
    require(actor, Permission.READ_REVIEWS)
    rows = session.execute(
        select(
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Assignment.body,
            Assignment.scores,
            Assignment.total,
            Assignment.submitted_at,
            User.name_th,
            User.name_en,
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(User, User.id == Assignment.reviewer_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT, Assignment.submitted_at.is_not(None))
        .order_by(Proposal.number, Assignment.id)
    )
    return [
        ScoreRow(
            r.number,
            Text(r.title_th, r.title_en),
            BODY_NAMES[Body(r.body)],
            Text(r.name_th, r.name_en),
            criterion,
            score.level if score.level is not None else 0,
            score.comment,
            r.total,
            r.submitted_at,
        )
        for r in rows
        for criterion, score in scores_from_json(r.scores).items()
    ]
