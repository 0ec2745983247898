"""What the secretariat does with a signed report: accepts it, and its figures count, or returns it with a note."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, insert, select, tuple_

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.monitoring.actions.reporting import (
    NOTE_NEEDED,
    as_draft,
    done_already,
    ground_for,
    note_move,
    read_words,
    require_version,
    tell,
)
from app.monitoring.facts import MoneyReport
from app.monitoring.models import (
    Actual,
    IndicatorResult,
    MilestoneResult,
    ProgressRecord,
    Project,
    ProjectAgency,
    ProjectWord,
)
from app.monitoring.periods import ReportKind
from app.monitoring.queries.records import find_current, key_of, report_of
from app.monitoring.reporting import list_report_problems
from app.monitoring.states import ACCEPTED, REPORT_LIFE, RETURNED
from app.monitoring.typed_reports import Report
from app.proposals.models import Proposal

NOT_ACCEPTED = Text(
    "รับรองไม่ได้ เพราะเมื่อรวมกับสิ่งที่รับรองไปแล้วจะไม่ถูกต้อง กรุณาส่งคืนพร้อมเหตุผล",
    "It cannot be accepted: together with what counts already it would be wrong. Return it and say why",
)

_TABLES: dict[str, tuple[Any, ...]] = {
    ReportKind.MONEY: (Actual,),
    ReportKind.PROGRESS: (MilestoneResult, IndicatorResult, ProjectWord),
}


def accept_report(work: Work[Actor], record_id: int, version: int) -> ProgressRecord:
    """Accept a signed report: from now on its figures count, in place of those of the revision before.

    It is judged once more, with the agency's projects held: another report may have been accepted since it was signed,
    or the plan have changed. Raises `Refused` with every problem, `Stale`, `NotFound`.
    """
    record = _signed(work, record_id)
    if done_already(record, ACCEPTED, version):
        return record
    after = REPORT_LIFE.after(record.state, "accept")
    require_version(record, version)
    session = work.session
    # in the order of their numbers for everybody: two acceptances of an agency come one after the other
    session.scalars(
        select(Project.id)
        .join(ProjectAgency, ProjectAgency.project_id == Project.id)
        .where(Project.call_id == record.call_id, ProjectAgency.agency_id == record.agency_id)
        .order_by(Project.id)
        .with_for_update(of=Project)
    ).all()
    former = find_current(session, key_of(record))
    report = report_of(record)
    before = report_of(former) if former is not None else None
    problems = list_report_problems(report, ground_for(work, record), before)
    if problems:
        raise Refused(NOT_ACCEPTED, problems)
    if former is not None:
        for table in _TABLES[record.kind]:
            session.execute(delete(table).where(table.record_id == former.id))
        former.state, former.current_for = REPORT_LIFE.after(former.state, "supersede"), None
        session.flush()
        note_move(work, former, "supersede")
    record.state, record.judged_at, record.judged_by = after, work.now, work.actor.id
    record.current_for, record.open_for, record.note = key_of(record), None, ""
    session.flush()
    _write_rows(work, record, report)
    note_move(work, record, "accept")
    tell(work, record, "report_accepted")
    return record


def return_report(work: Work[Actor], record_id: int, note: str, version: int) -> ProgressRecord:
    """Return a signed report to its agency, which may write on it again. Raises `Refused` without a note."""
    record = _signed(work, record_id)
    if done_already(record, RETURNED, version):
        return record
    after = REPORT_LIFE.after(record.state, "return")
    require_version(record, version)
    if not (words := read_words(note)):
        raise Refused(NOTE_NEEDED, [Problem("note", NOTE_NEEDED)])
    as_draft(record)
    record.state, record.note = after, words
    record.judged_at, record.judged_by = work.now, work.actor.id
    work.session.flush()
    note_move(work, record, "return", words)
    tell(work, record, "report_returned")
    return record


def _signed(work: Work[Actor], record_id: int) -> ProgressRecord:
    require(work.actor, Permission.JUDGE_REPORT)
    record = work.session.get(ProgressRecord, record_id, with_for_update=True)
    if record is None or record.signed_at is None:  # what is being written is not for the secretariat
        raise NotFound()
    return record


def _write_rows(work: Work[Actor], record: ProgressRecord, report: Report) -> None:
    if isinstance(report, MoneyReport):
        wanted = {row.project for row in report.rows}
    else:
        wanted = {m.project for m in report.milestones} | {i.project for i in report.indicators}
        wanted |= {w.project for w in report.words}
    numbers = {
        number: project_id
        for number, project_id in work.session.execute(
            select(Proposal.number, Project.id)
            .join(Project, Project.proposal_id == Proposal.id)
            .where(Project.call_id == record.call_id, Proposal.number.in_(wanted))
        )
    }
    for table, rows in counting_rows(record, report, numbers):
        if not rows:
            continue
        if table in (MilestoneResult, IndicatorResult):
            # what a change of plan has given to another agency since is told by whoever has it now
            theirs = tuple_(table.project_id, table.position).in_(
                [(row["project_id"], row["position"]) for row in rows]
            )
            work.session.execute(delete(table).where(table.quarter == record.period, theirs))
        work.session.execute(insert(table), rows)


def counting_rows(
    record: ProgressRecord, report: Report, numbers: dict[str, int]
) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """What an accepted report counts as, by table."""
    if isinstance(report, MoneyReport):
        beside = {"record_id": record.id, "agency_id": record.agency_id, "month": record.period}
        yield (
            Actual,
            [
                beside
                | {
                    "project_id": numbers[row.project],
                    "category": row.category,
                    "committed": row.committed,
                    "disbursed": row.disbursed,
                }
                for row in report.rows
            ],
        )
        return
    beside = {"record_id": record.id, "quarter": record.period}
    yield (
        MilestoneResult,
        [
            beside
            | {
                "project_id": numbers[m.project],
                "position": m.position,
                "percent": m.percent,
                "done_on": m.done_on,
                "note": m.note,
            }
            for m in report.milestones
        ],
    )
    yield (
        IndicatorResult,
        [
            beside
            | {
                "project_id": numbers[i.project],
                "position": i.position,
                "result": i.result,
                "evidence": i.evidence,
            }
            for i in report.indicators
            if i.result or i.evidence
        ],
    )
    yield (
        ProjectWord,
        [
            beside
            | {
                "project_id": numbers[w.project],
                "agency_id": record.agency_id,
                "problems": w.problems,
                "help": w.help,
            }
            for w in report.words
        ],
    )
