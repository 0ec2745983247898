"""A returned workbook, read by the names over its columns and checked against the template it should be.

The bytes are looked through and parsed in the child process; here only plain cells arrive. A row keeps the number it
has in the sheet from the first cell to the last fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, field, replace
from typing import Any

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.workbooks.facts import Column, Fault, RawSheet, Reading, Refusal, Sheet, Template
from app.workbooks.guard import Limits
from app.workbooks.identity import Identity, read_identity
from app.workbooks.keeper import KEEPER, ChildLimits, Keeper
from app.workbooks.naming import (
    IDENTITY,
    TO_MEND,
    accepted_choices,
    check_template,
    column_letters,
    find_header,
    fold,
    heading_key,
    known_headings,
    tab_name,
)
from app.workbooks.refusals import refuse
from app.workbooks.typed import read_cell

LIMITS = Limits()
CHILD_LIMITS = ChildLimits()

Row = tuple[int, list[Any]]
Progress = Callable[[int, int], None]

_HEADER_WITHIN = 50
_ROOM_ABOVE = 100
_TICK_EVERY = 250
_ADDRESS = re.compile("([A-Z]+)([0-9]+)")

_FORMULA = Text(
    "เซลล์นี้เป็นสูตร ระบบรับเฉพาะค่า กรุณาคัดลอกแล้ววางแบบเฉพาะค่า",
    "This cell is a formula and only values are accepted; please copy it and paste the value only",
)
_FORMULA_ELSEWHERE = Text(
    "เซลล์ {cell} ในแผ่นงาน “{sheet}” เป็นสูตร กรุณาวางเป็นค่าหรือลบออก",
    "Cell {cell} of sheet “{sheet}” is a formula; please paste its value or delete it",
)
_NO_SHEET = Text("ไม่พบแผ่นงาน “{sheet}”", "Sheet “{sheet}” is missing")
_NO_HEADER = Text(
    "ไม่พบแถวหัวคอลัมน์ ต้องมีแถวที่มีชื่อคอลัมน์ เช่น {some}",
    "No row of headings was found; there must be one that says, for example, {some}",
)
_NO_COLUMN = Text("ไม่พบคอลัมน์ “{heading}”", "Column “{heading}” is missing")
_TWICE = Text(
    "มีคอลัมน์ “{heading}” ซ้ำกัน กรุณาเหลือไว้คอลัมน์เดียว", "Column “{heading}” is there twice; please keep one"
)
_TOO_MANY = Text(
    "รับได้ไม่เกิน {most} แถว แถวนี้เป็นต้นไปเกินกำหนด", "At most {most} rows are accepted; this one is over"
)
_LEFT_OUT = Text(
    "แผ่นงาน “{sheet}”: ไม่ได้นำเข้าคอลัมน์ {columns} เพราะไม่ใช่คอลัมน์ของแบบกรอก",
    "Sheet “{sheet}”: columns {columns} are not part of the template and were left out",
)
_ABSENT = Text("แผ่นงาน “{sheet}”: ไม่มีคอลัมน์ {columns}", "Sheet “{sheet}” has no columns {columns}")
_DIFFERS = Text("{name}ในไฟล์คือ {theirs} แต่ที่นี่คือ {ours}", "{name} is {theirs} in the file but {ours} here;")


def read_workbook(
    data: bytes,
    template: Template,
    key: bytes,
    *,
    must_match: Collection[str] = (),
    progress: Progress | None = None,
    limits: Limits = LIMITS,
    child_limits: ChildLimits = CHILD_LIMITS,
    keeper: Keeper = KEEPER,
) -> Reading:
    """What the uploaded `data` says, read as `template`, whose signing `key` it must bear.

    `must_match` are the keys of the identity in which the workbook must be that very template (all but "version" if
    none are named); `progress` hears (rows checked, rows in all) now and then. Never raises for what the bytes are.
    """
    check_template(template)
    heard = _Heard()
    settings = {"limits": asdict(with_row_limit(limits, template)), "sheets": sheet_names(template)}
    answer = keeper.run("read", data, settings, child_limits, heard)
    if isinstance(answer, Refusal):
        return Reading(refusal=answer)
    if IDENTITY not in heard.tabs.values():
        return Reading(refusal=refuse("not_template"))
    if heard.formulas:
        return Reading(faults=_formula_faults(heard))
    identity = read_identity(
        tuple(str(row[0]) if row else "" for _, row in heard.rows.get(IDENTITY, ())), key
    )
    refusal = _check_identity(identity, template, must_match)
    if refusal is not None or identity is None:
        return Reading(refusal=refusal)
    return _read_sheets(heard, template, identity, progress)


def _read_sheets(heard: _Heard, template: Template, identity: Identity, progress: Progress | None) -> Reading:
    sheets: dict[str, RawSheet] = {}
    faults: list[Fault] = []
    remarks: list[Text] = []
    tabs = {key: tab for tab, key in heard.tabs.items()}
    done, total = 0, sum(len(rows) for rows in heard.rows.values())

    def tick(rows: int) -> None:
        if progress is not None:
            progress(min(done + rows, total), total)

    for sheet in template.sheets:
        if sheet.key not in tabs:
            faults.append(Fault(sheet.key, 0, None, _NO_SHEET.fill(sheet=sheet.title)))
            continue
        errors = [cell for tab, cell in heard.errors if tab == tabs[sheet.key]]
        rows = _with_errors(heard.rows.get(sheet.key, []), errors)
        read = _ReadSheet(sheet, rows, tick)
        done += len(rows)
        sheets[sheet.key] = read.sheet
        faults += read.faults
        remarks += read.remarks
    tick(total)
    return Reading(None, identity.of, sheets, tuple(faults), tuple(remarks), identity.carried)


def with_row_limit(limits: Limits, template: Template) -> Limits:
    """`limits` with rows enough for the template's longest sheet."""
    most = max(sheet.most_rows for sheet in template.sheets) + _ROOM_ABOVE
    return replace(limits, rows=max(limits.rows, most))


def sheet_names(template: Template) -> dict[str, str]:
    """Folded tab name -> key, for the child: the template's sheets by either language, and the identity sheet."""
    names = {fold(IDENTITY): IDENTITY}
    for sheet in template.sheets:
        for words in (tab_name(sheet), sheet.title.en):
            names.setdefault(fold(words), sheet.key)
    return names


@dataclass(slots=True)
class _Heard:
    """What the child said, gathered."""

    tabs: dict[str, str] = field(default_factory=dict)
    formulas: list[tuple[str, str]] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def __call__(self, topic: str, value: Any) -> None:
        if topic == "found":
            self.tabs = value["tabs"]
            self.formulas = [(tab, cell) for tab, cell in value["formulas"]]
            self.errors = [(tab, cell) for tab, cell in value["errors"]]
        elif topic == "rows":
            key, first, rows = value
            self.rows.setdefault(key, []).extend(enumerate(rows, first))


def _check_identity(
    identity: Identity | None, template: Template, must_match: Collection[str]
) -> Refusal | None:
    if identity is None:
        return refuse("not_template")
    if identity.kind != template.kind:
        return refuse("other_kind")
    th, en = [], []
    for name in must_match or [name for name in template.identity if name != "version"]:
        ours, theirs = template.identity[name], identity.of.get(name, "")
        if ours != theirs:
            words = _DIFFERS.fill(
                name=template.names.get(name, Text(name, name)), ours=ours, theirs=theirs or "-"
            )
            th.append(words.th)
            en.append(words.en)
    return refuse("other_identity", differences=Text(" ".join(th), " ".join(en))) if th else None


def _formula_faults(heard: _Heard) -> tuple[Fault, ...]:
    faults = []
    for tab, cell in heard.formulas:
        key = heard.tabs.get(tab, "")
        text = _FORMULA if key else _FORMULA_ELSEWHERE.fill(cell=cell, sheet=tab)
        faults.append(Fault(key, _place(cell)[0], None, text, cell))
    return tuple(faults)


def _place(cell: str) -> tuple[int, int]:
    """ "D7" -> (7, 3): the row's number, the column counted from 0."""
    match = _ADDRESS.fullmatch(cell)
    assert match is not None
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return int(match[2]), number - 1


def _with_errors(rows: Sequence[Row], errors: Sequence[str]) -> list[Row]:
    """The rows with error cells put in: the parser shows those as empty, and empty they are not."""
    by_number = dict(rows)
    for cell in errors:
        number, column = _place(cell)
        row = by_number.setdefault(number, [])
        row += [""] * (column + 1 - len(row))
        row[column] = ["#"]
    return sorted(by_number.items())


class _ReadSheet:
    """One sheet read by its headings: the rows, what is wrong, what is worth saying."""

    def __init__(self, sheet: Sheet, rows: Sequence[Row], tick: Callable[[int], None]):
        self._tick = tick
        self.faults: list[Fault] = []
        self.remarks: list[Text] = []
        self.sheet = RawSheet((), ())
        self._of = sheet
        known = known_headings(sheet.columns)
        header = find_header([row for row in rows[:_HEADER_WITHIN] if row[0] <= _HEADER_WITHIN], known)
        if header is None:
            some = Text(*(", ".join(c.heading.say(x) for c in sheet.columns[:3]) for x in ("th", "en")))
            self.faults.append(Fault(sheet.key, 0, None, _NO_HEADER.fill(some=some)))
            return
        places = self._place_columns(*rows[header], known)
        if not self.faults:
            read = tuple(self._read_rows(rows[header + 1 :], places))
            letters = tuple(column_letters(index) for index, _ in places)
            self.sheet = RawSheet(tuple(column.key for _, column in places), read, letters)

    def _place_columns(
        self, number: int, cells: Sequence[Any], known: Mapping[str, str]
    ) -> list[tuple[int, Column]]:
        """The columns found, each with its index, in the sheet's order."""
        by_key = {column.key: column for column in self._of.columns}
        places: dict[str, int] = {}
        others = []
        for index, cell in enumerate(cells):
            key = heading_key(cell, known)
            if key is None:
                if isinstance(cell, str) and cell.strip() and fold(cell) != fold(TO_MEND):
                    others.append(" ".join(cell.split())[:60])
            elif key in places:
                self._fault(number, by_key[key], _TWICE.fill(heading=by_key[key].heading), index)
            else:
                places[key] = index
        absent = [column for column in self._of.columns if column.key not in places]
        for column in absent:
            if column.needed:
                self._fault(number, column, _NO_COLUMN.fill(heading=column.heading))
        if others:
            self._remark(_LEFT_OUT, Text(", ".join(others), ", ".join(others)))
        if absent:
            self._remark(_ABSENT, Text(*(", ".join(c.heading.say(x) for c in absent) for x in ("th", "en"))))
        return sorted(((index, by_key[key]) for key, index in places.items()), key=lambda place: place[0])

    def _read_rows(
        self, rows: Sequence[Row], places: Sequence[tuple[int, Column]]
    ) -> Iterator[tuple[int, dict[str, str]]]:
        accepted = {column.key: accepted_choices(column) for _, column in places}
        taken = 0
        for turn, (number, cells) in enumerate(rows):
            if turn % _TICK_EVERY == 0:
                self._tick(turn)
            width = len(cells)
            values: dict[str, str] = {}
            wrong: list[tuple[int, Column, Text]] = []
            is_blank = True
            for index, column in places:
                cell = cells[index] if index < width else ""
                if cell == "":
                    values[column.key] = ""
                    continue
                values[column.key], why = read_cell(column, cell, accepted[column.key])
                if why is not None:
                    wrong.append((index, column, why))
                    is_blank = False
                elif values[column.key]:
                    is_blank = False
            if is_blank:
                continue
            taken += 1
            if taken > self._of.most_rows:
                self.faults.append(
                    Fault(self._of.key, number, None, _TOO_MANY.fill(most=f"{self._of.most_rows:,}"))
                )
                return
            for index, column, why in wrong:
                self._fault(number, column, why, index)
            yield number, values

    def _fault(self, number: int, column: Column, why: Text, index: int | None = None) -> None:
        cell = "" if index is None else f"{column_letters(index)}{number}"
        self.faults.append(Fault(self._of.key, number, column.key, why, cell))

    def _remark(self, words: Text, columns: Text) -> None:
        self.remarks.append(words.fill(sheet=self._of.title, columns=columns))
