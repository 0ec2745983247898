"""What is done in decisions: recorded, and amended by recording anew."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.models import Call
from app.decisions.facts import GRANTING, MOVES, Verdict
from app.decisions.models import Decision
from app.decisions.queries import approved_total
from app.decisions.rules import list_problems
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


def record_decision(
    work: Work[Actor],
    proposal_id: int,
    verdict: Verdict,
    amount: int,
    *,
    conditions: str = "",
    resolution: str = "",
    reason: str = "",
    expected: int | None = None,
) -> Decision:
    """Record the committee's decision (`amount` in satang, ignored unless granting).

    `expected` is the id of the decision the form showed (0 for none): raises `Stale` when another was recorded
    since. Raises `Refused` with every problem and for whoever is tied to the proposal, `NotFound` for what is not on the
    ranked list.
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
    if work.actor.id is not None:
        recused = why_recused(find_meeting_standing(work.session, proposal_id, work.actor.id))
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
    if problems:
        raise Refused(NOT_RECORDED, problems)
    if current is not None:
        current.superseded_at, current.current_for = work.now, None
        work.session.flush()
    decision = Decision(
        proposal_id=proposal_id,
        verdict=verdict.value,
        amount=amount,
        conditions=conditions.strip(),
        resolution=resolution.strip(),
        reason=reason.strip(),
        decided_at=work.now,
        decided_by=work.actor.id,
        current_for=proposal_id,
    )
    work.session.add(decision)
    work.session.flush()
    move_proposal(work, proposal, MOVES[verdict], decision.reason)
    work.audit(
        "record_decision",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        detail={"decision": decision.id, "verdict": verdict.value, "amount_satang": amount},
    )
    return decision
