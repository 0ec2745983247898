"""A project ends, and the next call is told what became of it: results are taken from accepted reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.clock import BANGKOK
from app.kernel.errors import NotFound, Refused
from app.kernel.text import Text
from app.kernel.work import Work
from app.monitoring.attainment import share_reached
from app.monitoring.facts import Plan
from app.monitoring.models import Actual, Allotment, IndicatorResult, PlanChange, Project
from app.monitoring.periods import MONTHS_OF_YEAR, last_day, month_name, months_of
from app.monitoring.queries.projects import plan_in_force
from app.monitoring.states import ASKED, PROJECT_LIFE
from app.proposals.actions import record_results
from app.proposals.results import IndicatorResult as Reached
from app.proposals.results import ProjectResults

SOURCE = Text("รายงานที่รับรองแล้วในระบบติดตาม ถึง{month}", "Accepted reports of the monitoring, up to {month}")
CHANGE_WAITS = Text(
    "โครงการมีคำขอเปลี่ยนแปลงแผนที่รอพิจารณา กรุณาบันทึกผลการพิจารณาก่อนปิดโครงการ",
    "A change of the project's plan waits for a judgement; record it before closing the project",
)
NOTHING_REPORTED = Text(
    "โครงการในรอบนี้ยังไม่มีรายงานที่รับรองแล้ว", "No project of this call has an accepted report yet"
)


def close_project(work: Work[Actor], project_id: int, note: str) -> Project:
    """End a project whose money and indicators are all reported; what it came to is told to the next call.

    A cancelled one is over already, and raises `Refused`; so does one with a change of plan that waits for a judgement,
    which could not be put in force afterwards.
    """
    project = _hold(work, project_id)
    waits = select(PlanChange.id).where(PlanChange.project_id == project_id, PlanChange.state == ASKED)
    if work.session.scalars(waits).first() is not None:
        raise Refused(CHANGE_WAITS)
    project.state = PROJECT_LIFE.after(project.state, "close")
    project.ended_at, project.ended_by, project.end_note = work.now, work.actor.id, note.strip()
    work.session.flush()
    work.audit("close_project", f"project:{project_id}", agency_id=project.lead_agency_id)
    fiscal_year = work.session.scalars(select(Call.fiscal_year).where(Call.id == project.call_id)).one()
    take_project_results(work, project, fiscal_year)
    return project


def reopen_project(work: Work[Actor], project_id: int) -> Project:
    """Take a closed project up again, for corrections."""
    project = _hold(work, project_id)
    project.state = PROJECT_LIFE.after(project.state, "reopen")
    project.ended_at, project.ended_by = None, None
    work.audit("reopen_project", f"project:{project_id}", agency_id=project.lead_agency_id)
    return project


def _hold(work: Work[Actor], project_id: int) -> Project:
    require(work.actor, Permission.MANAGE_MONITORING)
    project = work.session.get(Project, project_id, with_for_update=True)
    if project is None:
        raise NotFound()
    return project


def take_results(work: Work[Actor], fiscal_year: int) -> int:
    """Record the results of every project of a call as reported so far; returns of how many there are some.

    Asked again, it adds a record only where something changed since. Continuing projects are screened by it, and it
    stands beside the forms and at the reviewers' desk. Raises `Refused` when nothing was reported yet.
    """
    require(work.actor, Permission.RECORD_RESULTS)
    session = work.session
    call = session.scalars(select(Call).where(Call.fiscal_year == fiscal_year)).one_or_none()
    if call is None:
        raise NotFound()
    projects = session.scalars(select(Project).where(Project.call_id == call.id).order_by(Project.id)).all()
    told = [project for project in projects if take_project_results(work, project, fiscal_year)]
    if not told:
        raise Refused(NOTHING_REPORTED)
    return len(told)


def take_project_results(work: Work[Actor], project: Project, fiscal_year: int) -> bool:
    """Record what one project reached and spent so far; False where nothing was reported."""
    session = work.session
    spent, month = session.execute(
        select(func.sum(Actual.disbursed), func.max(Actual.month)).where(Actual.project_id == project.id)
    ).one()
    measured = session.execute(
        select(IndicatorResult.position, IndicatorResult.quarter, IndicatorResult.result)
        .where(IndicatorResult.project_id == project.id, IndicatorResult.result != "")
        .order_by(IndicatorResult.quarter)
    ).all()
    if month is None:
        return False
    quarter = max((row.quarter for row in measured), default=0)
    until = max(int(month), months_of(quarter)[-1] if quarter else 0)
    today = work.now.astimezone(BANGKOK).date()
    allotted = session.scalar(
        select(func.coalesce(func.sum(Allotment.amount), 0)).where(Allotment.project_id == project.id)
    )
    _, plan = plan_in_force(session, project.id)
    source = SOURCE.fill(month=month_name(fiscal_year, until)).th
    results = ProjectResults(
        min(last_day(fiscal_year, until), today) if until else date.min,
        int(allotted or 0),
        int(spent or 0),
        tuple(_reached(plan, {row.position: row.result for row in measured}, until >= MONTHS_OF_YEAR)),
        source,
        project.end_note,
    )
    record_results(work, project.proposal_id, results)
    return True


def _reached(plan: Plan, latest: Mapping[int, str], is_over: bool) -> list[Reached]:
    """What each indicator stands at; whether its target is reached is known once the year is over, or it is."""
    found = []
    for indicator in plan.indicators:
        result = latest.get(indicator.position)
        if result is None:
            continue
        share = share_reached(result, indicator.target, indicator.baseline, indicator.aim)
        reached = None if share is None else True if share >= 1 else False if is_over else None
        found.append(
            Reached(indicator.position, indicator.name, indicator.unit, indicator.target, result, reached)
        )
    return found
