"""A report's way: begun, written, sent to the certifier, signed, handed back, corrected. `judging` has what the
secretariat does with it.

Every verb takes the version its person saw, and does nothing a second time where it was done already: a double click is
no mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.rules import Permission, Target, may, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.values import freeze_value
from app.kernel.work import Work
from app.monitoring.duties import may_begin, most_periods
from app.monitoring.facts import Ground
from app.monitoring.models import EvidenceFile, MonitoredCall, ProgressRecord, RecordMove, RecordUpload
from app.monitoring.periods import MONTHS_OF_YEAR, ReportKind, last_month_of, period_name
from app.monitoring.queries.projects import ground_of
from app.monitoring.queries.records import cells_of, find_current, key_of, last_results, report_of
from app.monitoring.reporting import keep_others, list_report_problems
from app.monitoring.states import ACCEPTED, DRAFT, REPORT_LIFE, SENT, SIGNED, WRITABLE
from app.monitoring.typed_reports import (
    ReadReport,
    Report,
    merge_cells,
    milestone_place,
    money_keys,
    read_cells,
    show_day,
    show_report,
)

LONGEST_NOTE = 4000

NO_SUCH_PERIOD = Text("ไม่มีงวดนี้ในปีงบประมาณ", "The fiscal year has no such period")
TOO_EARLY = Text(
    "{period} ยังไม่สิ้นสุด รายงานได้ตั้งแต่วันสุดท้ายของงวด",
    "{period} is not over yet; it can be reported from its last day on",
)
AFTER_YEAR_END = Text(
    "{period} อยู่หลังสิ้นปีงบประมาณ รายงานได้เฉพาะโครงการที่มีเงินกันไว้เบิกเหลื่อมปี",
    "{period} is after the year's end, which is reported only for money that was carried over",
)
NOTHING_TO_REPORT = Text(
    "หน่วยงานไม่มีโครงการที่ต้องรายงานในงวดนี้", "The agency has no project to report on in this period"
)
ACCEPTED_ALREADY = Text(
    "งวดนี้รับรองแล้ว หากต้องแก้ไขให้เริ่มฉบับแก้ไขพร้อมเหตุผล",
    "This period is accepted; to change it, begin a correction and say why",
)
CHANGED_SINCE_SEEN = Text(
    "รายงานนี้เปลี่ยนไปหลังจากที่ท่านเปิดหน้า ยังไม่มีสิ่งใดถูกบันทึกทับ",
    "This report changed after you opened it; nothing was overwritten",
)
NOT_SENT = Text("ยังส่งไม่ได้ กรุณาแก้ไขตามรายการ", "It cannot be sent yet; please mend what is listed")
NOT_SIGNED = Text(
    "ลงนามไม่ได้ เพราะข้อมูลที่ใช้ตรวจเปลี่ยนไปหลังจากส่ง กรุณาส่งคืนเจ้าหน้าที่แก้ไข",
    "It cannot be signed: what it is judged by changed after it was sent. Hand it back to the officer",
)
NOT_ACCEPTED_YET = Text("แก้ไขได้เฉพาะรายงานที่รับรองแล้ว", "Only a report that was accepted can be corrected")
NOTE_NEEDED = Text("กรุณาบอกสิ่งที่ต้องแก้ไข", "Please say what is to be mended")
REASON_NEEDED = Text("กรุณาบอกเหตุผล", "Please say why")
TOO_LONG = Text("ยาวเกิน 4,000 ตัวอักษร", "Longer than 4,000 characters")
NOT_DROPPED = Text("ลบได้เฉพาะร่างที่ยังไม่เคยลงนาม", "Only a draft that was never signed can be dropped")


def begin_report(
    work: Work[Actor], fiscal_year: int, agency_id: int, kind: ReportKind, period: int
) -> ProgressRecord:
    """A draft of an agency's report of a period; the one there is where it was begun already.

    A quarter's milestones begin where the last quarter that counts left them. Raises `NotFound` for a call that is not
    followed, `Refused` before the period is over, after the year's end without money carried over, for a period that was
    accepted, or with nothing to report.
    """
    require(work.actor, Permission.REPORT_PROGRESS, Target(frozenset({agency_id})))
    session = work.session
    # held, so that two clicks begin one report
    call_id = session.scalars(
        select(MonitoredCall.call_id)
        .join(Call, Call.id == MonitoredCall.call_id)
        .where(Call.fiscal_year == fiscal_year)
        .with_for_update(of=MonitoredCall)
    ).first()
    if call_id is None:
        raise NotFound()
    if not 1 <= period <= most_periods(kind):
        raise Refused(NO_SUCH_PERIOD)
    name = period_name(fiscal_year, kind, period)
    ground = ground_of(session, call_id, agency_id, kind, period, work.now)
    if last_month_of(kind, period) > MONTHS_OF_YEAR and not any(ground.carried.values()):
        raise Refused(AFTER_YEAR_END.fill(period=name))
    if not may_begin(fiscal_year, kind, period, work.now):
        raise Refused(TOO_EARLY.fill(period=name))
    if not (money_keys(ground) if kind is ReportKind.MONEY else ground.projects):
        raise Refused(NOTHING_TO_REPORT)
    key = f"{call_id}:{agency_id}:{kind}:{period}"
    open_one = session.scalars(select(ProgressRecord).where(ProgressRecord.open_for == key)).first()
    if open_one is not None:
        return open_one
    if find_current(session, key) is not None:
        raise Refused(ACCEPTED_ALREADY)
    cells = _carried_on(work, call_id, ground) if kind is ReportKind.PROGRESS else {}
    return _new(work, call_id, agency_id, kind, period, 1, cells)


def _carried_on(work: Work[Actor], call_id: int, ground: Ground) -> dict[str, str]:
    """Milestones as the last quarter left them."""
    percents, _ = last_results(work.session, call_id, ground)
    cells = {}
    for at, (percent, done_on) in percents.items():
        cells[milestone_place(at, "percent")] = str(percent)
        if done_on is not None:
            cells[milestone_place(at, "done_on")] = show_day(done_on)
    return cells


def _new(
    work: Work[Actor],
    call_id: int,
    agency_id: int,
    kind: ReportKind,
    period: int,
    revision: int,
    cells: Mapping[str, str],
    reason: str = "",
    first_signed_at: datetime | None = None,
) -> ProgressRecord:
    record = ProgressRecord(
        call_id=call_id,
        agency_id=agency_id,
        kind=kind.value,
        period=period,
        revision=revision,
        state=DRAFT,
        content=_as_cells(cells),
        reason=reason,
        made_at=work.now,
        made_by=work.actor.id,
        saved_at=work.now,
        saved_by=work.actor.id,
        first_signed_at=first_signed_at,  # being late is a matter of the first revision
        open_for=f"{call_id}:{agency_id}:{kind}:{period}",
    )
    work.session.add(record)
    work.session.flush()
    note_move(work, record, "correct" if revision > 1 else "begin", reason)
    return record


def save_report(
    work: Work[Actor],
    record_id: int,
    cells: Mapping[str, str],
    version: int,
    base: Mapping[str, str] | None = None,
) -> tuple[ProgressRecord, ReadReport]:
    """Keep what was typed, whatever state it is in; the report and what could be read of it.

    `cells` are all of the report's by their places (`typed_reports.show_report` makes them of a value). The same again
    changes nothing. Where somebody else saved since `version`, both are kept if `base` (the cells as they stood at that
    version) shows that they changed different ones. Raises `Stale` where they did not, or without a base, `Refused` for
    a report that is not being written, `NotFound`.
    """
    record = own_report(work, record_id, Permission.REPORT_PROGRESS)
    if record.state not in WRITABLE:
        REPORT_LIFE.after(record.state, "send")  # says in which state it is
    ground = ground_for(work, record)
    read = read_cells(cells, ground)
    if base is not None and record.version != version:
        merged, clashes = merge_cells(read_cells(base, ground).cells, read.cells, cells_of(record))
        if clashes:
            raise Stale(CHANGED_SINCE_SEEN)
        read, version = read_cells(merged, ground), record.version
    content = _as_cells(read.cells)
    if content == record.content:
        return record, read
    require_version(record, version)
    record.content, record.saved_at, record.saved_by = content, work.now, work.actor.id
    work.session.flush()
    return record, read


def send_report(work: Work[Actor], record_id: int, version: int) -> ProgressRecord:
    """Send a report to the certifier. Raises `Refused` with every problem, `Stale`, `NotFound`."""
    record = own_report(work, record_id, Permission.REPORT_PROGRESS)
    if done_already(record, SENT, version):
        return record
    after = REPORT_LIFE.after(record.state, "send")
    require_version(record, version)
    ground = ground_for(work, record)
    former = former_of(work, record)
    read = read_cells(cells_of(record), ground)
    # a text that is too long cannot be read and speaks against the report: it is said once
    found = [*read.unread, *list_report_problems(read.report, ground, former), *read.missing]
    if problems := list(dict.fromkeys(found)):
        raise Refused(NOT_SENT, problems)
    record.content = canonical_json(freeze_value(keep_others(read.report, ground, former)))
    record.state, record.sent_at, record.sent_by = after, work.now, work.actor.id
    work.session.flush()
    note_move(work, record, "send")
    tell(work, record, "report_sent")
    return record


def hand_back(work: Work[Actor], record_id: int, note: str, version: int) -> ProgressRecord:
    """The certifier hands a report back to the officer and says why, or the officer takes it back before it is signed.
    Raises `Refused` for a certifier without a note."""
    record = own_report(work, record_id, Permission.SIGN_REPORT, Permission.REPORT_PROGRESS)
    if done_already(record, DRAFT, version):
        return record
    after = REPORT_LIFE.after(record.state, "hand_back")
    require_version(record, version)
    words, own = read_words(note), Target(frozenset({record.agency_id}))
    if not words and not may(work.actor, Permission.REPORT_PROGRESS, own):
        raise Refused(NOTE_NEEDED, [Problem("note", NOTE_NEEDED)])
    record.content = _as_cells(show_report(report_of(record)))
    record.state, record.note = after, words
    work.session.flush()
    note_move(work, record, "hand_back", record.note)
    return record


def sign_report(work: Work[Actor], record_id: int, version: int) -> ProgressRecord:
    """Sign a report: the SHA-256 of what it says is kept. Raises `Refused` where it is wrong by now, `Stale`,
    `NotFound`."""
    record = own_report(work, record_id, Permission.SIGN_REPORT)
    if done_already(record, SIGNED, version):
        return record
    after = REPORT_LIFE.after(record.state, "sign")
    require_version(record, version)
    problems = list_report_problems(report_of(record), ground_for(work, record), former_of(work, record))
    if problems:
        raise Refused(NOT_SIGNED, problems)
    record.state, record.signed_at, record.signed_by = after, work.now, work.actor.id
    record.first_signed_at = record.first_signed_at or work.now
    record.sha256 = sha256_text(record.content)
    record.judged_at = record.judged_by = None
    work.session.flush()
    note_move(work, record, "sign")
    if record.revision > 1:
        tell(work, record, "report_corrected")
    return record


def begin_correction(work: Work[Actor], record_id: int, reason: str) -> ProgressRecord:
    """A draft that corrects an accepted report, beginning with what it says; the one there is where it was begun already.
    Raises `Refused` without a reason or for a report that does not count, `NotFound`."""
    former = own_report(work, record_id, Permission.REPORT_PROGRESS)
    open_one = work.session.scalars(
        select(ProgressRecord).where(ProgressRecord.open_for == key_of(former))
    ).first()
    if open_one is not None and former.state == ACCEPTED:
        return open_one
    if former.state != ACCEPTED:
        raise Refused(NOT_ACCEPTED_YET)
    if not (reason := read_words(reason, "reason")):
        raise Refused(REASON_NEEDED, [Problem("reason", REASON_NEEDED)])
    ground = ground_for(work, former)
    cells = read_cells(show_report(report_of(former)), ground).cells
    last = work.session.scalar(
        select(func.max(ProgressRecord.revision)).where(
            ProgressRecord.call_id == former.call_id,
            ProgressRecord.agency_id == former.agency_id,
            ProgressRecord.kind == former.kind,
            ProgressRecord.period == former.period,
        )
    )
    record = _new(
        work,
        former.call_id,
        former.agency_id,
        ReportKind(former.kind),
        former.period,
        (last or 1) + 1,
        cells,
        reason,
        former.first_signed_at,
    )
    files = select(EvidenceFile).where(EvidenceFile.record_id == former.id, EvidenceFile.removed_at.is_(None))
    for file in work.session.scalars(files.order_by(EvidenceFile.id)):
        work.session.add(
            EvidenceFile(
                record_id=record.id,
                project_id=file.project_id,
                position=file.position,
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                sha256=file.sha256,
                uploaded_at=file.uploaded_at,
                uploaded_by=file.uploaded_by,
            )
        )
    work.session.flush()
    return record


def drop_report(work: Work[Actor], record_id: int, version: int) -> None:
    """Throw a draft away that was never signed, with its files' rows; the log keeps that it was there."""
    record = own_report(work, record_id, Permission.REPORT_PROGRESS)
    if record.state != DRAFT or record.signed_at is not None:
        raise Refused(NOT_DROPPED)
    require_version(record, version)
    note_move(work, record, "drop")
    for table in (RecordMove, EvidenceFile, RecordUpload):
        for row in work.session.scalars(select(table).where(table.record_id == record_id)):
            work.session.delete(row)
    work.session.flush()
    work.session.delete(record)


def own_report(work: Work[Actor], record_id: int, *permissions: Permission) -> ProgressRecord:
    """A report of the actor's agency, under lock; one of the permissions is enough. Raises `NotFound`, `Forbidden`."""
    held = next((p for p in permissions if may(work.actor, p)), permissions[0])
    require(work.actor, held)
    record = work.session.get(ProgressRecord, record_id, with_for_update=True)
    if record is None:
        raise NotFound()
    target = Target(frozenset({record.agency_id}))
    if not any(may(work.actor, p, target) for p in permissions):
        raise NotFound()
    return record


def ground_for(work: Work[Actor], record: ProgressRecord) -> Ground:
    """What a report is judged by now."""
    kind = ReportKind(record.kind)
    return ground_of(work.session, record.call_id, record.agency_id, kind, record.period, work.now)


def former_of(work: Work[Actor], record: ProgressRecord) -> Report | None:
    """The report that counts, which this one is to correct."""
    if record.revision == 1:
        return None
    former = find_current(work.session, key_of(record))
    return report_of(former) if former is not None and former.id != record.id else None


def require_version(record: ProgressRecord, version: int) -> None:
    """Raise `Stale` where the report is another than the person saw."""
    if record.version != version:
        raise Stale(CHANGED_SINCE_SEEN)


def done_already(record: ProgressRecord, state: str, version: int) -> bool:
    """Whether this very step was taken from the version the person saw: a click that came twice."""
    return record.state == state and record.version == version + 1


def read_words(typed: str, place: str = "note") -> str:
    """A note as it is kept. Raises `Refused` for one that is too long."""
    if len(typed.strip()) > LONGEST_NOTE:
        raise Refused(TOO_LONG, [Problem(place, TOO_LONG)])
    return typed.strip()


def note_move(work: Work[Actor], record: ProgressRecord, move: str, note: str = "") -> None:
    """Keep a step of a report's life, in its history and in the log."""
    work.session.add(RecordMove(record_id=record.id, move=move, at=work.now, by=work.actor.id, note=note))
    work.audit(
        f"{move}_report",
        f"report:{record.id}",
        agency_id=record.agency_id,
        after=sha256_text(record.content),
        detail={"kind": record.kind, "period": record.period, "revision": record.revision},
    )
    if move in ("sign", "accept", "return"):
        work.promise("tell_systems", {"event": f"{move}_report", "record": record.id})


def tell(work: Work[Actor], record: ProgressRecord, event: str) -> None:
    """Promise a letter; what the system itself does is nobody's news."""
    if not work.actor.is_system:
        work.promise("notify", {"event": event, "record": record.id})


def as_draft(record: ProgressRecord) -> None:
    """What was sent becomes cells again, to be written on."""
    record.content = _as_cells(show_report(report_of(record)))


def _as_cells(cells: Mapping[str, str]) -> str:
    return canonical_json({"cells": dict(cells)})
