"""Projects, their plans, and what a report is read against."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, Scope, Target, require, scope_of
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.values import thaw_value
from app.monitoring.facts import CategoryOf, Ground, Plan, ReportingRules
from app.monitoring.models import (
    Actual,
    Allotment,
    MonitoredCall,
    PlanVersion,
    Project,
    ProjectAgency,
)
from app.monitoring.periods import MONTHS_OF_YEAR, ReportKind, last_month_of
from app.monitoring.states import ACTIVE
from app.proposals.models import Proposal

WITHIN_YEAR, AFTER_YEAR = -1, 0  # parts of a sum, beside the months of the year after


@lru_cache(maxsize=512)
def _plan(sha256: str, content: str) -> Plan:
    return thaw_value(Plan, json.loads(content))


def read_plan(version: PlanVersion) -> Plan:
    """A stored plan as its value; versions never change, so each is parsed once per process."""
    return _plan(version.sha256, version.content)


@dataclass(frozen=True, slots=True)
class Monitored:
    """A call that is followed."""

    call_id: int
    fiscal_year: int
    name: Text
    is_synthetic: bool
    rules: ReportingRules
    opened_at: datetime


def find_monitored(session: Session, fiscal_year: int) -> Monitored | None:
    """A call whose projects are followed; None when none are."""
    row = session.execute(
        select(MonitoredCall, Call)
        .join(Call, Call.id == MonitoredCall.call_id)
        .where(Call.fiscal_year == fiscal_year)
    ).first()
    return None if row is None else _monitored(*row)


def has_carried_over(session: Session, call_id: int) -> bool:
    """Whether money of a call may still be spent after its year."""
    own = select(Project.id).where(Project.call_id == call_id)
    found = select(Allotment.id).where(Allotment.project_id.in_(own), Allotment.carried > 0).limit(1)
    return session.scalar(found) is not None


def list_monitored(session: Session) -> list[Monitored]:
    """Every call whose projects are followed, the latest year first."""
    rows = session.execute(
        select(MonitoredCall, Call)
        .join(Call, Call.id == MonitoredCall.call_id)
        .order_by(Call.fiscal_year.desc())
    )
    return [_monitored(*row) for row in rows]


def _monitored(kept: MonitoredCall, call: Call) -> Monitored:
    return Monitored(
        call.id,
        call.fiscal_year,
        Text(call.name_th, call.name_en),
        kept.origin == "synthetic",
        thaw_value(ReportingRules, json.loads(kept.rules)),
        kept.opened_at,
    )


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project as lists show it. `allotted` is what the plan in force allows, satang."""

    id: int
    proposal_id: int
    number: str
    title: Text
    lead_id: int
    lead: Text
    stage: str
    state: str
    approved: int
    allotted: int


def _rows() -> Select[Project, Proposal, Agency, int]:
    allotted = (
        select(func.coalesce(func.sum(Allotment.amount), 0))
        .where(Allotment.project_id == Project.id)
        .scalar_subquery()
    )
    return (
        select(Project, Proposal, Agency, allotted)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .join(Agency, Agency.id == Project.lead_agency_id)
        .order_by(Proposal.number)
    )


def _row(project: Project, proposal: Proposal, agency: Agency, allotted: int) -> ProjectRow:
    return ProjectRow(
        project.id,
        proposal.id,
        proposal.number,
        Text(proposal.title_th, proposal.title_en),
        agency.id,
        Text(agency.name_th, agency.name_en),
        proposal.stage,
        project.state,
        project.approved,
        int(allotted),
    )


def _within_reach(
    query: Select[Project, Proposal, Agency, int], actor: Actor
) -> Select[Project, Proposal, Agency, int]:
    require(actor, Permission.READ_PROJECT)
    if scope_of(actor, Permission.READ_PROJECT) is Scope.ANY:
        return query
    own = select(ProjectAgency.project_id).where(ProjectAgency.agency_id.in_(actor.agency_ids))
    return query.where(Project.id.in_(own))


def list_projects(session: Session, actor: Actor, call_id: int) -> list[ProjectRow]:
    """The projects of a call that the actor may see, by number: an agency's are those it carries out. One query."""
    query = _within_reach(_rows(), actor).where(Project.call_id == call_id)
    return [_row(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project with its plan in force; `is_synthetic` where its reports are made up for demonstration."""

    row: ProjectRow
    call_id: int
    fiscal_year: int
    agencies: dict[str, tuple[int, Text]]  # code -> (id, name), the lead first
    version: PlanVersion
    plan: Plan
    is_synthetic: bool


def get_project(session: Session, actor: Actor, project_id: int) -> ProjectView:
    """A project the actor may see. Raises `NotFound` for another agency's, as for one that is not there."""
    found = session.execute(_rows().where(Project.id == project_id)).first()
    if found is None:
        require(actor, Permission.READ_PROJECT)
        raise NotFound()
    agencies = session.execute(
        select(Agency, ProjectAgency.is_lead)
        .join(ProjectAgency, ProjectAgency.agency_id == Agency.id)
        .where(ProjectAgency.project_id == project_id)
        .order_by(ProjectAgency.is_lead.desc(), Agency.sort_key)
    ).all()
    require(actor, Permission.READ_PROJECT, Target(frozenset(a.id for a, _ in agencies)))
    project = found[0]
    version, plan = plan_in_force(session, project_id)
    fiscal_year, origin = session.execute(
        select(Call.fiscal_year, MonitoredCall.origin)
        .join(MonitoredCall, MonitoredCall.call_id == Call.id)
        .where(Call.id == project.call_id)
    ).one()
    return ProjectView(
        _row(*found),
        project.call_id,
        fiscal_year,
        {a.code: (a.id, Text(a.name_th, a.name_en)) for a, _ in agencies},
        version,
        plan,
        origin == "synthetic",
    )


def plan_in_force(session: Session, project_id: int) -> tuple[PlanVersion, Plan]:
    """The version of a project's plan that counts."""
    version = session.scalars(select(PlanVersion).where(PlanVersion.current_for == project_id)).one()
    return version, read_plan(version)


def plans_in_force(session: Session, project_ids: Collection[int]) -> dict[int, Plan]:
    """Project id -> its plan in force. One query."""
    versions = session.scalars(select(PlanVersion).where(PlanVersion.current_for.in_(project_ids)))
    return {version.project_id: read_plan(version) for version in versions}


def used_of(session: Session, project_id: int) -> dict[CategoryOf, int]:
    """What each agency has bound or spent in each category of a project, whichever is more, in reports that count."""
    rows = session.execute(
        select(Agency.code, Actual.category, func.sum(Actual.committed), func.sum(Actual.disbursed))
        .join(Agency, Agency.id == Actual.agency_id)
        .where(Actual.project_id == project_id)
        .group_by(Agency.code, Actual.category)
    )
    return {(code, category): max(int(committed), int(spent)) for code, category, committed, spent in rows}


def ground_of(
    session: Session, call_id: int, agency_id: int, kind: ReportKind, period: int, now: datetime
) -> Ground:
    """What an agency's report of a period is read against. Six queries for any number of projects."""
    month = last_month_of(kind, period)
    call = session.get_one(Call, call_id)
    agency = session.get_one(Agency, agency_id)
    rows = session.execute(
        select(Project.id, Proposal.number, Proposal.title_th, Proposal.title_en)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .join(ProjectAgency, ProjectAgency.project_id == Project.id)
        .where(Project.call_id == call_id, ProjectAgency.agency_id == agency_id, Project.state == ACTIVE)
        .order_by(Proposal.number)
    ).all()
    numbers = {row.id: row.number for row in rows}
    mine = Allotment.agency_id == agency_id, Allotment.project_id.in_(numbers)
    allotted, carried = {}, {}
    for a in session.scalars(select(Allotment).where(*mine)):
        allotted[numbers[a.project_id], a.category] = a.amount
        carried[numbers[a.project_id], a.category] = a.carried
    sums = _sums_around(session, agency_id, numbers, month) if kind is ReportKind.MONEY else {}
    plans = plans_in_force(session, numbers) if kind is ReportKind.PROGRESS else {}
    return Ground(
        fiscal_year=call.fiscal_year,
        agency=agency.code,
        projects={row.number: Text(row.title_th, row.title_en) for row in rows},
        allotted=allotted,
        carried=carried,
        **sums,
        milestones={
            (numbers[key], m.position): m
            for key, plan in plans.items()
            for m in plan.milestones
            if m.agency == agency.code
        },
        indicators={
            (numbers[key], i.position): i
            for key, plan in plans.items()
            for i in plan.indicators
            if i.agency == agency.code
        },
        now=now,
        kind=kind,
        period=period,
        project_ids={row.number: row.id for row in rows},
    )


def _sums_around(
    session: Session, agency_id: int, numbers: Mapping[int, str], month: int
) -> dict[str, dict[tuple[str, str], int]]:
    """What the months beside one add up to, by the names `Ground` has for it. One query."""
    names = (
        "committed",
        "disbursed",
        "later_committed",
        "later_disbursed",
        "later_excess",
        "after_year",
    )
    sums: dict[str, dict[tuple[str, str], int]] = {name: {} for name in names}
    # months before are needed only as sums, within the year and after it; those after one by one
    part = case(
        (Actual.month > month, Actual.month), (Actual.month > MONTHS_OF_YEAR, AFTER_YEAR), else_=WITHIN_YEAR
    ).label("part")
    rows = session.execute(
        select(
            Actual.project_id, Actual.category, part, func.sum(Actual.committed), func.sum(Actual.disbursed)
        )
        .where(Actual.agency_id == agency_id, Actual.project_id.in_(numbers), Actual.month != month)
        .group_by(Actual.project_id, Actual.category, "part")
        .order_by("part")
    )
    for project_id, category, at, committed, disbursed in rows:
        key, prefix = (numbers[project_id], category), "later_" if at > 0 else ""
        for name, amount in ((f"{prefix}committed", committed), (f"{prefix}disbursed", disbursed)):
            sums[name][key] = sums[name].get(key, 0) + int(amount)
        if at > 0:
            excess = sums["later_disbursed"][key] - sums["later_committed"][key]
            sums["later_excess"][key] = max(sums["later_excess"].get(key, 0), excess)
        if at > MONTHS_OF_YEAR or at == AFTER_YEAR:
            sums["after_year"][key] = sums["after_year"].get(key, 0) + int(disbursed)
    return sums
