"""What releases remember."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class Release(Base):
    """What was made ready for the public, and what became of it. The bytes (canonical JSON of `facts.PublicYear`) lie in the
    file store under `sha256`; `files` is canonical JSON of the open data made from them: [{name, sha256, size}]. Rows are
    never removed, and what they name never changes."""

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("call_id", "ordinal"),
        CheckConstraint("phase IN ('asked','recommended','approved','spent')", name="phase"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("withdrawn_at IS NULL OR published_at IS NOT NULL", name="published"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason = '')", name="withdrawn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    ordinal: Mapped[int]
    phase: Mapped[str] = mapped_column(String(12))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    files: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")  # what is new in it; public with it
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")

    __mapper_args__ = {"version_id_col": version}


class CatalogueRun(Base):
    """One sending of a release to the open data catalogue. `steps` is canonical JSON: [{verb, name, size}] as done or, of a
    failed one, as far as it came; `why` says in both languages what went wrong."""

    __tablename__ = "catalogue_runs"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','done','failed')", name="state"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    steps: Mapped[str] = mapped_column(Text, default="[]")
    why_th: Mapped[str] = mapped_column(Text, default="")
    why_en: Mapped[str] = mapped_column(Text, default="")
