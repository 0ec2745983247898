"""Whose a proposal is: the agencies that may open it."""

from __future__ import annotations

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from app.identity.rules import Target
from app.kernel.errors import NotFound
from app.proposals.models import Proposal, ProposalAgency

# as a column of any statement over Proposal, to be read with `read_owners`
OWNERS = (
    select(func.aggregate_strings(cast(ProposalAgency.agency_id, String), ","))
    .where(ProposalAgency.proposal_id == Proposal.id)
    .correlate(Proposal)
    .scalar_subquery()
    .label("owners")
)


def read_owners(owners: str) -> frozenset[int]:
    """The ids in a value of `OWNERS`."""
    return frozenset(map(int, owners.split(",")))


def target_of(session: Session, proposal_id: int) -> Target:
    """The agencies a proposal belongs to. Raises `NotFound` for an unknown id."""
    owners = session.scalar(select(OWNERS).where(Proposal.id == proposal_id))
    if not owners:
        raise NotFound()
    return Target(agency_ids=read_owners(owners))
