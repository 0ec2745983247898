"""Plans as standings need them: what is meant to be done, reached and spent. A version of a plan is read once."""

from __future__ import annotations

import json
from collections.abc import Set
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.lean import dataclass
from app.kernel.values import thaw_value
from app.monitoring.facts import Milestone, PlannedIndicator, Spending
from app.monitoring.models import PlanVersion, Project
from app.monitoring.standings import Scheme


@dataclass(frozen=True, slots=True)
class StoredScheme:
    """What a version of a plan says beside its lines."""

    scheme: Scheme
    spending: tuple[Spending, ...]


class _Schemes:
    """Plan versions never change: each is read once per process. All are let go of when there would be too many."""

    most = 4000

    def __init__(self) -> None:
        self.kept: dict[str, StoredScheme] = {}

    def keep(self, sha256: str, content: str) -> None:
        plan = json.loads(content)
        self.kept[sha256] = StoredScheme(
            Scheme(
                tuple(thaw_value(Milestone, m) for m in plan["milestones"]),
                tuple(thaw_value(PlannedIndicator, i) for i in plan["indicators"]),
            ),
            tuple(Spending(s["agency"], s["category"], tuple(s["months"])) for s in plan["spending"]),
        )


_schemes = _Schemes()


def _read_schemes(session: Session, wanted: Set[str]) -> None:
    """Have all of these plans at hand."""
    unknown = wanted - _schemes.kept.keys()
    if unknown:
        if len(_schemes.kept) + len(unknown) > _schemes.most:
            _schemes.kept.clear()
            unknown = set(wanted)
        for sha256, content in session.execute(
            select(PlanVersion.sha256, PlanVersion.content).where(PlanVersion.sha256.in_(unknown))
        ):
            _schemes.keep(sha256, content)


@dataclass(frozen=True, slots=True)
class BothPlans:
    """A project's plan in force, and its first one."""

    now: StoredScheme
    first: StoredScheme


def plan_schemes(session: Session, call_id: int) -> dict[int, BothPlans]:
    """Project id -> its plan in force and its first one. One query, and another for plans not met before."""
    rows = session.execute(
        select(PlanVersion.project_id, PlanVersion.sha256, PlanVersion.ordinal, PlanVersion.current_for)
        .join(Project, Project.id == PlanVersion.project_id)
        .where(
            Project.call_id == call_id, or_(PlanVersion.ordinal == 1, PlanVersion.current_for.is_not(None))
        )
    ).all()
    _read_schemes(session, {row.sha256 for row in rows})
    first = {row.project_id: _schemes.kept[row.sha256] for row in rows if row.ordinal == 1}
    return {
        row.project_id: BothPlans(_schemes.kept[row.sha256], first[row.project_id])
        for row in rows
        if row.current_for is not None
    }


@dataclass(frozen=True, slots=True)
class DatedPlan:
    """When a version of a project's plan came into force, and what it meant to spend."""

    in_force_at: datetime
    spending: tuple[Spending, ...]


def dated_plans(session: Session) -> dict[int, list[DatedPlan]]:
    """Project id -> all versions of its plan, the first first. One query, and another for plans not met before."""
    rows = session.execute(
        select(PlanVersion.project_id, PlanVersion.sha256, PlanVersion.in_force_at).order_by(
            PlanVersion.ordinal
        )
    ).all()
    _read_schemes(session, {row.sha256 for row in rows})
    found: dict[int, list[DatedPlan]] = {}
    for row in rows:
        found.setdefault(row.project_id, []).append(
            DatedPlan(row.in_force_at, _schemes.kept[row.sha256].spending)
        )
    return found
