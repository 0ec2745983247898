"""`./dgi load-rubric FILE`: a version of the rubric from the terminal.

Everything wrong with the file is told as FILE:LINE: KEY: REASON, and nothing changes; a good one is kept, for calls to
adopt on the page of their rubric.
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
from app.reviews.actions import offer_rubric


@click.command("load-rubric")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@on_database
def command(file: Path) -> None:
    """Keep FILE (TOML) as a version of a rubric; the same again changes nothing."""
    with open(file, "rb") as opened:
        data = opened.read(LARGEST_FILE + 1)
    try:
        with open_work(SYSTEM, system_clock()) as work:
            offered = offer_rubric(work, data)
    except FileRefused as refusal:
        tell_faults(file, refusal)
        raise SystemExit(2) from None
    said = f"{offered.code} {offered.version}"
    if offered.is_new:
        click.echo(f"{said}: รับไว้แล้ว ยังไม่มีรอบใดใช้จนกว่าจะนำไปใช้ / kept; no call uses it until it is adopted")
    else:
        click.echo(f"{said}: มีเนื้อหานี้อยู่แล้ว ไม่มีอะไรเปลี่ยน / was there already; nothing changed")
