"""What a new installation needs before anybody can sign in: a first administrator, and a call."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from app.calls.actions import open_call
from app.cli.call_files import DATA, load_documents, read_toml
from app.cli.database import on_database
from app.identity.actions import invite_person
from app.identity.facts import SYSTEM, Membership, Role
from app.identity.queries import find_user_by_email
from app.identity.second_factors import reset_second_factor
from app.kernel.clock import system_clock
from app.kernel.errors import Refused
from app.kernel.text import Text
from app.kernel.work import open_work


def _tell(refusal: Refused) -> None:
    """All problems on the terminal, in both languages; exit 2."""
    for text in (refusal.text, *(p.text for p in refusal.problems)):
        click.echo(f"{text.th}\n  {text.en}", err=True)
    raise SystemExit(2)


@click.command("invite-admin")
@click.argument("email")
@click.argument("name")
@on_database
def invite_admin(email: str, name: str) -> None:
    """Invite an administrator, NAME as it is shown, and print the link that sets the first password."""
    try:
        with open_work(SYSTEM, system_clock()) as work:
            _user_id, token = invite_person(work, email, Text(name, name), [Membership(Role.ADMIN)])
    except Refused as refusal:
        _tell(refusal)
        return
    click.echo(f"{current_app.config['DGI'].site_url}/invitations/{token}")


@click.command("reset-second-factor")
@click.argument("email")
@on_database
def reset_factor(email: str) -> None:
    """Take away the second factor of EMAIL, such as the last administrator's, whose device is lost."""
    with open_work(SYSTEM, system_clock()) as work:
        user = find_user_by_email(work.session, email.strip().lower())
        if user is None:
            raise click.ClickException(f"{email}: ไม่มีผู้ใช้นี้ / nobody has this address")
        reset_second_factor(work, user.id)
    click.echo(
        "ล้างแล้ว บทบาทที่ต้องใช้สองขั้นจะตั้งค่าใหม่เมื่อเข้าสู่ระบบ / done; staff set up a new one at the next sign-in"
    )


@click.command("open-call")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@on_database
def open_call_command(file: Path) -> None:
    """Open the call of FILE (TOML) on the plan, rubric and rulebook it names; opening it again changes nothing."""
    import tomllib

    try:
        document = read_toml(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: อ่านไม่ได้ / cannot be read: {error}") from None
    try:
        with open_work(SYSTEM, system_clock()) as work:
            load_documents(work, DATA)
            call = open_call(work, document)
            said = f"{call.fiscal_year}: {call.name_th} / {call.name_en}"
    except Refused as refusal:
        for problem in refusal.problems:
            click.echo(f"{file}, {problem.place}: {problem.text.th}\n  {problem.text.en}", err=True)
        click.echo(f"{refusal.text.th}\n  {refusal.text.en}", err=True)
        raise SystemExit(2) from None
    click.echo(said)
