"""Certifying: what a certifier signs is one exact text, named by its hash; what has been read is remembered."""

from __future__ import annotations

import json

from sqlalchemy import select

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.drafting import FILED_ALREADY
from app.proposals.facts import ProposalFacts
from app.proposals.freezing import claims_sha256
from app.proposals.models import Certification, LastLook, Participation, Proposal, ProposalDraft
from app.proposals.queries import (
    DraftView,
    agency_directory,
    draft_facts,
    find_signature,
    list_attached,
    list_partner_standings,
    mark_of_draft,
    read_draft,
    target_of,
)
from app.proposals.sections import list_obstacles
from app.proposals.signoff import list_waiting
from app.proposals.states import WRITABLE_STATES

FILING, PART = "filing", "part"

CHANGED_SINCE = Text(
    "ข้อความเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้ กรุณาอ่านส่วนที่เปลี่ยนแล้วลงนามอีกครั้ง",
    "The text has changed since you opened this page; read what changed and sign again",
)
NOT_COMPLETE = Text(
    "ยังลงนามไม่ได้ เพราะยังมีเรื่องต้องแก้ไข", "It cannot be signed yet, because something is still to be mended"
)
NOT_CONFIRMED = Text(
    "เจ้าหน้าที่ยังไม่ยืนยันว่าส่วนนี้ครบถ้วน จึงยังลงนามไม่ได้",
    "Its officer has not confirmed that the part is complete, so it cannot be signed yet",
)


def ask_signature(work: Work[Actor], proposal_id: int) -> None:
    """Tell the certifiers of the lead that the proposal waits for a signature; nothing to tell once it has one.

    Raises `Refused` with everything that keeps it from being signed.
    """
    proposal = _lock(work, proposal_id, Permission.WRITE_PROPOSAL)
    view, call, facts = _as_it_stands(work, proposal_id)
    _require_ready(work, view, call, facts)
    if find_signature(work.session, proposal_id, proposal.lead_agency_id, FILING, claims_sha256(facts)):
        return
    work.audit("ask_signature", f"proposal:{proposal_id}", agency_id=proposal.lead_agency_id)
    work.promise(
        "notify",
        {
            "event": "signature_wanted",
            "proposal": proposal_id,
            "agency": proposal.lead_agency_id,
            "scope": FILING,
        },
    )


def sign_proposal(work: Work[Actor], proposal_id: int, sha256: str) -> None:
    """The lead's certifier signs the whole proposal as it stands. `sha256` is what the page showed.

    Raises `Stale` when it has changed since, `Refused` with everything that is not complete.
    """
    proposal = _lock(work, proposal_id, Permission.SIGN_PROPOSAL)
    view, call, facts = _as_it_stands(work, proposal_id)
    if claims_sha256(facts) != sha256:
        raise Stale(CHANGED_SINCE)
    _require_ready(work, view, call, facts)
    _sign(work, proposal, proposal.lead_agency_id, FILING, sha256)


def sign_part(work: Work[Actor], proposal_id: int, agency_id: int, sha256: str) -> None:
    """A participant's certifier signs its part, once its officer has confirmed it. Raises as `sign_proposal`."""
    proposal = _lock(work, proposal_id, Permission.SIGN_PROPOSAL, agency_id)
    view = read_draft(work.session, proposal_id)
    part = view.part_of(agency_id)
    if part is None or part.code not in view.joined:
        raise NotFound()
    if part.sha256 != sha256:
        raise Stale(CHANGED_SINCE)
    if not part.is_confirmed:
        raise Refused(NOT_CONFIRMED)
    _sign(work, proposal, agency_id, PART, sha256)


def _lock(
    work: Work[Actor], proposal_id: int, permission: Permission, agency_id: int | None = None
) -> Proposal:
    """The proposal under lock, if the actor holds `permission` for the lead, or for the participant `agency_id`."""
    require(work.actor, permission)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    owner = agency_id or proposal.lead_agency_id
    require(work.actor, permission, Target(agency_ids=frozenset({owner})))
    if owner not in target_of(work.session, proposal_id).agency_ids:
        raise NotFound()
    if proposal.state not in WRITABLE_STATES:
        raise Refused(FILED_ALREADY)
    return proposal


def _as_it_stands(work: Work[Actor], proposal_id: int) -> tuple[DraftView, CallView, ProposalFacts]:
    view = read_draft(work.session, proposal_id)
    call = get_call_by_id(work.session, view.call_id)
    return view, call, draft_facts(work.session, view, call, agency_directory(work.session))


def _require_ready(work: Work[Actor], view: DraftView, call: CallView, facts: ProposalFacts) -> None:
    """Raise `Refused` with everything that keeps the whole from being signed."""
    problems: list[Problem] = list_obstacles(view.draft, view.joined, facts, call.plan, call.limits)
    if call.is_certified:
        problems += list_waiting(list_partner_standings(work.session, view, facts))
    if problems:
        raise Refused(NOT_COMPLETE, problems)


def _sign(work: Work[Actor], proposal: Proposal, agency_id: int, scope: str, sha256: str) -> None:
    assert work.actor.id is not None
    _keep_look(work, proposal.id)
    signed = work.session.scalars(
        select(Certification).where(
            Certification.proposal_id == proposal.id,
            Certification.agency_id == agency_id,
            Certification.scope == scope,
            Certification.sha256 == sha256,
        )
    ).first()
    if signed is not None:
        return
    work.session.add(
        Certification(
            proposal_id=proposal.id,
            agency_id=agency_id,
            scope=scope,
            sha256=sha256,
            at=work.now,
            by=work.actor.id,
        )
    )
    work.audit(f"sign_{scope}", f"proposal:{proposal.id}", agency_id=agency_id, after=sha256)
    work.promise("notify", {"event": "signed", "proposal": proposal.id, "agency": agency_id, "scope": scope})


def note_look(work: Work[Actor], proposal_id: int, seen: str) -> None:
    """Remember that this person has read the proposal; later changes are shown against this.

    `seen` is `mark_of_draft` of what the page showed. Raises `Stale` when somebody has changed it since, because nobody
    has read what came after.
    """
    require(work.actor, Permission.READ_PROPOSAL, target_of(work.session, proposal_id))
    work.session.get(Proposal, proposal_id, with_for_update=True)
    view = read_draft(work.session, proposal_id)
    if mark_of_draft(view, list_attached(work.session, proposal_id)) != seen:
        raise Stale(CHANGED_SINCE)
    _keep_look(work, proposal_id)


def _keep_look(work: Work[Actor], proposal_id: int) -> None:
    """Keep which version of each section this person has read; the proposal is locked."""
    assert work.actor.id is not None
    draft = work.session.get_one(ProposalDraft, proposal_id)
    versions = {"": json.loads(draft.section_versions)}
    for part in work.session.scalars(select(Participation).where(Participation.proposal_id == proposal_id)):
        versions[str(part.agency_id)] = json.loads(part.section_versions)
    look = work.session.scalars(
        select(LastLook).where(LastLook.proposal_id == proposal_id, LastLook.user_id == work.actor.id)
    ).first()
    if look is None:
        look = LastLook(proposal_id=proposal_id, user_id=work.actor.id)
        work.session.add(look)
    look.at, look.versions = work.now, canonical_json(versions)
    work.session.flush()
