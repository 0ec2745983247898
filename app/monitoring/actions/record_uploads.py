"""Filled-in workbooks of reports: taken in hand, read out of sight, then applied whole or dropped by the person. As
`proposals.actions.uploading` does with those of drafts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.rules import Permission
from app.kernel.errors import NotFound, Refused
from app.kernel.files import FileStore
from app.kernel.text import Text
from app.kernel.work import Work
from app.monitoring.actions.reporting import (
    former_of,
    ground_for,
    own_report,
    require_version,
    save_report,
)
from app.monitoring.models import ProgressRecord, RecordUpload
from app.monitoring.queries.records import cells_of
from app.monitoring.report_sheets import bring_in
from app.monitoring.reporting import list_report_problems
from app.monitoring.states import REPORT_LIFE, WRITABLE
from app.monitoring.typed_reports import read_cells
from app.proposals.actions import StoredFile
from app.proposals.actions.uploading import KEPT_FOR, MOST_UNREAD, NOT_TAKEN, TOO_MANY
from app.proposals.uploads import (
    READING,
    UNREAD_STATES,
    UPLOAD_LIFE,
    WAITING,
    UploadResult,
    parse_result,
)

TOPIC = "read_report_workbook"
_FORGOTTEN_AT_ONCE = 50

NOT_BEING_WRITTEN = Text("รายงานนี้ส่งไปแล้ว จึงนำเข้าไฟล์ไม่ได้", "This report was sent and takes no workbook now")


def upload_report_workbook(work: Work[Actor], record_id: int, file: StoredFile) -> RecordUpload:
    """A workbook whose bytes are in the store, for a report; reading it is promised. Raises `NotFound`, and `Refused`
    for a report that is not being written or too many workbooks not read yet."""
    record = _writable(work, record_id)
    require_room(work.session, work.actor)
    upload = RecordUpload(
        record_id=record_id,
        uploaded_at=work.now,
        uploaded_by=work.actor.id,
        name=file.name[:255],
        size=file.size,
        sha256=file.sha256,
        state=WAITING,
    )
    work.session.add(upload)
    work.session.flush()
    work.promise(TOPIC, {"upload": upload.id})
    work.audit(
        "upload_report_workbook",
        f"report:{record_id}",
        agency_id=record.agency_id,
        after=file.sha256,
        detail={"workbook": upload.id, "size": file.size},
    )
    return upload


def require_room(session: Session, actor: Actor) -> None:
    """Raise `Refused` while too many of this person's workbooks are not read yet."""
    unread = session.scalar(
        select(func.count()).where(
            RecordUpload.uploaded_by == actor.id, RecordUpload.state.in_(UNREAD_STATES)
        )
    )
    if (unread or 0) >= MOST_UNREAD:
        raise Refused(TOO_MANY.fill(n=unread or 0))


def begin_upload(work: Work[Actor], upload_id: int) -> tuple[int, str] | None:
    """Take a workbook in hand: (the report's id, the file's SHA-256); None when there is nothing left to do."""
    upload = _unread(work, upload_id)
    if upload is None:
        return None
    upload.state = UPLOAD_LIFE.after(upload.state, "begin")
    upload.done = upload.total = 0
    return upload.record_id, upload.sha256


def note_rows(work: Work[Actor], upload_id: int, done: int, total: int) -> None:
    """Say how many rows are read; nothing once the workbook is out of hand."""
    upload = work.session.get(RecordUpload, upload_id)
    if upload is not None and upload.state == READING:
        upload.done, upload.total = done, total


def finish_upload(
    work: Work[Actor], upload_id: int, result: UploadResult, version: int, annotated_sha256: str | None
) -> None:
    """What the workbook says is known: ready to be applied, or not because of its faults. `version` is the report's
    at that moment."""
    upload = _unread(work, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "finish" if result.is_clean else "refuse")
        upload.done = upload.total
        upload.result = result.as_json()
        upload.record_version = version
        upload.annotated_sha256 = annotated_sha256


def refuse_upload(work: Work[Actor], upload_id: int, why: Text) -> None:
    """The workbook was not read, and its person is told why."""
    upload = _unread(work, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "refuse")
        upload.refusal_th, upload.refusal_en = why.th, why.en


def put_upload_back(work: Work[Actor], upload_id: int) -> None:
    """An attempt failed and another will follow."""
    upload = _unread(work, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "wait")


def _unread(work: Work[Actor], upload_id: int) -> RecordUpload | None:
    upload = work.session.get(RecordUpload, upload_id, with_for_update=True)
    return upload if upload is not None and upload.state in UNREAD_STATES else None


def apply_record_upload(work: Work[Actor], upload_id: int, seen: int) -> ProgressRecord:
    """Take the whole workbook into the report, or nothing. `seen` is the report's version its preview was compared
    with. Raises `Stale`, `Refused` with every problem of what would come out, `NotFound`."""
    upload = _own(work, upload_id)
    record = _writable(work, upload.record_id)
    after = UPLOAD_LIFE.after(upload.state, "apply")
    require_version(record, seen)
    cells: Mapping[str, str] = parse_result(upload.result or "").values["report"]["cells"]
    merged = bring_in(cells_of(record), cells)
    ground = ground_for(work, record)
    read = read_cells(merged, ground)
    found = [*read.unread, *list_report_problems(read.report, ground, former_of(work, record))]
    if wrong := [problem for problem in found if problem.place in cells]:
        raise Refused(NOT_TAKEN, wrong)
    save_report(work, record.id, merged, seen)
    upload.state, upload.ended_at, upload.record_version = after, work.now, record.version
    work.audit(
        "apply_report_workbook",
        f"report:{record.id}",
        agency_id=record.agency_id,
        after=upload.sha256,
        detail={"workbook": upload_id, "version": record.version},
    )
    return record


def drop_record_upload(work: Work[Actor], upload_id: int) -> None:
    """The person does not want it. Raises `NotFound`, and `Refused` once it is applied or dropped."""
    upload = _own(work, upload_id)
    upload.state = UPLOAD_LIFE.after(upload.state, "drop")
    upload.ended_at = work.now
    work.audit(
        "drop_report_workbook",
        f"report:{upload.record_id}",
        after=upload.sha256,
        detail={"workbook": upload_id},
    )


def _own(work: Work[Actor], upload_id: int) -> RecordUpload:
    upload = work.session.get(RecordUpload, upload_id, with_for_update=True)
    if upload is None:
        raise NotFound()
    own_report(work, upload.record_id, Permission.REPORT_PROGRESS)
    return upload


def _writable(work: Work[Actor], record_id: int) -> ProgressRecord:
    record = own_report(work, record_id, Permission.REPORT_PROGRESS)
    if record.state not in WRITABLE:
        REPORT_LIFE.after(record.state, "send")
        raise Refused(NOT_BEING_WRITTEN)
    return record


def forget_uploads(work: Work[Actor], store: FileStore) -> int:
    """Let go of workbooks past their time, and of their bytes; returns how many."""
    old = work.session.scalars(
        select(RecordUpload)
        .where(RecordUpload.uploaded_at <= work.now - KEPT_FOR)
        .order_by(RecordUpload.id)
        .limit(_FORGOTTEN_AT_ONCE)
    ).all()
    for upload in old:
        work.session.delete(upload)
    work.session.flush()
    for key in {key for upload in old for key in (upload.sha256, upload.annotated_sha256) if key}:
        kept = or_(RecordUpload.sha256 == key, RecordUpload.annotated_sha256 == key)
        if work.session.scalars(select(RecordUpload.id).where(kept)).first() is None:
            store.remove(key)
    return len(old)
