"""What is asked of the portfolio."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency, Ministry
from app.identity.rules import Permission, require
from app.kernel.text import Text
from app.portfolio.facts import Entry, Line
from app.portfolio.rules import allocate
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES, RECORDED
from app.reviews.facts import Panel
from app.reviews.queries import panels

_NO_REVIEWS = Panel(0, 0, 0)


def list_entries(session: Session, call_id: int) -> list[Entry]:
    """What passed screening (or was recorded from the past), with its scores. Two queries."""
    scores = panels(session, call_id)
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.stage,
            Proposal.guideline,
            Proposal.state,
            Proposal.total,
            Proposal.submitted_at,
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
            Ministry.code.label("ministry_code"),
            Ministry.name_th.label("ministry_th"),
            Ministry.name_en.label("ministry_en"),
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Ministry, Ministry.id == Agency.ministry_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_([*RANKED_STATES, RECORDED]))
    )
    return [
        Entry(
            r.id,
            r.number,
            Text(r.title_th, r.title_en),
            Text(r.agency_th, r.agency_en),
            Text(r.ministry_th, r.ministry_en),
            r.ministry_code,
            r.stage,
            r.guideline,
            r.state,
            r.total,
            r.submitted_at,
            scores.get(r.id, _NO_REVIEWS),
        )
        for r in rows
    ]


def ranked_list(session: Session, actor: Actor, call: CallView) -> list[Line]:
    """The ranked list of a call under its ceiling. Raises `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    return allocate(list_entries(session, call.id), call.ceiling)
