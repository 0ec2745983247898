"""The book in print: workbook and paper say what the book says, to the satang and in whole Thai words."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pypdfium2
import pytest

from app.figures.facts import PaperFormat
from app.figures.press import print_document
from app.figures.queries import RankingBook
from app.figures.ranking_book import ranking_document
from app.kernel.db import db
from app.kernel.money import format_baht, format_million
from tests.conftest import Backend
from tests.figures.small_round import CEILING, REQUESTED, SHARED, SmallRound, decide, hold_round, read_book
from tests.world import FISCAL_YEAR, World


@pytest.fixture
def world(sqlite_backend: Backend) -> Iterator[World]:
    """What is printed does not hang on the database: one is enough."""
    with sqlite_backend.app.app_context():
        yield sqlite_backend.world
        db.session.remove()


@pytest.fixture
def made(world: World) -> SmallRound:
    return hold_round(world)


def workbook(book: RankingBook, language: str = "th", *, values: bool = True) -> openpyxl.Workbook:
    data = print_document(ranking_document(book, language), PaperFormat.XLSX)
    return openpyxl.load_workbook(io.BytesIO(data), data_only=values)


def paper_text(book: RankingBook, language: str = "th") -> str:
    data = print_document(ranking_document(book, language), PaperFormat.PDF)
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


def totals(sheet: Any) -> dict[str, Any]:
    """Column heading -> cell in the row of totals."""
    rows = list(sheet.iter_rows())
    head = next(r for r in rows if sum(c.value is not None and c.font.bold for c in r) > 3)
    foot = next(r for r in reversed(rows) if any(str(c.value).startswith("รวมทั้งสิ้น") for c in r))
    return {f"{h.value}".split("\n")[0]: f.value for h, f in zip(head, foot, strict=True) if h.value}


def test_the_workbook_says_the_same_in_values_and_in_formulas(world: World, made: SmallRound) -> None:
    decide(world, made)
    book = read_book()
    values, formulas = workbook(book), workbook(book, values=False)
    ranked = totals(values["บัญชีจัดลำดับ"])
    assert ranked["ขอรับ"] == pytest.approx(REQUESTED / 100, abs=0.001)
    assert ranked["เห็นชอบ"] == pytest.approx((SHARED - 1) / 100, abs=0.001)
    for name in ("ตามช่วงห่วงโซ่คุณค่า", "ตามแนวทาง", "ตามกระทรวง"):
        cells = [c for row in values[name].iter_rows() for c in row]
        assert any(
            c.value == pytest.approx(REQUESTED / 1e8, abs=1e-9) for c in cells if isinstance(c.value, float)
        )
        live = [c.value for row in formulas[name].iter_rows() for c in row if str(c.value).startswith("=")]
        assert any("SUMIFS('บัญชีจัดลำดับ'!" in f for f in live)
        assert any("SUBTOTAL(109" in f for f in live)
    agreement = [
        c.value for row in values["ตรวจสอบ"].iter_rows(min_row=6) for c in row if c.value is not None
    ]
    assert agreement[:7] == [pytest.approx(REQUESTED / 100, abs=0.001)] * 7
    assert agreement[7:] == [0] * 6
    lines = totals(values["รายการงบประมาณ"])
    assert lines[f"วงเงินปี {FISCAL_YEAR}"] == pytest.approx(REQUESTED / 100, abs=0.001)
    assert "ข้อมูลสังเคราะห์" in str(values.worksheets[0]["A1"].value)


def test_a_title_that_looks_like_a_formula_stays_text(made: SmallRound) -> None:
    sheet = workbook(read_book(), values=False)["บัญชีจัดลำดับ"]
    cells = [c for row in sheet.iter_rows() for c in row if c.value == "=ระบบเล็ก"]
    assert [c.data_type for c in cells] == ["s"]


def test_findings_reviews_and_proofs_are_all_in_the_workbook(world: World, made: SmallRound) -> None:
    decide(world, made)
    book = read_book()
    file = workbook(book)

    def words(name: str) -> list[str]:
        return [str(c.value) for row in file[name].iter_rows() for c in row if c.value is not None]

    assert "คู่เชื่อมไม่ใช่หน่วยงานของรัฐ" in words("ผลกลั่นกรอง")
    assert words("คะแนน").count("ผู้ใช้ reviewer_bb") == 3
    for sha256 in book.facts.values():
        assert sha256 in words("หลักฐาน")
    assert "ขอเอกสารเพิ่ม" in words("มติ")


def test_a_judgement_its_reason_and_who_gave_it_stand_in_workbook_and_paper(made: SmallRound) -> None:
    book = read_book()
    (judged,) = [f for f in book.findings if f.override]
    assert judged.override is not None
    for language, outcome in (("th", "ไม่ผ่าน"), ("en", "Fails")):
        reason, who = judged.override.reason, judged.override.by.say(language)
        assert reason == "คู่เชื่อมไม่ใช่หน่วยงานของรัฐ"
        sheet = workbook(book, language)["ผลกลั่นกรอง" if language == "th" else "Findings"]
        (row,) = [r for r in sheet.iter_rows(values_only=True) if reason in r]
        assert (row[row.index(reason) - 1], row[row.index(reason) + 1]) == (outcome, who)
        paper = "".join(paper_text(book, language).split())
        for words in (reason, who, outcome):
            assert "".join(words.split()) in paper


def test_the_paper_says_the_same_in_figures_and_in_words(world: World, made: SmallRound) -> None:
    decide(world, made)
    book = read_book()
    text = paper_text(book)
    approved = SHARED - 1
    for said in (
        f"{format_baht(approved)} บาท",
        format_million(REQUESTED),
        format_million(CEILING),
        "ประธานคณะกรรมการจัดทำงบประมาณรายจ่ายบูรณาการ",
        "ระบบร่วมน้ำใจ",
        "เห็นชอบต่ำกว่าที่ขอ",
        "ยอดยกมา",
        "หน้า ๑/",
        book.sha256,
        "ข้อมูลสังเคราะห์เพื่อการสาธิต",
    ):
        assert said in text, said


def test_english_papers_are_english(made: SmallRound) -> None:
    book = read_book()
    text = paper_text(book, "en")
    assert "MEMORANDUM" in text
    assert "Synthetic data for demonstration" in text
    assert "Shared system" in text
    assert "Too large" in text
    assert "Ranked list" in workbook(book, "en").sheetnames


def test_the_same_data_print_the_same_bytes(made: SmallRound) -> None:
    first, again = read_book(), read_book()
    assert first.sha256 == again.sha256
    for kind in PaperFormat:
        prints = {print_document(ranking_document(b, "th"), kind) for b in (first, again)}
        assert len(prints) == 1


def test_a_call_nobody_filed_in_prints_an_honest_empty_book(world: World) -> None:
    book = read_book()
    assert "ไม่มีรายการ" in paper_text(book)
    assert workbook(book).sheetnames
