"""What reviews remember."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class ReviewRound(Base):
    """How the reviews of a call run. A call without a row scores, without dates, as `facts.RoundFacts` says."""

    __tablename__ = "review_rounds"
    __table_args__ = (
        CheckConstraint("phase IN ('screening','scoring','discussion','final','locked')", name="phase"),
        CheckConstraint("names_for IN ('everyone','committee','secretariat')", name="names_for"),
        CheckConstraint("load_limit IS NULL OR load_limit > 0", name="load_limit"),
        CheckConstraint("least_bodies BETWEEN 1 AND 4", name="least_bodies"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    phase: Mapped[str] = mapped_column(String(12))
    names_for: Mapped[str] = mapped_column(String(12))
    load_limit: Mapped[int | None]  # the most proposals one reviewer may have
    least_bodies: Mapped[int]  # of how many bodies the reviewers of one proposal should be
    scoring_due_at: Mapped[datetime | None] = mapped_column(Moment)
    discussion_due_at: Mapped[datetime | None] = mapped_column(Moment)
    final_due_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    __mapper_args__ = {"version_id_col": version}


class RoundMove(Base):
    """A step of a round from one phase to another, and why."""

    __tablename__ = "round_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_rounds.id"), index=True)
    move: Mapped[str] = mapped_column(String(20))
    from_phase: Mapped[str] = mapped_column(String(12))
    to_phase: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Panel(Base):
    """Reviewers who review together: those of one body, or those of one stage. `seats` of them review each proposal
    the panel reaches; a panel without a stage reaches every proposal of the call."""

    __tablename__ = "panels"
    __table_args__ = (CheckConstraint("seats > 0", name="seats"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    name_th: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(10), default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    seats: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    __mapper_args__ = {"version_id_col": version}


class PanelMember(Base):
    """A reviewer in a panel."""

    __tablename__ = "panel_members"
    __table_args__ = (UniqueConstraint("panel_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panels.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)


class ReviewerProfile(Base):
    """What a reviewer knows best and how much they can take in a call. `guidelines` and `focus_areas` are canonical
    JSON lists of codes of the call's plan."""

    __tablename__ = "reviewer_profiles"
    __table_args__ = (
        UniqueConstraint("call_id", "user_id"),
        CheckConstraint("load_limit IS NULL OR load_limit >= 0", name="load_limit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    load_limit: Mapped[int | None]
    guidelines: Mapped[str] = mapped_column(Text, default="[]")
    focus_areas: Mapped[str] = mapped_column(Text, default="[]")
    updated_at: Mapped[datetime] = mapped_column(Moment)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class DeclaredTie(Base):
    """What ties a reviewer to an agency, as the reviewer said before anything was assigned: worked there before, family,
    money, something else. Taken back by ending it, never by removing it."""

    __tablename__ = "declared_ties"
    __table_args__ = (
        CheckConstraint("tie IN ('former','family','financial','other')", name="tie"),
        CheckConstraint("left_on IS NULL OR tie = 'former'", name="left_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    tie: Mapped[str] = mapped_column(String(10))
    left_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class ConflictStatement(Base):
    """A person's word on an interest of one reviewer in one proposal; the latest on a ground and its evidence counts.

    `evidence` is the key of what the word is about (`conflicts.Interest.evidence`): where it changes, a new word is
    wanted. A declaration of the reviewer's own has the ground "declared" and no evidence; what the secretariat found out
    without a register showing it has the ground "found" and none either.
    """

    __tablename__ = "conflict_statements"
    __table_args__ = (
        CheckConstraint(
            "ground IN ('declared','membership','participation','office','ministry','link','former','family',"
            "'financial','other','found')",
            name="ground",
        ),
        Index("ix_conflict_statements_proposal", "proposal_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    ground: Mapped[str] = mapped_column(String(15))
    evidence: Mapped[str] = mapped_column(String(400), default="")
    is_conflict: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class AssignmentPlan(Base):
    """Who might review what, computed and adjusted by hand before it is applied. `settings` and `seats` are canonical
    JSON: what it was computed from, and [proposal id, reviewer id, panel id or null] each."""

    __tablename__ = "assignment_plans"
    __table_args__ = (CheckConstraint("state IN ('draft','applied','dropped')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    settings: Mapped[str] = mapped_column(Text)
    seats: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    __mapper_args__ = {"version_id_col": version}


class Assignment(Base):
    """A proposal given to a reviewer, and the review. Totals are hundredths of a point.

    `scores` is what counts once handed in; `draft` is what is being written over it when scoring again (after a
    reopening, or for the final score). `first_total` is the total of the first hand-in, made before anybody else's
    scores were seen. `notes` are the reviewer's own and shown to nobody else.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("proposal_id", "reviewer_id"),
        CheckConstraint("state IN ('given','accepted','declined','recused','withdrawn')", name="state"),
        CheckConstraint("(submitted_at IS NULL) = (total IS NULL)", name="submitted_evidence"),
        CheckConstraint("(submitted_at IS NULL) = (first_total IS NULL)", name="first_evidence"),
        CheckConstraint("total IS NULL OR (total >= 0 AND total <= 10000)", name="total"),
        CheckConstraint("(finalised_at IS NULL) = (final_reason = '')", name="final_evidence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    body: Mapped[str] = mapped_column(String(10))
    panel_id: Mapped[int | None] = mapped_column(ForeignKey("panels.id"))
    assigned_at: Mapped[datetime] = mapped_column(Moment)
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(String(10), default="given", server_default="accepted")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answer_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)  # counts the saves of the scores, and nothing else
    updated_at: Mapped[datetime | None] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    total: Mapped[int | None]
    first_total: Mapped[int | None]
    scores: Mapped[str] = mapped_column(Text, default="{}")  # canonical JSON {criterion: {level, comment}}
    draft: Mapped[str | None] = mapped_column(Text)  # likewise
    notes: Mapped[str] = mapped_column(Text, default="", server_default="")
    rubric_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    reopened_until: Mapped[datetime | None] = mapped_column(Moment)
    finalised_at: Mapped[datetime | None] = mapped_column(Moment)
    final_reason: Mapped[str] = mapped_column(Text, default="", server_default="")


class ReviewRevision(Base):
    """One save of a review, kept for good; `version` is the assignment's after it. `total` where it was handed in."""

    __tablename__ = "review_revisions"
    __table_args__ = (
        UniqueConstraint("assignment_id", "version"),
        CheckConstraint(
            "cause IN ('saved','autosaved','merged','restored','handed_in','rescored','final')", name="cause"
        ),
        CheckConstraint("(total IS NOT NULL) = (cause IN ('handed_in','rescored','final'))", name="total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    version: Mapped[int]
    content: Mapped[str] = mapped_column(Text)  # canonical JSON {criterion: {level, comment}}
    notes: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[int | None]
    cause: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    # the open page that saved it by itself: a page whose answer was lost must not meet its own text as another's
    page: Mapped[str] = mapped_column(String(40), default="")
    rubric_id: Mapped[int] = mapped_column(ForeignKey("call_documents.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class DiscussionNote(Base):
    """What somebody said in the discussion of a proposal; its reviewers and the secretariat read it. Taken back by
    ending it: the others see that something stood there."""

    __tablename__ = "discussion_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    is_reviewer: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    taken_back_at: Mapped[datetime | None] = mapped_column(Moment)


class DiscussionOutcome(Base):
    """What a discussion came to; the latest counts, earlier ones are kept."""

    __tablename__ = "discussion_outcomes"
    __table_args__ = (CheckConstraint("outcome IN ('stands','rescore','meeting')", name="outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
