"""One unit of work: the actor, the moment and the session an action needs, and the one commit.

Shells (pages, commands, jobs) open it with `open_work`; actions receive it and never commit. What an action
did is audited, and what it promises for later is an outbox row, in the same transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from app.kernel import audit, outbox
from app.kernel.db import db, write_transaction
from app.kernel.lean import dataclass


class Acting(Protocol):
    """Whoever acts: a person, or the system itself (id None)."""

    @property
    def id(self) -> int | None: ...

    @property
    def agency_id(self) -> int | None: ...


A = TypeVar("A", bound=Acting)


@dataclass(slots=True)
class Work(Generic[A]):
    """What an action works with. `now` is the moment the request arrived, UTC."""

    session: Session
    actor: A
    now: datetime
    entries: list[audit.Entry] = field(default_factory=list)

    def audit(
        self,
        action: str,
        subject: str,
        *,
        agency_id: int | None = None,
        before: str | None = None,
        after: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Record what was done. `subject` is "kind:id"; `before` and `after` are SHA-256 of the thing."""
        self.entries.append(
            audit.Entry(
                at=self.now,
                actor_id=self.actor.id,
                agency_id=agency_id if agency_id is not None else self.actor.agency_id,
                action=action,
                subject=subject,
                before=before,
                after=after,
                detail=dict(detail or {}),
            )
        )

    def promise(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Leave work for later in the outbox, in this same transaction."""
        outbox.add(self.session, topic, payload, self.now)


@contextlib.contextmanager
def open_work(actor: A, now: datetime) -> Iterator[Work[A]]:
    """Open a write transaction for `actor`; commits once at the end, or nothing at all on an error."""
    head = None
    with write_transaction():
        work = Work(db.session(), actor, now)
        yield work
        head = audit.append(work.session, work.entries)
    if head is not None:
        audit.keep_head(head)
