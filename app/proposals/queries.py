"""What is asked of proposals. Readers name the actor, and what the actor may not know of is not found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency, Ministry, User
from app.identity.queries import AgencyName, list_agencies
from app.identity.rules import Permission, Scope, Target, require, scope_of
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.proposals.drafts import Draft, facts_from_draft
from app.proposals.facts import AgencyRef, AttachmentFacts, ProposalFacts, facts_from_json
from app.proposals.models import (
    Attachment,
    Proposal,
    ProposalAgency,
    ProposalDraft,
    ProposalMove,
    Submission,
    SubmittedLine,
)
from app.proposals.states import DRAFT


def agency_ref(agency: AgencyName) -> AgencyRef:
    return AgencyRef(agency.code, agency.name, agency.ministry_code, agency.ministry)


def agency_directory(session: Session) -> dict[str, AgencyRef]:
    """Agency code -> agency, in Thai order."""
    return {agency.code: agency_ref(agency) for agency in list_agencies(session)}


def target_of(session: Session, proposal_id: int) -> Target:
    """The agencies a proposal belongs to. Raises `NotFound` for an unknown id."""
    ids = session.scalars(
        select(ProposalAgency.agency_id).where(ProposalAgency.proposal_id == proposal_id)
    ).all()
    if not ids:
        raise NotFound()
    return Target(agency_ids=frozenset(ids))


@dataclass(frozen=True, slots=True)
class DraftView:
    """A proposal on its agency's desk."""

    id: int
    call_id: int
    number: str
    state: str
    title: Text
    lead_agency_id: int
    draft: Draft
    section_versions: Mapping[str, int]
    updated_at: datetime
    submitted_at: datetime | None


def get_draft(
    session: Session, actor: Actor, proposal_id: int, permission: Permission = Permission.READ_PROPOSAL
) -> DraftView:
    """A proposal of the actor's own agency with what was typed. Raises `NotFound`."""
    require(actor, permission, target_of(session, proposal_id))
    row = session.execute(
        select(
            Proposal.id,
            Proposal.call_id,
            Proposal.number,
            Proposal.state,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.lead_agency_id,
            Proposal.submitted_at,
            ProposalDraft.content,
            ProposalDraft.section_versions,
            ProposalDraft.updated_at,
        )
        .join(ProposalDraft, ProposalDraft.proposal_id == Proposal.id)
        .where(Proposal.id == proposal_id)
    ).first()
    if row is None:
        raise NotFound()
    return DraftView(
        id=row.id,
        call_id=row.call_id,
        number=row.number,
        state=row.state,
        title=Text(row.title_th, row.title_en),
        lead_agency_id=row.lead_agency_id,
        draft=json.loads(row.content),
        section_versions=json.loads(row.section_versions),
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
    )


def draft_facts(
    session: Session, view: DraftView, call: CallView, directory: Mapping[str, AgencyRef]
) -> ProposalFacts:
    """The facts the present draft amounts to, complete or not."""
    lead = session.execute(select(Agency.code).where(Agency.id == view.lead_agency_id)).scalar_one()
    return facts_from_draft(
        view.draft,
        fiscal_year=call.fiscal_year,
        number=view.number,
        origin=call.origin.value,
        lead=directory[lead],
        directory=directory,
        attachments=[
            AttachmentFacts(a.kind, a.name, a.size, a.sha256) for a in list_attachments(session, view.id)
        ],
    )


def list_attachments(session: Session, proposal_id: int) -> list[Attachment]:
    """The files of a draft that were not removed, in the order they came."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.proposal_id == proposal_id, Attachment.removed_at.is_(None))
            .order_by(Attachment.id)
        )
    )


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A proposal in its agency's list. `total` in satang."""

    id: int
    number: str
    title: Text
    state: str
    fiscal_year: int
    stage: str
    total: int
    updated_at: datetime
    submitted_at: datetime | None
    is_lead: bool
    lead_agency: Text


def list_own(session: Session, actor: Actor, call_id: int | None = None) -> list[OwnRow]:
    """Every proposal the actor's agencies lead or take part in, latest change first."""
    if not actor.agency_ids:
        return []
    mine = (
        select(ProposalAgency.proposal_id, func.max(ProposalAgency.is_lead).label("is_lead"))
        if session.get_bind().dialect.name == "sqlite"
        else select(ProposalAgency.proposal_id, func.bool_or(ProposalAgency.is_lead).label("is_lead"))
    )
    own = (
        mine.where(ProposalAgency.agency_id.in_(actor.agency_ids))
        .group_by(ProposalAgency.proposal_id)
        .subquery()
    )
    statement = (
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Call.fiscal_year,
            Proposal.stage,
            Proposal.total,
            Proposal.updated_at,
            Proposal.submitted_at,
            own.c.is_lead,
            Agency.name_th,
            Agency.name_en,
        )
        .join(own, own.c.proposal_id == Proposal.id)
        .join(Call, Call.id == Proposal.call_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .order_by(Call.fiscal_year.desc(), Proposal.updated_at.desc(), Proposal.id.desc())
    )
    if call_id is not None:
        statement = statement.where(Proposal.call_id == call_id)
    return [
        OwnRow(
            id=r.id,
            number=r.number,
            title=Text(r.title_th, r.title_en),
            state=r.state,
            fiscal_year=r.fiscal_year,
            stage=r.stage,
            total=r.total,
            updated_at=r.updated_at,
            submitted_at=r.submitted_at,
            is_lead=bool(r.is_lead),
            lead_agency=Text(r.name_th, r.name_en),
        )
        for r in session.execute(statement)
    ]


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


def latest_submission() -> Select:
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
    """What was filed. `assigned_to` are the reviewers the caller's room knows of. Raises `NotFound`."""
    target = target_of(session, proposal_id)
    require(actor, permission, Target(target.agency_ids, assigned_to))
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
        )
        .where(Proposal.id == proposal_id)
    ).first()
    if row is None:
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
        agency_ids=target.agency_ids,
        rulebook_id=row.rulebook_id,
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of filing. `submitted_at` is the server's time of arrival; `total` satang."""

    proposal_id: int
    receipt_number: str
    number: str
    title: Text
    agency: Text
    fiscal_year: int
    origin: str
    submitted_at: datetime
    submitted_by: Text
    total: int
    sha256: str


def get_receipt(session: Session, actor: Actor, proposal_id: int) -> Receipt:
    """The receipt of the latest filing. Raises `NotFound`."""
    require(actor, Permission.READ_RECEIPT, target_of(session, proposal_id))
    receipt = _find_receipt(session, Proposal.id == proposal_id)
    if receipt is None:
        raise NotFound()
    return receipt


def find_receipt_by_number(session: Session, receipt_number: str) -> Receipt | None:
    """For public verification: the page shows number, time and hash only."""
    return _find_receipt(session, Submission.receipt_number == receipt_number)


def _find_receipt(session: Session, condition: object) -> Receipt | None:
    row = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Submission.receipt_number,
            Submission.submitted_at,
            Submission.sha256,
            Submission.total,
            Submission.content,
            Agency.name_th,
            Agency.name_en,
            Call.fiscal_year,
            Call.origin,
            User.name_th.label("by_th"),
            User.name_en.label("by_en"),
        )
        .join(Submission, Submission.proposal_id == Proposal.id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Call, Call.id == Proposal.call_id)
        .outerjoin(User, User.id == Submission.submitted_by)
        .where(condition)  # type: ignore[arg-type]
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Receipt(
        proposal_id=row.id,
        receipt_number=row.receipt_number,
        number=row.number,
        title=read_facts(row.sha256, row.content).title,
        agency=Text(row.name_th, row.name_en),
        fiscal_year=row.fiscal_year,
        origin=row.origin,
        submitted_at=row.submitted_at,
        submitted_by=Text(row.by_th or "", row.by_en or ""),
        total=row.total,
        sha256=row.sha256,
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
    if wanted.text:
        for word in search_key(wanted.text).split():
            statement = statement.where(Proposal.search_key.contains(word, autoescape=True))
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


def list_moves(session: Session, proposal_id: int) -> list[ProposalMove]:
    """The proposal's life so far, oldest first."""
    return list(
        session.scalars(
            select(ProposalMove).where(ProposalMove.proposal_id == proposal_id).order_by(ProposalMove.id)
        )
    )


def list_submitted_lines(session: Session, call_id: int) -> list[Row]:
    """All budget lines of a call's counting filings, as rows for sums and papers."""
    newest = latest_submission().with_only_columns(Submission.id).where(Proposal.call_id == call_id)
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
