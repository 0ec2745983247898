"""`./dgi bench [NAME] [--json FILE]`: what things cost, beside a yardstick measured in the same run.

In: a made-up call in a database of its own; nothing of this installation is touched. Out: figures with goals.
Why: speed is measured, never asserted by a clock in a test; ratios hold where machines are noisy.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sqlite3
import sys
from pathlib import Path

import click

NAMES = ("main", "agency", "overlap", "calibration", "committee", "monitoring")


def _machine() -> dict[str, str]:
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "")
    versions = {
        p: importlib.metadata.version(p)
        for p in ("flask", "sqlalchemy", "jinja2", "weasyprint", "xlsxwriter")
    }
    return {
        "cpu": model or platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **versions,
    }


@click.command("bench")
@click.argument("name", type=click.Choice(NAMES), default="main")
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the figures here.",
)
@click.option("--proposals", default=1000, show_default=True, help="How large the made-up call is.")
def command(name: str, json_file: Path | None, proposals: int) -> None:
    """Measure, and say which goals hold."""
    machine = _machine()
    click.echo(", ".join(f"{key} {value}" for key, value in machine.items()))
    if name == "main":
        from app.cli.bench.main_call import measure_main

        figures = measure_main(proposals, click.echo)
    elif name == "agency":
        from app.cli.bench.agency_desk import measure_agency

        figures = measure_agency(click.echo)
    elif name == "overlap":
        from app.cli.bench.overlap import measure_overlap

        figures = measure_overlap(click.echo)
    elif name == "calibration":
        from app.cli.bench.calibration import measure_calibration

        figures = measure_calibration(click.echo)
    elif name == "monitoring":
        from app.cli.bench.monitoring import measure_monitoring

        figures = measure_monitoring(click.echo)
    else:
        from app.cli.bench.committee import measure_committee

        figures = measure_committee(click.echo)
    width = max(len(f.name) for f in figures)
    click.echo("")
    for f in figures:
        goal = "" if f.goal is None else f"   goal {'<=' if f.better == 'lower' else '>='} {f.goal:g}"
        mark = "" if f.goal is None else ("   holds" if f.holds else "   MISSED")
        click.echo(f"{f.name:<{width}}  {f.value:10.2f} {f.unit}{goal}{mark}")
    if json_file is not None:
        json_file.write_text(
            json.dumps(
                {"machine": machine, "figures": [f.as_dict() for f in figures]}, ensure_ascii=False, indent=1
            )
            + "\n",
            encoding="utf-8",
        )
    if missed := [f.name for f in figures if not f.holds]:
        click.echo(f"\n{len(missed)} goal(s) missed: {', '.join(missed)}", err=True)
        sys.exit(1)
