"""Proposals by their numbers, as systems name them; and an agency's own in that order, page by page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal, ProposalAgency, ProposalReturn


def get_id_of(session: Session, number: str) -> int:
    """The row of a proposal by its number; who may know of it is asked next. Raises `NotFound`."""
    proposal_id = session.scalar(select(Proposal.id).where(Proposal.number == number))
    if proposal_id is None:
        raise NotFound()
    return proposal_id


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """An agency's own proposal. `total` and `own_amount` (of the reader's agencies) in satang; `lead` is a code."""

    number: str
    fiscal_year: int
    title: Text
    state: str
    stage: str
    lead: str
    is_lead: bool
    total: int
    own_amount: int
    updated_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None


def list_numbered(
    session: Session,
    actor: Actor,
    *,
    fiscal_year: int | None = None,
    state: str = "",
    number: str = "",
    after: str = "",
    limit: int = 50,
) -> list[NumberedRow]:
    """What the actor's agencies lead or take part in, by number, after the number `after`; or the one `number`."""
    own = (
        select(
            ProposalAgency.proposal_id,
            func.max(case((ProposalAgency.is_lead, 1), else_=0)).label("is_lead"),
            func.sum(ProposalAgency.amount).label("amount"),
        )
        .where(ProposalAgency.agency_id.in_(actor.agency_ids))
        .group_by(ProposalAgency.proposal_id)
        .subquery()
    )
    statement = (
        select(
            Proposal.number,
            Call.fiscal_year,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Proposal.stage,
            Agency.code,
            own.c.is_lead,
            Proposal.total,
            own.c.amount,
            Proposal.updated_at,
            Proposal.submitted_at,
            ProposalReturn.due_at,
        )
        .join(own, own.c.proposal_id == Proposal.id)
        .join(Call, Call.id == Proposal.call_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .outerjoin(
            ProposalReturn, and_(ProposalReturn.proposal_id == Proposal.id, ProposalReturn.state == "open")
        )
        .where(Proposal.number > after)
        .order_by(Proposal.number)
        .limit(limit)
    )
    if fiscal_year is not None:
        statement = statement.where(Call.fiscal_year == fiscal_year)
    if state:
        statement = statement.where(Proposal.state == state)
    if number:
        statement = statement.where(Proposal.number == number)
    return [
        NumberedRow(
            r.number,
            r.fiscal_year,
            Text(r.title_th, r.title_en),
            r.state,
            r.stage,
            r.code,
            bool(r.is_lead),
            r.total,
            int(r.amount),
            r.updated_at,
            r.submitted_at,
            r.due_at,
        )
        for r in session.execute(statement)
    ]
