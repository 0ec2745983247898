"""What takes long to make and many tests begin with: made once per run, whichever worker asks first, and copied."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.cli.demo.loader import load_demo
from app.cli.demo.replay_2567 import Until
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.schema import upgrade_database
from tests.conftest import FixedClock, share_templates
from tests.world import NOW


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, filled by `make` for all workers. The first one makes it, the others wait; whoever wants
    to write copies it."""
    of_the_run = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_the_run = of_the_run.parent
    made = of_the_run / f"mould-{name}"
    with open(of_the_run / f"mould-{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            half = of_the_run / f"mould-{name}-half"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            make(half)
            half.rename(made)
    return made


def demo_app(instance: Path) -> Flask:
    """The application of an installation that holds the demo, on the day the small world lives in."""
    config = {"DGI_INSTANCE": str(instance), "SECRET_KEY": "p" * 64, "DGI_DEMO": "1"}
    app = share_templates(create_app(read_config(config)))
    app.config["CLOCK"] = FixedClock()
    return app


def demo_mould(factory: pytest.TempPathFactory) -> Path:
    """An installation with the demo as its loader makes it."""

    def make(folder: Path) -> None:
        with demo_app(folder).app_context():
            upgrade_database()
            load_demo(NOW)
            db.session.remove()
            db.engine.dispose()

    return make_once(factory, "demo", make)


def round_mould(factory: pytest.TempPathFactory) -> Path:
    """The same where the reviewers of FY2567 are still to be chosen; what the loader said is in `said.txt`."""

    def make(folder: Path) -> None:
        with demo_app(folder).app_context():
            upgrade_database()
            said = load_demo(NOW, until=Until.ASSIGNMENT).say()
            db.session.remove()
            db.engine.dispose()
        (folder / "said.txt").write_text(said.en, encoding="utf-8")

    return make_once(factory, "round", make)
