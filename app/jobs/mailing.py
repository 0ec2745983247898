"""Telling people: news is written down as letters, and letters are handed to the mail server."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask

from app.identity.facts import SYSTEM
from app.jobs.post import PATIENCE, Undeliverable, compose, deliver
from app.kernel import outbox
from app.kernel.db import db
from app.kernel.outbox import NotYet
from app.kernel.work import open_work
from app.notices.actions import (
    begin_sending,
    fail_mail,
    give_up_late,
    hear,
    note_delay,
    note_sent,
    remind,
)
from app.notices.letters import letterhead_of
from app.notices.queries import find_untold, is_any_late
from app.notices.review_reminders import list_all_reminders
from app.notices.rules import is_old_news

log = logging.getLogger(__name__)


def hear_news(app: Flask, payload: Mapping[str, Any], _is_last: bool) -> None:
    """Write to everybody the event `payload["event"]` concerns; nobody is told of what is long past."""
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        if not is_old_news(outbox.promised_at(work.session, payload["promise"]), work.now):
            hear(work, payload, letterhead_of(app.config["DGI"]))


def send_mail(app: Flask, payload: Mapping[str, Any], _is_last: bool) -> None:
    """Hand the e-mail `payload["mail"]` in, with no transaction open meanwhile; nothing when it is not to be sent.

    Killed between handing in and noting it, it is sent again with the same Message-ID: better twice than never.
    """
    config, clock, mail_id = app.config["DGI"], app.config["CLOCK"], int(payload["mail"])
    server, sender = config.mail.server, config.mail.sender
    if server is None or sender is None:
        raise NotYet("there is no mail server", PATIENCE)
    with open_work(SYSTEM, clock()) as work:
        mail = begin_sending(work, mail_id)
    if mail is None:
        return
    try:
        message = compose(mail, sender, config.mail.reply_to, letterhead_of(config), clock())
        deliver(message, mail.address, server, sender)
    except Undeliverable as why:
        log.warning("mail %s was refused: %s", mail_id, why)
        with open_work(SYSTEM, clock()) as work:
            fail_mail(work, mail_id, str(why))
    except NotYet as why:
        with open_work(SYSTEM, clock()) as work:
            note_delay(work, mail_id, str(why))
        raise
    else:
        with open_work(SYSTEM, clock()) as work:
            note_sent(work, mail_id)


def write_reminders(app: Flask) -> None:
    """Write the reminders that are due. Looking takes no lock; only when there are any is something written."""
    now = app.config["CLOCK"]()
    untold = find_untold(db.session(), list_all_reminders(db.session(), now))
    db.session.rollback()
    if untold:
        with open_work(SYSTEM, now) as work:
            remind(work, letterhead_of(app.config["DGI"]))


def drop_late_mail(app: Flask) -> None:
    """What waited too long is not sent any more."""
    now = app.config["CLOCK"]()
    is_late = is_any_late(db.session(), now)
    db.session.rollback()
    if is_late:
        with open_work(SYSTEM, now) as work:
            give_up_late(work)
