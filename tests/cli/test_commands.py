"""The commands on a database of their own: what they say, and how they end."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.calls.actions import load_document
from app.calls.facts import DocumentKind
from app.cli.bench import command as bench
from app.cli.doctor import Grade, examine
from app.identity.facts import SYSTEM
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.schema import upgrade_database
from app.kernel.work import open_work
from tests.world import DATA, NOW, build_world, read_data

Run = Callable[..., Result]


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An installation with nothing in it yet."""
    folder = tmp_path / "instance"
    return create_app(
        read_config({"DGI_INSTANCE": str(folder), "SECRET_KEY": "c" * 64, "SITE_URL": "https://dgi.example"})
    )


@pytest.fixture
def run(app: Flask) -> Run:
    def call(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=list(words))

    return call


def test_every_command_has_a_help(run: Run) -> None:
    for name in (
        "audit-verify",
        "bench",
        "demo",
        "doctor",
        "import-lines",
        "invite-admin",
        "load-demo",
        "load-rubric",
        "load-rulebook",
        "open-call",
    ):
        result = run(name, "--help")
        assert result.exit_code == 0, result.output
        assert "Usage" in result.output


def test_empty_database_gets_its_tables(run: Run) -> None:
    result = run("audit-verify")
    assert (result.exit_code, result.output.split(",")[0]) == (0, "whole: 0 entries")


def test_database_of_another_version_is_refused_in_words(app: Flask, run: Run) -> None:
    run("audit-verify")
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    result = run("audit-verify")
    assert result.exit_code == 1
    assert "./dgi db upgrade" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        ("UPDATE audit_entries SET action = 'nothing' WHERE seq = 3", "entry 3 was edited"),
        ("DELETE FROM audit_entries WHERE seq = 3", "entry 3 is missing"),
        ("UPDATE audit_entries SET seq = -seq WHERE seq IN (2, 3)", "is missing"),
        ("DELETE FROM audit_entries WHERE seq > 5", "were removed"),
    ],
)
def test_audit_verify_finds_a_changed_log(app: Flask, run: Run, tamper: str, said: str) -> None:
    with app.app_context():
        upgrade_database()
        build_world()
        db.session.remove()
    assert run("audit-verify").exit_code == 0
    with sqlite3.connect(app.config["DGI"].database_file) as outside:
        for (trigger,) in outside.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            outside.execute(f"DROP TRIGGER {trigger}")
        outside.execute(tamper)
    result = run("audit-verify")
    assert result.exit_code == 1
    assert said in result.output


def test_first_administrator_comes_in_by_the_printed_link(app: Flask, run: Run) -> None:
    result = run("invite-admin", "head@agency.go.th", "สมชาย ใจดี")
    link = re.search(r"https://dgi\.example(/invitations/\S+)", result.output)
    assert link, result.output
    app.config.update(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    password = "a long enough secret"
    answer = client.post(link[1], data={"password": password, "again": password})
    assert answer.status_code == 303
    refused = run("invite-admin", "head@agency.go.th", "อีกคน")
    assert refused.exit_code == 2
    assert "Somebody already has this e-mail address" in refused.output


def test_open_call_from_a_file_once_and_every_fault_at_once(run: Run, tmp_path: Path) -> None:
    first = run("open-call", str(DATA / "call-2567.toml"))
    assert first.exit_code == 0, first.output
    assert run("open-call", str(DATA / "call-2567.toml")).output == first.output
    faulty = tmp_path / "call.toml"
    faulty.write_text('fiscal_year = 1\nceiling_baht = "ล้าน"\n', encoding="utf-8")
    result = run("open-call", str(faulty))
    assert result.exit_code == 2
    for place in ("fiscal_year", "ceiling_baht", "opens_at", "closes_at", "plan", "rubric", "rulebook"):
        assert f", {place}: " in result.output
    faulty.write_text("not toml", encoding="utf-8")
    assert run("open-call", str(faulty)).exit_code == 1


def _grades(app: Flask, **changes: object) -> set[tuple[str, str]]:
    with app.app_context():
        config = replace(app.config["DGI"], **changes)  # type: ignore[arg-type]
        return {(s.grade, s.what) for s in examine(config)}


def test_doctor_names_what_is_unsafe(app: Flask, run: Run) -> None:
    assert (Grade.MISSING, "the database has no tables yet") in _grades(app)
    with app.app_context():
        upgrade_database()
    assert not {g for g, _ in _grades(app)} & {Grade.UNSAFE, Grade.MISSING}
    assert run("doctor").exit_code == 0
    for changes, words in (
        ({"secret_key": "short"}, "SECRET_KEY is shorter"),
        ({"site_url": "http://dgi.example"}, "SITE_URL is http://dgi.example"),
        ({"demo": True, "trusted_hosts": ("dgi.example",)}, "the demo answers to other hosts"),
    ):
        unsafe = [what for grade, what in _grades(app, **changes) if grade == Grade.UNSAFE]
        assert any(words in what for what in unsafe), changes
    with app.app_context():
        build_world()
        db.session.remove()
    assert run("doctor").exit_code == 1  # people with a published password, outside the demo
    app.config["DGI"].instance.chmod(0o755)
    app.config["DGI"].database_file.chmod(0o644)
    assert any("can be read by everybody" in what for _, what in _grades(app))


def test_bench_measures_a_small_call(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmark runs and writes its figures; what they are is for people to judge, and so one start is enough."""
    monkeypatch.setattr("app.cli.bench.main_call.STARTS", 1)
    file = tmp_path / "figures.json"
    done = app.test_cli_runner().invoke(bench, ["main", "--json", str(file), "--proposals", "12"])
    assert file.exists(), (done.exception, done.output)
    written = json.loads(file.read_text(encoding="utf-8"))
    names = {figure["name"] for figure in written["figures"]}
    assert {"screening", "ranked list CPU", "saving a review / bare", "cold start"} <= names
    assert all({"name", "value", "unit", "goal", "better", "holds"} <= f.keys() for f in written["figures"])
    assert written["machine"]["python"]


def test_a_document_with_a_value_it_cannot_hold_is_refused_in_words(app: Flask) -> None:
    with app.app_context():
        upgrade_database()
        rubric = {**read_data("rubric-2567.toml"), "comment_length": 1.5}
        with pytest.raises(Refused) as refusal, open_work(SYSTEM, NOW) as work:
            load_document(work, DocumentKind.RUBRIC, rubric)
        assert "floats" in refusal.value.problems[0].text.en
