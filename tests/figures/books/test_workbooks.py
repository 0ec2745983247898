"""The workbook of a decision book carries the book: it is verified from the file alone, and refused where it was changed."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli.verify_book import command as verify_book
from app.figures.books.chain import SECTIONS, write_book
from app.figures.books.papers import decision_document
from app.figures.books.reading import thaw_book
from app.figures.books.workbooks import read_sheets
from app.kernel.db import db
from reports import Document, write_workbook
from reports.xlsx_carried import MARK, SHEET, NotCarried, read_carried
from reports.xlsx_cells import text_pixels
from reports.xlsx_compare import first_difference
from reports.xlsx_ink import number_format
from reports.xlsx_page import SMALLEST, pixels, spread_columns
from tests.conftest import Backend
from tests.figures.books.closed_round import close_round
from tests.figures.widths import WIDEST


def _printed(document: Document) -> bytes:
    target = io.BytesIO()
    write_workbook(document, target)
    return target.getvalue()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    backend = Backend("sqlite", tmp_path_factory.mktemp("book"))
    backend.fresh()
    with backend.app.app_context():
        made = close_round(backend.world, backend.app.config["DGI"])[1]
        db.session.remove()
    return made


@pytest.fixture(scope="module")
def workbook(book: bytes) -> bytes:
    return _printed(decision_document(thaw_book(book), "th", made_by="ผู้สั่งพิมพ์", on_paper=False))


def _verify(folder: Path, data: bytes, *words: str) -> Result:
    file = folder / "book.xlsx"
    file.write_bytes(data)
    return CliRunner().invoke(verify_book, [str(file), *words])


def test_a_workbook_is_verified_from_the_file_alone(book: bytes, workbook: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = _verify(tmp_path, workbook, "--extract", str(out))
    assert done.exit_code == 0, done.output
    assert "✓ แผ่นงานที่เห็น · The sheets" in done.output
    assert out.read_bytes() == book


def test_the_cover_names_every_sheet_and_the_ledger_every_departure(workbook: bytes) -> None:
    sheets = _seen(workbook)
    cover, *others = sheets
    named = [row[0] for row in sheets[cover] if row and row[0] in sheets]
    assert named == others
    departing = [row[3] for row in sheets["บัญชีส่วนต่าง"][4:] if row]
    assert departing == ["มติ: เห็นชอบโดยมีเงื่อนไข"]  # the one that was cut


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_column_is_explained_wide_enough_and_printed_legibly(book: bytes, language: str) -> None:
    document = decision_document(thaw_book(book), language, on_paper=False)
    unexplained, narrow = [], []
    for table in document.tables:
        if table.pdf_only:
            continue
        shown = [column for column in table.columns if not column.pdf_only]
        unexplained += [f"{table.name}.{column.key}" for column in shown if not column.meaning.strip()]
        assert spread_columns(shown, 0).scale >= SMALLEST
        for column in shown:
            # what is off a total by nothing needs no room for ten thousand million
            filled = WIDEST | {"date": "26 พ.ย. 2566" if language == "th" else "26 Nov 2566"}
            widest = "" if column.hidden or column.key.endswith("_off") else filled.get(column.kind, "")
            if text_pixels(widest, 700) > pixels(column.width) - 4:
                narrow.append(f"{table.name}.{column.key}")
        assert table.question, table.name
    assert not unexplained
    assert not narrow
    # a date that says more than the columns were measured for would be printed as ####
    assert number_format("date", language).endswith("d mmm yyyy")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_saved_by_libreoffice_it_is_still_verified(workbook: bytes, tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(workbook)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", "again", "book.xlsx"],
        cwd=tmp_path, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    again = (tmp_path / "again" / "book.xlsx").read_bytes()
    assert again != workbook
    done = _verify(tmp_path, again)
    assert done.exit_code == 0, done.output


def _parts(data: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """The workbook with its parts changed, and more of them."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in more.items():
            new.writestr(name, content)
    return target.getvalue()


def _replaced(part: str, old: str, new: str) -> Callable[[bytes], bytes]:
    """One thing written otherwise, in the parts whose names begin so."""

    def changed(data: bytes) -> bytes:
        found = 0

        def swap(name: str, content: bytes) -> bytes:
            nonlocal found
            if not name.startswith(part) or found:
                return content
            text, found = re.subn(old, new, content.decode(), count=1)
            return text.encode()

        result = _parts(data, swap)
        assert found
        return result

    return changed


SHEETS_CHANGED: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("an amount", _replaced("xl/worksheets/", "<v>900000</v>", "<v>900000.01</v>"), "900,000.01"),
    ("a total", _replaced("xl/worksheets/", "(SUBTOTAL[^<]*</f>)<v>[1-9][0-9.]*<", r"\1<v>5<"), "5"),
    ("a verdict", _replaced("xl/shared", ">เห็นชอบโดยมีเงื่อนไข<", ">ไม่เห็นชอบ<"), "ไม่เห็นชอบ"),
    ("a project's number", _replaced("xl/shared", "<t>2570-", "<t>2570 "), "2570 "),
    ("a sheet's name", _replaced("xl/workbook.xml", 'name="สรุปมติ"', 'name="สรุป"'), "สรุป"),
    ("a sheet more", _replaced("xl/workbook.xml", f'name="{SHEET}"', 'name="more"'), "more"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"), [t[1:] for t in SHEETS_CHANGED], ids=[t[0] for t in SHEETS_CHANGED]
)
def test_the_first_cell_that_says_otherwise_is_found(
    workbook: bytes, change: Callable[[bytes], bytes], told: str
) -> None:
    found = first_difference(_seen(change(workbook)), _seen(workbook))
    assert found is not None
    assert told in found.said
    assert found.said != found.meant


def _seen(data: bytes) -> dict[str, list[list[Any]]]:
    sheets, _ = read_sheets(data)
    sheets.pop(SHEET, None)
    return sheets


REFUSED: list[tuple[str, Callable[[bytes], bytes], int, str]] = [
    ("an amount", SHEETS_CHANGED[0][1], 1, "says “900,000.01” where the decision book says “900,000”"),
    ("a formula under its old result", _replaced("xl/worksheets/", "<f>SUBTOTAL", "<f>1+SUBTOTAL"), 1, "says “=1+SUBTOTAL"),
    ("a formula over a plain value", _replaced("xl/worksheets/", "<v>900000</v>", "<f>9+1</f><v>900000</v>"), 1, "=9+1"),
    ("a piece of the book", _replaced("xl/shared", "(<t>eJ[^<]{99})[^<]", r"\1*"), 1, f"sheet “{SHEET}”, row 9"),
    ("no book", _replaced("xl/workbook.xml", f'name="{SHEET}"', 'name="other"'), 2, "carries no decision book"),
    ("a macro", lambda data: _parts(data, lambda _, c: c, **{"xl/vbaProject.bin": b"x"}), 2, "contains macros"),
    ("half of it", lambda data: data[: len(data) // 2], 2, "damaged"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "told"), [t[1:] for t in REFUSED], ids=[t[0] for t in REFUSED])
def test_a_tampered_workbook_is_refused_at_the_tampered_place(
    workbook: bytes, tmp_path: Path, change: Callable[[bytes], bytes], code: int, told: str
) -> None:
    done = _verify(tmp_path, change(workbook))
    assert done.exit_code == code, done.output
    assert told in done.output


def _other_book(book: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """A forger's book, every hash made anew."""
    sections = {row["name"]: row["content"] for row in json.loads(book)["sections"]}
    change(sections)
    return write_book({name: sections[name] for name in SECTIONS})[0]


FORGED: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("that does not replay", lambda s: s["ranking"][0].update(rank=2), "rank is 2 in the book and 1"),
    ("with another word in it", lambda s: s["decisions"]["rows"][0].update(conditions="อื่น"), "where the decision book"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), [f[1:] for f in FORGED], ids=[f[0] for f in FORGED])
def test_another_book_under_the_same_sheets_is_refused(
    book: bytes, tmp_path: Path, change: Callable[[dict[str, Any]], Any], told: str
) -> None:
    document = decision_document(thaw_book(book), "th", on_paper=False)
    other = replace(document.attachments[0], data=_other_book(book, change))
    done = _verify(tmp_path, _printed(replace(document, attachments=(other,))))
    assert done.exit_code == 1
    assert told in done.output


def test_what_is_carried_is_never_unpacked_beyond_its_bounds() -> None:
    piece = b64encode(zlib.compress(bytes(1_000_000))).decode()
    facts = {"name": "x", "bytes": "1000000", "sha256": sha256(bytes(1_000_000)).hexdigest(), "pieces": "1"}
    rows = [[MARK], *map(list, facts.items()), ["language", "th"], ["made_at", "x"], ["made_by"]]
    rows.append([piece, sha256(piece.encode()).hexdigest()])
    assert len(read_carried(rows, 1_000_000).data) == 1_000_000
    with pytest.raises(NotCarried):
        read_carried(rows, 999_999)
    with pytest.raises(NotCarried):
        read_carried([*rows[:-1], ["=", sha256(b"=").hexdigest()]], 1_000_000)
