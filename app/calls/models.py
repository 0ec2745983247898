"""What calls remember."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class CallDocument(Base):
    """One version of a plan structure, rubric, rulebook or list of reference prices. Frozen once a call uses it."""

    __tablename__ = "call_documents"
    __table_args__ = (
        UniqueConstraint("kind", "code", "version"),
        CheckConstraint("kind IN ('plan','rubric','rulebook','prices')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)  # canonical JSON
    sha256: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(Moment)
    frozen_at: Mapped[datetime | None] = mapped_column(Moment)


class Call(Base):
    """A call of a fiscal year."""

    __tablename__ = "calls"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("ceiling >= 0", name="ceiling"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(unique=True)
    name_th: Mapped[str] = mapped_column(String(300))
    name_en: Mapped[str] = mapped_column(String(300))
    opens_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    ceiling: Mapped[int] = mapped_column(BigInteger)  # satang
    origin: Mapped[str] = mapped_column(String(10))
    reviewers_per_proposal: Mapped[int]
    grace_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    is_certified: Mapped[bool] = mapped_column(default=False, server_default=false())
    limits: Mapped[str] = mapped_column(Text)  # canonical JSON
    note_th: Mapped[str] = mapped_column(Text, default="")
    note_en: Mapped[str] = mapped_column(Text, default="")
    plan_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    rubric_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    prices_id: Mapped[int | None] = mapped_column(ForeignKey("call_documents.id"))
    last_number: Mapped[int] = mapped_column(default=0)  # the last proposal number given out


class DocumentChange(Base):
    """A call that went over to another version of one of its documents, and why. What was screened under the version
    before keeps it."""

    __tablename__ = "document_changes"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    from_id: Mapped[int | None] = mapped_column(ForeignKey("call_documents.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class CallExtension(Base):
    """A later closing moment, for every agency (`agency_id` NULL) or for one; the latest moment that applies counts.

    An extension is taken back by ending it, never by removing the row.
    """

    __tablename__ = "call_extensions"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
