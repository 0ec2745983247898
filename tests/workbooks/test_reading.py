"""Returned workbooks: read by their headings, each row under its own number, and only if they are ours."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.workbooks.facts import Fault, Reading
from app.workbooks.reading import read_workbook
from app.workbooks.writing import write_template
from tests.workbooks.made_up import KEY, MADE, budget_row, edited, indicator_row, template

TAB = "รายการงบประมาณ"
Page = Any


def _read(data: bytes, **identity: str) -> Reading:
    return read_workbook(data, template(**identity), KEY)


def _after(edit: Callable[[Page], None], lines: int = 3) -> Reading:
    """What is read after somebody changed the budget sheet."""
    return _read(edited(write_template(template(lines, 1), KEY, MADE), lambda book: edit(book[TAB])))


def _rows(reading: Reading, sheet: str = "budget") -> dict[int, dict[str, str]]:
    assert reading.refusal is None
    return {number: dict(row) for number, row in reading.sheets[sheet].rows}


def _faults(reading: Reading) -> list[tuple[str, int, str | None, str]]:
    assert reading.refusal is None
    return [(fault.sheet, fault.row, fault.column, fault.cell) for fault in reading.faults]


AS_WRITTEN = {4 + n: budget_row(n) for n in range(3)}


def test_what_was_written_is_read_back() -> None:
    heard: list[tuple[int, int]] = []
    data = write_template(template(700, 2), KEY, MADE)
    reading = read_workbook(data, template(), KEY, progress=lambda done, total: heard.append((done, total)))
    assert _rows(reading) == {4 + n: budget_row(n) for n in range(700)}
    assert _rows(reading, "indicators") == {4 + n: indicator_row(n) for n in range(2)}
    assert reading.identity == {
        "call": "2572",
        "proposal": "2572-0001",
        "agency": "alpha",
        "version": "budget:3",
    }
    assert reading.is_clean
    assert reading.remarks == ()
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert heard[-1][0] == heard[-1][1] > 700


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_saved_by_libreoffice_it_still_reads(tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    path.write_bytes(write_template(template(20, 2), KEY, MADE))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "saved"), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    reading = _read((tmp_path / "saved" / "filled.xlsx").read_bytes())
    assert reading.is_clean
    assert _rows(reading) == {4 + n: budget_row(n) for n in range(20)}


def _swap_columns(page: Page) -> None:
    for row in range(3, 7):
        page.cell(row, 1).value, page.cell(row, 6).value = page.cell(row, 6).value, page.cell(row, 1).value


def _move_down(page: Page) -> None:
    page.unmerge_cells("A1:O1")
    page.unmerge_cells("A2:O2")
    page.insert_rows(1, 4)
    page.merge_cells("B2:D4")
    page["B2"] = "ไตรมาส"


def _english_headings(page: Page) -> None:
    for cell in page[3]:
        cell.value = cell.value.split("\n")[1].lower()


def test_columns_may_be_moved() -> None:
    assert _rows(_after(_swap_columns)) == AS_WRITTEN


def test_rows_may_be_moved_down_and_keep_the_numbers_they_then_have() -> None:
    assert _rows(_after(_move_down)) == {number + 4: row for number, row in AS_WRITTEN.items()}


def test_headings_may_be_in_either_language() -> None:
    assert _rows(_after(_english_headings)) == AS_WRITTEN


def test_blank_rows_are_passed_over_and_do_not_shift_others() -> None:
    def edit(page: Page) -> None:
        page.insert_rows(5, 2)
        page["A5"] = " \u00a0 "
        page["C60"] = "  "

    assert _rows(_after(edit)) == {4: budget_row(0), 7: budget_row(1), 8: budget_row(2)}


def test_a_missing_column_that_is_not_needed_is_said_and_its_key_stays_away() -> None:
    reading = _after(lambda page: page.delete_cols(5))
    assert "unit" not in reading.sheets["budget"].headings
    assert _rows(reading)[4] == {key: value for key, value in budget_row(0).items() if key != "unit"}
    assert [remark.en for remark in reading.remarks] == ["Sheet “Budget lines” has no columns Unit"]


def test_columns_nobody_knows_are_left_out_and_that_is_said() -> None:
    def edit(page: Page) -> None:
        page["Q3"], page["Q4"] = "ของฉัน", "ไม่เกี่ยว"

    reading = _after(edit)
    assert _rows(reading) == AS_WRITTEN
    assert [remark.en for remark in reading.remarks] == [
        "Sheet “Budget lines”: columns ของฉัน are not part of the template and were left out"
    ]


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (lambda page: page.delete_cols(1), ("budget", 3, "agency", "")),
        (lambda page: page.__setitem__("A3", "อะไร"), ("budget", 3, "agency", "")),
        (lambda page: page.__setitem__("P3", "รายการ"), ("budget", 3, "item", "P3")),
        (lambda page: page.delete_rows(3), ("budget", 0, None, "")),
    ],
    ids=["missing", "renamed", "twice", "no headings"],
)
def test_headings_at_fault_stop_the_sheet(edit: Callable[[Page], None], fault: tuple[Any, ...]) -> None:
    reading = _after(edit)
    assert _faults(reading) == [fault]
    assert reading.sheets["budget"].rows == ()
    assert len(reading.sheets["indicators"].rows) == 1


def test_each_bad_cell_is_named_and_good_rows_are_still_read() -> None:
    def edit(page: Page) -> None:
        page["B4"] = "งบอะไร"
        page["D5"] = 2.5
        page["F5"] = True
        page["G6"] = "#DIV/0!"
        page["G6"].data_type = "e"
        page["E70"] = MADE.replace(tzinfo=None)

    reading = _after(edit)
    assert _faults(reading) == [
        ("budget", 4, "category", "B4"),
        ("budget", 5, "quantity", "D5"),
        ("budget", 5, "unit_price", "F5"),
        ("budget", 6, "q1", "G6"),
        ("budget", 70, "unit", "E70"),
    ]
    assert _rows(reading).keys() == {4, 5, 6, 70}
    assert _rows(reading)[4] == {**budget_row(0), "category": "งบอะไร"}


def test_formulas_are_named_and_nothing_is_parsed() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book[TAB]["F4"] = "=D4*2"
        book["_lists"]["C1"] = "=1+1"

    reading = _read(edited(write_template(template(3), KEY, MADE), edit))
    assert _faults(reading) == [("budget", 4, None, "F4"), ("", 1, None, "C1")]
    assert reading.sheets == {}


def test_more_rows_than_are_taken() -> None:
    small = replace(template(3), sheets=(replace(template(3).sheets[0], most_rows=2), template().sheets[1]))
    reading = read_workbook(write_template(template(3), KEY, MADE), small, KEY)
    assert _faults(reading) == [("budget", 6, None, "")]
    assert len(reading.sheets["budget"].rows) == 2


def test_a_sheet_that_is_gone() -> None:
    reading = _read(edited(write_template(template(1), KEY, MADE), lambda book: book.remove(book["ตัวชี้วัด"])))
    assert reading.faults == (Fault("indicators", 0, None, reading.faults[0].text),)
    assert "ตัวชี้วัด" in reading.faults[0].text.th


def test_a_template_of_another_agency_is_refused_by_name() -> None:
    reading = _read(write_template(template(1, agency="beta", call="2571"), KEY, MADE))
    assert reading.refusal is not None
    assert reading.refusal.code == "other_identity"
    assert "Agency is beta in the file but alpha here" in reading.refusal.text.en
    assert "ปีงบประมาณในไฟล์คือ 2571 แต่ที่นี่คือ 2572" in reading.refusal.text.th
    assert reading.sheets == {}


def test_an_older_version_of_the_same_template_is_read_and_says_so() -> None:
    reading = _read(write_template(template(1), KEY, MADE), version="budget:9")
    assert reading.identity["version"] == "budget:3"
    assert len(_rows(reading)) == 1


def test_what_must_match_can_be_chosen() -> None:
    data = write_template(template(1, proposal="2572-0009"), KEY, MADE)
    assert _read(data).refusal is not None
    assert read_workbook(data, template(), KEY, must_match=("call", "agency")).refusal is None


def _forge(page: Page) -> None:
    page["A2"] = page["A2"].value.replace("alpha", "beta")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (lambda: write_template(template(1), b"another key", MADE), "not_template"),
        (
            lambda: edited(write_template(template(1), KEY, MADE), lambda b: _forge(b["_identity"])),
            "not_template",
        ),
        (
            lambda: edited(write_template(template(1), KEY, MADE), lambda b: b.remove(b["_identity"])),
            "not_template",
        ),
        (
            lambda: edited(
                write_template(template(1), KEY, MADE), lambda b: b["_identity"].delete_rows(1, 3)
            ),
            "not_template",
        ),
        (lambda: write_template(replace(template(1), kind="results"), KEY, MADE), "other_kind"),
    ],
    ids=["other key", "forged", "no identity sheet", "emptied", "other kind"],
)
def test_what_is_not_ours_is_refused(data: Callable[[], bytes], code: str) -> None:
    reading = _read(data())
    assert reading.refusal is not None
    assert reading.refusal.code == code
