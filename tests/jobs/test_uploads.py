"""The runner reads workbooks in a lane of their own, tells how far it is, and gives up with words."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.jobs import errands, uploads
from app.jobs.runner import drain, run_once
from app.kernel.db import db
from app.kernel.files import Area, StorageFault, file_store
from app.kernel.outbox import MOST_ATTEMPTS, OutboxRow
from app.kernel.work import open_work
from app.monitoring.actions.record_uploads import TOPIC as OF_REPORTS
from app.proposals.actions import StoredFile
from app.proposals.actions.uploading import TOPIC, drop_upload, upload_workbook
from app.proposals.models import WorkbookUpload
from app.proposals.queries.uploads import find_subject
from app.proposals.sheets import make_template
from app.workbooks.facts import Reading
from app.workbooks.queries import read_result
from app.workbooks.refusals import refuse
from app.workbooks.uploads import signing_key
from app.workbooks.writing import write_template
from tests.conftest import FixedClock
from tests.world import NOW, World, complete_draft, write_draft


@pytest.fixture
def upload_id(app: Flask, world: World) -> int:
    """A template sent back as it went."""
    proposal_id = write_draft(world, complete_draft())
    subject = find_subject(db.session(), proposal_id, world.agencies["alpha"])
    data = write_template(make_template(subject), signing_key(app.config["DGI"].secret_key), NOW)
    key = file_store(app.config["DGI"], Area.WORKBOOKS).put(data)
    with open_work(world.actor("officer"), NOW) as work:
        file = StoredFile("a.xlsx", "", len(data), key)
        return upload_workbook(work, proposal_id, world.agencies["alpha"], file).id


def row_of(upload_id: int) -> WorkbookUpload:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(WorkbookUpload, upload_id)


def promise() -> OutboxRow:
    return db.session.scalars(select(OutboxRow).where(OutboxRow.topic == TOPIC)).one()


def test_workbooks_have_a_lane_of_their_own(app: Flask) -> None:
    lanes = errands.lanes_of(app)
    assert [lane.only for lane in lanes if TOPIC in lane.only] == [(TOPIC, OF_REPORTS)]
    assert all({TOPIC, OF_REPORTS} <= set(lane.but) for lane in lanes if not lane.only)


def test_it_is_read_once_and_says_how_far_it_is(
    app: Flask, upload_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int, int]] = []
    real = uploads.note_rows

    def note(work: Any, table: Any, upload: int, done: int, total: int) -> None:
        real(work, table, upload, done, total)
        row = work.session.get(table, upload)
        told.append((row.state, row.done, row.total))

    monkeypatch.setattr(uploads, "note_rows", note)
    monkeypatch.setattr(uploads, "TELL_EVERY", 0)
    assert drain(app) == 1
    assert {state for state, _, _ in told} == {"reading"}
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1] == told[-1][2] > 0
    row = row_of(upload_id)
    assert (row.state, row.done) == ("ready", row.total)
    result = read_result(db.session(), WorkbookUpload, upload_id)
    assert result is not None
    assert result.values["budget"]["rows"][0]["item"] == "ระบบคอมพิวเตอร์"
    assert result.came_from == {"budget": 2, "indicators": 2}
    assert drain(app) == 0


def test_a_dropped_workbook_is_not_read(app: Flask, world: World, upload_id: int) -> None:
    with open_work(world.actor("officer"), NOW) as work:
        drop_upload(work, upload_id)
    assert drain(app) == 1
    row = row_of(upload_id)
    assert (row.state, row.result) == ("dropped", None)
    assert promise().done_at is not None


def test_a_reader_that_died_is_followed_by_another(
    app: Flask, clock: FixedClock, upload_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_read", die)
        with pytest.raises(SystemExit):
            run_once(app)
    assert row_of(upload_id).state == "reading"
    assert drain(app) == 0
    clock.advance(minutes=11)
    assert drain(app) == 1
    assert row_of(upload_id).state == "ready"


@pytest.mark.parametrize(
    ("fault", "words"),
    [(RuntimeError("broken"), "ระบบขัดข้อง"), (StorageFault("away"), "ที่เก็บไฟล์ไม่พร้อม")],
)
def test_what_fails_to_the_last_is_given_up_with_words(
    app: Flask,
    clock: FixedClock,
    upload_id: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    words: str,
) -> None:
    caplog.set_level(logging.CRITICAL)

    def fail(*_: Any, **__: Any) -> Any:
        raise fault

    monkeypatch.setattr(uploads, "read_workbook", fail)
    for n in range(MOST_ATTEMPTS):
        assert drain(app) == 1
        assert row_of(upload_id).state == ("waiting" if n < MOST_ATTEMPTS - 1 else "refused")
        clock.moment = promise().due_at
    assert words in row_of(upload_id).refusal_th
    assert drain(app) == 0


def test_when_too_many_are_being_read_it_waits_as_long_as_it_takes(
    app: Flask,
    clock: FixedClock,
    upload_id: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "read_workbook", lambda *_, **__: Reading(refusal=refuse("busy")))
        for _ in range(MOST_ATTEMPTS + 1):
            assert drain(app) == 1
            assert row_of(upload_id).state == "waiting"
            clock.moment = promise().due_at
    assert drain(app) == 1
    assert row_of(upload_id).state == "ready"


def test_bytes_that_are_gone_are_told(app: Flask, upload_id: int) -> None:
    file_store(app.config["DGI"], Area.WORKBOOKS).remove(row_of(upload_id).sha256)
    db.session.rollback()
    assert drain(app) == 1
    row = row_of(upload_id)
    assert (row.state, "นำเข้าอีกครั้ง" in row.refusal_th) == ("refused", True)


def test_a_workbook_that_cannot_be_marked_is_still_told_of(
    app: Flask, upload_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The faults stand on the page, with a word about the missing file."""
    real = uploads.read_workbook

    def spoil(*args: Any, **kwargs: Any) -> Reading:
        reading = real(*args, **kwargs)
        rows = reading.sheets["budget"].rows
        rows[0][1]["quantity"] = "0"  # type: ignore[index]
        return reading

    monkeypatch.setattr(uploads, "read_workbook", spoil)
    monkeypatch.setattr(uploads, "annotate_workbook", lambda *_: refuse("too_heavy"))
    assert drain(app) == 1
    row, result = row_of(upload_id), read_result(db.session(), WorkbookUpload, upload_id)
    assert result is not None
    assert (row.state, row.annotated_sha256, result.fault_count, result.fault_rows) == ("refused", None, 1, 1)
    assert [words.en[:38] for words in result.remarks] == ["This workbook could not be marked; ple"]
