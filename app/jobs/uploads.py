"""Reading a workbook somebody sent: looked through and parsed in the limited child, judged as the form would, and put
where its person finds it. With faults the same workbook is marked and kept beside it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Flask

from app.identity.facts import SYSTEM, Actor
from app.kernel.db import db
from app.kernel.errors import DomainError, NotFound
from app.kernel.files import Area, FileStore, StorageFault, file_store
from app.kernel.outbox import NotYet
from app.kernel.text import Text
from app.kernel.work import Work, open_work
from app.proposals.actions.uploading import (
    UploadOrder,
    begin_upload,
    finish_upload,
    forget_uploads,
    note_rows,
    put_upload_back,
    refuse_upload,
)
from app.proposals.queries.uploads import find_subject
from app.proposals.sheets import SAME, Subject, judge_reading, make_template, signing_key
from app.proposals.uploads import result_of
from app.workbooks.facts import Fault, Refusal, Template
from app.workbooks.marking import annotate_workbook
from app.workbooks.reading import read_workbook

log = logging.getLogger(__name__)

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


def workbook_store(app: Flask) -> FileStore:
    """Where uploaded workbooks lie in this installation."""
    return file_store(app.config["DGI"], Area.WORKBOOKS)


class Progress:
    """Writes down how many rows are read, each time in a transaction of its own and not too often. `note` is the verb
    that writes it: work, upload's id, done, total."""

    def __init__(self, app: Flask, upload_id: int, note: Callable[[Work[Actor], int, int, int], None]):
        self._app, self._upload_id, self._note = app, upload_id, note
        self._told = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._told < TELL_EVERY:
            return
        self._told = now
        with open_work(SYSTEM, self._app.config["CLOCK"]()) as work:
            self._note(work, self._upload_id, done, total)


def read_upload(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """Read the workbook `payload["upload"]`; nothing when it is read or dropped already.

    Raises whatever went wrong that is not the workbook's fault, after noting it.
    """
    clock, upload_id = app.config["CLOCK"], int(payload["upload"])
    with open_work(SYSTEM, clock()) as work:
        order = begin_upload(work, upload_id)
    if order is None:
        return
    try:
        refusal = _read(app, upload_id, order)
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


def _read(app: Flask, upload_id: int, order: UploadOrder) -> Text | None:
    """Read and judge it, and keep what it says; why it was not read, if it was not."""
    subject = _subject(order)
    if not subject.values:
        return NOTHING_OPEN
    store = workbook_store(app)
    try:
        data = store.get(order.sha256)
    except NotFound:
        return GONE
    template = make_template(subject)
    key = signing_key(app.config["DGI"].secret_key)
    reading = read_workbook(
        data, template, key, must_match=SAME, progress=Progress(app, upload_id, note_rows)
    )
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
        finish_upload(work, upload_id, result_of(judged, remarks), subject.versions, annotated)
    log.info("read workbook %s: %s faults", upload_id, len(judged.faults))
    return None


def _subject(order: UploadOrder) -> Subject:
    """What it is read against, as it stands now; the read ends here."""
    session = db.session()
    try:
        return find_subject(session, order.proposal_id, order.agency_id)
    finally:
        session.rollback()


def mark(data: bytes, template: Template, faults: Sequence[Fault], store: FileStore) -> str | None:
    """The key of the workbook with its faults marked; None where it cannot be marked."""
    marked = annotate_workbook(data, template, faults)
    if isinstance(marked, Refusal):
        log.warning("a workbook could not be marked: %s", marked.code)
        return None
    return store.put(marked)


def forget(app: Flask) -> None:
    """Let go of old workbooks."""
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        forget_uploads(work, workbook_store(app))
