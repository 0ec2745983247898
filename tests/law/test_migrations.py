"""Migrations make exactly the schema the models describe, on both databases, and can be taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade
from sqlalchemy import Connection, Engine, create_engine, inspect, select, text

from app.calls.queries import get_call
from app.kernel.audit import AuditEntry
from app.kernel.config import PROJECT
from app.kernel.db import Base, Moment, db
from app.kernel.schema import know_migrations, upgrade_database
from app.kernel.work import open_work
from app.proposals.models import DraftRevision, Proposal
from app.reviews.actions import save_review, submit_review
from app.reviews.facts import Score
from app.reviews.models import Assignment, ReviewRevision
from tests.conftest import Backend
from tests.world import FISCAL_YEAR, NOW, complete_draft, file_proposal, give, write_draft

BOOKKEEPING = "alembic_version"


def same_type(_context: Any, _column: Any, _found: Any, wanted: Any, _ours: Any) -> bool | None:
    return False if isinstance(wanted, Moment) else None


def described(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every table with its columns, keys, checks and indexes, in words that can be compared."""
    inspector = inspect(connection)

    def words(sql: str) -> str:
        return re.sub(r"[\s()\"]|::\w+( varying)?(\[\])?", "", sql).lower()

    tables = {}
    for table in inspector.get_table_names():
        if table == BOOKKEEPING:
            continue
        tables[table] = {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (k["name"] or "", k["constrained_columns"], k["referred_table"], k["referred_columns"])
                for k in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(
                (u["name"] or "", u["column_names"]) for u in inspector.get_unique_constraints(table)
            ),
            "checks": sorted(
                (c["name"] or "", words(c["sqltext"])) for c in inspector.get_check_constraints(table)
            ),
            "indexes": sorted(
                (
                    i["name"] or "",
                    i["column_names"],
                    bool(i["unique"]),
                    words(str(i.get("dialect_options", {}).get(f"{connection.dialect.name}_where", ""))),
                )
                for i in inspector.get_indexes(table)
            ),
        }
    return tables


@pytest.fixture
def empty(backend: Backend) -> Iterator[Engine]:
    """A database of the same kind with nothing in it."""
    name = "test_empty"
    if backend.server is None:
        engine = create_engine("sqlite://")
    else:
        backend._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        backend._admin(f"CREATE DATABASE {name}")
        engine = create_engine(backend._url(name))
    yield engine
    engine.dispose()
    if backend.server is not None:
        backend._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_migrations_make_what_the_models_describe(backend: Backend, empty: Engine) -> None:
    Base.metadata.create_all(empty)
    with empty.connect() as connection:
        wanted = described(connection)
    with backend.app.app_context(), db.engine.connect() as connection:
        assert described(connection) == wanted
    assert set(wanted) == set(Base.metadata.tables)
    assert any(table["checks"] for table in wanted.values())


def test_alembic_finds_no_difference(backend: Backend) -> None:
    with backend.app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": same_type})
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_can_be_taken_back_and_made_again(backend: Backend) -> None:
    with backend.app.app_context():
        with db.engine.connect() as connection:
            before = described(connection)
        know_migrations(backend.app)
        downgrade(revision="base")
        db.session.remove()
        with db.engine.connect() as connection:
            assert described(connection) == {}
            if connection.dialect.name == "postgresql":
                left = connection.execute(
                    text("SELECT count(*) FROM pg_proc WHERE proname = 'refuse_change'")
                )
                assert left.scalar() == 0
        upgrade_database()
        db.session.remove()
        with db.engine.connect() as connection:
            assert described(connection) == before
            assert connection.execute(text(f"SELECT count(*) FROM {AuditEntry.__tablename__}")).scalar() == 0


def test_there_is_one_history_without_branches() -> None:
    script = ScriptDirectory(str(PROJECT / "migrations"))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_an_installation_of_the_first_schema_comes_along(backend: Backend) -> None:
    """Rows that others point to survive their table being made anew, and drafts get a version to compare with."""
    with backend.app.app_context():
        proposal_id = write_draft(backend.world, complete_draft())
        db.session.remove()
        know_migrations(backend.app)
        downgrade(revision="0001")
        db.session.remove()
        upgrade_database()
        db.session.remove()
        assert db.session.get_one(Proposal, proposal_id).title_en == "Test data linkage"
        kept = db.session.scalars(
            select(DraftRevision).where(DraftRevision.proposal_id == proposal_id).order_by(DraftRevision.id)
        ).all()
        assert {r.section: r.version for r in kept} == dict.fromkeys(complete_draft(), 2)
        assert json.loads(next(r.content for r in kept if r.section == "names")) == complete_draft()["names"]
        db.session.remove()


def test_reviews_of_the_schema_before_come_along(backend: Backend) -> None:
    """What was handed in counts and is a first revision; what was begun goes on; what nobody opened is asked first."""
    with backend.app.app_context():
        world = backend.world
        rubric = get_call(db.session(), FISCAL_YEAR).rubric
        scores = {c.code: Score(3, "") for c in rubric.criteria}
        done, begun, untouched = (
            give(world, file_proposal(world), "reviewer_bb")[0] for _ in ("done", "begun", "untouched")
        )
        with open_work(world.actor("reviewer_bb"), NOW) as work:
            submit_review(work, done, scores, 1)
            save_review(work, begun, scores, 1)
        db.session.remove()
        know_migrations(backend.app)
        downgrade(revision="0003")
        db.session.remove()
        upgrade_database()
        db.session.remove()
        rows = {a.id: a for a in db.session.scalars(select(Assignment))}
        assert {key: rows[key].state for key in rows} == {
            done: "accepted",
            begun: "accepted",
            untouched: "given",
        }
        assert (rows[done].total, rows[done].first_total, rows[begun].first_total) == (7500, 7500, None)
        kept = {r.assignment_id: r for r in db.session.scalars(select(ReviewRevision))}
        assert {key: (kept[key].cause, kept[key].version, kept[key].total) for key in kept} == {
            done: ("handed_in", 2, 7500),
            begun: ("saved", 2, None),
        }
        assert kept[begun].content == rows[begun].scores
        db.session.remove()
