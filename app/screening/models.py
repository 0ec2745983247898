"""What screening remembers: runs never change; overrides stand beside them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment

_OUTCOMES = "('passes','needs_person','fails')"


class ScreeningBatch(Base):
    """Many filings of a call run again together: what a change of rules, verdicts or results changed is read here."""

    __tablename__ = "screening_batches"
    __table_args__ = (CheckConstraint("cause IN ('rerun','adopted')", name="cause"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    cause: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ScreeningRun(Base):
    """One run of a rulebook over one frozen filing.

    `context` is canonical JSON: all that the rules knew besides the filing, the call and its documents
    (`facts.Circumstances`), so that the run can be repeated byte by byte.
    """

    __tablename__ = "screening_runs"
    __table_args__ = (
        CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),
        Index("ix_screening_runs_proposal", "proposal_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    run_at: Mapped[datetime] = mapped_column(Moment)
    run_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    context: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    prices_id: Mapped[int | None] = mapped_column(ForeignKey("call_documents.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("screening_batches.id"), index=True)


class ScreeningFinding(Base):
    """One finding of a run; `content` is canonical JSON {reason, places, values}."""

    __tablename__ = "screening_findings"
    __table_args__ = (CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("screening_runs.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(Text)


class ScreeningOverride(Base):
    """A person's judgement beside a rule's conclusion, with the reason. The latest per rule counts."""

    __tablename__ = "screening_overrides"
    __table_args__ = (
        CheckConstraint(f"outcome IN {_OUTCOMES}", name="outcome"),
        CheckConstraint("length(reason) > 0", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("screening_runs.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ScreeningCase(Base):
    """Who of the secretariat looks after the screening of a proposal."""

    __tablename__ = "screening_cases"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), primary_key=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ScreeningNote(Base):
    """What the secretariat notes for itself about a proposal; never shown to agencies. Notes are not edited."""

    __tablename__ = "screening_notes"
    __table_args__ = (CheckConstraint("length(note) > 0", name="note"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
