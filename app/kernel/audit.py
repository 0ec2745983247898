"""The audit log: append-only and hash-chained, with its head also kept outside the database.

Each entry's hash covers its content and the hash before it, so an edited, removed or reordered row breaks the
chain. A cut tail does not, so the length and head hash are written to `audit-head.json` in the data folder after
each commit and compared by `verify`. A head the chain contradicts is evidence: it is never replaced.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import BigInteger, Insert, Integer, Select, String, Text, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.clock import as_utc
from app.kernel.db import Base, Moment, table_of
from app.kernel.lean import dataclass

GENESIS = "0" * 64
_LOCK = 0x0DB1  # PostgreSQL advisory lock: one writer of the chain at a time


class AuditEntry(Base):
    """One row of the chain; `seq` runs 1, 2, 3 … without gaps."""

    __tablename__ = "audit_entries"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[int | None]
    agency_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    before_sha256: Mapped[str | None] = mapped_column(String(64))
    after_sha256: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry before it has its place in the chain."""

    at: datetime
    actor_id: int | None
    agency_id: int | None
    action: str
    subject: str
    before: str | None
    after: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: its length and last hash."""

    count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: `fault` is None when the chain is whole, else says where it breaks."""

    head: Head
    fault: str | None


def _hash(seq: int, entry: Entry, detail: str, previous: str) -> str:
    content = [
        seq,
        as_utc(entry.at).isoformat(),
        entry.actor_id,
        entry.agency_id,
        entry.action,
        entry.subject,
    ]
    return sha256_text(canonical_json([*content, entry.before, entry.after, detail, previous]))


@cache
def _last() -> Select[int, str]:
    """The end of the chain; written once, because every commit asks it."""
    entries = table_of(AuditEntry).c
    return select(entries.seq, entries.sha256).order_by(entries.seq.desc()).limit(1)


@cache
def _added() -> Insert:
    return table_of(AuditEntry).insert()


def append(session: Session, entries: Iterable[Entry]) -> Head | None:
    """Put entries at the end of the chain, just before the commit; returns the head to keep.

    None when there are no entries, or when the log was tampered with and the kept head must stay as evidence.
    """
    entries = list(entries)
    if not entries:
        return None
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.execute(_last()).first()
    seq, previous = (last.seq, last.sha256) if last else (0, GENESIS)
    contradicted = _contradicts_kept_head(session, Head(seq, previous))
    rows = []
    for entry in entries:
        seq += 1
        detail = canonical_json(entry.detail)
        sha256 = _hash(seq, entry, detail, previous)
        rows.append(
            {
                "seq": seq,
                "at": entry.at,
                "actor_id": entry.actor_id,
                "agency_id": entry.agency_id,
                "action": entry.action,
                "subject": entry.subject,
                "before_sha256": entry.before,
                "after_sha256": entry.after,
                "detail": detail,
                "previous": previous,
                "sha256": sha256,
            }
        )
        previous = sha256
    session.execute(_added(), rows)
    if contradicted:
        current_app.logger.error("the audit log contradicts the head kept in the data folder")
        return None
    return Head(seq, previous)


def _contradicts_kept_head(session: Session, end: Head) -> bool:
    kept = _read_head(_head_file())
    if kept is None or kept == end:
        return False
    if kept.count >= end.count:
        return True
    return session.scalar(select(AuditEntry.sha256).where(AuditEntry.seq == kept.count)) != kept.sha256


def _head_file(ending: str = "json") -> str:
    return os.path.join(current_app.config["DGI"].instance, f"audit-head.{ending}")


def keep_head(head: Head) -> None:
    """Write the head outside the database; an older head never replaces a newer one."""
    path = _head_file()
    with open(_head_file("lock"), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _read_head(path)
        if kept is not None and kept.count >= head.count:
            return
        draft = _head_file("new")
        with open(draft, "wb") as file:
            file.write(json.dumps({"count": head.count, "sha256": head.sha256}).encode())
        os.replace(draft, path)


def _read_head(path: str) -> Head | None:
    try:
        with open(path, "rb", buffering=0) as file:
            value = json.loads(file.readall())
        return Head(value["count"], value["sha256"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def verify(session: Session) -> Verdict:
    """Walk the whole chain. The fault names the first row that was edited, removed or reordered, or says
    that a removed end could not be noticed because the kept head is gone."""
    kept = _read_head(_head_file())
    seq, previous = 0, GENESIS
    for row in session.execute(select(AuditEntry).order_by(AuditEntry.seq)).scalars().yield_per(1000):
        if row.seq != seq + 1:
            return Verdict(Head(seq, previous), f"entry {seq + 1} is missing")
        if row.previous != previous:
            return Verdict(Head(seq, previous), f"entry {row.seq} does not follow the entry before it")
        entry = Entry(
            row.at,
            row.actor_id,
            row.agency_id,
            row.action,
            row.subject,
            row.before_sha256,
            row.after_sha256,
            {},
        )
        if _hash(row.seq, entry, row.detail, row.previous) != row.sha256:
            return Verdict(Head(seq, previous), f"entry {row.seq} was edited")
        seq, previous = row.seq, row.sha256
        if kept is not None and seq == kept.count and previous != kept.sha256:
            return Verdict(Head(seq, previous), f"entry {seq} differs from the head kept in the data folder")
    if kept is not None and kept.count > seq:
        return Verdict(Head(seq, previous), f"{kept.count - seq} entries after entry {seq} were removed")
    if kept is None and seq:
        return Verdict(Head(seq, previous), "the head kept in the data folder is missing or unreadable")
    return Verdict(Head(seq, previous), None)
