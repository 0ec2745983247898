"""One unit of work: all of it or nothing, one at a time, never one inside another."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.identity.facts import SYSTEM
from app.identity.models import Ministry
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from tests.conftest import Backend
from tests.instruments import race
from tests.world import NOW

WRITERS, ROUNDS = 4, 6
TABLES = (Ministry, AuditEntry, OutboxRow)


def ministry(code: str) -> Ministry:
    return Ministry(code=code, name_th=code, name_en=code, sort_key=code)


def counts() -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def test_rows_log_and_promises_commit_together(app: Flask) -> None:
    before = counts()
    with open_work(SYSTEM, NOW) as work:
        work.session.add(ministry("new"))
        work.audit("add", "ministry:new")
        work.promise("topic", {"n": 1})
    assert counts() == [n + 1 for n in before]


def test_rows_log_and_promises_fail_together(app: Flask) -> None:
    before = counts()

    def work_that_fails() -> None:
        with open_work(SYSTEM, NOW) as work:
            work.session.add(ministry("new"))
            work.audit("add", "ministry:new")
            work.promise("topic", {"n": 1})
            work.session.flush()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        work_that_fails()
    assert counts() == before


def test_work_inside_work_is_refused_at_once(app: Flask) -> None:
    """On SQLite it would wait for its own lock for ever; on PostgreSQL it would throw the outer work away."""

    def nested() -> None:
        with open_work(SYSTEM, NOW) as work:
            work.session.add(ministry("outer"))
            with open_work(SYSTEM, NOW):
                raise AssertionError("the inner work was opened")

    caught: list[BaseException] = []

    def run() -> None:
        with app.app_context():
            try:
                nested()
            except BaseException as error:
                caught.append(error)
            db.session.remove()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive(), "the inner work waits for the outer"
    assert [type(error) for error in caught] == [RuntimeError]
    with open_work(SYSTEM, NOW) as work:  # the door is not left locked
        work.session.add(ministry("after"))


def other_programme_may_write() -> bool:
    """Whether a programme that knows nothing of our lock, such as the sqlite3 shell, could begin to write."""
    other = sqlite3.connect(str(db.engine.url.database), timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    else:
        return True
    finally:
        other.close()


def test_on_sqlite_work_is_the_only_writer_from_its_first_read(sqlite_backend: Backend) -> None:
    """A read that later turns into a write fails under load; so work asks for the right to write at once."""
    with sqlite_backend.app.app_context():
        db.session.scalar(select(Ministry.id))
        assert other_programme_may_write()
        with open_work(SYSTEM, NOW) as work:
            work.session.scalar(select(Ministry.id))
            assert not other_programme_may_write()
        assert other_programme_may_write()
        db.session.remove()


def _count_up(code: str) -> Callable[[], None]:
    def run() -> None:
        for _ in range(ROUNDS):
            with open_work(SYSTEM, NOW) as work:
                row = work.session.scalars(
                    select(Ministry).where(Ministry.code == code).with_for_update()
                ).one()
                row.name_en = str(int(row.name_en) + 1)

    return run


def test_reading_then_writing_loses_nothing_between_writers(backend: Backend) -> None:
    with backend.app.app_context():
        with open_work(SYSTEM, NOW) as work:
            counter = ministry("counter")
            counter.name_en = "0"
            work.session.add(counter)
        db.session.remove()
    assert race(backend.app, *([_count_up("counter")] * WRITERS)) == [None] * WRITERS
    with backend.app.app_context():
        assert db.session.scalar(select(Ministry.name_en).where(Ministry.code == "counter")) == str(
            WRITERS * ROUNDS
        )
        db.session.remove()
