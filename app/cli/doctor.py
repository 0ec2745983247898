"""`./dgi doctor`: what is unsafe or missing in this installation. Serving refuses to start on anything unsafe."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app.identity.queries import any_demo_people, list_clashing
from app.identity.second_factors import any_sealed_otherwise
from app.kernel.config import PROJECT, Bucket, Config
from app.kernel.db import db, wal_is_safe
from app.kernel.files import Area, StorageFault, file_store
from app.kernel.lean import dataclass
from app.kernel.schema import Schema, examine_schema
from app.notices.queries import look_at_waiting


class Grade(StrEnum):
    """How bad a symptom is."""

    UNSAFE = "UNSAFE"
    MISSING = "MISSING"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing found, and what to do about it."""

    grade: Grade
    what: str
    remedy: str


def examine(config: Config) -> list[Symptom]:
    """Everything found in this installation, worst first."""
    found = [*_secrets(config), *_folder(config), *_storage(config), *_mail(config), *_database(config)]
    found += _libraries()
    return sorted(found, key=lambda s: list(Grade).index(s.grade))


def _secrets(config: Config) -> Iterator[Symptom]:
    if len(config.secret_key) < 32:
        yield Symptom(
            Grade.UNSAFE, "SECRET_KEY is shorter than 32 characters", "set a random one, or unset it"
        )
    if config.demo:
        yield Symptom(
            Grade.NOTE, "DGI_DEMO=1: demo people may sign in, over plain http", "never set it in production"
        )
        if set(config.trusted_hosts) - {"127.0.0.1", "localhost"}:
            yield Symptom(
                Grade.UNSAFE,
                "the demo answers to other hosts than this machine",
                "unset TRUSTED_HOSTS or DGI_DEMO",
            )
    elif not config.site_url.startswith("https://"):
        yield Symptom(
            Grade.UNSAFE,
            f"SITE_URL is {config.site_url}: sign-in would travel unencrypted, and links in papers point there",
            "set SITE_URL=https://… and serve behind TLS",
        )


def _folder(config: Config) -> Iterator[Symptom]:
    if not os.access(config.instance, os.W_OK):
        yield Symptom(
            Grade.MISSING,
            f"cannot write to {config.instance}",
            "give this user the folder, or set DGI_INSTANCE",
        )
        return
    for path in (config.instance / "secret-key", config.database_file, config.providers_file):
        if path is not None and path.exists() and _is_open(path):
            yield Symptom(Grade.UNSAFE, f"{path} can be read by everybody", f"chmod o-rwx {path}")


def _is_open(path: Path) -> bool:
    """Whether anybody on this machine may use the file: by its own mode and by that of its folder."""
    return bool(path.stat().st_mode & 0o007) and bool(path.parent.stat().st_mode & 0o001)


def _storage(config: Config) -> Iterator[Symptom]:
    """Files are put, got and removed, so that the first officer to attach one is not the first to learn."""
    place = config.files
    why = ""
    if isinstance(place, Bucket):
        if place.endpoint.startswith("http://") and not _is_this_machine(place.endpoint):
            yield Symptom(
                Grade.UNSAFE,
                f"files travel to {place.endpoint} unencrypted",
                "set DGI_S3_ENDPOINT=https://…",
            )
        why = _try_bucket(place.inside(Area.ATTACHMENTS.value))
    else:
        try:
            file_store(config, Area.ATTACHMENTS).try_out()
        except StorageFault as fault:
            why = str(fault)
    if why:
        yield Symptom(
            Grade.MISSING,
            f"stored files: {why}",
            "check DGI_FILES and the DGI_S3_… settings, and what the key may do there"
            if isinstance(place, Bucket)
            else "give this user the folder, or set DGI_FILES",
        )


def _is_this_machine(address: str) -> bool:
    return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


_TRY_BUCKET = """
import json, sys
from app.kernel.config import Bucket
from app.kernel.files import FileStore, StorageFault
try:
    FileStore(Bucket(**json.load(sys.stdin))).try_out()
except StorageFault as fault:
    print(fault)
"""


def _try_bucket(bucket: Bucket) -> str:
    """What cannot be done with the bucket, or "". Asked in a process of its own: the client's threads would not
    survive the fork of a server that loads the application before its workers."""
    try:
        asked = subprocess.run(  # noqa: S603 (our own interpreter and words)
            [sys.executable, "-c", _TRY_BUCKET],
            input=json.dumps(asdict(bucket)),  # on standard input, where no other process reads the key
            capture_output=True,
            text=True,
            cwd=PROJECT,
            timeout=120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "the storage does not answer within two minutes"
    return asked.stdout.strip() or ("" if asked.returncode == 0 else "the check itself failed")


def _mail(config: Config) -> Iterator[Symptom]:
    server = config.mail.server
    if server is None or server.is_tls or server.needs_starttls or server.is_here:
        return
    yield Symptom(
        Grade.UNSAFE if server.user else Grade.NOTE,
        f"e-mail travels to {server.host} unencrypted{', and so does its password' if server.user else ''}",
        "take ?starttls=no out of DGI_SMTP_URL, or use smtps://",
    )


def _waiting_mail(config: Config) -> Iterator[Symptom]:
    count, said = look_at_waiting(db.session())
    if config.mail.server is None:
        yield Symptom(
            Grade.NOTE,
            f"DGI_SMTP_URL is not set: no e-mail is sent; waiting: {count}",
            "set DGI_SMTP_URL and DGI_MAIL_FROM; what has waited for more than 3 days is not sent any more",
        )
    elif said:
        yield Symptom(
            Grade.NOTE,
            f"e-mails wait: {count}; the last answer was: {said}",
            "check DGI_SMTP_URL and DGI_MAIL_FROM; each is tried again by ./dgi work for 3 days",
        )


def _database(config: Config) -> Iterator[Symptom]:
    try:
        schema = examine_schema()
    except SQLAlchemyError as error:
        yield Symptom(
            Grade.MISSING,
            f"the database does not answer: {error.__class__.__name__}",
            "check DATABASE_URL and that the server runs",
        )
        return
    if schema is not Schema.CURRENT:
        what = "has no tables yet" if schema is Schema.EMPTY else "is of another version"
        yield Symptom(Grade.MISSING, f"the database {what}", "./dgi db upgrade")
        return
    if not config.demo and any_demo_people(db.session()):
        yield Symptom(
            Grade.UNSAFE,
            "demo people with the published password can sign in",
            "use a database without the demo, or disable them",
        )
    if any_sealed_otherwise(db.session(), config.secret_key):
        yield Symptom(
            Grade.NOTE,
            "second factors were sealed under another SECRET_KEY: no code of them is taken",
            "set the earlier SECRET_KEY again, or reset them (./dgi reset-second-factor EMAIL)",
        )
    if clashing := list_clashing(db.session()):
        # a note: they are barred from every review, and parting the accounts is for people to do
        yield Symptom(
            Grade.NOTE,
            "accounts that are reviewer and also secretariat, committee or administrator: "
            + ", ".join(email for _, email in clashing),
            "invite each person anew for one of the two, and disable the account; until then it can review nothing",
        )
    yield from _waiting_mail(config)
    if config.database_file is not None and not wal_is_safe():
        yield Symptom(
            Grade.NOTE,
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug; the rollback journal is used instead",
            "nothing to do; a newer SQLite or PostgreSQL is faster with many writers",
        )


def _libraries() -> Iterator[Symptom]:
    try:
        import weasyprint  # noqa: F401 (loads Pango)
    except OSError as error:
        yield Symptom(
            Grade.MISSING,
            f"PDFs cannot be made: {str(error).splitlines()[0]}",
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        )


def refuse_if_unsafe(config: Config) -> None:
    """Stop the start, saying why, when anything is unsafe or missing."""
    symptoms = [s for s in examine(config) if s.grade is not Grade.NOTE]
    if symptoms:
        for symptom in symptoms:
            click.echo(f"{symptom.grade}: {symptom.what}\n    -> {symptom.remedy}", err=True)
        raise SystemExit(1)


@click.command("doctor")
@with_appcontext
def command() -> None:
    """Say what is unsafe or missing in this installation."""
    symptoms = examine(current_app.config["DGI"])
    for symptom in symptoms:
        click.echo(f"{symptom.grade}: {symptom.what}\n    -> {symptom.remedy}")
    if any(s.grade is not Grade.NOTE for s in symptoms):
        raise SystemExit(1)
    click.echo("fit to serve")
