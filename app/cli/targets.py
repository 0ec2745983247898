"""`./dgi load-targets FILE`: the cabinet's targets of disbursement of a fiscal year, from the terminal.

Everything wrong with the file is told as FILE:LINE: KEY: REASON, and nothing changes.
"""

from __future__ import annotations

from pathlib import Path

import click

from app.calls.toml_text import LARGEST_FILE, FileRefused
from app.cli.database import on_database
from app.cli.rulebooks import tell_faults
from app.identity.facts import SYSTEM
from app.kernel.clock import system_clock
from app.kernel.work import open_work
from app.monitoring.actions.targets import load_targets


@click.command("load-targets")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@on_database
def command(file: Path) -> None:
    """Keep FILE (TOML) as a version of a year's targets; the same again changes nothing."""
    with open(file, "rb") as opened:
        data = opened.read(LARGEST_FILE + 1)
    try:
        with open_work(SYSTEM, system_clock()) as work:
            loaded = load_targets(work, data)
    except FileRefused as refusal:
        tell_faults(file, refusal)
        raise SystemExit(2) from None
    targets = loaded.targets
    said = f"{targets.fiscal_year}, {targets.version}: {len(targets.targets)}"
    if loaded.is_new:
        click.echo(f"{said} เป้าหมาย รับไว้แล้ว / targets kept")
    else:
        click.echo(f"{said} มีเนื้อหานี้อยู่แล้ว ไม่มีอะไรเปลี่ยน / were there already; nothing changed")
