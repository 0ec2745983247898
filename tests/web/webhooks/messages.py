"""An address registered, its messages sent, and what came of them."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.jobs.runner import run_once
from app.kernel.db import db
from app.kernel.outbox import Topics
from app.kernel.work import open_work
from app.notices.actions import SEND as SEND_MAIL
from app.webhooks.actions import add_endpoint
from app.webhooks.models import WebhookDelivery
from tests.web.webhooks.receiver import Receiver
from tests.world import NOW, World

EVENTS = ("proposal.filed", "proposal.withdrawn", "proposal.decided", "link.asked")


def register(
    world: World,
    url: str,
    by: str = "officer",
    agency: str | None = "alpha",
    events: tuple[str, ...] = EVENTS,
) -> int:
    agency_id = world.agencies[agency] if agency else None
    with open_work(world.actor(by), NOW) as work:
        return add_endpoint(work, agency_id, url, events, allows_local=True).id


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """(type, number) of each message that came."""
    values: list[dict[str, Any]] = [json.loads(body) for _, body in receiver.got]
    return [(v["type"], v["data"].get("number", "")) for v in values]


def keep_all(app: Flask) -> None:
    """Keep every promise but mail, as the runner does without a mail server."""
    while run_once(app, Topics(but=(SEND_MAIL, "compare_filing"))):
        pass


def log() -> list[WebhookDelivery]:
    db.session.rollback()
    return list(db.session().scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))
