"""Reports that were accepted elsewhere are taken over: from an earlier system, with the moments they bear.

They count as accepted ones do, and are corrected as accepted ones are. What the rules of a single report would refuse is
refused here for all of them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, insert, select

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.values import freeze_value
from app.kernel.work import Work
from app.monitoring.actions.judging import counting_rows
from app.monitoring.facts import CategoryOf, MoneyReport, ProgressReport
from app.monitoring.models import Actual, Allotment, MonitoredCall, ProgressRecord, Project
from app.monitoring.periods import MONTHS_OF_YEAR, ReportKind, month_name
from app.monitoring.queries.records import key_of
from app.monitoring.states import ACCEPTED
from app.proposals.models import Proposal

NOT_TAKEN = Text("รายงานชุดนี้นำเข้าไม่ได้", "These reports cannot be taken over")
_UNKNOWN = Text("โครงการ {number} ไม่ได้อยู่ในการติดตามของรอบนี้", "Project {number} is not monitored in this call")
_THERE = Text("งวดนี้มีรายงานอยู่แล้ว ({agency})", "This period is reported already ({agency})")
_TOO_MUCH = Text(
    "โครงการ {number} {agency} {category} สิ้น{month}: เบิกจ่าย {disbursed} ผูกพัน {committed} วงเงิน {allotted} บาท",
    "Project {number}, {agency}, {category}, by {month}: paid {disbursed}, committed {committed}, allotted {allotted} baht",
)


@dataclass(frozen=True, slots=True)
class PastReport:
    """A report as it was accepted: whose, of which period, when it was handed in and when it was accepted."""

    agency_id: int
    period: int
    report: MoneyReport | ProgressReport
    signed_at: datetime
    accepted_at: datetime

    @property
    def kind(self) -> ReportKind:
        return ReportKind.MONEY if isinstance(self.report, MoneyReport) else ReportKind.PROGRESS


def take_over_reports(work: Work[Actor], call_id: int, reports: Sequence[PastReport]) -> int:
    """Take over reports of a monitored call, all or none; returns how many. Raises `Refused` with every problem."""
    require(work.actor, Permission.MANAGE_MONITORING)
    session = work.session
    if session.get(MonitoredCall, call_id, with_for_update=True) is None:
        raise NotFound()
    numbers = {
        number: project_id
        for number, project_id in session.execute(
            select(Proposal.number, Project.id)
            .join(Project, Project.proposal_id == Proposal.id)
            .where(Project.call_id == call_id)
        )
    }
    agencies = {a.id: a for a in session.scalars(select(Agency))}
    fiscal_year = session.get_one(Call, call_id).fiscal_year
    problems = [
        *_unknown(reports, numbers),
        *_there_already(work, call_id, reports, agencies),
        *_too_much(work, reports, numbers, agencies, fiscal_year),
    ]
    if problems:
        raise Refused(NOT_TAKEN, problems)
    records = [_record(work, call_id, past) for past in reports]
    session.add_all(records)
    session.flush()
    tables: dict[Any, list[dict[str, Any]]] = {}
    for record, past in zip(records, reports, strict=True):
        for table, rows in counting_rows(record, past.report, numbers):
            tables.setdefault(table, []).extend(rows)
    for table, rows in tables.items():
        if rows:
            session.execute(insert(table), rows)
    work.audit(
        "take_over_reports",
        f"call:{call_id}",
        after=sha256_text("".join(record.sha256 or "" for record in records)),
        detail={"reports": len(records)},
    )
    return len(records)


def _record(work: Work[Actor], call_id: int, past: PastReport) -> ProgressRecord:
    content = canonical_json(freeze_value(past.report))
    record = ProgressRecord(
        call_id=call_id,
        agency_id=past.agency_id,
        kind=past.kind.value,
        period=past.period,
        revision=1,
        state=ACCEPTED,
        content=content,
        made_at=work.now,
        made_by=work.actor.id,
        saved_at=past.signed_at,
        sent_at=past.signed_at,
        signed_at=past.signed_at,
        first_signed_at=past.signed_at,
        sha256=sha256_text(content),
        judged_at=past.accepted_at,
        judged_by=work.actor.id,
    )
    record.current_for = key_of(record)
    return record


def _projects(report: MoneyReport | ProgressReport) -> list[str]:
    if isinstance(report, MoneyReport):
        return [row.project for row in report.rows]
    marks = [m.project for m in report.milestones]
    return [*marks, *(i.project for i in report.indicators), *(w.project for w in report.words)]


def _unknown(reports: Sequence[PastReport], numbers: dict[str, int]) -> list[Problem]:
    wanted = dict.fromkeys(number for past in reports for number in _projects(past.report))
    return [Problem(number, _UNKNOWN.fill(number=number)) for number in wanted if number not in numbers]


def _there_already(
    work: Work[Actor], call_id: int, reports: Sequence[PastReport], agencies: dict[int, Agency]
) -> list[Problem]:
    rows = work.session.execute(
        select(ProgressRecord.agency_id, ProgressRecord.kind, ProgressRecord.period).where(
            ProgressRecord.call_id == call_id
        )
    )
    seen = {(r.agency_id, r.kind, r.period) for r in rows}
    problems = []
    for past in reports:
        key = past.agency_id, past.kind.value, past.period
        if key in seen:
            agency = agencies[past.agency_id]
            place = f"{agency.code}-{past.kind.value}-{past.period}"
            problems.append(Problem(place, _THERE.fill(agency=Text(agency.name_th, agency.name_en))))
        seen.add(key)
    return problems


def _too_much(
    work: Work[Actor],
    reports: Sequence[PastReport],
    numbers: dict[str, int],
    agencies: dict[int, Agency],
    fiscal_year: int,
) -> list[Problem]:
    """Months in which more was paid than bound, or bound than allotted, or paid after the year than was carried over."""
    ids = {project_id: number for number, project_id in numbers.items()}
    allotted: dict[tuple[int, CategoryOf], tuple[int, int]] = {
        (a.agency_id, (ids[a.project_id], a.category)): (a.amount, a.carried)
        for a in work.session.scalars(select(Allotment).where(Allotment.project_id.in_(ids)))
    }
    sums = _sums_before(work, ids)
    problems = []
    for past in sorted(reports, key=lambda past: past.period):
        if not isinstance(past.report, MoneyReport):
            continue
        for row in past.report.rows:
            key = past.agency_id, (row.project, row.category)
            bound, paid, after = sums.get(key, (0, 0, 0))
            later = row.disbursed if past.period > MONTHS_OF_YEAR else 0
            bound, paid, after = sums[key] = bound + row.committed, paid + row.disbursed, after + later
            amount, carried = allotted.get(key, (0, 0))
            if not paid <= bound <= amount or after > carried or min(row.committed, row.disbursed) < 0:
                agency = agencies[past.agency_id]
                words = {
                    "number": row.project,
                    "agency": Text(agency.name_th, agency.name_en),
                    "category": row.category,
                    "month": month_name(fiscal_year, past.period),
                    "disbursed": format_baht(paid),
                    "committed": format_baht(bound),
                    "allotted": format_baht(amount),
                }
                problems.append(Problem(f"{row.project}-{row.category}", _TOO_MUCH.fill(**words)))
    return problems


def _sums_before(
    work: Work[Actor], ids: dict[int, str]
) -> dict[tuple[int, CategoryOf], tuple[int, int, int]]:
    """What reports that count already have bound, paid, and paid after the year's end: those taken over follow them."""
    rows = work.session.execute(
        select(
            Actual.agency_id,
            Actual.project_id,
            Actual.category,
            func.sum(Actual.committed),
            func.sum(Actual.disbursed),
            func.sum(case((Actual.month > MONTHS_OF_YEAR, Actual.disbursed), else_=0)),
        )
        .where(Actual.project_id.in_(ids))
        .group_by(Actual.agency_id, Actual.project_id, Actual.category)
    )
    return {(r[0], (ids[r[1]], r[2])): (int(r[3]), int(r[4]), int(r[5])) for r in rows}
