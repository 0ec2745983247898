"""What similarity remembers: pairs found, filings compared, drafts looked up, verdicts given."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class ComparedFiling(Base):
    """A filing that was compared with all that stood before it. `against` counts them; `method` names the version of
    the comparison."""

    __tablename__ = "compared_filings"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    method: Mapped[str] = mapped_column(String(40))
    against: Mapped[int]
    compared_at: Mapped[datetime] = mapped_column(Moment)


class OverlapPair(Base):
    """Two filings that resemble each other. `score` per mille; `content` is the canonical JSON of a `Comparison`,
    its left side the later filing."""

    __tablename__ = "overlap_pairs"
    __table_args__ = (
        UniqueConstraint("later_id", "earlier_id"),
        CheckConstraint("score BETWEEN 0 AND 1000", name="score"),
        CheckConstraint("later_id <> earlier_id", name="two"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    later_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    earlier_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    score: Mapped[int]
    method: Mapped[str] = mapped_column(String(40))
    content: Mapped[str] = mapped_column(Text)
    compared_at: Mapped[datetime] = mapped_column(Moment)


class DraftComparison(Base):
    """What a draft resembles, asked for by its officer. `sha256` is the draft that was compared; `content` is
    canonical JSON [{submission, score, comparison}], best first."""

    __tablename__ = "draft_comparisons"
    __table_args__ = (CheckConstraint("(compared_at IS NULL) = (content IS NULL)", name="compared"),)

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    compared_at: Mapped[datetime | None] = mapped_column(Moment)
    method: Mapped[str] = mapped_column(String(40), default="")
    against: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    content: Mapped[str | None] = mapped_column(Text)


class OverlapVerdict(Base):
    """What the secretariat judged two proposals to be; the latest counts, also for later filings and years.

    `low_id` < `high_id`. `yields_id` is the proposal that should give way, named for a duplicate and only then.
    """

    __tablename__ = "overlap_verdicts"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="order"),
        CheckConstraint("verdict IN ('duplicate','complementary','continuing','unrelated')", name="verdict"),
        CheckConstraint("(verdict = 'duplicate') = (yields_id IS NOT NULL)", name="yields"),
        CheckConstraint("yields_id IS NULL OR yields_id IN (low_id, high_id)", name="yields_one"),
        CheckConstraint("length(reason) > 0", name="reason"),
        Index("ix_overlap_verdicts_pair", "low_id", "high_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    yields_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    low_sha256: Mapped[str] = mapped_column(String(64))  # the filings as they were judged
    high_sha256: Mapped[str] = mapped_column(String(64))
