"""The audit chain: every kind of tampering is found, the database refuses it, and writers at once keep one chain."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.identity.facts import SYSTEM
from app.kernel.audit import GENESIS, AuditEntry, Head, Verdict, keep_head, verify
from app.kernel.clock import BANGKOK
from app.kernel.db import db, write_transaction
from app.kernel.work import open_work
from tests.conftest import Backend
from tests.instruments import race
from tests.world import NOW

ENTRIES = 5
WRITERS, ROUNDS = 4, 5


def note(subject: str) -> None:
    with open_work(SYSTEM, NOW) as work:
        work.audit("test", subject, before="0" * 64, detail={"ก": 1})


def head_file(app: Flask) -> Path:
    return Path(app.config["DGI"].instance) / "audit-head.json"


def last() -> int:
    return db.session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1)) or 0


def tamper(*statements: str, **values: object) -> None:
    """Change the log as somebody with the database's own password could: triggers out of the way first."""
    with write_transaction():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER ALL"))
        else:
            for verb in ("update", "delete"):
                db.session.execute(text(f"DROP TRIGGER IF EXISTS audit_entries_no_{verb}"))
        for statement in statements:
            db.session.execute(text(statement), values)


@pytest.fixture
def chain(app: Flask) -> int:
    """A few entries more; returns the sequence number of the last."""
    for n in range(ENTRIES):
        note(f"thing:{n}")
    return last()


def fault() -> str | None:
    db.session.rollback()
    return verify(db.session()).fault


def test_a_chain_as_written_is_whole(app: Flask, chain: int) -> None:
    verdict = verify(db.session())
    assert verdict.fault is None
    assert verdict.head.count == chain
    assert json.loads(head_file(app).read_text()) == {"count": chain, "sha256": verdict.head.sha256}


def test_entries_follow_one_another_from_the_beginning(app: Flask, chain: int) -> None:
    rows = db.session.execute(select(AuditEntry).order_by(AuditEntry.seq)).scalars().all()
    assert [row.seq for row in rows] == list(range(1, chain + 1))
    assert [row.previous for row in rows] == [GENESIS, *(row.sha256 for row in rows[:-1])]


EDITS = {
    "at": "at = '2001-01-01 00:00:00+00'",
    "actor": "actor_id = 99",
    "agency": "agency_id = 99",
    "action": "action = 'other'",
    "subject": "subject = 'thing:99'",
    "before": "before_sha256 = NULL",
    "after": "after_sha256 = '" + "1" * 64 + "'",
    "detail": "detail = '{}'",
    "own hash": "sha256 = '" + "1" * 64 + "'",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edited_entry_is_named(app: Flask, chain: int, edit: str) -> None:
    tamper(
        f"UPDATE audit_entries SET {edit.replace('+00', '') if db.engine.name == 'sqlite' else edit} "
        "WHERE seq = :seq",
        seq=chain - 2,
    )
    assert fault() == f"entry {chain - 2} was edited"


def test_a_forged_link_is_named(app: Flask, chain: int) -> None:
    tamper("UPDATE audit_entries SET previous = sha256 WHERE seq = :seq", seq=chain - 2)
    assert fault() == f"entry {chain - 2} does not follow the entry before it"


def test_a_removed_entry_is_named(app: Flask, chain: int) -> None:
    tamper("DELETE FROM audit_entries WHERE seq = :seq", seq=chain - 2)
    assert fault() == f"entry {chain - 2} is missing"


def test_a_removed_entry_with_the_gap_closed_is_named(app: Flask, chain: int) -> None:
    tamper(
        "DELETE FROM audit_entries WHERE seq = :seq",
        "UPDATE audit_entries SET seq = seq - 1 WHERE seq > :seq",
        seq=chain - 1,
    )
    assert fault() == f"entry {chain - 1} does not follow the entry before it"


def test_two_entries_changing_places_are_named(app: Flask, chain: int) -> None:
    tamper(
        "UPDATE audit_entries SET seq = 0 WHERE seq = :seq",
        "UPDATE audit_entries SET seq = :seq WHERE seq = :seq + 1",
        "UPDATE audit_entries SET seq = :seq + 1 WHERE seq = 0",
        seq=chain - 3,
    )
    assert fault() == f"entry {chain - 3} does not follow the entry before it"


@pytest.mark.parametrize("cut", [1, 3])
def test_a_cut_tail_is_found(app: Flask, chain: int, cut: int) -> None:
    tamper("DELETE FROM audit_entries WHERE seq > :seq", seq=chain - cut)
    assert fault() == f"{cut} entries after entry {chain - cut} were removed"


@pytest.mark.parametrize("added", [1, 3, 6])
def test_a_cut_tail_is_found_after_new_entries_grew_over_it(app: Flask, chain: int, added: int) -> None:
    """The head kept outside the database is evidence: what contradicts it never replaces it."""
    tamper("DELETE FROM audit_entries WHERE seq > :seq", seq=chain - 3)
    for n in range(added):
        note(f"later:{n}")
    assert fault() is not None


def test_a_lost_head_is_reported(app: Flask, chain: int) -> None:
    """Without the head a cut tail could not be found; removing it must not pass in silence."""
    head_file(app).unlink()
    assert fault() is not None
    head_file(app).write_text("")
    assert fault() is not None


def test_an_older_head_never_replaces_a_newer_one(app: Flask, chain: int) -> None:
    kept = head_file(app).read_text()
    keep_head(Head(chain - 1, "1" * 64))
    assert head_file(app).read_text() == kept


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET action = 'other'", "DELETE FROM audit_entries WHERE seq = 1"]
)
def test_the_database_refuses_to_change_the_log(app: Flask, chain: int, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), write_transaction():
        db.session.execute(text(statement))
    assert fault() is None


def test_work_in_another_time_zone_keeps_the_chain_whole(app: Flask) -> None:
    with open_work(SYSTEM, NOW.astimezone(BANGKOK)) as work:
        work.audit("test", "thing:1")
    assert fault() is None


def test_nothing_is_logged_for_work_that_failed(app: Flask, chain: int) -> None:
    with contextlib.suppress(ZeroDivisionError), open_work(SYSTEM, NOW) as work:
        work.audit("test", "thing:1")
        raise ZeroDivisionError
    assert last() == chain
    assert fault() is None


def _several(name: str) -> Callable[[], None]:
    def run() -> None:
        for n in range(ROUNDS):
            note(f"{name}:{n}")

    return run


def test_writers_at_once_keep_one_chain(backend: Backend) -> None:
    with backend.app.app_context():
        before = last()
        db.session.remove()
    assert race(backend.app, *(_several(f"writer-{n}") for n in range(WRITERS))) == [None] * WRITERS
    with backend.app.app_context():
        verdict = verify(db.session())
        assert verdict == Verdict(Head(before + WRITERS * ROUNDS, verdict.head.sha256), None)
        kept = json.loads(head_file(backend.app).read_text())
        assert kept == {"count": verdict.head.count, "sha256": verdict.head.sha256}
        db.session.remove()
