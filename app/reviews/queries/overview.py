"""How far the reviews of a call are: who was given what, what is in, what lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.calls.queries import CallView
from app.identity.facts import BODY_NAMES, Actor, Body
from app.identity.models import Agency, User
from app.identity.queries import list_reviewers
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.queries.filings import matching
from app.proposals.states import DRAFT, RANKED_STATES, REVIEWABLE_STATES
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, ReviewerProfile
from app.reviews.states import ACCEPTED, DECLINED, GIVEN, RECUSED, STANDING_STATES, WITHDRAWN

# reviews that count: a scored one given once more waits for its reviewer's word first
DONE = func.count(case((Assignment.state == ACCEPTED, Assignment.submitted_at)))


def assignment_counts(session: Session, call_id: int) -> dict[int, tuple[int, int]]:
    """Proposal id -> (assigned, handed in)."""
    rows = session.execute(
        select(Assignment.proposal_id, func.count(), DONE)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT, Assignment.state.in_(STANDING_STATES))
        .group_by(Assignment.proposal_id)
    )
    return {pid: (assigned, done) for pid, assigned, done in rows}


def counts_of(session: Session, proposal_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Proposal id -> (assigned, handed in), for these proposals; the caller has taken the ids from a list of the
    actor's own, and no more than how many is told."""
    if not proposal_ids:
        return {}
    rows = session.execute(
        select(Assignment.proposal_id, func.count(), DONE)
        .where(Assignment.proposal_id.in_(proposal_ids), Assignment.state.in_(STANDING_STATES))
        .group_by(Assignment.proposal_id)
    )
    return {pid: (assigned, done) for pid, assigned, done in rows}


def reviewer_loads(session: Session, call_id: int) -> Mapping[int, tuple[int, int]]:
    """Reviewer id -> (assigned, handed in) within a call."""
    rows = session.execute(
        select(Assignment.reviewer_id, func.count(), DONE)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT, Assignment.state.in_(STANDING_STATES))
        .group_by(Assignment.reviewer_id)
    )
    return {uid: (assigned, done) for uid, assigned, done in rows}


@dataclass(frozen=True, slots=True)
class Load:
    """How much a reviewer has in a call against the most they may have (`limit` None: no limit). What has ended is
    counted apart: it is no part of `given`."""

    reviewer_id: int
    name: Text
    body: Text
    limit: int | None
    given: int
    accepted: int
    done: int
    declined: int
    recused: int
    withdrawn: int

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.given > self.limit


def list_loads(session: Session, actor: Actor, call_id: int, round_: RoundFacts) -> list[Load]:
    """Every active reviewer and whoever else was given something in the call, by body and name. Three queries."""
    require(actor, Permission.READ_REVIEWS)
    people = {person[0]: (person[1], person[2]) for person in list_reviewers(session)}
    states: dict[int, dict[str, tuple[int, int]]] = {}
    for r in session.execute(
        select(
            Assignment.reviewer_id,
            Assignment.state,
            User.name_th,
            User.name_en,
            func.max(Assignment.body).label("body"),
            func.count().label("n"),
            func.count(Assignment.submitted_at).label("done"),
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(User, User.id == Assignment.reviewer_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT)
        .group_by(Assignment.reviewer_id, Assignment.state, User.name_th, User.name_en)
    ):
        states.setdefault(r.reviewer_id, {})[r.state] = (r.n, r.done)
        people.setdefault(r.reviewer_id, (Text(r.name_th, r.name_en), Body(r.body)))
    limits = {
        user_id: limit
        for user_id, limit in session.execute(
            select(ReviewerProfile.user_id, ReviewerProfile.load_limit).where(
                ReviewerProfile.call_id == call_id, ReviewerProfile.load_limit.is_not(None)
            )
        )
    }
    bodies = list(Body)

    def load(user_id: int, name: Text, body: Body) -> Load:
        def of(state: str) -> int:
            return states.get(user_id, {}).get(state, (0, 0))[0]

        return Load(
            reviewer_id=user_id,
            name=name,
            body=BODY_NAMES[body],
            limit=limits.get(user_id, round_.load_limit),
            given=of(GIVEN) + of(ACCEPTED),
            accepted=of(ACCEPTED),
            done=states.get(user_id, {}).get(ACCEPTED, (0, 0))[1],
            declined=of(DECLINED),
            recused=of(RECUSED),
            withdrawn=of(WITHDRAWN),
        )

    order = sorted(people.items(), key=lambda item: (bodies.index(item[1][1]), item[1][0].th, item[0]))
    return [load(user_id, *person) for user_id, person in order]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reviews of a call are. `waiting` passed screening and lack reviewers; `given` and `done` count
    assignments of proposals that passed. What is out for revision or taken back waits for its agency first."""

    waiting: int = 0
    given: int = 0
    done: int = 0


def progress_by_call(session: Session) -> dict[int, Progress]:
    """Call id -> how far its reviews are; two queries for any number of calls."""
    given = {
        call_id: (total, done)
        for call_id, total, done in session.execute(
            select(Proposal.call_id, func.count(), DONE)
            .join(Proposal, Proposal.id == Assignment.proposal_id)
            .where(Proposal.state.in_(RANKED_STATES), Assignment.state.in_(STANDING_STATES))
            .group_by(Proposal.call_id)
        )
    }
    assigned = (
        select(Assignment.proposal_id, func.count().label("n"))
        .where(Assignment.state.in_(STANDING_STATES))
        .group_by(Assignment.proposal_id)
        .subquery()
    )
    waiting = {
        call_id: count
        for call_id, count in session.execute(
            select(Proposal.call_id, func.count())
            .join(Call, Call.id == Proposal.call_id)
            .outerjoin(assigned, assigned.c.proposal_id == Proposal.id)
            .where(
                Proposal.state.in_(REVIEWABLE_STATES),
                func.coalesce(assigned.c.n, 0) < Call.reviewers_per_proposal,
            )
            .group_by(Proposal.call_id)
        )
    }
    return {
        call_id: Progress(waiting.get(call_id, 0), *given.get(call_id, (0, 0)))
        for call_id in given.keys() | waiting.keys()
    }


@dataclass(frozen=True, slots=True)
class Seat:
    """One reviewer of a proposal in the overview of a call: who, and whether the review is in."""

    assignment_id: int
    reviewer_id: int
    reviewer: Text
    body: Text
    state: str
    has_begun: bool
    is_done: bool


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A proposal with its reviewers."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    state: str
    seats: tuple[Seat, ...]


class Lack(StrEnum):
    """What the panel of a proposal may lack."""

    REVIEWERS = "reviewers"
    REVIEWS = "reviews"


def list_panels(
    session: Session,
    actor: Actor,
    call: CallView,
    lack: Lack | None = None,
    *,
    text: str = "",
    stage: str = "",
    after: str = "",
    limit: int = 50,
) -> list[PanelRow]:
    """Proposals that passed screening with their reviewers, by number after `after`; two queries.

    `lack` narrows to open proposals with fewer reviewers than the call asks for, or with reviews not yet in; `text`
    and `stage` to what is looked for.
    """
    require(actor, Permission.READ_REVIEWS)
    seats = (
        select(
            Assignment.proposal_id,
            func.count().label("given"),
            DONE.label("done"),
        )
        .where(Assignment.state.in_(STANDING_STATES))
        .group_by(Assignment.proposal_id)
        .subquery()
    )
    statement = (
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Agency.name_th,
            Agency.name_en,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .outerjoin(seats, seats.c.proposal_id == Proposal.id)
        .where(Proposal.call_id == call.id, Proposal.state.in_(RANKED_STATES), Proposal.number > after)
        .where(*matching(text))
        .order_by(Proposal.number)
        .limit(limit)
    )
    if stage:
        statement = statement.where(Proposal.stage == stage)
    if lack is not None:
        statement = statement.where(Proposal.state.in_(REVIEWABLE_STATES))
    if lack is Lack.REVIEWERS:
        statement = statement.where(func.coalesce(seats.c.given, 0) < call.reviewers_per_proposal)
    elif lack is Lack.REVIEWS:
        statement = statement.where(seats.c.done < seats.c.given)
    rows = session.execute(statement).all()
    taken = _seats(session, [r.id for r in rows])
    return [
        PanelRow(
            r.id,
            r.number,
            Text(r.title_th, r.title_en),
            Text(r.name_th, r.name_en),
            r.state,
            tuple(taken.get(r.id, ())),
        )
        for r in rows
    ]


def _seats(session: Session, proposal_ids: list[int]) -> dict[int, list[Seat]]:
    seats: dict[int, list[Seat]] = {}
    for r in session.execute(
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.reviewer_id,
            Assignment.body,
            Assignment.state,
            Assignment.updated_at,
            Assignment.submitted_at,
            User.name_th,
            User.name_en,
        )
        .join(User, User.id == Assignment.reviewer_id)
        .where(Assignment.proposal_id.in_(proposal_ids), Assignment.state.in_(STANDING_STATES))
        .order_by(Assignment.id)
    ):
        seats.setdefault(r.proposal_id, []).append(
            Seat(
                r.id,
                r.reviewer_id,
                Text(r.name_th, r.name_en),
                BODY_NAMES[Body(r.body)],
                r.state,
                r.updated_at is not None,
                r.state == ACCEPTED and r.submitted_at is not None,
            )
        )
    return seats
