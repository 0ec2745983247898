"""Drafts: begun, and who may write which section when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.calls.facts import deadline_of
from app.calls.models import Call
from app.calls.queries import CallView, get_call
from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json
from app.kernel.clock import format_moment
from app.kernel.errors import NotFound, Refused
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.answering import require_time_left
from app.proposals.actions.keeping import keep_revision, mirror_draft
from app.proposals.drafts import SECTIONS, Draft, empty_draft, empty_section
from app.proposals.models import (
    Proposal,
    ProposalDraft,
)
from app.proposals.queries import find_open_return, target_of
from app.proposals.states import DRAFT, RETURNED

FILED_ALREADY = Text("ข้อเสนอนี้ยื่นแล้ว จึงแก้ไขไม่ได้", "This proposal was filed and can no longer be changed")
NOT_OPENED = Text(
    "ส่วนนี้ไม่ได้เปิดให้แก้ไขในการส่งคืนครั้งนี้", "This section was not opened when the proposal was returned"
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


def new_proposal(
    work: Work[Actor], call: CallView, agency_id: int, draft: Draft, continues_id: int | None = None
) -> Proposal:
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
        continues_id=continues_id,
    )
    work.session.add(proposal)
    work.session.flush()
    work.session.add(
        ProposalDraft(
            proposal_id=proposal.id,
            content=canonical_json(draft),
            section_versions=canonical_json(dict.fromkeys(SECTIONS, 1)),
            updated_at=work.now,
            updated_by=work.actor.id,
        )
    )
    for section, value in draft.items():
        if value != empty_section(section):
            keep_revision(work, proposal.id, agency_id, section, 1, value, "carried")
    mirror_draft(work, proposal, draft, {}, draft)
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


def get_writable(
    work: Work[Actor], proposal_id: int, section: str | None, agency_id: int | None = None
) -> Proposal:
    """The proposal under lock, if this actor may write this section now: of the lead, or of the participant
    `agency_id`. None asks for no section in particular. Raises `Refused` once it is filed, or for a section that its
    return did not open, `NotFound` for a participant that is no longer named."""
    require(work.actor, Permission.WRITE_PROPOSAL)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    owner = agency_id or proposal.lead_agency_id
    require(work.actor, Permission.WRITE_PROPOSAL, Target(agency_ids=frozenset({owner})))
    if owner != proposal.lead_agency_id and owner not in target_of(work.session, proposal_id).agency_ids:
        raise NotFound()
    if proposal.state == RETURNED:
        opened = find_open_return(work.session, proposal_id)
        if opened is None or (section is not None and _opened_as(section) not in opened.sections):
            raise Refused(NOT_OPENED)
        require_time_left(opened.due_at, work.now)
    elif proposal.state != DRAFT:
        raise Refused(FILED_ALREADY)
    return proposal


def _opened_as(section: str) -> str:
    """The section a return opens for it: the links of a participant belong to the integration."""
    return "integration" if section == "links" else section
