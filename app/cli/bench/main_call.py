"""`./dgi bench main`: a call of 1,000 proposals with 20 lines each and 3,000 reviews, against bare pages of the same rows."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.cli.bench.bare import make_bare_app
from app.cli.bench.made_up import NOW, PASSWORD, MadeUp, make_up
from app.cli.bench.measure import Figure, Timing, counting, peak_mib, resident_mib, time_calls
from app.identity.facts import SYSTEM
from app.kernel.config import PROJECT, read_config
from app.kernel.db import db
from app.kernel.work import open_work

Say = Callable[[str], object]
LINES, REVIEWS = 20, 3
STARTS = 5  # an odd number: the figure is their median


def measure_main(proposals: int, say: Say) -> list[Figure]:
    """All figures of the main call; `say` tells the details as they come."""
    with tempfile.TemporaryDirectory(prefix="dgi-bench-") as folder:
        app = _bench_app(Path(folder))
        with app.app_context():
            from app.kernel.schema import upgrade_database

            upgrade_database()
            say(f"making up {proposals} proposals, {LINES} lines and {REVIEWS} reviews each …")
            small = make_up(3, LINES, REVIEWS, fiscal_year=2599)
            large = make_up(proposals, LINES, REVIEWS)
            db.session.remove()
            figures = _screening(large, proposals, say)
            engine, criteria = db.engine, _criteria(large)
        # outside the context: each request must have one of its own, or they would share who is signed in
        figures += _pages(app, engine, criteria, small, large, say)
        figures += _papers(app, large, proposals, say)
        return figures + _process(Path(folder), say)


def _bench_app(folder: Path) -> Flask:
    from app import create_app

    config = read_config({"DGI_INSTANCE": str(folder), "DGI_DEMO": "1", "SECRET_KEY": "b" * 64})
    app = create_app(config)
    app.config.update(CLOCK=lambda: NOW, WTF_CSRF_ENABLED=False)
    return app


def _screening(large: MadeUp, proposals: int, say: Say) -> list[Figure]:
    from app.screening.actions import screen_call

    best = 0.0
    for _ in range(3):
        start = time.process_time()
        with open_work(SYSTEM, NOW) as work:
            counts = screen_call(work, large.fiscal_year).counts
        best = max(best, sum(counts.values()) / (time.process_time() - start))
        db.session.remove()
    say(f"screening all {proposals}, findings written: {best:,.0f} proposals per CPU second")
    return [Figure("screening", best, "proposals/s", 2000, "higher")]


def _signed_in(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": f"{name}@made.example", "password": PASSWORD})
    if answer.status_code != 303:
        raise RuntimeError(f"sign-in of {name} answered {answer.status_code}")
    return client


def _pages(
    app: Flask, engine: Engine, criteria: list[str], small: MadeUp, large: MadeUp, say: Say
) -> list[Figure]:
    bare = make_bare_app(app.config["DGI"].database_url).test_client()
    officer, committee, reviewer = (_signed_in(app, n) for n in ("officer", "committee", "reviewer6"))

    def one(made: MadeUp, n: int) -> int:
        return made.proposal_ids[n % len(made.proposal_ids)]

    def opening(client: FlaskClient, address: Callable[[int], str]) -> Callable[[int], None]:
        def call(n: int) -> None:
            answer = client.get(address(n))
            if answer.status_code != 200:
                raise RuntimeError(f"{address(n)} answered {answer.status_code}")

        return call

    def scores(n: int) -> dict[str, str]:
        return {f"score-{c}": str(1 + n % 3) for c in criteria}

    def save(n: int) -> None:
        assignment = large.open_assignments[n % len(large.open_assignments)]
        round_ = n // len(large.open_assignments)  # each round changes the scores, so each save writes
        answer = reviewer.post(
            f"/reviewer/assignments/{assignment}",
            data={**scores(round_), "version": str(1 + round_), "act": "save"},
        )
        if answer.status_code != 303:
            raise RuntimeError(f"saving a review answered {answer.status_code}")

    def bare_save(n: int) -> None:
        bare.post(f"/save/{large.open_assignments[n % len(large.open_assignments)]}", data=scores(n))

    def read_message() -> None:
        """What a browser does after a save: the next page takes the "saved" message out of the cookie."""
        reviewer.get("/account")

    pages: list[
        tuple[str, Callable[[int], None], Callable[[int], None], Callable[[int], None], float, int]
    ] = [
        (
            "ranked list",
            opening(committee, lambda n: f"/committee/calls/{large.fiscal_year}/ranking"),
            opening(committee, lambda n: f"/committee/calls/{small.fiscal_year}/ranking"),
            opening(bare, lambda n: f"/list/{large.call_id}"),
            32,
            15,
        ),
        (
            "proposal page",
            opening(committee, lambda n: f"/committee/proposals/{one(large, n)}"),
            opening(committee, lambda n: f"/committee/proposals/{one(small, n)}"),
            opening(bare, lambda n: f"/proposal/{one(large, n)}"),
            8,
            60,
        ),
        (
            "long form",
            opening(officer, lambda n: f"/agency/proposals/{large.draft_id}/budget"),
            opening(officer, lambda n: f"/agency/proposals/{small.draft_id}/budget"),
            opening(bare, lambda n: f"/form/{large.draft_id}"),
            8,
            60,
        ),
        ("saving a review", save, save, bare_save, 8, 50),
    ]
    figures = []
    for name, full, few, plain, goal, times in pages:
        yard = time_calls(plain, times)
        ours: Timing = time_calls(full, times, between=read_message if full is save else int)
        say(f"{name:<16} {ours}\n{'  bare':<16} {yard}")
        figures += [
            Figure(f"{name} CPU", ours.cpu, "ms", goal),
            Figure(f"{name} / bare", ours.cpu / yard.cpu, "x", 3),
        ]
        if full is not save:
            full(1)
            with counting(engine) as many:
                full(1)
            few(1)  # both asked once before, so that neither counts what is then remembered
            with counting(engine) as three:
                few(1)
            say(f"{'':<16} {len(many)} queries for {len(large.proposal_ids)} proposals, {len(three)} for 3")
            figures += [
                Figure(f"{name} queries", len(many), "queries", 12),
                Figure(f"{name} queries, 1000 against 3", len(many) - len(three), "more", 0),
            ]
        else:
            with counting(engine) as many:
                save(times + 3)
            figures.append(Figure(f"{name} queries", len(many), "queries", 12))
    return figures


def _criteria(made: MadeUp) -> list[str]:
    from app.calls.queries import get_call

    codes = [c.code for c in get_call(db.session(), made.fiscal_year).rubric.criteria]
    db.session.remove()
    return codes


_WORKBOOK = """
import sys, time
from pathlib import Path
from app import create_app
from app.kernel.db import db
with create_app().app_context():
    from app.cli.bench.measure import peak_mib
    from app.identity.facts import SYSTEM
    from app.calls.queries import get_call
    from app.figures.queries import ranking_book
    from app.figures.ranking_book import ranking_document
    from datetime import datetime, UTC
    start = time.process_time()
    book = ranking_book(db.session(), SYSTEM, get_call(db.session(), int(sys.argv[2])))
    document = ranking_document(book, "th", made_at=datetime(2026, 1, 15, tzinfo=UTC))
    built = time.process_time() - start
    start = time.process_time()
    if sys.argv[1] == "xlsx":
        from reports.xlsx import write_workbook
        write_workbook(document, sys.argv[3])
    else:
        from reports.pdf import write_pdf
        write_pdf(document, sys.argv[3])
    printed = time.process_time() - start
# not ru_maxrss: that is handed on by the process that started this one
print(built, printed, peak_mib())
"""

_PLAIN = """
import sys, time
import openpyxl, xlsxwriter
sheets = [(s.title, [[c if not (isinstance(c, str) and c.startswith("=")) else 0 for c in r] for r in s.iter_rows(values_only=True)])
          for s in openpyxl.load_workbook(sys.argv[1], read_only=True)]
start = time.process_time()
book = xlsxwriter.Workbook(sys.argv[2], {"default_date_format": "d mmm yyyy"})
for title, rows in sheets:
    sheet = book.add_worksheet(title)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell is not None:
                sheet.write(r, c, cell)
book.close()
print(time.process_time() - start, sum(len(r) for _t, r in sheets))
"""


def _run(code: str, *words: str, **environ: str) -> list[float]:
    out = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=PROJECT,
        env={**os.environ, **environ},
        check=True,
        capture_output=True,
        text=True,
    )
    return [float(word) for word in out.stdout.split()]


def _papers(app: Flask, large: MadeUp, proposals: int, say: Say) -> list[Figure]:
    config = app.config["DGI"]
    environ = {"DGI_INSTANCE": str(config.instance), "DGI_DEMO": "1", "SECRET_KEY": config.secret_key}
    book, plain, paper = (str(config.instance / n) for n in ("book.xlsx", "plain.xlsx", "book.pdf"))
    built, wrote, memory = _run(_WORKBOOK, "xlsx", str(large.fiscal_year), book, **environ)
    yard, rows = _run(_PLAIN, book, plain)
    say(
        f"workbook: {rows:,.0f} rows, gathered in {built:.2f} CPU s, written in {wrote:.2f}; "
        f"plain dump of the same cells {yard:.2f}; peak {memory:.0f} MiB"
    )
    gathered, set_, pdf_memory = _run(_WORKBOOK, "pdf", str(large.fiscal_year), paper, **environ)
    import pikepdf

    with pikepdf.open(paper) as pdf:
        pages = len(pdf.pages)
    say(f"PDF: {pages} pages, gathered in {gathered:.2f} CPU s, set in {set_:.2f}; peak {pdf_memory:.0f} MiB")
    return [
        Figure(f"workbook of {proposals * LINES} lines / plain dump", wrote / yard, "x", 3),
        Figure("workbook peak memory", memory, "MiB", 300),
        Figure(f"PDF of {proposals} rows", pages / set_, "pages/CPU s", 10, "higher"),
        Figure("PDF peak memory", pdf_memory, "MiB"),
    ]


def _process(folder: Path, say: Say) -> list[Figure]:
    starts = []
    for _ in range(STARTS):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "from app import create_app; create_app()"],
            cwd=PROJECT,
            env={**os.environ, "DGI_INSTANCE": str(folder), "DGI_DEMO": "1"},
            check=True,
        )
        starts.append(time.perf_counter() - start)
    cold = sorted(starts)[STARTS // 2]
    resident = _two_workers(folder)
    say(f"cold start {cold:.2f} s (median of {STARTS}); two workers {resident:.0f} MiB resident")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure("cold start", cold, "s", 1),
        Figure("two workers resident", resident, "MiB", 300),
        Figure("peak memory of this measurement", max(own, peak_mib()), "MiB"),
    ]


def _two_workers(folder: Path) -> float:
    """Resident memory of gunicorn's master and two workers after serving pages, MiB."""
    import urllib.error
    import urllib.request

    port = 18_734
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--workers",
            "2",
            "--bind",
            f"127.0.0.1:{port}",
            "--log-level",
            "error",
            "app:create_app()",
        ],
        cwd=PROJECT,
        env={**os.environ, "DGI_INSTANCE": str(folder), "DGI_DEMO": "1"},
    )
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=60).read()
                break
            except OSError:
                time.sleep(0.1)
        for _ in range(30):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=60).read()
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        return sum(resident_mib(pid) for pid in (str(server.pid), *children))
    finally:
        server.terminate()
        server.wait(10)
