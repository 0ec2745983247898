"""`./dgi bench monitoring`: the national dashboard over five fiscal years, 500 projects and 60 months; then the public site
and the open data of the same years."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from app.cli.bench.made_up import PASSWORD
from app.cli.bench.made_up_projects import make_up_years
from app.cli.bench.measure import Figure, counting, time_calls
from app.identity.facts import SYSTEM
from app.kernel.config import read_config
from app.kernel.db import db

Say = Callable[[str], object]
YEARS, PROJECTS, MONTHS = range(2565, 2570), 100, 12
_NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)
_TIMES = 30


def measure_monitoring(say: Say) -> list[Figure]:
    """All figures of monitoring; `say` tells the details as they come."""
    with tempfile.TemporaryDirectory(prefix="dgi-bench-") as name:
        app = _app(Path(name))
        with app.app_context():
            from app.kernel.schema import upgrade_database

            upgrade_database()
            total = PROJECTS * len(YEARS)
            say(f"making up {total} projects of {len(YEARS)} fiscal years, {MONTHS * len(YEARS)} months …")
            project_ids = make_up_years(YEARS, PROJECTS, MONTHS)
            engine = db.engine
            db.session.remove()
        return [*_pages(app, engine, project_ids, say), *_record(app, say), *_public(app, project_ids, say)]


def _app(folder: Path) -> Flask:
    from app import create_app

    app = create_app(read_config({"DGI_INSTANCE": str(folder), "DGI_DEMO": "1", "SECRET_KEY": "b" * 64}))
    app.config.update(CLOCK=lambda: _NOW, WTF_CSRF_ENABLED=False)
    return app


def _pages(app: Flask, engine: object, project_ids: list[int], say: Say) -> list[Figure]:
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": "committee@made.example", "password": PASSWORD})
    if answer.status_code != 303:
        raise RuntimeError(f"sign-in answered {answer.status_code}")

    def open_(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    last = YEARS[-1]
    pages: list[tuple[str, Callable[[int], str], float | None]] = [
        ("five years side by side", lambda n: f"/monitoring?month={n % 12 + 1}", 200),
        # September's outcome and the months in which most is forecast, in turn, of every year
        ("a year's dashboard", lambda n: f"/monitoring/{YEARS[n % len(YEARS)]}?month={3 + n % 10}", 200),
        ("its projects", lambda n: f"/monitoring/{last}/projects?month={3 + n % 10}", 200),
        (
            "a project",
            lambda n: f"/monitoring/{last}/projects/{project_ids[-1 - n % PROJECTS]}?month={3 + n % 10}",
            200,
        ),
        ("warnings", lambda n: f"/monitoring/{last}/warnings?month={3 + n % 9}", None),
    ]
    gc.collect()
    gc.freeze()  # what was made up in this process is no server's to sweep at every page
    figures = []
    for name, address, goal in pages:
        taken = time_calls(lambda n, at=address: open_(at(n)), _TIMES, warm=len(YEARS))  # type: ignore[misc]
        with counting(engine) as queries:  # type: ignore[arg-type]
            open_(address(7))
        say(f"{name:<24} {taken}, {len(queries)} queries")
        figures += [
            Figure(f"{name}, p95", taken.wall_p95, "ms", goal),
            Figure(f"{name}, CPU", taken.cpu, "ms"),
            Figure(f"{name}, queries", len(queries), "queries", 12),
        ]
    return figures


def _record(app: Flask, say: Say) -> list[Figure]:
    """How the warnings do on the made-up years: a check that they are worth having, not a measure of the real world."""
    from app.monitoring.queries.track_record import read_track_record

    with app.app_context():
        found = read_track_record(db.session(), SYSTEM)
        db.session.remove()
    whole = found.whole
    told = ", ".join(f"{n:,} {verdict.value}" for verdict, n in whole.verdicts.items())
    say(f"track record on made-up years: {whole.cases:,} forecasts, {told}")
    skill = 0 if whole.skill is None else whole.skill * 100
    return [Figure("early warning, error saved against naive", int(skill), "%", 0, "higher")]


def _public(app: Flask, project_ids: list[int], say: Say) -> list[Figure]:
    from app.cli.bench.monitoring_public import measure_public

    return measure_public(app, project_ids, say)
