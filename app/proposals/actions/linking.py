"""Links put to the partner they name, and the partner's own word on them."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.drafting import get_writable
from app.proposals.facts import Answer, link_claim
from app.proposals.models import LinkRequest, Proposal
from app.proposals.queries import agency_directory, draft_facts, read_draft
from app.proposals.signoff import can_be_asked
from app.proposals.states import WITHDRAWN

LONGEST_NOTE = 2000

NEEDS_REASON = Text("กรุณาบอกเหตุผลที่ปฏิเสธ", "Say why the link is declined")
NEEDS_MONEY = Text(
    "กรุณาตอบว่าหน่วยงานของท่านขอเงินสำหรับการเชื่อมโยงนี้เองหรือไม่",
    "Say whether your agency asks for money of its own for this link",
)
TOO_LONG = Text("ข้อความยาวเกิน {most} ตัวอักษร", "The text is longer than {most} characters").fill(
    most=f"{LONGEST_NOTE:,}"
)
ANSWERED_MEANWHILE = Text(
    "เพื่อนร่วมงานของท่านตอบเรื่องนี้ไปแล้วหลังจากที่ท่านเปิดหน้านี้ กรุณาดูคำตอบนั้นก่อนเปลี่ยน",
    "A colleague has answered this after you opened the page. Look at that answer before changing it",
)
LINK_IS_GONE = Text(
    "หน่วยงานเจ้าของโครงการแก้ไขหรือนำการเชื่อมโยงนี้ออกแล้ว จึงไม่ต้องตอบ",
    "The agency has changed this link or taken it out, so no answer is needed",
)


def ask_partners(work: Work[Actor], proposal_id: int, agency_id: int | None = None) -> int:
    """Put every link not asked about yet to the partner it names: those of the lead, or of the participant
    `agency_id`. Returns how many were asked; for which links there is somebody to ask, see `can_be_asked`."""
    proposal = get_writable(work, proposal_id, "integration", agency_id)
    view = read_draft(work.session, proposal_id)
    call = get_call_by_id(work.session, view.call_id)
    facts = draft_facts(work.session, view, call, agency_directory(work.session))
    owner = agency_id or proposal.lead_agency_id
    claimant = "" if owner == proposal.lead_agency_id else work.session.get_one(Agency, owner).code
    ids = {row.code: row.id for row in work.session.execute(select(Agency.code, Agency.id))}
    kept = {
        (r.link_sha256, r.partner_id): r
        for r in work.session.scalars(select(LinkRequest).where(LinkRequest.proposal_id == proposal_id))
    }
    asked = 0
    for link in facts.integration.links:
        partner = ids.get(link.partner.code) if link.partner else None
        if link.agency != claimant or partner is None or not can_be_asked(link, facts):
            continue
        request = kept.get((link.sha256, partner))
        if request is not None and request.state != WITHDRAWN:
            continue
        if request is None:
            request = LinkRequest(
                proposal_id=proposal_id,
                partner_id=partner,
                link_sha256=link.sha256,
                content=canonical_json(link_claim(link)),
            )
            work.session.add(request)
            kept[link.sha256, partner] = request
        request.state, request.asked_at, request.asked_by = Answer.ASKED.value, work.now, work.actor.id
        work.session.flush()
        work.audit(
            "ask_partner",
            f"proposal:{proposal_id}",
            agency_id=owner,
            after=link.sha256,
            detail={"request": request.id},
        )
        work.promise("notify", {"event": "link_asked", "request": request.id})
        asked += 1
    return asked


def answer_link(
    work: Work[Actor],
    request_id: int,
    *,
    confirms: bool,
    own_money: bool | None,
    note: str = "",
    seen: str = Answer.ASKED.value,
) -> LinkRequest:
    """The partner's word on a link, given from its own side; it may be changed later. `seen` is the answer there was
    when the page was opened.

    Raises `Refused` for a refusal without a reason, a confirmation that does not say about money, or a link that is no
    more, and `Stale` when a colleague has answered since.
    """
    require(work.actor, Permission.ANSWER_LINK)
    request = work.session.get(LinkRequest, request_id, with_for_update=True)
    if request is None:
        raise NotFound()
    require(work.actor, Permission.ANSWER_LINK, Target(agency_ids=frozenset({request.partner_id})))
    if request.state == WITHDRAWN:
        raise Refused(LINK_IS_GONE)
    if request.state != seen:
        raise Stale(ANSWERED_MEANWHILE)
    note = note.strip()
    problems = []
    if not confirms and not note:
        problems.append(Problem("link-note", NEEDS_REASON))
    if confirms and own_money is None:
        problems.append(Problem("link-own_money", NEEDS_MONEY))
    if len(note) > LONGEST_NOTE:
        problems.append(Problem("link-note", TOO_LONG))
    if problems:
        raise Refused(problems[0].text, problems)
    request.state = (Answer.CONFIRMED if confirms else Answer.DECLINED).value
    request.own_money, request.note = own_money if confirms else None, note
    request.answered_at, request.answered_by = work.now, work.actor.id
    proposal = work.session.get_one(Proposal, request.proposal_id)
    work.audit(
        "answer_link",
        f"proposal:{proposal.id}",
        agency_id=request.partner_id,
        after=request.link_sha256,
        detail={"request": request.id, "state": request.state},
    )
    work.promise("notify", {"event": "link_answered", "request": request.id})
    return request
