"""Signed reports that wait for the secretariat, with their remarks: a constant number of queries for any number of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.facts import Ground, MoneyReport, Plan
from app.monitoring.models import (
    IndicatorResult,
    MilestoneResult,
    MonitoredCall,
    PlannedAmount,
    PlanVersion,
    ProgressRecord,
    Project,
)
from app.monitoring.periods import ReportKind
from app.monitoring.queries.projects import read_plan
from app.monitoring.queries.records import RecordRow, report_of, row_of
from app.monitoring.reporting import Past, list_remarks
from app.monitoring.states import ACTIVE, HANDED_IN, SIGNED
from app.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signed report: what it says in sums (satang, or how many rows) and what should be looked at."""

    row: RecordRow
    remarks: tuple[Text, ...]
    committed: int
    disbursed: int
    milestones: int
    indicators: int


def list_waiting(session: Session, actor: Actor, call_id: int) -> list[Waiting]:
    """The signed reports of a call, those handed in first at the top. Six queries."""
    require(actor, Permission.JUDGE_REPORT)
    found = session.execute(
        select(ProgressRecord, Agency, Call, MonitoredCall)
        .join(Agency, Agency.id == ProgressRecord.agency_id)
        .join(Call, Call.id == ProgressRecord.call_id)
        .join(MonitoredCall, MonitoredCall.call_id == ProgressRecord.call_id)
        .where(ProgressRecord.call_id == call_id, ProgressRecord.state == SIGNED)
        .order_by(ProgressRecord.signed_at, ProgressRecord.id)
    ).all()
    if not found:
        return []
    before = _Before(session, call_id, any(r.kind == ReportKind.PROGRESS for r, *_ in found))
    waiting = []
    for record, agency, call, kept in found:
        row, report = row_of(record, agency, call, kept), report_of(record)
        ground, past = before.ground(call.fiscal_year, row), before.past(row)
        remarks = tuple(list_remarks(report, ground, past))
        if isinstance(report, MoneyReport):
            bound, paid = sum(r.committed for r in report.rows), sum(r.disbursed for r in report.rows)
            waiting.append(Waiting(row, remarks, bound, paid, 0, 0))
        else:
            waiting.append(Waiting(row, remarks, 0, 0, len(report.milestones), len(report.indicators)))
    return waiting


class _Before:
    """What counts of a call already, read at once for all reports that wait."""

    def __init__(self, session: Session, call_id: int, has_quarters: bool):
        self._handed_in: dict[tuple[int, str], set[int]] = {}
        for agency_id, kind, period in session.execute(
            select(ProgressRecord.agency_id, ProgressRecord.kind, ProgressRecord.period).where(
                ProgressRecord.call_id == call_id, ProgressRecord.state.in_(HANDED_IN)
            )
        ):
            self._handed_in.setdefault((agency_id, kind), set()).add(period)
        self._planned = {
            (agency_id, month): int(amount)
            for agency_id, month, amount in session.execute(
                select(PlannedAmount.agency_id, PlannedAmount.month, func.sum(PlannedAmount.amount))
                .join(Project, Project.id == PlannedAmount.project_id)
                .where(Project.call_id == call_id, Project.state == ACTIVE)
                .group_by(PlannedAmount.agency_id, PlannedAmount.month)
            )
        }
        self._plans: dict[str, Plan] = {}
        self._marks: list[tuple[str, Any]] = []
        self._measures: list[tuple[str, Any]] = []
        if not has_quarters:
            return
        plans = session.execute(
            select(Proposal.number, PlanVersion)
            .join(Project, Project.proposal_id == Proposal.id)
            .join(PlanVersion, PlanVersion.current_for == Project.id)
            .where(Project.call_id == call_id, Project.state == ACTIVE)
        )
        self._plans = {number: read_plan(version) for number, version in plans}
        for table, kept in ((MilestoneResult, self._marks), (IndicatorResult, self._measures)):
            rows = session.execute(
                select(Proposal.number, table)
                .join(Project, Project.proposal_id == Proposal.id)
                .join(table, table.project_id == Project.id)
                .where(Project.call_id == call_id)
                .order_by(table.quarter)
            )
            kept.extend((number, row) for number, row in rows)

    def ground(self, fiscal_year: int, row: RecordRow) -> Ground:
        """As much of a report's ground as remarks ask for."""
        code = row.agency_code
        return Ground(
            fiscal_year,
            code,
            milestones={
                (number, m.position): m
                for number, plan in self._plans.items()
                for m in plan.milestones
                if m.agency == code
            },
            indicators={
                (number, i.position): i
                for number, plan in self._plans.items()
                for i in plan.indicators
                if i.agency == code
            },
            kind=row.kind,
            period=row.period,
        )

    def past(self, row: RecordRow) -> Past:
        handed_in = self._handed_in.get((row.agency_id, row.kind.value), set())
        missing = tuple(n for n in range(1, row.period) if n not in handed_in)
        planned = self._planned.get((row.agency_id, row.period), 0)
        if row.kind is ReportKind.MONEY:
            return Past(missing, {("", ""): planned}, is_correction=row.is_correction)
        percents = {(n, m.position): m.percent for n, m in self._marks if m.quarter < row.period}
        results = {(n, i.position): i.result for n, i in self._measures if i.quarter < row.period}
        return Past(missing, {}, percents, results, row.is_correction)
