"""The runner: claims a promise, keeps it, says so; a failed one comes back later, a little longer each time.

There are lanes, so that what takes long holds up nothing but its own kind.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from datetime import timedelta

from flask import Flask, current_app, has_app_context

from app.identity.facts import SYSTEM
from app.jobs.errands import CHORES, HANDLERS, Chore, Errand, kept_here, lanes_of
from app.kernel import outbox
from app.kernel.db import db
from app.kernel.outbox import NotYet, Topics
from app.kernel.work import open_work

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)


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


def _claim(app: Flask, topics: Topics) -> Errand | None:
    now = app.config["CLOCK"]()
    any_due = outbox.is_any_due(db.session(), now, topics)
    db.session.rollback()
    if not any_due:
        return None
    with open_work(SYSTEM, now) as work:
        row = outbox.claim(work.session, work.now, LEASE, topics)
        if row is None:
            return None
        is_last = row.attempts >= outbox.MOST_ATTEMPTS
        return Errand(row.id, row.topic, {**json.loads(row.payload), "promise": row.id}, is_last)


def run_once(app: Flask, topics: Topics | None = None) -> bool:
    """Keep the oldest due promise of these topics; False when there is none.

    What went wrong is logged and kept with the promise.
    """
    with _inside(app):
        errand = _claim(app, kept_here(app) if topics is None else topics)
        if errand is None:
            return False
        clock = app.config["CLOCK"]
        try:
            HANDLERS[errand.topic](app, errand.payload, errand.is_last)
        except NotYet as why:
            log.warning("promise %s (%s) must wait: %s", errand.row_id, errand.topic, why)
            with open_work(SYSTEM, clock()) as work:
                if errand.is_last:
                    outbox.begin_again(work.session, errand.row_id, str(why), work.now + why.patience)
                else:
                    outbox.failed(work.session, errand.row_id, str(why), work.now)
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


def do_chores(app: Flask, chores: Iterable[Chore] = CHORES) -> None:
    """The small work nobody promised; one that fails is logged, and the others are done all the same."""
    with _inside(app):
        for chore in chores:
            try:
                chore.do(app)
            except Exception:
                log.exception("a chore failed; it comes round again")
                db.session.rollback()


def run_forever(app: Flask, stop: threading.Event, poll: float = 1.0) -> None:
    """Keep promises as they come until `stop` is set, each lane in a thread of its own, and do the chores meanwhile.

    What is in hand when told to stop is finished first. Safe in a thread of its own. A database that does not answer
    for a while is waited for.
    """
    lanes = [threading.Thread(target=_keep, args=(app, topics, stop, poll)) for topics in lanes_of(app)]
    for lane in lanes:
        lane.start()
    due = dict.fromkeys(CHORES, 0.0)
    while not stop.is_set():
        now = time.monotonic()
        ready = [chore for chore, at in due.items() if at <= now]
        do_chores(app, ready)
        due |= {chore: now + chore.every for chore in ready}
        stop.wait(poll)
    for lane in lanes:
        lane.join()


def _keep(app: Flask, topics: Topics, stop: threading.Event, poll: float) -> None:
    """One lane: promises of these topics, one after another."""
    while not stop.is_set():
        try:
            busy = run_once(app, topics)
        except Exception:
            log.exception("the runner could not reach its promises; trying again")
            busy = False
        if not busy:
            stop.wait(poll)
