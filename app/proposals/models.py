"""What proposals remember."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment
from app.workbooks.models import UploadColumns


class Proposal(Base):
    """A proposal as lists need it. The state is tied to its evidence: filed means hashed and stamped."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft','submitted','passed','questioned','failed','returned','approved','conditional',"
            "'deferred','rejected','recorded')",
            name="state",
        ),
        CheckConstraint(
            "state = 'draft' OR (submitted_at IS NOT NULL AND facts_sha256 IS NOT NULL)",
            name="filed_evidence",
        ),
        CheckConstraint("total >= 0", name="total"),
        CheckConstraint("least IS NULL OR least > 0", name="least"),
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
    # the smallest amount the project still works with, satang; none where it needs all of it
    least: Mapped[int | None] = mapped_column(BigInteger)
    search_key: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    facts_sha256: Mapped[str | None] = mapped_column(String(64))
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"), index=True)

    __mapper_args__ = {"version_id_col": version}


class ProposalDraft(Base):
    """What was typed so far. `section_versions` counts the saves of each section."""

    __tablename__ = "proposal_drafts"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    section_versions: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class DraftRevision(Base):
    """One save of one section, kept for good. `agency_id` is whose part it is: the lead's or a participant's."""

    __tablename__ = "draft_revisions"
    __table_args__ = (
        UniqueConstraint("proposal_id", "agency_id", "section", "version"),
        CheckConstraint(
            "cause IN ('typed','autosaved','merged','uploaded','restored','carried','handed')", name="cause"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    section: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)  # the section's canonical JSON
    cause: Mapped[str] = mapped_column(String(10))
    # the open page that saved it by itself: a page whose answer was lost must not meet its own text as another's
    page: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Participation(Base):
    """A participant invited by the lead, and the part of the proposal it fills in itself once it has joined.

    `content` is canonical JSON {links, indicators, budget}, each {rows: []}. `confirmed_sha256` is the part its
    officer declared complete; a later change of the part leaves it behind.
    """

    __tablename__ = "participations"
    __table_args__ = (
        UniqueConstraint("proposal_id", "agency_id"),
        CheckConstraint("state IN ('invited','joined','declined')", name="state"),
        CheckConstraint("state = 'invited' OR answered_at IS NOT NULL", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    invited_at: Mapped[datetime] = mapped_column(Moment)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text)
    section_versions: Mapped[str] = mapped_column(Text)
    confirmed_sha256: Mapped[str | None] = mapped_column(String(64))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class LinkRequest(Base):
    """A link somebody claims, put to the partner it names. A link that changes is another link, and asks again.

    `content` is the link as it was put, canonical JSON, and `link_sha256` its hash.
    """

    __tablename__ = "link_requests"
    __table_args__ = (
        UniqueConstraint("proposal_id", "partner_id", "link_sha256"),
        CheckConstraint("state IN ('asked','confirmed','declined','withdrawn')", name="state"),
        CheckConstraint("(state IN ('confirmed','declined')) = (answered_at IS NOT NULL)", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    link_sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    own_money: Mapped[bool | None]  # whether the partner asks for money of its own for this link
    note: Mapped[str] = mapped_column(Text, default="")


class Certification(Base):
    """A certifier's signature. `sha256` is what was signed: all that the proposal claims (scope "filing",
    `facts.claims_sha256`), or a participant's part. A signature holds for exactly that and no longer."""

    __tablename__ = "certifications"
    __table_args__ = (
        UniqueConstraint("proposal_id", "agency_id", "scope", "sha256"),
        CheckConstraint("scope IN ('filing','part')", name="scope"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"), index=True)
    scope: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int] = mapped_column(ForeignKey("users.id"))


class LastLook(Base):
    """What a person last said to have read: the version of each section then, canonical JSON
    {agency id, "" for the lead: {section: version}}."""

    __tablename__ = "last_looks"
    __table_args__ = (UniqueConstraint("proposal_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    versions: Mapped[str] = mapped_column(Text)


class ProposalReturn(Base):
    """A filing returned for revision: what was opened, and until when. `sections` is a JSON list."""

    __tablename__ = "proposal_returns"
    __table_args__ = (
        UniqueConstraint("proposal_id", "cycle"),
        CheckConstraint("state IN ('open','answered','closed')", name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    cycle: Mapped[int]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))  # the filing that was returned
    state: Mapped[str] = mapped_column(String(10))
    sections: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text, default="")
    returned_at: Mapped[datetime] = mapped_column(Moment)
    returned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    due_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class ProposalQuestion(Base):
    """A question pinned to a section. Without a return it waits for the secretariat to send it or drop it."""

    __tablename__ = "proposal_questions"
    __table_args__ = (
        CheckConstraint("asked_as IN ('secretariat','reviewer')", name="asked_as"),
        CheckConstraint("answer = '' OR answered_at IS NOT NULL", name="answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    return_id: Mapped[int | None] = mapped_column(ForeignKey("proposal_returns.id"), index=True)
    section: Mapped[str] = mapped_column(String(20))
    question: Mapped[str] = mapped_column(Text)
    asked_as: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)


class WorkbookUpload(UploadColumns, Base):
    """A filled-in workbook on its way into a draft. `versions` are the section versions the preview was compared with."""

    __tablename__ = "workbook_uploads"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))  # whose part
    versions: Mapped[str] = mapped_column(Text, default="{}")


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
    deadline_at: Mapped[datetime | None] = mapped_column(Moment)  # the closing moment it was judged by
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
    # the same thing asked for by several has one key: `rules.item_key`
    item_key: Mapped[str] = mapped_column(String(200), default="", server_default="", index=True)
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


class ProjectResult(Base):
    """What became of a filing that was granted money: reported, never edited; the latest report counts.

    `spent` in satang up to `as_of`. `content` is canonical JSON {indicators: [{name, unit, target, result, reached}],
    note}; `source` says where the figures come from.
    """

    __tablename__ = "project_results"
    __table_args__ = (
        CheckConstraint("spent >= 0", name="spent"),
        CheckConstraint("granted >= 0", name="granted"),
        CheckConstraint("length(source) > 0", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    as_of: Mapped[date] = mapped_column(Date)
    granted: Mapped[int] = mapped_column(BigInteger)  # satang, what could be spent
    spent: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


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
