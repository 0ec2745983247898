"""Drafts as their own agency sees them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.queries import AgencyName, list_agencies
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.proposals.drafts import Draft, facts_from_draft
from app.proposals.facts import AgencyRef, AttachmentFacts, ProposalFacts
from app.proposals.models import (
    Attachment,
    Proposal,
    ProposalAgency,
    ProposalDraft,
)


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


def list_draft_facts(
    session: Session, proposal_ids: Collection[int], call: CallView, directory: Mapping[str, AgencyRef]
) -> dict[int, ProposalFacts]:
    """Proposal id -> the facts of its draft so far, without attachments; one query for any number of drafts of one
    call. The caller has taken the ids from a list of the actor's own."""
    rows = session.execute(
        select(Proposal.id, Proposal.number, ProposalDraft.content, Agency.code)
        .join(ProposalDraft, ProposalDraft.proposal_id == Proposal.id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(Proposal.id.in_(proposal_ids), Proposal.call_id == call.id)
    )
    return {
        row.id: facts_from_draft(
            json.loads(row.content),
            fiscal_year=call.fiscal_year,
            number=row.number,
            origin=call.origin.value,
            lead=directory[row.code],
            directory=directory,
            attachments=(),
        )
        for row in rows
    }


def list_attachments(session: Session, proposal_id: int) -> list[Attachment]:
    """The files of a draft that were not removed, in the order they came."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.proposal_id == proposal_id, Attachment.removed_at.is_(None))
            .order_by(Attachment.id)
        )
    )
