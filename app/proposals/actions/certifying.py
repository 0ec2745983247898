"""Certifying: what a certifier signs is one exact text, named by its hash; what has been read is remembered."""

from __future__ import annotations

import json

from sqlalchemy import select

from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.facts import claims_sha256
from app.proposals.models import Certification, LastLook, Participation, Proposal, ProposalDraft
from app.proposals.queries import agency_directory, draft_facts, get_draft, list_partner_standings, read_draft
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
    """Tell the certifiers of the lead that the proposal waits for a signature."""
    proposal = _of(work, proposal_id, Permission.WRITE_PROPOSAL)
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
    proposal = _of(work, proposal_id, Permission.SIGN_PROPOSAL)
    view = read_draft(work.session, proposal_id)
    call = get_call_by_id(work.session, view.call_id)
    facts = draft_facts(work.session, view, call, agency_directory(work.session))
    if claims_sha256(facts) != sha256:
        raise Stale(CHANGED_SINCE)
    problems = list_obstacles(view.draft, view.joined, facts, call.plan, call.limits)
    if call.is_certified:
        problems += list_waiting(list_partner_standings(work.session, view, facts))
    if problems:
        raise Refused(NOT_COMPLETE, problems)
    _sign(work, proposal, proposal.lead_agency_id, FILING, sha256)


def sign_part(work: Work[Actor], proposal_id: int, agency_id: int, sha256: str) -> None:
    """A participant's certifier signs its part, once its officer has confirmed it. Raises as `sign_proposal`."""
    require(work.actor, Permission.SIGN_PROPOSAL, Target(agency_ids=frozenset({agency_id})))
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.state not in WRITABLE_STATES:
        raise NotFound()
    view = read_draft(work.session, proposal_id)
    part = view.part_of(agency_id)
    if part is None or part.code not in view.joined:
        raise NotFound()
    if part.sha256 != sha256:
        raise Stale(CHANGED_SINCE)
    if not part.is_confirmed:
        raise Refused(NOT_CONFIRMED)
    _sign(work, proposal, agency_id, PART, sha256)


def _of(work: Work[Actor], proposal_id: int, permission: Permission) -> Proposal:
    require(work.actor, permission)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    require(work.actor, permission, Target(agency_ids=frozenset({proposal.lead_agency_id})))
    if proposal.state not in WRITABLE_STATES:
        raise Refused(Text("ข้อเสนอนี้ยื่นแล้ว", "This proposal has been filed"))
    return proposal


def _sign(work: Work[Actor], proposal: Proposal, agency_id: int, scope: str, sha256: str) -> None:
    assert work.actor.id is not None
    note_look(work, proposal.id)
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


def note_look(work: Work[Actor], proposal_id: int) -> None:
    """Remember that this person has read the proposal as it stands; later changes are shown against this."""
    get_draft(work.session, work.actor, proposal_id)
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
