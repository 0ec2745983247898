"""What identity remembers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment, SortKey


class Ministry(Base):
    """A ministry, or a group of agencies that stands at its level."""

    __tablename__ = "ministries"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_th: Mapped[str] = mapped_column(String(200), unique=True)
    name_en: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(SortKey)


class Agency(Base):
    """An agency of the state that receives budget."""

    __tablename__ = "agencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    ministry_id: Mapped[int] = mapped_column(ForeignKey("ministries.id"), index=True)
    name_th: Mapped[str] = mapped_column(String(200), unique=True)
    name_en: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(SortKey)


class User(Base):
    """A person. Without a password hash the invitation is still open; disabled people cannot sign in."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(
            "password_hash IS NOT NULL OR invitation_sha256 IS NOT NULL OR disabled_at IS NOT NULL",
            name="has_a_way_in",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name_th: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="th")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    invitation_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    is_demo: Mapped[bool] = mapped_column(default=False)
    # counts the addresses of the person's calendar feed: one more, and the earlier address is no longer answered
    calendar_number: Mapped[int] = mapped_column(default=1, server_default="1")


class UserMembership(Base):
    """One role of a person; the check ties the role to what it belongs to."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint(
            "role IN ('officer','certifier','reviewer','secretariat','committee','admin')", name="role"
        ),
        CheckConstraint("role NOT IN ('officer','certifier') OR agency_id IS NOT NULL", name="agency_role"),
        CheckConstraint("(role = 'reviewer') = (body IS NOT NULL)", name="reviewer_body"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    body: Mapped[str | None] = mapped_column(String(10))


class SignInSession(Base):
    """A signed-in browser. The cookie holds a random token; the row holds its hash and can be ended."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInAttempt(Base):
    """A failed sign-in, kept to slow down guessing."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_account", "email", "at"),
        Index("ix_sign_in_attempts_address", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime] = mapped_column(Moment)
