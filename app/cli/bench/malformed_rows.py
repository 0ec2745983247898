"""Workbooks as people mangle them: columns moved, rows shifted, amounts typed in every way, and single bad cells.

Each comes with what must be read from it, row by row, worked out here from what was put in and never by reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from functools import cache
from html import escape
from io import BytesIO
from random import Random
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from app.cli.bench.malformed_cells import BAD, GOOD, Cell, Good
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.workbooks.facts import Column, Fault, Reading, Sheet, Template
from app.workbooks.naming import HEADER_ROW, heading_cell
from app.workbooks.writing import write_template

KEY = b"the key of this measurement only"

_CATEGORIES = tuple(
    (code, Text(th, en))
    for code, th, en in (
        ("personnel", "งบบุคลากร", "Personnel"),
        ("operations", "งบดำเนินงาน", "Operations"),
        ("investment", "งบลงทุน", "Investment"),
        ("1-1", "งบเงินอุดหนุน", "Grants"),
        ("11", "งบรายจ่ายอื่น", "Other expenses"),
    )
)
BUDGET = Sheet(
    "budget",
    Text("รายการงบประมาณ", "Budget lines"),
    (
        Column("category", Text("งบรายจ่าย", "Category"), "choice", needed=True, choices=_CATEGORIES),
        Column("item", Text("รายการ", "Item"), "long", 40, needed=True, longest=300),
        Column("quantity", Text("จำนวน", "Quantity"), "quantity", needed=True),
        Column("unit", Text("หน่วยนับ", "Unit"), longest=60),
        Column("unit_price", Text("ราคาต่อหน่วย (บาท)", "Unit price (baht)"), "amount", needed=True),
        *(Column(f"q{n}", Text(f"ไตรมาส {n} (บาท)", f"Quarter {n} (baht)"), "amount") for n in range(1, 5)),
        Column("remark", Text("หมายเหตุ", "Remark")),
    ),
)
INDICATORS = Sheet(
    "indicators",
    Text("ตัวชี้วัด", "Indicators"),
    (
        Column("name", Text("ชื่อตัวชี้วัด", "Indicator"), needed=True),
        Column("target", Text("ค่าเป้าหมาย", "Target"), needed=True),
    ),
    rows=({"name": "ร้อยละของข้อมูลที่เชื่อมโยง", "target": "80"}, {"name": "จำนวนผู้ใช้", "target": "1000"}),
)


Named = Mapping[str, tuple[Cell, str]]
"""Column key -> the cell of a row that says which row it is, and what must be read from it."""
Wrong = Iterable[tuple[str, str]]
"""(name of the count, words) of what is wrong about a reading."""


@dataclass(frozen=True, eq=False)
class Paper:
    """A template that cases are made from, and which of its sheets, `sheet`, is filled in at random.

    `differs` are identities it may not have, `signed` some bytes of what is signed in it. `name_rows` gives what tells
    rows apart, for so many; `good` makes cells of columns that take less than their kind does. `judge` is what the room
    makes of a reading: its faults, and what is wrong about them.
    """

    template: Template
    sheet: Sheet
    differs: tuple[tuple[str, str], ...]
    signed: bytes
    name_rows: Callable[[Random, int], Sequence[Named]] = lambda rng, count: ()
    good: Mapping[str, Good] = field(default_factory=dict)
    judge: Callable[[Reading, Must], tuple[Sequence[Fault], Wrong]] = lambda reading, must: (
        reading.faults,
        (),
    )

    @property
    def part(self) -> str:
        """The part of the sheet that is filled in."""
        return f"xl/worksheets/sheet{2 + self.template.sheets.index(self.sheet)}.xml"

    @property
    def identity_part(self) -> str:
        return f"xl/worksheets/sheet{3 + len(self.template.sheets)}.xml"

    @property
    def others(self) -> dict[str, dict[int, dict[str, str]]]:
        """What must be read from the other sheets, which stay as they went out."""
        return {
            sheet.key: {n: dict(row) for n, row in enumerate(sheet.rows, HEADER_ROW + 1)}
            for sheet in self.template.sheets
            if sheet is not self.sheet
        }

    def parts(self, **identity: str) -> dict[str, bytes]:
        """The parts of the template as it went out, by name; `identity` changes whose it is. Not to be changed: copy
        it."""
        return _parts(self, tuple(identity.items()))

    def with_sheet(self, xml: bytes) -> dict[str, bytes]:
        """A copy of the parts with the sheet replaced."""
        return self.parts() | {self.part: xml}


@cache
def _parts(paper: Paper, identity: tuple[tuple[str, str], ...]) -> dict[str, bytes]:
    template = replace(paper.template, identity={**paper.template.identity, **dict(identity)})
    data = write_template(template, KEY, datetime(2027, 1, 4, tzinfo=UTC))
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_parts(parts: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """The parts as a zip file; the same parts give the same bytes."""
    target = BytesIO()
    with ZipFile(target, "w", method, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), content, method if len(content) > 99 else ZIP_STORED)
    return target.getvalue()


@dataclass(slots=True)
class Must:
    """What reading a workbook must give: refused as a whole, or exactly these rows and these faulty rows.

    `rows`: sheet -> row number -> {column: text}, faulty cells left out; `faulty`: sheet -> rows with a fault;
    `headless`: sheets whose headings are at fault, so that no row is read. With `either`, refusing is right too.
    """

    is_refused: bool = False
    either: bool = False
    rows: dict[str, dict[int, dict[str, str]]] = field(default_factory=dict)
    faulty: dict[str, set[int]] = field(default_factory=dict)
    headless: set[str] = field(default_factory=set)
    formulas: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)


class Filling:
    """One sheet filled in at random, the XML it makes, and what must be read from it."""

    def __init__(self, rng: Random, of: Paper, *, bad: int = 0, lines: int | None = None):
        self.rng, self.of, self.key = rng, of, of.sheet.key
        self.grid: dict[int, dict[int, Cell]] = {}
        self.must = Must(rows={self.key: {}, **of.others}, faulty={self.key: set()})
        self.columns = self._choose_columns()
        self.must.columns = {column.key for column in self.columns.values() if column is not None}
        self.header = rng.choice((3, 3, 3, 1, 2, 7, rng.randrange(4, 30)))
        self._put_headings()
        number, spoilt = self.header, 0
        count = rng.randrange(1, 12) if lines is None else lines
        self.names = of.name_rows(rng, count)
        for n in range(count):
            number += 1 if rng.random() < 0.8 else rng.randrange(2, 6)
            spoil = bad - spoilt if n == count - 1 else int(spoilt < bad and rng.random() < bad / count)
            self._put_line(number, n, spoil)
            spoilt += spoil
            if rng.random() < 0.1:
                number += 1
                self._put_nothing(number)
        self.last = number

    def _choose_columns(self) -> dict[int, Column | None]:
        """Place -> column; None for a column that is not ours."""
        columns: list[Column | None] = [
            column for column in self.of.sheet.columns if column.needed or self.rng.random() < 0.85
        ]
        if self.rng.random() < 0.5:
            self.rng.shuffle(columns)
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            columns.insert(self.rng.randrange(len(columns) + 1), None)
        start = self.rng.choice((0, 0, 0, 1, 3))
        return dict(enumerate(columns, start))

    def _put_headings(self) -> None:
        for row in range(1, self.header):
            if self.rng.random() < 0.5:
                self.grid[row] = {
                    self.rng.randrange(9): ("s", self.rng.choice(("ส่วนราชการ", "ไตรมาส", "2572", "รวม")))
                }
        heads: dict[int, Cell] = {}
        for place, column in self.columns.items():
            words = f"ช่องเพิ่มเติม {place}" if column is None else self._heading(column)
            heads[place] = ("s", words)
        self.grid[self.header] = heads

    def _heading(self, column: Column) -> str:
        return self.rng.choice(
            (
                heading_cell(column),
                heading_cell(column),
                column.heading.th,
                f"  {column.heading.th} ",
                column.heading.en,
                column.heading.en.upper(),
                column.heading.th.replace(" ", "\u00a0"),
                f"{column.heading.th}*",
                f"{column.heading.th}\r\n{column.heading.en}",
            )
        )

    def _put_nothing(self, number: int) -> None:
        """A row that holds nothing of ours: blanks, or something in a column we do not know."""
        row: dict[int, Cell] = {}
        for place, column in self.columns.items():
            if column is None:
                row[place] = ("s", "รวม")
            elif self.rng.random() < 0.5:
                row[place] = ("s", self.rng.choice((" ", "\u00a0", "  \n ")))
        self.grid[number] = row

    def _put_line(self, number: int, n: int, spoil: int) -> None:
        ours = [place for place, column in self.columns.items() if column is not None]
        spoilt = set(self.rng.sample(ours, min(spoil, len(ours))))
        row: dict[int, Cell] = {}
        expected: dict[str, str] = {}
        for place, column in self.columns.items():
            if column is None:
                row[place] = ("s", f"ไม่เกี่ยว {n}")
            elif place in spoilt:
                row[place] = self.rng.choice(BAD[column.kind])(self.rng, column)
                self.must.faulty[self.key].add(number)
            elif self.names and column.key in self.names[n]:
                row[place], expected[column.key] = self.names[n][column.key]
            else:
                make = self.of.good.get(column.key, GOOD[column.kind])
                row[place], expected[column.key] = make(self.rng, column, number)
        self.grid[number] = row
        self.must.rows[self.key][number] = expected

    def xml(self, *, extra: str = "") -> bytes:
        """The sheet; `extra` goes behind its cells."""
        claim = self.rng.choice(("A1", "A1:O103", "A1:XFD1048576", "C3:D4"))
        rows = "".join(
            f'<row r="{number}">'
            + "".join(self._cell(number, place, cell) for place, cell in sorted(cells.items()))
            + "</row>"
            for number, cells in sorted(self.grid.items())
        )
        if self.rng.random() < 0.2:
            rows += '<row r="1048576" ht="12.8" hidden="0"/>'
        return f'{HEAD}<dimension ref="{claim}"/><sheetData>{rows}</sheetData>{extra}</worksheet>'.encode()

    def _cell(self, number: int, place: int, cell: Cell) -> str:
        kind, value = cell
        where = f'r="{letters(place)}{number}"'
        text = escape(value, quote=False)
        if kind == "s":
            if self.rng.random() < 0.5:
                return f'<c {where} t="str"><v>{text}</v></c>'
            return f'<c {where} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        return f'<c {where} t="{kind}"><v>{text}</v></c>'


HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
)


def letters(place: int) -> str:
    """0 -> "A"; up to "Z"."""
    return chr(65 + place)


LINES = Paper(
    Template(
        "lines",
        Text("แบบกรอก", "Template"),
        (BUDGET, INDICATORS),
        {"call": "2572", "proposal": "2572-0001", "agency": "alpha", "version": "1"},
    ),
    BUDGET,
    (("call", "2571"), ("agency", "beta"), ("proposal", "2572-0002")),
    b"alpha",
)
"""Budget lines, as the agency's desk hands them out."""
