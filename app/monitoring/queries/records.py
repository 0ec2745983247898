"""Reports of months and quarters: found, listed, and what came before them; `due` has what is to be reported."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, Scope, Target, may, require, scope_of
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.values import thaw_value
from app.monitoring.duties import due_moment
from app.monitoring.facts import Ground, MoneyReport, ProgressReport, ReportingRules
from app.monitoring.models import (
    EvidenceFile,
    IndicatorResult,
    MilestoneResult,
    MonitoredCall,
    PlannedAmount,
    ProgressRecord,
    Project,
    RecordMove,
)
from app.monitoring.periods import ReportKind, period_name, report_title
from app.monitoring.queries.projects import ground_of
from app.monitoring.reporting import Past
from app.monitoring.states import ACTIVE, HANDED_IN, RETURNED, SUPERSEDED, WRITABLE
from app.monitoring.typed_reports import ReadReport, Report, read_cells, show_report
from app.proposals.models import Proposal

_VALUES: dict[ReportKind, type[Any]] = {
    ReportKind.MONEY: MoneyReport,
    ReportKind.PROGRESS: ProgressReport,
}


def key_of(record: ProgressRecord) -> str:
    """What `current_for` and `open_for` hold."""
    return f"{record.call_id}:{record.agency_id}:{record.kind}:{record.period}"


def report_of(record: ProgressRecord) -> Report:
    """A report that was sent, as its value; none that is being written."""
    report: Report = thaw_value(_VALUES[ReportKind(record.kind)], json.loads(record.content))
    return report


def cells_of(record: ProgressRecord) -> dict[str, str]:
    """A report as cells, in whatever state."""
    if record.state in WRITABLE:
        cells: dict[str, str] = json.loads(record.content)["cells"]
        return cells
    return show_report(report_of(record))


def find_current(session: Session, key: str) -> ProgressRecord | None:
    """The revision that counts for a period."""
    return session.scalars(select(ProgressRecord).where(ProgressRecord.current_for == key)).first()


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A report as lists show it."""

    id: int
    call_id: int
    fiscal_year: int
    agency_id: int
    agency_code: str
    agency: Text
    kind: ReportKind
    period: int
    revision: int
    state: str
    version: int
    saved_at: datetime
    signed_at: datetime | None
    first_signed_at: datetime | None
    judged_at: datetime | None
    reason: str
    note: str
    is_synthetic: bool

    @property
    def name(self) -> Text:
        return period_name(self.fiscal_year, self.kind, self.period)

    @property
    def title(self) -> Text:
        return report_title(self.fiscal_year, self.kind, self.period)

    @property
    def is_correction(self) -> bool:
        return self.revision > 1


def _rows() -> Select[ProgressRecord, Agency, Call, MonitoredCall]:
    return (
        select(ProgressRecord, Agency, Call, MonitoredCall)
        .join(Agency, Agency.id == ProgressRecord.agency_id)
        .join(Call, Call.id == ProgressRecord.call_id)
        .join(MonitoredCall, MonitoredCall.call_id == ProgressRecord.call_id)
    )


def row_of(record: ProgressRecord, agency: Agency, call: Call, kept: MonitoredCall) -> RecordRow:
    """A report as lists show it."""
    return RecordRow(
        record.id,
        record.call_id,
        call.fiscal_year,
        agency.id,
        agency.code,
        Text(agency.name_th, agency.name_en),
        ReportKind(record.kind),
        record.period,
        record.revision,
        record.state,
        record.version,
        record.saved_at,
        record.signed_at,
        record.first_signed_at,
        record.judged_at,
        record.reason,
        record.note,
        kept.origin == "synthetic",
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a report's life, with the name of whoever took it ("" for the system)."""

    move: str
    at: datetime
    by: Text
    note: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """A report with everything its page needs: the ground of now, what it says as cells and as read, the report it
    corrects or that corrected it, its steps and evidence files by (project number, position)."""

    row: RecordRow
    sha256: str | None
    rules: ReportingRules
    opened_at: datetime
    ground: Ground
    cells: Mapping[str, str]
    report: Report
    read: ReadReport | None
    former: Report | None
    revisions: tuple[tuple[int, int, str], ...]
    steps: tuple[Step, ...]
    evidence: Mapping[tuple[str, int], tuple[EvidenceFile, ...]] = field(default_factory=dict)

    @property
    def due_at(self) -> datetime:
        row = self.row
        return due_moment(row.fiscal_year, row.kind, row.period, self.rules, self.opened_at)


def may_see(actor: Actor, agency_id: int, state: str) -> bool:
    """Whether a report is this actor's to read: the agency's people always, the secretariat once it was signed."""
    target = Target(frozenset({agency_id}))
    if may(actor, Permission.REPORT_PROGRESS, target) or may(actor, Permission.SIGN_REPORT, target):
        return True
    return may(actor, Permission.JUDGE_REPORT) and state in HANDED_IN | {RETURNED}


def find_record(session: Session, actor: Actor, record_id: int) -> RecordRow:
    """A report the actor may see, without what it says. Raises `NotFound`, `Forbidden`."""
    return row_of(*_find(session, actor, record_id))


def _find(
    session: Session, actor: Actor, record_id: int
) -> tuple[ProgressRecord, Agency, Call, MonitoredCall]:
    require(actor, Permission.READ_PROJECT)
    found = session.execute(_rows().where(ProgressRecord.id == record_id)).first()
    if found is None or not may_see(actor, found[0].agency_id, found[0].state):
        raise NotFound()
    record, agency, call, kept = found
    return record, agency, call, kept


def get_record(session: Session, actor: Actor, record_id: int, now: datetime) -> RecordView:
    """A report the actor may see, with its ground of now. Raises `NotFound` for another agency's and, for the
    secretariat, for one that is still being written. Seven queries."""
    record, agency, call, kept = _find(session, actor, record_id)
    row = row_of(record, agency, call, kept)
    ground = ground_of(session, row.call_id, row.agency_id, row.kind, row.period, now)
    siblings = session.scalars(
        select(ProgressRecord)
        .where(
            ProgressRecord.call_id == row.call_id,
            ProgressRecord.agency_id == row.agency_id,
            ProgressRecord.kind == row.kind.value,
            ProgressRecord.period == row.period,
        )
        .order_by(ProgressRecord.revision)
    ).all()
    # the last one before it that was accepted; one that was never accepted has no correction after it
    before = next((s for s in reversed(siblings) if s.revision < row.revision and s.state in HANDED_IN), None)
    cells = cells_of(record)
    read = read_cells(cells, ground) if record.state in WRITABLE else None
    return RecordView(
        row=row,
        sha256=record.sha256,
        rules=thaw_value(ReportingRules, json.loads(kept.rules)),
        opened_at=kept.opened_at,
        ground=ground,
        cells=cells,
        report=read.report if read is not None else report_of(record),
        read=read,
        former=report_of(before) if before is not None else None,
        revisions=tuple(
            (s.revision, s.id, s.state) for s in siblings if may_see(actor, s.agency_id, s.state)
        ),
        steps=tuple(_steps(session, record_id)),
        evidence=evidence_of(session, record_id) if row.kind is ReportKind.PROGRESS else {},
    )


def _steps(session: Session, record_id: int) -> Iterator[Step]:
    rows = session.execute(
        select(RecordMove, User.name_th, User.name_en)
        .outerjoin(User, User.id == RecordMove.by)
        .where(RecordMove.record_id == record_id)
        .order_by(RecordMove.id)
    )
    for move, name_th, name_en in rows:
        yield Step(move.move, move.at, Text(name_th or "", name_en or ""), move.note)


def evidence_of(session: Session, record_id: int) -> dict[tuple[str, int], tuple[EvidenceFile, ...]]:
    """The evidence files of a report, by project number and indicator."""
    found: dict[tuple[str, int], tuple[EvidenceFile, ...]] = {}
    rows = session.execute(
        select(EvidenceFile, Proposal.number)
        .join(Project, Project.id == EvidenceFile.project_id)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .where(EvidenceFile.record_id == record_id, EvidenceFile.removed_at.is_(None))
        .order_by(EvidenceFile.id)
    )
    for file, number in rows:
        found[number, file.position] = (*found.get((number, file.position), ()), file)
    return found


def list_records(
    session: Session,
    actor: Actor,
    call_id: int | None = None,
    *,
    states: Collection[str] = (),
    agency_id: int | None = None,
) -> list[RecordRow]:
    """The reports the actor may see, the latest period first; those replaced by a correction only where asked for. One
    query."""
    require(actor, Permission.READ_PROJECT)
    query = _rows().order_by(
        Call.fiscal_year.desc(),
        ProgressRecord.kind,
        ProgressRecord.period.desc(),
        Agency.sort_key,
        ProgressRecord.revision.desc(),
    )
    if scope_of(actor, Permission.JUDGE_REPORT) is Scope.ANY:
        query = query.where(ProgressRecord.state.in_(HANDED_IN | {RETURNED}))
    else:
        query = query.where(ProgressRecord.agency_id.in_(actor.agency_ids))
    if call_id is not None:
        query = query.where(ProgressRecord.call_id == call_id)
    if agency_id is not None:
        query = query.where(ProgressRecord.agency_id == agency_id)
    wanted = ProgressRecord.state.in_(states) if states else ProgressRecord.state != SUPERSEDED
    query = query.where(wanted)
    return [row_of(*found) for found in session.execute(query)]


def past_of(session: Session, call_id: int, agency_id: int, ground: Ground, *, is_correction: bool) -> Past:
    """What a report is compared with for remarks, and what is shown beside its cells. At most four queries."""
    kind, period = ground.kind, ground.period
    handed_in = set(
        session.scalars(
            select(ProgressRecord.period).where(
                ProgressRecord.call_id == call_id,
                ProgressRecord.agency_id == agency_id,
                ProgressRecord.kind == kind.value,
                ProgressRecord.period < period,
                ProgressRecord.state.in_(HANDED_IN),
            )
        )
    )
    missing = tuple(n for n in range(1, period) if n not in handed_in)
    if kind is ReportKind.MONEY:
        planned = session.execute(
            select(Proposal.number, PlannedAmount.category, PlannedAmount.amount)
            .join(Project, Project.id == PlannedAmount.project_id)
            .join(Proposal, Proposal.id == Project.proposal_id)
            .where(
                Project.call_id == call_id,
                PlannedAmount.agency_id == agency_id,
                PlannedAmount.month == period,
                Project.state == ACTIVE,
            )
        )
        return Past(missing, {(n, c): amount for n, c, amount in planned}, is_correction=is_correction)
    percents, results = last_results(session, call_id, ground)
    return Past(
        missing,
        {},
        {at: percent for at, (percent, _) in percents.items()},
        results,
        is_correction,
    )


def last_results(
    session: Session, call_id: int, ground: Ground
) -> tuple[dict[tuple[str, int], tuple[int, date | None]], dict[tuple[str, int], str]]:
    """How far each milestone was (percent, day) and what each indicator stood at in the last quarter before that
    counts, by project number and position. Two queries."""
    percents: dict[tuple[str, int], tuple[int, date | None]] = {}
    results: dict[tuple[str, int], str] = {}
    milestones = (
        select(Proposal.number, MilestoneResult)
        .join(Project, Project.id == MilestoneResult.project_id)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .where(Project.call_id == call_id, MilestoneResult.quarter < ground.period)
        .order_by(MilestoneResult.quarter)
    )
    for number, milestone in session.execute(milestones.where(Proposal.number.in_(ground.projects))):
        if (number, milestone.position) in ground.milestones:
            percents[number, milestone.position] = milestone.percent, milestone.done_on
    indicators = (
        select(Proposal.number, IndicatorResult)
        .join(Project, Project.id == IndicatorResult.project_id)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .where(Project.call_id == call_id, IndicatorResult.quarter < ground.period)
        .order_by(IndicatorResult.quarter)
    )
    for number, indicator in session.execute(indicators.where(Proposal.number.in_(ground.projects))):
        if (number, indicator.position) in ground.indicators and indicator.result:
            results[number, indicator.position] = indicator.result
    return percents, results
