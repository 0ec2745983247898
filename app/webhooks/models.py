"""What webhooks remember: the addresses that asked, and every message to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Moment


class WebhookEndpoint(Base):
    """An address of an agency's system, or (`agency_id` None) of the joint secretariat's. Its secret is derived from the
    site's key and `secret_number`. `disabled_at` is set when its messages were given up too often, `ended_at` when its
    people took it away."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (CheckConstraint("(disabled_at IS NULL) = (disabled_why = '')", name="disabled"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[str] = mapped_column(String(600))  # with spaces between
    secret_number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)  # messages given up one after another
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    disabled_why: Mapped[str] = mapped_column(String(500), default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class WebhookDelivery(Base):
    """One message to one address. The same happening is never written twice to the same address."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "happening"),
        CheckConstraint("state IN ('waiting','delivered','given_up')", name="state"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
        Index("ix_webhook_deliveries_log", "endpoint_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id"))
    happening: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str] = mapped_column(String(40), unique=True)
    type: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(40), default="")
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    status: Mapped[int | None] = mapped_column()  # of the last answer
    error: Mapped[str] = mapped_column(String(500), default="")
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
