"""`./dgi load-rulebook FILE`: a version of the screening rules, or of the reference prices, from the terminal.

Everything wrong with the file is told as FILE:LINE: KEY: REASON, and nothing changes; a good one is kept, for calls to
adopt on the page of versions.
"""

from __future__ import annotations

from pathlib import Path

import click

from app.calls.toml_text import LARGEST_FILE, FileRefused
from app.cli.database import on_database
from app.identity.facts import SYSTEM
from app.kernel.clock import system_clock
from app.kernel.work import open_work
from app.screening.actions.rulebooks import offer_version


@click.command("load-rulebook")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@on_database
def command(file: Path) -> None:
    """Keep FILE (TOML) as a version of a rulebook or price list; the same again changes nothing."""
    with open(file, "rb") as opened:
        data = opened.read(LARGEST_FILE + 1)
    try:
        with open_work(SYSTEM, system_clock()) as work:
            offered = offer_version(work, data)
    except FileRefused as refusal:
        tell_faults(file, refusal)
        raise SystemExit(2) from None
    said = f"{offered.code} {offered.version}"
    if offered.is_new:
        click.echo(f"{said}: รับไว้แล้ว ยังไม่มีรอบใดใช้จนกว่าจะนำไปใช้ / kept; no call uses it until it is adopted")
    else:
        click.echo(f"{said}: มีเนื้อหานี้อยู่แล้ว ไม่มีอะไรเปลี่ยน / was there already; nothing changed")


def tell_faults(file: Path, refusal: FileRefused) -> None:
    """Everything that is wrong with a file, each with its line and key."""
    for fault in refusal.faults:
        where = ":".join(
            str(part) for part in (file, fault.line or "", fault.key and f" {fault.key}") if part
        )
        click.echo(f"{where}: {fault.text.th}\n  {fault.text.en}", err=True)
    click.echo(f"{refusal.text.th}\n  {refusal.text.en}", err=True)
