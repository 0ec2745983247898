"""The round of a call is set up, moved from phase to phase, and reopened for one reviewer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, REVIEWABLE_STATES
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, ReviewRound, RoundMove
from app.reviews.queries.rounds import get_round
from app.reviews.states import ACCEPTED, BACKWARD_MOVES, LOCKED, ROUND_LIFECYCLE

_STALE = Text(
    "มีผู้แก้ไขรอบพิจารณานี้ไปแล้ว กรุณาตรวจก่อนบันทึกอีกครั้ง",
    "Somebody else changed this round; check before saving again",
)
REASON_WANTED = Text("กรุณาระบุเหตุผล", "Say why")
LONGEST_REASON = 1000
TOO_LONG = Text("เหตุผลยาวเกิน {most} ตัวอักษร", "The reason is longer than {most} characters")
NOT_AHEAD = Text("กำหนดต้องอยู่ในอนาคต", "The moment must lie in the future")
NOT_OPENABLE = Text(
    "เปิดให้ได้เฉพาะผู้ที่รับพิจารณาแล้ว ข้อเสนอที่ยังไม่มีมติ และรอบที่ยังไม่ปิด",
    "Only an accepted assignment of a proposal not decided yet, in a round that is not locked, can be reopened",
)
NOT_REOPENED = Text("ยังเปิดให้ไม่ได้", "It was not reopened")
NOT_SET = Text("ยังบันทึกรอบพิจารณาไม่ได้", "The round was not saved")


def _locked_row(work: Work[Actor], call_id: int) -> ReviewRound | None:
    # the call's row is the lock: a round is set up once
    if work.session.get(Call, call_id, with_for_update=True) is None:
        raise NotFound()
    hold_reviews(work, call_id)
    return work.session.scalars(select(ReviewRound).where(ReviewRound.call_id == call_id)).first()


def hold_reviews(work: Work[Actor], call_id: int) -> None:
    """Wait for whoever writes a review of the call at this moment, and let the next ones wait until the commit.

    Who saves holds the assignment and then reads the round; so nothing is written under the round as it was before.
    """
    own = Assignment.__table__
    work.session.execute(
        select(own.c.id)
        .join(Proposal, Proposal.id == own.c.proposal_id)
        .where(Proposal.call_id == call_id)
        .order_by(own.c.id)
        .with_for_update(of=own)
    ).all()


def set_round(work: Work[Actor], call_id: int, wanted: RoundFacts) -> RoundFacts:
    """Set dates, limits and who reads names; the phase of a round that exists is moved by `move_round` alone.

    `wanted.version` is the version the form showed (0 for none): raises `Stale` when it was changed since, `Refused`
    with every problem.
    """
    require(work.actor, Permission.MANAGE_ROUND)
    row = _locked_row(work, call_id)
    if wanted.version != (row.version if row else 0):
        raise Stale(_STALE)
    problems = list_problems(wanted)
    if problems:
        raise Refused(NOT_SET, problems)
    if row is None:
        row = ReviewRound(call_id=call_id, phase=wanted.phase)
        work.session.add(row)
    row.names_for, row.load_limit = wanted.names_for.value, wanted.load_limit
    row.least_bodies = wanted.least_bodies
    row.scoring_due_at, row.discussion_due_at = wanted.scoring_due_at, wanted.discussion_due_at
    row.final_due_at = wanted.final_due_at
    row.updated_at, row.updated_by = work.now, work.actor.id
    work.session.flush()
    work.audit("set_round", f"call:{call_id}", detail={"phase": row.phase})
    return replace(wanted, version=row.version, phase=row.phase)


def list_problems(wanted: RoundFacts) -> list[Problem]:
    """What is wrong with the settings of a round."""
    problems = []
    dates = [
        ("scoring_due_at", wanted.scoring_due_at),
        ("discussion_due_at", wanted.discussion_due_at),
        ("final_due_at", wanted.final_due_at),
    ]
    given = [(place, at) for place, at in dates if at is not None]
    for (_, earlier), (place, later) in pairwise(given):
        if later < earlier:
            problems.append(
                Problem(
                    place,
                    Text(
                        "กำหนดของขั้นนี้ต้องไม่ก่อนกำหนดของขั้นก่อนหน้า",
                        "This phase cannot be due before the one that comes before it",
                    ),
                )
            )
    if wanted.load_limit is not None and wanted.load_limit < 1:
        problems.append(
            Problem("load_limit", Text("จำนวนเรื่องสูงสุดต้องเป็น 1 ขึ้นไป", "The most proposals must be 1 or more"))
        )
    if not 1 <= wanted.least_bodies <= 4:
        problems.append(
            Problem(
                "least_bodies", Text("จำนวนหน่วยงานต้องเป็น 1 ถึง 4", "The number of bodies runs from 1 to 4")
            )
        )
    return problems


def move_round(work: Work[Actor], call_id: int, move: str, *, version: int, reason: str = "") -> RoundFacts:
    """Take the round to another phase by a move of `states.ROUND_LIFECYCLE`; going back wants a reason.

    A call without a round gets one. Raises `Stale` when it was changed since the form was shown, `Refused` for a move
    the table does not have.
    """
    require(work.actor, Permission.MANAGE_ROUND)
    if move not in ROUND_LIFECYCLE.moves:
        raise NotFound()
    row = _locked_row(work, call_id)
    if version != (row.version if row else 0):
        raise Stale(_STALE)
    if row is None:
        set_round(work, call_id, RoundFacts())
        row = work.session.scalars(select(ReviewRound).where(ReviewRound.call_id == call_id)).one()
    before, after = row.phase, ROUND_LIFECYCLE.after(row.phase, move)
    if move in BACKWARD_MOVES and not reason.strip():
        raise Refused(REASON_WANTED, [Problem("reason", REASON_WANTED)])
    if len(reason) > LONGEST_REASON:
        too_long = TOO_LONG.fill(most=LONGEST_REASON)
        raise Refused(too_long, [Problem("reason", too_long)])
    row.phase, row.updated_at, row.updated_by = after, work.now, work.actor.id
    work.session.flush()
    work.session.add(
        RoundMove(
            round_id=row.id,
            move=move,
            from_phase=before,
            to_phase=after,
            reason=reason.strip(),
            at=work.now,
            by=work.actor.id,
        )
    )
    work.session.flush()
    work.audit("move_round", f"call:{call_id}", detail={"move": move, "from": before, "to": after})
    work.promise("notify", {"event": "round_moved", "call": call_id, "phase": after})
    return get_round(work.session, call_id)


def reopening_problems(
    round_: RoundFacts,
    *,
    assignment_state: str,
    proposal_state: str,
    until: datetime | None,
    reason: str,
    now: datetime,
) -> list[Problem]:
    """Why a review cannot be reopened until a moment; `until` None: it could not be read, which is told elsewhere."""
    problems = []
    if until is not None and until <= now:
        problems.append(Problem("until", NOT_AHEAD))
    if not reason.strip():
        problems.append(Problem("reason", REASON_WANTED))
    elif len(reason) > LONGEST_REASON:
        problems.append(Problem("reason", TOO_LONG.fill(most=LONGEST_REASON)))
    if assignment_state != ACCEPTED or proposal_state not in REVIEWABLE_STATES or round_.phase == LOCKED:
        problems.append(Problem("assignment", NOT_OPENABLE))
    return problems


def reopen_review(work: Work[Actor], assignment_id: int, until: datetime, reason: str) -> None:
    """Let one reviewer score again (or for the first time) until a moment, whatever the phase; not in a locked round.

    What is in stays in, and counts, until it is handed in anew; handing in ends it, and so does the moment. Raises
    `Refused` with all problems.
    """
    require(work.actor, Permission.MANAGE_ROUND)
    assignment = work.session.get(Assignment, assignment_id, with_for_update=True)
    if assignment is None:
        raise NotFound()
    proposal = work.session.get_one(Proposal, assignment.proposal_id)
    if proposal.state == DRAFT:
        raise NotFound()
    problems = reopening_problems(
        get_round(work.session, proposal.call_id),
        assignment_state=assignment.state,
        proposal_state=proposal.state,
        until=until,
        reason=reason,
        now=work.now,
    )
    if problems:
        raise Refused(NOT_REOPENED, problems)
    assignment.reopened_until = until
    work.session.flush()
    work.audit(
        "reopen_review",
        f"assignment:{assignment.id}",
        detail={"until": until.isoformat(), "reason": reason.strip()},
    )
    work.promise("notify", {"event": "review_reopened", "assignment": assignment.id})
