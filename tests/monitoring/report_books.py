"""Workbooks of reports without a database: a month and a quarter of three projects, sent out, edited, read and judged."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from app.kernel.text import Text
from app.monitoring.facts import Aim, Ground, Milestone, PlannedIndicator
from app.monitoring.periods import ReportKind
from app.monitoring.report_readings import judge_reading
from app.monitoring.report_sheets import SAME, Subject, make_template
from app.workbooks.facts import Reading
from app.workbooks.reading import read_workbook
from app.workbooks.uploads import Judged
from app.workbooks.writing import write_template

KEY, MADE = b"k" * 32, datetime(2025, 11, 20, tzinfo=UTC)
CATEGORIES = {
    "capital": Text("งบลงทุน", "Investment"),
    "operating": Text("งบดำเนินงาน", "Operations"),
}
MONEY, MILESTONES, INDICATORS, WORDS = "การใช้จ่าย", "งานสำคัญ", "ตัวชี้วัด", "ปัญหาและความช่วยเหลือ"
A, B, C = "2569-0001", "2569-0002", "2569-0003"
GROUND = Ground(
    fiscal_year=2569,
    agency="alpha",
    projects={n: Text(f"โครงการ {n}", f"Project {n}") for n in (A, B, C)},
    allotted={(A, "capital"): 100_000_00, (A, "operating"): 50_000_00, (B, "capital"): 10_000_00},
    committed={(A, "capital"): 20_000_00},
    disbursed={(A, "capital"): 5_000_00},
    period=2,
)
MONTH = Subject(GROUND, Text("กรมอัลฟา", "Alpha"), CATEGORIES, {}, 1, 1)
QUARTER = Subject(
    replace(
        GROUND,
        kind=ReportKind.PROGRESS,
        period=1,
        milestones={
            (number, n): Milestone(n, "alpha", f"งาน {number} ที่ {n}", date(2025, 12, n), 50)
            for number in (A, B)
            for n in (1, 2)
        },
        indicators={
            (A, n): PlannedIndicator(n, "alpha", f"ตัวชี้วัด {n}", "ระบบ", "0", "10", Aim.UP, ("4", "", "", "10"))
            for n in (1, 2)
        },
    ),
    Text("กรมอัลฟา", "Alpha"),
    CATEGORIES,
    {},
    1,
    1,
)

Edit = Callable[[openpyxl.Workbook], None]


def written(subject: Subject) -> bytes:
    return _written[id(subject)] if id(subject) in _written else _write(subject)


def _write(subject: Subject) -> bytes:
    return write_template(make_template(subject), KEY, MADE)


_written = {id(subject): _write(subject) for subject in (MONTH, QUARTER)}  # asked for again and again


def edited(data: bytes, edit: Edit) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    edit(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def column_of(page: Worksheet, heading: str) -> tuple[int, int]:
    """(row of the headings, column) of the heading that begins so."""
    for row in page.iter_rows():
        for cell in row:
            if str(cell.value or "").startswith(heading):
                return cell.row, cell.column
    raise LookupError(heading)


def put(tab: str, cells: Mapping[tuple[int, str], Any]) -> Edit:
    """Set cells by (data row from 1, how the heading begins)."""

    def edit(book: openpyxl.Workbook) -> None:
        page = book[tab]
        for (row, heading), value in cells.items():
            head, column = column_of(page, heading)
            page.cell(head + row, column).value = value

    return edit


def read(data: bytes, subject: Subject) -> Reading:
    return read_workbook(data, make_template(subject), KEY, must_match=SAME)


def judge(data: bytes, subject: Subject) -> Judged:
    reading = read(data, subject)
    assert reading.refusal is None, reading.refusal
    return judge_reading(reading, subject)


def filled(judged: Judged) -> dict[str, str]:
    """The cells that are not empty, of a workbook without faults."""
    assert judged.faults == ()
    return {place: text for place, text in judged.values["report"]["cells"].items() if text}


def told(judged: Judged) -> list[tuple[int, str | None, str]]:
    """(row, column, how the words begin) of every fault."""
    return [(f.row, f.column, " ".join(f.text.en.split()[:3])) for f in judged.faults]
