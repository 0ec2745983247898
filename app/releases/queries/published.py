"""Releases as lists show them, and what the public may read of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, require
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.values import thaw_value
from app.releases.facts import Phase
from app.releases.identifiers import short
from app.releases.models import Release


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of open data: its name, SHA-256 and size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A release as the public knows it. A withdrawn one is told of with its reason, and no longer shown."""

    fiscal_year: int
    ordinal: int
    phase: Phase
    sha256: str
    files: str
    note: str
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str

    @property
    def short(self) -> str:
        return short(self.sha256)

    @property
    def is_shown(self) -> bool:
        return self.withdrawn_at is None

    def list_files(self) -> tuple[ReleaseFile, ...]:
        return thaw_value(tuple[ReleaseFile, ...], json.loads(self.files))


_release, _call = table_of(Release), table_of(Call)
_PUBLISHED = (
    select(
        _call.c.fiscal_year,
        _release.c.ordinal,
        _release.c.phase,
        _release.c.sha256,
        _release.c.files,
        _release.c.note,
        _release.c.published_at,
        _release.c.withdrawn_at,
        _release.c.withdrawn_reason,
    )
    .join(_call, _call.c.id == _release.c.call_id)
    .where(_release.c.published_at.is_not(None))
    .order_by(_call.c.fiscal_year.desc(), _release.c.published_at.desc(), _release.c.id.desc())
)


def list_published(session: Session) -> list[PublishedRow]:
    """Everything ever published, withdrawn ones too: the latest year first, and of a year the latest release. One query,
    asked by every public page, so that a release that was withdrawn is gone from the next request on."""
    return [
        PublishedRow(year, ordinal, Phase(phase), *rest)
        for year, ordinal, phase, *rest in session.execute(_PUBLISHED)
    ]


def find_current(rows: Iterable[PublishedRow], fiscal_year: int) -> PublishedRow | None:
    """The release of a year that counts: the last published one that was not withdrawn."""
    return next((row for row in rows if row.fiscal_year == fiscal_year and row.is_shown), None)


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release as those who publish see it. `state` is made, published or withdrawn."""

    id: int
    call_id: int
    fiscal_year: int
    ordinal: int
    phase: Phase
    sha256: str
    size: int
    files: tuple[ReleaseFile, ...]
    note: str
    version: int
    made_at: datetime
    made_by: Text | None
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str

    @property
    def state(self) -> str:
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "made" if self.published_at is None else "published"

    @property
    def short(self) -> str:
        return short(self.sha256)


_SELECT = (
    select(Release, Call.fiscal_year, User.name_th, User.name_en)
    .join(Call, Call.id == Release.call_id)
    .outerjoin(User, User.id == Release.made_by)
    .order_by(Call.fiscal_year.desc(), Release.ordinal.desc())
)


def _view(row: Row[Release, int, str, str]) -> ReleaseView:
    release, fiscal_year, th, en = row
    return ReleaseView(
        release.id,
        release.call_id,
        fiscal_year,
        release.ordinal,
        Phase(release.phase),
        release.sha256,
        release.size,
        thaw_value(tuple[ReleaseFile, ...], json.loads(release.files)),
        release.note,
        release.version,
        release.made_at,
        Text(th, en) if th else None,
        release.published_at,
        release.withdrawn_at,
        release.withdrawn_reason,
    )


def list_releases(session: Session, actor: Actor) -> list[ReleaseView]:
    """Every release ever made, the latest first. One query. Raises `Forbidden` without PUBLISH_DATA."""
    require(actor, Permission.PUBLISH_DATA)
    return [_view(row) for row in session.execute(_SELECT)]


def get_release(session: Session, actor: Actor, release_id: int) -> ReleaseView:
    """One release. Raises `NotFound`, and `Forbidden` without PUBLISH_DATA."""
    require(actor, Permission.PUBLISH_DATA)
    row = session.execute(_SELECT.where(Release.id == release_id)).first()
    if row is None:
        raise NotFound()
    return _view(row)
