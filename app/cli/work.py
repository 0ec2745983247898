"""`./dgi work`: keep what was promised: printing the papers people ordered, telling people by e-mail."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click
from flask import current_app

from app.cli.database import on_database


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@click.option(
    "--poll", type=click.FloatRange(0.05, 60), default=1.0, show_default=True, help="Seconds between looks."
)
@on_database
def command(once: bool, poll: float) -> None:
    """Print ordered papers, send e-mail and keep other promises until stopped (what is in hand is finished first)."""
    from app.jobs.runner import do_chores, drain, run_forever

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if once:
        do_chores(app)
        tried = drain(app)
        click.echo(f"ทำงานที่ค้าง {tried} งานแล้ว / {tried} due errands done")
        return
    stop = threading.Event()

    def leave(_signal: int, _frame: Any) -> None:
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, leave)
    click.echo("พร้อมพิมพ์เอกสารและส่งอีเมล กด Ctrl-C เพื่อหยุด / ready to print and to send e-mail; Ctrl-C to stop")
    run_forever(app, stop, poll)
    click.echo("หยุดแล้ว / stopped")
