"""What is done in webhooks: addresses are registered and taken away, news is written down as messages and sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.identity.tokens import require_side
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.db import insert_into
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.outbox import OutboxRow
from app.kernel.text import Text
from app.kernel.work import Work
from app.webhooks.facts import DeliveryState, EventType, Happening, Outgoing
from app.webhooks.happenings import read_happenings
from app.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.webhooks.queries import RENEWED, events_of, renewed_lately
from app.webhooks.rules import (
    FAILURES_ALLOWED,
    MOST_AGAIN,
    MOST_ENDPOINTS,
    MOST_RENEWALS,
    is_given_up,
    url_problem,
)

SEND = "send_webhook"
TELL = "tell_systems"  # news that people are not written to about: {"event": …, ids}, as in promises of news
NOT_REGISTERED = Text("ยังลงทะเบียนที่อยู่ไม่ได้", "The address was not registered")
EVENT_NEEDED = Text("กรุณาเลือกเหตุการณ์อย่างน้อยหนึ่งอย่าง", "Choose at least one event")
TOO_MANY = Text(
    "ลงทะเบียนไว้ครบ {most} ที่อยู่แล้ว กรุณาลบรายการที่ไม่ใช้", "There are {most} addresses already; remove some"
).fill(most=MOST_ENDPOINTS)
RENEWED_OFTEN = Text(
    "เปลี่ยนกุญแจลับครบ {most} ครั้งภายใน 24 ชั่วโมงแล้ว กรุณารอให้กุญแจเดิมหมดอายุก่อน",
    "The secret was changed {most} times within 24 hours; wait until an earlier one has ended",
).fill(most=MOST_RENEWALS)
DISABLED = Text("ที่อยู่นี้หยุดส่งอยู่ กรุณาเปิดใช้ก่อน", "Nothing is sent to this address now; switch it on first")


def add_endpoint(
    work: Work[Actor],
    agency_id: int | None,
    url: str,
    events: Collection[str],
    *,
    allows_local: bool,
    unreached: Text | None = None,
) -> WebhookEndpoint:
    """Register an address of an agency's system, or (None) of the joint secretariat's. Raises `Refused` with every
    problem. Whether its host is public has been asked by the caller, who hands in what speaks against it (`unreached`),
    and is asked again before every message."""
    require_side(work.actor, agency_id)
    problems = []
    url = url.strip()
    if (why := url_problem(url, allows_local=allows_local) or unreached) is not None:
        problems.append(Problem("url", why))
    wanted = [e for e in EventType if e in set(events) and e is not EventType.TEST]
    if not wanted or len(wanted) != len(set(events)):
        problems.append(Problem("events", EVENT_NEEDED))
    mine = (
        WebhookEndpoint.agency_id.is_(None) if agency_id is None else WebhookEndpoint.agency_id == agency_id
    )
    count = work.session.scalar(select(func.count()).where(mine, WebhookEndpoint.ended_at.is_(None)))
    if (count or 0) >= MOST_ENDPOINTS:
        problems.append(Problem("url", TOO_MANY))
    if problems or work.actor.id is None:
        raise Refused(NOT_REGISTERED, problems)
    endpoint = WebhookEndpoint(
        agency_id=agency_id,
        made_by=work.actor.id,
        url=url,
        events=" ".join(wanted),
        created_at=work.now,
    )
    work.session.add(endpoint)
    work.session.flush()
    _note(work, "add_webhook", endpoint, {"url": url, "events": [e.value for e in wanted]})
    return endpoint


def _note(
    work: Work[Actor], action: str, endpoint: WebhookEndpoint, detail: Mapping[str, Any] | None = None
) -> None:
    work.audit(action, f"webhook:{endpoint.id}", agency_id=endpoint.agency_id, detail=detail)


def _get_own(work: Work[Actor], endpoint_id: int, *, was_removed: bool = False) -> WebhookEndpoint:
    """An address of the actor's side; with `was_removed` one that was taken away already, too."""
    require(work.actor, Permission.CONNECT_SYSTEMS)
    endpoint = work.session.get(WebhookEndpoint, endpoint_id, with_for_update=True)
    if endpoint is None or (endpoint.ended_at is not None and not was_removed):
        raise NotFound()
    require_side(work.actor, endpoint.agency_id)
    return endpoint


def remove_endpoint(work: Work[Actor], endpoint_id: int) -> None:
    """Send nothing there any more; what waits is given up. Raises `NotFound`."""
    endpoint = _get_own(work, endpoint_id, was_removed=True)
    if endpoint.ended_at is not None:
        return
    endpoint.ended_at = work.now
    _give_up_waiting(work, endpoint.id, "removed")
    _note(work, "remove_webhook", endpoint)


def enable_endpoint(work: Work[Actor], endpoint_id: int) -> None:
    """Send there again after it was switched off for its failures. Raises `NotFound`."""
    endpoint = _get_own(work, endpoint_id)
    if endpoint.disabled_at is not None:
        endpoint.disabled_at, endpoint.disabled_why, endpoint.failures = None, "", 0
        _note(work, "enable_webhook", endpoint)


def renew_secret(work: Work[Actor], endpoint_id: int) -> int:
    """Another secret for this address, at once; the earlier one signs beside it for `OVERLAP`. Returns its number. Raises
    `NotFound`, `Refused` when it was changed too often within that time."""
    endpoint = _get_own(work, endpoint_id)
    if len(renewed_lately(work.session, endpoint_id, work.now)) >= MOST_RENEWALS:
        raise Refused(RENEWED_OFTEN)
    endpoint.secret_number += 1
    _note(work, RENEWED, endpoint)
    return endpoint.secret_number


def send_test(work: Work[Actor], endpoint_id: int, site_url: str) -> None:
    """A message that says nothing happened. Raises `NotFound`, `Refused` while the address is switched off."""
    endpoint = _get_own(work, endpoint_id)
    if endpoint.disabled_at is not None:
        raise Refused(DISABLED)
    key = f"test:{work.now.isoformat()}"
    nothing = Happening(key, EventType.TEST, "", 0, frozenset(), False, {}, "/token", "/token")
    _write(work, endpoint, nothing, site_url)


def send_again(work: Work[Actor], endpoint_id: int, delivery_id: int | None = None) -> int:
    """Send a message that was given up again, or all of an address (the oldest `MOST_AGAIN`): the same id and body, tried
    for as long as a new one. Returns how many; one that waits or was delivered since is left alone. Raises `NotFound`,
    `Refused` while the address is switched off."""
    endpoint = _get_own(work, endpoint_id)
    if endpoint.disabled_at is not None:
        raise Refused(DISABLED)
    of = WebhookDelivery.endpoint_id == endpoint_id
    if delivery_id is not None:
        of &= WebhookDelivery.id == delivery_id
        if work.session.scalar(select(WebhookDelivery.id).where(of)) is None:
            raise NotFound()
    found = work.session.scalars(
        select(WebhookDelivery)
        .where(of, WebhookDelivery.state == DeliveryState.GIVEN_UP.value)
        .order_by(WebhookDelivery.id)
        .limit(MOST_AGAIN)
        .with_for_update()
    ).all()
    if not found:
        return 0
    payloads = {delivery.id: {"delivery": delivery.id} for delivery in found}
    # what was given up with its address is promised still, for later: the new promise is the one that counts
    work.session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.topic == SEND,
            OutboxRow.done_at.is_(None),
            OutboxRow.payload.in_([canonical_json(payload) for payload in payloads.values()]),
        )
        .values(done_at=work.now)
    )
    for delivery in found:
        delivery.state, delivery.attempts = DeliveryState.WAITING.value, 0
        work.promise(SEND, payloads[delivery.id])
    messages = [delivery.message_id for delivery in found]
    _note(work, "resend_webhook", endpoint, {"count": len(messages), "messages": messages[:20]})
    return len(messages)


def hear(work: Work[Actor], payload: Mapping[str, Any], site_url: str) -> int:
    """Write a message to every address that asked for what a promise of news tells; returns how many. Hearing the same
    promise again writes nothing again."""
    count = 0
    for happening in read_happenings(work.session, payload):
        whose = [WebhookEndpoint.agency_id.in_(happening.agency_ids)]
        if happening.for_office:
            whose.append(WebhookEndpoint.agency_id.is_(None))
        for endpoint in work.session.scalars(
            select(WebhookEndpoint)
            .where(or_(*whose), WebhookEndpoint.ended_at.is_(None), WebhookEndpoint.disabled_at.is_(None))
            .order_by(WebhookEndpoint.id)
        ):
            if happening.type in events_of(endpoint.events):
                count += _write(work, endpoint, happening, site_url)
    return count


def _write(work: Work[Actor], endpoint: WebhookEndpoint, happening: Happening, site_url: str) -> int:
    message_id = "msg_" + sha256_text(f"{endpoint.id}:{happening.key}")[:32]
    path = happening.path if endpoint.agency_id is not None else happening.office_path
    data: dict[str, Any] = {"address": f"{site_url}/api/v1{path}", **happening.data}
    if happening.number:
        data |= {"number": happening.number, "fiscal_year": happening.fiscal_year}
    body = canonical_json(
        {
            "id": message_id,
            "type": happening.type.value,
            "timestamp": work.now.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "data": data,
        }
    )
    row_id = work.session.scalar(
        insert_into(work.session, WebhookDelivery)
        .values(
            endpoint_id=endpoint.id,
            happening=happening.key[:200],
            message_id=message_id,
            type=happening.type.value,
            number=happening.number,
            body=body,
            created_at=work.now,
            state=DeliveryState.WAITING.value,
            attempts=0,
            error="",
        )
        .on_conflict_do_nothing(index_elements=["endpoint_id", "happening"])
        .returning(WebhookDelivery.id)
    )
    if row_id is None:
        return 0
    work.promise(SEND, {"delivery": row_id})
    return 1


def begin_delivery(work: Work[Actor], delivery_id: int) -> Outgoing | None:
    """Take a message out to send it; None when it is not to be sent, or not any more."""
    delivery = work.session.get(WebhookDelivery, delivery_id)
    if delivery is None or delivery.state != DeliveryState.WAITING:
        return None
    endpoint = work.session.get_one(WebhookEndpoint, delivery.endpoint_id)
    if endpoint.ended_at is not None or endpoint.disabled_at is not None:
        delivery.state, delivery.error = DeliveryState.GIVEN_UP.value, "the address is switched off"
        return None
    earlier = len(renewed_lately(work.session, endpoint.id, work.now))
    delivery.attempts += 1
    delivery.tried_at = work.now
    return Outgoing(
        delivery.id,
        delivery.message_id,
        endpoint.url,
        delivery.body,
        endpoint.id,
        tuple(endpoint.secret_number - n for n in range(earlier + 1)),
        delivery.attempts,
    )


def note_delivered(work: Work[Actor], delivery_id: int, status: int) -> None:
    """The receiver has taken it."""
    delivery = work.session.get_one(WebhookDelivery, delivery_id)
    delivery.state, delivery.delivered_at = DeliveryState.DELIVERED.value, work.now
    delivery.status, delivery.error = status, ""
    work.session.get_one(WebhookEndpoint, delivery.endpoint_id, with_for_update=True).failures = 0


def note_failure(
    work: Work[Actor], delivery_id: int, status: int | None, words: str, asked_at: datetime
) -> bool:
    """It was not taken this time; returns whether it is to be tried again, by how long ago sending it was asked for. An
    address that is gone for good, or that let several messages run out one after another, is switched off."""
    delivery = work.session.get_one(WebhookDelivery, delivery_id)
    delivery.status, delivery.error = status, words[:500]
    is_gone = status == 410
    if not is_gone and not is_given_up(asked_at, work.now):
        return True
    delivery.state = DeliveryState.GIVEN_UP.value
    endpoint = work.session.get_one(WebhookEndpoint, delivery.endpoint_id, with_for_update=True)
    endpoint.failures += 1
    if endpoint.disabled_at is None and (is_gone or endpoint.failures >= FAILURES_ALLOWED):
        endpoint.disabled_at, endpoint.disabled_why = work.now, (words[:500] or "failed")
        _give_up_waiting(work, endpoint.id, "the address is switched off")
        _note(work, "disable_webhook", endpoint, {"failures": endpoint.failures})
    return False


def drop_old_deliveries(work: Work[Actor], before: datetime) -> None:
    """Messages whose outcome was known long ago leave the log."""
    work.session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.created_at < before, WebhookDelivery.state != DeliveryState.WAITING.value
        )
    )


def _give_up_waiting(work: Work[Actor], endpoint_id: int, why: str) -> None:
    work.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.state == DeliveryState.WAITING.value
        )
        .values(state=DeliveryState.GIVEN_UP.value, error=why)
    )
