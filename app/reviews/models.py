"""What reviews remember."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class Assignment(Base):
    """A proposal given to a reviewer, and the review's total once it is in (hundredths of a point)."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("proposal_id", "reviewer_id"),
        CheckConstraint("(submitted_at IS NULL) = (total IS NULL)", name="submitted_evidence"),
        CheckConstraint("total IS NULL OR (total >= 0 AND total <= 10000)", name="total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    body: Mapped[str] = mapped_column(String(10))
    assigned_at: Mapped[datetime] = mapped_column(Moment)
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    total: Mapped[int | None]
    scores: Mapped[str] = mapped_column(Text, default="{}")  # canonical JSON {criterion: {level, comment}}
    rubric_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))

    __mapper_args__ = {"version_id_col": version}
