"""Reading from the database what a decision book says, as it stands at the moment of closing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.models import CallDocument
from app.calls.queries import CallView
from app.decisions.models import AgendaItem, Decision, DecisionBook, Meeting, MeetingMember, Recusal
from app.figures.books.content import (
    AdoptedScenario,
    AgendaRow,
    Attendant,
    AuditHead,
    CallFacts,
    DecisionRow,
    Document,
    Filing,
    HandChange,
    LeftRoom,
    MeetingRecord,
    PrintableContents,
    ReviewLevels,
    allocation_rows,
    ranking_rows,
)
from app.figures.queries.ranking import RankingBook, ranking_book
from app.identity.facts import Actor, Membership, Role
from app.identity.models import User
from app.kernel.audit import GENESIS, AuditEntry
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.models import Scenario, ScenarioAdjustment
from app.portfolio.queries import adopted_scenario, adopted_terms
from app.proposals.models import Proposal, Submission
from app.proposals.states import RANKED_STATES
from app.reviews.models import Assignment
from app.reviews.queries.own import scores_from_json
from app.reviews.states import ACCEPTED

# the book is for those who decide: reviewers' names stand in it only where the committee reads them
READER = Actor(0, Text("สมุดมติ", "Decision book"), (Membership(Role.COMMITTEE, None, None),))


def read_contents(session: Session, call: CallView, meeting: Meeting) -> PrintableContents:
    """Everything the book of a meeting says; the meeting is closed already, in this transaction."""
    figures = ranking_book(session, READER, call)
    people = _people(session)
    scenario = adopted_scenario(session, call.id)[1]
    terms = adopted_terms(session, call)
    allocation = allocate([b.line.entry for b in figures.page.lines], terms)
    return PrintableContents(
        call=CallFacts(
            call.fiscal_year,
            call.name,
            call.ceiling,
            call.origin.value,
            call.plan_sha256,
            call.rubric_sha256,
            call.rulebook_sha256,
        ),
        documents=tuple(_documents(session, call, figures)),
        filings=_filings(session, call.id),
        scores=tuple(_scores(session, call.id)),
        terms=terms,
        scenario=_adopted(scenario, people),
        changes=tuple(_changes(session, scenario, people)),
        entries=tuple(line.entry for line in allocation.lines),
        ranking=ranking_rows(allocation.lines),
        allocation=allocation_rows(allocation),
        decisions=tuple(_decisions(session, call.id, people)),
        meeting=_meeting(session, meeting, people),
        audit=_audit_head(session, call.id),
        figures=figures,
    )


def _people(session: Session) -> dict[int | None, Text]:
    return {key: Text(th, en) for key, th, en in session.execute(select(User.id, User.name_th, User.name_en))}


def _documents(session: Session, call: CallView, figures: RankingBook) -> Iterable[Document]:
    """The call's documents, and every other rubric a review that counts was scored by."""
    ids = {call.plan_id, call.rubric_id, call.rulebook_id, *figures.reviews.rubrics}
    if call.prices_id is not None:
        ids.add(call.prices_id)
    rows = session.scalars(
        select(CallDocument)
        .where(CallDocument.id.in_(ids))
        .order_by(CallDocument.kind, CallDocument.code, CallDocument.version)
    )
    for row in rows:
        yield Document(row.kind, row.code, row.version, row.sha256, json.loads(row.content))


def _filings(session: Session, call_id: int) -> dict[str, Filing]:
    """Number -> the filing that counts."""
    rows = session.execute(
        select(Proposal.number, Submission.sha256, Submission.content)
        .join(
            Submission, (Submission.proposal_id == Proposal.id) & (Submission.sha256 == Proposal.facts_sha256)
        )
        .where(Proposal.call_id == call_id)
        .order_by(Proposal.number, Submission.sequence)
    )
    return {number: Filing(sha256, json.loads(content)) for number, sha256, content in rows}


def _scores(session: Session, call_id: int) -> Iterable[ReviewLevels]:
    """The reviews that count, by number and assignment; reviewers numbered as they first appear."""
    keys: dict[int, int] = {}
    rows = session.execute(
        select(
            Proposal.number, Assignment.reviewer_id, CallDocument.sha256, Assignment.total, Assignment.scores
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(CallDocument, CallDocument.id == Assignment.rubric_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(RANKED_STATES))
        .where(Assignment.state == ACCEPTED, Assignment.submitted_at.is_not(None))
        .order_by(Proposal.number, Assignment.id)
    )
    for number, reviewer_id, sha256, total, content in rows:
        levels = {
            code: score.level for code, score in scores_from_json(content).items() if score.level is not None
        }
        yield ReviewLevels(number, keys.setdefault(reviewer_id, len(keys) + 1), sha256, total or 0, levels)


def _adopted(scenario: Scenario | None, people: Mapping[int | None, Text]) -> AdoptedScenario | None:
    if scenario is None or scenario.adopted_at is None:
        return None
    return AdoptedScenario(
        scenario.name,
        scenario.note,
        scenario.adopted_at,
        people.get(scenario.adopted_by),
        scenario.adopted_reason,
        scenario.adopted_sha256 or "",
    )


def _changes(
    session: Session, scenario: Scenario | None, people: Mapping[int | None, Text]
) -> Iterable[HandChange]:
    if scenario is None:
        return
    rows = session.execute(
        select(Proposal.number, ScenarioAdjustment)
        .join(Proposal, Proposal.id == ScenarioAdjustment.proposal_id)
        .where(ScenarioAdjustment.scenario_id == scenario.id, ScenarioAdjustment.ended_at.is_(None))
        .order_by(Proposal.number)
    )
    for number, row in rows:
        yield HandChange(number, row.kind, row.amount, row.reason, row.at, people.get(row.by))


def _decisions(session: Session, call_id: int, people: Mapping[int | None, Text]) -> Iterable[DecisionRow]:
    rows = session.execute(
        select(Proposal.number, Decision, Meeting.number)
        .join(Decision, Decision.proposal_id == Proposal.id)
        .outerjoin(Meeting, Meeting.id == Decision.meeting_id)
        .where(Proposal.call_id == call_id, Decision.superseded_at.is_(None))
        .order_by(Proposal.number)
    )
    for number, d, meeting in rows:
        yield DecisionRow(
            number,
            d.verdict,
            d.amount,
            d.conditions,
            d.resolution,
            d.number,
            d.reason,
            d.decided_at,
            people.get(d.decided_by),
            meeting or "",
        )


def _meeting(session: Session, meeting: Meeting, people: Mapping[int | None, Text]) -> MeetingRecord:
    members = session.scalars(
        select(MeetingMember).where(MeetingMember.meeting_id == meeting.id).order_by(MeetingMember.position)
    ).all()
    recusals = session.execute(
        select(Proposal.number, MeetingMember.name, Recusal.ground, Recusal.note)
        .join(MeetingMember, MeetingMember.id == Recusal.member_id)
        .join(Proposal, Proposal.id == Recusal.proposal_id)
        .where(MeetingMember.meeting_id == meeting.id)
        .order_by(Proposal.number, MeetingMember.position)
    )
    agenda = session.scalars(
        select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(AgendaItem.position)
    )
    if meeting.closed_at is None:
        raise ValueError("a book is made of a closed meeting")
    return MeetingRecord(
        level=meeting.level,
        ordinal=meeting.ordinal,
        number=meeting.number,
        subject=meeting.subject,
        place=meeting.place,
        starts_at=meeting.starts_at,
        opened_at=meeting.opened_at,
        closed_at=meeting.closed_at,
        closed_by=people.get(meeting.closed_by),
        attendance=tuple(Attendant(m.name, m.post, m.role, m.presence, m.note) for m in members),
        recusals=tuple(LeftRoom(*row) for row in recusals),
        agenda=tuple(AgendaRow(a.position, a.kind, a.title, a.text, a.resolution) for a in agenda),
    )


def _audit_head(session: Session, call_id: int) -> AuditHead:
    """The audit log as it stood before this transaction; the closing's own entry will carry the book's SHA-256."""
    last = session.execute(
        select(AuditEntry.seq, AuditEntry.sha256).order_by(AuditEntry.seq.desc()).limit(1)
    ).first()
    previous = session.scalar(
        select(DecisionBook.head)
        .where(DecisionBook.call_id == call_id)
        .order_by(DecisionBook.id.desc())
        .limit(1)
    )
    return AuditHead(last.seq if last else 0, last.sha256 if last else GENESIS, previous)
