"""Made-up fiscal years of granted projects with a plan, a report of every month and of every quarter. Deterministic."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from sqlalchemy import insert, select, update

from app.cli.bench.made_up import make_up
from app.identity.facts import SYSTEM, Actor
from app.identity.models import Agency
from app.kernel.clock import BANGKOK
from app.kernel.db import db, table_of
from app.kernel.work import Work, open_work
from app.monitoring.actions import open_monitoring, put_in_force
from app.monitoring.facts import Cause, Milestone, Plan, PlannedIndicator, Spending
from app.monitoring.models import (
    Actual,
    IndicatorResult,
    MilestoneResult,
    PlannedAmount,
    ProgressRecord,
    Project,
    ProjectAgency,
    ProjectWord,
)
from app.monitoring.periods import LAST_MONTH, ReportKind, due_at, first_day, last_day
from app.monitoring.planning import spread
from app.monitoring.queries import plan_in_force
from app.proposals.models import Proposal

LINES, REVIEWS = 3, 1
_MONTHS = 12
# how a plan is spread over the year, and how payments follow it: late at first, in a rush at the end
_PLAN = (2, 4, 6, 8, 9, 10, 10, 10, 10, 10, 11, 10)
_RUSH = (3, 5, 6, 7, 8, 9, 9, 9, 9, 10, 15, 30)


def make_up_years(years: Sequence[int], projects: int, months: int = _MONTHS) -> list[int]:
    """Follow `projects` granted projects in each of the years, the last one reported up to `months`; the projects' ids."""
    found: list[int] = []
    for year in years:
        make_up(projects, LINES, REVIEWS, fiscal_year=year)
        begin = datetime(year - 544, 10, 1, 9, tzinfo=BANGKOK)
        with open_work(SYSTEM, begin) as work:
            own = select(Proposal.id).where(Proposal.number.like(f"{year}-%"), Proposal.state != "draft")
            work.session.execute(update(Proposal).where(Proposal.id.in_(own)).values(state="recorded"))
            opened = [p.id for p in open_monitoring(work, year, synthetic=True)]
            for project_id in opened:
                _plan_in_detail(work, project_id, year)
        with open_work(SYSTEM, begin + timedelta(days=400)) as work:
            _report(work, year, months if year == years[-1] else _MONTHS)
        found += opened
        db.session.remove()
    return found


def _plan_in_detail(work: Work[Actor], project_id: int, year: int) -> None:
    """Months, milestones and quarterly targets: what an agency works out after the decision."""
    session = work.session
    _, first = plan_in_force(session, project_id)
    spending = tuple(
        Spending(row.agency, row.category, (*spread(row.total, _PLAN), *[0] * (LAST_MONTH - _MONTHS)))
        for row in first.spending
    )
    lead = first.lines[0].agency
    milestones = tuple(
        Milestone(n, lead, title, last_day(year, month), weight)
        for n, (title, month, weight) in enumerate(
            (("ลงนามสัญญา", 4, 20), ("ส่งมอบงวดที่หนึ่ง", 7, 30), ("ทดสอบระบบ", 10, 30), ("ส่งมอบงาน", 12, 20)), 1
        )
    )
    indicators = (
        PlannedIndicator(
            1, lead, "บริการที่เชื่อมโยงข้อมูล", "บริการ", "0", "12", first.indicators[0].aim, ("2", "5", "8", "12")
        ),
        PlannedIndicator(
            2, lead, "ความพึงพอใจของผู้ใช้", "ร้อยละ", "60", "85", first.indicators[0].aim, ("", "75", "", "85")
        ),
    )
    plan = Plan(first.lines, spending, milestones, indicators, first.ends_on)
    project = session.get_one(Project, project_id)
    ids = {code: key for code, key in session.execute(select(Agency.code, Agency.id))}
    put_in_force(work, project, plan, Cause.DETAIL, ids)


def _report(work: Work[Actor], year: int, months: int) -> None:
    """Accepted reports of every agency, with what they say in rows."""
    session, chance = work.session, random.Random(f"reports-{year}")
    call_id = session.scalars(select(Proposal.call_id).where(Proposal.number == f"{year}-0001")).one()
    rows = session.execute(
        select(ProjectAgency.project_id, ProjectAgency.agency_id)
        .join(Project, Project.id == ProjectAgency.project_id)
        .where(Project.call_id == call_id)
        .order_by(ProjectAgency.project_id)
    ).all()
    planned = session.execute(
        select(PlannedAmount)
        .join(Project, Project.id == PlannedAmount.project_id)
        .where(Project.call_id == call_id)
    ).scalars()
    totals: dict[tuple[int, int, str], int] = {}
    for p in planned:
        key = p.project_id, p.agency_id, p.category
        totals[key] = totals.get(key, 0) + p.amount
    agencies = sorted({row.agency_id for row in rows})
    records = _records(work, year, call_id, agencies, months)
    made: dict[type, list[dict[str, object]]] = {
        m: [] for m in (Actual, MilestoneResult, IndicatorResult, ProjectWord)
    }
    paces = {row.project_id: chance.choice((60, 75, 90, 96, 98, 100, 100)) for row in rows}
    for (project_id, agency_id, category), total in totals.items():
        pay = spread(total * paces[project_id] // 100, [w * chance.randrange(60, 140) for w in _RUSH])
        bound = spread(sum(pay), [w * chance.randrange(80, 120) for w in _PLAN])
        bound_by, paid_by = list(accumulate(bound)), list(accumulate(pay))
        before = 0
        for month in range(1, months + 1):
            by_now = max(
                bound_by[month - 1], paid_by[month - 1]
            )  # what is paid is bound, at the latest with it
            committed, before = by_now - before, by_now
            made[Actual].append(
                {
                    "record_id": records[agency_id, ReportKind.MONEY, month],
                    "project_id": project_id,
                    "agency_id": agency_id,
                    "category": category,
                    "month": month,
                    "committed": committed,
                    "disbursed": pay[month - 1],
                }
            )
    for project_id, agency_id in rows:
        for quarter in range(1, months // 3 + 1):
            record = records[agency_id, ReportKind.PROGRESS, quarter]
            own = {"record_id": record, "project_id": project_id, "quarter": quarter}
            for position, due in enumerate((2, 3, 4, 4), 1):
                percent = min(100, quarter * 100 * paces[project_id] // (due * 100))
                done = last_day(year, quarter * 3) if percent == 100 else None
                made[MilestoneResult].append(
                    {**own, "position": position, "percent": percent, "done_on": done}
                )
            for position, result in ((1, quarter * 3), (2, 60 + quarter * paces[project_id] // 15)):
                made[IndicatorResult].append({**own, "position": position, "result": str(result)})
            made[ProjectWord].append(
                {**own, "agency_id": agency_id, "problems": "การจัดซื้อจัดจ้างล่าช้ากว่าแผน", "help": ""}
            )
    for model, values in made.items():
        if values:
            session.execute(insert(table_of(model)), values)


def _records(
    work: Work[Actor], year: int, call_id: int, agencies: Sequence[int], months: int
) -> dict[tuple[int, ReportKind, int], int]:
    found: dict[tuple[int, ReportKind, int], int] = {}
    values: list[dict[str, object]] = []
    for agency_id in agencies:
        for kind, count in ((ReportKind.MONEY, months), (ReportKind.PROGRESS, months // 3)):
            for period in range(1, count + 1):
                key = year * 100_000 + len(values)
                at = due_at(year, kind, period, 5)
                found[agency_id, kind, period] = key
                values.append(
                    {
                        "id": key,
                        "call_id": call_id,
                        "agency_id": agency_id,
                        "kind": kind.value,
                        "period": period,
                        "revision": 1,
                        "state": "accepted",
                        "version": 1,
                        "content": "{}",
                        "made_at": datetime.combine(first_day(year, 1), datetime.min.time(), BANGKOK),
                        "saved_at": at,
                        "signed_at": at,
                        "first_signed_at": at,
                        "sha256": "0" * 64,
                        "judged_at": at,
                        "current_for": f"{call_id}:{agency_id}:{kind.value}:{period}",
                    }
                )
    work.session.execute(insert(table_of(ProgressRecord)), values)
    return found
