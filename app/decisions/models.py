"""What decisions remember."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
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
    # the meeting that resolved it; none for a resolution taken by circulation before any meeting
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meetings.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), default="", server_default="")  # of the resolution


class Meeting(Base):
    """A meeting on a call's list: of the secretariat, the committee or the board. Closing it freezes a decision book."""

    __tablename__ = "meetings"
    __table_args__ = (
        UniqueConstraint("call_id", "level", "ordinal"),
        CheckConstraint("level IN ('secretariat','committee','board')", name="level"),
        CheckConstraint("state IN ('planned','open','closed','cancelled')", name="state"),
        CheckConstraint("state NOT IN ('open','closed') OR opened_at IS NOT NULL", name="opened"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("(state = 'open') = (open_for IS NOT NULL)", name="open_for"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    level: Mapped[str] = mapped_column(String(12))
    ordinal: Mapped[int]  # the first, second … of its level in the call
    number: Mapped[str] = mapped_column(String(40))  # as the papers give it: 1/2567
    subject: Mapped[str] = mapped_column(String(300), default="")
    place: Mapped[str] = mapped_column(String(300), default="")
    starts_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    quorum_note: Mapped[str] = mapped_column(Text, default="")  # why it was opened without a quorum
    # the list laid before it: the scenario adopted when it was opened; none for the plain list
    scenario_id: Mapped[int | None] = mapped_column(ForeignKey("scenarios.id"))
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # the call again while the meeting is open: unique, so that one meeting at a time decides
    open_for: Mapped[int | None] = mapped_column(unique=True)

    __mapper_args__ = {"version_id_col": version}


class MeetingMember(Base):
    """Somebody invited to a meeting, and whether they came. `user_id` is empty for people without an account."""

    __tablename__ = "meeting_members"
    __table_args__ = (
        UniqueConstraint("meeting_id", "user_id"),
        CheckConstraint("role IN ('chair','member','secretary','attendee')", name="role"),
        CheckConstraint("presence IN ('invited','present','represented','absent')", name="presence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    position: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(200))
    post: Mapped[str] = mapped_column(String(300), default="")
    role: Mapped[str] = mapped_column(String(10))
    presence: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(300), default="")  # who came instead, why absent


class AgendaItem(Base):
    """An item of the agenda (ระเบียบวาระ), and what the meeting noted and resolved on it."""

    __tablename__ = "agenda_items"
    __table_args__ = (
        CheckConstraint("kind IN ('inform','minutes','matters','consider','other')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(500))
    text: Mapped[str] = mapped_column(Text, default="")
    resolution: Mapped[str] = mapped_column(Text, default="")


class Recusal(Base):
    """A member who took no part in one proposal. `ground` is what the conflict rests on, or "own" for their own word."""

    __tablename__ = "recusals"
    __table_args__ = (UniqueConstraint("member_id", "proposal_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("meeting_members.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), index=True)
    ground: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class DecisionBook(Base):
    """What a closed meeting rested on, frozen. The bytes (canonical JSON) lie in the file store under `sha256`; `head` is
    the head of the hash chain inside, printed in the papers; `audit_seq` and `audit_sha256` the end of the audit log it
    was made at; `previous_id` the book of the call before it."""

    __tablename__ = "decision_books"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), unique=True)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("decision_books.id"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    head: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    audit_seq: Mapped[int] = mapped_column(BigInteger)
    audit_sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
