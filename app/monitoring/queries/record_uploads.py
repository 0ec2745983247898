"""Workbooks on their way into a report: what they are read against, where each stands, what it says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.monitoring.models import ProgressRecord, RecordUpload
from app.monitoring.queries.records import RecordView
from app.monitoring.report_sheets import Subject
from app.proposals.queries.uploads import UploadRow
from app.proposals.uploads import UploadResult, parse_result


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
    )


def list_record_uploads(session: Session, record_id: int, most: int = 20) -> list[UploadRow]:
    """What was sent for a report, latest first. The caller has checked who asks."""
    rows = session.execute(
        _rows().where(RecordUpload.record_id == record_id).order_by(RecordUpload.id.desc()).limit(most)
    )
    return [_row(row) for row in rows]


def get_record_upload(session: Session, actor: Actor, upload_id: int) -> tuple[UploadRow, int, int]:
    """A workbook sent for a report of the actor's own agency, with the report's id and the version it was compared with.
    Raises `NotFound`."""
    require(actor, Permission.REPORT_PROGRESS)
    row = session.execute(_rows().where(RecordUpload.id == upload_id)).first()
    if row is None:
        raise NotFound()
    require(actor, Permission.REPORT_PROGRESS, Target(frozenset({row.agency_id})))
    return _row(row), row.record_id, row.record_version


def read_record_result(session: Session, upload_id: int) -> UploadResult | None:
    """What it says; None while nothing is known, or when it was refused as a whole."""
    found = session.scalar(select(RecordUpload.result).where(RecordUpload.id == upload_id))
    return None if found is None else parse_result(found)


def stored_record_workbooks(session: Session, upload_id: int) -> tuple[str, str | None]:
    """(SHA-256 as sent, SHA-256 of the one given back marked). Raises `NotFound`."""
    row = session.execute(
        select(RecordUpload.sha256, RecordUpload.annotated_sha256).where(RecordUpload.id == upload_id)
    ).first()
    if row is None:
        raise NotFound()
    return row.sha256, row.annotated_sha256


def _rows() -> Any:
    """Everything but the result, which may be long."""
    kept = RecordUpload
    return (
        select(
            kept.id,
            kept.record_id,
            kept.record_version,
            ProgressRecord.agency_id,
            kept.uploaded_at,
            kept.name,
            kept.size,
            kept.state,
            kept.done,
            kept.total,
            kept.refusal_th,
            kept.refusal_en,
            kept.annotated_sha256,
            kept.ended_at,
            User.name_th,
            User.name_en,
        )
        .join(ProgressRecord, ProgressRecord.id == kept.record_id)
        .outerjoin(User, User.id == kept.uploaded_by)
    )


def _row(row: Any) -> UploadRow:
    return UploadRow(
        id=row.id,
        proposal_id=0,
        agency_id=row.agency_id,
        uploaded_at=row.uploaded_at,
        by=Text(row.name_th or "", row.name_en or ""),
        name=row.name,
        size=row.size,
        state=row.state,
        done=row.done,
        total=row.total,
        refusal=Text(row.refusal_th, row.refusal_en),
        has_annotated=row.annotated_sha256 is not None,
        ended_at=row.ended_at,
    )
