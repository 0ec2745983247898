"""Reports that count, written as rows: what is asked of standings does not depend on how a report came in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from app.kernel.db import db
from app.kernel.work import open_work
from app.monitoring.models import (
    Actual,
    IndicatorResult,
    MilestoneResult,
    ProgressRecord,
    Project,
    ProjectWord,
)
from app.monitoring.periods import ReportKind, due_at
from tests.world import World

Paid = Mapping[tuple[int, str], tuple[int, int]]
"""(project id, category) -> (bound, paid) of the month, satang."""


def call_of(project_id: int) -> int:
    return db.session.scalars(select(Project.call_id).where(Project.id == project_id)).one()


def _record(world: World, call_id: int, agency: str, kind: ReportKind, period: int) -> ProgressRecord:
    at = due_at(2569, kind, period, 5)
    agency_id = world.agencies[agency]
    return ProgressRecord(
        call_id=call_id,
        agency_id=agency_id,
        kind=kind.value,
        period=period,
        revision=1,
        state="accepted",
        content="{}",
        made_at=at,
        saved_at=at,
        signed_at=at,
        first_signed_at=at,
        sha256="0" * 64,
        judged_at=at,
        current_for=f"{call_id}:{agency_id}:{kind.value}:{period}",
    )


def account_month(world: World, call_id: int, agency: str, month: int, paid: Paid) -> None:
    """An accepted report of a month's money."""
    with open_work(world.actor("secretariat"), due_at(2569, ReportKind.MONEY, month, 9)) as work:
        record = _record(world, call_id, agency, ReportKind.MONEY, month)
        work.session.add(record)
        work.session.flush()
        for (project_id, category), (committed, disbursed) in paid.items():
            work.session.add(
                Actual(
                    record_id=record.id,
                    project_id=project_id,
                    agency_id=world.agencies[agency],
                    category=category,
                    month=month,
                    committed=committed,
                    disbursed=disbursed,
                )
            )


def account_quarter(
    world: World,
    project_id: int,
    agency: str,
    quarter: int,
    *,
    percents: Mapping[int, int] | None = None,
    results: Mapping[int, str] | None = None,
    problems: str = "",
) -> None:
    """An accepted report of a quarter's progress: milestones' percents and indicators' results by position."""
    with open_work(world.actor("secretariat"), due_at(2569, ReportKind.PROGRESS, quarter, 9)) as work:
        record = _record(world, call_of(project_id), agency, ReportKind.PROGRESS, quarter)
        work.session.add(record)
        work.session.flush()
        own = {"record_id": record.id, "project_id": project_id, "quarter": quarter}
        for position, percent in (percents or {}).items():
            done = date(2026, 1, 1) if percent == 100 else None
            work.session.add(MilestoneResult(**own, position=position, percent=percent, done_on=done))
        for position, result in (results or {}).items():
            work.session.add(IndicatorResult(**own, position=position, result=result))
        if problems:
            word = ProjectWord(**own, agency_id=world.agencies[agency], problems=problems)
            work.session.add(word)
