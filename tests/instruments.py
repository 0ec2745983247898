"""Instruments of the tests: real threads let loose at the same instant, a counter of SQL statements, and the time zone
of the machine."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.kernel.db import db


def race(app: Flask, *runs: Callable[[], Any]) -> list[Any]:
    """Run each callable in its own thread and application context, all let go at once.

    Returns, in order, what each returned or the exception it raised.
    """
    results: list[Any] = [None] * len(runs)
    gate = threading.Barrier(len(runs))

    def runner(position: int, run: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait(10)
            try:
                results[position] = run()
            except Exception as error:
                results[position] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=runner, args=item) for item in enumerate(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a thread is still waiting after 30 seconds"
    return results


@contextlib.contextmanager
def counted_queries() -> Iterator[list[str]]:
    """The SQL statements sent while the block runs (transaction control left out)."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            statements.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


SERVER_ZONES = ("UTC", "Asia/Bangkok", "America/New_York")


@contextlib.contextmanager
def server_zone(name: str) -> Iterator[None]:
    """The machine keeps the time of this zone while the block runs, which must not matter to anything."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
