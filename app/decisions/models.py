"""What decisions remember."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class Decision(Base):
    """A resolution on a proposal. An amended decision leaves the old row with `superseded_at`."""

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("verdict IN ('approved','conditional','deferred','rejected')", name="verdict"),
        CheckConstraint(
            "(verdict IN ('approved','conditional')) = (amount > 0) AND amount >= 0", name="amount"
        ),
        CheckConstraint("(superseded_at IS NULL) = (current_for IS NOT NULL)", name="current"),
        CheckConstraint("current_for IS NULL OR current_for = proposal_id", name="current_for"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = mapped_column(BigInteger)  # satang
    conditions: Mapped[str] = mapped_column(Text, default="")
    resolution: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)
    # the proposal again while this decision counts: unique, so that one decision counts at a time
    current_for: Mapped[int | None] = mapped_column(unique=True)
