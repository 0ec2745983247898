"""What a person says two similar proposals are to each other."""

from __future__ import annotations

from sqlalchemy import func, select

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal, Submission
from app.proposals.states import DRAFT, RECORDED
from app.similarity.facts import Verdict
from app.similarity.models import OverlapPair, OverlapVerdict

LEAST_REASON = 10  # letters
NEEDS_REASON = Text("กรุณาให้เหตุผลอย่างน้อย 10 ตัวอักษร", "Give a reason of at least 10 characters")
NEEDS_YIELDS = Text("กรุณาเลือกว่าเรื่องใดควรหลีกทาง", "Choose which one should give way")
LONGEST_REASON = 4000
REASON_TOO_LONG = Text("เหตุผลยาวเกิน 4,000 ตัวอักษร", "The reason is longer than 4,000 characters")
PAST_CANNOT_YIELD = Text(
    "เรื่องนี้บันทึกจากเอกสารงบประมาณที่ประกาศแล้ว จึงหลีกทางไม่ได้",
    "This one was recorded from published budget documents and can no longer give way",
)
JUDGED_MEANWHILE = Text(
    "มีผู้วินิจฉัยคู่นี้ไปแล้วหลังจากที่ท่านเปิดหน้านี้ โปรดดูคำวินิจฉัยล่าสุดก่อนบันทึกอีกครั้ง",
    "Somebody judged this pair after you opened the page. See the latest verdict, then record yours again.",
)


def judge_pair(
    work: Work[Actor],
    pair_id: int,
    verdict: Verdict,
    reason: str,
    yields_id: int | None = None,
    *,
    seen: int | None = None,
) -> OverlapVerdict:
    """Say what the two proposals of a pair are to each other; what was said before stays on record.

    `yields_id` is the proposal that should give way, for a duplicate; of other verdicts it is left out. `seen` is the
    verdict that counted when the pair was read. The caller screens both proposals again. Raises `Refused` without a
    reason or without one that can give way, which published budget documents cannot; `Stale` when somebody judged
    meanwhile, `NotFound` where one of the two was taken back.
    """
    require(work.actor, Permission.JUDGE_OVERLAP)
    pair = work.session.get(OverlapPair, pair_id)
    if pair is None:
        raise NotFound()
    filings = sorted(
        work.session.scalars(select(Submission).where(Submission.id.in_((pair.later_id, pair.earlier_id)))),
        key=lambda filing: filing.proposal_id,
    )
    # always the lower one first, so that two people who judge at once wait for each other and not forever
    proposals = [work.session.get_one(Proposal, f.proposal_id, with_for_update=True) for f in filings]
    if any(proposal.state == DRAFT for proposal in proposals):
        raise NotFound()
    low, high = (proposal.id for proposal in proposals)
    problems = []
    if verdict is Verdict.DUPLICATE and yields_id not in (low, high):
        problems.append(Problem("yields", NEEDS_YIELDS))
    elif verdict is Verdict.DUPLICATE and any(p.id == yields_id and p.state == RECORDED for p in proposals):
        problems.append(Problem("yields", PAST_CANNOT_YIELD))
    if len(reason.strip()) < LEAST_REASON:
        problems.append(Problem("reason", NEEDS_REASON))
    elif len(reason) > LONGEST_REASON:
        problems.append(Problem("reason", REASON_TOO_LONG))
    if problems:
        raise Refused(problems[0].text, problems)
    latest = work.session.scalar(
        select(func.max(OverlapVerdict.id)).where(
            OverlapVerdict.low_id == low, OverlapVerdict.high_id == high
        )
    )
    if latest != seen:
        raise Stale(JUDGED_MEANWHILE)
    given = OverlapVerdict(
        low_id=low,
        high_id=high,
        verdict=verdict.value,
        yields_id=yields_id if verdict is Verdict.DUPLICATE else None,
        reason=reason.strip(),
        at=work.now,
        by=work.actor.id,
        low_sha256=filings[0].sha256,
        high_sha256=filings[1].sha256,
    )
    work.session.add(given)
    work.session.flush()
    for proposal, other in ((proposals[0], proposals[1]), (proposals[1], proposals[0])):
        work.audit(
            "judge_overlap",
            f"proposal:{proposal.id}",
            agency_id=proposal.lead_agency_id,
            detail={
                "with": other.number,
                "verdict": given.verdict,
                "gives_way": given.yields_id == proposal.id,
                "reason": given.reason,
            },
        )
    return given
