"""Frozen filings: one of them, many of them, their lines and their lives."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, false, func, select
from sqlalchemy.orm import Session, aliased

from app.identity.facts import Actor
from app.identity.models import Agency, Ministry, User
from app.identity.rules import Permission, Scope, Target, require, scope_of
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, search_key
from app.proposals.facts import ProposalFacts
from app.proposals.freezing import facts_from_json
from app.proposals.models import (
    Proposal,
    ProposalMove,
    Submission,
    SubmittedLine,
)
from app.proposals.queries.owners import OWNERS, read_owners
from app.proposals.states import DRAFT

_LONGEST_SEARCH = 200  # letters; databases refuse patterns and conditions beyond measure


@dataclass(frozen=True, slots=True)
class Filing:
    """The latest frozen filing of a proposal."""

    proposal_id: int
    submission_id: int
    call_id: int
    number: str
    state: str
    receipt_number: str
    sequence: int
    submitted_at: datetime
    submitted_by: int | None
    sha256: str
    total: int
    facts: ProposalFacts
    agency_ids: frozenset[int]
    rulebook_id: int


@lru_cache(maxsize=256)
def _facts(sha256: str, content: str) -> ProposalFacts:
    return facts_from_json(json.loads(content))


def read_facts(sha256: str, content: str) -> ProposalFacts:
    """Frozen facts as a value; filings never change, so they are parsed once per process."""
    return _facts(sha256, content)


_later = aliased(Submission)


def latest_submission() -> Select[Proposal, Submission]:
    """Proposals joined with their last submission: the one that counts."""
    newest = (
        select(func.max(_later.sequence))
        .where(_later.proposal_id == Submission.proposal_id)
        .scalar_subquery()
    )
    return (
        select(Proposal, Submission)
        .join(Submission, Submission.proposal_id == Proposal.id)
        .where(Submission.sequence == newest)
    )


def get_filing(
    session: Session,
    actor: Actor,
    proposal_id: int,
    *,
    permission: Permission = Permission.READ_FILING,
    assigned_to: frozenset[int] = frozenset(),
) -> Filing:
    """What was filed. `assigned_to` are the reviewers the caller's room knows of. Raises `NotFound`; a filing taken
    back is a draft again, and there for nobody but its own agencies (READ_PROPOSAL)."""
    row = session.execute(
        latest_submission()
        .with_only_columns(
            Proposal.id,
            Proposal.call_id,
            Proposal.number,
            Proposal.state,
            Submission.id.label("submission_id"),
            Submission.receipt_number,
            Submission.sequence,
            Submission.submitted_at,
            Submission.submitted_by,
            Submission.sha256,
            Submission.content,
            Submission.total,
            Submission.rulebook_id,
            OWNERS,
        )
        .where(Proposal.id == proposal_id)
    ).first()
    if row is None:
        require(actor, permission)
        raise NotFound()
    agency_ids = read_owners(row.owners)
    require(actor, permission, Target(agency_ids, assigned_to))
    if row.state == DRAFT and permission is not Permission.READ_PROPOSAL:
        raise NotFound()
    return Filing(
        proposal_id=row.id,
        submission_id=row.submission_id,
        call_id=row.call_id,
        number=row.number,
        state=row.state,
        receipt_number=row.receipt_number,
        sequence=row.sequence,
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        sha256=row.sha256,
        total=row.total,
        facts=read_facts(row.sha256, row.content),
        agency_ids=agency_ids,
        rulebook_id=row.rulebook_id,
    )


@dataclass(frozen=True, slots=True)
class FilingRow:
    """A filed proposal in a list. `total` in satang."""

    id: int
    number: str
    title: Text
    agency: Text
    ministry: Text
    stage: str
    guideline: str
    state: str
    total: int
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class FilingFilter:
    """What a list of filings is narrowed to; "" means everything."""

    text: str = ""
    state: str = ""
    stage: str = ""
    guideline: str = ""
    ministry_code: str = ""


def matching(text: str) -> list[ColumnElement[bool]]:
    """What finds the proposals that hold every word of `text` somewhere in number, name or lead agency: Thai is written
    without spaces, so a word is found inside others; no condition for no words."""
    try:
        words = search_key(text[:_LONGEST_SEARCH]).split()
    except TextError:  # what cannot be read is nowhere written
        return [false()]
    return [Proposal.search_key.contains(word, autoescape=True) for word in dict.fromkeys(words)]


def list_filings(
    session: Session,
    actor: Actor,
    call_id: int,
    wanted: FilingFilter = FilingFilter(),
    *,
    after: str = "",
    limit: int = 50,
) -> list[FilingRow]:
    """Filed proposals of a call by number, keyset-paged: those after number `after`, at most `limit`.

    Needs READ_FILING for every filing; raises `NotFound` otherwise.
    """
    if scope_of(actor, Permission.READ_FILING) is not Scope.ANY:
        raise NotFound()
    statement = (
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
            Ministry.name_th.label("ministry_th"),
            Ministry.name_en.label("ministry_en"),
            Proposal.stage,
            Proposal.guideline,
            Proposal.state,
            Proposal.total,
            Proposal.submitted_at,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Ministry, Ministry.id == Agency.ministry_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT)
        .order_by(Proposal.number)
        .limit(limit)
    )
    if after:
        statement = statement.where(Proposal.number > after)
    statement = statement.where(*matching(wanted.text))
    for column, value in (
        (Proposal.state, wanted.state),
        (Proposal.stage, wanted.stage),
        (Proposal.guideline, wanted.guideline),
        (Ministry.code, wanted.ministry_code),
    ):
        if value:
            statement = statement.where(column == value)
    return [
        FilingRow(
            id=r.id,
            number=r.number,
            title=Text(r.title_th, r.title_en),
            agency=Text(r.agency_th, r.agency_en),
            ministry=Text(r.ministry_th, r.ministry_en),
            stage=r.stage,
            guideline=r.guideline,
            state=r.state,
            total=r.total,
            submitted_at=r.submitted_at,
        )
        for r in session.execute(statement)
    ]


def count_by_state(session: Session, call_id: int) -> dict[str, int]:
    """State -> number of proposals of a call, drafts included."""
    rows = session.execute(
        select(Proposal.state, func.count()).where(Proposal.call_id == call_id).group_by(Proposal.state)
    )
    return {state: count for state, count in rows}


def count_states_by_call(session: Session) -> dict[int, dict[str, int]]:
    """Call id -> state -> number of proposals, drafts included. One query for any number of calls."""
    counts: dict[int, dict[str, int]] = {}
    for call_id, state, count in session.execute(
        select(Proposal.call_id, Proposal.state, func.count()).group_by(Proposal.call_id, Proposal.state)
    ):
        counts.setdefault(call_id, {})[state] = count
    return counts


@dataclass(frozen=True, slots=True)
class MoveView:
    """A step of a proposal's life with who took it; `actor` None for the system."""

    move: str
    from_state: str
    to_state: str
    at: datetime
    actor: Text | None
    reason: str


def list_moves(session: Session, proposal_id: int) -> list[MoveView]:
    """The proposal's life so far, oldest first."""
    rows = session.execute(
        select(
            ProposalMove.move,
            ProposalMove.from_state,
            ProposalMove.to_state,
            ProposalMove.at,
            ProposalMove.reason,
            User.name_th,
            User.name_en,
        )
        .outerjoin(User, User.id == ProposalMove.actor_id)
        .where(ProposalMove.proposal_id == proposal_id)
        .order_by(ProposalMove.id)
    )
    return [
        MoveView(
            r.move,
            r.from_state,
            r.to_state,
            r.at,
            Text(r.name_th, r.name_en) if r.name_th else None,
            r.reason,
        )
        for r in rows
    ]


def list_submitted_lines(session: Session, call_id: int) -> list[Row[*tuple[Any, ...]]]:
    """All budget lines of a call's counting filings, as rows for sums and papers."""
    newest = (
        latest_submission()
        .with_only_columns(Submission.id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT)
    )
    return list(
        session.execute(
            select(
                SubmittedLine.__table__,
                Proposal.id.label("proposal_id"),
                Proposal.number,
                Agency.name_th.label("agency_th"),
                Agency.name_en.label("agency_en"),
            )
            .join(Submission, Submission.id == SubmittedLine.submission_id)
            .join(Proposal, Proposal.id == Submission.proposal_id)
            .join(Agency, Agency.id == SubmittedLine.agency_id)
            .where(SubmittedLine.submission_id.in_(newest))
            .order_by(Proposal.number, SubmittedLine.position)
        )
    )
