"""An installation of its own per backend, migrated and empty: the small world of the other tests would be in the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app import create_app
from app.cli.demo.loader import LINES_2565, load_demo
from app.cli.import_lines import import_lines
from app.identity.facts import SYSTEM
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.work import open_work
from tests.conftest import share_templates

LOADED_AT = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)  # 28 February 2569, 23:30 in Bangkok


class Installation:
    """An empty database of one kind, kept as a mould that `fresh` copies."""

    def __init__(self, name: str, folder: Path, server: Any = None):
        self.name, self.folder, self.server = name, folder, server
        self._create("empty")
        with self._app("empty").app_context():
            from app.kernel.schema import upgrade_database

            upgrade_database()
            db.session.remove()
            db.engine.dispose()

    def fresh(self, copy: str) -> Flask:
        """An application on a new copy of the empty database."""
        if self.server is None:
            shutil.copyfile(self.folder / "empty.sqlite3", self.folder / f"{copy}.sqlite3")
        else:
            self._create(copy, template="demo_empty")
        shutil.rmtree(self.folder / copy, ignore_errors=True)
        return self._app(copy)

    def _create(self, copy: str, template: str = "template1") -> None:
        if self.server is None:
            return
        engine = create_engine(self.server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS demo_{copy} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE demo_{copy} TEMPLATE {template} STRATEGY FILE_COPY"))
        engine.dispose()

    def _app(self, copy: str) -> Flask:
        url = f"sqlite:///{self.folder / f'{copy}.sqlite3'}"
        if self.server is not None:
            url = str(self.server.get_uri(database=f"demo_{copy}", driver="psycopg"))
        (self.folder / copy).mkdir(exist_ok=True)
        settings = {
            "DGI_INSTANCE": str(self.folder / copy),  # each with files and a head of the log of its own
            "SECRET_KEY": "k" * 64,
            "DGI_DEMO": "1",
            "DATABASE_URL": url,
        }
        app = share_templates(create_app(read_config(settings)))
        app.config.update(TESTING=True)
        return app


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return Installation(request.param, tmp_path_factory.mktemp(f"demo-{request.param}"), server)


@pytest.fixture
def bare(installation: Installation) -> Iterator[Flask]:
    """An application context on an empty, migrated database."""
    app = installation.fresh("bare")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def loaded(installation: Installation) -> Flask:
    """The demo, loaded once per backend; whoever uses it only reads. On SQLite somebody imported the lines of FY2565
    before, and finds the same demo."""
    app = installation.fresh("loaded")
    with app.app_context():
        if installation.name == "sqlite":
            with open_work(SYSTEM, LOADED_AT) as work:
                import_lines(work, 2565, LINES_2565.read_bytes())
        assert load_demo(LOADED_AT).open_year == 2571
        db.session.remove()
    return app


@pytest.fixture
def demo(loaded: Flask) -> Iterator[Flask]:
    """An application context on the loaded demo."""
    with loaded.app_context():
        yield loaded
        db.session.remove()
