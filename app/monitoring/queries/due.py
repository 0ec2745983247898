"""What agencies have to report by now, and how each period stands."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.identity.models import Agency
from app.kernel.text import Text
from app.kernel.values import thaw_value
from app.monitoring.duties import Duty, due_moment, last_period, may_begin, most_periods
from app.monitoring.facts import ReportingRules
from app.monitoring.models import (
    MonitoredCall,
    PlanChange,
    PlannedAmount,
    ProgressRecord,
    Project,
    ProjectAgency,
)
from app.monitoring.periods import ReportKind
from app.monitoring.states import ACTIVE, ASKED, SUPERSEDED


def list_due(
    session: Session,
    now: datetime,
    *,
    call_id: int | None = None,
    agency_ids: Collection[int] | None = None,
    until: datetime | None = None,
) -> list[Duty]:
    """Every period that can be reported by now (by `until` where that is later), and how each stands: by year, kind,
    period and agency. Whoever asks has asked for the permission. Two queries for any number of
    them.

    An agency reports a call while it carries out a project of it that is under way: progress always, money where it has
    some.
    """
    return _due(session, now, call_id, agency_ids, until)[0]


def list_due_and_asked(session: Session, now: datetime) -> tuple[list[Duty], dict[int, int]]:
    """`list_due` of every call, and beside it how many changes of plans wait for a judgement, by fiscal year. The same
    two queries: whoever has this to judge sees both at once, on a page that asks little."""
    return _due(session, now, None, None, None)


def _due(
    session: Session,
    now: datetime,
    call_id: int | None,
    agency_ids: Collection[int] | None,
    until: datetime | None,
) -> tuple[list[Duty], dict[int, int]]:
    of_agency = (
        PlannedAmount.project_id == ProjectAgency.project_id,
        PlannedAmount.agency_id == ProjectAgency.agency_id,
    )
    named = (
        Project.call_id,
        Call.fiscal_year,
        MonitoredCall.rules,
        MonitoredCall.opened_at,
        ProjectAgency.agency_id,
        Agency.name_th,
        Agency.name_en,
        Agency.sort_key,
    )
    # a change waits only while its project is under way, so that its call is among the rows
    asked = (
        select(func.count())
        .select_from(PlanChange)
        .join(of_change := aliased(Project), of_change.id == PlanChange.project_id)
        .where(PlanChange.state == ASKED, of_change.call_id == Project.call_id)
        .correlate(Project)
        .scalar_subquery()
    )
    duties = (
        select(*named, func.max(PlannedAmount.month).label("last_month"), asked.label("asked"))
        .join(MonitoredCall, MonitoredCall.call_id == Project.call_id)
        .join(Call, Call.id == Project.call_id)
        .join(ProjectAgency, ProjectAgency.project_id == Project.id)
        .join(Agency, Agency.id == ProjectAgency.agency_id)
        .outerjoin(PlannedAmount, and_(*of_agency))
        .where(Project.state == ACTIVE)
        .group_by(*named)
        .order_by(Agency.sort_key)
    )
    # what is written in them is large and not asked for here
    r = ProgressRecord
    records = select(
        r.id,
        r.call_id,
        r.agency_id,
        r.kind,
        r.period,
        r.revision,
        r.state,
        r.first_signed_at,
        r.note,
        r.current_for,
    ).where(r.state != SUPERSEDED)
    if call_id is not None:
        duties, records = duties.where(Project.call_id == call_id), records.where(r.call_id == call_id)
    if agency_ids is not None:
        duties = duties.where(ProjectAgency.agency_id.in_(agency_ids))
        records = records.where(r.agency_id.in_(agency_ids))
    reporting = session.execute(duties).all()
    if not reporting:
        return [], {}
    known: dict[tuple[int, int, str, int], dict[bool, Any]] = {}
    for row in session.execute(records):
        key = row.call_id, row.agency_id, row.kind, row.period
        known.setdefault(key, {})[row.current_for is not None] = row
    seen_by, found = max(now, until) if until else now, []
    for d in reporting:
        month, rules = d.last_month or 0, _rules(d.rules)
        for kind in ReportKind:
            if kind is ReportKind.MONEY and not month:
                continue
            for period, due in _over(d.fiscal_year, kind, rules, d.opened_at, seen_by):
                if period > last_period(kind, month):
                    break
                both = known.get((d.call_id, d.agency_id, kind.value, period), {})
                name = Text(d.name_th, d.name_en)
                duty = Duty(d.call_id, d.fiscal_year, d.agency_id, name, kind, period, due, d.opened_at)
                found.append((-d.fiscal_year, kind.value, period, d.sort_key, _with_records(duty, both)))
    duties_found = [duty for *_, duty in sorted(found, key=lambda each: each[:4])]
    return duties_found, {d.fiscal_year: d.asked for d in reporting if d.asked}


@lru_cache(maxsize=64)
def _rules(content: str) -> ReportingRules:
    return thaw_value(ReportingRules, json.loads(content))


@lru_cache(maxsize=64)
def _over(
    fiscal_year: int, kind: ReportKind, rules: ReportingRules, opened_at: datetime, seen_by: datetime
) -> tuple[tuple[int, datetime], ...]:
    """The periods that can be reported by a moment, with when each is due: the same for all agencies of a call."""
    periods = range(1, most_periods(kind) + 1)
    return tuple(
        (period, due_moment(fiscal_year, kind, period, rules, opened_at))
        for period in periods
        if may_begin(fiscal_year, kind, period, seen_by)
    )


def _with_records(duty: Duty, both: Mapping[bool, Any]) -> Duty:
    shown = both.get(True) or both.get(False)
    if shown is None:
        return duty
    correction = both.get(False) if True in both else None
    return Duty(
        duty.call_id,
        duty.fiscal_year,
        duty.agency_id,
        duty.agency,
        duty.kind,
        duty.period,
        duty.due_at,
        duty.since,
        shown.state,
        shown.id,
        shown.revision,
        shown.first_signed_at,
        shown.note,
        correction.id if correction else None,
        correction.state if correction else "",
    )
