import io
import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from reports import (
    Attendance,
    Beside,
    Clause,
    Clauses,
    Column,
    Contents,
    Document,
    Heading,
    Items,
    PageBreak,
    Paragraph,
    Section,
    Table,
    write_pdf,
)
from reports.press import OutsideFetchRefused, OwnAssets, paint
from reports.rounding import as_printed, rounding_difference
from reports.thai import scaled
from tests.reports.conftest import by_stage, ranked, stage_chart

TRICKY = [
    "น้ำ", "กำกับ", "จำนวน", "ทั้งหมด", "ปี่", "ป่า", "ฝั่ง", "ฟ้า",
    "ญี่ปุ่น", "ฐานข้อมูล", "กตัญญู", "เชื่อมโยง", "ผู้", "ที่", "ค่ำ", "ซ้ำซ้อน",
    "ปั๊ม", "ป้ำ", "ปฏิบัติ", "กุฏิ", "ฎีกา", "ญาติ", "ฤๅษี", "ก๋ำ",
    "เก่ง", "ใหญ่", "ไม่", "แก้ไข", "สิทธิ์", "ศูนย์", "พันธุ์", "ฬ่ำ",
]  # fmt: skip


def printed(document: Document) -> bytes:
    out = io.BytesIO()
    write_pdf(document, out)
    return out.getvalue()


def poppler(data: bytes, *options: str) -> str:
    """The text of a PDF as poppler reads it."""
    command = ["pdftotext", *options, "-", "-"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def pdfium(data: bytes) -> list[str]:
    """The text of each page of a PDF as PDFium, the engine of Chromium, reads it."""
    book = pypdfium2.PdfDocument(data)
    texts = []
    for page in book:
        text_page = page.get_textpage()
        texts.append(text_page.get_text_range())
        text_page.close()
    book.close()
    return texts


def test_same_document_gives_same_bytes(paper):
    assert printed(paper()) == printed(paper())


@pytest.mark.parametrize("digits", [False, True])
def test_every_thai_word_extracts_as_written(paper, digits):
    columns = (Column("a", "ตัวธรรมดา", "text", 40), Column("b", "ตัวหนา", "text", 40))
    rows = tuple((word, word) for word in TRICKY)
    strong = ("strong",) * len(rows)
    document = replace(
        paper(),
        thai_digits=digits,
        title="กำกับ ซ้ำซ้อน ญี่ปุ่น",
        label="น้ำ ฝั่ง",
        footer="ทั้งหมด ที่ ฐานข้อมูล",
        blocks=(
            *(Heading(f"ข้อ {word}", 2) for word in TRICKY),
            *(Paragraph(f"คำ {word} นี้") for word in TRICKY),
            Table("plain", "", columns, rows),
            Table("bold", "", columns, rows, row_styles=strong),
        ),
    )
    data = printed(document)
    pages = len(pikepdf.open(io.BytesIO(data)).pages)
    for read in (poppler(data), " ".join(pdfium(data))):
        words = read.split()
        for word in TRICKY:
            # Heading, paragraph, and two columns each in regular and in bold.
            assert words.count(word) >= 6, word
        margin = {"น้ำ": 1, "ฝั่ง": 1, "ทั้งหมด": 1, "ที่": 1, "ฐานข้อมูล": 1}
        for word, times in margin.items():
            assert words.count(word) >= 6 + times * pages, word


def test_running_thai_text_extracts_as_written(paper):
    text = "".join(TRICKY)
    data = printed(replace(paper(), blocks=(Paragraph(text), Heading(text, 1))))
    for read in (poppler(data, "-raw"), "".join(pdfium(data))):
        # Lines break between words; nothing else may come between the letters.
        assert re.sub(r"[\r\n\ufffe]+", "", read).count(text) == 2


def syllables(chance: random.Random) -> Iterator[str]:
    """Thai syllables of every build without end, most of them meaning nothing."""
    consonants = "กขคงจชซญฎฐฒณดตถทนบปผฝพฟภมยรลวศษสหฬอฮ"
    builds = ("{}{}ั{}{}", "{}{}ิ{}{}", "{}{}ี{}", "{}{}ื{}{}", "{}{}ุ{}{}", "{}{}ู{}", "เ{}{}ิ{}{}",
              "เ{}{}ี{}ย", "เ{}{}ื{}อ", "{}{}{}ำ", "{}{}{}า{}", "โ{}{}{}{}", "แ{}{}{}", "{}{}็{}", "{}{}์",
              "{}{}ิ", "{}{}ุ")  # fmt: skip
    while True:
        second = chance.choice("รลว") if chance.random() < 0.2 else ""
        tone, last = chance.choice("่้๊๋"), chance.choice(["", "น", "ง", "ม", "ด", "ร"])
        build = chance.choice(builds)
        tone = "" if "็" in build or chance.random() < 0.4 else tone
        yield build.format(chance.choice(consonants), second, tone, last)


@pytest.mark.parametrize("seed", range(3))
def test_random_thai_words_extract_line_by_line(paper, monkeypatch, seed):
    painted = []

    def overseen(rendering, tagged):
        painted.append(rendering)
        return paint(rendering, tagged)

    monkeypatch.setattr("reports.pdf_parts.paint", overseen)
    chance = random.Random(seed)
    endless = syllables(chance)

    def words(most: int) -> str:
        count = chance.randint(1, most)
        return " ".join("".join(next(endless) for _ in range(chance.randint(1, 4))) for _ in range(count))

    columns = tuple(Column(f"of {width}", words(1), "long_text", width) for width in (10, 30, 12, 20))
    rows = tuple(tuple(words(6) for _ in columns) for _ in range(80))
    blocks = [Paragraph(words(40), chance.choice(("", "note", "indent"))) for _ in range(30)]
    # Sparse pages, most of which begin with a line of one cluster.
    for level in (1, 2, 3) * 3:
        blocks += [PageBreak(), Heading(next(endless), level), Paragraph(next(endless)), Paragraph(words(9))]
    blocks.append(Table("words", words(3), columns, rows, row_styles=("", "strong") * 40))
    people = tuple((words(2), words(2), words(2)) for _ in range(12))
    clauses = tuple(Clause(words(30), chance.randint(0, 3), chance.choice(("", words(1)))) for _ in range(20))
    sections = [Section(words(4), level, words(3)) for level in (1, 2, 3)]
    blocks += [
        sections[0],
        Attendance(words(1), people),
        Clauses(clauses),
        Clauses(clauses[:6], next(endless)),
    ]
    blocks += [sections[1], Items(tuple(words(30) for _ in range(9))), Items((words(3),), False)]
    chart = stage_chart(by_stage(ranked(6)))
    named = replace(chart, title=words(3), question=words(3))
    blocks += [Beside((named, named)), sections[2], Paragraph(next(endless)), Contents(words(1), 3)]
    monkeypatch.setattr("reports.pdf.PART_LINES", 10**6)
    data = printed(replace(paper(), title=words(5), footer=words(5), label=words(2), blocks=tuple(blocks)))
    body, contents, frames = painted
    laid = [*body.pages, *contents.pages]
    by_poppler = [poppler(data, *options).split("\f")[:-1] for options in ((), ("-raw",))]
    for read in (*by_poppler, pdfium(data)):
        for text, *pages in zip(read, laid, frames.pages, strict=True):
            # Every line as it was laid out; a word broken at the end of one is two words here.
            boxes = (box for page in pages for box in page._page_box.descendants(placeholders=True))
            lines = [
                box.text.split() for box in boxes if type(box).__name__ == "TextBox" and box.text.strip()
            ]
            found = text.split()
            assert Counter(found) == Counter(word for line in lines for word in line)
            for line in lines:
                assert f" {' '.join(line)} " in f" {' '.join(found)} "


def test_repair_leaves_the_look_of_the_page_alone(paper, monkeypatch):
    document = replace(paper(), blocks=tuple(Heading(word, 1) for word in TRICKY))
    repaired = printed(document)
    monkeypatch.setattr("reports.press.repair_text_layer", lambda rendering, pdf: None)
    plain = printed(document)

    def pictures(data: bytes) -> list[Image.Image]:
        return [page.render(scale=2).to_pil().convert("L") for page in pypdfium2.PdfDocument(data)]

    assert repaired != plain
    for ours, theirs in zip(pictures(repaired), pictures(plain), strict=True):
        # A glyph may fall between two pixels a little differently; none may come or go.
        difference = ImageChops.difference(ours, theirs).histogram()
        assert sum(difference[96:]) == 0
        assert sum(difference[9:]) < 0.001 * ours.width * ours.height


def test_page_numbers_run_through_in_thai_digits(paper):
    data = printed(paper(60, thai_digits=True))
    pages = pdfium(data)
    assert "หน้า ๑/" in pdfium(printed(paper(3)))[0]
    count = str(len(pages)).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert len(pages) >= 4
    for number, text in enumerate(pages, 1):
        thai = str(number).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
        assert f"หน้า {thai}/{count}" in text
        assert "ข้อมูลสังเคราะห์ / SYNTHETIC" in text
    assert "P2566-0012" in pages[0]
    assert "๕,๕๒๓.๙๑๑๐" in pages[0]


def test_totals_are_carried_from_page_to_page(paper, monkeypatch):
    # Small parts, so that the table is cut several times.
    monkeypatch.setattr("reports.pdf.PART_LINES", 320)
    document = paper(150)
    rows = document.table("ranked").values()
    seen: list[list[int]] = []
    data = printed(document)
    pages = [text for text in pdfium(data) if "P2566-" in text and "ลำดับ" in text and "ยอดยก" in text]
    for text in pages:
        codes = [int(code) for code in re.findall(r"P2566-(\d{4})", text)]
        seen.append(codes)
        for key, upto in (("ยอดยกมา", codes[0] - 1), ("ยอดยกไป", codes[-1])):
            asked = scaled(sum(as_printed(row[5]) for row in rows[:upto]), 4, 4)
            granted = scaled(sum(row[6] for row in rows[:upto]), 2)
            if key == "ยอดยกไป" and upto == len(rows):
                assert key not in text
            elif upto:
                assert re.search(rf"{key}\s+{re.escape(asked)}\s+{re.escape(granted)}", text)
    # No row is lost, repeated or out of order where parts meet.
    assert [code for codes in seen for code in codes] == list(range(1, 151))
    for before, after in pairwise(seen):
        # Every page but the last is full.
        assert abs(len(before) - len(after)) < 6 or after is seen[-1] or before is seen[0]
    assert scaled(sum(row[6] for row in rows), 2) in pages[-1]
    # What is brought to the last page, its figures and the rounding difference make up the exact total.
    off = rounding_difference(row[5] for row in rows)
    assert off
    assert re.search(rf"ปัดเศษ\s+{re.escape(scaled(off, 4, 4))}\s", pages[-1])
    assert sum(as_printed(row[5]) for row in rows) + off == as_printed(sum(row[5] for row in rows))
    assert re.search(rf"รวมทั้งสิ้น\s+{re.escape(scaled(sum(row[5] for row in rows), 4, 4))}\s", pages[-1])
    assert "ยอดที่ยกข้ามหน้าเป็นผลรวมของตัวเลขตามที่พิมพ์" in pages[-1]
    last = str(len(pdfium(data))).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert f"หน้า {last}/{last}" in pdfium(data)[-1]


def test_papers_are_tagged_and_have_bookmarks_and_particulars(paper):
    book = pikepdf.open(io.BytesIO(printed(paper())))
    assert book.Root.MarkInfo.Marked
    assert str(book.Root.Lang) == "th"
    assert str(book.docinfo["/Title"]) == paper().title
    assert str(book.docinfo["/CreationDate"]) == "D:20221209093000+00'00'"
    assert "ab" * 32 in str(book.docinfo["/Keywords"])
    with book.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert "บัญชีแนบท้าย" in titles


def test_wide_tables_lie_across_and_take_their_heading_along(paper):
    book = pypdfium2.PdfDocument(printed(paper()))
    shapes = [page.get_width() > page.get_height() for page in book]
    assert shapes[0] is False
    assert shapes[-1] is True
    assert "บัญชีแนบท้าย" in book[shapes.index(True)].get_textpage().get_text_bounded()


def test_receipt_is_one_page_with_its_hash(receipt):
    pages = pdfium(printed(receipt))
    assert len(pages) == 1
    assert "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" in pages[0]
    assert "หนึ่งพันหนึ่งร้อยสามสิบหกล้านสามแสนหกหมื่นหนึ่งพันเก้าร้อยบาทถ้วน" in pages[0]
    assert "1,136,361,900.00 บาท" in pages[0]


def test_markup_in_texts_is_only_text(paper):
    evil = '<script>x</script><img src="http://example.org/a.png"><b>&amp;'
    table = Table("t", evil, (Column("a", evil, group=evil),), ((evil,),), note=evil)
    text = poppler(printed(replace(paper(), blocks=(Paragraph(evil), table), title=evil)), "-raw")
    assert text.replace("\n", "").count("<script>x</script>") >= 5


def test_what_no_paper_shows_is_left_out(paper):
    data = printed(replace(paper(), blocks=(Paragraph("ก\x00ข\x0bค\ufffe\ud800"),), title="ช\x1fซ\ud800"))
    assert "กขค" in poppler(data)
    with pikepdf.open(io.BytesIO(data)).open_metadata() as about:
        assert about["dc:title"] == "ชซ"


@pytest.mark.parametrize(
    "url", ["http://example.org/", "file:///etc/passwd", "data:text/css,a", "asset:../x"]
)
def test_only_own_assets_are_fetched(url):
    with pytest.raises(OutsideFetchRefused):
        OwnAssets({}).fetch(url)


def test_empty_papers_print(paper):
    empty = Table("t", "ว่าง", (Column("a", "ก", "money", total="sum"),), (), carry_forward=("a",))
    assert "ไม่มีรายการ" in poppler(printed(replace(paper(), blocks=(empty,))))
    assert "Page 1/1" in poppler(printed(replace(paper(), blocks=(), language="en")))


def test_progress_reaches_the_end(paper, monkeypatch):
    monkeypatch.setattr("reports.pdf.PART_LINES", 240)
    calls: list[tuple[int, int]] = []
    write_pdf(paper(60), io.BytesIO(), lambda done, whole: calls.append((done, whole)))
    assert [whole for _, whole in calls] == [63] * len(calls)
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    assert calls[-1][0] == 63
