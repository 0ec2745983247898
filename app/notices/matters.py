"""What letters are about: proposals and calls as they name them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.facts import CallWindow
from app.calls.queries import list_windows
from app.identity.models import Agency
from app.kernel.text import Text
from app.notices.facts import Matter
from app.proposals.models import Proposal, ProposalAgency
from app.proposals.states import DRAFT


def read_window(session: Session, call_id: int) -> CallWindow:
    return next(window for window in list_windows(session) if window.id == call_id)


def read_matter(session: Session, proposal_id: int) -> tuple[Matter, int] | None:
    """A proposal as letters name it, with the id of its call; None when there is none."""
    row = session.execute(
        select(
            Proposal.id,
            Proposal.call_id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Proposal.lead_agency_id,
            Agency.name_th,
            Agency.name_en,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(Proposal.id == proposal_id)
    ).first()
    if row is None:
        return None
    agencies = session.scalars(
        select(ProposalAgency.agency_id).where(ProposalAgency.proposal_id == proposal_id)
    )
    matter = Matter(
        id=row.id,
        number=row.number,
        title=Text(row.title_th, row.title_en),
        lead=Text(row.name_th, row.name_en),
        lead_id=row.lead_agency_id,
        agency_ids=frozenset(agencies) | {row.lead_agency_id},
        is_draft=row.state == DRAFT,
    )
    return matter, row.call_id
