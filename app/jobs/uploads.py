"""Reading a workbook somebody sent: looked through and parsed in the limited child, judged as the form would, and put
where its person finds it. With faults the same workbook is marked and kept beside it.

One reader for all rooms: an `Intake` says what a workbook is read against, and what of that is kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from flask import Flask
from sqlalchemy.orm import Session

from app.identity.facts import SYSTEM
from app.kernel.canonical import canonical_json
from app.kernel.db import db
from app.kernel.errors import DomainError, NotFound, Refused
from app.kernel.files import Area, FileStore, StorageFault, file_store
from app.kernel.lean import dataclass
from app.kernel.outbox import NotYet
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring import report_readings, report_sheets
from app.monitoring.models import RecordUpload
from app.monitoring.queries import record_uploads as of_reports
from app.proposals import sheets
from app.proposals.models import WorkbookUpload
from app.proposals.queries import uploads as of_drafts
from app.workbooks.actions import (
    begin_upload,
    finish_upload,
    forget_uploads,
    note_rows,
    put_upload_back,
    refuse_upload,
)
from app.workbooks.facts import Fault, Reading, Refusal, Template
from app.workbooks.marking import annotate_workbook
from app.workbooks.models import UploadColumns
from app.workbooks.reading import read_workbook
from app.workbooks.uploads import Judged, result_of, signing_key

log = logging.getLogger(__name__)

U = TypeVar("U", bound=UploadColumns)
S = TypeVar("S")

TELL_EVERY = 0.5  # seconds between two notes of progress
PATIENCE = timedelta(minutes=1)

GONE = Text(
    "ไฟล์ที่ส่งมาไม่อยู่ในที่เก็บแล้ว กรุณานำเข้าอีกครั้ง",
    "The file you sent is no longer in storage. Please upload it again",
)
NOTHING_OPEN = Text(
    "ขณะนี้รายการงบประมาณและตัวชี้วัดไม่ได้เปิดให้แก้ไข",
    "Neither the budget lines nor the indicators can be changed just now",
)
BROKEN = Text(
    "อ่านไฟล์นี้ไม่ได้เพราะระบบขัดข้อง ผู้ดูแลระบบได้รับรายงานแล้ว กรุณานำเข้าอีกครั้ง",
    "This file could not be read because of a fault of the system, which the administrator sees in the log. Please "
    "upload it again",
)
NOT_MARKED = Text(
    "ทำเครื่องหมายในไฟล์นี้ไม่ได้ กรุณาแก้ตามรายการในหน้านี้",
    "This workbook could not be marked; please go by the list on this page",
)


@dataclass(frozen=True, slots=True)
class Intake(Generic[U, S]):
    """The workbooks of one room: their table, what one is read against (a subject, as it stands now, or `Refused`), in
    what it must be of the same making, and the subject's versions, which are kept."""

    table: type[U]
    find_subject: Callable[[Session, U, datetime], S]
    same: Collection[str]
    make_template: Callable[[S], Template]
    judge_reading: Callable[[Reading, S], Judged]
    keep_versions: Callable[[U, S], None]


def _draft(session: Session, upload: WorkbookUpload, now: datetime) -> sheets.Subject:
    subject = of_drafts.find_subject(session, upload.proposal_id, upload.agency_id)
    if not subject.values:
        raise Refused(NOTHING_OPEN)
    return subject


def _keep_sections(upload: WorkbookUpload, subject: sheets.Subject) -> None:
    upload.versions = canonical_json(dict(subject.versions))


def _report(session: Session, upload: RecordUpload, now: datetime) -> report_sheets.Subject:
    return of_reports.find_subject(session, upload.record_id, now)


def _keep_version(upload: RecordUpload, subject: report_sheets.Subject) -> None:
    upload.record_version = subject.version


OF_DRAFTS = Intake(
    WorkbookUpload, _draft, sheets.SAME, sheets.make_template, sheets.judge_reading, _keep_sections
)
OF_REPORTS = Intake(
    RecordUpload,
    _report,
    report_sheets.SAME,
    report_sheets.make_template,
    report_readings.judge_reading,
    _keep_version,
)


def workbook_store(app: Flask) -> FileStore:
    """Where uploaded workbooks lie in this installation."""
    return file_store(app.config["DGI"], Area.WORKBOOKS)


def read_draft_upload(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """Read the workbook of a draft `payload["upload"]`."""
    _read_upload(app, OF_DRAFTS, int(payload["upload"]), is_last)


def read_report_upload(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """Read the workbook of a report `payload["upload"]`."""
    _read_upload(app, OF_REPORTS, int(payload["upload"]), is_last)


def _read_upload(app: Flask, intake: Intake[U, S], upload_id: int, is_last: bool) -> None:
    """Read it; nothing when it is read or dropped already. Raises whatever went wrong that is not the workbook's fault,
    after noting it."""
    clock, table = app.config["CLOCK"], intake.table
    with open_work(SYSTEM, clock()) as work:
        if begin_upload(work, table, upload_id) is None:
            return
    try:
        refusal = _read(app, intake, upload_id)
    except DomainError as why:
        refusal = why.text
    except Exception as fault:
        with open_work(SYSTEM, clock()) as work:
            if not is_last or isinstance(fault, NotYet):
                put_upload_back(work, table, upload_id)
            else:
                words = fault.text if isinstance(fault, StorageFault) else BROKEN
                refuse_upload(work, table, upload_id, words)
        raise
    if refusal is not None:
        with open_work(SYSTEM, clock()) as work:
            refuse_upload(work, table, upload_id, refusal)


def _read(app: Flask, intake: Intake[U, S], upload_id: int) -> Text | None:
    """Read and judge it, and keep what it says; why it was not read, if it was not."""
    sha256, subject = _order(app, intake, upload_id)
    store = workbook_store(app)
    try:
        data = store.get(sha256)
    except NotFound:
        return GONE
    template = intake.make_template(subject)
    key = signing_key(app.config["DGI"].secret_key)
    progress = _Progress(app, intake, upload_id)
    reading = read_workbook(data, template, key, must_match=intake.same, progress=progress)
    if reading.refusal is not None:
        if reading.refusal.code == "busy":
            raise NotYet("other workbooks are being read", PATIENCE)
        return reading.refusal.text
    judged = intake.judge_reading(reading, subject)
    remarks, annotated = [], None
    if judged.faults:
        annotated = _mark(data, template, judged.faults, store)
        remarks = [NOT_MARKED] if annotated is None else []
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        upload = finish_upload(work, intake.table, upload_id, result_of(judged, remarks), annotated)
        if upload is not None:
            intake.keep_versions(upload, subject)
    log.info("read %s %s: %s faults", intake.table.__name__, upload_id, len(judged.faults))
    return None


def _order(app: Flask, intake: Intake[U, S], upload_id: int) -> tuple[str, S]:
    """The file's SHA-256, and what it is read against as it stands now; the read of the database ends here."""
    session = db.session()
    try:
        upload = session.get(intake.table, upload_id)
        if upload is None:
            raise NotFound()
        return upload.sha256, intake.find_subject(session, upload, app.config["CLOCK"]())
    finally:
        session.rollback()


class _Progress:
    """Writes down how many rows are read, each time in a transaction of its own and not too often."""

    def __init__(self, app: Flask, intake: Intake[Any, Any], upload_id: int):
        self._app, self._table, self._upload_id = app, intake.table, upload_id
        self._told = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._told < TELL_EVERY:
            return
        self._told = now
        with open_work(SYSTEM, self._app.config["CLOCK"]()) as work:
            note_rows(work, self._table, self._upload_id, done, total)


def _mark(data: bytes, template: Template, faults: Sequence[Fault], store: FileStore) -> str | None:
    """The key of the workbook with its faults marked; None where it cannot be marked."""
    marked = annotate_workbook(data, template, faults)
    if isinstance(marked, Refusal):
        log.warning("a workbook could not be marked: %s", marked.code)
        return None
    return store.put(marked)


def forget(app: Flask) -> None:
    """Let go of old workbooks."""
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        forget_uploads(work, (OF_DRAFTS.table, OF_REPORTS.table), workbook_store(app))
