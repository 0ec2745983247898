"""A decision is recorded, and amended by recording anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.calls.models import Call
from app.decisions.facts import GRANTING, MOVES, Verdict
from app.decisions.models import Decision
from app.decisions.queries import approved_total
from app.decisions.queries.meetings import numbers_taken
from app.decisions.queries.sitting import Sitting, find_sitting
from app.decisions.rules import list_problems, next_number
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions import move_proposal
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES
from app.reviews.conflicts import GROUND_NAMES, Standing
from app.reviews.conflicts import Verdict as Interest
from app.reviews.queries.conflicts import find_meeting_standing

NOT_RECORDED = Text("ยังบันทึกมติไม่ได้", "The decision was not recorded")

RECUSED = Text(
    "ท่านมีผลประโยชน์ทับซ้อนกับข้อเสนอนี้ ({ground}) จึงต้องถอนตัวและบันทึกมติไม่ได้ กรุณาให้กรรมการท่านอื่นบันทึก",
    "You have a conflict of interest with this proposal ({ground}). Recuse yourself; another member records the decision",
)
TO_BE_JUDGED = Text(
    "ท่านมีเหตุที่อาจเป็นผลประโยชน์ทับซ้อนกับข้อเสนอนี้ ({ground}) กรุณารอฝ่ายเลขานุการบันทึกคำวินิจฉัย"
    "ก่อนลงมติ หรือให้กรรมการท่านอื่นบันทึก",
    "You may have a conflict of interest with this proposal ({ground}). Wait for the secretariat's word before deciding, "
    "or let another member record the decision",
)
ASKED_NOT_TO = Text(
    "ท่านแจ้งขอไม่ร่วมพิจารณาข้อเสนอนี้ในการประชุม จึงบันทึกมติไม่ได้ กรุณาให้กรรมการท่านอื่นบันทึก",
    "You asked not to take part in this proposal at this meeting; another member records the decision",
)
NO_MEETING_OPEN = Text(
    "รอบนี้ลงมติในที่ประชุม และขณะนี้ไม่มีการประชุมที่เปิดอยู่ จึงบันทึกมติไม่ได้ ฝ่ายเลขานุการเป็นผู้เปิดประชุม",
    "This call decides in meetings and none is open now, so no decision can be recorded. The secretariat opens meetings",
)
LIST_MEETING = Text(
    "การประชุมที่เปิดอยู่เป็นของฝ่ายเลขานุการ ซึ่งกำหนดรายการที่จะเสนอ ไม่ลงมติรายข้อเสนอ มติเป็นของคณะกรรมการในการประชุมถัดไป",
    "The open meeting is the secretariat's: it settles the list to recommend and decides no proposal. Decisions are the "
    "committee's, in the next meeting",
)
LONGEST_NUMBER = 40
NUMBER_TAKEN = Text(
    "มติที่ {number} ใช้กับข้อเสนออื่นในการประชุมนี้แล้ว",
    "Resolution {number} of this meeting is on another proposal already",
)
NUMBER_TOO_LONG = Text("มติที่ยาวได้ไม่เกิน 40 ตัวอักษร", "The number may have at most 40 characters")


def why_recused(standing: Standing) -> Text | None:
    """Why somebody does not take part in a decision, in words for them; None when nothing stands against it.

    Where a person's word is wanted the decision waits for it, as a reviewer does: a decision taken by somebody who
    turns out to be partial can be annulled (Administrative Procedure Act, sections 13, 16 and 17), and the word takes a
    minute.
    """
    decisive = standing.decisive
    if decisive is None:
        return None
    words = TO_BE_JUDGED if standing.verdict is Interest.ASKED else RECUSED
    return words.fill(ground=GROUND_NAMES[decisive.ground])


def why_nothing_now(sitting: Sitting) -> Text:
    """Why no decision can be recorded now, where none can."""
    return LIST_MEETING if sitting.settles_list else NO_MEETING_OPEN


def record_decision(
    work: Work[Actor],
    proposal_id: int,
    verdict: Verdict,
    amount: int,
    *,
    conditions: str = "",
    resolution: str = "",
    reason: str = "",
    number: str = "",
    expected: int | None = None,
) -> Decision:
    """Record the committee's decision (`amount` in satang, ignored unless granting).

    In a call that has meetings it belongs to the one that is open, under the resolution `number`: "" keeps the number
    the same meeting gave it before, or takes the next. `expected` is the id of the decision the form showed (0 for
    none): raises `Stale` when another was recorded since. Raises `Refused` with every problem, for whoever is tied to
    the proposal, and while no meeting that decides is open; `NotFound` for what is not on the ranked list.
    """
    require(work.actor, Permission.RECORD_DECISION)
    call_id = work.session.scalar(select(Proposal.call_id).where(Proposal.id == proposal_id))
    if call_id is None:
        raise NotFound()
    # the call's row is the lock: two decisions must not pass the ceiling together
    call = work.session.get_one(Call, call_id, with_for_update=True)
    proposal = work.session.get_one(Proposal, proposal_id, with_for_update=True)
    if proposal.state not in RANKED_STATES:
        raise NotFound()
    current = work.session.scalars(
        select(Decision).where(Decision.proposal_id == proposal_id, Decision.superseded_at.is_(None))
    ).first()
    if expected is not None and expected != (current.id if current else 0):
        raise Stale(
            Text(
                "มีผู้บันทึกมติของข้อเสนอนี้ไปแล้ว กรุณาตรวจก่อนบันทึกอีกครั้ง",
                "Somebody else recorded a decision on this proposal; check before recording again",
            )
        )
    sitting = find_sitting(work.session, call_id, proposal_id, work.actor.id)
    if not sitting.may_decide:
        why = why_nothing_now(sitting)
        raise Refused(why, [Problem("meeting", why)])
    if work.actor.id is not None:
        recused = why_recused(find_meeting_standing(work.session, proposal_id, work.actor.id))
        if recused is None and sitting.recused is not None:
            recused = ASKED_NOT_TO
        if recused is not None:
            raise Refused(recused, [Problem("recused", recused)])
    if verdict not in GRANTING:
        amount = 0
    problems: list[Problem] = list_problems(
        verdict,
        amount,
        proposal.total,
        approved_total(work.session, proposal.call_id, but=proposal_id),
        call.ceiling,
        conditions,
        reason,
    )
    number, wrong = _numbered(work, sitting, proposal_id, number.strip(), current)
    problems += wrong
    if problems:
        raise Refused(NOT_RECORDED, problems)
    decision = Decision(
        proposal_id=proposal_id,
        verdict=verdict.value,
        amount=amount,
        conditions=conditions.strip(),
        resolution=resolution.strip(),
        reason=reason.strip(),
        meeting_id=sitting.meeting_id,
        number=number,
    )
    replace_decisions(work, [(proposal, current, decision)])
    return decision


def _numbered(
    work: Work[Actor], sitting: Sitting, proposal_id: int, number: str, current: Decision | None
) -> tuple[str, list[Problem]]:
    """The number of the resolution, and what is wrong with it. Outside meetings it is as typed."""
    if len(number) > LONGEST_NUMBER:
        return number, [Problem("decision-number", NUMBER_TOO_LONG)]
    if sitting.meeting_id is None:
        return number, []
    if not number and current is not None and current.meeting_id == sitting.meeting_id:
        number = current.number
    taken = numbers_taken(work.session, sitting.meeting_id)
    if not number:
        return next_number(sitting.prefix, taken), []
    if taken.get(number, proposal_id) != proposal_id:
        return number, [Problem("decision-number", NUMBER_TAKEN.fill(number=number))]
    return number, []


def replace_decisions(work: Work[Actor], pairs: Sequence[tuple[Proposal, Decision | None, Decision]]) -> None:
    """Let new decisions count in place of those that counted, and move their proposals. The call must be locked, and
    everything checked; two decisions on one proposal never count at once."""
    for _, current, _ in pairs:
        if current is not None:
            current.superseded_at, current.current_for = work.now, None
    work.session.flush()
    for proposal, _, decision in pairs:
        decision.decided_at, decision.decided_by = work.now, work.actor.id
        decision.current_for = proposal.id
        work.session.add(decision)
    work.session.flush()
    for proposal, _, decision in pairs:
        verdict = Verdict(decision.verdict)
        move_proposal(work, proposal, MOVES[verdict], decision.reason)
        detail: dict[str, Any] = {
            "decision": decision.id,
            "verdict": verdict.value,
            "amount_satang": decision.amount,
        }
        if decision.meeting_id is not None:
            detail |= {"meeting": decision.meeting_id, "number": decision.number}
        work.audit(
            "record_decision",
            f"proposal:{proposal.id}",
            agency_id=proposal.lead_agency_id,
            detail=detail,
        )
    work.promise("tell_systems", {"event": "decided", "proposals": [proposal.id for proposal, _, _ in pairs]})
