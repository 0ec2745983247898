"""The commands: `./dgi WORD`.

In: words and files. Out: lines on the terminal and an exit code; 0 done, 1 found wanting, 2 cannot be done as asked.
Why: what a page does, a command can do, through the same actions. Each module holds one `command`; all are named here.
"""

from __future__ import annotations

from flask import Flask

from app.cli import audit, bench, demo, demo_command, doctor, import_lines, report, work

COMMANDS = (audit, bench, demo, demo_command, doctor, import_lines, report, work)


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    for module in COMMANDS:
        app.cli.add_command(module.command)
