"""What is asked of the portfolio."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency, Ministry
from app.identity.rules import Permission, require
from app.kernel.audit import AuditEntry
from app.kernel.text import Text
from app.portfolio.facts import Entry, Line
from app.portfolio.rules import allocate
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES, RECORDED
from app.reviews.facts import Panel
from app.reviews.queries import finished_panels

_NO_REVIEWS = Panel(0, 0, 0)
_MOST_KEPT = 4
_kept: dict[tuple[str | None, int, int], dict[int, Line]] = {}


def list_entries(session: Session, call_id: int) -> list[Entry]:
    """What passed screening (or was recorded from the past), with its scores. One query.

    Rows are unpacked by position: reading a thousand of them by name costs twice as much.
    """
    reviews = finished_panels()
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
            Agency.id.label("agency_id"),
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
            Ministry.code.label("ministry_code"),
            Ministry.name_th.label("ministry_th"),
            Ministry.name_en.label("ministry_en"),
            reviews.c.n,
            reviews.c.total.label("sum_"),
            reviews.c.squares,
        )
        .outerjoin(reviews, reviews.c.proposal_id == Proposal.id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Ministry, Ministry.id == Agency.ministry_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_([*RANKED_STATES, RECORDED]))
    )
    agencies: dict[int, Text] = {}
    ministries: dict[str, Text] = {}
    entries = []
    for (
        proposal_id, number, title_th, title_en, stage, guideline, state, total, submitted_at,
        agency_id, agency_th, agency_en, ministry_code, ministry_th, ministry_en, n, sum_, squares,
    ) in rows:  # fmt: skip
        agency = agencies.get(agency_id)
        if agency is None:
            agency = agencies[agency_id] = Text(agency_th, agency_en)
        ministry = ministries.get(ministry_code)
        if ministry is None:
            ministry = ministries[ministry_code] = Text(ministry_th, ministry_en)
        entries.append(
            Entry(
                proposal_id,
                number,
                Text(title_th, title_en),
                agency,
                ministry,
                ministry_code,
                stage,
                guideline,
                state,
                total,
                submitted_at,  # type: ignore[arg-type]  # filed: the database demands it
                Panel(n, int(sum_), int(squares)) if n else _NO_REVIEWS,
            )
        )
    return entries


def ranked_list(session: Session, actor: Actor, call: CallView) -> list[Line]:
    """The ranked list of a call under its ceiling. Raises `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    return allocate(list_entries(session, call.id), call.ceiling)


def find_line(session: Session, actor: Actor, call: CallView, proposal_id: int) -> Line | None:
    """Where one proposal stands in the ranked list; None when it is not on it. Raises `Forbidden`.

    The list is kept for as long as the audit chain has the same head: nothing was done since, so it is the same.
    """
    require(actor, Permission.READ_PORTFOLIO)
    head = session.scalar(select(AuditEntry.sha256).order_by(AuditEntry.seq.desc()).limit(1))
    key = (head, call.id, call.ceiling)
    lines = _kept.get(key)
    if lines is None:
        lines = {
            line.entry.proposal_id: line for line in allocate(list_entries(session, call.id), call.ceiling)
        }
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept), key), None)
        _kept[key] = lines
    return lines.get(proposal_id)
