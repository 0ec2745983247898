"""Reading a report's workbook somebody sent: as `uploads` does with those of drafts, in the same limited child."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask

from app.calls.queries import get_call_by_id
from app.identity.facts import SYSTEM
from app.jobs.uploads import BROKEN, GONE, NOT_MARKED, PATIENCE, Progress, mark, workbook_store
from app.kernel.db import db
from app.kernel.errors import DomainError, NotFound
from app.kernel.files import StorageFault
from app.kernel.outbox import NotYet
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions.record_uploads import (
    NOT_BEING_WRITTEN,
    begin_upload,
    finish_upload,
    forget_uploads,
    note_rows,
    put_upload_back,
    refuse_upload,
)
from app.monitoring.queries import get_record
from app.monitoring.queries.record_uploads import subject_of
from app.monitoring.report_sheets import SAME, Subject, judge_reading, make_template
from app.monitoring.states import WRITABLE
from app.proposals.sheets import signing_key
from app.proposals.uploads import result_of
from app.workbooks.reading import read_workbook

log = logging.getLogger(__name__)


def read_record_upload(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """Read the workbook `payload["upload"]`; nothing when it is read or dropped already.

    Raises whatever went wrong that is not the workbook's fault, after noting it.
    """
    clock, upload_id = app.config["CLOCK"], int(payload["upload"])
    with open_work(SYSTEM, clock()) as work:
        order = begin_upload(work, upload_id)
    if order is None:
        return
    try:
        refusal = _read(app, upload_id, *order)
    except DomainError as why:
        refusal = why.text
    except Exception as fault:
        with open_work(SYSTEM, clock()) as work:
            if not is_last or isinstance(fault, NotYet):
                put_upload_back(work, upload_id)
            else:
                refuse_upload(work, upload_id, fault.text if isinstance(fault, StorageFault) else BROKEN)
        raise
    if refusal is not None:
        with open_work(SYSTEM, clock()) as work:
            refuse_upload(work, upload_id, refusal)


def _read(app: Flask, upload_id: int, record_id: int, sha256: str) -> Text | None:
    """Read and judge it, and keep what it says; why it was not read, if it was not."""
    subject = _subject(app, record_id)
    if subject is None:
        return NOT_BEING_WRITTEN
    store = workbook_store(app)
    try:
        data = store.get(sha256)
    except NotFound:
        return GONE
    template = make_template(subject)
    key = signing_key(app.config["DGI"].secret_key)
    progress = Progress(app, upload_id, note_rows)
    reading = read_workbook(data, template, key, must_match=SAME, progress=progress)
    if reading.refusal is not None:
        if reading.refusal.code == "busy":
            raise NotYet("other workbooks are being read", PATIENCE)
        return reading.refusal.text
    judged = judge_reading(reading, subject)
    remarks, annotated = [], None
    if judged.faults:
        annotated = mark(data, template, judged.faults, store)
        remarks = [NOT_MARKED] if annotated is None else []
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        finish_upload(work, upload_id, result_of(judged, remarks), subject.version, annotated)
    log.info("read workbook %s of report %s: %s faults", upload_id, record_id, len(judged.faults))
    return None


def _subject(app: Flask, record_id: int) -> Subject | None:
    """What it is read against, as it stands now; None for a report that is not being written. The read ends here."""
    session = db.session()
    try:
        view = get_record(session, SYSTEM, record_id, app.config["CLOCK"]())
        call = get_call_by_id(session, view.row.call_id)
        return subject_of(view, call) if view.row.state in WRITABLE else None
    finally:
        session.rollback()


def forget_record_uploads(app: Flask) -> None:
    """Let go of old workbooks."""
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        forget_uploads(work, workbook_store(app))
