"""How long the committee's workbook takes: a call of 1,000 proposals with 20 budget lines and five reviews each, gathered,
laid out as a calculation, written; and how long a spreadsheet needs to calculate it anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.cli.bench.made_up import NOW, make_up
from app.cli.bench.measure import Figure
from app.kernel.config import PROJECT, read_config
from app.kernel.db import db

Say = Callable[[str], object]
PROPOSALS, LINES, REVIEWS = 1000, 20, 5
_SECRET = "b" * 64

# in a process of its own: what it takes at most is then its own, too
_PRINT = """
import sys, time
from datetime import UTC, datetime
from app import create_app
from app.kernel.db import db
with create_app().app_context():
    from app.cli.bench.measure import peak_mib
    from app.calls.queries import get_call
    from app.figures.queries import ranking_book
    from app.figures.ranking_book import ranking_document
    from app.identity.facts import SYSTEM
    from reports.xlsx import write_workbook
    def now():
        return time.perf_counter(), time.process_time()
    marks = [now()]
    book = ranking_book(db.session(), SYSTEM, get_call(db.session(), int(sys.argv[1])))
    marks.append(now())
    document = ranking_document(book, "th", made_at=datetime(2026, 1, 15, tzinfo=UTC))
    marks.append(now())
    write_workbook(document, sys.argv[2])
    marks.append(now())
    for before, after in zip(marks, marks[1:]):
        print(after[0] - before[0], after[1] - before[1])
    print(peak_mib())
"""

# without results, so that whoever opens it has to calculate
_FORGET = """
import sys
import openpyxl
book = openpyxl.load_workbook(sys.argv[1])
print(sum(1 for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"))
book.save(sys.argv[2])
"""


def measure_workbook(say: Say) -> list[Figure]:
    """The figures, in an installation made for them and thrown away."""
    from app import create_app

    with tempfile.TemporaryDirectory(prefix="dgi-bench-") as folder:
        environment = {"DGI_INSTANCE": folder, "DGI_DEMO": "1", "SECRET_KEY": _SECRET}
        app = create_app(read_config(environment))
        app.config.update(CLOCK=lambda: NOW)
        with app.app_context():
            from app.kernel.schema import upgrade_database

            upgrade_database()
            say(f"making up {PROPOSALS} proposals, {LINES} lines and {REVIEWS} reviews each …")
            made = make_up(PROPOSALS, LINES, REVIEWS)
            db.session.remove()
        return workbook_figures(environment, made.fiscal_year, Path(folder), say)


def workbook_figures(environment: dict[str, str], fiscal_year: int, folder: Path, say: Say) -> list[Figure]:
    """The workbook of a call in an installation, written into `folder`."""
    target = folder / "committee.xlsx"
    *steps, memory = _run(_PRINT, str(fiscal_year), str(target), **environment)
    wall, cpu = steps[::2], steps[1::2]
    say(
        f"workbook: gathered in {wall[0]:.2f} s, laid out in {wall[1]:.2f}, written in {wall[2]:.2f} "
        f"(CPU {cpu[0]:.2f}, {cpu[1]:.2f}, {cpu[2]:.2f}); {target.stat().st_size // 1024:,} KiB; peak {memory:.0f} MiB"
    )
    figures = [
        Figure(f"workbook of {PROPOSALS * LINES} lines, wall", sum(wall), "s", 8),
        Figure(f"workbook of {PROPOSALS * LINES} lines, CPU", sum(cpu), "s"),
        Figure("workbook peak memory", memory, "MiB", 300),
    ]
    return figures + _recalculation(target, folder, say)


def _recalculation(target: Path, folder: Path, say: Say) -> list[Figure]:
    """LibreOffice opening it: as printed, and with every result forgotten. Nothing where it is not installed."""
    if shutil.which("soffice") is None:
        say("LibreOffice is not installed: recalculation is not measured")
        return []
    forgotten = folder / "forgotten.xlsx"
    (formulas,) = _run(_FORGET, str(target), str(forgotten))
    as_printed, anew = (_convert(path, folder) for path in (target, forgotten))
    say(
        f"LibreOffice opens and saves it in {as_printed:.1f} s; with {formulas:,.0f} results forgotten {anew:.1f} s"
    )
    return [Figure("recalculation in LibreOffice", max(anew - as_printed, 0), "s")]


def _convert(path: Path, folder: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(folder / "again"),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=600,
    )
    return time.perf_counter() - begun


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
