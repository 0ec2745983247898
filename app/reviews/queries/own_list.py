"""What was given to a reviewer, line by line."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment
from app.reviews.queries.conflicts import Interests, read_interests
from app.reviews.queries.own import SEALED_TITLE
from app.reviews.queries.rounds import ROUND_COLUMNS, ROUNDS, read_round
from app.reviews.rules import Opening, judge_opening


@dataclass(frozen=True, slots=True)
class OwnAssignment:
    """A line of the reviewer's list. `total` hundredths of a point; `amount` satang. `is_of_earlier_filing`: the
    agency has filed again since this was scored. Where a conflict of interest holds it (`is_held`), nothing of the
    proposal but its number is told, and no total."""

    id: int
    proposal_id: int
    fiscal_year: int
    number: str
    title: Text
    agency: Text
    stage: str
    amount: int
    state: str
    assignment_state: str
    is_held: bool
    scored: int
    submitted_at: datetime | None
    total: int | None
    finalised_at: datetime | None
    reopened_until: datetime | None
    closes_at: datetime
    round: RoundFacts
    is_of_earlier_filing: bool

    def opening(self, now: datetime) -> tuple[Opening, Text | None]:
        """What may be done with the scores at a moment, and why not when nothing may."""
        return judge_opening(
            self.round,
            assignment_state=self.assignment_state,
            proposal_state=self.state,
            is_in=self.submitted_at is not None,
            reopened_until=self.reopened_until,
            now=now,
        )


def list_own_assignments(session: Session, actor: Actor) -> list[OwnAssignment]:
    """What was given to this reviewer, ended assignments included: unfinished first, then by number. Two queries."""
    return read_own_list(session, actor)[0]


def read_own_list(session: Session, actor: Actor) -> tuple[list[OwnAssignment], Interests]:
    """The same list with the interests it was judged by, so that a page that opens one of them need not ask again."""
    require(actor, Permission.SCORE_PROPOSAL)
    rows = session.execute(
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.state.label("assignment_state"),
            Assignment.scores,
            Assignment.updated_at,
            Assignment.submitted_at,
            Assignment.finalised_at,
            Assignment.reopened_until,
            Assignment.total,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.stage,
            Proposal.state,
            Proposal.total.label("amount"),
            Proposal.submitted_at.label("filed_at"),
            Agency.name_th,
            Agency.name_en,
            Call.fiscal_year,
            Call.closes_at,
            *ROUND_COLUMNS,
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Call, Call.id == Proposal.call_id)
        .outerjoin(ROUNDS, ROUNDS.c.call_id == Call.id)
        .where(Assignment.reviewer_id == actor.id, Proposal.state != DRAFT)
        .order_by(Assignment.submitted_at.is_not(None), Proposal.number.desc())
    ).all()
    interests = read_interests(session, [r.proposal_id for r in rows], [actor.id] if actor.id else [])
    found = []
    for r in rows:
        is_held = actor.id is None or not interests.standing(r.proposal_id, actor.id).is_clear
        found.append(
            OwnAssignment(
                id=r.id,
                proposal_id=r.proposal_id,
                fiscal_year=r.fiscal_year,
                number=r.number,
                title=SEALED_TITLE if is_held else Text(r.title_th, r.title_en),
                agency=Text(r.name_th, r.name_en),
                stage="" if is_held else r.stage,
                amount=0 if is_held else r.amount,
                state=r.state,
                assignment_state=r.assignment_state,
                is_held=is_held,
                scored=sum(1 for v in json.loads(r.scores).values() if v["level"] is not None),
                submitted_at=r.submitted_at,
                total=None if is_held else r.total,
                finalised_at=r.finalised_at,
                reopened_until=r.reopened_until,
                closes_at=r.closes_at,
                round=read_round(r),
                is_of_earlier_filing=r.updated_at is not None and r.updated_at < r.filed_at,
            )
        )
    return found, interests
