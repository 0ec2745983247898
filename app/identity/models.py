"""What identity remembers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy import Text as TextColumn
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
    """A person. Who has neither a password nor an account elsewhere was only invited; disabled people cannot sign in."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(
            "password_hash IS NOT NULL OR invitation_sha256 IS NOT NULL OR disabled_at IS NOT NULL"
            " OR external_since IS NOT NULL",
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
    # since when the person may come in from outside; there as long as an `ExternalIdentity` of theirs is
    external_since: Mapped[datetime | None] = mapped_column(Moment)


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
    """A signed-in browser. The cookie holds a random token; the row holds its hash and can be ended.

    While it `waits_for` something, the second factor or its setting up, it opens nothing else.
    """

    __tablename__ = "sign_in_sessions"
    __table_args__ = (CheckConstraint("waits_for IN ('code','set_up')", name="waits_for"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    waits_for: Mapped[str | None] = mapped_column(String(10))


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


class ApiToken(Base):
    """A key of the machine door: what a system of an agency, or of the joint secretariat (`agency_id` None), shows in
    the name of the person who made it. Only the hash of the secret is kept; `mark` is the part people know it by."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        CheckConstraint("length(secret_sha256) = 64", name="secret_sha256"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(8), unique=True)
    secret_sha256: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[str] = mapped_column(String(300))  # with spaces between
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class TokenWindow(Base):
    """How often a token was shown in the present window of its rate limit; one row for each token."""

    __tablename__ = "api_token_windows"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column()  # minutes since 1970
    count: Mapped[int] = mapped_column()


class KeptAnswer(Base):
    """What a write of the machine door was answered, so that the same request sent again is answered the same and
    writes nothing. It stands in the transaction of the write."""

    __tablename__ = "api_kept_answers"
    __table_args__ = (
        UniqueConstraint("token_id", "key_sha256"),
        CheckConstraint("length(key_sha256) = 64 AND length(request_sha256) = 64", name="sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"))
    key_sha256: Mapped[str] = mapped_column(String(64))
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    location: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(TextColumn, default="")
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class SecondFactor(Base):
    """The secret a person's authenticator shares with us, sealed; `pending` is one that is being set up.

    `last_step` is the time step of the last code taken: that one and earlier ones are taken no more (RFC 6238, 5.2).
    """

    __tablename__ = "second_factors"
    __table_args__ = (
        CheckConstraint("(secret IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        CheckConstraint("(pending IS NULL) = (pending_at IS NULL)", name="pending"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str | None] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    pending: Mapped[str | None] = mapped_column(String(200))
    pending_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """A code for the day the authenticator is lost: good once. Only its hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class ExternalIdentity(Base):
    """Who somebody is at a provider: the issuer and its subject, never an e-mail address, open this person's account."""

    __tablename__ = "external_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class ProviderVisit(Base):
    """A browser that was sent to a provider and may come back once, soon, with the `state` whose hash is kept.

    `user_id` is whose account is to be linked; `invitation_sha256` that of the invitation to be accepted.
    """

    __tablename__ = "provider_visits"
    __table_args__ = (
        CheckConstraint("purpose IN ('sign_in','link','invitation')", name="purpose"),
        CheckConstraint("(purpose = 'sign_in') = (user_id IS NULL)", name="user_id"),
        CheckConstraint("(purpose = 'invitation') = (invitation_sha256 IS NOT NULL)", name="invitation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    provider: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    invitation_sha256: Mapped[str | None] = mapped_column(String(64))
    onward: Mapped[str] = mapped_column(String(2000))
    began_at: Mapped[datetime] = mapped_column(Moment, index=True)
    back_at: Mapped[datetime | None] = mapped_column(Moment)
