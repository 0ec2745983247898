"""Telling systems: news is written down as messages, and messages are handed to the addresses that asked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.identity.facts import SYSTEM
from app.identity.models import KeptAnswer
from app.identity.tokens import KEEP_ANSWERS, drop_old_answers
from app.kernel.db import db
from app.kernel.outbox import NotYet, promised_at
from app.kernel.work import open_work
from app.notices.rules import is_old_news
from app.webhooks.actions import begin_delivery, drop_old_deliveries, hear, note_delivered, note_failure
from app.webhooks.models import WebhookDelivery
from app.webhooks.reaching import Unreachable, post_message
from app.webhooks.rules import KEEP_LOG, wait_after
from app.webhooks.signatures import derive_secret, sign_message

log = logging.getLogger(__name__)


def tell_systems(app: Flask, payload: Mapping[str, Any], _is_last: bool) -> None:
    """Write the messages a promise of news amounts to; no system is told of what is long past."""
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        if not is_old_news(promised_at(work.session, payload["promise"]), work.now):
            hear(work, payload, app.config["DGI"].site_url)


def send_webhook(app: Flask, payload: Mapping[str, Any], _is_last: bool) -> None:
    """Hand the message `payload["delivery"]` in, with no transaction open meanwhile; nothing when it is not to be sent.

    Killed between handing in and noting it, it is sent again under the same id: receivers drop what they have.
    """
    config, clock = app.config["DGI"], app.config["CLOCK"]
    with open_work(SYSTEM, clock()) as work:
        out = begin_delivery(work, int(payload["delivery"]))
    if out is None:
        return
    body, status, words = out.body.encode(), None, ""
    secret, *earlier = (
        derive_secret(config.secret_key, out.endpoint_id, number) for number in out.secret_numbers
    )
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "DGI-Budget-Webhooks/1",
        **sign_message(secret, out.message_id, int(clock().timestamp()), body, earlier),
    }
    try:
        status = post_message(out.url, headers, body, allows_local=config.demo)
        words = f"HTTP {status}"
    except Unreachable as why:
        words = str(why)
    with open_work(SYSTEM, clock()) as work:
        if status is not None and 200 <= status < 300:
            note_delivered(work, out.delivery_id, status)
            return
        asked_at = promised_at(work.session, payload["promise"])
        is_tried_again = note_failure(work, out.delivery_id, status, words, asked_at)
    log.warning("webhook %s was not taken: %s", out.delivery_id, words)
    if is_tried_again:
        raise NotYet(words, wait_after(out.attempts))


def forget_old(app: Flask) -> None:
    """Drop the answers kept for requests nobody sends again any more, and messages of long ago. Looking takes no lock."""
    now, session = app.config["CLOCK"](), db.session()
    answers, messages = now - KEEP_ANSWERS, now - KEEP_LOG
    is_any = (
        session.scalar(select(KeptAnswer.id).where(KeptAnswer.at < answers).limit(1)) is not None
        or session.scalar(select(WebhookDelivery.id).where(WebhookDelivery.created_at < messages).limit(1))
        is not None
    )
    session.rollback()
    if is_any:
        with open_work(SYSTEM, now) as work:
            drop_old_answers(work, answers)
            drop_old_deliveries(work, messages)
