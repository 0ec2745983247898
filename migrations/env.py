"""How Alembic finds the tables of all rooms and the database of this installation. Run by `./dgi db …`."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import event

from app.kernel.config import PROJECT
from app.kernel.db import Base, Moment, db, write_transaction

for models in sorted(PROJECT.glob("app/*/models.py")):
    import_module(f"app.{Path(models).parent.name}.models")
import_module("app.kernel.work")  # the kernel's own tables: audit log and outbox


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our column types as plain SQLAlchemy ones, so that old migrations never depend on the app."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(_context: Any, _column: Any, _found: Any, wanted: Any, _ours: Any) -> bool | None:
    """A `Moment` is a timestamp; everything else is compared by Alembic."""
    return False if isinstance(wanted, Moment) else None


@contextlib.contextmanager
def keys_checked_afterwards() -> Iterator[None]:
    """On SQLite a table that others point to can be made anew only while foreign keys are not enforced, and that is
    settled before a transaction begins. They are checked, all of them, when the migrations are through."""
    engine = db.engine
    if engine.dialect.name != "sqlite":
        yield
        return

    def unenforced(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=0")

    db.session.remove()
    engine.dispose()
    event.listen(engine, "connect", unenforced)
    try:
        yield
        broken = db.session.connection().exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migrations left rows that point nowhere: {broken[:5]}")
    finally:
        event.remove(engine, "connect", unenforced)
        db.session.remove()
        engine.dispose()


with keys_checked_afterwards(), write_transaction():
    connection = db.session.connection()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        compare_type=compare_type,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()
