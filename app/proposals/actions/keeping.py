"""What goes with every change of a draft: the revision that is kept, and what lists show."""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.models import Agency
from app.kernel.canonical import canonical_json
from app.kernel.money import LARGEST_SATANG
from app.kernel.thai_text import search_key
from app.kernel.work import Work
from app.proposals.drafts import Draft, Part, money_by_agency
from app.proposals.models import (
    DraftRevision,
    Participation,
    Proposal,
    ProposalAgency,
    ProposalDraft,
)
from app.proposals.states import JOINED, RETURNED


def keep_revision(
    work: Work[Actor],
    proposal_id: int,
    owner: int,
    section: str,
    version: int,
    value: Mapping[str, Any],
    cause: str,
    page: str = "",
) -> None:
    """Keep one save of one section for good."""
    work.session.add(
        DraftRevision(
            proposal_id=proposal_id,
            agency_id=owner,
            section=section,
            version=version,
            content=canonical_json(dict(value)),
            cause=cause,
            page=page[:40],
            at=work.now,
            by=work.actor.id,
        )
    )


def draft_and_parts(work: Work[Actor], proposal: Proposal) -> tuple[Draft, dict[str, Part]]:
    """The lead's draft and, by agency code, the parts of participants that joined."""
    work.session.flush()
    draft: Draft = json.loads(work.session.get_one(ProposalDraft, proposal.id).content)
    parts = {
        row.code: json.loads(row.content)
        for row in work.session.execute(
            select(Agency.code, Participation.content)
            .join(Agency, Agency.id == Participation.agency_id)
            .where(Participation.proposal_id == proposal.id, Participation.state == JOINED)
            .order_by(Participation.id)
        )
    }
    return draft, parts


def show_draft(
    work: Work[Actor],
    proposal: Proposal,
    draft: Draft,
    parts: Mapping[str, Part],
    sections: Container[str],
) -> None:
    """Keep what lists show in step with the draft; of a returned filing they go on showing what was filed, and only
    agencies that now take part are let in."""
    if proposal.state != RETURNED:
        mirror_draft(work, proposal, draft, parts, sections)
        return
    proposal.updated_at = work.now
    if "names" in sections:
        kept = {row.code: row.amount for row in _money_of(work, proposal.id)}
        write_agencies(work, proposal, [*draft["names"]["participants"], *kept], kept)


def _money_of(work: Work[Actor], proposal_id: int) -> Sequence[Any]:
    return work.session.execute(
        select(Agency.code, ProposalAgency.amount)
        .join(ProposalAgency, ProposalAgency.agency_id == Agency.id)
        .where(ProposalAgency.proposal_id == proposal_id)
    ).all()


def mirror_draft(
    work: Work[Actor],
    proposal: Proposal,
    draft: Draft,
    parts: Mapping[str, Part],
    sections: Container[str],
) -> None:
    """Keep what lists show in step with the sections that changed."""
    names, plan = draft["names"], draft["plan"]
    proposal.updated_at = work.now
    if "plan" in sections:
        proposal.stage, proposal.guideline = plan["stage"], plan["guideline"]
        proposal.strategy, proposal.focus_area = plan["strategy"], plan["focus_area"]
    if "names" in sections:
        proposal.title_th, proposal.title_en = names["title_th"], names["title_en"]
        lead = work.session.get_one(Agency, proposal.lead_agency_id)
        proposal.search_key = search_key(
            " ".join((proposal.number, names["title_th"], names["title_en"], lead.name_th, lead.name_en))
        )
    if "names" in sections or "budget" in sections:
        counted = {code: part for code, part in parts.items() if code in names["participants"]}
        money = money_by_agency(draft, counted)
        # a draft may say more than can ever be filed; what lists show fits the column
        proposal.total = min(sum(money.values()), LARGEST_SATANG)
        write_agencies(work, proposal, names["participants"], money)


def write_agencies(
    work: Work[Actor], proposal: Proposal, participants: Collection[str], money: Mapping[str, int]
) -> None:
    """The agencies of a proposal, each with its own money (satang), as they now are."""
    wanted = {
        row.id: min(money.get(row.code, 0), LARGEST_SATANG)
        for row in work.session.execute(
            select(Agency.id, Agency.code).where(
                Agency.code.in_(participants) | (Agency.id == proposal.lead_agency_id)
            )
        )
    }
    kept = {
        row.agency_id: row
        for row in work.session.scalars(
            select(ProposalAgency).where(ProposalAgency.proposal_id == proposal.id)
        )
    }
    for agency_id, row in kept.items():
        if agency_id not in wanted:
            work.session.delete(row)
        elif row.amount != wanted[agency_id]:
            row.amount = wanted[agency_id]
    for agency_id, amount in wanted.items():
        if agency_id not in kept:
            work.session.add(
                ProposalAgency(
                    proposal_id=proposal.id,
                    agency_id=agency_id,
                    is_lead=agency_id == proposal.lead_agency_id,
                    amount=amount,
                )
            )
    work.session.flush()
