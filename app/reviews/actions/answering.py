"""A reviewer answers an assignment before reading: no conflict of interest, a conflict, or no time."""

from __future__ import annotations

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.conflicts import Ground
from app.reviews.models import Assignment, ConflictStatement
from app.reviews.queries.conflicts import find_standing
from app.reviews.queries.own import why_sealed
from app.reviews.queries.rounds import get_round
from app.reviews.rules import why_not_answered
from app.reviews.states import ACCEPTED, ASSIGNMENT_LIFECYCLE

NO_CONFLICT = "ยืนยันว่าไม่มีผลประโยชน์ทับซ้อน"
REASON_WANTED = Text("กรุณาระบุเหตุผล", "Say why")


def hold_assignment(work: Work[Actor], assignment_id: int) -> tuple[Proposal, Assignment]:
    """An assignment under lock, and its proposal, which is held first: whoever assigns goes the same way, and a word on
    a proposal takes hold of it in any case. Raises `NotFound`."""
    proposal_id = work.session.scalar(select(Assignment.proposal_id).where(Assignment.id == assignment_id))
    if proposal_id is None:
        raise NotFound()
    shared = {"read": True, "key_share": True}
    proposal = work.session.get_one(Proposal, proposal_id, with_for_update=shared)
    return proposal, work.session.get_one(
        Assignment, assignment_id, with_for_update=True, populate_existing=True
    )


def _own(work: Work[Actor], assignment_id: int) -> Assignment:
    require(work.actor, Permission.SCORE_PROPOSAL)
    proposal, assignment = hold_assignment(work, assignment_id)
    require(work.actor, Permission.SCORE_PROPOSAL, Target(user_ids=frozenset({assignment.reviewer_id})))
    if proposal.state == DRAFT:
        raise NotFound()
    return assignment


def _after(work: Work[Actor], assignment: Assignment, move: str) -> str:
    """The state after an answer, if the round takes it."""
    state = ASSIGNMENT_LIFECYCLE.after(assignment.state, move)
    call_id = work.session.get_one(Proposal, assignment.proposal_id).call_id
    why = why_not_answered(
        get_round(work.session, call_id).phase, move, is_in=assignment.submitted_at is not None
    )
    if why is not None:
        raise Refused(why)
    return state


def accept_assignment(work: Work[Actor], assignment_id: int) -> None:
    """The reviewer states that there is no conflict of interest, and may read from now on; once more is the same.

    Raises `Refused` where an inferred interest has not been judged, or is one.
    """
    assignment = _own(work, assignment_id)
    if assignment.state == ACCEPTED:
        return
    state = _after(work, assignment, "accept")
    standing = find_standing(work.session, assignment.proposal_id, assignment.reviewer_id)
    sealed = why_sealed(ACCEPTED, standing)
    if sealed is not None:
        raise Refused(sealed)
    assignment.state, assignment.answered_at = state, work.now
    _state(work, assignment, False, NO_CONFLICT)
    work.audit(
        "accept_assignment", f"assignment:{assignment.id}", detail={"proposal": assignment.proposal_id}
    )


def declare_conflict(work: Work[Actor], assignment_id: int, reason: str) -> None:
    """The reviewer has a conflict of interest: the assignment ends, and what was scored counts no more."""
    assignment = _own(work, assignment_id)
    assignment.state = _after(work, assignment, "recuse")
    _end(work, assignment, reason)
    _state(work, assignment, True, reason.strip())
    work.audit("declare_conflict", f"assignment:{assignment.id}", detail={"proposal": assignment.proposal_id})
    work.promise("notify", {"event": "reviewer_recused", "assignment": assignment.id})


def decline_assignment(work: Work[Actor], assignment_id: int, reason: str) -> None:
    """The reviewer cannot review this one, and says why."""
    assignment = _own(work, assignment_id)
    assignment.state = _after(work, assignment, "decline")
    _end(work, assignment, reason)
    work.audit(
        "decline_assignment", f"assignment:{assignment.id}", detail={"proposal": assignment.proposal_id}
    )
    work.promise("notify", {"event": "assignment_declined", "assignment": assignment.id})


def _end(work: Work[Actor], assignment: Assignment, reason: str) -> None:
    if not reason.strip():
        raise Refused(REASON_WANTED, [Problem("reason", REASON_WANTED)])
    assignment.answered_at, assignment.answer_reason = work.now, reason.strip()
    assignment.ended_by = work.actor.id


def _state(work: Work[Actor], assignment: Assignment, is_conflict: bool, reason: str) -> None:
    work.session.add(
        ConflictStatement(
            proposal_id=assignment.proposal_id,
            user_id=assignment.reviewer_id,
            ground=Ground.DECLARED.value,
            is_conflict=is_conflict,
            reason=reason,
            at=work.now,
            by=work.actor.id,
        )
    )
