"""The commands of monitoring: targets from a file, and the report of a call that is not followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.monitoring import targets
from tests.world import FISCAL_YEAR

FILE = Path(targets.__file__).with_name("data") / "targets-2567.toml"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_targets_are_loaded_once_and_faults_are_told_by_line(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    assert "targets kept" in run(args=["load-targets", str(FILE)]).output
    assert "already" in run(args=["load-targets", str(FILE)]).output
    bad = tmp_path / "bad.toml"
    bad.write_text(FILE.read_text("utf-8").replace("percent = 93", 'percent = "101"'), "utf-8")
    told = run(args=["load-targets", str(bad)])
    assert told.exit_code == 2
    assert "targets[1].percent" in told.output
    assert "Traceback" not in told.output


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_not_followed_has_no_report(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "m.xlsx"
    words = [
        "report",
        "monitoring",
        "--call",
        str(FISCAL_YEAR),
        "--quarter",
        "1",
        "--format",
        "xlsx",
        "--out",
    ]
    told = app.test_cli_runner().invoke(args=[*words, str(out)])
    assert (told.exit_code, out.exists()) == (2, False)
