"""The reviews of a call as a record: who scored what, how often, why it changed, and what became of every assignment.

A selection of projects must be defended with this. Names and the reasons of those who did not review are shown as the
reader may see them. Private notes and what was said in discussions are no part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.facts import Rubric
from app.calls.models import CallDocument
from app.calls.queries import parse_document
from app.identity.facts import BODY_NAMES, Actor, Body
from app.identity.models import User
from app.identity.rules import Permission, may, require
from app.kernel.audit import AuditEntry
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.facts import Scores
from app.reviews.models import (
    Assignment,
    DiscussionOutcome,
    Panel,
    ReviewRevision,
    ReviewRound,
    RoundMove,
)
from app.reviews.queries.own import scores_from_json
from app.reviews.queries.reviews import NAMELESS
from app.reviews.queries.rounds import get_round, shows_names
from app.reviews.records import (
    HAND_INS,
    REOPENED,
    MoveRecord,
    OutcomeRecord,
    Record,
    ReviewEvent,
    ReviewRecords,
    ScoreRow,
)


def list_review_records(session: Session, actor: Actor, call_id: int) -> ReviewRecords:
    """The record of a call's reviews as the actor may see it. At most ten queries. Raises `Forbidden`."""
    require(actor, Permission.READ_REVIEWS)
    names = shows_names(actor, get_round(session, call_id).names_for)
    reasons = may(actor, Permission.ASSIGN_REVIEWER)
    records = _records(session, call_id, names=names, reasons=reasons)
    by_id = {record.assignment_id: record for record in records}
    people = _people(session)
    events = [*_hand_ins(session, call_id, by_id), *_reopenings(session, by_id, people)]
    used = {r.rubric_id for r in records} | {e.rubric_id for e in events if e.rubric_id is not None}
    return ReviewRecords(
        shows_names=names,
        shows_reasons=reasons,
        rubrics=_rubrics(session, used),
        records=records,
        events=tuple(sorted(events, key=lambda e: (e.at, e.record.number, e.record.assignment_id))),
        outcomes=_outcomes(session, call_id, people),
        moves=_moves(session, call_id, people),
    )


def list_scores(session: Session, actor: Actor, call_id: int) -> list[ScoreRow]:
    """Every finished score of a call, by proposal number, reviewer and criterion. Raises `Forbidden`."""
    return list(list_review_records(session, actor, call_id).scores())


def _records(session: Session, call_id: int, *, names: bool, reasons: bool) -> tuple[Record, ...]:
    first = _first_scores(session, call_id)
    titles: dict[int, Text] = {}
    people: dict[int, Text] = {}
    seats: dict[int, int] = {}
    panels = {
        panel_id: Text(th, en)
        for panel_id, th, en in session.execute(
            select(Panel.id, Panel.name_th, Panel.name_en).where(Panel.call_id == call_id)
        )
    }
    found = []
    for r in session.execute(
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.reviewer_id,
            Assignment.panel_id,
            Assignment.body,
            Assignment.state,
            Assignment.assigned_at,
            Assignment.answered_at,
            Assignment.answer_reason,
            Assignment.submitted_at,
            Assignment.first_total,
            Assignment.total,
            Assignment.finalised_at,
            Assignment.final_reason,
            Assignment.rubric_id,
            Assignment.scores,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            User.name_th,
            User.name_en,
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(User, User.id == Assignment.reviewer_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT)
        .order_by(Proposal.number, Assignment.id)
    ):
        # the same numbers as on the page of the proposal: by order of assignment, whatever became of it
        n = seats[r.proposal_id] = seats.get(r.proposal_id, 0) + 1
        if r.proposal_id not in titles:
            titles[r.proposal_id] = Text(r.title_th, r.title_en)
        if names and r.reviewer_id not in people:
            people[r.reviewer_id] = Text(r.name_th, r.name_en)
        scores = scores_from_json(r.scores) if r.submitted_at else {}
        found.append(
            Record(
                assignment_id=r.id,
                proposal_id=r.proposal_id,
                number=r.number,
                title=titles[r.proposal_id],
                reviewer=people[r.reviewer_id] if names else NAMELESS.fill(n=n),
                body=BODY_NAMES[Body(r.body)],
                panel=panels.get(r.panel_id),
                state=r.state,
                assigned_at=r.assigned_at,
                answered_at=r.answered_at,
                answer_reason=r.answer_reason if reasons else "",
                submitted_at=r.submitted_at,
                first_total=r.first_total,
                total=r.total,
                finalised_at=r.finalised_at,
                final_reason=r.final_reason,
                rubric_id=r.rubric_id,
                scores=scores,
                first_scores=first.get(r.id, scores) if scores else {},
            )
        )
    return tuple(found)


def _first_scores(session: Session, call_id: int) -> dict[int, Scores]:
    """Assignment id -> what was handed in first, where that is not what counts now."""
    rows = session.execute(
        select(ReviewRevision.assignment_id, ReviewRevision.content)
        .join(Assignment, Assignment.id == ReviewRevision.assignment_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(
            Proposal.call_id == call_id,
            ReviewRevision.cause == "handed_in",
            ReviewRevision.content != Assignment.scores,
        )
        .order_by(ReviewRevision.id.desc())  # the earliest is kept
    )
    return {assignment_id: scores_from_json(content) for assignment_id, content in rows}


def _people(session: Session) -> dict[int, Text]:
    """Everybody who may have reopened, recorded or moved something."""
    rows = session.execute(select(User.id, User.name_th, User.name_en))
    return {user_id: Text(th, en) for user_id, th, en in rows}


def _hand_ins(session: Session, call_id: int, by_id: Mapping[int, Record]) -> Iterator[ReviewEvent]:
    rows = session.execute(
        select(
            ReviewRevision.assignment_id,
            ReviewRevision.cause,
            ReviewRevision.at,
            ReviewRevision.total,
            ReviewRevision.reason,
            ReviewRevision.rubric_id,
        )
        .join(Assignment, Assignment.id == ReviewRevision.assignment_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT, ReviewRevision.cause.in_(HAND_INS))
        .order_by(ReviewRevision.id)
    )
    for assignment_id, cause, at, total, reason, rubric_id in rows:
        yield ReviewEvent(by_id[assignment_id], cause, at, total, reason, rubric_id)


def _reopenings(
    session: Session, by_id: Mapping[int, Record], people: Mapping[int, Text]
) -> Iterator[ReviewEvent]:
    """The log is where a reopening is remembered for good: the assignment forgets it once handed in anew."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.actor_id, AuditEntry.subject, AuditEntry.detail)
        .where(AuditEntry.action == "reopen_review")
        .order_by(AuditEntry.seq)
    )
    for at, actor_id, subject, detail in rows:
        record = by_id.get(int(subject.partition(":")[2]))
        if record is None:
            continue
        said = json.loads(detail)
        yield ReviewEvent(
            record,
            REOPENED,
            at,
            reason=said["reason"],
            by=people.get(actor_id) if actor_id is not None else None,
            until=datetime.fromisoformat(said["until"]),
        )


def _rubrics(session: Session, ids: set[int]) -> dict[int, Rubric]:
    found = {}
    for document_id, sha256, content in session.execute(
        select(CallDocument.id, CallDocument.sha256, CallDocument.content).where(CallDocument.id.in_(ids))
    ):
        rubric = parse_document("rubric", sha256, content)
        assert isinstance(rubric, Rubric)
        found[document_id] = rubric
    return found


def _outcomes(session: Session, call_id: int, people: Mapping[int, Text]) -> tuple[OutcomeRecord, ...]:
    rows = session.execute(
        select(DiscussionOutcome, Proposal.number, Proposal.title_th, Proposal.title_en)
        .join(Proposal, Proposal.id == DiscussionOutcome.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT)
        .order_by(Proposal.number, DiscussionOutcome.id)
    ).all()
    latest = {r.DiscussionOutcome.proposal_id: r.DiscussionOutcome.id for r in rows}
    return tuple(
        OutcomeRecord(
            proposal_id=o.proposal_id,
            number=number,
            title=Text(title_th, title_en),
            outcome=o.outcome,
            text=o.text,
            at=o.at,
            by=people.get(o.by) if o.by is not None else None,
            is_current=latest[o.proposal_id] == o.id,
        )
        for o, number, title_th, title_en in rows
    )


def _moves(session: Session, call_id: int, people: Mapping[int, Text]) -> tuple[MoveRecord, ...]:
    rows = session.scalars(
        select(RoundMove)
        .join(ReviewRound, ReviewRound.id == RoundMove.round_id)
        .where(ReviewRound.call_id == call_id)
        .order_by(RoundMove.id)
    )
    return tuple(
        MoveRecord(m.move, m.from_phase, m.to_phase, m.reason, m.at, people.get(m.by) if m.by else None)
        for m in rows
    )
