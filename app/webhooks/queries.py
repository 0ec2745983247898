"""What is asked of webhooks: the addresses of an agency, and what was sent to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor, Role
from app.identity.models import Agency, User
from app.identity.rules import Permission, require
from app.identity.tokens import require_side
from app.kernel.audit import AuditEntry
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.webhooks.facts import DeliveryState, EventType
from app.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.webhooks.rules import OVERLAP

RENEWED = "renew_webhook"  # in the audit log, which alone knows when a secret was replaced


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An address as its own people see it. `agency` None is the joint secretariat; `waiting` messages are on their
    way, `given_up` were not taken; `last_at` is when one was delivered last."""

    id: int
    url: str
    agency: Text | None
    maker: Text
    events: tuple[EventType, ...]
    secret_number: int
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str
    waiting: int
    given_up: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A message in the log."""

    id: int
    message_id: str
    type: EventType
    number: str
    created_at: datetime
    state: DeliveryState
    attempts: int
    tried_at: datetime | None
    status: int | None
    error: str
    delivered_at: datetime | None
    body: str


def _endpoints() -> Select[WebhookEndpoint, str, str, str, str, int, int, datetime]:
    of = WebhookDelivery.endpoint_id == WebhookEndpoint.id
    waiting = select(func.count()).where(of, WebhookDelivery.state == "waiting").scalar_subquery()
    given_up = select(func.count()).where(of, WebhookDelivery.state == "given_up").scalar_subquery()
    last = select(func.max(WebhookDelivery.delivered_at)).where(of).scalar_subquery()
    return (
        select(
            WebhookEndpoint,
            User.name_th,
            User.name_en,
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
            waiting.label("waiting"),
            given_up.label("given_up"),
            last.label("last_at"),
        )
        .join(User, User.id == WebhookEndpoint.made_by)
        .outerjoin(Agency, Agency.id == WebhookEndpoint.agency_id)
        .where(WebhookEndpoint.ended_at.is_(None))
        .order_by(WebhookEndpoint.id.desc())
    )


def _rows(session: Session, statement: Select[*tuple[object, ...]]) -> list[EndpointRow]:
    found = []
    for r in session.execute(statement):
        e: WebhookEndpoint = r.WebhookEndpoint
        found.append(
            EndpointRow(
                e.id,
                e.url,
                Text(r.agency_th, r.agency_en) if r.agency_th else None,
                Text(r.name_th, r.name_en),
                events_of(e.events),
                e.secret_number,
                e.created_at,
                e.disabled_at,
                e.disabled_why,
                r.waiting,
                r.given_up,
                r.last_at,
            )
        )
    return found


def events_of(kept: str) -> tuple[EventType, ...]:
    """The events an address asked for, in their order."""
    wanted = set(kept.split())
    return tuple(event for event in EventType if event in wanted)


def list_endpoints(session: Session, actor: Actor) -> list[EndpointRow]:
    """The addresses of the actor's agencies and bodies, the latest first. One query."""
    require(actor, Permission.CONNECT_SYSTEMS)
    of = [WebhookEndpoint.agency_id.in_(actor.agency_ids)]
    if Role.SECRETARIAT in actor.roles:
        of.append(WebhookEndpoint.agency_id.is_(None))
    return _rows(session, _endpoints().where(or_(*of)).limit(200))


def get_endpoint(session: Session, actor: Actor, endpoint_id: int) -> EndpointRow:
    """One of them. Raises `NotFound`."""
    require(actor, Permission.CONNECT_SYSTEMS)
    row = session.get(WebhookEndpoint, endpoint_id)
    if row is None or row.ended_at is not None:
        raise NotFound()
    require_side(actor, row.agency_id)
    return _rows(session, _endpoints().where(WebhookEndpoint.id == endpoint_id))[0]


def renewed_lately(session: Session, endpoint_id: int, now: datetime) -> list[datetime]:
    """When the secrets were replaced that sign beside the present one still, the latest first. One query."""
    return list(
        session.scalars(
            select(AuditEntry.at)
            .where(
                AuditEntry.subject == f"webhook:{endpoint_id}",
                AuditEntry.action == RENEWED,
                AuditEntry.at > now - OVERLAP,
            )
            .order_by(AuditEntry.seq.desc())
        )
    )


def list_deliveries(
    session: Session, endpoint_id: int, *, before: int | None = None, limit: int = 50
) -> list[DeliveryRow]:
    """The messages to an address, the latest first; the caller has got the address by `get_endpoint`."""
    statement = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if before is not None:
        statement = statement.where(WebhookDelivery.id < before)
    return [
        DeliveryRow(
            d.id,
            d.message_id,
            EventType(d.type),
            d.number,
            d.created_at,
            DeliveryState(d.state),
            d.attempts,
            d.tried_at,
            d.status,
            d.error,
            d.delivered_at,
            d.body,
        )
        for d in session.scalars(statement.order_by(WebhookDelivery.id.desc()).limit(limit))
    ]
