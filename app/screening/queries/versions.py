"""Versions of rulebooks and price lists, and which calls use them since when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.facts import DocumentKind, PriceList, Rulebook
from app.calls.models import Call, CallDocument, DocumentChange
from app.calls.queries import parse_document
from app.identity.models import User
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text

KINDS = (DocumentKind.RULEBOOK, DocumentKind.PRICES)


@dataclass(frozen=True, slots=True)
class Usage:
    """A call that uses a version, or used it. `since` None: since the call was opened; `until` None: to this day."""

    fiscal_year: int
    since: datetime | None
    until: datetime | None
    reason: str
    by: Text | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version with its value. A frozen one never changes."""

    id: int
    kind: DocumentKind
    code: str
    version: int
    title: Text
    sha256: str
    loaded_at: datetime
    frozen_at: datetime | None
    value: Rulebook | PriceList
    content: str
    usages: tuple[Usage, ...]

    @property
    def size(self) -> int:
        """How many rules or items it has."""
        return len(self.value.rules if isinstance(self.value, Rulebook) else self.value.items)

    @property
    def users(self) -> tuple[Usage, ...]:
        """The calls that use it now."""
        return tuple(usage for usage in self.usages if usage.until is None)

    @property
    def document(self) -> dict[str, Any]:
        """The values of its file."""
        values: dict[str, Any] = json.loads(self.content)
        return values


def list_versions(session: Session) -> list[VersionView]:
    """Every version, rulebooks first, latest version of a code first; three queries."""
    rows = session.execute(
        select(CallDocument).where(CallDocument.kind.in_([kind.value for kind in KINDS]))
    ).scalars()
    usages = _usages(session)
    found = [_view(row, usages) for row in rows]
    return sorted(found, key=lambda v: (KINDS.index(v.kind), v.code, -v.version))


def get_version(session: Session, document_id: int) -> VersionView:
    """One version. Raises `NotFound`, for other kinds of documents too."""
    row = session.get(CallDocument, document_id)
    if row is None or row.kind not in KINDS:
        raise NotFound()
    return _view(row, _usages(session))


def _view(row: CallDocument, usages: Mapping[int, list[Usage]]) -> VersionView:
    value = parse_document(row.kind, row.sha256, row.content)
    assert isinstance(value, Rulebook | PriceList)
    return VersionView(
        id=row.id,
        kind=DocumentKind(row.kind),
        code=row.code,
        version=row.version,
        title=value.title,
        sha256=row.sha256,
        loaded_at=row.loaded_at,
        frozen_at=row.frozen_at,
        value=value,
        content=row.content,
        usages=tuple(usages.get(row.id, ())),
    )


def _usages(session: Session) -> dict[int, list[Usage]]:
    """Document id -> the calls that use or used it, latest call first. A call's history is read from its end."""
    calls = session.execute(select(Call.id, Call.fiscal_year, Call.rulebook_id, Call.prices_id)).all()
    by_call: dict[int, list[Any]] = {}
    for row in session.execute(
        select(
            DocumentChange.call_id,
            DocumentChange.from_id,
            DocumentChange.to_id,
            DocumentChange.reason,
            DocumentChange.at,
            User.name_th,
            User.name_en,
        )
        .outerjoin(User, User.id == DocumentChange.by)
        .order_by(DocumentChange.id.desc())
    ):
        by_call.setdefault(row.call_id, []).append(row)
    found: dict[int, list[Usage]] = {}
    for call in sorted(calls, key=lambda c: -c.fiscal_year):
        for current in (call.rulebook_id, call.prices_id):
            held, until = current, None
            for row in by_call.get(call.id, ()):
                if held is not None and row.to_id == held:
                    by = Text(row.name_th, row.name_en) if row.name_th else None
                    found.setdefault(held, []).append(Usage(call.fiscal_year, row.at, until, row.reason, by))
                    held, until = row.from_id, row.at
            if held is not None:
                found.setdefault(held, []).append(Usage(call.fiscal_year, None, until, "", None))
    return found
