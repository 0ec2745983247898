"""The proposals an agency leads or takes part in: found, sorted, paged, and by whom each was last changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select, union_all
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import (
    DraftRevision,
    Proposal,
    ProposalAgency,
    ProposalDraft,
    ProposalMove,
    ProposalQuestion,
    ProposalReturn,
)
from app.proposals.queries.filings import matching
from app.proposals.states import FILED_STATES, STATES


class Side(StrEnum):
    """How an agency has a part in a proposal."""

    LEAD = "lead"
    PARTICIPANT = "participant"


SIDE_NAMES = {
    Side.LEAD: Text("เป็นหน่วยงานหลัก", "We lead"),
    Side.PARTICIPANT: Text("ร่วมดำเนินการ", "We take part"),
}


class Order(StrEnum):
    """How the list is sorted; within the same value, what changed last comes first."""

    CHANGED = "changed"
    DUE = "due"
    NUMBER = "number"
    AMOUNT = "amount"
    STATE = "state"


ORDER_NAMES = {
    Order.CHANGED: Text("แก้ไขล่าสุดก่อน", "Last changed first"),
    Order.DUE: Text("ใกล้ครบกำหนดก่อน", "Due soonest first"),
    Order.NUMBER: Text("ตามเลขที่", "By number"),
    Order.AMOUNT: Text("วงเงินมากก่อน", "Largest amount first"),
    Order.STATE: Text("ตามสถานะ", "By state"),
}

FILED = "filed"  # every state but a draft, as a filter


@dataclass(frozen=True, slots=True)
class OwnFilter:
    """What a list of own proposals is narrowed to; "" and None mean everything. `state` is a state or `FILED`."""

    fiscal_year: int | None = None
    text: str = ""
    state: str = ""
    stage: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A proposal in its agency's list. `total` and `own_amount` (of the reader's agencies) in satang; `due_at` is by
    when a returned one must be filed again, `unanswered` how many questions of the return have no answer yet."""

    id: int
    call_id: int
    number: str
    title: Text
    state: str
    fiscal_year: int
    stage: str
    total: int
    own_amount: int
    updated_at: datetime
    submitted_at: datetime | None
    is_lead: bool
    lead_agency_id: int
    lead_agency: Text
    due_at: datetime | None
    unanswered: int


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Some of the rows, and how many there are in all with how much money (satang)."""

    rows: tuple[OwnRow, ...]
    count: int
    total: int


def _own(agency_ids: Collection[int]) -> Subquery:
    """The proposals these agencies have a part in: whether one of them leads, and their money."""
    return (
        select(
            ProposalAgency.proposal_id,
            func.max(case((ProposalAgency.is_lead, 1), else_=0)).label("is_lead"),
            func.sum(ProposalAgency.amount).label("amount"),
        )
        .where(ProposalAgency.agency_id.in_(agency_ids))
        .group_by(ProposalAgency.proposal_id)
        .subquery()
    )


def _narrowed(statement: Select[Any], own: Subquery, wanted: OwnFilter) -> Select[Any]:
    """`statement` over Proposal, Call and `own`, narrowed to what is wanted."""
    if wanted.fiscal_year is not None:
        statement = statement.where(Call.fiscal_year == wanted.fiscal_year)
    if wanted.state == FILED:
        statement = statement.where(Proposal.state.in_(FILED_STATES))
    elif wanted.state:
        statement = statement.where(Proposal.state == wanted.state)
    if wanted.stage:
        statement = statement.where(Proposal.stage == wanted.stage)
    if wanted.side:
        statement = statement.where(own.c.is_lead == (1 if wanted.side == Side.LEAD else 0))
    return statement.where(*matching(wanted.text))


_AS_STATES_GO = case({state: n for n, state in enumerate(STATES)}, value=Proposal.state)
_ORDERS: dict[Order, tuple[Any, ...]] = {
    Order.CHANGED: (Call.fiscal_year.desc(),),
    Order.DUE: (ProposalReturn.due_at.is_(None), ProposalReturn.due_at),
    Order.NUMBER: (Proposal.number,),
    Order.AMOUNT: (Proposal.total.desc(),),
    Order.STATE: (_AS_STATES_GO,),
}
_UNANSWERED = (
    select(func.count())
    .select_from(ProposalQuestion)
    .where(
        ProposalQuestion.return_id == ProposalReturn.id,
        ProposalQuestion.answered_at.is_(None),
        ProposalQuestion.dropped_at.is_(None),
    )
    .correlate(ProposalReturn)
    .scalar_subquery()
)


def list_own(
    session: Session,
    actor: Actor,
    wanted: OwnFilter = OwnFilter(),
    *,
    order: Order = Order.CHANGED,
    start: int = 0,
    limit: int | None = None,
) -> OwnPage:
    """The proposals the actor's agencies lead or take part in, at most `limit` of them from the `start`-th (from 0);
    an empty page for a `start` beyond the end. One query."""
    if not actor.agency_ids:
        return OwnPage((), 0, 0)
    own = _own(actor.agency_ids)
    statement = (
        select(
            Proposal.id,
            Proposal.call_id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Call.fiscal_year,
            Proposal.stage,
            Proposal.total,
            own.c.amount,
            Proposal.updated_at,
            Proposal.submitted_at,
            own.c.is_lead,
            Proposal.lead_agency_id,
            Agency.name_th,
            Agency.name_en,
            ProposalReturn.due_at,
            _UNANSWERED.label("unanswered"),
            func.count().over().label("all_count"),
            func.sum(Proposal.total).over().label("all_total"),
        )
        .join(own, own.c.proposal_id == Proposal.id)
        .join(Call, Call.id == Proposal.call_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .outerjoin(
            ProposalReturn, (ProposalReturn.proposal_id == Proposal.id) & (ProposalReturn.state == "open")
        )
        .order_by(*_ORDERS[order], Proposal.updated_at.desc(), Proposal.id.desc())
        .offset(start)
        .limit(limit)
    )
    rows = session.execute(_narrowed(statement, own, wanted)).all()
    return OwnPage(
        tuple(
            OwnRow(
                id=r.id,
                call_id=r.call_id,
                number=r.number,
                title=Text(r.title_th, r.title_en),
                state=r.state,
                fiscal_year=r.fiscal_year,
                stage=r.stage,
                total=r.total,
                own_amount=int(r.amount),
                updated_at=r.updated_at,
                submitted_at=r.submitted_at,
                is_lead=bool(r.is_lead),
                lead_agency_id=r.lead_agency_id,
                lead_agency=Text(r.name_th, r.name_en),
                due_at=r.due_at,
                unanswered=r.unanswered,
            )
            for r in rows
        ),
        rows[0].all_count if rows else 0,
        int(rows[0].all_total) if rows else 0,
    )


def list_own_ids(session: Session, agency_ids: Collection[int], wanted: OwnFilter) -> list[int]:
    """The ids of what these agencies lead or take part in, by number."""
    if not agency_ids:
        return []
    own = _own(agency_ids)
    statement = (
        select(Proposal.id)
        .join(own, own.c.proposal_id == Proposal.id)
        .join(Call, Call.id == Proposal.call_id)
        .order_by(Proposal.number)
    )
    return list(session.scalars(_narrowed(statement, own, wanted)))


@dataclass(frozen=True, slots=True)
class OwnKinds:
    """What there is among an agency's proposals, for the filters of its list: newest year first, states in order."""

    years: tuple[int, ...]
    states: tuple[str, ...]
    stages: frozenset[str]


def own_kinds(session: Session, actor: Actor) -> OwnKinds:
    """The years, states and stages of the actor's own proposals. One query."""
    if not actor.agency_ids:
        return OwnKinds((), (), frozenset())
    own = _own(actor.agency_ids)
    rows = session.execute(
        select(Call.fiscal_year, Proposal.state, Proposal.stage)
        .select_from(Proposal)
        .join(own, own.c.proposal_id == Proposal.id)
        .join(Call, Call.id == Proposal.call_id)
        .distinct()
    ).all()
    found = {row.state for row in rows}
    return OwnKinds(
        tuple(sorted({row.fiscal_year for row in rows}, reverse=True)),
        tuple(state for state in STATES if state in found),
        frozenset(row.stage for row in rows if row.stage),
    )


@dataclass(frozen=True, slots=True)
class LastChange:
    """When a proposal was last written or moved, and by whom; `by` None for the system."""

    at: datetime
    by: Text | None


def list_last_changes(session: Session, proposal_ids: Collection[int]) -> dict[int, LastChange]:
    """Proposal id -> its last change. One query; the caller has taken the ids from a list of the actor's own."""
    steps = []
    for key, at, by, position in (
        (DraftRevision.proposal_id, DraftRevision.at, DraftRevision.by, DraftRevision.id),
        (ProposalMove.proposal_id, ProposalMove.at, ProposalMove.actor_id, ProposalMove.id),
    ):
        last = select(func.max(position)).where(key.in_(proposal_ids)).group_by(key)
        steps.append(
            select(key.label("proposal_id"), at.label("at"), by.label("by")).where(position.in_(last))
        )
    draft = ProposalDraft
    steps.append(
        select(draft.proposal_id, draft.updated_at, draft.updated_by).where(
            draft.proposal_id.in_(proposal_ids)
        )
    )
    every = union_all(*steps).subquery()
    rows = session.execute(
        select(every.c.proposal_id, every.c.at, User.name_th, User.name_en)
        .outerjoin(User, User.id == every.c.by)
        .order_by(every.c.at)
    )
    return {r.proposal_id: LastChange(r.at, Text(r.name_th, r.name_en) if r.name_th else None) for r in rows}
