"""The outbox: work for later, written in the transaction that promises it, drained by `app/jobs`.

Because the promise and its cause commit together, nothing is lost between the two; handlers are idempotent,
because a promise may be kept twice after a crash.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.canonical import canonical_json
from app.kernel.db import Base, Moment
from app.kernel.lean import dataclass

MOST_ATTEMPTS = 5


class NotYet(Exception):
    """Raised by whoever keeps a promise: what it takes is not there for now, such as a server that does not answer.

    No fault of ours: it is tried again as any failure is, and when the attempts are used up, from `patience` later on
    there are as many again.
    """

    def __init__(self, why: str, patience: timedelta):
        super().__init__(why)
        self.patience = patience


class OutboxRow(Base):
    """One promise; kept when `done_at` is set, given up when `attempts` reaches the limit."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)


def add(session: Session, topic: str, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave a promise, due at once."""
    session.add(OutboxRow(topic=topic, payload=canonical_json(dict(payload)), created_at=now, due_at=now))


@dataclass(frozen=True, slots=True)
class Topics:
    """Which promises are meant: those `only` names, or all when it names none, except what `but` names."""

    only: Collection[str] = ()
    but: Collection[str] = ()


ANY = Topics()


def _due(now: datetime, topics: Topics) -> Select[OutboxRow]:
    due = select(OutboxRow).where(
        OutboxRow.done_at.is_(None), OutboxRow.due_at <= now, OutboxRow.attempts < MOST_ATTEMPTS
    )
    if topics.only:
        due = due.where(OutboxRow.topic.in_(sorted(topics.only)))
    if topics.but:
        due = due.where(OutboxRow.topic.not_in(sorted(topics.but)))
    return due.order_by(OutboxRow.id).limit(1)


def is_any_due(session: Session, now: datetime, topics: Topics = ANY) -> bool:
    """Whether there is a promise to claim; looking takes no lock, so an idle runner disturbs nobody."""
    return session.scalar(_due(now, topics).with_only_columns(OutboxRow.id)) is not None


def claim(session: Session, now: datetime, lease: timedelta, topics: Topics = ANY) -> OutboxRow | None:
    """Take the oldest due promise for `lease`; another runner sees it again only after that."""
    row = session.scalars(_due(now, topics).with_for_update(skip_locked=True)).first()
    if row is not None:
        row.attempts += 1
        row.due_at = now + lease
    return row


def promised_at(session: Session, row_id: int) -> datetime:
    """When a promise was made."""
    return session.get_one(OutboxRow, row_id).created_at


def done(session: Session, row_id: int, now: datetime) -> None:
    """The promise was kept."""
    row = session.get_one(OutboxRow, row_id)
    row.done_at, row.error = now, None


def failed(session: Session, row_id: int, error: str, now: datetime) -> None:
    """The attempt failed: try again later, a little longer each time."""
    row = session.get_one(OutboxRow, row_id)
    row.error = error[:2000]
    row.due_at = now + timedelta(seconds=10 * 2**row.attempts)


def begin_again(session: Session, row_id: int, error: str, due_at: datetime) -> None:
    """The attempts are used up, but not the patience: from `due_at` on there are as many again."""
    row = session.get_one(OutboxRow, row_id)
    row.error, row.attempts, row.due_at = error[:2000], 0, due_at
