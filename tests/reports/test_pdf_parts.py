"""Papers made in parts, by this process or by children side by side: the same pages, the same bytes, nothing half."""

import io
import os
import pickle
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from reports import (
    Attachment,
    Clause,
    Clauses,
    Column,
    Contents,
    Document,
    Fields,
    Heading,
    Items,
    KeyFigures,
    PageBreak,
    Paragraph,
    Section,
    Signature,
    Table,
    pdf_crew,
    write_pdf,
)
from reports.pdf import PaperFailed
from reports.thai import thai_digits
from tests.reports.conftest import ranked

TEXT = "โครงการนี้พัฒนาระบบกลางเพื่อเชื่อมโยงฐานข้อมูลน้ำและการเตือนภัยในพื้นที่ซ้ำซาก โดยกำกับให้ทุกหน่วยงานใช้มาตรฐานเดียวกัน "


def printed(document: Document, workers: int = 0) -> bytes:
    out = io.BytesIO()
    write_pdf(document, out, workers=workers)
    return out.getvalue()


def texts(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def mixed(seed: int, count: int) -> tuple:
    """Blocks of every build, one after the other without a page of their own."""
    chance = random.Random(seed)
    columns = (
        Column("a", "ก", "int", 8),
        Column("b", "ข", "long_text", 40),
        Column("c", "ค", "money", 15, "sum"),
    )

    def one(number: int) -> object:
        rows = tuple((k, TEXT[: chance.randint(5, 90)], k * 100) for k in range(chance.randint(1, 40)))
        clauses = (
            Clause(TEXT * chance.randint(1, 2), chance.randint(0, 3)) for _ in range(chance.randint(1, 15))
        )
        style = chance.choice(["", "note", "indent"])
        makers = (
            lambda: Heading(f"หัวข้อ {number}", chance.randint(1, 3)),
            lambda: Paragraph(f"[{number}] {TEXT * chance.randint(1, 6)}", style),
            lambda: Table(f"t{number}", "ตาราง", columns, rows, note="หมายเหตุ"),
            lambda: Clauses(tuple(clauses)),
            lambda: Fields((("ก", "ข"), ("ค", TEXT)), "ชื่อ"),
            lambda: Items((TEXT, TEXT)),
            lambda: KeyFigures((("ก", "1", "บาท"),)),
            lambda: Signature("นาย ก", "ข"),
        )
        return chance.choice(makers)()

    return tuple(one(number) for number in range(count))


@pytest.fixture
def book(paper):
    """Contents, two sections, a long table carried forward and prose: enough for several parts."""
    return replace(
        paper(),
        blocks=(
            Contents(),
            Section("บัญชีเรียงลำดับ", running="บัญชีแนบท้าย ๑"),
            ranked(90),
            Section("ข้อพิจารณา"),
            *mixed(5, 8),
        ),
        attachments=(Attachment("book.json", b"{}", "application/json"),),
    )


def test_pages_do_not_depend_on_how_a_paper_is_cut(paper, monkeypatch):
    document = replace(paper(), blocks=mixed(1, 50))
    monkeypatch.setattr("reports.pdf.PART_LINES", 10**6)
    whole = texts(printed(document))
    monkeypatch.setattr("reports.pdf.PART_LINES", 90)
    assert texts(printed(document)) == whole
    assert len(whole) > 8


def test_whoever_makes_the_parts_the_bytes_are_the_same(book, monkeypatch):
    monkeypatch.setattr("reports.pdf.PART_LINES", 300)
    calls: list[tuple[int, int]] = []
    out = io.BytesIO()
    said = write_pdf(book, out, lambda done, whole: calls.append((done, whole)), workers=2)
    assert out.getvalue() == printed(book)
    assert said.pages == len(texts(out.getvalue()))
    # Two makers and a binder; none of them took more than a gigabyte.
    assert len(said.used) == 3
    assert all(0 < used.peak < 2**20 and used.seconds > 0 for used in said.used)
    steps = 90 + 2 + sum(len(b.rows) for b in book.blocks[4:] if isinstance(b, Table))
    assert calls[-1] == (steps, steps)
    assert sorted({done for done, _ in calls}) == [done for done, _ in calls]


def test_another_process_prints_the_same_bytes(paper, tmp_path):
    document = paper(5)
    script = "import pickle,sys; from reports import write_pdf; write_pdf(pickle.load(open(sys.argv[1], 'rb')), sys.argv[2])"
    source, target = tmp_path / "document", tmp_path / "book.pdf"
    source.write_bytes(pickle.dumps(document))
    ours = printed(document)
    for seed in ("1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        root = Path(pdf_crew.__file__).parents[1]
        subprocess.run([sys.executable, "-c", script, source, target], cwd=root, env=environ, check=True)
        assert target.read_bytes() == ours


def test_a_child_that_dies_is_told_of_and_leaves_nothing(book, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    target = tmp_path / "book.pdf"
    started = pdf_crew._Child.ask

    def struck(child, name, *values):
        child.process.kill()
        started(child, name, *values)

    monkeypatch.setattr(pdf_crew._Child, "ask", struck)
    with pytest.raises(PaperFailed, match="ended"):
        write_pdf(book, target, workers=2)
    assert list(tmp_path.iterdir()) == []


def test_a_child_that_fails_says_why(paper, tmp_path):
    table = Table("t", "t", (Column("a", "ก", "money"),), (("no amount",),))
    with pytest.raises(PaperFailed, match=r"TypeError|ValueError"):
        write_pdf(replace(paper(), blocks=(table,)), tmp_path / "book.pdf", workers=1)
    assert list(tmp_path.iterdir()) == []


def test_a_silent_child_is_not_waited_for(book, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf_crew, "LONGEST", 0.05)
    with pytest.raises(PaperFailed, match="no part within"):
        write_pdf(book, tmp_path / "book.pdf", workers=1)


def test_whoever_asks_for_a_paper_can_stop_it(book, tmp_path):
    class Stopped(Exception):
        pass

    def stop(done: int, whole: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        write_pdf(book, tmp_path / "book.pdf", stop, workers=2)
    assert list(tmp_path.iterdir()) == []


def test_contents_name_the_pages_where_headings_stand(paper):
    sections = tuple(
        block
        for number in range(1, 46)
        for block in (
            Section(f"ข้อเสนอ {number}", 1 if number % 9 == 1 else 2),
            Heading("รายละเอียด", 3),
            Paragraph(TEXT),
        )
    )
    data = printed(replace(paper(), blocks=(Paragraph(TEXT), Contents(), *sections)))
    read = texts(data)
    contents = [page for page in read if "ข้อเสนอ" in page and "รายละเอียด" not in page]
    assert len(contents) == 2
    for number in range(1, 46):
        page = next(
            n for n, text in enumerate(read, 1) if f"ข้อเสนอ {number}\r" in text and "รายละเอียด" in text
        )
        # One page of prose, two of contents.
        assert page == number + 3
        assert any(f"ข้อเสนอ {number} {thai_digits(str(page))}\r" in f"{text}\r" for text in contents), number
    assert not any("รายละเอียด" in text for text in contents)
    book = pikepdf.open(io.BytesIO(data))
    links = [link for page in book.pages for link in page.get("/Annots", [])]
    assert len(links) == 2 * 45
    for at, link in enumerate(links):
        assert book.pages[at // 2 + 3].objgen == link.Dest[0].objgen
        assert link.F == 4
    with book.open_outline() as outline:
        assert [item.title for item in outline.root] == ["สารบัญ", *(f"ข้อเสนอ {n}" for n in range(1, 46, 9))]
        assert [item.title for item in outline.root[1].children[1:]] == [f"ข้อเสนอ {n}" for n in range(2, 10)]
        assert outline.root[2].children[1].children[0].title == "รายละเอียด"


def test_contents_behind_the_body_name_its_pages_too(paper):
    read = texts(
        printed(replace(paper(), blocks=(Section("ต้นเรื่อง"), Section("ปลายเรื่อง"), Contents(title="รายการ"))))
    )
    assert "ปลายเรื่อง ๒" in read[2]
    assert "รายการ" in read[2]


def test_sections_stand_at_the_head_of_their_pages(book):
    read = texts(printed(book))
    assert [text.count("บัญชีแนบท้าย ๑") for text in read[:2]] == [0, 1]
    table = [text for text in read if "P2566-" in text]
    assert len(table) > 3
    assert all(text.count("บัญชีแนบท้าย ๑") == 1 for text in table)
    assert all("บัญชีแนบท้าย ๑" not in text for text in read[len(table) + 1 :])


def test_breaks_make_no_empty_pages(paper):
    blocks = (PageBreak(), PageBreak(), Paragraph("หนึ่ง"), PageBreak(), Section("สอง"), PageBreak())
    assert len(texts(printed(replace(paper(), blocks=blocks)))) == 2
