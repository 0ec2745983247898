"""What figures remember: the papers people ordered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class PrintedPaper(Base):
    """A paper ordered by one person, for that person only. The bytes lie in the file store under `sha256`.

    `choice` is what the paper was narrowed to, canonical JSON; "{}" for a paper of the whole call.
    """

    __tablename__ = "printed_papers"
    __table_args__ = (
        CheckConstraint("state IN ('queued','running','done','failed','expired')", name="state"),
        CheckConstraint("format IN ('xlsx','pdf','json','zip')", name="format"),
        CheckConstraint("language IN ('th','en')", name="language"),
        CheckConstraint(
            "state NOT IN ('done','expired') OR (sha256 IS NOT NULL AND size IS NOT NULL"
            " AND finished_at IS NOT NULL AND expires_at IS NOT NULL)",
            name="printed_evidence",
        ),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure"),
        Index("ix_printed_papers_person", "ordered_by", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    format: Mapped[str] = mapped_column(String(4))
    language: Mapped[str] = mapped_column(String(2))
    choice: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    ordered_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    ordered_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(10), index=True)
    step: Mapped[str] = mapped_column(String(10))
    done: Mapped[int] = mapped_column(default=0)  # of `total`, in table rows
    total: Mapped[int] = mapped_column(default=0)
    progress_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    failure: Mapped[str | None] = mapped_column(String(10))
