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
from flask import current_app

from app.calls.queries import get_call
from app.cli.database import on_database
from app.decisions.queries.books import list_books
from app.figures.books.reading import thaw_book
from app.figures.facts import BASIS_NAMES, FORMATS_OF, Headline, PaperFormat, PaperKind
from app.figures.press import Progress, book_store, print_document
from app.figures.queries import RankingBook, hold_still, ranking_book
from app.figures.queries.monitoring import monitoring_book
from app.identity.facts import SYSTEM
from app.kernel.canonical import sha256_bytes
from app.kernel.clock import BANGKOK, system_clock
from app.kernel.db import db
from app.kernel.errors import DomainError
from app.kernel.money import format_baht, format_million
from app.monitoring.periods import LAST_QUARTER


class CannotPrint(click.ClickException):
    """The paper cannot be printed as asked."""

    exit_code = 2


@click.group("report")
def command() -> None:
    """Print papers for the committee."""


@command.command("ranking-book")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) of the call.")
@click.option(
    "--format",
    "paper_format",
    type=click.Choice([f.value for f in FORMATS_OF[PaperKind.RANKING_BOOK]]),
    required=True,
)
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


@command.command("decision-book")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) of the call.")
@click.option(
    "--meeting", "number", help="Number of the meeting, such as 1/2567; the last one closed by default."
)
@click.option(
    "--format",
    "paper_format",
    type=click.Choice(["json", "xlsx", "pdf"]),
    required=True,
    help="json is the book itself.",
)
@click.option("--language", type=click.Choice(["th", "en"]), default="th", show_default=True)
@click.option("--thai-digits", is_flag=True, help="Print ๐-๙ on the paper.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The file to write; replaced if there."
)
@on_database
def decision_book_command(
    fiscal_year: int, number: str | None, paper_format: str, language: str, thai_digits: bool, out: Path
) -> None:
    """Write the decision book of a closed meeting: the book itself, or its paper."""
    _check_writable(out)
    data = _kept_book(fiscal_year, number)
    try:
        book = thaw_book(data)
    except DomainError as error:
        raise CannotPrint(f"{error.text.th}\n{error.text.en}") from None
    if paper_format != "json":
        from app.figures.books.papers import decision_document  # imported late: it loads the printing house

        document = decision_document(
            book, language, thai_digits=thai_digits, on_paper=paper_format == PaperFormat.PDF
        )
        data = print_document(document, PaperFormat(paper_format), _show_progress())
    _write(out, data)
    click.echo(f"{out}: {len(data)} bytes, sha256 {sha256_bytes(data)}; head {book.head}")


@command.command("monitoring")
@click.option("--call", "fiscal_year", type=int, required=True, help="Fiscal year (พ.ศ.) that is followed.")
@click.option(
    "--quarter",
    type=click.IntRange(1, LAST_QUARTER),
    help="At the end of which quarter, 5 to 8 of the year after for money carried over; the last reported month of the "
    "year by default.",
)
@click.option(
    "--format",
    "paper_format",
    type=click.Choice([f.value for f in FORMATS_OF[PaperKind.MONITORING]]),
    required=True,
)
@click.option("--language", type=click.Choice(["th", "en"]), default="th", show_default=True)
@click.option("--thai-digits", is_flag=True, help="Print ๐-๙ on the paper.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The file to write; replaced if there."
)
@click.option(
    "--printed-at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    help="The time of printing to put on the paper, Bangkok (C.E.); who is late is judged by it.",
)
@on_database
def monitoring_command(
    fiscal_year: int,
    quarter: int | None,
    paper_format: str,
    language: str,
    thai_digits: bool,
    out: Path,
    printed_at: datetime | None,
) -> None:
    """Print the monitoring report of a fiscal year at the end of a quarter."""
    from app.figures.monitoring_book import monitoring_document

    _check_writable(out)
    moment = printed_at.replace(tzinfo=BANGKOK) if printed_at else system_clock()
    session = db.session()
    hold_still(session)
    try:
        call = get_call(session, fiscal_year)
        book = monitoring_book(session, SYSTEM, call, (quarter or 0) * 3, moment)
    except DomainError as error:
        raise CannotPrint(f"{error.text.th}\n{error.text.en}") from None
    finally:
        session.rollback()
    document = monitoring_document(book, language, thai_digits=thai_digits)
    data = print_document(document, PaperFormat(paper_format), _show_progress())
    _write(out, data)
    sums = book.standing.sums
    click.echo(
        f"{out}: {len(data)} bytes, sha256 {sha256_bytes(data)}; {sums.projects} projects, month {book.standing.month}, "
        f"paid {format_baht(sums.spent)} of {format_baht(sums.allotted)} baht"
    )


def _kept_book(fiscal_year: int, number: str | None) -> bytes:
    session = db.session()
    try:
        call = get_call(session, fiscal_year)
        books = [b for b in list_books(session, SYSTEM, call.id) if number in (None, b.number)]
        if not books:
            raise CannotPrint(
                "รอบนี้ยังไม่มีการประชุมที่ปิดแล้ว จึงยังไม่มีสมุดมติ\nNo meeting of this call is closed yet, so there is no decision book"
            )
        return book_store(current_app.config["DGI"]).get(books[0].sha256)
    except DomainError as error:
        raise CannotPrint(f"{error.text.th}\n{error.text.en}") from None
    finally:
        session.rollback()


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
