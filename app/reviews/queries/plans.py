"""What a plan of assignments is computed from, and plans as people see them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import REVIEWABLE_STATES
from app.reviews.conflicts import Stake, Standing, Ties, Verdict, judge
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, AssignmentPlan, Panel
from app.reviews.planning.facts import (
    Keep,
    Pair,
    PanelSeats,
    PlanSettings,
    Reviewer,
    Seat,
    Situation,
    Subject,
)
from app.reviews.queries.conflicts import Interests, read_interests
from app.reviews.queries.panels import read_panels, read_profiles
from app.reviews.queries.rounds import ROUND_COLUMNS, ROUNDS, read_round
from app.reviews.states import GIVEN, STANDING_STATES

EVERYBODY = Text("ผู้พิจารณาทุกคน", "All reviewers")
NOT_A_REVIEWER = Text("ผู้พิจารณาที่บัญชีถูกระงับ", "A reviewer whose account ended")


@dataclass(frozen=True, slots=True)
class Filed:
    """A proposal as a plan names it."""

    id: int
    number: str
    title: Text
    agency: Text
    stage: str


@dataclass(frozen=True, slots=True)
class Standings:
    """The situation of a call with what its proposals are called, and the assignments a plan may take back (their
    ids by pair): those nobody has answered, where the plan was asked to."""

    situation: Situation
    filed: Mapping[int, Filed]
    freed: Mapping[Pair, int]


def read_situation(session: Session, call: CallView, round_: RoundFacts, keep: Keep) -> Standings:
    """All that a plan of this call depends on, as it is now. Six queries, whatever the number of proposals."""
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.stage,
            Proposal.guideline,
            Proposal.focus_area,
            Agency.name_th,
            Agency.name_en,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(Proposal.call_id == call.id, Proposal.state.in_(REVIEWABLE_STATES))
        .order_by(Proposal.number)
    ).all()
    profiles = read_profiles(session, call.id)
    panels = read_panels(session, Panel.call_id == call.id, Panel.ended_at.is_(None))
    kept, freed, ended, bodies = _read_assignments(session, call.id, keep)
    reviewers = [
        Reviewer(
            p.id,
            p.name,
            p.body.value,
            round_.load_limit if p.load_limit is None else p.load_limit,
            frozenset(p.guidelines),
            frozenset(p.focus_areas),
        )
        for p in profiles.values()
    ]
    reviewers += [
        Reviewer(user_id, NOT_A_REVIEWER, body, is_active=False)
        for user_id, body in sorted(bodies.items())
        if user_id not in profiles
    ]
    ids = [r.id for r in rows]
    pairs = _judge_pairs(read_interests(session, ids, list(profiles)), ids, profiles)
    return Standings(
        Situation(
            subjects=tuple(Subject(r.id, r.number, r.stage, r.guideline, r.focus_area) for r in rows),
            reviewers=tuple(reviewers),
            panels=tuple(PanelSeats(p.id, p.name, p.seats, frozenset(p.members), p.stage) for p in panels)
            or (PanelSeats(None, EVERYBODY, call.reviewers_per_proposal, frozenset(profiles)),),
            kept=kept,
            barred=frozenset(pairs[Verdict.BARRED]),
            asked=frozenset(pairs[Verdict.ASKED]),
            declined=frozenset(ended),
            least_bodies=round_.least_bodies,
        ),
        {
            r.id: Filed(r.id, r.number, Text(r.title_th, r.title_en), Text(r.name_th, r.name_en), r.stage)
            for r in rows
        },
        freed,
    )


def _read_assignments(
    session: Session, call_id: int, keep: Keep
) -> tuple[tuple[Seat, ...], dict[Pair, int], set[Pair], dict[int, str]]:
    """What stands, what may be taken back, which pairs ended before, and the body of everybody who was given any."""
    kept, freed, ended, bodies = [], {}, set(), {}
    for r in session.execute(
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.reviewer_id,
            Assignment.panel_id,
            Assignment.state,
            Assignment.updated_at,
            Assignment.body,
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(REVIEWABLE_STATES))
        .order_by(Assignment.id)
    ):
        pair = (r.proposal_id, r.reviewer_id)
        if r.state not in STANDING_STATES:
            ended.add(pair)
            continue
        if keep is Keep.ANSWERED and r.state == GIVEN and r.updated_at is None:
            freed[pair] = r.id
            continue
        bodies[r.reviewer_id] = r.body
        kept.append(Seat(r.proposal_id, r.reviewer_id, r.panel_id))
    return tuple(kept), freed, ended, bodies


def _judge_pairs(
    interests: Interests, proposals: list[int], people: Collection[int]
) -> dict[Verdict, set[Pair]]:
    """Every pair that is not clear, by verdict. People with the same ties are judged once."""
    alike: defaultdict[Ties, list[int]] = defaultdict(list)
    for person in people:
        alike[interests.ties.get(person, Ties())].append(person)
    found: dict[Verdict, set[Pair]] = {verdict: set() for verdict in Verdict}
    judged: dict[tuple[Ties, Stake], Verdict] = {}
    for proposal in proposals:
        stake = interests.stakes[proposal]
        for ties, own in alike.items():
            verdict = judged.get((ties, stake))
            if verdict is None:
                verdict = judged[ties, stake] = judge(ties, stake).verdict
            if verdict is not Verdict.CLEAR:
                found[verdict].update((proposal, person) for person in own)
    for pair in interests.statements:
        standing: Standing = interests.standing(*pair)
        for verdict in Verdict:
            found[verdict].discard(pair)
        found[standing.verdict].add(pair)
    return found


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan as it is kept. `result` is what it came to when it was made, and again when it was applied: whole numbers
    by name."""

    id: int
    fiscal_year: int
    call_id: int
    state: str
    version: int
    settings: PlanSettings
    result: Mapping[str, int]
    seats: tuple[Seat, ...]
    made_at: datetime
    made_by: Text | None
    closed_at: datetime | None
    round: RoundFacts


def settings_of(content: str) -> tuple[PlanSettings, dict[str, int]]:
    """The settings of a plan and what it came to, from its canonical JSON."""
    value = json.loads(content)
    return PlanSettings(int(value["seed"]), Keep(value["keep"])), dict(value["result"])


def seats_of(content: str) -> tuple[Seat, ...]:
    """The planned seats, from canonical JSON [[proposal, reviewer, panel or null], …]."""
    return tuple(Seat(*row) for row in json.loads(content))


def _plans() -> Select[*tuple[Any, ...]]:
    return (
        select(
            AssignmentPlan.id,
            AssignmentPlan.call_id,
            AssignmentPlan.state,
            AssignmentPlan.version.label("plan_version"),
            AssignmentPlan.settings,
            AssignmentPlan.seats,
            AssignmentPlan.made_at,
            AssignmentPlan.closed_at,
            Call.fiscal_year,
            User.name_th,
            User.name_en,
            *ROUND_COLUMNS,
        )
        .join(Call, Call.id == AssignmentPlan.call_id)
        .outerjoin(User, User.id == AssignmentPlan.made_by)
        .outerjoin(ROUNDS, ROUNDS.c.call_id == AssignmentPlan.call_id)
    )


def _view(r: Row[*tuple[Any, ...]]) -> PlanView:
    settings, result = settings_of(r.settings)
    return PlanView(
        id=r.id,
        fiscal_year=r.fiscal_year,
        call_id=r.call_id,
        state=r.state,
        version=r.plan_version,
        settings=settings,
        result=result,
        seats=seats_of(r.seats),
        made_at=r.made_at,
        made_by=Text(r.name_th, r.name_en) if r.name_th is not None else None,
        closed_at=r.closed_at,
        round=read_round(r),
    )


def list_plans(session: Session, actor: Actor, call_id: int, limit: int = 20) -> list[PlanView]:
    """The latest plans of a call, newest first. One query."""
    require(actor, Permission.ASSIGN_REVIEWER)
    rows = session.execute(
        _plans().where(AssignmentPlan.call_id == call_id).order_by(AssignmentPlan.id.desc()).limit(limit)
    )
    return [_view(r) for r in rows]


def get_plan(session: Session, actor: Actor, plan_id: int) -> PlanView:
    """One plan. Raises `NotFound`. One query."""
    require(actor, Permission.ASSIGN_REVIEWER)
    row = session.execute(_plans().where(AssignmentPlan.id == plan_id)).first()
    if row is None:
        raise NotFound()
    return _view(row)
