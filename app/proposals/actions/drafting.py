"""Drafts: made, written section by section, kept in step with what lists show."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from app.calls.facts import deadline_of
from app.calls.models import Call
from app.calls.queries import CallView, get_call, get_call_by_id
from app.identity.facts import Actor
from app.identity.queries import agency_ids
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.clock import format_moment
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.money import LARGEST_SATANG
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.kernel.work import Work
from app.proposals.drafts import SECTIONS, Draft, empty_draft
from app.proposals.facts import ProposalFacts
from app.proposals.models import (
    Proposal,
    ProposalAgency,
    ProposalDraft,
)
from app.proposals.queries import (
    agency_directory,
    draft_facts,
    get_draft,
)
from app.proposals.states import DRAFT

CHANGED_MEANWHILE = Text(
    "มีผู้อื่นบันทึกส่วนนี้ไปแล้วหลังจากที่ท่านเปิดหน้านี้ ข้อความของท่านยังอยู่ กรุณาเทียบก่อนบันทึกอีกครั้ง",
    "Somebody else saved this section after you opened it. Your text is still here; compare before saving again",
)


WINDOW_SHUT = Text(
    "ขณะนี้ {now} อยู่นอกช่วงเปิดรับของหน่วยงาน ({opens} ถึงก่อน {closes}{grace}) จึงยื่นหรือสร้างข้อเสนอไม่ได้ "
    "แต่ร่างที่บันทึกไว้ยังอยู่ครบ",
    "It is {now}, outside the agency's submission window ({opens} until just before {closes}{grace}), so nothing can "
    "be created or filed. Saved drafts are kept",
)
WITH_GRACE = Text(" และผ่อนผันถึงก่อน {until}", ", with grace until just before {until}")


def require_open(call: CallView, work: Work[Actor], agency_id: int) -> datetime:
    """The closing moment this agency is judged by; the filing is in its grace if it arrived later.

    Raises `Refused` unless the request arrived within the agency's half-open window, grace included.
    """
    deadline = deadline_of(call, agency_id)
    if not deadline.judge(work.now).accepts:
        grace = WITH_GRACE.fill(until=_moment(deadline.grace_until)) if deadline.has_grace else Text("", "")
        raise Refused(
            WINDOW_SHUT.fill(
                now=_moment(work.now),
                opens=_moment(deadline.opens_at),
                closes=_moment(deadline.closes_at),
                grace=grace,
            )
        )
    return deadline.closes_at


def _moment(at: Any) -> Text:
    return Text(format_moment(at, "th", seconds=True), format_moment(at, "en", seconds=True))


def create_proposal(work: Work[Actor], fiscal_year: int, agency_id: int) -> Proposal:
    """A new empty draft of an agency, with its number. Raises `Refused` outside the window."""
    require(work.actor, Permission.WRITE_PROPOSAL, Target(agency_ids=frozenset({agency_id})))
    call = get_call(work.session, fiscal_year)
    require_open(call, work, agency_id)
    return new_proposal(work, call, agency_id, empty_draft())


def new_proposal(work: Work[Actor], call: CallView, agency_id: int, draft: Draft) -> Proposal:
    """A proposal with the call's next number and this draft; the caller has checked who and when."""
    row = work.session.get(Call, call.id, with_for_update=True)
    if row is None:
        raise NotFound()
    row.last_number += 1
    proposal = Proposal(
        call_id=call.id,
        number=f"{call.fiscal_year}-{row.last_number:04d}",
        lead_agency_id=agency_id,
        state=DRAFT,
        created_at=work.now,
        created_by=work.actor.id,
        updated_at=work.now,
    )
    work.session.add(proposal)
    work.session.flush()
    work.session.add(ProposalAgency(proposal_id=proposal.id, agency_id=agency_id, is_lead=True))
    work.session.add(
        ProposalDraft(
            proposal_id=proposal.id,
            content=canonical_json(draft),
            section_versions=canonical_json(dict.fromkeys(SECTIONS, 1)),
            updated_at=work.now,
            updated_by=work.actor.id,
        )
    )
    work.session.flush()
    work.audit("create_proposal", f"proposal:{proposal.id}", agency_id=agency_id)
    return proposal


def get_of_lead(work: Work[Actor], proposal_id: int, permission: Permission) -> Proposal:
    """The proposal under lock, if the actor holds `permission` for its lead agency; participants only read."""
    require(work.actor, permission)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    require(work.actor, permission, Target(agency_ids=frozenset({proposal.lead_agency_id})))
    return proposal


def get_writable(work: Work[Actor], proposal_id: int) -> Proposal:
    """The proposal under lock, if this actor may write it and it is still a draft."""
    proposal = get_of_lead(work, proposal_id, Permission.WRITE_PROPOSAL)
    if proposal.state != DRAFT:
        raise Refused(Text("ข้อเสนอนี้ยื่นแล้ว จึงแก้ไขไม่ได้", "This proposal was filed and can no longer be changed"))
    return proposal


def save_section(
    work: Work[Actor], proposal_id: int, section: str, value: dict[str, Any], version: int
) -> int:
    """Save one section of a draft; returns its new version.

    `value` has the section's shape (see `drafts`), `version` is the one the form was opened with. Raises `Stale`
    when somebody saved the section since; nothing is overwritten. Raises `NotFound` for a section drafts lack.
    """
    proposal = get_writable(work, proposal_id)
    kept = work.session.get_one(ProposalDraft, proposal_id)
    versions = json.loads(kept.section_versions)
    draft: Draft = json.loads(kept.content)
    if section not in draft:
        raise NotFound()
    if draft[section] == value:
        return int(versions[section])
    if versions[section] != version:
        raise Stale(CHANGED_MEANWHILE)
    before = sha256_text(canonical_json(draft[section]))
    draft[section] = value
    versions[section] += 1
    kept.content = canonical_json(draft)
    kept.section_versions = canonical_json(versions)
    kept.updated_at, kept.updated_by = work.now, work.actor.id
    _mirror(work, proposal, draft)
    work.audit(
        "save_section",
        f"proposal:{proposal_id}",
        before=before,
        after=sha256_text(canonical_json(value)),
        detail={"section": section, "version": versions[section]},
    )
    return int(versions[section])


def _mirror(work: Work[Actor], proposal: Proposal, draft: Draft) -> None:
    """Keep what lists show in step with the draft."""
    names, plan = draft["names"], draft["plan"]
    proposal.title_th, proposal.title_en = names["title_th"], names["title_en"]
    proposal.stage, proposal.guideline = plan["stage"], plan["guideline"]
    proposal.strategy, proposal.focus_area = plan["strategy"], plan["focus_area"]
    proposal.updated_at = work.now
    directory = agency_directory(work.session)
    ids = agency_ids(work.session)
    view = get_draft(work.session, work.actor, proposal.id)
    call = get_call_by_id(work.session, proposal.call_id)
    facts = draft_facts(work.session, view, call, directory)
    # a draft may say more than can ever be filed; what lists show fits the column
    proposal.total = min(facts.total, LARGEST_SATANG)
    proposal.search_key = search_key(
        " ".join((proposal.number, facts.title.th, facts.title.en, facts.lead.name.th, facts.lead.name.en))
    )
    write_agencies(work, proposal, facts, ids)


def write_agencies(work: Work[Actor], proposal: Proposal, facts: ProposalFacts, ids: dict[str, int]) -> None:
    """The agencies of a proposal anew, each with its own money."""
    work.session.execute(delete(ProposalAgency).where(ProposalAgency.proposal_id == proposal.id))
    rows = [
        {
            "proposal_id": proposal.id,
            "agency_id": ids[agency.code],
            "is_lead": agency.code == facts.lead.code,
            "amount": min(facts.total_of(agency.code), LARGEST_SATANG),
        }
        for agency in facts.agencies
    ]
    work.session.execute(ProposalAgency.__table__.insert(), rows)  # type: ignore[attr-defined]
