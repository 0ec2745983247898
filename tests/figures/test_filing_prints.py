"""Proposals in print: PDF and workbook say what the frozen facts say, to the satang, and drafts say that they are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from app.figures.facts import FilingChoice, PaperFormat
from app.figures.filing_book import filing_document, filings_document
from app.figures.press import print_document
from app.figures.queries import FilingsBook
from app.kernel.canonical import sha256_bytes
from app.kernel.db import db
from app.kernel.files import FileStore
from app.kernel.money import format_baht
from reports.document import Document, Table
from tests.conftest import Backend
from tests.figures.own_round import (
    DRAFT,
    FILE,
    PLAIN,
    TAKES_PART,
    WATER,
    OwnRound,
    hold_year,
    read_one,
    read_own,
)
from tests.world import FISCAL_YEAR, NOW, World

ALL = WATER + PLAIN + TAKES_PART + DRAFT
BETA = 25_075  # of WATER


@pytest.fixture
def world(sqlite_backend: Backend) -> Iterator[World]:
    """What is printed does not hang on the database: one is enough."""
    with sqlite_backend.app.app_context():
        yield sqlite_backend.world
        db.session.remove()


@pytest.fixture
def made(world: World, tmp_path: Path) -> OwnRound:
    return hold_year(world, FileStore(tmp_path))


def whole(book: FilingsBook, kind: PaperFormat, language: str = "th") -> Document:
    return filings_document(book, kind, language, made_at=NOW, made_by="ผู้พิมพ์")


def text_of(document: Document) -> str:
    data = print_document(document, PaperFormat.PDF)
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


def squeezed(text: str) -> str:
    return "".join(text.split())


def workbook(document: Document, *, values: bool = True) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(print_document(document, PaperFormat.XLSX)), data_only=values)


def cells(file: openpyxl.Workbook, name: str) -> list[object]:
    return [c.value for row in file[name].iter_rows() for c in row if c.value is not None]


def test_the_paper_of_one_filing_says_everything_its_page_shows(world: World, made: OwnRound) -> None:
    book = read_one(world, made.water)
    text = squeezed(text_of(filing_document(book, PaperFormat.PDF, "th", made_at=NOW)))
    paper = book.papers[0]
    for said in (
        "ระบบน้ำบาดาลอัจฉริยะ",
        "Smart groundwater",
        "กรมอัลฟา",
        "กรมเบตา",
        "ย่อหน้าแรกกล่าวถึงน้ำ",
        "ย่อหน้าที่สองกล่าวถึงที่ดิน",
        "ทะเบียนผู้ประกอบการ",
        "จำนวนชุดข้อมูล",
        f"{format_baht(WATER)} บาท",
        "หนึ่งล้านสองร้อยห้าสิบเอ็ดบาทเจ็ดสิบห้าสตางค์",
        "=ค่าจ้าง",
        format_baht(BETA),
        format_baht(WATER - BETA),
        format_baht(10_775),  # later years
        "วงเงินขั้นต่ำที่ยังดำเนินโครงการได้",
        "700,000.25 บาท",
        "เลื่อนสถานีสูบน้ำที่สอง",
        "ขอบเขตของงาน.pdf",
        sha256_bytes(FILE),
        paper.sha256,
        paper.receipt_number,
        "20 พ.ย. 2568 10:00:00 น.",
        "หน้า ๑/",
        "ข้อมูลสังเคราะห์เพื่อการสาธิต",
    ):
        assert squeezed(said) in text, said
    assert "ยังไม่ได้ยื่น" not in text


def test_a_draft_says_that_it_is_one_on_every_page(world: World, made: OwnRound) -> None:
    document = filing_document(read_one(world, made.draft), PaperFormat.PDF, "th", made_at=NOW)
    data = print_document(document, PaperFormat.PDF)
    pages = [squeezed(p.get_textpage().get_text_range()) for p in pypdfium2.PdfDocument(data)]
    assert len(pages) > 1
    for page in pages:
        assert "ร่างยังไม่ได้ยื่น" in page
    assert not any("R2570" in page or read_one(world, made.draft).sha256 in page for page in pages)
    assert document.sha256 == ""


def test_the_sums_of_the_budget_tables_are_those_of_the_facts(world: World, made: OwnRound) -> None:
    book = read_one(world, made.water)
    facts = book.papers[0].facts
    document = filing_document(book, PaperFormat.PDF, "th", made_at=NOW)

    def total(name: str, key: str = "amount") -> int | None:
        table = document.table(f"{name}-{facts.number}")
        return table.total([c.key for c in table.columns].index(key))

    assert total("categories") == total("agencies") == facts.total == WATER
    assert [t.total(6) for t in document.tables if t.name.startswith("lines-")] == [WATER - BETA, BETA]
    assert total("categories", "q2") == sum(line.quarters[1] for line in facts.lines) == 100 + BETA
    assert total("later", "later") == facts.later_total


def test_the_pdf_of_a_year_holds_every_proposal_under_its_bookmark(world: World, made: OwnRound) -> None:
    book = read_own(world)
    data = print_document(whole(book, PaperFormat.PDF), PaperFormat.PDF)
    file = pypdfium2.PdfDocument(data)
    marks = [(mark.level, mark.get_title()) for mark in file.get_toc()]
    for paper in book.papers:
        assert (0, f"{paper.facts.number} {paper.facts.title.th}") in marks
    assert sum("รายการงบประมาณ" in title for _, title in marks) >= len(book.papers)
    text = squeezed("\n".join(page.get_textpage().get_text_range() for page in file))
    for said in (format_baht(ALL), *(p.sha256 for p in book.papers if not p.is_working), book.sha256):
        assert said in text, said
    assert "ความลับของเบตา" not in text
    assert "มีฉบับที่ยังไม่ได้ยื่น" in text


def test_the_workbook_has_the_same_amounts_in_values_and_formulas(world: World, made: OwnRound) -> None:
    book = read_own(world)
    document = whole(book, PaperFormat.XLSX)
    values, formulas = workbook(document), workbook(document, values=False)
    assert {"ข้อเสนอ", "รายการงบประมาณ", "ตัวชี้วัด", "การเชื่อมโยง", "เอกสารแนบ", "ตรวจสอบ"} <= set(
        values.sheetnames
    )
    for name in ("ข้อเสนอ", "รายการงบประมาณ"):
        assert any(
            v == pytest.approx(ALL / 100, abs=1e-6) for v in cells(values, name) if isinstance(v, float)
        )
    agreement = [v for v in cells(values, "ตรวจสอบ") if isinstance(v, (int, float))]
    assert agreement == [pytest.approx(ALL / 100), pytest.approx(ALL / 100), 0]
    assert any("SUM('รายการงบประมาณ'!" in str(v) for v in cells(formulas, "ตรวจสอบ"))
    assert "=ค่าจ้าง" in cells(formulas, "รายการงบประมาณ")
    assert [
        c.data_type for row in formulas["รายการงบประมาณ"].iter_rows() for c in row if c.value == "=ค่าจ้าง"
    ] == ["s"]
    assert sha256_bytes(FILE) in cells(values, "เอกสารแนบ")
    for paper in book.papers:
        assert (paper.sha256 in cells(values, "หลักฐานการยื่น")) is not paper.is_working
    assert "ร่าง ยังไม่ได้ยื่น" in cells(values, "ข้อเสนอ")
    assert 700_000.25 in cells(values, "ข้อเสนอ")
    (sheet,) = (table for table in document.tables if table.name == "proposals")
    least = [column.key for column in sheet.columns].index("least")
    assert [row[least] for row in sheet.rows] == [70_000_025, None, None, None]
    assert not sheet.columns[least].hidden
    plain = filing_document(read_one(world, made.plain), PaperFormat.XLSX, "th", made_at=NOW)
    assert plain.table("proposals").columns[least].hidden


def test_english_papers_are_english(world: World, made: OwnRound) -> None:
    book = read_own(world, FilingChoice(state="filed", side="lead", text="ระบบ"))
    text = text_of(whole(book, PaperFormat.PDF, "en"))
    for said in (
        "Smart groundwater",
        "Budget lines",
        "Committed in later years",
        "We lead",
        "holding “ระบบ”",
    ):
        assert said in text, said
    assert "Proposals" in workbook(whole(book, PaperFormat.XLSX, "en")).sheetnames


def test_the_same_proposals_print_the_same_bytes(world: World, made: OwnRound) -> None:
    for kind in PaperFormat:
        assert len({print_document(whole(read_own(world), kind), kind) for _ in range(2)}) == 1


def test_a_year_without_proposals_prints_an_honest_empty_book(world: World) -> None:
    book = read_own(world, by="officer_beta")
    assert book.papers == ()
    assert "ไม่มีรายการ" in text_of(whole(book, PaperFormat.PDF))
    assert workbook(whole(book, PaperFormat.XLSX)).sheetnames


def test_every_row_fits_its_columns(world: World, made: OwnRound) -> None:
    """Tables check their rows when they are made; this makes them all, in both languages and forms."""
    for kind in PaperFormat:
        for language in ("th", "en"):
            tables = [b for b in whole(read_own(world), kind, language).blocks if isinstance(b, Table)]
            assert len(tables) >= 6
    assert FISCAL_YEAR == 2570
