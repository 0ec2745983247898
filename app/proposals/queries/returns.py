"""Returns that wait: for an agency, in a call, in a calendar; and the questions that wait to be sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal, ProposalAgency, ProposalQuestion, ProposalReturn
from app.proposals.states import DRAFT


@dataclass(frozen=True, slots=True)
class DueReturn:
    """An open return in a list, a reminder or a calendar."""

    id: int
    proposal_id: int
    number: str
    title: Text
    agency: Text
    cycle: int
    returned_at: datetime
    due_at: datetime
    asked: int
    answered: int


def _due() -> Select[*tuple[Any, ...]]:
    """Open returns, the first due first."""
    counts = (
        select(
            ProposalQuestion.return_id,
            func.count().label("asked"),
            func.count(ProposalQuestion.answered_at).label("answered"),
        )
        .group_by(ProposalQuestion.return_id)
        .subquery()
    )
    return (
        select(
            ProposalReturn.id,
            ProposalReturn.cycle,
            ProposalReturn.returned_at,
            ProposalReturn.due_at,
            Proposal.id.label("proposal_id"),
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th,
            Agency.name_en,
            func.coalesce(counts.c.asked, 0).label("asked"),
            func.coalesce(counts.c.answered, 0).label("answered"),
        )
        .join(Proposal, Proposal.id == ProposalReturn.proposal_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .outerjoin(counts, counts.c.return_id == ProposalReturn.id)
        .where(ProposalReturn.state == "open")
        .order_by(ProposalReturn.due_at, ProposalReturn.id)
    )


def _due_rows(session: Session, statement: Select[*tuple[Any, ...]]) -> list[DueReturn]:
    return [
        DueReturn(
            id=r.id,
            proposal_id=r.proposal_id,
            number=r.number,
            title=Text(r.title_th, r.title_en),
            agency=Text(r.name_th, r.name_en),
            cycle=r.cycle,
            returned_at=r.returned_at,
            due_at=r.due_at,
            asked=r.asked,
            answered=r.answered,
        )
        for r in session.execute(statement)
    ]


def list_open_returns(session: Session, agency_ids: Collection[int]) -> list[DueReturn]:
    """What these agencies, leading or taking part, have been given back to mend; the first due first. One query."""
    if not agency_ids:
        return []
    theirs = select(ProposalAgency.proposal_id).where(ProposalAgency.agency_id.in_(agency_ids))
    return _due_rows(session, _due().where(Proposal.id.in_(theirs)))


def list_returns_of_call(session: Session, actor: Actor, call_id: int) -> list[DueReturn]:
    """Every open return of a call, the first due first. Raises `Forbidden` without RETURN_PROPOSAL."""
    require(actor, Permission.RETURN_PROPOSAL)
    return _due_rows(session, _due().where(Proposal.call_id == call_id))


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A filing with questions that were neither sent nor dropped."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    state: str
    pending: int
    latest: datetime


def list_pending_of_call(session: Session, actor: Actor, call_id: int) -> list[PendingRow]:
    """The filings of a call about which something was asked that was not sent yet, by number. One query."""
    require(actor, Permission.RETURN_PROPOSAL)
    rows = session.execute(
        _pending()
        .with_only_columns(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th,
            Agency.name_en,
            Proposal.state,
            func.count().label("pending"),
            func.max(ProposalQuestion.asked_at).label("latest"),
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(Proposal.call_id == call_id)
        .group_by(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th,
            Agency.name_en,
            Proposal.state,
        )
        .order_by(Proposal.number)
    )
    return [
        PendingRow(
            r.id,
            r.number,
            Text(r.title_th, r.title_en),
            Text(r.name_th, r.name_en),
            r.state,
            r.pending,
            r.latest,
        )
        for r in rows
    ]


def _pending() -> Select[*tuple[Any, ...]]:
    """Questions that wait for the secretariat; those of a filing taken back wait with it, out of sight."""
    return (
        select(ProposalQuestion.id)
        .join(Proposal, Proposal.id == ProposalQuestion.proposal_id)
        .where(
            ProposalQuestion.return_id.is_(None),
            ProposalQuestion.dropped_at.is_(None),
            Proposal.state != DRAFT,
        )
    )


@dataclass(frozen=True, slots=True)
class ReturnCounts:
    """What waits in a call: questions to send, returns with an agency, and those of them whose time is over."""

    pending: int = 0
    open: int = 0
    overdue: int = 0


def count_returns(session: Session, now: datetime) -> dict[int, ReturnCounts]:
    """Call id -> what waits; one query for any number of calls. A call without any is not in it."""
    asked = (
        _pending()
        .with_only_columns(literal("pending"), Proposal.call_id, func.count(), literal(0))
        .group_by(Proposal.call_id)
    )
    is_open = (
        select(
            literal("open"), Proposal.call_id, func.count(), func.count().filter(ProposalReturn.due_at <= now)
        )
        .join(ProposalReturn, ProposalReturn.proposal_id == Proposal.id)
        .where(ProposalReturn.state == "open")
        .group_by(Proposal.call_id)
    )
    pending: dict[int, int] = {}
    returns: dict[int, tuple[int, int]] = {}
    for kind, call_id, number, overdue in session.execute(union_all(asked, is_open)):
        if kind == "pending":
            pending[call_id] = number
        else:
            returns[call_id] = (number, overdue)
    return {
        call_id: ReturnCounts(pending.get(call_id, 0), *returns.get(call_id, (0, 0)))
        for call_id in pending.keys() | returns.keys()
    }
