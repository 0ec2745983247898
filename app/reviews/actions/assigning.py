"""Proposals are given to reviewers, taken back, and passed on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select

from app.calls.models import Call
from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.models import Assignment
from app.reviews.queries.seating import (
    FULL,
    IN_CONFLICT,
    IS_LOCKED,
    NOT_REVIEWABLE,
    OWN_AGENCY,
    REASON_WANTED,
    TO_BE_JUDGED,
    Held,
    Seating,
    read_seating,
    why_not,
)
from app.reviews.states import ASSIGNMENT_LIFECYCLE, LOCKED

__all__ = [
    "FULL",
    "IN_CONFLICT",
    "IS_LOCKED",
    "NOT_REVIEWABLE",
    "OWN_AGENCY",
    "TO_BE_JUDGED",
    "Seat",
    "assign_reviewers",
    "assign_seats",
    "reassign_reviewer",
    "why_not",
    "withdraw_assignment",
]

NOT_ASSIGNED = Text("ยังมอบหมายไม่ได้", "The assignment was not made")
HAS_IT = Text("{name} ได้รับมอบหมายข้อเสนอนี้อยู่แล้ว", "{name} has this proposal already")


@dataclass(frozen=True, slots=True)
class Seat:
    """One proposal for one reviewer, in a panel or in none."""

    proposal_id: int
    reviewer_id: int
    panel_id: int | None = None


def assign_reviewers(
    work: Work[Actor], proposal_id: int, reviewer_ids: Iterable[int], panel_id: int | None = None
) -> list[Assignment]:
    """Give a proposal to reviewers; those who have it already keep it. All or nothing.

    Who declined, was recused or had it taken away is asked once more. Raises `Refused` naming everybody in conflict,
    with an interest not judged yet, or with as many proposals as they may have; `NotFound` for no active reviewer.
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    proposal = work.session.get(Proposal, proposal_id)
    if proposal is None or proposal.state == DRAFT:
        raise NotFound()
    wanted = [Seat(proposal_id, reviewer_id, panel_id) for reviewer_id in dict.fromkeys(reviewer_ids)]
    seating = lock_call(work, proposal.call_id, [proposal_id], [seat.reviewer_id for seat in wanted])
    if any(seat.reviewer_id not in seating.people for seat in wanted):
        raise NotFound()
    bar = seating.bar_of(proposal_id)
    if bar is not None:
        raise Refused(bar)
    return _seat(work, proposal.call_id, seating, wanted)


def assign_seats(work: Work[Actor], call_id: int, seats: Sequence[Seat]) -> list[Assignment]:
    """Give any number of proposals of one call to reviewers, as `assign_reviewers` does; all or nothing.

    As many queries for a thousand as for one, and one letter for each reviewer. The places of problems are
    "seat-<proposal>-<reviewer>".
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    wanted = list({(seat.proposal_id, seat.reviewer_id): seat for seat in seats}.values())
    seating = lock_call(
        work, call_id, {seat.proposal_id for seat in wanted}, {seat.reviewer_id for seat in wanted}
    )
    if any(s.proposal_id not in seating.states or s.reviewer_id not in seating.people for s in wanted):
        raise NotFound()
    return _seat(work, call_id, seating, wanted, is_many=True)


def lock_call(
    work: Work[Actor], call_id: int, proposal_ids: Collection[int], user_ids: Collection[int]
) -> Seating:
    """Nobody else assigns, takes back, or moves the round of the call until this work is done; the limits and the phase
    as they are now."""
    if work.session.get(Call, call_id, with_for_update=True) is None:
        raise NotFound()
    for _ in work.session.execute(
        select(Proposal.id).where(Proposal.id.in_(proposal_ids)).order_by(Proposal.id).with_for_update()
    ):
        pass
    return read_seating(work.session, call_id, proposal_ids, user_ids)


def _seat(
    work: Work[Actor], call_id: int, seating: Seating, wanted: Sequence[Seat], *, is_many: bool = False
) -> list[Assignment]:
    loads, problems = {user_id: person.load for user_id, person in seating.people.items()}, []
    new: list[tuple[Seat, Held | None]] = []
    for seat in wanted:
        held = seating.held.get((seat.proposal_id, seat.reviewer_id))
        why = seating.bar_of(seat.proposal_id) or seating.interest_of(seat.proposal_id, seat.reviewer_id)
        if why is None and (held is None or not held.stands):
            why = seating.people[seat.reviewer_id].full(loads[seat.reviewer_id])
            if why is None:
                loads[seat.reviewer_id] += 1
                new.append((seat, held))
        if why is not None:
            place = (
                f"seat-{seat.proposal_id}-{seat.reviewer_id}" if is_many else f"reviewer-{seat.reviewer_id}"
            )
            problems.append(Problem(place, why))
    if problems:
        raise Refused(NOT_ASSIGNED, problems)
    return give_seats(work, call_id, seating, new)


def give_seats(
    work: Work[Actor], call_id: int, seating: Seating, seats: Sequence[tuple[Seat, Held | None]]
) -> list[Assignment]:
    """Make assignments that were found to be possible, under the lock of `lock_call`."""
    if not seats:
        return []
    rubric_id = get_call_by_id(work.session, call_id).rubric_id
    earlier = {
        a.id: a
        for a in work.session.scalars(
            select(Assignment)
            .where(Assignment.id.in_([held.assignment_id for _, held in seats if held is not None]))
            .order_by(Assignment.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    made = []
    for seat, held in seats:
        if held is None:
            assignment = Assignment(
                proposal_id=seat.proposal_id,
                reviewer_id=seat.reviewer_id,
                body=seating.people[seat.reviewer_id].body.value,
                rubric_id=rubric_id,
            )
            work.session.add(assignment)
        else:
            assignment = earlier[held.assignment_id]
            assignment.state = ASSIGNMENT_LIFECYCLE.after(assignment.state, "give_again")
            assignment.answered_at, assignment.answer_reason, assignment.ended_by = None, "", None
        assignment.panel_id = seat.panel_id
        assignment.assigned_at, assignment.assigned_by = work.now, work.actor.id
        made.append(assignment)
    work.session.flush()
    leads = {
        proposal_id: lead
        for proposal_id, lead in work.session.execute(
            select(Proposal.id, Proposal.lead_agency_id).where(Proposal.id.in_({a.proposal_id for a in made}))
        )
    }
    for assignment in made:
        work.audit(
            "assign_reviewer",
            f"proposal:{assignment.proposal_id}",
            agency_id=leads[assignment.proposal_id],
            detail={"reviewer": assignment.reviewer_id, "assignment": assignment.id},
        )
    # what is given at one moment is told of in one letter, however many promises say so
    told = {"event": "reviewers_assigned", "call": call_id, "at": work.now.isoformat()}
    work.promise("notify", told)
    return made


def withdraw_assignment(work: Work[Actor], assignment_id: int, reason: str = "") -> int:
    """Take an assignment back; returns the id of its proposal. What was scored is kept and counts no more.

    Raises `Refused` for one that has begun and no reason is given, and in a locked round.
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    assignment = _lock_assignment(work, assignment_id)
    take_back(work, assignment, reason)
    return assignment.proposal_id


def _lock_assignment(work: Work[Actor], assignment_id: int) -> Assignment:
    """An assignment of a filed proposal in a round that is not locked, under the locks of its call, its proposal and its
    own, taken in this order by everybody: reviewers who answer hold the proposal before the assignment, too."""
    found = work.session.execute(
        select(Proposal.id, Proposal.call_id, Proposal.state)
        .join(Assignment, Assignment.proposal_id == Proposal.id)
        .where(Assignment.id == assignment_id)
    ).first()
    if found is None or found.state == DRAFT:
        raise NotFound()
    seating = lock_call(work, found.call_id, [found.id], [])
    if seating.round.phase == LOCKED:
        raise Refused(IS_LOCKED)
    return work.session.get_one(Assignment, assignment_id, with_for_update=True, populate_existing=True)


def take_back(work: Work[Actor], assignment: Assignment, reason: str, *, is_told: bool = True) -> None:
    """Take back an assignment that is under lock; who takes back many tells of them together (`is_told` False).

    Raises `Refused` where a reason is wanted, or it has ended.
    """
    if assignment.updated_at is not None and not reason.strip():
        raise Refused(REASON_WANTED, [Problem("reason", REASON_WANTED)])
    assignment.state = ASSIGNMENT_LIFECYCLE.after(assignment.state, "withdraw")
    assignment.answer_reason, assignment.ended_by = reason.strip(), work.actor.id
    work.session.flush()
    work.audit(
        "withdraw_assignment",
        f"proposal:{assignment.proposal_id}",
        detail={"reviewer": assignment.reviewer_id, "assignment": assignment.id, "reason": reason.strip()},
    )
    if is_told:
        work.promise("notify", {"event": "assignment_withdrawn", "assignment": assignment.id})


def reassign_reviewer(
    work: Work[Actor], assignment_id: int, reviewer_id: int, reason: str = ""
) -> Assignment:
    """Take an assignment back from its reviewer and give it to another, in the same panel; both or neither.

    Raises `Refused` as `withdraw_assignment` and `assign_reviewers` do, and where the other has the proposal already.
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    assignment = _lock_assignment(work, assignment_id)
    proposal_id = assignment.proposal_id
    call_id = work.session.get_one(Proposal, proposal_id).call_id
    take_back(work, assignment, reason)
    seating = lock_call(work, call_id, [proposal_id], [reviewer_id])
    if reviewer_id not in seating.people:
        raise NotFound()
    bar = seating.bar_of(proposal_id)
    if bar is not None:
        raise Refused(bar)
    held = seating.held.get((proposal_id, reviewer_id))
    if reviewer_id == assignment.reviewer_id or (held is not None and held.stands):
        has_it = HAS_IT.fill(name=seating.people[reviewer_id].name)
        raise Refused(NOT_ASSIGNED, [Problem(f"reviewer-{reviewer_id}", has_it)])
    return _seat(work, call_id, seating, [Seat(proposal_id, reviewer_id, assignment.panel_id)])[0]
