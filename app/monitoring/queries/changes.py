"""Changes of plans, and the versions they made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, Scope, Target, require, scope_of
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.values import thaw_value
from app.monitoring.facts import CategoryOf, Cause, Plan
from app.monitoring.models import Actual, PlanChange, PlanVersion, Project, ProjectAgency
from app.monitoring.periods import MONTHS_OF_YEAR
from app.monitoring.queries.projects import read_plan
from app.monitoring.states import DRAFT
from app.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as lists show it; `is_returned` is a draft that the secretariat gave back."""

    id: int
    project_id: int
    fiscal_year: int
    number: str
    title: Text
    agency: Text
    ordinal: int
    kind: Cause
    state: str
    asked_at: datetime | None
    judged_at: datetime | None
    made_at: datetime
    is_returned: bool
    reason: str
    note: str  # what the secretariat said of it
    base: int  # the version of the plan it was made from
    version: int

    @property
    def shown_state(self) -> str:
        """The state pages name: a draft that came back is told from one never asked for."""
        return "returned" if self.is_returned else self.state


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change with the plan it asks for and the plan it was made from."""

    row: ChangeRow
    lead_id: int
    version: int
    reason: str
    note: str
    base: int
    proposed: Plan
    before: Plan
    made_by: Text | None
    asked_by: Text | None
    judged_by: Text | None


def _rows() -> Select[PlanChange, Proposal, Agency, int]:
    return (
        select(PlanChange, Proposal, Agency, Call.fiscal_year)
        .join(Project, Project.id == PlanChange.project_id)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .join(Agency, Agency.id == PlanChange.agency_id)
        .join(Call, Call.id == Project.call_id)
    )


def _row(change: PlanChange, proposal: Proposal, agency: Agency, fiscal_year: int) -> ChangeRow:
    return ChangeRow(
        change.id,
        change.project_id,
        fiscal_year,
        proposal.number,
        Text(proposal.title_th, proposal.title_en),
        Text(agency.name_th, agency.name_en),
        change.ordinal,
        Cause(change.kind),
        change.state,
        change.asked_at,
        change.judged_at,
        change.made_at,
        change.state == DRAFT and bool(change.note),
        change.reason,
        change.note,
        change.base,
        change.version,
    )


def list_changes(
    session: Session,
    actor: Actor,
    *,
    project_id: int | None = None,
    state: str = "",
    before: int | None = None,
    most: int = 200,
) -> list[ChangeRow]:
    """Changes the actor may see, the latest first, at most `most` of those made before the change `before`: an agency's of
    projects it carries out, the secretariat's those that were asked for. One query."""
    require(actor, Permission.READ_PROJECT)
    query = _rows().order_by(PlanChange.id.desc()).limit(most)
    if scope_of(actor, Permission.READ_PROJECT) is Scope.ANY:
        query = query.where(PlanChange.state != DRAFT)
    else:
        own = select(ProjectAgency.project_id).where(ProjectAgency.agency_id.in_(actor.agency_ids))
        query = query.where(PlanChange.project_id.in_(own))
    if project_id is not None:
        query = query.where(PlanChange.project_id == project_id)
    if state:
        query = query.where(PlanChange.state == state)
    if before is not None:
        query = query.where(PlanChange.id < before)
    return [_row(*found) for found in session.execute(query)]


def get_change(session: Session, actor: Actor, change_id: int) -> ChangeView:
    """A change the actor may see; a draft is its agency's alone. Raises `NotFound`."""
    found = session.execute(_rows().where(PlanChange.id == change_id)).first()
    if found is None:
        require(actor, Permission.READ_PROJECT)
        raise NotFound()
    change = found[0]
    agencies = frozenset(
        session.scalars(select(ProjectAgency.agency_id).where(ProjectAgency.project_id == change.project_id))
    )
    require(actor, Permission.READ_PROJECT, Target(agencies))
    if change.state == DRAFT and not actor.agency_ids & agencies and not actor.is_system:
        raise NotFound()
    before = session.scalars(
        select(PlanVersion).where(
            PlanVersion.project_id == change.project_id, PlanVersion.ordinal == change.base
        )
    ).one()
    people = {
        user.id: Text(user.name_th, user.name_en)
        for user in session.scalars(
            select(User).where(User.id.in_({change.made_by, change.asked_by, change.judged_by} - {None}))
        )
    }
    return ChangeView(
        _row(*found),
        change.agency_id,
        change.version,
        change.reason,
        change.note,
        change.base,
        thaw_value(Plan, json.loads(change.content)),
        read_plan(before),
        people.get(change.made_by or 0),
        people.get(change.asked_by or 0),
        people.get(change.judged_by or 0),
    )


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a project's plan."""

    ordinal: int
    cause: Cause
    change_id: int | None
    in_force_at: datetime
    sha256: str
    plan: Plan


def list_versions(session: Session, project_id: int) -> list[VersionRow]:
    """Every version of a project's plan, the one in force first; the caller has read the project as its reader may."""
    versions = session.scalars(
        select(PlanVersion).where(PlanVersion.project_id == project_id).order_by(PlanVersion.ordinal.desc())
    )
    return [
        VersionRow(v.ordinal, Cause(v.cause), v.change_id, v.in_force_at, v.sha256, read_plan(v))
        for v in versions
    ]


@dataclass(frozen=True, slots=True)
class Account:
    """Money of a project so far by agency and category, satang, in reports that count; `after_year` is what of the
    disbursed was paid after the year's end."""

    committed: Mapping[CategoryOf, int]
    disbursed: Mapping[CategoryOf, int]
    after_year: Mapping[CategoryOf, int]
    last_month: int  # the last month anybody reported; 0 for none

    @property
    def within_year(self) -> dict[CategoryOf, int]:
        """What was paid within the year."""
        return {key: paid - self.after_year.get(key, 0) for key, paid in self.disbursed.items()}

    @property
    def used(self) -> dict[CategoryOf, int]:
        """Bound or spent, whichever is more."""
        keys = self.committed.keys() | self.disbursed.keys()
        return {key: max(self.committed.get(key, 0), self.disbursed.get(key, 0)) for key in keys}


def account_of(session: Session, project_id: int) -> Account:
    """What was reported of a project. One query."""
    rows = session.execute(
        select(
            Agency.code,
            Actual.category,
            func.sum(Actual.committed),
            func.sum(Actual.disbursed),
            func.max(Actual.month),
            func.sum(case((Actual.month > MONTHS_OF_YEAR, Actual.disbursed), else_=0)),
        )
        .join(Agency, Agency.id == Actual.agency_id)
        .where(Actual.project_id == project_id)
        .group_by(Agency.code, Actual.category)
    ).all()
    return Account(
        {(r[0], r[1]): int(r[2]) for r in rows},
        {(r[0], r[1]): int(r[3]) for r in rows},
        {(r[0], r[1]): int(r[5]) for r in rows},
        max((int(r[4]) for r in rows), default=0),
    )
