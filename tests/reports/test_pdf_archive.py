"""What an archive and a screen reader get: PDF/A-3b, files byte for byte, tags of one piece."""

import hashlib
import io
import pickle
import random
from dataclasses import replace

import pikepdf
import pytest
from pikepdf import pdfa

from reports import (
    Attachment,
    Attendance,
    Beside,
    Clause,
    Clauses,
    Column,
    Contents,
    Document,
    Fields,
    Heading,
    Items,
    Paragraph,
    QrCode,
    Section,
    Table,
    write_pdf,
)
from reports import pdf as making
from reports.thai import cell_text
from tests.reports.conftest import by_stage, ranked, stage_chart
from tests.reports.tagged import Element, read_tags

ODD = bytes(range(256)) * 40


_printed: dict[bytes, bytes] = {}


def printed(document: Document, workers: int = 0) -> bytes:
    """The paper, printed once for all tests that read the same one: the same document prints the same bytes, which
    test_pdf and test_pdf_parts prove."""
    key = hashlib.sha256(pickle.dumps((document, workers, making.PART_LINES))).digest()
    if key not in _printed:
        out = io.BytesIO()
        write_pdf(document, out, workers=workers)
        _printed[key] = out.getvalue()
    return _printed[key]


def opened(document: Document, workers: int = 0) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(printed(document, workers)))


@pytest.fixture
def everything(paper):
    """A paper with every kind of block, two attached files and a table over several pages."""
    details = ranked(70)
    chart = stage_chart(by_stage(details))
    return replace(
        paper(70),
        blocks=(
            *paper(70).blocks,
            Contents(),
            Section("รายงานการประชุม", running="การประชุมครั้งที่ ๑"),
            Attendance(
                "ผู้มาประชุม", (("นายสมชาย น้ำใจ", "อธิบดี", "ประธาน"), ("นางญาดา", "ผู้อำนวยการ", "เลขานุการ"))
            ),
            Clauses(
                (Clause("เรื่องแจ้งให้ทราบ"), Clause("ผลการดำเนินงาน", 2), Clause("รับทราบ", 0, "มติที่ประชุม")),
                word="ระเบียบวาระที่",
            ),
            Items(("ข้อแรก", "ข้อสอง")),
            Beside((chart, chart)),
            QrCode("https://example.go.th/1", "ตรวจสอบ"),
            Fields((("SHA-256", "ab" * 32),), code=("SHA-256",)),
        ),
        attachments=(
            Attachment("เล่มมติ.json", ODD, "application/json", "ข้อมูลที่ใช้จัดทำเล่มนี้", "Source"),
            Attachment("ranking.csv", b"a,b\r\n", "text/csv"),
        ),
    )


@pytest.mark.parametrize("english", [False, True])
def test_every_paper_is_pdf_a_3b(everything, tmp_path, english):
    target = tmp_path / "paper.pdf"
    document = replace(everything, language="en", thai_digits=False) if english else everything
    target.write_bytes(printed(document))
    report = pdfa.validate_written(target, "3b")
    assert report.passed, report.findings


def test_the_receipt_too_is_pdf_a_3b(receipt, tmp_path):
    (tmp_path / "receipt.pdf").write_bytes(printed(receipt))
    report = pdfa.validate_written(tmp_path / "receipt.pdf", "3b")
    assert report.passed, report.findings


def test_the_validator_can_say_no(receipt, tmp_path):
    target = tmp_path / "receipt.pdf"
    target.write_bytes(printed(receipt))
    with pikepdf.open(target, allow_overwriting_input=True) as book:
        del book.Root.OutputIntents
        book.save()
    assert not pdfa.validate_written(target, "3b").passed


def test_a_paper_with_letters_no_font_has_does_not_call_itself_pdf_a(receipt):
    for changes in ({"blocks": (Paragraph("ก\ue000"),)}, {"footer": "\ue000"}):
        with opened(replace(receipt, **changes)).open_metadata() as about:
            assert "pdfaid:part" not in about
            assert about["dc:title"] == receipt.title


def test_what_an_archive_asks_for_is_there(everything):
    book = opened(everything)
    with book.open_metadata() as about:
        assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("3", "B")
        assert about["dc:title"] == everything.title == str(book.docinfo["/Title"])
        assert about["xmp:CreateDate"] == "2022-12-09T09:30:00+00:00"
        assert about["pdf:Producer"] == str(book.docinfo["/Producer"])
    intent = book.Root.OutputIntents[0]
    assert intent.S == "/GTS_PDFA1"
    assert intent.DestOutputProfile.N == 3
    assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp"
    fonts = [
        font
        for item in book.objects
        if isinstance(item, pikepdf.Dictionary) and (font := item.get("/FontDescriptor"))
    ]
    assert fonts
    assert all("/FontFile2" in font for font in fonts)
    assert not any(
        isinstance(item, pikepdf.Dictionary)
        and (item.get("/SMask", "/None") != "/None" or item.get("/ca", 1) != 1)
        for item in book.objects
    )


def test_attached_files_come_back_byte_for_byte(everything):
    book = opened(everything)
    assert {name: file.get_file().read_bytes() for name, file in book.attachments.items()} == {
        "เล่มมติ.json": ODD,
        "ranking.csv": b"a,b\r\n",
    }
    assert [
        (str(f.UF), str(f.AFRelationship), str(f.EF.F.Subtype), int(f.EF.F.Params.Size)) for f in book.Root.AF
    ] == [
        ("เล่มมติ.json", "/Source", "/application/json", len(ODD)),
        ("ranking.csv", "/Data", "/text/csv", 5),
    ]
    assert str(book.Root.AF[0].Desc) == "ข้อมูลที่ใช้จัดทำเล่มนี้"


def test_attached_files_need_a_name_of_their_own(paper):
    file = Attachment("a.csv", b"", "text/csv")
    with pytest.raises(ValueError, match="one name"):
        replace(paper(), attachments=(file, file))
    for name, media_type in (("", "text/csv"), ("../a", "text/csv"), ("a", "csv")):
        with pytest.raises(ValueError, match="no "):
            Attachment(name, b"", media_type)


def grid(table: Element) -> list[list[str]]:
    """The words of a table by row and column, spans written out; fails where cells overlap or leave a hole."""
    cells: dict[tuple[int, int], str] = {}
    rows = list(table.all("TR"))
    width = 0
    for down, row in enumerate(rows):
        across = 0
        for cell in row.kids:
            while (down, across) in cells:
                across += 1
            for below in range(int(cell.attributes.get("RowSpan", 1))):
                for beside in range(int(cell.attributes.get("ColSpan", 1))):
                    assert (down + below, across + beside) not in cells
                    cells[down + below, across + beside] = cell.text
        width = max(width, across + 1)
    width = max(across for _, across in cells) + 1
    assert len(cells) == len(rows) * width
    return [[cells[down, across] for across in range(width)] for down in range(len(rows))]


@pytest.mark.parametrize("lines", [10**6, 240])
def test_a_table_is_one_table_however_many_pages_it_takes(everything, monkeypatch, lines):
    monkeypatch.setattr("reports.pdf.PART_LINES", lines)
    details = everything.table("ranked")
    tables = [table for table in read_tags(opened(everything)).all("Table") if "P2566-0001" in table.text]
    assert len(tables) == 1
    table = tables[0]
    assert [kid.role for kid in table.kids][:2] == ["THead", "TBody"]
    assert len(list(table.all("THead"))) == 1
    heads = list(next(table.all("THead")).all("TH"))
    assert all(head.attributes["Scope"] == "/Column" for head in heads)
    assert [int(head.attributes["ColSpan"]) for head in heads if "ColSpan" in head.attributes] == [2]
    read = grid(table)
    assert read[0][:3] == ["ลำดับ", "รหัส", "ชื่อข้อเสนอโครงการ"] == read[1][:3]
    assert read[0][5:7] == ["งบประมาณ"] * 2
    assert read[1][5:7] == ["เสนอขอ(ล้านบาท)", "เห็นควรจัดสรร(บาท)"]
    for row, found in zip(details.values(), read[2:], strict=False):
        wanted = [
            cell_text(value, column.kind, "th") for value, column in zip(row, details.columns, strict=True)
        ]
        # A line that breaks takes its blank along.
        assert [words.replace(" ", "") for words in found] == [words.replace(" ", "") for words in wanted]
    # Two rows of heads, seventy of the list, what rounding took or added, the total.
    assert len(read) == 2 + 70 + 2
    assert "ปัดเศษ" in "".join(read[-2])
    assert "รวมทั้งสิ้น" in "".join(read[-1])


def test_pictures_lists_and_headings_are_told(everything):
    tree = read_tags(opened(everything))
    pictures = list(tree.all("Figure"))
    # The chart, two side by side, the code.
    assert len(pictures) == 4
    assert all("ต้นน้ำ" in picture.alt for picture in pictures[:3])
    assert pictures[3].alt == "ตรวจสอบ"
    for picture in pictures:
        left, bottom, right, top = (float(edge) for edge in picture.attributes["BBox"])
        assert 0 < left < right < 842
        assert 0 < bottom < top < 842
    lists = list(tree.all("L"))
    assert [[kid.role for kid in item.kids] for item in lists[0].kids] == [["Lbl", "LBody"]] * 2
    assert [item.text.replace(" ", "") for item in lists[0].kids] == ["1.ข้อแรก", "2.ข้อสอง"]
    entries = [item.text for item in tree.all("TOCI")]
    assert any(entry.startswith("รายงานการประชุม") for entry in entries)
    assert all([kid.role for kid in item.kids] == ["Link", "Link"] for item in tree.all("TOCI"))
    headings = [heading.text for role in ("H2", "H3") for heading in tree.all(role)]
    assert {"รายงานการประชุม", "ระเบียบวาระที่ 1 เรื่องแจ้งให้ทราบ", "บัญชีแนบท้าย"} <= set(headings)
    people = next(table for table in tree.all("Table") if "อธิบดี" in table.text)
    assert [cell.attributes.get("Scope") for cell in next(people.all("TR")).kids] == [
        None,
        "/Row",
        None,
        None,
    ]


def test_tags_join_over_parts_made_side_by_side(paper, monkeypatch):
    monkeypatch.setattr("reports.pdf.PART_LINES", 60)
    chance = random.Random(4)
    columns = (Column("a", "ก", "int", 8), Column("b", "ข", "long_text", 60))
    blocks: list[object] = []
    for number in range(5):
        words = tuple((k, "น้ำซ้ำซาก " * chance.randint(1, 12)) for k in range(chance.randint(20, 50)))
        blocks += [
            Heading(f"ข้อ {number}"),
            Paragraph("กำกับ " * 200),
            Table(f"t{number}", f"ตาราง {number}", columns, words),
        ]
    document = replace(paper(), blocks=tuple(blocks))
    tree = read_tags(opened(document, workers=2))
    tables = list(tree.all("Table"))
    assert [len(list(table.all("TR"))) - 1 for table in tables] == [
        len(table.rows) for table in document.tables
    ]
    for table, read in zip(document.tables, tables, strict=True):
        for row, found in zip(table.rows, grid(read)[1:], strict=True):
            assert [str(row[0]), row[1].replace(" ", "")] == [found[0], found[1].replace(" ", "")]
