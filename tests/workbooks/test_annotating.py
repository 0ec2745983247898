"""The same workbook comes back with its faults marked, and can be mended and sent again."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from app.kernel.text import Text
from app.workbooks.annotating import AUTHOR, MARK
from app.workbooks.facts import Fault, Refusal, merge_faults
from app.workbooks.marking import annotate_workbook
from app.workbooks.naming import TO_MEND
from app.workbooks.reading import read_workbook
from app.workbooks.writing import write_template
from tests.workbooks.made_up import KEY, MADE, edited, template

TAB = "รายการงบประมาณ"


def _spoil(book: openpyxl.Workbook) -> None:
    page = book[TAB]
    page["B5"] = "งบอะไร"
    page["D6"] = 2.5
    page["F6"] = "1,2,3"
    page["D6"].comment = Comment("ของผมเอง", "somebody")
    page["Q3"], page["Q6"] = "บันทึกของกอง", "อย่าลบ"


def _marked(data: bytes, faults: tuple[Fault, ...] | None = None) -> bytes:
    marked = annotate_workbook(
        data, template(), read_workbook(data, template(), KEY).faults if faults is None else faults
    )
    assert isinstance(marked, bytes)
    return marked


def _page(data: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(data))[TAB]


@pytest.fixture(scope="module")
def sent() -> bytes:
    return edited(write_template(template(4, 1), KEY, MADE), _spoil)


@pytest.fixture(scope="module")
def marked(sent: bytes) -> bytes:
    return _marked(sent)


def test_faulty_cells_are_filled_and_say_why_in_both_languages(marked: bytes) -> None:
    page = _page(marked)
    filled = {
        cell.coordinate for row in page.iter_rows(min_row=4) for cell in row if cell.fill.fgColor.rgb == MARK
    }
    assert filled == {"B5", "D6", "F6"}
    assert page["B5"].comment.author == AUTHOR
    assert "ไม่อยู่ในรายการ" in page["B5"].comment.text
    assert "is not in the list" in page["B5"].comment.text
    assert page["D6"].comment.text.endswith("ของผมเอง")
    assert page["B5"].value == "งบอะไร"


def test_a_last_column_says_everything_about_its_row(marked: bytes) -> None:
    page = _page(marked)
    assert page["R3"].value == TO_MEND
    assert page["R5"].value.split("\n") == [
        "งบรายจ่าย: “งบอะไร” ไม่อยู่ในรายการ กรุณาเลือกจากรายการในช่อง",
        "Category: “งบอะไร” is not in the list; please choose from the drop-down",
    ]
    assert [line.split(":")[0] for line in page["R6"].value.split("\n")] == [
        "จำนวน", "Quantity", "ราคาต่อหน่วย (บาท)", "Unit price (baht)",
    ]  # fmt: skip
    assert page["R4"].value is None
    assert page["Q6"].value == "อย่าลบ"
    assert page.column_dimensions["R"].width > 40


def test_the_first_sheet_begins_with_a_summary(marked: bytes) -> None:
    said = openpyxl.load_workbook(BytesIO(marked))["คำชี้แจง"]["A3"].value
    assert "พบ 3 ข้อที่ต้องแก้" in said
    assert "3 to mend" in said
    assert f"{TAB}: แถวที่ 5, 6 · rows 5, 6" in said


def test_formats_drop_downs_and_protection_stay(sent: bytes, marked: bytes) -> None:
    before, after = _page(sent), _page(marked)
    assert after.protection.sheet
    assert openpyxl.load_workbook(BytesIO(marked)).security.lockStructure
    assert {str(rule.sqref) for rule in after.data_validations.dataValidation} == {
        str(rule.sqref) for rule in before.data_validations.dataValidation
    }
    assert (after["F6"].number_format, after["F6"].protection.locked) == ("#,##0.00", False)
    assert (after["F6"].border.left.style, after.freeze_panes) == ("thin", "A4")
    assert [page.sheet_state for page in openpyxl.load_workbook(BytesIO(marked))] == [
        "visible", "visible", "visible", "hidden", "veryHidden",
    ]  # fmt: skip


def test_marked_it_reads_as_before_and_marking_again_adds_nothing(sent: bytes, marked: bytes) -> None:
    first, second = read_workbook(sent, template(), KEY), read_workbook(marked, template(), KEY)
    assert (first.sheets, first.faults, first.remarks) == (second.sheets, second.faults, second.remarks)
    again = _page(_marked(marked))
    assert [again["R6"].value, again["D6"].comment.text] == [
        _page(marked)["R6"].value,
        _page(marked)["D6"].comment.text,
    ]
    assert again["S3"].value is None


def test_once_mended_the_marks_go_and_own_words_stay(marked: bytes) -> None:
    def mend(book: openpyxl.Workbook) -> None:
        page = book[TAB]
        page["B5"], page["D6"], page["F6"] = "งบลงทุน", 2, "1,200.50"
        page.insert_rows(4)  # marks are found wherever they moved

    data = edited(marked, mend)
    reading = read_workbook(data, template(), KEY)
    assert reading.is_clean
    page = _page(_marked(data))
    assert [
        cell.coordinate for row in page.iter_rows() for cell in row if cell.fill.fgColor.rgb == MARK
    ] == []
    assert [cell.comment.text for row in page.iter_rows() for cell in row if cell.comment] == ["ของผมเอง"]
    assert page["R3"].value is None
    assert page["R7"].value is None
    assert openpyxl.load_workbook(BytesIO(_marked(data)))["คำชี้แจง"]["A3"].value is None


def test_faults_of_the_caller_without_an_address_find_their_cell(sent: bytes) -> None:
    why = Text("รวมไตรมาสไม่เท่าราคา", "The quarters do not add up")
    own = (Fault("budget", 4, "q1", why), Fault("budget", 7, None, why), Fault("indicators", 0, None, why))
    page = _page(_marked(sent, own))
    assert page["G4"].fill.fgColor.rgb == MARK
    assert page["R7"].value == "รวมไตรมาสไม่เท่าราคา\nThe quarters do not add up"
    said = openpyxl.load_workbook(BytesIO(_marked(sent, own)))["คำชี้แจง"]["A3"].value
    assert "ตัวชี้วัด: รวมไตรมาสไม่เท่าราคา · The quarters do not add up" in said


def test_formulas_are_marked_and_kept_as_they_are() -> None:
    data = edited(write_template(template(2), KEY, MADE), lambda book: book[TAB].__setitem__("F5", "=D5*3"))
    page = _page(_marked(data))
    assert (page["F5"].value, page["F5"].fill.fgColor.rgb) == ("=D5*3", MARK)
    assert "สูตร" in page["P5"].value


def test_what_the_guard_refuses_is_not_opened() -> None:
    answer = annotate_workbook(b"PK" + b"x" * 500, template(), ())
    assert isinstance(answer, Refusal)
    assert answer.code == "damaged"


def test_one_fault_for_one_cell() -> None:
    first, second = Text("ก", "a"), Text("ข", "b")
    merged = merge_faults(
        (Fault("budget", 9, "q1", first), Fault("budget", 4, "q1", first)),
        (Fault("budget", 9, "q1", second), Fault("budget", 9, None, second), Fault("other", 1, None, second)),
    )
    assert [(fault.sheet, fault.row, fault.column, fault.text.en) for fault in merged] == [
        ("budget", 4, "q1", "a"),
        ("budget", 9, "q1", "a"),
        ("budget", 9, None, "b"),
        ("other", 1, None, "b"),
    ]
