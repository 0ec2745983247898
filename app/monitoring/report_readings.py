"""What a returned workbook of a report amounts to, by the very rules of the form: its cells, or every fault at its cell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.facts import Ground
from app.monitoring.merging import merge_sheet
from app.monitoring.report_sheets import (
    FILLED,
    KNOWN_BY,
    Subject,
    place_of,
    row_name,
    row_titles,
    sheets_of,
)
from app.monitoring.reporting import NOT_REPORTED_HERE, TWICE, list_report_problems
from app.monitoring.typed_reports import Cells, read_cells
from app.workbooks.facts import Fault, RawSheet, Reading, Sheet, merge_faults
from app.workbooks.typed import read_cell
from app.workbooks.uploads import Judged

_NO_NUMBER = Text("ไม่มีเลขที่โครงการ", "The project's number is missing")
_NO_ROW = Text(
    "โครงการ {number} ไม่มีแถวนี้ในรายงาน ประเภทงบหรือลำดับไม่ตรงกับแผนที่ใช้อยู่",
    "Project {number} has no such row in this report: the category or position is not in the plan in force",
)
_MOVED = Text(
    "แผนเปลี่ยนหลังจากดาวน์โหลดแบบกรอกนี้ ลำดับที่ {n} เดิมคือ “{was}” บัดนี้คือ “{now}” กรุณาดาวน์โหลดแบบกรอกใหม่",
    "The plan changed after this template was downloaded: position {n} was “{was}” and is “{now}” now. Please download a "
    "fresh template",
)
_GONE = Text(
    "แผ่นงาน “{sheet}”: มี {n} แถวที่ไม่อยู่ในไฟล์ ค่าเดิมของแถวเหล่านั้นคงไว้",
    "Sheet “{sheet}”: rows that are not in the workbook stay as they are ({n})",
)


def judge_reading(reading: Reading, subject: Subject) -> Judged:
    """Judge what was read of a workbook (that was not refused) as the form would, together with what is saved now.

    The value is `{"report": {"cells": …, "base": …}}`: the cells the workbook has a place for, empty ones included, and
    the report its template was made from, None where that is not known.
    """
    version = int(reading.identity.get("version", "0"))
    carried = json.loads(reading.carried or "{}")
    base = carried.get("cells", subject.cells if version == subject.version else None)
    sent: dict[str, str] = {}
    at: dict[str, tuple[str, int, str, str]] = {}  # place -> sheet, row, column, cell
    found: list[Fault] = []
    remarks = list(reading.remarks)
    for sheet in (s for s in sheets_of(subject) if s.key in reading.sheets):
        raw = reading.sheets[sheet.key]
        read = _read_rows(sheet, raw, subject.ground, carried.get("rows", {}).get(sheet.key, {}))
        found += read.faults
        columns = {column.key: column for column in sheet.columns}
        for place, (number, column, text, cell) in read.cells.items():
            at[place] = sheet.key, number, column, cell
            before = "" if base is None else base.get(place, "")
            # what the sheet only tidied, such as two blanks, nobody changed
            sent[place] = before if text == read_cell(columns[column], before, {})[0] else text
        if raw.headings and read.left:
            remarks.append(_GONE.fill(sheet=sheet.title, n=str(read.left)))
    # in the one plain form in which reports are kept
    kept = read_cells(sent, subject.ground).cells
    sent = {place: kept.get(place, "") for place in sent}
    merged = merge_sheet(base, sent, subject.cells)
    found += (_fault(problem, at) for problem in list_wrong(merged.cells, sent, subject))
    faults = merge_faults((f for f in reading.faults if _is_held(f, reading)), found)
    values = {} if faults else {"report": {"cells": sent, "base": base}}
    return Judged(values, faults, tuple(remarks), {"report": version})


def list_wrong(cells: Cells, of: Iterable[str], subject: Subject) -> list[Problem]:
    """What the form would not take of a report's cells, at the places `of` a workbook."""
    read = read_cells(cells, subject.ground)
    problems = [*read.unread, *list_report_problems(read.report, subject.ground, subject.former)]
    places = set(of)
    return [problem for problem in problems if problem.place in places]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The cells of a sheet by their places (row, column, text, address), what is wrong with its rows, and how many of the
    report's rows it does not have."""

    cells: Mapping[str, tuple[int, str, str, str]]
    faults: tuple[Fault, ...]
    left: int


def _read_rows(sheet: Sheet, raw: RawSheet, ground: Ground, titles: Mapping[str, str]) -> _Rows:
    """`titles` are what the rows were of when the template was made, by their names."""
    key, letters = sheet.key, dict(zip(raw.headings, raw.letters, strict=False))
    rows = {row_name(key, row): row for row in sheet.rows}
    now = row_titles(sheet)
    filled = [column for column in FILLED[key] if column in raw.headings]
    cells: dict[str, tuple[int, str, str, str]] = {}
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, row in raw.rows:
        if not any(row.get(column, "").strip() for column in (*KNOWN_BY[key], *filled)):
            continue  # a line of somebody's own in the columns for reading
        name = row_name(key, row)
        column, why = "number", None
        if name not in rows:
            project = name.partition("|")[0]
            if project in ground.projects:
                column, why = KNOWN_BY[key][-1], _NO_ROW.fill(number=project)
            else:
                why = NOT_REPORTED_HERE.fill(number=project) if project else _NO_NUMBER
        elif name in seen:
            why = TWICE
        elif (was := titles.get(name, now.get(name))) != now.get(name):
            column, why = "position", _MOVED.fill(n=rows[name]["position"], was=was or "", now=now[name])
        if why is not None:
            faults.append(Fault(key, number, column, why, _cell(letters, column, number)))
            continue
        seen.add(name)
        for column in filled:
            text = row.get(column, "")
            cells[place_of(key, rows[name], column)] = number, column, text, _cell(letters, column, number)
    return _Rows(cells, tuple(faults), len(rows) - len(seen))


def _is_held(fault: Fault, reading: Reading) -> bool:
    """Whether a fault is held against the workbook: what stands in a column for reading is nobody's fault, unless its sheet
    could not be read for it."""
    sheet = reading.sheets.get(fault.sheet)
    if fault.column is None or sheet is None or not sheet.headings:
        return True
    return fault.column in (*KNOWN_BY[fault.sheet], *FILLED[fault.sheet])


def _cell(letters: Mapping[str, str], column: str, row: int) -> str:
    return f"{letters[column]}{row}" if column in letters else ""


def _fault(problem: Problem, at: Mapping[str, tuple[str, int, str, str]]) -> Fault:
    sheet, row, column, cell = at[problem.place]
    return Fault(sheet, row, column, problem.text, cell)
