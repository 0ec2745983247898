"""Scenarios of a call: who made them, their terms, and the changes by hand in them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, Target, may, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.facts import Adjusting, Adjustment, Entry, Terms
from app.portfolio.models import Scenario, ScenarioAdjustment
from app.portfolio.scenarios import Known
from app.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario with its terms, changes by hand included. `is_adopted`: the list everybody reads follows it now;
    `adopted_at` stays once another was adopted instead, and what was ever adopted is not changed any more."""

    id: int
    call_id: int
    name: str
    note: str
    version: int
    terms: Terms
    made_by: Text
    made_by_id: int | None
    created_at: datetime
    updated_at: datetime
    copied_from_id: int | None
    copied_from: str
    is_adopted: bool
    adopted_at: datetime | None
    adopted_by: Text
    adopted_reason: str
    adopted_sha256: str | None

    @property
    def is_fixed(self) -> bool:
        return self.adopted_at is not None


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """A change by hand as it was made, and, once it counts no more, who ended it and when."""

    adjustment: Adjustment
    by: Text
    at: datetime
    ended_by: Text
    ended_at: datetime | None


_maker, _adopter, _source = aliased(User), aliased(User), aliased(Scenario)


def _select() -> Select[Scenario, str, str, str, str, str]:
    return (
        select(
            Scenario,
            _maker.name_th,
            _maker.name_en,
            _adopter.name_th,
            _adopter.name_en,
            _source.name,
        )
        .outerjoin(_maker, _maker.id == Scenario.created_by)
        .outerjoin(_adopter, _adopter.id == Scenario.adopted_by)
        .outerjoin(_source, _source.id == Scenario.copied_from_id)
        .where(Scenario.dropped_at.is_(None))
    )


def _views(session: Session, rows: Iterable[Any]) -> list[ScenarioView]:
    rows = list(rows)
    adjustments: dict[int, dict[str, Adjustment]] = {}
    if rows:
        for scenario_id, number, kind, amount, reason in session.execute(
            select(
                ScenarioAdjustment.scenario_id,
                Proposal.number,
                ScenarioAdjustment.kind,
                ScenarioAdjustment.amount,
                ScenarioAdjustment.reason,
            )
            .join(Proposal, Proposal.id == ScenarioAdjustment.proposal_id)
            .where(
                ScenarioAdjustment.scenario_id.in_([row[0].id for row in rows]),
                ScenarioAdjustment.ended_at.is_(None),
            )
            .order_by(Proposal.number)
        ):
            adjustments.setdefault(scenario_id, {})[number] = Adjustment(Adjusting(kind), amount, reason)
    return [
        ScenarioView(
            s.id,
            s.call_id,
            s.name,
            s.note,
            s.version,
            replace(Terms.from_json(json.loads(s.content)), adjustments=adjustments.get(s.id, {})),
            Text(made_th or "", made_en or ""),
            s.created_by,
            s.created_at,
            s.updated_at,
            s.copied_from_id,
            source or "",
            s.adopted_for is not None,
            s.adopted_at,
            Text(adopted_th or "", adopted_en or ""),
            s.adopted_reason,
            s.adopted_sha256,
        )
        for s, made_th, made_en, adopted_th, adopted_en, source in rows
    ]


def list_scenarios(
    session: Session, actor: Actor, call: CallView, only: Collection[int] | None = None
) -> list[ScenarioView]:
    """The scenarios of a call that were not dropped, or some of them: the adopted one first, then the last changed. Two
    queries. Raises `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    wanted = _select().where(Scenario.call_id == call.id)
    if only is not None:
        wanted = wanted.where(Scenario.id.in_(only))
    views = _views(session, session.execute(wanted))
    return sorted(views, key=lambda v: (not v.is_adopted, -v.updated_at.timestamp(), -v.id))


def get_scenario(
    session: Session, actor: Actor, scenario_id: int, permission: Permission = Permission.READ_PORTFOLIO
) -> ScenarioView:
    """One scenario; two queries. Raises `Forbidden` without the permission, `NotFound` when it was dropped, or when the
    permission does not reach it."""
    require(actor, permission)
    views = _views(session, session.execute(_select().where(Scenario.id == scenario_id)))
    if not views:
        raise NotFound()
    require(actor, permission, owners(views[0].made_by_id))
    return views[0]


def owners(made_by_id: int | None) -> Target:
    """What a scope is measured against for a scenario: whoever made it."""
    return Target(user_ids=frozenset() if made_by_id is None else frozenset({made_by_id}))


def may_change(actor: Actor, view: ScenarioView) -> bool:
    """Whether somebody may change this scenario: their own, or the secretariat any; what was adopted nobody."""
    return not view.is_fixed and may(actor, Permission.MANAGE_SCENARIO, owners(view.made_by_id))


def known_of(call: CallView, entries: Iterable[Entry]) -> Known:
    """What the terms of a call's scenarios may name."""
    return Known(
        tuple(entries),
        {c.code: c.weight for c in call.rubric.criteria},
        frozenset(c.code for c in call.plan.stages),
        call.plan.stage_of,
    )


def list_adjustments(session: Session, scenario_id: int, proposal_id: int) -> list[AdjustmentView]:
    """Every change by hand of one project in a scenario, the last first. One query."""
    ender = aliased(User)
    rows = session.execute(
        select(ScenarioAdjustment, _maker.name_th, _maker.name_en, ender.name_th, ender.name_en)
        .outerjoin(_maker, _maker.id == ScenarioAdjustment.by)
        .outerjoin(ender, ender.id == ScenarioAdjustment.ended_by)
        .where(ScenarioAdjustment.scenario_id == scenario_id, ScenarioAdjustment.proposal_id == proposal_id)
        .order_by(ScenarioAdjustment.id.desc())
    )
    return [
        AdjustmentView(
            Adjustment(Adjusting(a.kind), a.amount, a.reason),
            Text(by_th or "", by_en or ""),
            a.at,
            Text(ended_th or "", ended_en or ""),
            a.ended_at,
        )
        for a, by_th, by_en, ended_th, ended_en in rows
    ]
