"""How far a round is, against what it aims at: overall, by body, panel and stage, and along the planned dates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, or_, select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import BODY_NAMES, Actor, Body
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES, REVIEWABLE_STATES
from app.reviews.models import Assignment, DiscussionOutcome, Panel, ReviewRevision
from app.reviews.queries.reviews import finished_panels
from app.reviews.states import ACCEPTED, DECLINED, GIVEN, RECUSED, WITHDRAWN

# the share of the time for scoring by which the same share of the reviews should be in
_QUARTERS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Tally:
    """How far some assignments are. `needed` None: there is no target of its own. `assigned` stand (answered or not);
    `begun`, `done` and `final` are of those accepted, as only they count."""

    needed: int | None
    assigned: int
    accepted: int
    begun: int
    done: int
    final: int
    declined: int
    recused: int
    withdrawn: int

    @property
    def target(self) -> int:
        """How many reviews are aimed at: what is needed, or what was given where nothing else is said."""
        return self.assigned if self.needed is None else self.needed

    @property
    def missing(self) -> int:
        """Reviews given to somebody and not in."""
        return self.assigned - self.done


@dataclass(frozen=True, slots=True)
class Group:
    """The tally of one body, panel or stage; `code` is its value in the filters of the list of assignments."""

    code: str
    name: Text
    tally: Tally


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """By a moment of the plan: so many reviews should be in, and so many are; `done` None while it lies ahead."""

    at: datetime
    planned: int
    done: int | None


@dataclass(frozen=True, slots=True)
class Running:
    """A round in numbers. `proposals` passed screening; `undecided` of them are open for scoring; `complete` have as
    many reviews in as the call asks for; `discussed` have an outcome."""

    proposals: int
    undecided: int
    complete: int
    discussed: int
    first_assigned_at: datetime | None
    total: Tally
    bodies: tuple[Group, ...]
    panels: tuple[Group, ...]
    stages: tuple[Group, ...]


def count_running(session: Session, actor: Actor, call: CallView) -> Running:
    """Count a round against its targets. Proposals that passed screening count, decided or not; three queries."""
    require(actor, Permission.READ_REVIEWS)
    passed = _passed_by_stage(session, call)
    rows = session.execute(
        select(
            Assignment.body,
            Assignment.panel_id,
            Proposal.stage,
            Assignment.state,
            func.count().label("n"),
            func.count(Assignment.updated_at).label("begun"),
            func.count(Assignment.submitted_at).label("done"),
            func.count(Assignment.finalised_at).label("final"),
            func.min(Assignment.assigned_at).label("first"),
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call.id, Proposal.state.in_(RANKED_STATES))
        .group_by(Assignment.body, Assignment.panel_id, Proposal.stage, Assignment.state)
    ).all()
    number = sum(p.n for p in passed.values())
    each = call.reviewers_per_proposal
    by_body, by_panel, by_stage = (_grouped(rows, key) for key in ("body", "panel_id", "stage"))
    used = [panel_id for panel_id in by_panel if panel_id is not None]
    panels = session.scalars(
        select(Panel)
        .where(Panel.call_id == call.id, or_(Panel.ended_at.is_(None), Panel.id.in_(used)))
        .order_by(Panel.id)
    ).all()
    seats = {panel.id: _seats_needed(panel, passed, number) for panel in panels}
    # panels whose seats come to more than the call asks for share them; none of them has a target of its own then
    has_targets = sum(seats.values()) <= each * number
    return Running(
        proposals=number,
        undecided=sum(p.undecided for p in passed.values()),
        complete=sum(p.complete for p in passed.values()),
        discussed=sum(p.discussed for p in passed.values()),
        first_assigned_at=min((r.first for r in rows), default=None),
        total=_tally(rows, each * number),
        bodies=tuple(
            Group(body.value, BODY_NAMES[body], _tally(by_body[body.value], None))
            for body in Body
            if body.value in by_body
        ),
        panels=tuple(
            Group(
                str(panel.id),
                Text(panel.name_th, panel.name_en),
                _tally(by_panel.get(panel.id, ()), seats[panel.id] if has_targets else None),
            )
            for panel in panels
        ),
        stages=tuple(
            Group(
                stage.code,
                stage.name,
                _tally(
                    by_stage.get(stage.code, ()), each * (passed[stage.code].n if stage.code in passed else 0)
                ),
            )
            for stage in call.plan.stages
            if stage.code in passed or stage.code in by_stage
        ),
    )


def _passed_by_stage(session: Session, call: CallView) -> Mapping[str, Row[*tuple[Any, ...]]]:
    discussed = select(DiscussionOutcome.proposal_id).distinct().subquery()
    finished = finished_panels()
    return {
        r.stage: r
        for r in session.execute(
            select(
                Proposal.stage,
                func.count().label("n"),
                func.sum(case((Proposal.state.in_(REVIEWABLE_STATES), 1), else_=0)).label("undecided"),
                func.count(discussed.c.proposal_id).label("discussed"),
                func.sum(case((finished.c.n >= call.reviewers_per_proposal, 1), else_=0)).label("complete"),
            )
            .outerjoin(discussed, discussed.c.proposal_id == Proposal.id)
            .outerjoin(finished, finished.c.proposal_id == Proposal.id)
            .where(Proposal.call_id == call.id, Proposal.state.in_(RANKED_STATES))
            .group_by(Proposal.stage)
        )
    }


def _seats_needed(panel: Panel, passed: Mapping[str, Row[*tuple[Any, ...]]], number: int) -> int:
    if not panel.stage:
        return panel.seats * number
    return panel.seats * (passed[panel.stage].n if panel.stage in passed else 0)


def _grouped(rows: Sequence[Row[*tuple[Any, ...]]], key: str) -> dict[Any, list[Row[*tuple[Any, ...]]]]:
    groups: defaultdict[Any, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return dict(groups)


def _tally(rows: Sequence[Row[*tuple[Any, ...]]], needed: int | None) -> Tally:
    states: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for row in rows:
        states[row.state] += row.n
        if row.state == ACCEPTED:
            accepted.update(begun=row.begun, done=row.done, final=row.final)
    return Tally(
        needed=needed,
        assigned=states[GIVEN] + states[ACCEPTED],
        accepted=states[ACCEPTED],
        begun=accepted["begun"],
        done=accepted["done"],
        final=accepted["final"],
        declined=states[DECLINED],
        recused=states[RECUSED],
        withdrawn=states[WITHDRAWN],
    )


def list_checkpoints(
    session: Session,
    actor: Actor,
    call_id: int,
    target: int,
    begins_at: datetime | None,
    due_at: datetime | None,
    now: datetime,
) -> tuple[Checkpoint, ...]:
    """How many first reviews should be in by each quarter of the time for scoring, and how many were; one query.

    The pace planned is even: after a quarter of the time a quarter of `target`. Nothing without both dates.
    """
    require(actor, Permission.READ_REVIEWS)
    if begins_at is None or due_at is None or due_at <= begins_at:
        return ()
    moments = [begins_at + (due_at - begins_at) * quarter / len(_QUARTERS) for quarter in _QUARTERS]
    # the moment of the first hand-in: handing in once more changes `submitted_at`
    handed_in = ReviewRevision.at
    row = session.execute(
        select(*(func.coalesce(func.sum(case((handed_in < moment, 1), else_=0)), 0) for moment in moments))
        .join(Assignment, Assignment.id == ReviewRevision.assignment_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(
            ReviewRevision.cause == "handed_in",
            Proposal.call_id == call_id,
            Proposal.state.in_(RANKED_STATES),
            Assignment.state == ACCEPTED,
            Assignment.submitted_at.is_not(None),
        )
    ).one()
    return tuple(
        Checkpoint(moment, target * quarter // len(_QUARTERS), done if moment <= now else None)
        for moment, quarter, done in zip(moments, _QUARTERS, row, strict=True)
    )
