"""The demo: real lines of FY2565, FY2567 replayed with synthetic proposals, and an open call in progress.

In: data files beside this one, and the day. Out: a database each demo person finds work in.
Why: a system is judged by what it does with a whole round, and no agency's real proposals may be shown. Everything made
up is labelled synthetic wherever it is printed.
"""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli.demo.loader import load_demo
from app.cli.demo.replay_2567 import Until
from app.kernel.clock import system_clock

until_option = click.option(
    "--until",
    type=click.Choice([stop.value for stop in Until]),
    help="Load FY2567 only until its reviewers are to be chosen (assignment), or until the committee is to meet (meeting), "
    "so that the rest can be done by hand.",
)


@click.command("load-demo")
@until_option
@with_appcontext
def command(until: str | None) -> None:
    """Migrate the database and load the demo calls and people, once."""
    from app.kernel.schema import upgrade_database

    upgrade_database()
    load_demo(system_clock(), click.echo, until=Until(until) if until else None)
