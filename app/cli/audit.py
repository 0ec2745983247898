"""`./dgi audit-verify`: walk the audit chain and say whether it is whole."""

from __future__ import annotations

import click

from app.cli.database import on_database
from app.kernel.audit import verify
from app.kernel.db import db


@click.command("audit-verify")
@on_database
def command() -> None:
    """Find an edited, removed or reordered row of the audit log."""
    verdict = verify(db.session())
    if verdict.fault:
        click.echo(f"BROKEN: {verdict.fault}", err=True)
        raise SystemExit(1)
    click.echo(f"whole: {verdict.head.count} entries, head {verdict.head.sha256}")
