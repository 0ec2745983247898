"""Grace and extensions: who may file until when, to the millisecond, whatever the server's own time zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.calls.actions import DECIDED, ENDED_ALREADY, NOTHING_TO_EXTEND, end_extension, extend_call
from app.calls.facts import CallWindow, Extension, Origin, Phase, deadline_of
from app.calls.models import Call, CallExtension
from app.calls.queries import (
    find_current_window,
    get_call,
    list_calls,
    list_extensions,
    list_window_changes,
    list_windows,
)
from app.cli.call_files import load_documents, open_call_file
from app.identity.facts import SYSTEM
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.outbox import OutboxRow
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal
from app.proposals.models import Submission
from app.proposals.queries import get_receipt
from app.screening.actions import screen_proposal
from app.screening.queries import find_latest_run
from tests.instruments import SERVER_ZONES, counted_queries, server_zone
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, write_draft

OPENS = datetime.fromisoformat("2025-11-17T00:00:00+07:00")
CLOSES = datetime.fromisoformat("2025-11-27T00:00:00+07:00")
GRACE = timedelta(minutes=15)
INSTANT = timedelta(milliseconds=1)
DAY = timedelta(days=1)
REASON = "ระบบของหน่วยงานขัดข้องจากเหตุไฟไหม้"
ALPHA, BETA = 1, 2

UPCOMING, OPEN, IN_GRACE, CLOSED = Phase.UPCOMING, Phase.OPEN, Phase.GRACE, Phase.CLOSED


def given_longer(agency_id: int | None, closes_at: datetime, number: int = 1) -> Extension:
    return Extension(number, agency_id, Text("ก", "A") if agency_id else None, closes_at, REASON, NOW)


def window(*extensions: Extension, grace: int = 15) -> CallWindow:
    return CallWindow(1, 2570, Text("รอบ", "Call"), OPENS, CLOSES, grace, extensions, Origin.FILED)


# the extensions in force, who asks -> the closing moment, and which extension gave it
WHO: list[tuple[str, tuple[Extension, ...], int | None, datetime, int | None]] = [
    ("none", (), ALPHA, CLOSES, None),
    ("for all", (given_longer(None, CLOSES + DAY),), ALPHA, CLOSES + DAY, 1),
    ("for all, asked for all", (given_longer(None, CLOSES + DAY),), None, CLOSES + DAY, 1),
    ("for one, asked by it", (given_longer(ALPHA, CLOSES + DAY),), ALPHA, CLOSES + DAY, 1),
    ("for one, asked by another", (given_longer(ALPHA, CLOSES + DAY),), BETA, CLOSES, None),
    ("for one, asked for all", (given_longer(ALPHA, CLOSES + DAY),), None, CLOSES, None),
    (
        "the later one counts",
        (given_longer(ALPHA, CLOSES + 2 * DAY), given_longer(None, CLOSES + DAY, 2)),
        ALPHA,
        CLOSES + 2 * DAY,
        1,
    ),
    (
        "of an equal pair the first",
        (given_longer(None, CLOSES + DAY), given_longer(ALPHA, CLOSES + DAY, 2)),
        ALPHA,
        CLOSES + DAY,
        1,
    ),
    ("never earlier", (given_longer(None, CLOSES - DAY),), ALPHA, CLOSES, None),
]


@pytest.mark.parametrize(
    ("extensions", "asker", "closes_at", "by"), [row[1:] for row in WHO], ids=[row[0] for row in WHO]
)
def test_the_latest_moment_that_applies_counts(
    extensions: tuple[Extension, ...], asker: int | None, closes_at: datetime, by: int | None
) -> None:
    deadline = deadline_of(window(*extensions), asker)
    assert (deadline.closes_at, deadline.grace_until) == (closes_at, closes_at + GRACE)
    assert (deadline.extended_by.id if deadline.extended_by else None) == by


# moment -> where the deadline stands, with and without a grace of 15 minutes
MOMENTS: list[tuple[datetime, Phase, Phase]] = [
    (OPENS - INSTANT, UPCOMING, UPCOMING),
    (OPENS, OPEN, OPEN),
    (OPENS + INSTANT, OPEN, OPEN),
    (CLOSES - INSTANT, OPEN, OPEN),
    (CLOSES, IN_GRACE, CLOSED),
    (CLOSES + INSTANT, IN_GRACE, CLOSED),
    (CLOSES + GRACE - INSTANT, IN_GRACE, CLOSED),
    (CLOSES + GRACE, CLOSED, CLOSED),
    (CLOSES + GRACE + INSTANT, CLOSED, CLOSED),
]


@pytest.mark.parametrize(("at", "with_grace", "without"), MOMENTS, ids=str)
def test_every_interval_is_half_open(at: datetime, with_grace: Phase, without: Phase) -> None:
    assert deadline_of(window(), ALPHA).judge(at) is with_grace
    assert deadline_of(window(grace=0), ALPHA).judge(at) is without
    assert deadline_of(window(grace=0), ALPHA).has_grace is False
    assert window().phase(at) is with_grace
    assert with_grace.accepts is (with_grace in (OPEN, IN_GRACE))


def extend(
    world: World,
    closes_at: datetime,
    agency: str | None = None,
    *,
    by: str = "secretariat",
    at: datetime = NOW,
    reason: str = REASON,
    is_decided: bool = False,
) -> int:
    with open_work(world.actor(by), at) as work:
        agency_id = world.agencies[agency] if agency else None
        return extend_call(work, FISCAL_YEAR, agency_id, closes_at, reason, is_decided=is_decided).id


def end(world: World, extension_id: int, at: datetime = NOW, by: str = "secretariat") -> None:
    with open_work(world.actor(by), at) as work:
        end_extension(work, extension_id)


def publish_grace(minutes: int = 15) -> None:
    db.session.get_one(Call, get_call(db.session(), FISCAL_YEAR).id).grace_minutes = minutes
    db.session.commit()


def file_it(world: World, proposal_id: int, at: datetime, by: str = "officer") -> Submission:
    with open_work(world.actor(by), at) as work:
        return submit_proposal(work, proposal_id, "key")


# what was given, to whom, and the moment before which the officer of alpha must file
FILING: list[tuple[str, timedelta, str | None, timedelta]] = [
    ("grace", timedelta(0), None, GRACE),
    ("for all", DAY, None, DAY + GRACE),
    ("for alpha", DAY, "alpha", DAY + GRACE),
    ("for beta", DAY, "beta", GRACE),
]


@pytest.mark.parametrize("zone", SERVER_ZONES)
@pytest.mark.parametrize(
    ("later", "agency", "last"), [row[1:] for row in FILING], ids=[row[0] for row in FILING]
)
def test_a_filing_is_judged_by_its_agencys_own_deadline(
    app: Flask, world: World, zone: str, later: timedelta, agency: str | None, last: timedelta
) -> None:
    publish_grace()
    with server_zone(zone):
        if later:
            extend(world, CLOSES + later, agency)
        proposal_id = write_draft(world, complete_draft())
        for at in (CLOSES + last, CLOSES + last + INSTANT):
            with pytest.raises(Refused) as refused:
                file_it(world, proposal_id, at)
            assert "00:15:00" in refused.value.text.th
        last_moment = CLOSES + last - INSTANT
        submission = file_it(world, proposal_id, last_moment)
        assert (submission.submitted_at, submission.deadline_at) == (last_moment, CLOSES + last - GRACE)


def test_screening_judges_by_the_deadline_of_the_filing(app: Flask, world: World) -> None:
    """An extension that is taken back later makes no filing late that was in time."""
    publish_grace()
    extension_id = extend(world, CLOSES + DAY, "alpha")
    proposal_id = write_draft(world, complete_draft())
    at = CLOSES + DAY + timedelta(minutes=5)
    assert file_it(world, proposal_id, at).deadline_at == CLOSES + DAY
    receipt = get_receipt(db.session(), world.actor("officer"), proposal_id)
    assert (receipt.deadline_at, receipt.is_in_grace) == (CLOSES + DAY, True)
    end(world, extension_id, at + INSTANT)
    with open_work(world.actor("secretariat"), at + DAY) as work:
        screen_proposal(work, proposal_id)
    run = find_latest_run(db.session(), proposal_id)
    assert run is not None
    found = next(f for f in run.findings if f.rule == "window")
    assert "28 พ.ย. 2568 00:00:00" in found.text.th
    assert found.outcome == "passes"


def test_an_extension_reopens_a_closed_call(app: Flask, world: World) -> None:
    closed = CLOSES + 2 * DAY
    assert find_current_window(db.session(), closed) is None
    proposal_id = write_draft(world, complete_draft())
    with pytest.raises(Refused):
        file_it(world, proposal_id, closed)
    extend(world, CLOSES + 3 * DAY, at=closed)
    found = find_current_window(db.session(), closed)
    assert found is not None
    assert found.phase(closed) is OPEN
    assert file_it(world, proposal_id, closed).proposal_id == proposal_id


def test_the_window_shown_is_the_readers_own(app: Flask, world: World) -> None:
    extend(world, CLOSES + DAY, "alpha")
    alpha, beta = world.agencies["alpha"], world.agencies["beta"]
    after = CLOSES + INSTANT
    for asked, is_open in (((), False), ((beta,), False), ((alpha,), True), ((alpha, beta), True)):
        db.session.rollback()
        assert (find_current_window(db.session(), after, asked) is not None) is is_open, asked


def test_an_extension_is_audited_and_told(app: Flask, world: World) -> None:
    extension_id = extend(world, CLOSES + DAY, "alpha", reason=f"  {REASON}  ")
    row = db.session.get_one(CallExtension, extension_id)
    assert (row.reason, row.by, row.at, row.ended_at) == (REASON, world.users["secretariat"], NOW, None)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert (entry.action, entry.agency_id) == ("extend_call", world.agencies["alpha"])
    told = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == "notify")).all()
    assert [t.payload for t in told] == [f'{{"event":"extended","extension":{extension_id}}}']
    end(world, extension_id, NOW + DAY)
    (shown,) = list_extensions(db.session(), world.call_id)
    assert (shown.agency, shown.by) == (Text("กรมอัลฟา", "Department Alpha"), shown.ended_by)
    assert (shown.at, shown.ended_at, shown.closes_at) == (NOW, NOW + DAY, CLOSES + DAY)
    changes = [(c.agency_id, c.at) for c in list_window_changes(db.session())]
    alpha = world.agencies["alpha"]
    assert changes == [
        (None, NOW),
        (alpha, NOW),
        (alpha, NOW + DAY),
    ]  # the call was opened, and what followed
    assert get_call(db.session(), FISCAL_YEAR).extensions == ()
    with pytest.raises(Refused) as refused:
        end(world, extension_id)
    assert refused.value.text == ENDED_ALREADY


# closing moment, reason, moment of asking -> where the problems stand
REFUSALS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("the same moment", {"closes_at": CLOSES}, ["closes_at"]),
    ("an earlier moment", {"closes_at": CLOSES - INSTANT}, ["closes_at"]),
    ("no reason", {"reason": "   "}, ["reason"]),
    ("a short reason", {"reason": "สั้น"}, ["reason"]),
    ("a long reason", {"reason": "ก" * 1001}, ["reason"]),
    ("both wrong", {"closes_at": CLOSES, "reason": ""}, ["closes_at", "reason"]),
    ("past already", {"closes_at": CLOSES + DAY, "at": CLOSES + 2 * DAY}, ["closes_at"]),
    ("this very moment", {"closes_at": CLOSES + DAY, "at": CLOSES + DAY}, ["closes_at"]),
    ("a year mistyped", {"closes_at": CLOSES + 400 * DAY}, ["closes_at"]),
]


@pytest.mark.parametrize(("change", "places"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_cannot_be_is_refused(
    app: Flask, world: World, change: dict[str, Any], places: list[str]
) -> None:
    asked: dict[str, Any] = {"closes_at": CLOSES + DAY} | change
    with pytest.raises(Refused) as refused:
        extend(world, asked.pop("closes_at"), "alpha", **asked)
    assert [p.place for p in refused.value.problems] == places
    assert db.session.scalars(select(CallExtension)).all() == []


def test_what_applies_already_must_be_exceeded(app: Flask, world: World) -> None:
    extend(world, CLOSES + DAY)
    with pytest.raises(Refused):
        extend(world, CLOSES + DAY, "alpha")
    extend(world, CLOSES + DAY + INSTANT, "alpha")


def test_decided_recorded_and_unknown_things_are_refused(app: Flask, world: World) -> None:
    with pytest.raises(Refused) as refused:
        extend(world, CLOSES + DAY, is_decided=True)
    assert refused.value.text == DECIDED
    with open_work(SYSTEM, NOW) as work:
        load_documents(work)
        open_call_file(work, 2565)
    secretariat = world.actor("secretariat")
    with pytest.raises(Refused) as refused, open_work(secretariat, NOW) as work:
        extend_call(work, 2565, None, NOW + DAY, REASON, is_decided=False)
    assert refused.value.text == NOTHING_TO_EXTEND
    with pytest.raises(Refused) as refused, open_work(secretariat, NOW) as work:
        extend_call(work, FISCAL_YEAR, 999_999, CLOSES + DAY, REASON, is_decided=False)
    assert [p.place for p in refused.value.problems] == ["agency"]
    with pytest.raises(NotFound), open_work(secretariat, NOW) as work:
        extend_call(work, 2599, None, CLOSES + DAY, REASON, is_decided=False)
    with pytest.raises(NotFound):
        end(world, 999_999)


@pytest.mark.parametrize("name", ["officer", "certifier", "reviewer_bb", "committee", "admin"])
def test_only_the_secretariat_extends(app: Flask, world: World, name: str) -> None:
    extension_id = extend(world, CLOSES + DAY)
    with pytest.raises(Forbidden):
        extend(world, CLOSES + 2 * DAY, by=name)
    with pytest.raises(Forbidden):
        end(world, extension_id, by=name)


def test_reading_costs_the_same_whatever_the_number(app: Flask, world: World) -> None:
    """One query each, extensions included, and every call once."""
    for n in range(1, 9):
        extend(world, CLOSES + n * DAY, ["alpha", "beta", "gamma", None][n % 4])
    db.session.rollback()
    with counted_queries() as asked:
        call = get_call(db.session(), FISCAL_YEAR)
    assert len(asked) == 1
    assert [e.closes_at for e in call.extensions] == [CLOSES + n * DAY for n in range(1, 9)]
    assert [c.plan.code for c in list_calls(db.session())] == ["dgi-plan-2567"]
    with counted_queries() as asked:
        (found,) = list_windows(db.session())
    assert len(asked) == 1
    assert found.extensions == call.extensions
    assert replace(found, extensions=()).phase(CLOSES) is CLOSED
