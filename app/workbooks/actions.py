"""Filled-in workbooks on their way in, whatever they are of: taken in hand, read out of sight, then taken in whole or
dropped by their person.

The rooms say what a workbook is for, who may send it and what becomes of what it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.errors import Refused
from app.kernel.files import FileStore
from app.kernel.text import Text
from app.kernel.work import Work
from app.workbooks.models import UploadColumns
from app.workbooks.queries import Table, count_unread
from app.workbooks.uploads import (
    KEPT_FOR,
    MOST_UNREAD,
    READING,
    UNREAD_STATES,
    UPLOAD_LIFE,
    WAITING,
    UploadResult,
)

U = TypeVar("U", bound=UploadColumns)
_FORGOTTEN_AT_ONCE = 50

TOO_MANY = Text(
    "ท่านมีไฟล์ที่ยังอ่านไม่เสร็จ {n} ไฟล์ กรุณารอให้เสร็จก่อน",
    "You have {n} workbooks that are still to be read; let them finish first",
)
UNDECIDED = Text(
    "ยังไม่ได้เลือกว่าจะใช้ของใครในบางรายการ จึงยังไม่มีสิ่งใดถูกนำเข้า",
    "For some entries it is not chosen yet whose to use, so nothing was taken in",
)
NOT_TAKEN = Text(
    "นำเข้าไม่ได้ จึงไม่มีสิ่งใดเปลี่ยน", "The workbook cannot be taken in as it is, so nothing was changed"
)


class Undecided(Refused):
    """Both the workbook and somebody else changed the same thing, and it was not chosen whose to use."""


class Stored(Protocol):
    """A file whose bytes are in the store."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...


def require_room(session: Session, table: Table, person_id: int | None) -> None:
    """Raise `Refused` while too many of this person's workbooks are not read yet; worth asking before bytes are put
    away."""
    unread = count_unread(session, table, person_id)
    if unread >= MOST_UNREAD:
        raise Refused(TOO_MANY.fill(n=unread))


def take_in_hand(work: Work[Any], upload: U, file: Stored, topic: str) -> U:
    """Keep a workbook that was sent, and promise to read it. Raises `Refused` as `require_room` does."""
    require_room(work.session, type(upload), work.actor.id)
    upload.uploaded_at, upload.uploaded_by = work.now, work.actor.id
    upload.name, upload.size, upload.sha256 = file.name[:255], file.size, file.sha256
    upload.state = WAITING
    work.session.add(upload)
    work.session.flush()
    work.promise(topic, {"upload": upload.id})
    return upload


def begin_upload(work: Work[Any], table: type[U], upload_id: int) -> U | None:
    """Begin to read a workbook; None when there is nothing left to do for it."""
    upload = _unread(work, table, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "begin")
        upload.done = upload.total = 0
    return upload


def note_rows(work: Work[Any], table: Table, upload_id: int, done: int, total: int) -> None:
    """Say how many rows are read; nothing once the workbook is out of hand."""
    upload = work.session.get(table, upload_id)
    if upload is not None and upload.state == READING:
        upload.done, upload.total = done, total


def finish_upload(
    work: Work[Any], table: type[U], upload_id: int, result: UploadResult, annotated_sha256: str | None
) -> U | None:
    """What the workbook says is known: it is ready to be taken in, or cannot be because of its faults. None once it is
    out of hand."""
    upload = _unread(work, table, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "finish" if result.is_clean else "refuse")
        upload.done = upload.total
        upload.result = result.as_json()
        upload.annotated_sha256 = annotated_sha256
    return upload


def refuse_upload(work: Work[Any], table: Table, upload_id: int, why: Text) -> None:
    """The workbook was not read, and its person is told why."""
    upload = _unread(work, table, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "refuse")
        upload.refusal_th, upload.refusal_en = why.th, why.en


def put_upload_back(work: Work[Any], table: Table, upload_id: int) -> None:
    """An attempt failed and another will follow."""
    upload = _unread(work, table, upload_id)
    if upload is not None:
        upload.state = UPLOAD_LIFE.after(upload.state, "wait")


def end_upload(work: Work[Any], upload: UploadColumns, move: str) -> None:
    """ "apply" or "drop" it. Raises `Refused` where its state does not allow it."""
    upload.state, upload.ended_at = UPLOAD_LIFE.after(upload.state, move), work.now


def forget_uploads(work: Work[Any], tables: Sequence[Table], store: FileStore) -> int:
    """Let go of workbooks past their time, whatever became of them, and of their bytes; returns how many. What was taken
    in stands in what it was for, and in the log. Raises `StorageFault`; then all are still there.

    `tables` are all that share the `store`: bytes go only when none of them asks for them.
    """
    old: list[UploadColumns] = []
    for table in tables:
        past = select(table).where(table.uploaded_at <= work.now - KEPT_FOR).order_by(table.id)
        old += work.session.scalars(past.limit(_FORGOTTEN_AT_ONCE)).all()
    for upload in old:
        work.session.delete(upload)
    work.session.flush()
    for key in {key for upload in old for key in (upload.sha256, upload.annotated_sha256) if key}:
        if not any(_asks_for(work.session, table, key) for table in tables):
            store.remove(key)
    return len(old)


def _asks_for(session: Session, table: Table, key: str) -> bool:
    kept = select(table.id).where(or_(table.sha256 == key, table.annotated_sha256 == key))
    return session.scalars(kept.limit(1)).first() is not None


def _unread(work: Work[Any], table: type[U], upload_id: int) -> U | None:
    upload = work.session.get(table, upload_id, with_for_update=True)
    return upload if upload is not None and upload.state in UNREAD_STATES else None
