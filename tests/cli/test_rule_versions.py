"""`./dgi load-rulebook`: a good file is kept, a broken one told with its lines, and neither changes a call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.calls.toml_text import LARGEST_FILE
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.schema import upgrade_database
from app.screening.queries.versions import list_versions
from tests.world import DATA

GOOD = DATA / "rulebook-2567.toml"
Run = Callable[[Path], Result]


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    made = create_app(read_config({"DGI_INSTANCE": str(tmp_path / "instance"), "SECRET_KEY": "c" * 64}))
    with made.app_context():
        upgrade_database()
        db.session.remove()
    return made


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda file: app.test_cli_runner().invoke(args=["load-rulebook", str(file)])


def versions(app: Flask) -> list[str]:
    with app.app_context():
        found = [f"{v.kind} {v.code} {v.version}" for v in list_versions(db.session())]
        db.session.remove()
    return found


def test_a_good_file_is_kept_once(app: Flask, run: Run) -> None:
    first = run(GOOD)
    assert (first.exit_code, "no call uses it until it is adopted" in first.output) == (0, True)
    again = run(GOOD)
    assert (again.exit_code, "nothing changed" in again.output) == (0, True)
    assert run(DATA / "prices-2567.toml").exit_code == 0
    assert len(versions(app)) == 2


def test_a_broken_file_is_told_by_line_and_nothing_is_kept(app: Flask, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    text = (
        GOOD.read_text(encoding="utf-8")
        .replace('check = "sums"', 'check = "suns"')
        .replace("version = ", "version = -")
    )
    file.write_text(text, encoding="utf-8")
    result = run(file)
    line = text.split("\n").index('check = "suns"') + 1
    assert result.exit_code == 2
    assert (
        f"{file}:{line}: rules[5].check: ไม่มีการตรวจชื่อ suns\n  there is no check named suns" in result.output
    )
    assert ": version: " in result.output
    assert versions(app) == []


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"a = [", b"#" * (LARGEST_FILE * 2)], ids=["none", "bytes", "torn", "huge"]
)
def test_what_is_no_file_of_rules_is_told(run: Run, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(data)
    result = run(file)
    assert result.exit_code == 2
    assert str(file) in result.output
