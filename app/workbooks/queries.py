"""Where uploaded workbooks stand, and what they say, whatever they are of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.workbooks.models import UploadColumns
from app.workbooks.uploads import UNREAD_STATES, UploadResult, parse_result

Table = type[UploadColumns]


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A workbook somebody sent for `owner_id`, a proposal or a report, and for that agency's part of it. `done` of `total`
    rows are read; `refusal` says why it was not read at all."""

    id: int
    owner_id: int
    agency_id: int
    uploaded_at: datetime
    by: Text
    name: str
    size: int
    state: str
    done: int
    total: int
    refusal: Text
    has_annotated: bool
    ended_at: datetime | None

    @property
    def is_unread(self) -> bool:
        return self.state in UNREAD_STATES


def select_uploads(table: Table, owner: Any, agency: Any, name_th: Any, name_en: Any) -> Any:
    """Everything but the results, which may be long, for `row_of`; the room joins the sender's names."""
    kept: tuple[InstrumentedAttribute[Any], ...] = (
        table.id,
        table.uploaded_at,
        table.name,
        table.size,
        table.state,
        table.done,
        table.total,
        table.refusal_th,
        table.refusal_en,
        table.annotated_sha256,
        table.ended_at,
    )
    named = owner.label("owner_id"), agency.label("agency_id"), name_th.label("by_th"), name_en.label("by_en")
    return select(*kept, *named)


def row_of(row: Any) -> UploadRow:
    """A row of `select_uploads`."""
    return UploadRow(
        id=row.id,
        owner_id=row.owner_id,
        agency_id=row.agency_id,
        uploaded_at=row.uploaded_at,
        by=Text(row.by_th or "", row.by_en or ""),
        name=row.name,
        size=row.size,
        state=row.state,
        done=row.done,
        total=row.total,
        refusal=Text(row.refusal_th, row.refusal_en),
        has_annotated=row.annotated_sha256 is not None,
        ended_at=row.ended_at,
    )


def count_unread(session: Session, table: Table, person_id: int | None) -> int:
    """How many workbooks of this person are still to be read."""
    unread = (
        select(func.count())
        .select_from(table)
        .where(table.uploaded_by == person_id, table.state.in_(UNREAD_STATES))
    )
    return session.scalar(unread) or 0


def read_result(session: Session, table: Table, upload_id: int) -> UploadResult | None:
    """What a workbook says; None while nothing is known, or when it was refused as a whole."""
    found = session.scalar(select(table.result).where(table.id == upload_id))
    return None if found is None else parse_result(found)


def find_marked(session: Session, table: Table, upload_id: int) -> str:
    """The SHA-256 of the workbook given back marked. Raises `NotFound` where there is none."""
    found = session.scalar(select(table.annotated_sha256).where(table.id == upload_id))
    if found is None:
        raise NotFound()
    return found
