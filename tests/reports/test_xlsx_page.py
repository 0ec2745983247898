"""How sheets are printed: what is legible on one page, what is spread over several, and that no word is cut."""

import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from reports import Column, Document, Table, write_workbook
from reports.document import Chart, Series
from reports.xlsx_cells import lines_of, text_pixels
from reports.xlsx_page import SMALLEST, pixels, spread_columns

ACROSS = 1055  # pixels between the margins of A4 on its side, at full size
LONG_NAME = "โครงการพัฒนาระบบแลกเปลี่ยนข้อมูลเงินอุดหนุนเพื่อการเลี้ยงดูเด็กแรกเกิดแบบอัตโนมัติ"


def written(document: Document) -> bytes:
    out = io.BytesIO()
    write_workbook(document, out)
    return out.getvalue()


def columns(*widths: float, group: str = "") -> list[Column]:
    return [Column(f"{group}{n}", "หัว", "money", width, group=group) for n, width in enumerate(widths)]


@pytest.mark.parametrize(
    ("found", "pages"),
    [
        (columns(20, 20), 1),
        (columns(*[17] * 15), 1),
        (columns(*[17] * 16), 2),
        ([*columns(*[17] * 15), Column("h", "h", width=300, hidden=True)], 1),
        (columns(*[17] * 40), 3),
    ],
    ids=["narrow", "just", "over", "hidden ones take no room", "three"],
)
def test_no_page_is_printed_smaller_than_can_be_read(found: list[Column], pages: int) -> None:
    spread = spread_columns(found, 0)
    assert spread.pages == pages
    assert spread.scale >= SMALLEST
    shown = [0 if column.hidden else pixels(column.width) for column in found]
    ends = [*spread.breaks, len(found)]
    for first, last in zip([0, *spread.breaks], ends, strict=True):
        assert sum(shown[first:last]) * spread.scale <= ACROSS + 1


def test_pages_begin_where_a_group_does_and_repeat_what_names_a_row() -> None:
    found = [Column("name", "ชื่อ", "long_text", 40), *columns(*[18] * 7)]
    found += columns(*[18] * 6, group="ไตรมาส") + columns(*[18] * 6, group="งบ")
    spread = spread_columns(found, 1)
    assert spread.pages == 2
    assert spread.breaks == (8,) or spread.breaks == (14,)
    again, pages = pixels(40), [range(1, spread.breaks[0]), range(spread.breaks[0], len(found))]
    assert all(again + sum(pixels(found[at].width) for at in page) <= ACROSS / SMALLEST for page in pages)


def test_a_wide_sheet_goes_over_pages_with_its_names_and_says_which_sheet_it_is(paper) -> None:
    names = (Column("number", "เลขที่", "text", 12), Column("title", "โครงการ", "long_text", 40))
    wide = Table("wide", "กว้าง", (*names, *columns(*[18] * 24)), (("1", LONG_NAME, *[100] * 24),))
    narrow = Table("narrow", "แคบ", names, (("1", "สั้น"),))
    book = openpyxl.load_workbook(io.BytesIO(written(replace(paper(), blocks=(wide, narrow)))))
    sheet = book["กว้าง"]
    assert (
        not sheet.sheet_properties.pageSetUpPr.fitToPage
    )  # not fitted: breaks between columns would be passed over
    assert 0.9 * SMALLEST * 100 <= sheet.page_setup.scale <= 100
    assert sheet.print_title_cols == "$A:$B"
    assert sheet.print_title_rows == "$4:$4"
    assert [found.id for found in sheet.col_breaks.brk]
    assert sheet.page_setup.pageOrder == "overThenDown"
    fitted = book["แคบ"]
    assert (fitted.page_setup.fitToWidth or 1, fitted.page_setup.fitToHeight) == (1, 0)
    for one in (sheet, fitted):
        assert "&A" in one.oddFooter.left.text
        assert (one.page_setup.paperSize, one.page_setup.orientation) == (9, "landscape")
    # head and foot shrink with the page, so they are set in larger type where it does
    assert sheet.oddHeader.left.size > fitted.oddHeader.left.size == 9


def test_rows_are_as_tall_as_their_words_are_long_in_the_typeface(paper) -> None:
    assert text_pixels("น้ำ") == text_pixels("นำ")
    assert text_pixels("กม") > text_pixels("กง")  # letters differ, so counting them is not enough
    assert lines_of(LONG_NAME, 36) == 3
    assert lines_of(LONG_NAME, 90) == 1
    assert text_pixels("9,999,999,999.99", 700) <= pixels(17) - 4
    table = Table("t", "ตาราง", (Column("a", "ก", "long_text", 36),), ((LONG_NAME,),))
    sheet = openpyxl.load_workbook(io.BytesIO(written(replace(paper(), blocks=(table,)))))["ตาราง"]
    assert sheet.row_dimensions[5].height >= 3 * 15  # Sarabun's own line is 15 points


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [  # names a program breaks over a line more than their length alone would need
        ("โครงการบริการ ณ จุดเดียว: การทดสอบและรับรองมาตรฐานฝีมือแรงงาน", 34, 3),
        ("โครงการจัดทำมาตรฐานกลาง: การเทียบเวลามาตรฐานประเทศไทยของระบบดิจิทัลภาครัฐ", 30, 4),
        ("โครงการพัฒนาระบบแลกเปลี่ยนข้อมูลเอกสารสิทธิในที่ดินและแปลงที่ดินแบบอัตโนมัติ", 40, 3),
        ("โครงการบริการ ณ จุดเดียว: การรับเรื่องร้องทุกข์ผู้บริโภค", 48, 2),
        ("กรมควบคุมมลพิษ (กระทรวงทรัพยากรธรรมชาติและสิ่งแวดล้อม) และหน่วยงานร่วมทุกแห่ง", 30, 4),
        ("one two three four five six", 90, 1),
        ("ก\nข\n\nค", 20, 4),
    ],
)
def test_lines_break_between_words(text: str, width: float, lines: int) -> None:
    assert lines_of(text, width) == lines


def _charts_sheet(paper, chart: Chart) -> tuple[str, str, openpyxl.worksheet.worksheet.Worksheet]:
    data = written(replace(paper(), blocks=(chart,)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
        book = archive.read("xl/workbook.xml").decode()
    return drawn, book, openpyxl.load_workbook(io.BytesIO(data))["แผนภูมิ"]


def test_lying_bars_read_downwards_with_their_numbers_at_the_foot(paper) -> None:
    names = ("ส่วนราชการไม่สังกัดสำนักนายกรัฐมนตรี กระทรวง หรือทบวง และหน่วยงานในกำกับ", "กระทรวงการคลัง")
    series = Series("คณะกรรมการเห็นชอบงบประมาณรายจ่ายบูรณาการ", (1, 2), "navy")
    drawn, _, sheet = _charts_sheet(
        paper, Chart("แผนภูมิ", "ถาม", "bar", names, (series,), horizontal=True, value_kind="int")
    )
    values = drawn[drawn.index("<c:valAx>") :]
    assert '<c:crosses val="max"/>' in values
    assert '<c:orientation val="maxMin"/>' in drawn
    assert "<c:layout><c:manualLayout>" in drawn  # room for the long names
    rows = {cell.value: cell.row for cell in sheet["A"] if cell.value}
    assert sheet.row_dimensions[rows["รายการ"]].height >= 2 * 15
    assert sheet.row_dimensions[rows[names[0]]].height >= 2 * 15


def test_many_numbers_stand_beside_their_chart_off_the_printed_page(paper) -> None:
    many = tuple(str(n) for n in range(1, 96))
    percents = Series("โอกาส", tuple(range(9_500, 0, -100)), "navy")
    drawn, book, sheet = _charts_sheet(
        paper, Chart("แผนภูมิ", "ถาม", "line", many, (percents,), value_kind="percent")
    )
    printed = re.search(r"\$A\$1:\$([A-Z]+)\$(\d+)", book[book.index("Print_Area") :])
    assert printed is not None
    heads = [cell for cell in sheet[6] if cell.value == "รายการ"]
    assert [sheet.cell(7, heads[0].column + 1).value] == [95]
    last = openpyxl.utils.column_index_from_string(printed[1])
    assert last < heads[0].column
    assert int(printed[2]) < 30
    assert '<c:max val="100"/>' in drawn
    assert any(f"คอลัมน์ {heads[0].column_letter}" in str(cell.value) for cell in sheet["A"])


def test_every_chart_is_as_short_as_its_page_with_its_numbers(paper) -> None:
    names = tuple(f"กระทรวงที่ {n}" for n in range(20))
    chart = Chart("แผนภูมิ", "ถาม", "bar", names, (Series("วงเงิน", tuple(range(20))),), value_kind="int")
    _, _, sheet = _charts_sheet(paper, chart)
    shown = openpyxl.utils.cell.range_boundaries(sheet.print_area.split("!")[1].replace("$", ""))[2]
    wide = sum(pixels(48 if at == 0 else 20) for at in range(shown))
    tall = sum(sheet.row_dimensions[row].height or 20 for row in range(1, sheet.max_row + 1))
    assert tall <= 491 * wide / ACROSS  # points of a page as wide as its columns
