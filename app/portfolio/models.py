"""What the portfolio remembers: scenarios, and what people changed in them by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class Scenario(Base):
    """A named way to lay the list under the ceiling. `content` is `Terms` without its adjustments, canonical JSON.

    One scenario of a call at a time is adopted: the list everybody reads follows it. An adopted one is never changed; it
    is copied. What a scenario leads to is computed, never stored.
    """

    __tablename__ = "scenarios"
    __table_args__ = (
        CheckConstraint("length(name) > 0", name="name"),
        CheckConstraint("(adopted_at IS NULL) = (adopted_sha256 IS NULL)", name="adopted_evidence"),
        CheckConstraint(
            "adopted_for IS NULL OR (adopted_for = call_id AND adopted_at IS NOT NULL)", name="adopted_for"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("scenarios.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(Moment)
    adopted_at: Mapped[datetime | None] = mapped_column(Moment)
    adopted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    adopted_reason: Mapped[str] = mapped_column(Text, default="")
    # of the terms with their adjustments, as they were when adopted
    adopted_sha256: Mapped[str | None] = mapped_column(String(64))
    # the call again while this scenario is the one that counts: unique
    adopted_for: Mapped[int | None] = mapped_column(unique=True)
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)

    __mapper_args__ = {"version_id_col": version}


class ScenarioAdjustment(Base):
    """A project taken, left out or cut by hand in a scenario, with who and why. Taking it back leaves the row, ended."""

    __tablename__ = "scenario_adjustments"
    __table_args__ = (
        CheckConstraint("kind IN ('take','leave','cut')", name="kind"),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint("kind <> 'cut' OR amount IS NOT NULL", name="cut_amount"),
        CheckConstraint("amount IS NULL OR (amount > 0 AND kind <> 'leave')", name="amount"),
        CheckConstraint("(ended_at IS NULL) = (slot IS NOT NULL)", name="slot"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenarios.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int | None] = mapped_column(BigInteger)  # satang
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # "scenario:proposal" while it counts: unique, so that one adjustment counts at a time
    slot: Mapped[str | None] = mapped_column(String(40), unique=True)
