"""Drafts that are not filed yet, counted for the agencies that lead them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.lean import dataclass
from app.proposals.models import Proposal
from app.proposals.states import DRAFT


@dataclass(frozen=True, slots=True)
class Unfiled:
    """How many drafts an agency has not filed in a call, and when any of its proposals there last changed."""

    count: int
    changed_at: datetime


def count_unfiled(session: Session, agency_ids: Collection[int]) -> dict[tuple[int, int], Unfiled]:
    """(call id, agency id) -> the drafts it leads; calls in which it leads nothing are left out. One query."""
    if not agency_ids:
        return {}
    rows = session.execute(
        select(
            Proposal.call_id,
            Proposal.lead_agency_id,
            func.count().filter(Proposal.state == DRAFT).label("drafts"),
            func.max(Proposal.updated_at).label("updated_at"),
            func.max(Proposal.submitted_at).label("submitted_at"),
        )
        .where(Proposal.lead_agency_id.in_(agency_ids))
        .group_by(Proposal.call_id, Proposal.lead_agency_id)
    )
    return {
        (r.call_id, r.lead_agency_id): Unfiled(r.drafts, max(filter(None, (r.updated_at, r.submitted_at))))
        for r in rows
    }
