"""The reviews of a call as a record: who scored what, how often, why it changed, and what became of every assignment.

A selection of projects must be defended with this. Names and the reasons of those who did not review are shown as the
reader may see them. Private notes and what was said in discussions are no part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from app.reviews.states import ACCEPTED

HAND_INS = ("handed_in", "rescored", "final")
REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Record:
    """One assignment and its review. Totals are hundredths of a point; scores are empty until handed in.

    `first_scores` are those of the first hand-in. `answer_reason` is empty where the reader may not see it, and
    `reviewer` a number within the proposal where names are kept from the reader.
    """

    assignment_id: int
    proposal_id: int
    number: str
    title: Text
    reviewer: Text
    body: Text
    panel: Text | None
    state: str
    assigned_at: datetime
    answered_at: datetime | None
    answer_reason: str
    submitted_at: datetime | None
    first_total: int | None
    total: int | None
    finalised_at: datetime | None
    final_reason: str
    rubric_id: int
    scores: Scores
    first_scores: Scores

    @property
    def counts(self) -> bool:
        """Whether it is part of the proposal's mean."""
        return self.state == ACCEPTED and self.submitted_at is not None


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """A review was handed in (`cause` as in `ReviewRevision`) or reopened ("reopened": `by` whom, until `until`)."""

    record: Record
    cause: str
    at: datetime
    total: int | None = None
    reason: str = ""
    rubric_id: int | None = None
    by: Text | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """What a discussion came to. Earlier outcomes of the same proposal stand before the one that counts."""

    proposal_id: int
    number: str
    title: Text
    outcome: str
    text: str
    at: datetime
    by: Text | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class MoveRecord:
    """A step of the round."""

    move: str
    from_phase: str
    to_phase: str
    reason: str
    at: datetime
    by: Text | None


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One criterion of one finished review. `first_level` is that of the first hand-in, None where the criterion was
    not yet in the rubric; `weight` in percent and `version` are of the rubric the review was scored by."""

    record: Record
    criterion: str
    name: Text
    weight: int
    version: int
    first_level: int | None
    level: int
    comment: str

    @property
    def points(self) -> int:
        """What the level adds to the total, hundredths of a point."""
        return self.weight * self.level * 25


@dataclass(frozen=True, slots=True)
class ReviewRecords:
    """All reviews of a call, by proposal number and the order of assignment; events, outcomes and moves by time.

    `shows_names` and `shows_reasons` say what this reader sees: reviewers' names, and why somebody did not review.
    """

    shows_names: bool
    shows_reasons: bool
    rubrics: Mapping[int, Rubric]
    records: tuple[Record, ...] = ()
    events: tuple[ReviewEvent, ...] = ()
    outcomes: tuple[OutcomeRecord, ...] = ()
    moves: tuple[MoveRecord, ...] = ()

    @property
    def counted(self) -> Iterator[Record]:
        """The reviews that are part of a mean."""
        return (record for record in self.records if record.counts)

    def scores(self) -> Iterator[ScoreRow]:
        """Every criterion of the reviews that count, in the rubric's order."""
        for record in self.counted:
            rubric = self.rubrics[record.rubric_id]
            for criterion in rubric.criteria:
                score = record.scores.get(criterion.code)
                if score is None or score.level is None:
                    continue
                first = record.first_scores.get(criterion.code)
                yield ScoreRow(
                    record,
                    criterion.code,
                    criterion.name,
                    criterion.weight,
                    rubric.version,
                    first.level if first else None,
                    score.level,
                    score.comment,
                )

    @property
    def moments(self) -> Iterator[datetime]:
        """Every moment something in here was done."""
        for record in self.records:
            yield record.assigned_at
            if record.answered_at is not None:
                yield record.answered_at
        for done in (self.events, self.outcomes, self.moves):
            yield from (one.at for one in done)


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
