"""`./dgi verify-book FILE`: replay a decision book from its file alone, on any machine with this program.

FILE is the JSON, or the PDF or workbook that carries it; of a workbook the sheets must say the same as well. No database is
opened. Exit code 0 for a book that recomputes to the same, 1 for one that does not, with the first difference; 2 for a
file that cannot be read.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import click

from app.figures.books.chain import Tampered
from app.figures.books.replaying import Check, Replay, replay_book
from app.kernel.text import Text

LARGEST = 512 * 1024 * 1024  # bytes


class NoBook(click.ClickException):
    """There is no book to check."""

    exit_code = 2

    def __init__(self, text: Text):
        super().__init__(f"{text.th}\n{text.en}")


@click.command("verify-book")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--extract",
    type=click.Path(path_type=Path),
    help="Also write the JSON found in a PDF or workbook to this file.",
)
def command(file: Path, extract: Path | None) -> None:
    """Check a decision book and recompute its ranking and allocation."""
    data = _read(file)
    is_workbook = data[:2] == b"PK"
    if data[:5] == b"%PDF-":
        data = attached_book(data)
    if extract is not None and not is_workbook:
        extract.write_bytes(data)
    replay = _replay_workbook(data, extract) if is_workbook else replay_book(data)
    _tell(replay)
    if replay.fault is not None:
        raise SystemExit(1)


def _replay_workbook(data: bytes, extract: Path | None) -> Replay:
    """The book inside a workbook replayed, then the sheets compared with it."""
    # imported late: the readers and the printing house, which a JSON needs none of
    from app.figures.books.workbooks import CARRIED, NoBookInside, book_in_workbook, check_sheets

    try:
        workbook = book_in_workbook(data)
    except NoBookInside as fault:
        raise NoBook(fault.text) from None
    except Tampered as fault:
        return Replay("", None, (Check(CARRIED, Text("", ""), fault.text),))
    if extract is not None:
        extract.write_bytes(workbook.carried.data)
    replay = replay_book(workbook.carried.data)
    if replay.fault is not None:
        return replay
    return replace(replay, checks=(*replay.checks, check_sheets(workbook)))


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise NoBook(Text(f"แฟ้ม {file} ใหญ่เกิน 512 MB", f"{file} is larger than 512 MB"))
        return file.read_bytes()
    except OSError as error:
        raise NoBook(
            Text(f"อ่านแฟ้ม {file} ไม่ได้: {error.strerror}", f"{file} cannot be read: {error.strerror}")
        ) from None


def attached_book(data: bytes) -> bytes:
    """The book carried inside a PDF. Raises `NoBook` when there is none."""
    import pikepdf  # imported late: a JSON needs none of it

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            for name, spec in pdf.attachments.items():
                if name.startswith("decision-book-") and name.endswith(".json"):
                    return bytes(spec.get_file().read_bytes())
    except pikepdf.PdfError:
        raise NoBook(Text("เปิด PDF นี้ไม่ได้", "The PDF cannot be opened")) from None
    raise NoBook(Text("PDF นี้ไม่มีสมุดมติแนบอยู่", "No decision book is attached to this PDF"))


def _tell(replay: Replay) -> None:
    for check in replay.checks:
        mark = "✗" if check.fault else "✓"
        click.echo(f"{mark} {check.name.th} · {check.name.en}: {check.seen.th} · {check.seen.en}")
    fault = replay.fault
    if fault is not None:
        click.echo(f"\nไม่ตรง: {fault.th}\nDIFFERS: {fault.en}", err=True)
        return
    click.echo(f"\nสมุดนี้คำนวณซ้ำได้ตรงกันทั้งเล่ม\nThis book recomputes to the same. Head {replay.head}")
