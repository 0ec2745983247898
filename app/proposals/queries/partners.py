"""Who invited, answered and confirmed for the participants of a proposal."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.identity.models import User
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Participation


@dataclass(frozen=True, slots=True)
class PartPeople:
    """The people behind a participation; "" where nobody has acted yet."""

    invited_by: Text
    answered_by: Text
    confirmed_by: Text


def list_part_people(session: Session, proposal_id: int) -> dict[int, PartPeople]:
    """Agency id -> who acted for and on its participation; the caller has checked who may see the proposal."""
    inviter, answerer, confirmer = aliased(User), aliased(User), aliased(User)
    rows = session.execute(
        select(
            Participation.agency_id,
            inviter.name_th.label("inviter_th"),
            inviter.name_en.label("inviter_en"),
            answerer.name_th.label("answerer_th"),
            answerer.name_en.label("answerer_en"),
            confirmer.name_th.label("confirmer_th"),
            confirmer.name_en.label("confirmer_en"),
        )
        .outerjoin(inviter, inviter.id == Participation.invited_by)
        .outerjoin(answerer, answerer.id == Participation.answered_by)
        .outerjoin(confirmer, confirmer.id == Participation.confirmed_by)
        .where(Participation.proposal_id == proposal_id)
    )
    return {
        r.agency_id: PartPeople(
            Text(r.inviter_th or "", r.inviter_en or ""),
            Text(r.answerer_th or "", r.answerer_en or ""),
            Text(r.confirmer_th or "", r.confirmer_en or ""),
        )
        for r in rows
    }
