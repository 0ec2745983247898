"""The application starts in under a second: what is heavy is loaded by whom it serves, and what is many is made lean."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# what prints, draws, reckons, reads files, speaks to other servers or to another database; commands and jobs
HEAVY = {
    "alembic",
    "app.cli.bench",
    "app.cli.demo",
    "app.jobs",
    "authlib",
    "cryptography",
    "fontTools",
    "gunicorn",
    "highspy",
    "icalendar",
    "joserfc",
    "lxml",
    "networkx",
    "numpy",
    "obstore",
    "openpyxl",
    "pikepdf",
    "psycopg",
    "pyotp",
    "pythainlp",
    "python_calamine",
    "reports.pdf",
    "reports.xlsx",
    "resvg_py",
    "scipy",
    "segno",
    "sparse_dot_topn",
    "sqlalchemy.dialects.postgresql",
    "uharfbuzz",
    "waitress",
    "weasyprint",
    "xlsxwriter",
}
START = """
import sys
from app import create_app
create_app()
print(*sys.modules)
"""


def test_starting_loads_nothing_heavy(tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, "-c", START],
        cwd=PROJECT,
        env={"DGI_INSTANCE": str(tmp_path), "DGI_DEMO": "1", "PATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    assert HEAVY & set(started.stdout.split()) == set()


def test_dataclasses_are_the_lean_ones() -> None:
    own = [
        str(path.relative_to(PROJECT))
        for path in sorted((PROJECT / "app").rglob("*.py"))
        if path != PROJECT / "app" / "kernel" / "lean.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
        if any(name.name == "dataclass" for name in node.names)
    ]
    assert own == [], "from app.kernel.lean import dataclass"
