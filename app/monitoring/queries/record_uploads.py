"""Workbooks on their way into a report: what they are read against, and where each stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import SYSTEM, Actor
from app.identity.models import User
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound, Refused
from app.kernel.text import Text
from app.monitoring.models import ProgressRecord, RecordUpload
from app.monitoring.queries.records import RecordView, get_record
from app.monitoring.report_sheets import Subject
from app.monitoring.states import WRITABLE
from app.workbooks.queries import UploadRow, row_of, select_uploads

NOT_BEING_WRITTEN = Text("รายงานนี้ส่งไปแล้ว จึงนำเข้าไฟล์ไม่ได้", "This report was sent and takes no workbook now")


def find_subject(session: Session, record_id: int, now: datetime) -> Subject:
    """What a report's workbook is read against, as it stands now. The caller has checked who asks. Raises `Refused` for a
    report that is not being written."""
    view = get_record(session, SYSTEM, record_id, now)
    if view.row.state not in WRITABLE:
        raise Refused(NOT_BEING_WRITTEN)
    return subject_of(view, get_call_by_id(session, view.row.call_id))


def subject_of(view: RecordView, call: CallView) -> Subject:
    """What a report's workbook is made of and read against, as it stands now."""
    return Subject(
        view.ground,
        view.row.agency,
        {category.code: category.name for category in call.plan.categories},
        view.cells,
        view.row.revision,
        view.row.version,
        view.former,
        view.row.is_synthetic,
    )


def list_record_uploads(session: Session, record_id: int, most: int = 20) -> list[UploadRow]:
    """What was sent for a report, latest first. The caller has checked who asks."""
    rows = session.execute(
        _uploads().where(RecordUpload.record_id == record_id).order_by(RecordUpload.id.desc()).limit(most)
    )
    return [row_of(row) for row in rows]


def get_record_upload(session: Session, actor: Actor, upload_id: int) -> UploadRow:
    """A workbook sent for a report of the actor's own agency. Raises `NotFound`."""
    require(actor, Permission.REPORT_PROGRESS)
    row = session.execute(_uploads().where(RecordUpload.id == upload_id)).first()
    if row is None:
        raise NotFound()
    require(actor, Permission.REPORT_PROGRESS, Target(frozenset({row.agency_id})))
    return row_of(row)


def find_saver(session: Session, record_id: int) -> Text:
    """Who saved a report last; "" where it was the system."""
    found = session.execute(
        select(User.name_th, User.name_en)
        .join(ProgressRecord, ProgressRecord.saved_by == User.id)
        .where(ProgressRecord.id == record_id)
    ).first()
    return Text(found.name_th, found.name_en) if found is not None else Text("", "")


def _uploads() -> Any:
    table = RecordUpload
    return (
        select_uploads(table, table.record_id, ProgressRecord.agency_id, User.name_th, User.name_en)
        .join(ProgressRecord, ProgressRecord.id == table.record_id)
        .outerjoin(User, User.id == table.uploaded_by)
    )
