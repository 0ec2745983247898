"""The decision books of a call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.decisions.models import DecisionBook, Meeting
from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class BookView:
    """A book: of which meeting, its head and SHA-256, size in bytes, who closed the meeting and when."""

    id: int
    call_id: int
    meeting_id: int
    level: str
    number: str
    head: str
    sha256: str
    size: int
    audit_seq: int
    made_at: datetime
    made_by: Text | None


def _select() -> Select[DecisionBook, str, str, str, str]:
    return (
        select(DecisionBook, Meeting.level, Meeting.number, User.name_th, User.name_en)
        .join(Meeting, Meeting.id == DecisionBook.meeting_id)
        .outerjoin(User, User.id == DecisionBook.made_by)
        .order_by(DecisionBook.id.desc())
    )


def _view(row: Row[DecisionBook, str, str, str, str]) -> BookView:
    book, level, number, th, en = row
    return BookView(
        book.id,
        book.call_id,
        book.meeting_id,
        level,
        number,
        book.head,
        book.sha256,
        book.size,
        book.audit_seq,
        book.made_at,
        Text(th, en) if th else None,
    )


def list_books(session: Session, actor: Actor, call_id: int) -> list[BookView]:
    """The books of a call, the latest first. One query. Raises `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    return [_view(row) for row in session.execute(_select().where(DecisionBook.call_id == call_id))]


def get_book(session: Session, actor: Actor, meeting_id: int) -> BookView:
    """The book of a meeting. Raises `NotFound` for a meeting without one, `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    row = session.execute(_select().where(DecisionBook.meeting_id == meeting_id)).first()
    if row is None:
        raise NotFound()
    return _view(row)
