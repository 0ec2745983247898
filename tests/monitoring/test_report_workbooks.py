"""What a returned workbook of a report amounts to, of a month and of a quarter: however it was filled in, every fault at its
cell, and no row in another's place."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.kernel.text import Text
from app.monitoring.facts import Milestone
from app.monitoring.merging import choose, merge_sheet
from app.monitoring.report_sheets import Subject, make_template
from app.workbooks.marking import annotate_workbook
from app.workbooks.writing import write_template
from tests.monitoring.report_books import (
    INDICATORS,
    KEY,
    MADE,
    MILESTONES,
    MONEY,
    MONTH,
    QUARTER,
    WORDS,
    A,
    B,
    C,
    Edit,
    column_of,
    edited,
    filled,
    judge,
    put,
    read,
    told,
    written,
)

BOUND, PAID = "ผูกพันเดือนนี้", "เบิกจ่ายเดือนนี้"
CAPITAL = f"money-{A}-capital-"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("๑,๒๐๐.๕๐", "1200.50"),
        ("1,200.50", "1200.50"),
        (" 1200.5\u00a0บาท", "1200.50"),
        ("฿1,200.50", "1200.50"),
        (1200.5, "1200.50"),
        (0, "0.00"),
        (79_999.99 + 0.01, "80000.00"),
    ],
)
def test_an_amount_however_it_is_typed(typed: Any, kept: str) -> None:
    judged = judge(edited(written(MONTH), put(MONEY, {(1, BOUND): typed})), MONTH)
    assert filled(judged) == {f"{CAPITAL}committed": kept}


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        ({BOUND: -5}, [("committed", "The amount must")]),
        ({BOUND: "(5)"}, [("committed", "The amount must")]),
        ({BOUND: "1200,50"}, [("committed", "The commas do")]),
        ({BOUND: 1.005}, [("committed", "The amount may")]),
        ({BOUND: "0.001"}, [("committed", "The amount may")]),
        ({BOUND: "สิบบาท"}, [("committed", "The amount must")]),
        ({BOUND: True}, [("committed", "This cell holds")]),
        ({BOUND: date(2025, 11, 20)}, [("committed", "This cell holds")]),
        ({BOUND: 80_000.01, PAID: 0}, [("committed", "Commitments come to")]),
        ({BOUND: 0, PAID: 15_000.01}, [("disbursed", "Payments come to")]),
        ({BOUND: 0, "เลขที่โครงการ": "2569-0009"}, [("number", "Project 2569-0009 is")]),
        ({BOUND: 0, "เลขที่โครงการ": C}, [("category", "Project 2569-0003 has")]),
        ({BOUND: 0, "เลขที่โครงการ": None}, [("number", "The project's number")]),
        ({BOUND: 0, "ประเภทงบ": "งบกลาง"}, [("category", "“งบกลาง” is not")]),
        ({BOUND: 0, "ประเภทงบ": "Operations"}, [("number", "This row is")]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_row_of_money_stands_at_its_cell(
    cells: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    row = 2 if "ประเภทงบ" in cells and cells["ประเภทงบ"] == "Operations" else 1
    edit = put(MONEY, {(1, heading): value for heading, value in cells.items()})
    judged = judge(edited(written(MONTH), edit), MONTH)
    assert sorted(told(judged), key=str) == sorted(((3 + row, *fault) for fault in faults), key=str)
    assert judged.values == {}
    for fault in judged.faults:
        assert fault.cell[-1] == str(3 + row)


def _reverse(book: openpyxl.Workbook) -> None:
    page = book[MONEY]
    for merged in list(page.merged_cells.ranges):
        page.unmerge_cells(str(merged))
    for row in range(3, 8):
        values = [page.cell(row, n).value for n in range(1, 9)]
        for n, value in enumerate(reversed(values), 1):
            page.cell(row, n).value = value


def _headers(book: openpyxl.Workbook) -> None:
    page = book[MONEY]
    for merged in list(page.merged_cells.ranges):
        page.unmerge_cells(str(merged))
    page.insert_rows(1, 5)
    page["B2"] = "ส่วนราชการ"
    page.merge_cells("B2:E5")
    for row in range(20, 60):
        page.cell(row, 2).value = "  \u00a0"


def _own(book: openpyxl.Workbook) -> None:
    """A column and a total of one's own, and scribbles in the columns for reading."""
    page = book[MONEY]
    page.cell(3, 10).value, page.cell(4, 10).value = "ผู้รับผิดชอบ", "สมชาย"
    page.cell(4, 2).value, page.cell(4, 4).value = "ชื่อที่แก้เอง " * 90, "ไม่ใช่ตัวเลข"
    page.cell(7, 2).value, page.cell(7, 4).value = "รวมทั้งสิ้น", 160_000


def _no_reading(book: openpyxl.Workbook) -> None:
    page = book[MONEY]
    for merged in list(page.merged_cells.ranges):
        page.unmerge_cells(str(merged))
    page.delete_cols(4, 3)
    page.delete_cols(2)


def _sorted_rows(book: openpyxl.Workbook) -> None:
    page = book[MONEY]
    rows = [[page.cell(row, n).value for n in range(1, 9)] for row in (4, 5, 6)]
    for row, values in zip((5, 6, 4), rows, strict=True):
        for n, value in enumerate(values, 1):
            page.cell(row, n).value = value


def _thai_number(book: openpyxl.Workbook) -> None:
    book[MONEY]["A4"] = "๒๕๖๙-๐๐๐๑ "


@pytest.mark.parametrize("mangle", [_reverse, _headers, _own, _no_reading, _sorted_rows, _thai_number])
def test_no_row_is_taken_for_another_however_the_sheet_is_turned(mangle: Edit) -> None:
    fill = put(MONEY, {(1, BOUND): 1, (1, PAID): 0.5, (2, BOUND): 2, (2, PAID): 0, (3, BOUND): 3})
    judged = judge(edited(edited(written(MONTH), fill), mangle), MONTH)
    assert filled(judged) == {
        f"{CAPITAL}committed": "1.00",
        f"{CAPITAL}disbursed": "0.50",
        f"money-{A}-operating-committed": "2.00",
        f"money-{A}-operating-disbursed": "0.00",
        f"money-{B}-capital-committed": "3.00",
    }


def test_a_row_that_was_deleted_stays_as_it_is_and_one_that_is_there_twice_is_refused() -> None:
    saved = replace(MONTH, cells={f"{CAPITAL}committed": "7.00", f"money-{B}-capital-committed": "9.00"})
    judged = judge(edited(written(saved), lambda book: book[MONEY].delete_rows(4)), saved)
    assert filled(judged) == {f"money-{B}-capital-committed": "9.00"}
    assert [words.en for words in judged.remarks] == [
        "Sheet “Money”: rows that are not in the workbook stay as they are (1)"
    ]

    def twice(book: openpyxl.Workbook) -> None:
        for n in range(1, 9):
            book[MONEY].cell(9, n).value = book[MONEY].cell(4, n).value

    assert told(judge(edited(written(saved), twice), saved)) == [(9, "number", "This row is")]


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        ({"ความก้าวหน้า": 101}, [("percent", "Progress is a")]),
        ({"ความก้าวหน้า": "ครึ่งหนึ่ง"}, [("percent", "Progress is a")]),
        ({"ความก้าวหน้า": "๑๐๐"}, [("done_on", "What is done")]),
        ({"ความก้าวหน้า": 40, "วันที่แล้วเสร็จ": "1/12/2568"}, [("done_on", "A day of")]),
        ({"ความก้าวหน้า": 100, "วันที่แล้วเสร็จ": "1/2/2569"}, [("done_on", "The day must")]),
        ({"ความก้าวหน้า": 100, "วันที่แล้วเสร็จ": "เมื่อวาน"}, [("done_on", "Enter the day")]),
        ({"หมายเหตุ": "ก" * 1001}, [("note", "1,001 characters long;")]),
        ({"ลำดับ": 7}, [("position", "Project 2569-0001 has")]),
        ({"ลำดับ": "สอง"}, [("position", "This must be")]),
    ],
)
def test_what_is_wrong_in_a_row_of_milestones_stands_at_its_cell(
    cells: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    judged = judge(
        edited(written(QUARTER), put(MILESTONES, {(1, head): value for head, value in cells.items()})),
        QUARTER,
    )
    assert sorted(told(judged), key=str) == sorted(((4, *fault) for fault in faults), key=str)


def test_a_quarter_however_it_is_typed() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        put(MILESTONES, {(1, "ความก้าวหน้า"): "๑๐๐", (1, "วันที่แล้วเสร็จ"): "๒๐ พ.ย. ๒๕๖๘", (4, "ความก้าวหน้า"): 30})(
            book
        )
        put(INDICATORS, {(1, "ผลถึง"): "1,200.50", (2, "ผลถึง"): 3.5, (2, "หลักฐาน"): "หน้า 1\nหน้า 2"})(book)
        put(WORDS, {(3, "ความช่วยเหลือ"): "ขอคน"})(book)

    assert filled(judge(edited(written(QUARTER), fill), QUARTER)) == {
        f"milestone-{A}-1-percent": "100",
        f"milestone-{A}-1-done_on": "20/11/2568",
        f"milestone-{B}-2-percent": "30",
        f"indicator-{A}-1-result": "1200.5",
        f"indicator-{A}-2-result": "3.5",
        f"indicator-{A}-2-evidence": "หน้า 1\nหน้า 2",
        f"words-{C}-help": "ขอคน",
    }


def test_a_result_that_is_no_number_and_a_needed_column_that_is_gone() -> None:
    assert told(judge(edited(written(QUARTER), put(INDICATORS, {(1, "ผลถึง"): "ดีมาก"})), QUARTER)) == [
        (4, "result", "An indicator's result")
    ]

    def drop(book: openpyxl.Workbook) -> None:
        page = book[INDICATORS]
        head, column = column_of(page, "ผลถึง")
        page.cell(head, column).value = None

    assert told(judge(edited(written(QUARTER), drop), QUARTER)) == [(3, "result", "Column “Result by")]


def test_a_formula_is_named_and_nothing_else_is_judged() -> None:
    judged = judge(edited(written(MONTH), put(MONEY, {(1, BOUND): "=1+1", (2, BOUND): -5})), MONTH)
    assert [(fault.row, fault.cell) for fault in judged.faults] == [(4, "G4")]
    assert judged.remarks == ()


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (replace(MONTH, ground=replace(MONTH.ground, period=1)), "Period is"),
        (replace(MONTH, ground=replace(MONTH.ground, fiscal_year=2568)), "Fiscal year is 2568"),
        (replace(MONTH, agency=Text("กรมเบตา", "Beta")), "Agency is กรมเบตา"),
        (replace(MONTH, revision=2), "Revision is 2"),
        (QUARTER, "a template for something else"),
    ],
)
def test_a_workbook_of_something_else_is_refused_by_name(of: Subject, words: str) -> None:
    refusal = read(written(of), MONTH).refusal
    assert refusal is not None
    assert words in refusal.text.en


def test_a_workbook_of_last_quarter_is_refused() -> None:
    refusal = read(written(QUARTER), replace(QUARTER, ground=replace(QUARTER.ground, period=2))).refusal
    assert refusal is not None
    assert refusal.code == "other_identity"


def test_what_a_template_carries_cannot_be_changed() -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        page = book["_identity"]
        page["A4"] = page["A4"].value[:-1] + ("A" if page["A4"].value[-1] != "A" else "B")

    refusal = read(edited(written(MONTH), spoil), MONTH).refusal
    assert refusal is not None
    assert refusal.code == "not_template"


def test_a_position_that_means_another_milestone_now_is_refused() -> None:
    """A change of plan renumbers milestones; a workbook from before must not report on another's row."""
    milestones = {(A, 1): Milestone(1, "alpha", f"งาน {A} ที่ 2", date(2025, 12, 2), 100)}
    now = replace(QUARTER, ground=replace(QUARTER.ground, milestones=milestones))
    judged = judge(edited(written(QUARTER), put(MILESTONES, {(1, "ความก้าวหน้า"): 50})), now)
    assert told(judged) == [
        (4, "position", "The plan changed"),
        (5, "position", "Project 2569-0001 has"),
        (6, "position", "Project 2569-0002 has"),
        (7, "position", "Project 2569-0002 has"),
    ]
    assert f"was “งาน {A} ที่ 1” and is “งาน {A} ที่ 2” now" in judged.faults[0].text.en


@pytest.mark.parametrize(("base", "mine", "theirs"), list(product(("", "1", "2"), repeat=3)))
def test_merging_one_cell(base: str, mine: str, theirs: str) -> None:
    merged = merge_sheet({"x": base}, {"x": mine}, {"x": theirs, "y": "9"})
    both = mine not in (base, theirs) and theirs != base
    assert [(c.base, c.mine, c.theirs) for c in merged.clashes] == ([(base, mine, theirs)] if both else [])
    outcome = theirs if mine == base else mine
    assert merged.cells == ({"x": outcome} if outcome else {}) | {"y": "9"}
    for side, text in (("mine", mine), ("theirs", theirs)):
        if both:
            assert choose(merged, {"x": side}).get("x", "") == text


def test_without_knowing_what_it_was_made_from_every_difference_is_to_be_chosen() -> None:
    merged = merge_sheet(None, {"a": "1", "b": "", "c": "3"}, {"a": "2", "b": "2", "c": "3"})
    assert [(c.place, c.base) for c in merged.clashes] == [("a", None), ("b", None)]


def test_a_template_from_before_templates_carried_anything() -> None:
    """Of the very save it was made from it is read as ever; of an older one every difference is to be chosen."""
    saved = replace(MONTH, cells={f"{CAPITAL}committed": "7.00"}, version=3)
    for made_of, cells, base in ((3, saved.cells, saved.cells), (2, {}, None)):
        template = replace(make_template(replace(saved, cells=cells, version=made_of)), carried="")
        judged = judge(edited(write_template(template, KEY, MADE), put(MONEY, {(2, BOUND): 5})), saved)
        value = judged.values["report"]
        assert value["base"] == base
        clashes = [clash.place for clash in merge_sheet(base, value["cells"], saved.cells).clashes]
        assert clashes == ([] if base else [f"{CAPITAL}committed", f"money-{A}-operating-committed"])


def test_what_a_sheet_only_tidied_nobody_changed() -> None:
    """Two blanks, or the line ends of a browser: the sheet tidies them, and its person never touched them."""
    place = f"words-{A}-problems"
    first = replace(QUARTER, cells={place: "ผู้รับจ้าง  ล่าช้า\r\nรอบสอง"})
    data = written(first)
    for saved in ("ผู้รับจ้าง  ล่าช้า\r\nรอบสอง", "อย่างอื่น"):
        now = replace(first, cells={place: saved}, version=2)
        value = judge(data, now).values["report"]
        merged = merge_sheet(value["base"], value["cells"], now.cells)
        assert (merged.cells, merged.clashes) == ({place: saved}, ())


def test_it_is_judged_together_with_what_others_saved() -> None:
    """The sheet's own figures are within the money; with somebody else's they are not. And one that was never touched is
    not held against the money of now."""
    data = edited(written(MONTH), put(MONEY, {(1, PAID): 20_000}))
    alone = replace(MONTH, cells={f"{CAPITAL}committed": "0.00"})
    assert told(judge(data, alone)) == [(4, "disbursed", "Payments come to")]
    assert not judge(data, replace(MONTH, cells={f"{CAPITAL}committed": "5000.00"})).faults
    before = replace(MONTH, cells={f"{CAPITAL}committed": "80000.00", f"{CAPITAL}disbursed": "0.00"})
    cut = replace(MONTH.ground, allotted={**MONTH.ground.allotted, (A, "capital"): 50_000_00})
    now = replace(before, ground=cut, cells={**before.cells, f"{CAPITAL}committed": "30000.00"}, version=2)
    assert not judge(written(before), now).faults


def test_the_marked_workbook_says_why_in_both_languages_and_comes_back_mended() -> None:
    data = edited(written(MONTH), put(MONEY, {(2, BOUND): -5, (3, PAID): "x"}))
    judged = judge(data, MONTH)
    marked = annotate_workbook(data, make_template(MONTH), judged.faults)
    assert isinstance(marked, bytes)
    page = openpyxl.load_workbook(BytesIO(marked))[MONEY]
    comments = {
        cell.coordinate: cell.comment.text for row in page.iter_rows() for cell in row if cell.comment
    }
    assert set(comments) == {"G5", "H6"}
    assert "ติดลบ" in comments["G5"]
    assert "negative" in comments["G5"]
    mended = judge(edited(marked, put(MONEY, {(2, BOUND): 5, (3, PAID): None})), MONTH)
    assert filled(mended) == {f"money-{A}-operating-committed": "5.00"}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_saved_by_libreoffice_both_kinds_say_the_same(tmp_path: Path) -> None:
    words = {f"words-{A}-problems": "บรรทัด 1\nบรรทัด 2 =1+1", f"milestone-{A}-1-percent": "40"}
    quarter = replace(QUARTER, cells=words)
    month = replace(MONTH, cells={f"{CAPITAL}committed": "1200.50"})
    fills = {
        "month": (month, put(MONEY, {(1, PAID): 99.25, (2, BOUND): "๑,๐๐๐"})),
        "quarter": (quarter, put(MILESTONES, {(1, "ความก้าวหน้า"): 100, (1, "วันที่"): "20/11/2568"})),
    }
    paths = []
    for name, (subject, fill) in fills.items():
        paths.append(tmp_path / f"{name}.xlsx")
        paths[-1].write_bytes(edited(written(subject), fill))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "saved"), *map(str, paths)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for name, expected in (
        ("month", {f"{CAPITAL}committed": "1200.50", f"{CAPITAL}disbursed": "99.25",
                   f"money-{A}-operating-committed": "1000.00"}),
        ("quarter", {**words, f"milestone-{A}-1-percent": "100", f"milestone-{A}-1-done_on": "20/11/2568"}),
    ):  # fmt: skip
        subject = fills[name][0]
        judged = judge((tmp_path / "saved" / f"{name}.xlsx").read_bytes(), subject)
        assert filled(judged) == expected
        assert judged.values["report"]["base"] == subject.cells
