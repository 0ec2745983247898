"""Deciding many proposals at once: exactly as was read in the preview, or not at all."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.calls.queries import CallView
from app.decisions.actions.deciding import ASKED_NOT_TO, LIST_MEETING, replace_decisions, why_recused
from app.decisions.facts import OWN_WORD, Level
from app.decisions.models import Decision, Meeting
from app.decisions.orders import MOST_AT_ONCE, Counting, DecidingOrder, Plan, plan_steps, problems_of
from app.decisions.queries import DecisionView, current_decisions
from app.decisions.queries.meetings import get_meeting, list_recusals, meeting_terms
from app.decisions.queries.sitting import find_sitting
from app.decisions.states import MEETING_STATES, OPEN
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.portfolio.allocation import allocate
from app.portfolio.queries import entries_under
from app.proposals.models import Proposal
from app.reviews.queries.conflicts import read_interests

NOTHING_CHOSEN = Text("กรุณาเลือกข้อเสนออย่างน้อยหนึ่งเรื่อง", "Choose at least one proposal")
TOO_MANY = Text(
    "ลงมติพร้อมกันได้ครั้งละไม่เกิน 2,000 เรื่อง กรุณากรองให้แคบลง",
    "At most 2,000 proposals at once; narrow the list first",
)
NOT_OPEN = Text("ลงมติไม่ได้ เพราะการประชุมนี้มีสถานะ “{state}”", "Nothing can be decided: the meeting is “{state}”")
NOTHING_TO_DO = Text("ไม่มีข้อเสนอใดที่ลงมติเช่นนี้ได้", "There is no proposal this can be decided on")
CHANGED_MEANWHILE = Text(
    "ข้อมูลเปลี่ยนไปหลังจากที่ท่านดูตัวอย่าง จึงยังไม่ได้บันทึกสิ่งใด กรุณาตรวจตัวอย่างใหม่แล้วยืนยันอีกครั้ง",
    "Something changed after you looked at the preview, so nothing was recorded. Read the new preview and confirm it.",
)


def _counting(d: DecisionView) -> Counting:
    return Counting(d.id, d.verdict, d.amount, d.conditions, d.resolution, d.reason, d.number, d.meeting_id)


def plan_decisions(
    session: Session,
    actor: Actor,
    call: CallView,
    meeting: Meeting,
    order: DecidingOrder,
    proposal_ids: Collection[int],
) -> Plan:
    """Exactly what an order would record in an open meeting; a few queries for any number of proposals.

    Ids that are not on the list are let go. Raises `Forbidden` for whoever may not decide, `Refused` for too many, for
    none, for an order that says too little, and in a meeting that is not open or only settles the list.
    """
    require(actor, Permission.RECORD_DECISION)
    if meeting.state != OPEN:
        raise Refused(NOT_OPEN.fill(state=MEETING_STATES[meeting.state]))
    if Level(meeting.level).settles_list:
        raise Refused(LIST_MEETING)
    picked = set(proposal_ids)
    if len(picked) > MOST_AT_ONCE:
        raise Refused(TOO_MANY, [Problem("bulk", TOO_MANY)])
    terms = meeting_terms(session, call, meeting)
    lines = [
        line
        for line in allocate(entries_under(session, call, terms), terms).lines
        if line.entry.proposal_id in picked
    ]
    if not lines:
        raise Refused(NOTHING_CHOSEN, [Problem("bulk", NOTHING_CHOSEN)])
    if problems := problems_of(order, lines, terms.adjustments):
        raise Refused(problems[0].text, problems)
    counting = {i: _counting(d) for i, d in current_decisions(session, call.id).items()}
    recused: dict[int, Text] = {}
    if actor.id is not None:
        interests = read_interests(session, [line.entry.proposal_id for line in lines], [actor.id])
        for proposal_id, user_id in interests.tied_pairs():
            why = why_recused(interests.standing_at_meeting(proposal_id, user_id))
            if why is not None:
                recused[proposal_id] = why
        for recusal in list_recusals(session, meeting.id):
            if recusal.user_id == actor.id and recusal.ground == OWN_WORD:
                recused.setdefault(recusal.proposal_id, ASKED_NOT_TO)
    prefix = find_sitting(session, call.id).prefix
    return plan_steps(
        order,
        lines,
        terms.adjustments,
        counting,
        recused,
        meeting.id,
        prefix,
        picked,
        call.ceiling,
    )


def record_decisions(
    work: Work[Actor],
    call: CallView,
    meeting_id: int,
    order: DecidingOrder,
    proposal_ids: Collection[int],
    fingerprint: str,
) -> Plan:
    """Record what the plan with this fingerprint says; what it bars stays as it is. One transaction, and each decision
    with its own entry in the audit log.

    Raises `Stale` when the plan would now be another, `Refused` when nothing can be decided, and whatever
    `plan_decisions` raises; then nothing is written.
    """
    require(work.actor, Permission.RECORD_DECISION)
    work.session.get_one(Call, call.id, with_for_update=True)
    proposals = {
        p.id: p
        for p in work.session.scalars(
            select(Proposal)
            .where(Proposal.id.in_(proposal_ids), Proposal.call_id == call.id)
            .order_by(Proposal.id)
            .with_for_update()
        )
    }
    meeting = get_meeting(work.session, work.actor, meeting_id)
    plan = plan_decisions(work.session, work.actor, call, meeting, order, list(proposals))
    if plan.fingerprint != fingerprint:
        raise Stale(CHANGED_MEANWHILE)
    if not plan.doable:
        raise Refused(NOTHING_TO_DO)
    ids = [step.proposal_id for step in plan.doable]
    current = {
        d.proposal_id: d
        for d in work.session.scalars(
            select(Decision).where(Decision.proposal_id.in_(ids), Decision.superseded_at.is_(None))
        )
    }
    pairs = []
    for step in plan.doable:
        assert step.after is not None
        after = step.after
        decision = Decision(
            proposal_id=step.proposal_id,
            verdict=after.verdict.value,
            amount=after.amount,
            conditions=after.conditions,
            resolution=after.resolution,
            reason=after.reason,
            meeting_id=meeting.id,
            number=after.number,
        )
        pairs.append((proposals[step.proposal_id], current.get(step.proposal_id), decision))
    replace_decisions(work, pairs)
    return plan
