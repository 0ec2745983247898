"""Links put to an agency by others: what is claimed, by whom, and what was answered. Nothing else of the proposal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import Answer
from app.proposals.models import LinkRequest, Proposal


@dataclass(frozen=True, slots=True)
class AskedLink:
    """A link as its partner sees it. `claim` has kind, name, direction, channel; `claimant` is the agency that
    claims it."""

    id: int
    proposal_id: int
    fiscal_year: int
    number: str
    title: Text
    claimant: Text
    partner_id: int
    partner: Text
    claim: Mapping[str, str]
    state: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: Text
    own_money: bool | None
    note: str

    @property
    def is_waiting(self) -> bool:
        return self.state == Answer.ASKED


_partner, _lead = aliased(Agency), aliased(Agency)


def _asked() -> Any:
    return (
        select(
            LinkRequest.id,
            LinkRequest.proposal_id,
            LinkRequest.partner_id,
            LinkRequest.content,
            LinkRequest.state,
            LinkRequest.asked_at,
            LinkRequest.answered_at,
            LinkRequest.own_money,
            LinkRequest.note,
            Call.fiscal_year,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            _lead.name_th.label("lead_th"),
            _lead.name_en.label("lead_en"),
            _partner.name_th.label("partner_th"),
            _partner.name_en.label("partner_en"),
            User.name_th.label("by_th"),
            User.name_en.label("by_en"),
        )
        .join(Proposal, Proposal.id == LinkRequest.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .join(_lead, _lead.id == Proposal.lead_agency_id)
        .join(_partner, _partner.id == LinkRequest.partner_id)
        .outerjoin(User, User.id == LinkRequest.answered_by)
    )


def _read(session: Session, statement: Any) -> list[AskedLink]:
    rows = session.execute(statement).all()
    claims = [json.loads(row.content) for row in rows]
    codes = {claim["agency"] for claim in claims if claim["agency"]}
    names = {
        r.code: Text(r.name_th, r.name_en)
        for r in (
            session.execute(select(Agency.code, Agency.name_th, Agency.name_en).where(Agency.code.in_(codes)))
            if codes
            else ()
        )
    }
    return [
        AskedLink(
            id=row.id,
            proposal_id=row.proposal_id,
            fiscal_year=row.fiscal_year,
            number=row.number,
            title=Text(row.title_th, row.title_en),
            claimant=names.get(claim["agency"], Text(row.lead_th, row.lead_en)),
            partner_id=row.partner_id,
            partner=Text(row.partner_th, row.partner_en),
            claim=claim,
            state=row.state,
            asked_at=row.asked_at,
            answered_at=row.answered_at,
            answered_by=Text(row.by_th or "", row.by_en or ""),
            own_money=row.own_money,
            note=row.note,
        )
        for row, claim in zip(rows, claims, strict=True)
    ]


def list_asked_links(session: Session, actor: Actor) -> list[AskedLink]:
    """Every link others have put to the actor's agencies: those that wait first, then the latest answered."""
    require(actor, Permission.ANSWER_LINK)
    found = _read(
        session,
        _asked()
        .where(LinkRequest.partner_id.in_(actor.agency_ids), LinkRequest.state != "withdrawn")
        .order_by(LinkRequest.asked_at.desc(), LinkRequest.id.desc()),
    )
    return sorted(found, key=lambda link: not link.is_waiting)


def get_asked_link(session: Session, actor: Actor, request_id: int) -> AskedLink:
    """One of them. Raises `NotFound`."""
    found = _read(session, _asked().where(LinkRequest.id == request_id))
    if not found:
        raise NotFound()
    require(actor, Permission.ANSWER_LINK, Target(agency_ids=frozenset({found[0].partner_id})))
    return found[0]


def list_link_answers(session: Session, proposal_id: int) -> list[AskedLink]:
    """What partners said of the links of one proposal; the caller has checked who may see it."""
    return _read(
        session,
        _asked()
        .where(LinkRequest.proposal_id == proposal_id, LinkRequest.state != "withdrawn")
        .order_by(LinkRequest.id),
    )
