"""Promises are kept once, tried again after a failure, given up at the limit, and survive a crash."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.figures.actions import TOPIC as PRINT_PAPER
from app.figures.actions import order_paper
from app.figures.facts import Failure, Step
from app.figures.models import PrintedPaper
from app.identity.facts import SYSTEM
from app.identity.models import UserMembership
from app.jobs import errands, printing, runner
from app.jobs.runner import LEASE, do_chores, drain, run_forever, run_once
from app.kernel.db import db
from app.kernel.outbox import MOST_ATTEMPTS, NotYet, OutboxRow
from app.kernel.work import open_work
from tests.conftest import FixedClock
from tests.world import FISCAL_YEAR, NOW, World


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], bool]]:
    """A handler that writes down what it was given."""
    seen: list[tuple[dict[str, Any], bool]] = []

    def note(_app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
        assert payload["promise"] > 0
        seen.append(({key: value for key, value in payload.items() if key != "promise"}, is_last))
        if payload.get("break"):
            raise RuntimeError("it broke")

    monkeypatch.setitem(errands.HANDLERS, "note", note)
    return seen


def promise(topic: str, **payload: Any) -> None:
    with open_work(SYSTEM, NOW) as work:
        work.promise(topic, payload)


def rows() -> list[OutboxRow]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_promises_are_kept_once_and_in_order(app: Flask, kept: list[Any]) -> None:
    promise("note", n=1)
    promise("note", n=2)
    assert drain(app) == 2
    assert drain(app) == 0
    assert [payload["n"] for payload, _ in kept] == [1, 2]
    assert all(row.done_at for row in rows())


def test_a_failure_is_tried_again_later_and_later_then_given_up(
    app: Flask, kept: list[Any], clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    promise("note", **{"break": True})
    promise("note", n=2)
    waits = []
    for _ in range(MOST_ATTEMPTS):
        drain(app)
        first = rows()[0]
        assert "it broke" in (first.error or "")
        waits.append((first.due_at - clock.moment).total_seconds())
        clock.moment = first.due_at
    assert drain(app) == 0
    assert waits == sorted(waits)
    assert [last for payload, last in kept if payload.get("break")] == [False] * (MOST_ATTEMPTS - 1) + [True]
    assert rows()[0].done_at is None
    assert rows()[1].done_at is not None


def test_what_is_not_there_yet_is_waited_for_as_long_as_it_takes(
    app: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[bool] = []

    def wait(_app: Flask, _payload: Mapping[str, Any], is_last: bool) -> None:
        tries.append(is_last)
        raise NotYet("no answer", timedelta(hours=1))

    monkeypatch.setitem(errands.HANDLERS, "wait", wait)
    promise("wait")
    for _ in range(MOST_ATTEMPTS):
        began = clock.moment
        drain(app)
        assert rows()[0].error == "no answer"
        clock.moment = rows()[0].due_at
    assert clock.moment - began == timedelta(hours=1)
    assert drain(app) == 1
    assert tries == [*[False] * (MOST_ATTEMPTS - 1), True, False]


def test_a_topic_nobody_keeps_is_a_failure_not_a_crash(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    promise("nobody")
    assert drain(app) == 1
    assert "KeyError" in (rows()[0].error or "")


def test_a_claimed_promise_is_hidden_until_its_lease_is_over(
    app: Flask, kept: list[Any], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise("note", n=1)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(errands.HANDLERS, "note", die)
        with pytest.raises(KeyboardInterrupt):
            run_once(app)
    assert not run_once(app)
    clock.moment += LEASE
    assert run_once(app)
    assert kept == [({"n": 1}, False)]


def order(world: World, paper_format: str = "xlsx") -> int:
    with open_work(world.actor("committee"), NOW) as work:
        return order_paper(work, FISCAL_YEAR, "ranking-book", paper_format, "th").id


def paper(paper_id: int) -> PrintedPaper:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(PrintedPaper, paper_id)


def test_printing_twice_gives_the_same_paper(app: Flask, world: World) -> None:
    paper_id = order(world)
    drain(app)
    first = paper(paper_id).sha256
    printing.print_paper(app, {"paper": paper_id}, False)
    assert paper(paper_id).sha256 == first
    with open_work(SYSTEM, NOW) as work:  # a printer that died after keeping the file, before saying so
        row = work.session.get_one(PrintedPaper, paper_id)
        row.state, row.sha256 = "running", None
    printing.print_paper(app, {"paper": paper_id}, False)
    assert (paper(paper_id).state, paper(paper_id).sha256) == ("done", first)


def test_a_broken_press_puts_the_paper_back_and_gives_it_up_at_the_last_attempt(
    app: Flask,
    world: World,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)

    def jam(*_: Any) -> bytes:
        raise OSError("paper jam")

    monkeypatch.setattr(printing, "print_document", jam)
    paper_id = order(world)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        drain(app)
        row = paper(paper_id)
        wanted = ("failed", Failure.BROKEN) if attempt == MOST_ATTEMPTS else ("queued", None)
        assert (row.state, row.failure) == wanted
        clock.moment = rows()[0].due_at


def test_a_person_who_lost_the_right_gets_no_paper(app: Flask, world: World) -> None:
    paper_id = order(world)
    with open_work(SYSTEM, NOW) as work:
        for m in work.session.scalars(
            select(UserMembership).where(UserMembership.user_id == world.users["committee"])
        ):
            work.session.delete(m)
    drain(app)
    assert (paper(paper_id).state, paper(paper_id).failure) == ("failed", Failure.REFUSED)
    assert rows()[0].done_at is not None


def test_others_can_write_while_a_paper_is_being_set(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper_id = order(world, "pdf")
    steps: list[tuple[str, int, int]] = []
    real = printing.print_document

    def slow(document: Any, paper_format: Any, progress: Any) -> bytes:
        def write_meanwhile() -> None:
            with app.app_context():
                with open_work(SYSTEM, NOW) as work:
                    work.promise("never", {})
                db.session.remove()

        writer = threading.Thread(target=write_meanwhile)
        writer.start()
        writer.join(5)
        assert not writer.is_alive(), "setting a paper holds a lock"

        def tell(done: int, total: int) -> None:
            progress(done, total)
            row = paper(paper_id)
            steps.append((row.step, row.done, row.total))

        return real(document, paper_format, tell)

    monkeypatch.setattr(printing, "print_document", slow)
    monkeypatch.setattr(printing, "TELL_EVERY", 0)
    run_once(app)
    assert paper(paper_id).state == "done"
    assert steps
    assert {step for step, _, _ in steps} == {Step.SETTING}
    assert steps[-1][1] == steps[-1][2]


def until(true: Callable[[], Any], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()


@contextlib.contextmanager
def running(app: Flask) -> Iterator[None]:
    """The runner in a thread of its own, told to stop at the end."""
    db.session.remove()
    stop = threading.Event()
    thread = threading.Thread(target=run_forever, args=(app, stop, 0.02))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_a_long_paper_holds_up_nothing_but_papers(
    app: Flask, kept: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    printed: list[int] = []

    def long_paper(_app: Flask, payload: Mapping[str, Any], _is_last: bool) -> None:
        begun.set()
        assert may_end.wait(10)
        printed.append(payload["paper"])

    monkeypatch.setitem(errands.HANDLERS, PRINT_PAPER, long_paper)
    promise(PRINT_PAPER, paper=1)
    promise(PRINT_PAPER, paper=2)
    with running(app):
        assert begun.wait(5)
        promise("note", n=1)
        until(lambda: kept)
        assert printed == []
        may_end.set()
        until(lambda: printed == [1, 2])


def test_every_topic_has_one_lane(app: Flask) -> None:
    lanes = errands.lanes_of(app)
    for topic in (*errands.HANDLERS, "a topic nobody keeps"):
        homes = [lane for lane in lanes if topic in lane.only or (not lane.only and topic not in lane.but)]
        assert len(homes) == (0 if topic in errands.kept_here(app).but else 1), topic


def test_a_chore_that_fails_keeps_no_other_from_being_done(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    done = []

    def fail(_app: Flask) -> None:
        raise OSError("broken broom")

    do_chores(app, [errands.Chore(fail, 60), errands.Chore(lambda _app: done.append(1), 60)])
    assert done == [1]


def test_chores_come_round_at_their_own_pace(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    chores = (
        errands.Chore(lambda _app: done.append("often"), 0),
        errands.Chore(lambda _app: done.append("seldom"), 600),
    )
    monkeypatch.setattr(runner, "CHORES", chores)
    with running(app):
        until(lambda: done.count("often") > 3)
    assert done.count("seldom") == 1


def test_the_runner_stops_when_told(app: Flask, kept: list[Any]) -> None:
    promise("note", n=1)
    with running(app):
        until(lambda: kept)
    assert kept == [({"n": 1}, False)]
