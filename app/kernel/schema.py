"""The schema of the database, kept by Alembic in `migrations/`. Loaded on first use: Alembic is slow to import."""

from __future__ import annotations

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
