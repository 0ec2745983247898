"""The runner: claims a promise, keeps it, says so; a failed one comes back later, a little longer each time."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import timedelta

from flask import Flask, current_app, has_app_context

from app.identity.facts import SYSTEM
from app.jobs.errands import CHORES, HANDLERS, Errand
from app.kernel import outbox
from app.kernel.db import db
from app.kernel.work import open_work

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
CHORES_EVERY = 600.0  # seconds


@contextlib.contextmanager
def _inside(app: Flask) -> Iterator[None]:
    """An app context with a session of its own, or the caller's: two sessions of one thread would wait for each
    other on SQLite."""
    if has_app_context() and current_app._get_current_object() is app:  # type: ignore[attr-defined]
        yield
        return
    with app.app_context():
        try:
            yield
        finally:
            db.session.remove()


def _claim(app: Flask) -> Errand | None:
    now = app.config["CLOCK"]()
    any_due = outbox.is_any_due(db.session(), now)
    db.session.rollback()
    if not any_due:
        return None
    with open_work(SYSTEM, now) as work:
        row = outbox.claim(work.session, work.now, LEASE)
        if row is None:
            return None
        is_last = row.attempts >= outbox.MOST_ATTEMPTS
        return Errand(row.id, row.topic, json.loads(row.payload), is_last)


def run_once(app: Flask) -> bool:
    """Keep the oldest due promise; False when there is none. What went wrong is logged and kept with the promise."""
    with _inside(app):
        errand = _claim(app)
        if errand is None:
            return False
        clock = app.config["CLOCK"]
        try:
            HANDLERS[errand.topic](app, errand.payload, errand.is_last)
        except Exception:
            trace = traceback.format_exc()
            log.error("promise %s (%s) failed:\n%s", errand.row_id, errand.topic, trace)
            with open_work(SYSTEM, clock()) as work:
                outbox.failed(work.session, errand.row_id, trace[-2000:], work.now)
        else:
            with open_work(SYSTEM, clock()) as work:
                outbox.done(work.session, errand.row_id, work.now)
        return True


def drain(app: Flask) -> int:
    """Keep every promise that is due; returns how many were tried."""
    tried = 0
    while run_once(app):
        tried += 1
    return tried


def do_chores(app: Flask) -> None:
    """The small work nobody promised: old papers are let go."""
    with _inside(app):
        for chore in CHORES:
            chore(app)


def run_forever(app: Flask, stop: threading.Event, poll: float = 1.0) -> None:
    """Keep promises as they come until `stop` is set; what is in hand then is finished first.

    Safe in a thread of its own. A database that does not answer for a while is waited for.
    """
    chores_due = 0.0
    while not stop.is_set():
        try:
            if time.monotonic() >= chores_due:
                do_chores(app)
                chores_due = time.monotonic() + CHORES_EVERY
            busy = run_once(app)
        except Exception:
            log.exception("the runner could not reach its promises; trying again")
            busy = False
        if not busy:
            stop.wait(poll)
