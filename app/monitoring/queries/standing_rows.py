"""The rows a standing is made of, a few queries for any number of projects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, true, tuple_, union_all
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.models import Agency, Ministry
from app.kernel.clock import BANGKOK
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.values import thaw_value
from app.monitoring.models import (
    Actual,
    Allotment,
    IndicatorResult,
    MilestoneResult,
    PlannedAmount,
    ProgressRecord,
    Project,
    ProjectAgency,
    TargetSet,
)
from app.monitoring.periods import LAST_MONTH, LAST_QUARTER, MONTHS_OF_YEAR, ReportKind, month_of
from app.monitoring.standings import Part, ProjectFacts, new_part
from app.monitoring.states import HANDED_IN
from app.monitoring.targets import Targets
from app.monitoring.warning import CategoryYear
from app.proposals.models import Proposal

_ALLOTTED, _PLANNED, _ACTUAL = 1, 2, 3
_MILESTONE, _INDICATOR = 1, 2


@dataclass(frozen=True, slots=True)
class AgencyName:
    """An agency as ledgers name it, with its ministry."""

    code: str
    name: Text
    ministry_code: str
    ministry: Text


def agency_names(session: Session) -> dict[int, AgencyName]:
    """Every agency by id, in the order of their names. One query."""
    rows = session.execute(
        select(
            Agency.id,
            Agency.code,
            Agency.name_th,
            Agency.name_en,
            Ministry.code,
            Ministry.name_th,
            Ministry.name_en,
        )
        .join(Ministry, Ministry.id == Agency.ministry_id)
        .order_by(Agency.sort_key)
    )
    ministries: dict[str, Text] = {}
    return {
        key: AgencyName(code, Text(th, en), m_code, ministries.setdefault(m_code, Text(m_th, m_en)))
        for key, code, th, en, m_code, m_th, m_en in rows
    }


def _of(call_id: int | None) -> ColumnElement[bool]:
    """The projects of a call, or of all."""
    return Project.call_id == call_id if call_id is not None else true()


def project_facts(
    session: Session, call_id: int, agencies: Mapping[int, AgencyName]
) -> dict[int, ProjectFacts]:
    """The projects of a call by id, in the order of their numbers. One query."""
    rows = session.execute(
        select(
            Project.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Project.lead_agency_id,
            Proposal.stage,
            Proposal.guideline,
            Project.state,
            Project.approved,
            ProjectAgency.agency_id,
            Project.ended_at,
            Call.fiscal_year,
        )
        .join(Call, Call.id == Project.call_id)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .join(ProjectAgency, ProjectAgency.project_id == Project.id)
        .where(Project.call_id == call_id)
        .order_by(Proposal.number)
    ).all()
    members: dict[int, set[int]] = {}
    for row in rows:
        members.setdefault(row.id, set()).add(row.agency_id)
    found: dict[int, ProjectFacts] = {}
    for row in rows:
        if row.id not in found:
            lead = agencies[row.lead_agency_id]
            found[row.id] = ProjectFacts(
                row.id,
                row.number,
                Text(row.title_th, row.title_en),
                row.lead_agency_id,
                lead.name,
                lead.ministry_code,
                lead.ministry,
                row.stage,
                row.guideline,
                row.state,
                row.approved,
                frozenset(members[row.id]),
                month_of(row.fiscal_year, row.ended_at.astimezone(BANGKOK).date()) if row.ended_at else None,
            )
    return found


def money_parts(session: Session, call_id: int | None) -> dict[int, dict[tuple[int, str], Part]]:
    """Project id -> (agency id, category) -> its money under the plan in force; of a call, or of all. One query."""
    nothing, own = literal(0), select(Project.id).where(_of(call_id))
    planned = select(
        literal(_PLANNED),
        PlannedAmount.project_id,
        PlannedAmount.agency_id,
        PlannedAmount.category,
        PlannedAmount.month,
        PlannedAmount.amount,
        nothing,
    ).where(PlannedAmount.project_id.in_(own))
    actual = select(
        literal(_ACTUAL),
        Actual.project_id,
        Actual.agency_id,
        Actual.category,
        Actual.month,
        Actual.committed,
        Actual.disbursed,
    ).where(Actual.project_id.in_(own))
    allotted = select(
        literal(_ALLOTTED),
        Allotment.project_id,
        Allotment.agency_id,
        Allotment.category,
        nothing,
        Allotment.amount,
        Allotment.carried,
    ).where(Allotment.project_id.in_(own))
    found: dict[int, dict[tuple[int, str], Part]] = {}
    for kind, project_id, agency_id, category, month, first, second in session.execute(
        union_all(planned, actual, allotted)
    ).all():
        parts = found.setdefault(project_id, {})
        part = parts.get((agency_id, category))
        if part is None:
            part = parts[agency_id, category] = new_part(agency_id, category)
        if kind == _ACTUAL:
            part.committed[month - 1] = first
            part.spent[month - 1] = second
        elif kind == _PLANNED:
            part.planned[month - 1] = first
        else:
            part.allotted, part.carried = first, second
    return found


@dataclass(frozen=True, slots=True)
class Results:
    """Progress of reports that count, by project id: percents and results by (position, quarter)."""

    percents: Mapping[int, Mapping[tuple[int, int], int]]
    results: Mapping[int, Mapping[tuple[int, int], str]]


def progress_results(session: Session, call_id: int) -> Results:
    """What was reported of milestones and indicators. One query."""
    own = select(Project.id).where(Project.call_id == call_id)
    milestones = select(
        literal(_MILESTONE),
        MilestoneResult.project_id,
        MilestoneResult.position,
        MilestoneResult.quarter,
        MilestoneResult.percent,
        literal(""),
    ).where(MilestoneResult.project_id.in_(own))
    indicators = select(
        literal(_INDICATOR),
        IndicatorResult.project_id,
        IndicatorResult.position,
        IndicatorResult.quarter,
        literal(0),
        IndicatorResult.result,
    ).where(IndicatorResult.project_id.in_(own))
    percents: dict[int, dict[tuple[int, int], int]] = {}
    results: dict[int, dict[tuple[int, int], str]] = {}
    for kind, project_id, position, quarter, percent, result in session.execute(
        union_all(milestones, indicators)
    ).all():
        if kind == _MILESTONE:
            percents.setdefault(project_id, {})[position, quarter] = percent
        else:
            results.setdefault(project_id, {})[position, quarter] = result
    return Results(percents, results)


@dataclass(frozen=True, slots=True)
class Reported:
    """What an agency has reported of a call: accepted months of money and quarters of progress, and the periods handed in,
    by kind."""

    months: frozenset[int]
    quarters: frozenset[int]
    handed_in: frozenset[tuple[ReportKind, int]]

    @property
    def upto(self) -> int:
        """The last month up to which every one was accepted."""
        return next(month for month in range(LAST_MONTH + 1) if month + 1 not in self.months)

    @property
    def told(self) -> int:
        """The last quarter up to which every one was accepted."""
        return next(quarter for quarter in range(LAST_QUARTER + 1) if quarter + 1 not in self.quarters)


NOTHING_REPORTED = Reported(frozenset(), frozenset(), frozenset())


def agencies_reported(session: Session, call_id: int) -> dict[int, Reported]:
    """Agency id -> what it reported of a call. One query."""
    return {agency_id: r for (_, agency_id), r in all_reported(session, call_id).items()}


def all_reported(session: Session, call_id: int | None = None) -> dict[tuple[int, int], Reported]:
    """(call id, agency id) -> what the agency reported, of a call or of all. One query."""
    rows = session.execute(
        select(
            ProgressRecord.call_id,
            ProgressRecord.agency_id,
            ProgressRecord.kind,
            ProgressRecord.period,
            ProgressRecord.state,
            ProgressRecord.current_for,
        ).where(ProgressRecord.call_id == call_id if call_id is not None else true())
    ).all()
    accepted: dict[tuple[int, int], dict[str, set[int]]] = {}
    handed: dict[tuple[int, int], set[tuple[ReportKind, int]]] = {}
    for of_call, agency_id, kind, period, state, current_for in rows:
        key = of_call, agency_id
        if current_for is not None:
            accepted.setdefault(key, {}).setdefault(kind, set()).add(period)
        if state in HANDED_IN:
            handed.setdefault(key, set()).add((ReportKind(kind), period))
    return {
        key: Reported(
            frozenset(accepted.get(key, {}).get(ReportKind.MONEY, ())),
            frozenset(accepted.get(key, {}).get(ReportKind.PROGRESS, ())),
            frozenset(handed.get(key, ())),
        )
        for key in accepted.keys() | handed.keys()
    }


def earlier_years(session: Session, fiscal_year: int) -> list[CategoryYear]:
    """What earlier years paid by category: the agencies whose report of the last month counts, so that one who never told
    how its year ended makes no year look slower than it was. One query."""
    nothing = literal(0)
    finished = select(ProgressRecord.call_id, ProgressRecord.agency_id).where(
        ProgressRecord.kind == ReportKind.MONEY,
        ProgressRecord.period == MONTHS_OF_YEAR,
        ProgressRecord.current_for.is_not(None),
    )
    actual: Any = (
        select(
            Call.fiscal_year,
            Actual.category,
            Actual.month,
            func.sum(Actual.disbursed).label("amount"),
            nothing,
        )
        .join(Project, Project.id == Actual.project_id)
        .join(Call, Call.id == Project.call_id)
        .where(
            Call.fiscal_year < fiscal_year,
            Actual.month <= MONTHS_OF_YEAR,
            tuple_(Project.call_id, Actual.agency_id).in_(finished),
        )
        .group_by(Call.fiscal_year, Actual.category, Actual.month)
    )
    allotted: Any = (
        select(
            Call.fiscal_year,
            Allotment.category,
            nothing,
            func.sum(Allotment.amount),
            func.sum(Allotment.carried),
        )
        .join(Project, Project.id == Allotment.project_id)
        .join(Call, Call.id == Project.call_id)
        .where(
            Call.fiscal_year < fiscal_year,
            tuple_(Project.call_id, Allotment.agency_id).in_(finished),
        )
        .group_by(Call.fiscal_year, Allotment.category)
    )
    spent: dict[tuple[int, str], list[int]] = {}
    available: dict[tuple[int, str], int] = {}
    for year, category, month, amount, carried in session.execute(union_all(actual, allotted)):
        if month:
            spent.setdefault((year, category), [0] * MONTHS_OF_YEAR)[month - 1] = int(amount)
        else:
            available[year, category] = int(amount) - int(carried)
    return [
        CategoryYear(year, category, amount, _running(spent.get((year, category), [0] * MONTHS_OF_YEAR)))
        for (year, category), amount in sorted(available.items())
    ]


def _running(months: Iterable[int]) -> tuple[int, ...]:
    total, found = 0, []
    for amount in months:
        total += amount
        found.append(total)
    return tuple(found)


def current_targets(session: Session, fiscal_year: int) -> Targets | None:
    """The latest targets of a fiscal year; None where none were loaded. One query."""
    content = session.scalars(
        select(TargetSet.content)
        .where(TargetSet.fiscal_year == fiscal_year)
        .order_by(TargetSet.version.desc())
        .limit(1)
    ).first()
    return thaw_value(Targets, json.loads(content)) if content is not None else None
