"""Proposals are given to reviewers, and taken back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from app.calls.queries import get_call_by_id
from app.identity.facts import Actor, Body
from app.identity.queries import list_reviewers
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, REVIEWABLE_STATES
from app.reviews.conflicts import GROUND_NAMES, Ground, Standing, Verdict
from app.reviews.models import Assignment, ReviewerProfile
from app.reviews.queries.conflicts import read_interests
from app.reviews.queries.rounds import get_round
from app.reviews.states import ASSIGNMENT_LIFECYCLE, LOCKED, STANDING_STATES

NOT_ASSIGNED = Text("ยังมอบหมายไม่ได้", "The assignment was not made")
NOT_REVIEWABLE = Text(
    "มอบหมายได้เฉพาะข้อเสนอที่ผ่านการกลั่นกรองและยังไม่มีมติ",
    "Only proposals that passed screening and are not yet decided can be assigned",
)
IS_LOCKED = Text(
    "รอบพิจารณาปิดแล้ว จึงมอบหมายเพิ่มหรือยกเลิกไม่ได้",
    "The round is locked, so nothing can be assigned or taken back",
)
OWN_AGENCY = Text(
    "{name} สังกัดหน่วยงานของข้อเสนอนี้ (ผลประโยชน์ทับซ้อน)",
    "{name} belongs to an agency of this proposal (conflict of interest)",
)
IN_CONFLICT = Text(
    "{name} มีผลประโยชน์ทับซ้อน: {ground}",
    "{name} has a conflict of interest: {ground}",
)
TO_BE_JUDGED = Text(
    "{name} มีเหตุที่ต้องวินิจฉัยก่อน: {ground} กรุณาบันทึกคำวินิจฉัยในหน้าผลประโยชน์ทับซ้อน",
    "{name} has an interest that must be judged first: {ground}. Record your word on the page of conflicts",
)
FULL = Text(
    "{name} ได้รับมอบหมายครบ {limit} เรื่องตามที่กำหนดแล้ว", "{name} already has {limit} proposals, the most allowed"
)


def why_not(name: Text, standing: Standing) -> Text | None:
    """Why a reviewer cannot be given a proposal, in words for the secretariat; None when clear."""
    decisive = standing.decisive
    if decisive is None:
        return None
    if decisive.ground in (Ground.MEMBERSHIP, Ground.PARTICIPATION):
        return OWN_AGENCY.fill(name=name)
    words = TO_BE_JUDGED if standing.verdict is Verdict.ASKED else IN_CONFLICT
    return words.fill(name=name, ground=GROUND_NAMES[decisive.ground])


def assign_reviewers(
    work: Work[Actor], proposal_id: int, reviewer_ids: Iterable[int], panel_id: int | None = None
) -> list[Assignment]:
    """Give a proposal to reviewers; those who have it already keep it. All or nothing.

    Who declined, was recused or had it taken away is asked once more. Raises `Refused` naming everybody in conflict,
    with an interest not judged yet, or with as many proposals as they may have; `NotFound` for no active reviewer.
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.state == DRAFT:
        raise NotFound()
    if proposal.state not in REVIEWABLE_STATES:
        raise Refused(NOT_REVIEWABLE)
    round_ = get_round(work.session, proposal.call_id)
    if round_.phase == LOCKED:
        raise Refused(IS_LOCKED)
    call = get_call_by_id(work.session, proposal.call_id)
    wanted = list(dict.fromkeys(reviewer_ids))
    have = {
        a.reviewer_id: a
        for a in work.session.scalars(select(Assignment).where(Assignment.proposal_id == proposal_id))
    }
    interests = read_interests(work.session, [proposal_id], wanted)
    active = {reviewer[0]: reviewer for reviewer in list_reviewers(work.session)}
    limits = {
        p.user_id: p.load_limit
        for p in work.session.scalars(
            select(ReviewerProfile).where(
                ReviewerProfile.call_id == proposal.call_id, ReviewerProfile.load_limit.is_not(None)
            )
        )
    }
    loads = _loads(work, proposal.call_id)
    problems, new = [], []
    for reviewer_id in wanted:
        if reviewer_id not in active:
            raise NotFound()
        _, name, body, _ = active[reviewer_id]
        limit = limits.get(reviewer_id, round_.load_limit)
        earlier = have.get(reviewer_id)
        why = why_not(name, interests.standing(proposal_id, reviewer_id))
        if why is not None:
            problems.append(Problem(f"reviewer-{reviewer_id}", why))
        elif earlier is not None and earlier.state in STANDING_STATES:
            continue
        elif limit is not None and loads.get(reviewer_id, 0) >= limit:
            problems.append(Problem(f"reviewer-{reviewer_id}", FULL.fill(name=name, limit=limit)))
        else:
            new.append((reviewer_id, body, earlier))
    if problems:
        raise Refused(NOT_ASSIGNED, problems)
    if new:
        # what is given at one moment is told of in one letter, however many proposals promise it
        told = {"event": "reviewers_assigned", "call": call.id, "at": work.now.isoformat()}
        work.promise("notify", told)
    return [
        _give_again(work, proposal, earlier, panel_id)
        if earlier is not None
        else _give(work, proposal, reviewer_id, body, call.rubric_id, panel_id)
        for reviewer_id, body, earlier in new
    ]


def _loads(work: Work[Actor], call_id: int) -> dict[int, int]:
    rows = work.session.execute(
        select(Assignment.reviewer_id, func.count())
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call_id, Assignment.state.in_(STANDING_STATES))
        .group_by(Assignment.reviewer_id)
    )
    return {user_id: count for user_id, count in rows}


def _give(
    work: Work[Actor],
    proposal: Proposal,
    reviewer_id: int,
    body: Body,
    rubric_id: int,
    panel_id: int | None,
) -> Assignment:
    assignment = Assignment(
        proposal_id=proposal.id,
        reviewer_id=reviewer_id,
        body=body.value,
        panel_id=panel_id,
        assigned_at=work.now,
        assigned_by=work.actor.id,
        rubric_id=rubric_id,
    )
    work.session.add(assignment)
    work.session.flush()
    _note(work, proposal, assignment)
    return assignment


def _give_again(
    work: Work[Actor], proposal: Proposal, assignment: Assignment, panel_id: int | None
) -> Assignment:
    assignment.state = ASSIGNMENT_LIFECYCLE.after(assignment.state, "give_again")
    assignment.assigned_at, assignment.assigned_by = work.now, work.actor.id
    assignment.answered_at, assignment.answer_reason, assignment.ended_by = None, "", None
    assignment.panel_id = panel_id
    work.session.flush()
    _note(work, proposal, assignment)
    return assignment


def _note(work: Work[Actor], proposal: Proposal, assignment: Assignment) -> None:
    work.audit(
        "assign_reviewer",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        detail={"reviewer": assignment.reviewer_id, "assignment": assignment.id},
    )


def withdraw_assignment(work: Work[Actor], assignment_id: int, reason: str = "") -> int:
    """Take an assignment back; returns the id of its proposal. What was scored is kept and counts no more.

    Raises `Refused` for one that has begun and no reason is given, and in a locked round.
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    assignment = work.session.get(Assignment, assignment_id, with_for_update=True)
    if assignment is None:
        raise NotFound()
    proposal = work.session.get_one(Proposal, assignment.proposal_id)
    if proposal.state == DRAFT:
        raise NotFound()
    if get_round(work.session, proposal.call_id).phase == LOCKED:
        raise Refused(IS_LOCKED)
    if assignment.updated_at is not None and not reason.strip():
        text = Text(
            "ผู้พิจารณาเริ่มให้คะแนนแล้ว กรุณาระบุเหตุผลที่ยกเลิกการมอบหมาย",
            "The reviewer has begun; say why the assignment is taken back",
        )
        raise Refused(text, [Problem("reason", text)])
    assignment.state = ASSIGNMENT_LIFECYCLE.after(assignment.state, "withdraw")
    assignment.answer_reason, assignment.ended_by = reason.strip(), work.actor.id
    work.session.flush()
    work.audit(
        "withdraw_assignment",
        f"proposal:{assignment.proposal_id}",
        detail={"reviewer": assignment.reviewer_id, "assignment": assignment.id, "reason": reason.strip()},
    )
    work.promise("notify", {"event": "assignment_withdrawn", "assignment": assignment.id})
    return assignment.proposal_id
