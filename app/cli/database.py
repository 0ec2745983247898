"""What every command that works on the data needs first: a database of this version."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.schema import Schema, examine_schema, upgrade_database

P = ParamSpec("P")
R = TypeVar("R")


def on_database(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command on the database: an empty one gets its tables, one of another version is refused in words."""

    @with_appcontext
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            schema = examine_schema()
        except SQLAlchemyError as error:
            raise click.ClickException(
                f"ฐานข้อมูลไม่ตอบ ตรวจ DATABASE_URL\nThe database does not answer; check DATABASE_URL ({type(error).__name__})"
            ) from None
        if schema is Schema.OTHER:
            raise click.ClickException(
                "ฐานข้อมูลเป็นคนละรุ่นกับโปรแกรม ให้สั่ง ./dgi db upgrade\n"
                "The database is of another version; run ./dgi db upgrade"
            )
        if schema is Schema.EMPTY:
            upgrade_database()
        return command(*args, **kwargs)

    return run
