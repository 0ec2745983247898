"""A person's word on interests: the secretariat judges what was inferred."""

from __future__ import annotations

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.conflicts import JUDGED, Verdict
from app.reviews.models import ConflictStatement
from app.reviews.queries.conflicts import read_interests

NOTHING_TO_JUDGE = Text(
    "ไม่มีเหตุที่ต้องวินิจฉัยสำหรับผู้พิจารณาและข้อเสนอนี้", "There is nothing to judge for this reviewer and proposal"
)
REASON_WANTED = Text("กรุณาระบุเหตุผลของคำวินิจฉัย", "Give the reason for your word")


def judge_interests(
    work: Work[Actor], proposal_id: int, user_id: int, *, is_conflict: bool, reason: str
) -> int:
    """Give a word on every inferred interest of a reviewer in a proposal that wants one or had one; returns how many.

    What bars by itself cannot be judged away. Raises `Refused` without a reason or where nothing wants a word.
    """
    require(work.actor, Permission.JUDGE_CONFLICT)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.state == DRAFT:
        raise NotFound()
    if not reason.strip():
        raise Refused(REASON_WANTED, [Problem("reason", REASON_WANTED)])
    standing = read_interests(work.session, [proposal_id], [user_id]).standing(proposal_id, user_id)
    wanted = Verdict.BARRED if is_conflict else Verdict.CLEAR
    judged = [g for g in standing.grounds if g.ground in JUDGED]
    if not judged:
        raise Refused(NOTHING_TO_JUDGE)
    said = 0
    for ground in judged:
        if ground.verdict is wanted:
            continue
        said += 1
        work.session.add(
            ConflictStatement(
                proposal_id=proposal_id,
                user_id=user_id,
                ground=ground.ground.value,
                evidence=ground.evidence,
                is_conflict=is_conflict,
                reason=reason.strip(),
                at=work.now,
                by=work.actor.id,
            )
        )
    if said:
        work.session.flush()
        work.audit(
            "judge_conflict",
            f"proposal:{proposal_id}",
            agency_id=proposal.lead_agency_id,
            detail={"reviewer": user_id, "is_conflict": is_conflict, "reason": reason.strip()},
        )
    return said
