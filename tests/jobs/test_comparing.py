"""The radar of a runner: in a lane of its own, kept from one promise to the next, mended when it broke, let go of."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import select

from app.jobs import comparing
from app.jobs.comparing import let_go
from app.jobs.errands import lanes_of
from app.jobs.runner import run_once
from app.kernel.db import db
from app.kernel.outbox import OutboxRow, Topics
from app.similarity.models import OverlapPair
from app.similarity.queries.radar import Radar
from tests.conftest import FixedClock
from tests.similarity.scene import WATER, compare_all, file
from tests.world import World


def radar_of(app: Flask) -> Radar:
    return comparing._kept(app).radar


def test_comparing_has_a_lane_of_its_own(app: Flask) -> None:
    own = [lane for lane in lanes_of(app) if "compare_filing" in lane.only]
    assert [set(lane.only) for lane in own] == [{"compare_filing", "compare_draft"}]
    for lane in lanes_of(app):
        if lane not in own:
            assert lane.only or {"compare_filing", "compare_draft"} <= set(lane.but)


def test_the_index_is_kept_from_one_promise_to_the_next(app: Flask, world: World) -> None:
    file(world, WATER)
    compare_all(app)
    kept = radar_of(app)
    index = kept._index
    file(world, WATER, "beta")
    compare_all(app)
    assert radar_of(app) is kept
    assert kept._index is index
    assert len(kept) == 2
    assert len(db.session.scalars(select(OverlapPair)).all()) == 1


def test_a_radar_that_broke_is_not_used_again(
    app: Flask, world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(world, WATER)
    file(world, WATER, "beta")
    broken = radar_of(app)

    def fail(*_: object) -> None:
        raise RuntimeError("it broke")

    with monkeypatch.context() as patched:
        patched.setattr(Radar, "look", fail)
        assert run_once(app, Topics(only=("compare_filing",)))
    assert radar_of(app) is not broken
    clock.advance(hours=1)
    compare_all(app)
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == "compare_filing")).all()
    assert all(row.done_at is not None for row in rows)
    assert len(db.session.scalars(select(OverlapPair)).all()) == 1


@pytest.mark.parametrize(
    ("large", "idle", "gone"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_a_large_index_is_let_go_of_when_idle(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, large: bool, idle: bool, gone: bool
) -> None:
    file(world, WATER)
    compare_all(app)
    kept = radar_of(app)
    monkeypatch.setattr(comparing, "_LARGE", 0 if large else 1)
    monkeypatch.setattr(comparing, "_IDLE", -1 if idle else 900)
    let_go(app)
    assert (radar_of(app) is not kept) == gone
    with comparing._kept(app).lock:  # one in use is left alone, and waited for by nobody
        before = radar_of(app)
        began = time.monotonic()
        let_go(app)
        assert time.monotonic() - began < 5
        assert radar_of(app) is before
