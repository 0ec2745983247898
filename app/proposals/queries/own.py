"""The list of an agency's own proposals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.kernel.text import Text
from app.proposals.models import Proposal, ProposalAgency


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
