"""`./dgi compare --call 2567`: compare all filings of a call again with all that stand, such as after an import."""

from __future__ import annotations

import click

from app.calls.queries import get_call
from app.cli.database import on_database
from app.identity.facts import SYSTEM
from app.kernel.clock import system_clock
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.work import open_work


@click.command("compare")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) of the call.")
@on_database
def command(fiscal_year: int) -> None:
    """Compare the filings of a call with all others again; pairs not known before lead to another screening."""
    from app.jobs.comparing import screen_again
    from app.similarity.actions import keep_found
    from app.similarity.queries.radar import Radar

    try:
        call = get_call(db.session(), fiscal_year)
    except NotFound as missing:
        click.echo(f"{missing.text.th}\n{missing.text.en}", err=True)
        raise SystemExit(2) from None
    found = Radar().find_call(db.session(), call.id)
    db.session().rollback()
    # only now does anybody who files have to wait
    with open_work(SYSTEM, system_clock()) as work:
        screen_again(work, keep_found(work, found))
    n, pairs = len(found.filings), len(found.pairs)
    click.echo(
        f"เปรียบเทียบ {n:,} ฉบับของปีงบประมาณ {fiscal_year} แล้ว พบ {pairs:,} คู่ที่คล้ายกัน\n"
        f"Compared {n:,} filings of fiscal year {fiscal_year}; similar pairs: {pairs:,}"
    )
