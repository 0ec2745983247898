"""The schema of the database, kept by Alembic in `migrations/`. Loaded on first use: Alembic is slow to import."""

from __future__ import annotations

from enum import StrEnum

from flask import Flask, current_app

from app.kernel.config import PROJECT
from app.kernel.db import db


def know_migrations(app: Flask) -> None:
    """Let Flask-Migrate know where the migrations are; needed before any `./dgi db …`."""
    from flask_migrate import Migrate

    if "migrate" not in app.extensions:
        Migrate(app, db, directory=str(PROJECT / "migrations"))


def upgrade_database() -> None:
    """Bring the database of the current app to the newest schema."""
    from flask_migrate import upgrade

    know_migrations(current_app)
    upgrade()


class Schema(StrEnum):
    """How the database of the current app stands to the migrations."""

    EMPTY = "empty"
    CURRENT = "current"
    OTHER = "other"


def examine_schema() -> Schema:
    """Compare the database with the migrations. Raises SQLAlchemy's errors when it does not answer."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import inspect

    if not inspect(db.engine).get_table_names():
        return Schema.EMPTY
    newest = ScriptDirectory(str(PROJECT / "migrations")).get_current_head()
    with db.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return Schema.CURRENT if found == newest else Schema.OTHER
