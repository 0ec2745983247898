"""The outbox: each promise is taken by one runner, comes back when its runner dies, and is given up in the end."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.facts import SYSTEM
from app.kernel.db import db, write_transaction
from app.kernel.outbox import MOST_ATTEMPTS, OutboxRow, claim, done, failed
from app.kernel.work import open_work
from tests.conftest import Backend
from tests.instruments import race
from tests.world import NOW

LEASE = timedelta(minutes=5)
INSTANT = timedelta(microseconds=1)
LATER = NOW + timedelta(days=1)


def promise(count: int = 1) -> list[int]:
    with open_work(SYSTEM, NOW) as work:
        for n in range(count):
            work.promise("topic", {"n": n, "ก": None})
    return list(db.session.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))


def take(now=NOW) -> int | None:
    with write_transaction():
        row = claim(db.session(), now, LEASE)
        return row.id if row else None


def test_promises_are_taken_oldest_first_and_once(app: Flask) -> None:
    ids = promise(3)
    assert [take() for _ in range(4)] == [*ids, None]


def test_payload_travels_as_canonical_json(app: Flask) -> None:
    (promised,) = promise()
    row = db.session.get_one(OutboxRow, promised)
    assert row.payload == '{"n":0,"ก":null}'
    assert json.loads(row.payload) == {"n": 0, "ก": None}


@pytest.mark.parametrize(("after", "again"), [(LEASE - INSTANT, False), (LEASE, True), (2 * LEASE, True)])
def test_a_promise_whose_runner_died_comes_back_after_the_lease(
    app: Flask, after: timedelta, again: bool
) -> None:
    (promised,) = promise()
    assert take() == promised
    assert take(NOW + after) == (promised if again else None)


def test_a_promise_is_not_due_before_it_was_made(app: Flask) -> None:
    promise()
    assert take(NOW - INSTANT) is None


def test_a_kept_promise_never_comes_back(app: Flask) -> None:
    (promised,) = promise()
    take()
    with write_transaction():
        failed(db.session(), promised, "first try", NOW)
    with write_transaction():
        done(db.session(), promised, NOW)
    row = db.session.get_one(OutboxRow, promised)
    assert (row.done_at, row.error) == (NOW, None)
    assert take(LATER) is None


def test_failures_wait_longer_each_time_and_are_given_up(app: Flask) -> None:
    (promised,) = promise()
    now, waits = NOW, []
    for _ in range(MOST_ATTEMPTS):
        assert take(now) == promised
        with write_transaction():
            failed(db.session(), promised, "x" * 5_000, now)
        row = db.session.get_one(OutboxRow, promised)
        assert len(row.error or "") == 2_000
        waits.append(row.due_at - now)
        assert take(row.due_at - INSTANT) is None
        now = row.due_at
    assert waits == sorted(set(waits))
    assert take(LATER) is None
    assert db.session.get_one(OutboxRow, promised).attempts == MOST_ATTEMPTS


def test_runners_at_once_take_different_promises(backend: Backend) -> None:
    with backend.app.app_context():
        ids = promise(6)
        db.session.remove()
    taken = race(backend.app, *([lambda: [take(), take()]] * 3))
    assert sorted(id_ for pair in taken for id_ in pair) == ids
