"""The outbox: work for later, written in the transaction that promises it, drained by `app/jobs`.

Because the promise and its cause commit together, nothing is lost between the two; handlers are idempotent,
because a promise may be kept twice after a crash.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.canonical import canonical_json
from app.kernel.db import Base, Moment

MOST_ATTEMPTS = 5


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


def _due(now: datetime) -> Select[OutboxRow]:
    return (
        select(OutboxRow)
        .where(OutboxRow.done_at.is_(None), OutboxRow.due_at <= now, OutboxRow.attempts < MOST_ATTEMPTS)
        .order_by(OutboxRow.id)
        .limit(1)
    )


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether there is a promise to claim; looking takes no lock, so an idle runner disturbs nobody."""
    return session.scalar(_due(now).with_only_columns(OutboxRow.id)) is not None


def claim(session: Session, now: datetime, lease: timedelta) -> OutboxRow | None:
    """Take the oldest due promise for `lease`; another runner sees it again only after that."""
    row = session.scalars(_due(now).with_for_update(skip_locked=True)).first()
    if row is not None:
        row.attempts += 1
        row.due_at = now + lease
    return row


def done(session: Session, row_id: int, now: datetime) -> None:
    """The promise was kept."""
    row = session.get_one(OutboxRow, row_id)
    row.done_at, row.error = now, None


def failed(session: Session, row_id: int, error: str, now: datetime) -> None:
    """The attempt failed: try again later, a little longer each time."""
    row = session.get_one(OutboxRow, row_id)
    row.error = error[:2000]
    row.due_at = now + timedelta(seconds=10 * 2**row.attempts)
