"""Participants: invited by the lead, they join or decline, fill in their own part, and confirm it."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import select

from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.models import Agency
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.carrying import find_waiting_part
from app.proposals.actions.drafting import get_writable
from app.proposals.actions.keeping import draft_and_parts, keep_revision, show_draft
from app.proposals.actions.saving import writable_page
from app.proposals.actions.taking_back import take_questions_back
from app.proposals.drafts import (
    PART_SECTIONS,
    empty_part,
    join_lines,
    part_sha256,
    split_lines,
)
from app.proposals.homes import at_home
from app.proposals.models import Participation, Proposal, ProposalDraft
from app.proposals.queries import agency_directory, draft_facts, read_draft
from app.proposals.sections import list_obstacles
from app.proposals.states import DECLINED, INVITED, JOINED

LONGEST_NOTE = 2000

NOT_NAMED = Text(
    "เชิญได้เฉพาะหน่วยงานร่วมที่เลือกไว้ในส่วน “ชื่อโครงการและหน่วยงาน”",
    "Only participants named under “Names and agencies” can be invited",
)
NEEDS_REASON = Text("กรุณาบอกเหตุผลที่ไม่เข้าร่วม", "Say why the agency does not take part")
TOO_LONG = Text("ข้อความยาวเกิน {most} ตัวอักษร", "The text is longer than {most} characters").fill(
    most=f"{LONGEST_NOTE:,}"
)
CHANGED_MEANWHILE = Text(
    "เพื่อนร่วมงานของท่านแก้ไขส่วนนี้หลังจากที่ท่านเปิดหน้านี้ กรุณาตรวจแล้วยืนยันอีกครั้ง",
    "A colleague has changed this part after you opened the page. Check it and confirm again",
)
NOT_CONFIRMED = Text(
    "ยังยืนยันส่วนของหน่วยงานไม่ได้ กรุณาแก้ไขรายการต่อไปนี้",
    "The part cannot be confirmed yet; please mend the following",
)


def invite_participants(work: Work[Actor], proposal_id: int, codes: Collection[str], note: str = "") -> int:
    """Ask participants named in the draft to join and fill in their part; those that joined are left alone.

    Returns how many were invited now. One that declined may be asked again. Raises `Refused`.
    """
    proposal = get_writable(work, proposal_id, "names")
    if len(note) > LONGEST_NOTE:
        raise Refused(TOO_LONG, [Problem("partners-note", TOO_LONG)])
    draft = json.loads(work.session.get_one(ProposalDraft, proposal_id).content)
    if not set(codes) <= set(draft["names"]["participants"]):
        raise Refused(NOT_NAMED, [Problem("partners-invite", NOT_NAMED)])
    kept = {
        p.agency_id: p
        for p in work.session.scalars(select(Participation).where(Participation.proposal_id == proposal_id))
    }
    invited = 0
    for agency_id, code in work.session.execute(
        select(Agency.id, Agency.code).where(Agency.code.in_(codes)).order_by(Agency.sort_key)
    ):
        part = kept.get(agency_id)
        if agency_id == proposal.lead_agency_id or (part is not None and part.state != DECLINED):
            continue
        if part is None:
            part = Participation(
                proposal_id=proposal_id,
                agency_id=agency_id,
                content=canonical_json(empty_part()),
                section_versions=canonical_json(dict.fromkeys(PART_SECTIONS, 1)),
            )
            work.session.add(part)
        part.state, part.note = INVITED, note
        part.invited_at, part.invited_by = work.now, work.actor.id
        part.answered_at, part.answered_by, part.reason = None, None, ""
        work.audit("invite_participant", f"proposal:{proposal_id}", detail={"agency": code})
        work.promise("notify", {"event": "invited", "proposal": proposal_id, "agency": agency_id})
        invited += 1
    return invited


def answer_invitation(
    work: Work[Actor], proposal_id: int, agency_id: int, *, joins: bool, reason: str = ""
) -> None:
    """Join or decline, from the participant's own side. Lines the lead has written for it become its own part, and so
    does what it claimed itself in the project that is continued.

    Raises `NotFound` without an invitation, `Refused` for declining without a reason, after the filing, or in a return
    that did not open who takes part.
    """
    proposal = get_writable(work, proposal_id, "names", agency_id)
    part = _participation(work, proposal_id, agency_id)
    if part.state == JOINED and joins:
        return
    if not joins and not reason.strip():
        raise Refused(NEEDS_REASON, [Problem("invitation-reason", NEEDS_REASON)])
    if len(reason) > LONGEST_NOTE:
        raise Refused(TOO_LONG, [Problem("invitation-reason", TOO_LONG)])
    part.state, part.reason = (JOINED, "") if joins else (DECLINED, reason.strip())
    part.answered_at, part.answered_by = work.now, work.actor.id
    part.confirmed_sha256, part.confirmed_at, part.confirmed_by = None, None, None
    if joins:
        _hand_over(work, proposal, part)
        _bring_claims(work, proposal, part)
    draft, parts = draft_and_parts(work, proposal)
    show_draft(work, proposal, draft, parts, ("budget",))
    take_questions_back(work, proposal_id, draft, parts)
    work.audit(
        "answer_invitation", f"proposal:{proposal_id}", agency_id=agency_id, detail={"state": part.state}
    )
    work.promise("notify", {"event": "invitation_answered", "proposal": proposal_id, "agency": agency_id})


def confirm_part(work: Work[Actor], proposal_id: int, agency_id: int, seen: str | None = None) -> None:
    """A participant's officer declares its part complete. A later change of the part undoes it.

    `seen` is the hash of the part the page showed, None where nothing was shown. Raises `Refused` with everything in
    the part that is still to be mended, `Stale` when a colleague has changed it since.
    """
    get_writable(work, proposal_id, None, agency_id)
    part = _participation(work, proposal_id, agency_id)
    if part.state != JOINED:
        raise NotFound()
    sha256 = part_sha256(json.loads(part.content))
    if seen is not None and seen != sha256:
        raise Stale(CHANGED_MEANWHILE)
    view = read_draft(work.session, proposal_id)
    call = get_call_by_id(work.session, view.call_id)
    facts = draft_facts(work.session, view, call, agency_directory(work.session))
    own = next(p for p in view.parts if p.agency_id == agency_id)
    homes = [
        at_home(problem, view.draft, view.joined)
        for problem in list_obstacles(view.draft, view.joined, facts, call.plan, call.limits)
    ]
    problems = [problem for agency, problem in homes if agency == own.code]
    if problems:
        raise Refused(NOT_CONFIRMED, problems)
    if part.confirmed_sha256 == sha256:
        return
    part.confirmed_sha256, part.confirmed_at, part.confirmed_by = sha256, work.now, work.actor.id
    work.audit("confirm_part", f"proposal:{proposal_id}", agency_id=agency_id, after=sha256)
    work.promise("notify", {"event": "part_confirmed", "proposal": proposal_id, "agency": agency_id})
    if call.is_certified:
        work.promise(
            "notify",
            {"event": "signature_wanted", "proposal": proposal_id, "agency": agency_id, "scope": "part"},
        )


def _participation(work: Work[Actor], proposal_id: int, agency_id: int) -> Participation:
    """The invitation of an agency. Raises `NotFound` where there is none."""
    part = work.session.scalars(
        select(Participation).where(
            Participation.proposal_id == proposal_id, Participation.agency_id == agency_id
        )
    ).first()
    if part is None:
        raise NotFound()
    return part


def _hand_over(work: Work[Actor], proposal: Proposal, part: Participation) -> None:
    """Lines the lead wrote for this participant move to the participant's part; both sides keep a revision."""
    code = work.session.get_one(Agency, part.agency_id).code
    lead = work.session.get_one(ProposalDraft, proposal.id)
    draft, content = json.loads(lead.content), json.loads(part.content)
    own, rest = split_lines(draft["budget"], code)
    if not own["rows"]:
        return
    draft["budget"] = rest
    _write(work, proposal, proposal.lead_agency_id, "budget", draft)
    content["budget"] = join_lines(content["budget"], own)
    _write(work, proposal, part.agency_id, "budget", content)


def _bring_claims(work: Work[Actor], proposal: Proposal, part: Participation) -> None:
    """Links and indicators of the project continued come into sections of the part that nobody has written yet."""
    if proposal.continues_id is None:
        return
    waiting = find_waiting_part(work, proposal, work.session.get_one(Agency, part.agency_id).code)
    for section, value in waiting.items():
        if value["rows"] and json.loads(part.section_versions)[section] == 1:
            content = json.loads(part.content) | {section: value}
            _write(work, proposal, part.agency_id, section, content, "carried")


def _write(
    work: Work[Actor],
    proposal: Proposal,
    owner: int,
    section: str,
    content: dict[str, object],
    cause: str = "handed",
) -> None:
    kept = writable_page(work, proposal, owner)
    versions = json.loads(kept.section_versions)
    versions[section] += 1
    kept.content, kept.section_versions = canonical_json(content), canonical_json(versions)
    value = content[section]
    assert isinstance(value, dict)
    keep_revision(work, proposal.id, owner, section, versions[section], value, cause)
