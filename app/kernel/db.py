"""The database: SQLite for one host, PostgreSQL for several; the same code on both.

SQLite gets BEGIN IMMEDIATE for writes (a deferred read-then-write fails under load), foreign keys, and a fair
lock round each write transaction. Versions with the WAL-reset bug (sqlite.org/wal.html, section "The WAL-reset
bug") get the rollback journal instead of WAL.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, String, Table, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app.kernel.config import Config

if TYPE_CHECKING:
    from sqlalchemy.dialects import sqlite

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class Base(DeclarativeBase):
    """All tables; constraint names are fixed so that migrations read the same everywhere."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements every request sends: on the table they skip the ORM's own work, which
    costs more than SQLite's. They see what is in the database, not objects changed and not flushed yet."""
    return cast(Table, model.__table__)


def insert_into(session: Session, model: type[Base]) -> sqlite.Insert:
    """An INSERT that may say ON CONFLICT, which each database writes its own way."""
    # imported late: an installation has one database, and PostgreSQL's words are a thirtieth of the start
    words = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    return cast("sqlite.Insert", words.insert(model))


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime in Python; UTC in the database, whatever its time-zone setting."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("moments must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Keys whose code-point order is the order wanted: PostgreSQL would otherwise sort them by its own language rules.
SortKey = String(420).with_variant(String(420, collation="C"), "postgresql")


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (3.7.0-3.51.2; fixed 3.51.3, 3.50.7, 3.44.6)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def init_db(app: Flask, config: Config) -> None:
    """Bind the database of this installation to the app."""
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    if config.database_file is not None:
        config.database_file.parent.mkdir(parents=True, exist_ok=True)
        # made before SQLite does, so that only its owner can read it
        os.close(os.open(config.database_file, os.O_RDWR | os.O_CREAT, 0o600))
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": 10}}
    else:
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True}
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


def _prepare_sqlite(engine: Engine) -> None:
    journal, synchronous = ("wal", 2) if wal_is_safe() else ("delete", 3)
    pragmas = {
        "journal_mode": journal,
        "synchronous": synchronous,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "trusted_schema": 0,
    }

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin event decides, below
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")
            got = connection.execute(f"PRAGMA {name}").fetchone()[0]
            if got != value:
                raise RuntimeError(f"SQLite did not accept PRAGMA {name}={value}; it says {got}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN DEFERRED")


@contextlib.contextmanager
def write_transaction() -> Iterator[None]:
    """A write transaction on `db.session`: what was read before is let go, all that follows commits together.

    On SQLite a file lock is held from before BEGIN until after COMMIT, so writers are served in turn instead
    of racing for the busy timeout. Raises `RuntimeError` inside another write transaction.
    """
    if _writing.get():
        raise RuntimeError("a write transaction is open already; they do not nest")
    db.session.rollback()
    db.session.expire_all()  # a rollback after a commit has nothing to roll back and forgets nothing
    engine = db.engine
    lock: int | None = None
    if engine.dialect.name == "sqlite" and engine.url.database:
        lock = os.open(f"{engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
    token = _writing.set(True)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.reset(token)
        if lock is not None:
            os.close(lock)
