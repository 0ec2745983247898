"""The secretariat's word on interests: on one pair of a person and a proposal, or the same on many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.queries import list_committee
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.actions.answering import hold_assignment
from app.reviews.conflicts import JUDGED, Ground, Judgement, Standing, Verdict
from app.reviews.models import ConflictStatement
from app.reviews.queries.conflicts import Interests, Pair, read_interests
from app.reviews.states import ASSIGNMENT_LIFECYCLE

NOTHING_TO_JUDGE = Text(
    "ไม่มีเหตุที่ต้องวินิจฉัยสำหรับบุคคลและข้อเสนอนี้", "There is nothing to judge for this person and proposal"
)
NOTHING_PICKED = Text("กรุณาเลือกอย่างน้อยหนึ่งรายการ", "Choose at least one line")
REASON_WANTED = Text("กรุณาระบุเหตุผลของคำวินิจฉัย", "Give the reason for your word")
CHANGED_MEANWHILE = Text(
    "มีบางรายการเปลี่ยนไปหลังจากแสดงตัวอย่าง จึงยังไม่ได้บันทึกสิ่งใด กรุณาตรวจตัวอย่างใหม่",
    "Something changed after the preview, so nothing was recorded. Check the new preview",
)


@dataclass(frozen=True, slots=True)
class WordStep:
    """What a word does to one pair: where the person stands before and after. `judged` are the grounds it is about."""

    proposal_id: int
    user_id: int
    judged: tuple[Judgement, ...]
    before: Verdict
    after: Verdict

    @property
    def is_possible(self) -> bool:
        return bool(self.judged)


@dataclass(frozen=True, slots=True)
class WordPlan:
    """One word on many pairs, before it is given. `fingerprint` stands for exactly what was shown."""

    is_conflict: bool
    reason: str
    steps: tuple[WordStep, ...]

    @property
    def doable(self) -> tuple[WordStep, ...]:
        return tuple(step for step in self.steps if step.is_possible)

    @property
    def fingerprint(self) -> str:
        steps = [
            [s.proposal_id, s.user_id, s.before.value, s.after.value, [g.evidence for g in s.judged]]
            for s in self.steps
        ]
        return sha256_text(canonical_json([self.is_conflict, self.reason, steps]))


def judge_interests(
    work: Work[Actor], proposal_id: int, user_id: int, *, is_conflict: bool, reason: str
) -> int:
    """Give a word on every interest of a person in a proposal that wants one or had one; returns how many changed.

    What bars by itself cannot be judged away. Raises `Refused` without a reason or where nothing wants a word.
    """
    require(work.actor, Permission.JUDGE_CONFLICT)
    (proposal,) = _lock(work, [proposal_id]).values()
    (step,) = _plan(work.session, [(proposal_id, user_id)], is_conflict)
    if not reason.strip():
        raise Refused(REASON_WANTED, [Problem("reason", REASON_WANTED)])
    if not step.is_possible:
        raise Refused(NOTHING_TO_JUDGE)
    return _say(work, proposal, user_id, step.judged, is_conflict, reason.strip())


def plan_words(
    session: Session, actor: Actor, call_id: int, pairs: Iterable[Pair], *, is_conflict: bool, reason: str
) -> WordPlan:
    """What one word on these pairs of a call would change; nothing is changed yet.

    Raises `Refused` with all problems, `NotFound` for a proposal that is not of the call.
    """
    require(actor, Permission.JUDGE_CONFLICT)
    wanted = list(dict.fromkeys(pairs))
    problems = []
    if not wanted:
        problems.append(Problem("pick", NOTHING_PICKED))
    if not reason.strip():
        problems.append(Problem("reason", REASON_WANTED))
    if problems:
        raise Refused(Text("ยังไม่ได้บันทึกคำวินิจฉัย", "No word was recorded"), problems)
    known = set(
        session.scalars(
            select(Proposal.id).where(
                Proposal.id.in_({proposal_id for proposal_id, _ in wanted}),
                Proposal.call_id == call_id,
                Proposal.state != DRAFT,
            )
        )
    )
    if any(proposal_id not in known for proposal_id, _ in wanted):
        raise NotFound()
    return WordPlan(is_conflict, reason.strip(), tuple(_plan(session, wanted, is_conflict)))


def give_words(
    work: Work[Actor],
    call_id: int,
    pairs: Sequence[Pair],
    *,
    is_conflict: bool,
    reason: str,
    fingerprint: str,
) -> WordPlan:
    """Give one word on many pairs, all or nothing. Raises `Stale` where it is not what was shown any more."""
    require(work.actor, Permission.JUDGE_CONFLICT)
    proposals = _lock(work, {proposal_id for proposal_id, _ in pairs})
    plan = plan_words(work.session, work.actor, call_id, pairs, is_conflict=is_conflict, reason=reason)
    if plan.fingerprint != fingerprint:
        raise Stale(CHANGED_MEANWHILE)
    for step in plan.doable:
        _say(work, proposals[step.proposal_id], step.user_id, step.judged, is_conflict, plan.reason)
    return plan


def recuse_reviewer(work: Work[Actor], assignment_id: int, reason: str) -> int:
    """The secretariat takes a reviewer out because of a conflict of interest; returns the id of the proposal.

    What was scored is kept and counts no more, and the reviewer cannot be given the proposal again until the word is
    taken back. A locked round takes it, too, as it takes the reviewer's own word: scores of somebody partial must not
    stand because they came in in time. Raises `Refused` without a reason.
    """
    require(work.actor, Permission.JUDGE_CONFLICT)
    proposal, assignment = hold_assignment(work, assignment_id)
    if proposal.state == DRAFT:
        raise NotFound()
    if not reason.strip():
        raise Refused(REASON_WANTED, [Problem("reason", REASON_WANTED)])
    assignment.state = ASSIGNMENT_LIFECYCLE.after(assignment.state, "recuse")
    assignment.answered_at, assignment.answer_reason = work.now, reason.strip()
    assignment.ended_by = work.actor.id
    (step,) = _plan(work.session, [(proposal.id, assignment.reviewer_id)], is_conflict=True)
    if step.before is not Verdict.BARRED:
        found = Judgement(Ground.FOUND, Verdict.CLEAR, frozenset(), "", None)
        _say(work, proposal, assignment.reviewer_id, step.judged or (found,), True, reason.strip())
    work.session.flush()
    work.audit(
        "recuse_reviewer",
        f"assignment:{assignment.id}",
        agency_id=proposal.lead_agency_id,
        detail={"proposal": proposal.id, "reviewer": assignment.reviewer_id},
    )
    work.promise("notify", {"event": "reviewer_recused", "assignment": assignment.id})
    return proposal.id


def _lock(work: Work[Actor], proposal_ids: Iterable[int]) -> Mapping[int, Proposal]:
    """The proposals, locked in one order. Raises `NotFound`."""
    wanted = set(proposal_ids)
    found = work.session.scalars(
        select(Proposal)
        .where(Proposal.id.in_(wanted), Proposal.state != DRAFT)
        .order_by(Proposal.id)
        .with_for_update()
    ).all()
    if len(found) != len(wanted):
        raise NotFound()
    return {proposal.id: proposal for proposal in found}


def _plan(session: Session, pairs: Sequence[Pair], is_conflict: bool) -> list[WordStep]:
    interests = read_interests(session, {p for p, _ in pairs}, {u for _, u in pairs})
    deciders = list_committee(session)
    wanted = Verdict.BARRED if is_conflict else Verdict.CLEAR
    steps = []
    for pair in pairs:
        standing = _standing(interests, pair, deciders)
        judged = tuple(g for g in standing.grounds if g.ground in JUDGED)
        after = {wanted if g.ground in JUDGED else g.verdict for g in standing.grounds}
        worst = next((v for v in (Verdict.BARRED, Verdict.ASKED) if v in after), Verdict.CLEAR)
        steps.append(WordStep(*pair, judged, standing.verdict, worst))
    return steps


def _standing(interests: Interests, pair: Pair, deciders: Mapping[int, Text]) -> Standing:
    return interests.standing_at_meeting(*pair) if pair[1] in deciders else interests.standing(*pair)


def _say(
    work: Work[Actor],
    proposal: Proposal,
    user_id: int,
    grounds: Iterable[Judgement],
    is_conflict: bool,
    reason: str,
) -> int:
    """Write the word on every ground on which it is another than before; returns how many."""
    wanted = Verdict.BARRED if is_conflict else Verdict.CLEAR
    changed = [g for g in grounds if g.said is None or g.verdict is not wanted]
    work.session.add_all(
        ConflictStatement(
            proposal_id=proposal.id,
            user_id=user_id,
            ground=g.ground.value,
            evidence=g.evidence,
            is_conflict=is_conflict,
            reason=reason,
            at=work.now,
            by=work.actor.id,
        )
        for g in changed
    )
    if changed:
        work.session.flush()
        work.audit(
            "judge_conflict",
            f"proposal:{proposal.id}",
            agency_id=proposal.lead_agency_id,
            detail={"reviewer": user_id, "is_conflict": is_conflict, "reason": reason},
        )
    return len(changed)
