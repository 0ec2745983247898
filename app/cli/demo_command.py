"""`./dgi demo`: migrate, load the demo calls once, print the address and the people, serve on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.demo import until_option
from app.cli.demo.loader import load_demo
from app.cli.demo.people import PASSWORD, PEOPLE
from app.cli.demo.replay_2567 import Until
from app.cli.doctor import refuse_if_unsafe
from app.kernel.clock import system_clock
from app.kernel.config import Config


def demo_app(config: Config, *, until: Until | None = None) -> Flask:
    """The application of this installation in demo mode, migrated and loaded."""
    from app import create_app
    from app.kernel.schema import upgrade_database

    app = create_app(replace(config, demo=True))
    with app.app_context():
        upgrade_database()
        load_demo(system_clock(), click.echo, until=until)
        refuse_if_unsafe(app.config["DGI"])
    return app


@click.command("demo")
@until_option
@with_appcontext
def command(until: str | None) -> None:
    """Load the demo round and serve it on 127.0.0.1 (PORT to change)."""
    from waitress import create_server

    config: Config = current_app.config["DGI"]
    app = demo_app(config, until=Until(until) if until else None)
    try:
        server = create_server(app, host="127.0.0.1", port=config.port, threads=8)
    except OSError as error:
        raise click.ClickException(
            f"port {config.port} cannot be used ({error.strerror}); set PORT to another, such as PORT=8001"
        ) from None
    runner = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "work"], env={**os.environ, "DGI_DEMO": "1"}
    )
    signal.signal(signal.SIGTERM, _leave)  # so that the runner goes too when the demo is told to stop
    _greet(config.port)
    try:
        server.run()
    except KeyboardInterrupt:
        click.echo("\nstopped")
    finally:
        runner.terminate()
        runner.wait(10)


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


def _greet(port: int) -> None:
    click.echo(f"\n  http://127.0.0.1:{port}/\n")
    width = max(len(person.email) for person in PEOPLE)
    for person in PEOPLE:
        click.echo(f"  {person.email:<{width}}  {person.name.en}: {person.work.en}")
    click.echo(f"\n  password of all of them: {PASSWORD}\n  stop with Ctrl-C\n")
