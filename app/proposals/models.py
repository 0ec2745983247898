"""What proposals remember."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class Proposal(Base):
    """A proposal as lists need it. The state is tied to its evidence: filed means hashed and stamped."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft','submitted','passed','questioned','failed','approved','conditional',"
            "'deferred','rejected','recorded')",
            name="state",
        ),
        CheckConstraint(
            "state = 'draft' OR (submitted_at IS NOT NULL AND facts_sha256 IS NOT NULL)",
            name="filed_evidence",
        ),
        CheckConstraint("total >= 0", name="total"),
        Index("ix_proposals_call_state", "call_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    number: Mapped[str] = mapped_column(
        String(20).with_variant(String(20, collation="C"), "postgresql"), unique=True
    )
    lead_agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1)
    title_th: Mapped[str] = mapped_column(String(600), default="")
    title_en: Mapped[str] = mapped_column(String(600), default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    guideline: Mapped[str] = mapped_column(String(20), default="")
    strategy: Mapped[str] = mapped_column(String(20), default="")
    focus_area: Mapped[str] = mapped_column(String(20), default="")
    total: Mapped[int] = mapped_column(BigInteger, default=0)  # satang, all agencies
    search_key: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    facts_sha256: Mapped[str | None] = mapped_column(String(64))

    __mapper_args__ = {"version_id_col": version}


class ProposalDraft(Base):
    """What was typed so far. `section_versions` counts the saves of each section."""

    __tablename__ = "proposal_drafts"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    section_versions: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ProposalAgency(Base):
    """The agencies of a proposal: who may open it, and whose money is in it (satang)."""

    __tablename__ = "proposal_agencies"
    __table_args__ = (UniqueConstraint("proposal_id", "agency_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    is_lead: Mapped[bool]
    amount: Mapped[int] = mapped_column(BigInteger, default=0)


class Submission(Base):
    """A frozen filing and its receipt. `content` is the canonical JSON whose SHA-256 the receipt shows."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("proposal_id", "sequence"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    sequence: Mapped[int]
    receipt_number: Mapped[str] = mapped_column(String(30), unique=True)
    idempotency_key: Mapped[str] = mapped_column(String(64), unique=True)
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    total: Mapped[int] = mapped_column(BigInteger)
    plan_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    rubric_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    rulebook_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))


class SubmittedLine(Base):
    """A budget line of a filing, as rows for sums; money in satang. `q0` is what has no quarter."""

    __tablename__ = "submitted_lines"
    __table_args__ = (
        UniqueConstraint("submission_id", "position"),
        CheckConstraint("amount = quantity * unit_price", name="amount"),
        CheckConstraint("q0 + q1 + q2 + q3 + q4 = amount", name="quarters"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    position: Mapped[int]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    item: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(100))
    unit_price: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    q0: Mapped[int] = mapped_column(BigInteger)
    q1: Mapped[int] = mapped_column(BigInteger)
    q2: Mapped[int] = mapped_column(BigInteger)
    q3: Mapped[int] = mapped_column(BigInteger)
    q4: Mapped[int] = mapped_column(BigInteger)
    later1: Mapped[int] = mapped_column(BigInteger)
    later2: Mapped[int] = mapped_column(BigInteger)
    later3: Mapped[int] = mapped_column(BigInteger)
    later4: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)


class ProposalMove(Base):
    """One step of a proposal's life."""

    __tablename__ = "proposal_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    move: Mapped[str] = mapped_column(String(30))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text, default="")


class Attachment(Base):
    """A file of a draft. The bytes lie in the file store under their SHA-256; removal keeps the row."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
