"""What each reviewer of a call still has to do: answer, score, say a word in a discussion, give the final score."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import REVIEWABLE_STATES
from app.reviews.models import Assignment, DiscussionNote, DiscussionOutcome
from app.reviews.queries.conflicts import read_interests
from app.reviews.queries.rounds import get_round
from app.reviews.rules import Opening, judge_opening
from app.reviews.states import DISCUSSION, FINAL, GIVEN, LOCKED, SCORING, SCREENING, STANDING_STATES


class Duty(StrEnum):
    """What an assignment waits for."""

    ANSWER = "answer"
    SCORE = "score"
    DISCUSS = "discuss"
    FINISH = "finish"


DUTIES: dict[Duty, Text] = {
    Duty.ANSWER: Text("รอตอบรับ", "not answered"),
    Duty.SCORE: Text("รอให้คะแนน", "not scored"),
    Duty.DISCUSS: Text("รอร่วมหารือ", "discussion waits"),
    Duty.FINISH: Text("รอคะแนนสุดท้าย", "final score waits"),
}


@dataclass(frozen=True, slots=True)
class Outstanding:
    """One assignment that waits for its reviewer. `due_at` None where no date is set; `since` it waits. Where it was
    opened again for this reviewer, it is due when that ends."""

    assignment_id: int
    proposal_id: int
    number: str
    duty: Duty
    since: datetime
    due_at: datetime | None
    is_reopened: bool


def list_outstanding(session: Session, call_id: int, now: datetime) -> dict[int, list[Outstanding]]:
    """Reviewer id -> what can be done now and is not, by proposal number. At most five queries.

    Left out: what a conflict of interest holds or may hold, which waits for the secretariat; what can no longer be
    scored because its date has passed; everything in a locked round.
    """
    round_ = get_round(session, call_id)
    if round_.phase == LOCKED:
        return {}
    rows = session.execute(_standing(call_id)).all()
    interests = read_interests(session, {r.proposal_id for r in rows}, {r.reviewer_id for r in rows})
    talks = _open_talks(session, call_id) if round_.phase == DISCUSSION else {}
    rescored = _to_be_rescored(session, call_id) if round_.phase == FINAL else {}
    found: dict[int, list[Outstanding]] = {}
    for r in rows:
        is_reopened = r.reopened_until is not None and now < r.reopened_until
        opening, _ = judge_opening(
            round_,
            assignment_state=r.state,
            proposal_state=r.proposal_state,
            is_in=r.submitted_at is not None,
            reopened_until=r.reopened_until,
            now=now,
        )
        due_at = round_.due_at
        if r.state == GIVEN:
            duty = Duty.ANSWER
            due_at = round_.scoring_due_at if round_.phase in (SCREENING, SCORING) else None
        elif opening in (Opening.FIRST, Opening.AGAIN):
            duty = Duty.SCORE
            if is_reopened:
                due_at = r.reopened_until
        elif opening is Opening.FINAL and r.finalised_at is None and r.proposal_id in rescored:
            duty = Duty.FINISH
        elif r.submitted_at is not None and r.reviewer_id not in talks.get(r.proposal_id, {r.reviewer_id}):
            duty = Duty.DISCUSS
        else:
            continue
        if interests.standing(r.proposal_id, r.reviewer_id).is_clear:
            since = max(r.assigned_at, rescored.get(r.proposal_id, r.assigned_at))
            found.setdefault(r.reviewer_id, []).append(
                Outstanding(r.id, r.proposal_id, r.number, duty, since, due_at, is_reopened)
            )
    return found


def _standing(call_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.reviewer_id,
            Assignment.state,
            Assignment.assigned_at,
            Assignment.submitted_at,
            Assignment.finalised_at,
            Assignment.reopened_until,
            Proposal.number,
            Proposal.state.label("proposal_state"),
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(
            Proposal.call_id == call_id,
            Proposal.state.in_(REVIEWABLE_STATES),
            Assignment.state.in_(STANDING_STATES),
        )
        .order_by(Proposal.number, Assignment.id)
    )


def _open_talks(session: Session, call_id: int) -> dict[int, frozenset[int]]:
    """Proposal id -> who has said something, where a discussion was begun and has no outcome yet."""
    spoken: dict[int, frozenset[int]] = {}
    for proposal_id, author_id in session.execute(
        select(DiscussionNote.proposal_id, DiscussionNote.author_id)
        .join(Proposal, Proposal.id == DiscussionNote.proposal_id)
        .where(
            Proposal.call_id == call_id,
            DiscussionNote.taken_back_at.is_(None),
            DiscussionNote.proposal_id.not_in(select(DiscussionOutcome.proposal_id)),
        )
    ):
        spoken[proposal_id] = spoken.get(proposal_id, frozenset()) | {author_id}
    return spoken


def _to_be_rescored(session: Session, call_id: int) -> dict[int, datetime]:
    """Proposal id -> since when its discussion asks for final scores."""
    latest = select(func.max(DiscussionOutcome.id)).group_by(DiscussionOutcome.proposal_id)
    return {
        proposal_id: at
        for proposal_id, at in session.execute(
            select(DiscussionOutcome.proposal_id, DiscussionOutcome.at)
            .join(Proposal, Proposal.id == DiscussionOutcome.proposal_id)
            .where(
                Proposal.call_id == call_id,
                DiscussionOutcome.id.in_(latest),
                DiscussionOutcome.outcome == "rescore",
            )
        )
    }
