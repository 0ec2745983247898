import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest

from reports import Column, Document, Table, write_workbook, xlsx
from reports.xlsx_cells import lines_of, text_pixels
from reports.xlsx_ink import plain_sheet_name


def written(document: Document) -> bytes:
    out = io.BytesIO()
    write_workbook(document, out)
    return out.getvalue()


def opened(document: Document, values: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(written(document)), data_only=values)


def test_same_document_gives_same_bytes(paper):
    assert written(paper()) == written(paper())


def test_every_sheet_is_set_up_for_print_and_labelled(paper):
    book = opened(paper())
    assert book.sheetnames == [
        "หน้าปก", "สรุปตามช่วงน้ำ", "บัญชีเรียงลำดับ", "แผนภูมิ", "พจนานุกรมข้อมูล",
    ]  # fmt: skip
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert "SYNTHETIC" in sheet.oddHeader.right.text
        assert "หน้า &P/&N" in sheet.oddFooter.right.text
        assert "9 ธ.ค. 2565 16:30 น." in sheet.oddFooter.center.text
        assert any(cell.value == paper().label for row in sheet.iter_rows(max_row=3) for cell in row)
    ranked = book["บัญชีเรียงลำดับ"]
    assert ranked.page_setup.orientation == "landscape"
    assert ranked.auto_filter.ref == "A5:H25"
    assert ranked.freeze_panes == "D6" or ranked.freeze_panes == "A6"
    assert ranked.print_title_rows == "$4:$5"


def test_a_sheet_written_row_by_row_is_the_same_sheet(paper, monkeypatch):
    whole = opened(paper())
    monkeypatch.setattr(xlsx, "LONG", 1)
    by_row = opened(paper())
    assert by_row.sheetnames == whole.sheetnames
    for one, other in zip(whole, by_row, strict=True):
        assert [[c.value for c in row] for row in one] == [[c.value for c in row] for row in other]
        assert [[c.number_format for c in row] for row in one] == [
            [c.number_format for c in row] for row in other
        ]
        assert {n: d.height for n, d in one.row_dimensions.items() if d.height} == {
            n: d.height for n, d in other.row_dimensions.items() if d.height
        }
        assert str(one.merged_cells) == str(other.merged_cells)
        assert one.auto_filter.ref == other.auto_filter.ref


def test_amounts_are_exact_numbers_with_formats(paper):
    document = paper()
    sheet = opened(document)["บัญชีเรียงลำดับ"]
    for row, values in enumerate(document.table("ranked").values(), 6):
        assert round(sheet.cell(row, 7).value * 100) == values[6]
        assert round(sheet.cell(row, 6).value * 10**8) == values[5]
        assert sheet.cell(row, 5).value == 87.25
    assert sheet["F6"].number_format == "#,##0.0000"
    assert sheet["G6"].number_format == "#,##0.00"
    assert sheet["H6"].number_format == "[$-107041E]d mmm yyyy"
    assert sheet["H6"].value == datetime(2022, 12, 9, 16, 30)  # noqa: DTZ001


def test_in_english_the_heading_tells_the_era_of_its_dates(paper):
    table = Table("t", "Dates", (Column("at", "Filed", "date", 12),), ((paper().made_at,),))
    sheet = opened(replace(paper(), language="en", blocks=(table,)))["Dates"]
    assert sheet["A4"].value == "Filed\n(B.E.)"
    assert sheet["A5"].number_format == "[$-1070409]d mmm yyyy"


def test_totals_and_summaries_are_formulas_with_results(paper):
    document = paper()
    formulas, results = opened(document), opened(document, values=True)
    ranked = document.table("ranked")
    assert formulas["บัญชีเรียงลำดับ"]["F26"].value == "=SUBTOTAL(109,F6:F25)"
    assert results["บัญชีเรียงลำดับ"]["F26"].value == pytest.approx(ranked.total(5) / 10**8, abs=1e-9)
    assert formulas["บัญชีเรียงลำดับ"]["H26"].value == "=SUBTOTAL(103,H6:H25)"
    assert results["บัญชีเรียงลำดับ"]["H26"].value == 20
    name = "สรุปตามช่วงน้ำ"
    cells = "'บัญชีเรียงลำดับ'!${0}$6:${0}$25"
    assert formulas[name]["B5"].value == f"=COUNTIFS({cells.format('D')},$A5)"
    assert formulas[name]["C5"].value == f"=SUMIFS({cells.format('F')},{cells.format('D')},$A5)"
    # Baht in the list, million baht in the summary.
    assert formulas[name]["D5"].value.endswith("$A5)/1000000")
    assert results[name]["D5"].value == document.table("by_stage").values()[0][3] / 10**8
    assert results[name]["B5"].value == 7


def test_row_formula_follows_its_row_and_keeps_the_exact_value(paper):
    columns = (
        Column("item", "รายการ", "text", 30),
        Column("n", "จำนวน", "int"),
        Column("price", "ราคา", "money"),
        Column("sum", "รวม", "money", total="sum", formula="={n}*{price}"),
        Column("hidden", "เฉพาะกระดาษ", "int", pdf_only=True),
    )
    rows = (("ก", 3, 150050, 450150, 1), ("ข", None, None, None, 2))
    document = replace(paper(), blocks=(Table("lines", "รายการ", columns, rows),))
    sheet, results = opened(document)["รายการ"], opened(document, values=True)["รายการ"]
    assert sheet["D5"].value == "=B5*C5"
    assert results["D5"].value == 4501.50
    assert sheet["D6"].value is None
    assert sheet["D7"].value == "=SUBTOTAL(109,D5:D6)"
    assert sheet.max_column == 4


def test_text_never_becomes_a_formula(paper):
    texts = ("=1+1", "+66 2", "-น้ำ", "@cmd", "\ttab", "\rreturn", "=cmd|' /C calc'!A0", "ปกติ")
    table = Table("t", "=ชื่อแผ่น", (Column("a", "=หัว"),), tuple((text,) for text in texts), note="=note")
    document = replace(paper(), blocks=(table,), title="=SUM(1)", label="=label")
    data = written(document)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["=ชื่อแผ่น"]
    for row, text in enumerate(texts, 5):
        cell = sheet.cell(row, 1)
        assert cell.data_type == "s"
        assert cell.value.replace("_x000D_", "\r") == text
        assert cell.quotePrefix is (text != "ปกติ")


@pytest.mark.parametrize("long", [1, 1000], ids=["by row", "whole"])
def test_text_that_looks_like_markup_stays_text(paper, monkeypatch, long):
    monkeypatch.setattr(xlsx, "LONG", long)
    texts = ("<r>x</r>", "<b>&amp;</b>", " ก ", "_x0041_", "a\nb", "1 < 2 & 3", "x" * 20_000, "\x01")
    table = Table("t", "แผ่น", (Column("a", "หัว"),), tuple((text,) for text in texts))
    sheet = opened(replace(paper(), blocks=(table,)))["แผ่น"]
    found = [sheet.cell(row, 1).value for row in range(5, 5 + len(texts))]
    assert found[0].rstrip() == "<r>x</r>"
    assert found[1:3] + found[4:7] == list(texts[1:3] + texts[4:7])
    # inside a cell the reader leaves Excel's own escapes as they are
    assert found[3] in ("_x0041_", "_x005F_x0041_")
    assert found[7] in ("\x01", "_x0001_")


def test_wrapped_thai_rows_get_their_height(paper):
    long = "การพัฒนาแพลตฟอร์มกลางเพื่อเชื่อมโยงฐานข้อมูลน้ำและการเตือนภัยล่วงหน้าในพื้นที่ลุ่มน้ำซ้ำซาก"
    table = Table("t", "ตาราง", (Column("a", "ก", "long_text", 30),), ((long,), ("สั้น",)))
    sheet = opened(replace(paper(), blocks=(table,)))["ตาราง"]
    assert sheet.row_dimensions[5].height > 2 * 18
    assert sheet.row_dimensions[6].height < 21
    assert text_pixels("น้ำ") == text_pixels("นำ")
    assert lines_of("ก\nข", 30) == 2


def test_chart_reads_its_table_and_other_charts_their_own_numbers(paper):
    document = paper()
    free = replace(document.blocks[5], table="", title="อิสระ")
    with zipfile.ZipFile(io.BytesIO(written(replace(document, blocks=(*document.blocks, free))))) as archive:
        first = archive.read("xl/charts/chart1.xml").decode()
        second = archive.read("xl/charts/chart2.xml").decode()
    assert "'สรุปตามช่วงน้ำ'!$D$5:$D$7" in first
    assert "'สรุปตามช่วงน้ำ'!$A$5:$A$7" in first
    assert "'แผนภูมิ'!$B$" in second


@pytest.mark.parametrize(("cut_after", "joined"), [(None, True), (2, False)])
def test_points_with_an_upright_cut_are_not_joined_and_each_series_has_its_shape(paper, cut_after, joined):
    bars = paper().blocks[5]
    lines = replace(bars, kind="line", horizontal=False, cut=None, cut_name="", cut_after=cut_after, table="")
    with zipfile.ZipFile(io.BytesIO(written(replace(paper(), blocks=(lines,))))) as archive:
        drawn = archive.read("xl/charts/chart1.xml").decode()
    series = re.findall("<c:ser>.*?</c:ser>", drawn)
    shapes = re.findall('<c:symbol val="(.*?)"/>', drawn)
    assert len(series) == len(shapes) >= 1
    assert len(set(shapes)) == min(len(shapes), 4)
    assert [("<a:ln><a:noFill/></a:ln>" not in one) for one in series] == [joined] * len(series)


def test_cover_and_dictionary_tell_where_it_comes_from(paper):
    book = opened(paper())
    cover = [cell.value for row in book["หน้าปก"].iter_rows() for cell in row if cell.value]
    for text in ("5,523.9110", "ab" * 32, "R1", "นางสาวญาดา น้ำผึ้ง", "บัญชีเรียงลำดับ"):
        assert text in cover
    meanings = [row[4].value for row in book["พจนานุกรมข้อมูล"].iter_rows()]
    assert "รหัสข้อเสนอ" in meanings
    assert book.properties.title == paper().title
    assert book.properties.created == datetime(2022, 12, 9, 9, 30)  # noqa: DTZ001


def test_empty_and_excel_less_documents_still_open(paper):
    empty = Table("t", "ว่าง", (Column("a", "ก", "money", total="sum"),), ())
    book = opened(replace(paper(), blocks=(empty, Table("p", "p", (Column("a", "ก"),), (), pdf_only=True))))
    assert book.sheetnames == ["หน้าปก", "ว่าง", "พจนานุกรมข้อมูล"]
    assert opened(replace(paper(), blocks=(), language="en")).sheetnames == ["Cover", "Data dictionary"]


def test_sheet_names_are_legal_and_distinct():
    taken: set[str] = set()
    first = plain_sheet_name("[ก/ข]: *?" + "ย" * 40, taken)
    second = plain_sheet_name("[ก/ข]: *?" + "ย" * 40, taken)
    assert first != second
    assert max(len(first), len(second)) <= 31
    assert not set("[]:*?/\\") & set(first + second)
    assert plain_sheet_name("'", taken) == "Sheet"


def test_hidden_columns_are_out_of_sight_and_still_there(paper):
    document = paper()
    table = document.table("ranked")
    columns = (*table.columns[:-1], replace(table.columns[-1], hidden=True))
    sheet = opened(replace(document, blocks=(replace(table, columns=columns),)))["บัญชีเรียงลำดับ"]
    letter = openpyxl.utils.get_column_letter(len(columns))
    assert sheet.column_dimensions[letter].hidden
    assert not sheet.column_dimensions["A"].hidden
    assert sheet[f"{letter}6"].value is not None
