"""The commands: `./dgi WORD`.

In: words and files. Out: lines on the terminal and an exit code; 0 done, 1 found wanting, 2 cannot be done as asked.
Why: what a page does, a command can do, through the same actions. Each module holds one `command`; all are named here, and
loaded when asked for, so that serving pages does not wait for what only commands need.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.kernel.schema import know_migrations

COMMANDS = {
    "audit-verify": "app.cli.audit:command",
    "bench": "app.cli.bench:command",
    "compare": "app.cli.comparing:command",
    "db": "flask_migrate.cli:db",
    "demo": "app.cli.demo_command:command",
    "doctor": "app.cli.doctor:command",
    "export-emenscr": "app.cli.releases:export_emenscr",
    "import-lines": "app.cli.import_lines:command",
    "import-results": "app.cli.import_results:command",
    "invite-admin": "app.cli.setting_up:invite_admin",
    "load-demo": "app.cli.demo:command",
    "load-rubric": "app.cli.rubrics:command",
    "load-rulebook": "app.cli.rulebooks:command",
    "load-targets": "app.cli.targets:command",
    "open-call": "app.cli.setting_up:open_call_command",
    "publish-ckan": "app.cli.releases:publish_ckan",
    "report": "app.cli.report:command",
    "reset-second-factor": "app.cli.setting_up:reset_factor",
    "verify-book": "app.cli.verify_book:command",
    "work": "app.cli.work:command",
}


class Commands(AppGroup):
    """Commands by name, imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, name = place.split(":")
        command: Any = getattr(import_module(module), name)
        if cmd_name == "db":
            know_migrations(current_app)
        return command  # type: ignore[no-any-return]


def add_commands(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli = Commands(app.name)
