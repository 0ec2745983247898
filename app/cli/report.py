"""`./dgi report`: the papers of the committee, from the command line, without anybody signing in.

The same data print the same bytes: the paper is dated by its latest change unless `--printed-at` says otherwise.
"""

from __future__ import annotations

import os
import secrets
import sys
from datetime import datetime
from pathlib import Path

import click

from app.calls.queries import get_call
from app.cli.database import on_database
from app.figures.facts import BASIS_NAMES, Headline, PaperFormat
from app.figures.press import Progress, print_document
from app.figures.queries import RankingBook, hold_still, ranking_book
from app.identity.facts import SYSTEM
from app.kernel.canonical import sha256_bytes
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.errors import DomainError
from app.kernel.money import format_baht, format_million


class CannotPrint(click.ClickException):
    """The paper cannot be printed as asked."""

    exit_code = 2


@click.group("report")
def command() -> None:
    """Print papers for the committee."""


@command.command("ranking-book")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) of the call.")
@click.option("--format", "paper_format", type=click.Choice([f.value for f in PaperFormat]), required=True)
@click.option("--language", type=click.Choice(["th", "en"]), default="th", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The file to write; replaced if there."
)
@click.option(
    "--printed-at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="The time of printing to put on the paper, Bangkok (C.E.).",
)
@on_database
def ranking_book_command(
    fiscal_year: int, paper_format: str, language: str, out: Path, printed_at: datetime | None
) -> None:
    """Print the ranking book of a call."""
    from app.figures.ranking_book import ranking_document

    _check_writable(out)
    book = _read_book(fiscal_year)
    made_at = printed_at.replace(tzinfo=BANGKOK) if printed_at else None
    document = ranking_document(book, language, made_at=made_at)
    data = print_document(document, PaperFormat(paper_format), _show_progress())
    _write(out, data)
    click.echo(f"{out}: {len(data)} bytes, sha256 {sha256_bytes(data)}; {say(book.page.headline, language)}")


def say(headline: Headline, language: str) -> str:
    """The headline figures in one phrase, as page and papers give them."""
    basis = BASIS_NAMES[headline.basis].say(language)
    million, baht = format_million(headline.total), format_baht(headline.total)
    if language == "en":
        return f"{headline.projects} projects, {headline.agencies} agencies, {million} million baht ({baht} baht), {basis}"
    return f"{headline.projects} โครงการ {headline.agencies} หน่วยงาน {million} ล้านบาท ({baht} บาท) {basis}"


def _read_book(fiscal_year: int) -> RankingBook:
    session = db.session()
    hold_still(session)
    try:
        return ranking_book(session, SYSTEM, get_call(session, fiscal_year))
    except DomainError as error:
        raise CannotPrint(f"{error.text.th}\n{error.text.en}") from None
    finally:
        session.rollback()


def _show_progress() -> Progress | None:
    """A line that counts rows, for a person at a terminal only."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        click.echo(f"\r{done:,}/{total:,} ", err=True, nl=done == total)

    return show


def _check_writable(out: Path) -> None:
    folder = out.parent
    if out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise CannotPrint(f"เขียนแฟ้มที่ {out} ไม่ได้\n{out} cannot be written")


def _write(out: Path, data: bytes) -> None:
    """Write all or nothing: a file cut short must not look like the paper."""
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        draft.write_bytes(data)
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotPrint(f"เขียนแฟ้มที่ {out} ไม่ได้: {error.strerror}\n{out} cannot be written") from None
