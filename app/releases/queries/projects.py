"""The granted projects of a call in the fields that may be published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.calls.queries import CallView
from app.identity.models import Agency
from app.kernel.clock import BANGKOK
from app.kernel.lean import dataclass
from app.monitoring.facts import CategoryOf, Plan
from app.monitoring.models import (
    Actual,
    IndicatorResult,
    MilestoneResult,
    PlanVersion,
    Project,
    ProjectAgency,
    ProjectLine,
)
from app.monitoring.periods import LAST_MONTH
from app.monitoring.queries import read_plan
from app.proposals.facts import ProposalFacts
from app.proposals.models import Proposal, Submission
from app.proposals.queries.filings import read_facts
from app.proposals.results import GRANTED_STATES
from app.releases.facts import PublicChange, PublicIndicator, PublicMilestone, PublicMoney, PublicProject
from app.releases.identifiers import project_id

Months = list[int]


@dataclass(slots=True)
class _Read:
    """What the tables hold of one project."""

    agencies: list[str] = field(default_factory=list)
    asked: dict[CategoryOf, int] = field(default_factory=lambda: defaultdict(int))
    approved: dict[CategoryOf, int] = field(default_factory=lambda: defaultdict(int))
    committed: dict[CategoryOf, Months] = field(default_factory=dict)
    disbursed: dict[CategoryOf, Months] = field(default_factory=dict)
    milestones: dict[int, tuple[int, date | None]] = field(default_factory=dict)
    indicators: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    changes: list[PublicChange] = field(default_factory=list)
    plan: Plan | None = None


def gather_projects(
    session: Session, call: CallView, recommended: Mapping[str, int] | None
) -> tuple[tuple[PublicProject, ...], bool]:
    """The projects of a call by number, and whether any report counts. `recommended` is what the list before the meeting
    held by number; None where none is published."""
    rows = session.execute(
        select(Project, Proposal, Submission)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .join(Submission, Submission.id == Project.submission_id)
        .where(Project.call_id == call.id)
        .order_by(Proposal.number)
    ).all()
    if not rows:
        return (), False
    found = {project.id: _Read() for project, _, _ in rows}
    codes = {key: code for key, code in session.execute(select(Agency.id, Agency.code))}
    _read_grants(session, call.id, found, codes)
    _read_plans(session, call.id, found)
    has_reports = _read_results(session, call.id, found, codes)
    earlier = _earlier_numbers(session, [p.continues_id for _, p, _ in rows])
    projects = []
    for project, proposal, submission in rows:
        facts = read_facts(submission.sha256, submission.content)
        before = earlier.get(proposal.continues_id or 0, [])
        told = None if recommended is None else recommended.get(proposal.number, 0)
        projects.append(_project(project, proposal.number, facts, found[project.id], before, told))
    return tuple(projects), has_reports


def _of_call(model: Any, call_id: int) -> Any:
    """All rows of a table that belong to the projects of a call."""
    return select(model).join(Project, Project.id == model.project_id).where(Project.call_id == call_id)


def _read_grants(session: Session, call_id: int, found: dict[int, _Read], codes: Mapping[int, str]) -> None:
    for line in session.scalars(_of_call(ProjectLine, call_id).order_by(ProjectLine.position)):
        key = codes[line.agency_id], line.category
        found[line.project_id].asked[key] += line.requested
        found[line.project_id].approved[key] += line.approved
    carried_out = _of_call(ProjectAgency, call_id).join(Agency, Agency.id == ProjectAgency.agency_id)
    for row in session.scalars(carried_out.order_by(ProjectAgency.is_lead.desc(), Agency.sort_key)):
        found[row.project_id].agencies.append(codes[row.agency_id])


def _read_plans(session: Session, call_id: int, found: dict[int, _Read]) -> None:
    for version in session.scalars(_of_call(PlanVersion, call_id).order_by(PlanVersion.ordinal)):
        plan, read = read_plan(version), found[version.project_id]
        in_force_on = version.in_force_at.astimezone(BANGKOK).date()
        read.changes.append(
            PublicChange(version.ordinal, version.cause, in_force_on, plan.total, plan.ends_on)
        )
        if version.current_for is not None:
            read.plan = plan


def _read_results(session: Session, call_id: int, found: dict[int, _Read], codes: Mapping[int, str]) -> bool:
    """The rows of reports that count; whether there are any."""
    has_reports = False
    for actual in session.scalars(_of_call(Actual, call_id)):
        read, key = found[actual.project_id], (codes[actual.agency_id], actual.category)
        read.committed.setdefault(key, [0] * LAST_MONTH)[actual.month - 1] = actual.committed
        read.disbursed.setdefault(key, [0] * LAST_MONTH)[actual.month - 1] = actual.disbursed
        has_reports = True
    for done in session.scalars(_of_call(MilestoneResult, call_id).order_by(MilestoneResult.quarter)):
        found[done.project_id].milestones[done.position] = done.percent, done.done_on
        has_reports = True
    for result in session.scalars(_of_call(IndicatorResult, call_id).order_by(IndicatorResult.quarter)):
        if result.result:
            found[result.project_id].indicators[result.position].append((result.quarter, result.result))
            has_reports = True
    return has_reports


def _earlier_numbers(session: Session, ids: Iterable[int | None]) -> dict[int, list[str]]:
    """Proposal id -> the numbers of the granted filings it goes back to, itself first. One query for each year back."""
    chains: dict[int, list[str]] = {key: [] for key in ids if key is not None}
    waiting = {key: [key] for key in chains}  # where chains have got to -> where they began
    before = aliased(Proposal)
    while waiting:
        rows = session.execute(
            select(before.id, before.number, before.continues_id).where(
                before.id.in_(waiting), before.state.in_(GRANTED_STATES)
            )
        ).all()
        following: dict[int, list[int]] = defaultdict(list)
        for key, number, continues_id in rows:
            fresh = [began for began in waiting[key] if number not in chains[began]]
            for began in fresh:
                chains[began].append(number)
            if continues_id is not None and fresh:
                following[continues_id] += fresh
        waiting = dict(following)
    return chains


def _project(
    project: Project,
    number: str,
    facts: ProposalFacts,
    read: _Read,
    before: list[str],
    recommended: int | None,
) -> PublicProject:
    plan = read.plan
    if plan is None:
        raise LookupError(f"project {number} has no plan in force")
    return PublicProject(
        number=number,
        id=project_id(before[-1] if before else number),
        continues=before[0] if before else "",
        title=facts.title,
        lead=facts.lead.code,
        agencies=tuple(read.agencies),
        stage=facts.stage,
        guideline=facts.guideline,
        strategy=facts.strategy,
        focus_area=facts.focus_area,
        state=project.state,
        recommended=recommended,
        ends_on=plan.ends_on,
        money=_money(plan, read),
        milestones=tuple(
            PublicMilestone(
                m.position,
                m.agency,
                m.title,
                m.due_on,
                m.weight,
                *read.milestones.get(m.position, (None, None)),
            )
            for m in plan.milestones
        ),
        indicators=tuple(
            PublicIndicator(
                i.position,
                i.agency,
                i.name,
                i.unit,
                i.baseline,
                i.target,
                i.aim.value,
                i.quarters,
                tuple(read.indicators.get(i.position, ())),
            )
            for i in plan.indicators
        ),
        changes=tuple(read.changes),
    )


def _money(plan: Plan, read: _Read) -> tuple[PublicMoney, ...]:
    """A row for each agency and category that asked, was granted, may spend or has spent."""
    nothing = (0,) * LAST_MONTH
    planned = {(s.agency, s.category): s.months for s in plan.spending}
    allotted = plan.allotted
    keys = {*read.asked, *allotted, *planned, *read.committed}
    order = {code: n for n, code in enumerate(read.agencies)}
    return tuple(
        PublicMoney(
            agency,
            category,
            read.asked.get((agency, category), 0),
            read.approved.get((agency, category), 0),
            allotted.get((agency, category), 0),
            planned.get((agency, category), nothing),
            tuple(read.committed.get((agency, category), nothing)),
            tuple(read.disbursed.get((agency, category), nothing)),
        )
        for agency, category in sorted(keys, key=lambda k: (order.get(k[0], len(order)), k))
    )
