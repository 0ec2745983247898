"""Templates as people get them: open where they fill in, locked elsewhere, signed, and never a formula."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest

from app.kernel.text import Text
from app.workbooks.facts import Column
from app.workbooks.naming import TO_MEND
from app.workbooks.writing import write_template
from tests.workbooks.made_up import BUDGET, INDICATORS, KEY, MADE, budget_row, template

BUDGET_TAB = "รายการงบประมาณ"


def _written(**changes: str) -> bytes:
    return write_template(template(3, 2, **changes), KEY, MADE)


def test_same_template_and_moment_give_the_same_bytes() -> None:
    assert _written() == _written()
    assert _written() != _written(agency="beta")


def test_sheets_and_what_is_hidden() -> None:
    book = openpyxl.load_workbook(BytesIO(_written()))
    assert {page.title: page.sheet_state for page in book} == {
        "คำชี้แจง": "visible",
        BUDGET_TAB: "visible",
        "ตัวชี้วัด": "visible",
        "_lists": "hidden",
        "_identity": "veryHidden",
    }
    assert book.security.lockStructure
    assert all(page.protection.sheet for page in book)


def test_headings_are_locked_and_cells_to_fill_in_are_open() -> None:
    page = openpyxl.load_workbook(BytesIO(_written()))[BUDGET_TAB]
    assert page["A3"].value == "หน่วยงาน *\nAgency"
    assert page["E3"].value == "หน่วยนับ\nUnit"
    assert all(page.cell(row, 1).protection.locked for row in (1, 2, 3))
    assert not any(page.cell(row, column).protection.locked for row in (4, 6, 60) for column in range(1, 16))
    assert page.freeze_panes == "A4"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.print_title_rows == "$3:$3"


def test_what_is_there_already_is_filled_in_with_numbers_as_numbers() -> None:
    page = openpyxl.load_workbook(BytesIO(_written()))[BUDGET_TAB]
    row = budget_row(1)
    assert [page.cell(5, n).value for n in (1, 2, 3, 4)] == ["สำนักงานเบตา", "งบดำเนินงาน", row["item"], 2]
    assert page["F5"].value == 1001.01
    assert page["F5"].number_format == "#,##0.00"
    assert page["C5"].number_format == "@"
    assert page["A7"].value is None


def test_drop_downs_show_names_from_a_named_list() -> None:
    book = openpyxl.load_workbook(BytesIO(_written()))
    rules = {
        str(rule.sqref): rule.formula1
        for rule in book[BUDGET_TAB].data_validations.dataValidation
        if rule.type == "list"
    }
    assert rules.keys() == {"A4:A5003", "B4:B5003"}
    tab, place = next(iter(book.defined_names[rules["B4:B5003"]].destinations))
    assert [cell.value for (cell,) in book[tab][place]] == [
        "งบบุคลากร",
        "งบดำเนินงาน",
        "งบลงทุน",
        "งบเงินอุดหนุน",
        "งบรายจ่ายอื่น",
    ]


def test_text_never_becomes_a_formula_and_text_in_an_amount_stays_text() -> None:
    row = {
        "item": "=1+1",
        "unit": "+66",
        "remark": "@SUM(A1)",
        "unit_price": "ประมาณ 5",
        "quantity": "1" * 20,
    }
    data = write_template(replace(template(), sheets=(replace(BUDGET, rows=(row,)),)), KEY, MADE)
    with ZipFile(BytesIO(data)) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "sheets/" in name)
    page = openpyxl.load_workbook(BytesIO(data))[BUDGET_TAB]
    assert [page[cell].value for cell in ("C4", "E4", "O4", "F4", "D4")] == [*list(row.values())]
    assert {page[cell].data_type for cell in ("C4", "E4", "O4", "F4", "D4")} == {"s"}


def test_largest_amount_is_kept_to_the_satang() -> None:
    row = {"unit_price": "999999999999.99"}
    data = write_template(replace(template(), sheets=(replace(BUDGET, rows=(row,)),)), KEY, MADE)
    assert openpyxl.load_workbook(BytesIO(data))[BUDGET_TAB]["F4"].value == 999999999999.99


@pytest.mark.parametrize(
    "sheets",
    [
        (BUDGET, BUDGET),
        (replace(BUDGET, columns=()),),
        (replace(INDICATORS, columns=(INDICATORS.columns[0], INDICATORS.columns[0])),),
        (replace(INDICATORS, columns=(Column("a", Text("ก", "A b")), Column("b", Text("ข", "a-B")))),),
        (replace(INDICATORS, columns=(Column("a", Text("ก", "A"), "choice"),)),),
        (replace(INDICATORS, title=Text("คำชี้แจง", "Instructions")),),
        (replace(INDICATORS, columns=(Column("a", Text(*TO_MEND.split(" / "))),)),),
    ],
    ids=["tabs", "no columns", "keys", "headings", "no choices", "instruction tab", "heading of marks"],
)
def test_a_template_that_confuses_names_is_refused(sheets: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"sheet|column|tab"):
        write_template(replace(template(), sheets=sheets), KEY, MADE)
