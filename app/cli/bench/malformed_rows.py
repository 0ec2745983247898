"""Workbooks as people mangle them: columns moved, rows shifted, amounts typed in every way, and single bad cells.

Each comes with what must be read from it, row by row, worked out here from what was put in and never by reading.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import escape
from io import BytesIO
from random import Random
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from app.kernel.money import decimal_baht, format_baht
from app.kernel.text import Text
from app.kernel.thai_text import thai_digits
from app.workbooks.facts import Column, Sheet, Template
from app.workbooks.naming import heading_cell
from app.workbooks.writing import write_template

KEY = b"the key of this measurement only"
BUDGET_PART, INDICATOR_PART, IDENTITY_PART = (f"xl/worksheets/sheet{n}.xml" for n in (2, 3, 5))

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
INDICATOR_ROWS = {n: dict(row) for n, row in enumerate(INDICATORS.rows, 4)}


def template(**identity: str) -> Template:
    """The template all cases are made from; `identity` changes whose it is."""
    of = {"call": "2572", "proposal": "2572-0001", "agency": "alpha", "version": "1", **identity}
    return Template("lines", Text("แบบกรอก", "Template"), (BUDGET, INDICATORS), of)


@cache
def template_parts(**identity: str) -> dict[str, bytes]:
    """The parts of an empty template, by name. Not to be changed: copy it."""
    data = write_template(template(**identity), KEY, datetime(2027, 1, 4, tzinfo=UTC))
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


Cell = tuple[str, str]
"""Its type in the sheet's XML ("s" for any string) and its value."""


class Filling:
    """One budget sheet filled in at random, the XML it makes, and what must be read from it."""

    def __init__(self, rng: Random, *, bad: int = 0, lines: int | None = None):
        self.rng = rng
        self.grid: dict[int, dict[int, Cell]] = {}
        self.must = Must(rows={"budget": {}, "indicators": INDICATOR_ROWS}, faulty={"budget": set()})
        self.columns = self._choose_columns()
        self.header = rng.choice((3, 3, 3, 1, 2, 7, rng.randrange(4, 30)))
        self._put_headings()
        number, spoilt = self.header, 0
        count = rng.randrange(1, 12) if lines is None else lines
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
            column for column in BUDGET.columns if column.needed or self.rng.random() < 0.85
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
                row[place] = self.rng.choice(_BAD[column.kind])(self.rng)
                self.must.faulty["budget"].add(number)
            else:
                row[place], expected[column.key] = _GOOD[column.kind](self.rng, column, number)
        self.grid[number] = row
        self.must.rows["budget"][number] = expected

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


def _good_amount(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    satang = rng.choice((0, rng.randrange(10**4), rng.randrange(10**9), rng.randrange(10**14)))
    plain, grouped = decimal_baht(satang), format_baht(satang)
    cell = rng.choice(
        (
            ("n", plain),
            ("n", f"{satang / 100:.17g}"),
            ("n", plain.removesuffix(".00")),
            ("s", grouped),
            ("s", thai_digits(grouped)),
            ("s", f"\u00a0{grouped} "),
            ("s", f"{grouped} บาท"),
            ("s", f"฿{plain}"),
        )
    )
    return (("s", rng.choice(("-", " ", "–"))), "") if rng.random() < 0.1 else (cell, plain)


def _good_quantity(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    count = rng.choice((1, number, rng.randrange(10**6)))
    forms = (
        ("n", str(count)),
        ("n", f"{count}.0"),
        ("s", f"{count:,}"),
        ("s", thai_digits(f" {count}\u00a0")),
    )
    return rng.choice(forms), str(count)


def _good_choice(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    code, name = rng.choice(column.choices)
    forms = [name.th, name.en, code, f" {name.th}\u00a0", name.en.upper(), name.th.replace("งบ", "งบ ")]
    return (("n", "11") if code == "11" and rng.random() < 0.3 else ("s", rng.choice(forms))), code


def _good_text(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    words = f"{rng.choice(_WORDS)} {column.key} {number} {rng.randrange(10**9)}"
    return ("s", rng.choice((words, words, f"  {words}\u00a0", words.replace(" ", "  ")))), words


_WORDS = (
    "จัดหาเครื่องแม่ข่าย",
    "=1+1",
    "+66",
    "@SUM",
    "-",
    "<&>\"'",
    "ระบบ 😀",
    "จ้างพัฒนา",
    "#REF!",
    "TRUE",
    "1/2",
)
_ODD: tuple[Callable[[Random], Cell], ...] = (
    lambda rng: ("b", "1"),
    lambda rng: ("e", rng.choice(("#REF!", "#DIV/0!", "#N/A", "#VALUE!"))),
    lambda rng: ("d", "2027-01-04T00:00:00"),
)
_UNREADABLE: tuple[Callable[[Random], Cell], ...] = (
    lambda rng: ("s", "ข้อ_x0007_ความ"),
    lambda rng: ("s", "ก" + "่" * 900),
)
_GOOD: dict[str, Callable[[Random, Column, int], tuple[Cell, str]]] = {
    "amount": _good_amount,
    "quantity": _good_quantity,
    "choice": _good_choice,
    "text": _good_text,
    "long": _good_text,
}
_BAD: dict[str, tuple[Callable[[Random], Cell], ...]] = {
    "amount": (
        *_ODD,
        lambda rng: (
            "s",
            rng.choice(("สิบบาท", "1,2,3", "1200,50", "1.234", "-5", "(5)", "1e5", "12..3", "๑๒x", "NaN")),
        ),
        lambda rng: (
            "n",
            rng.choice(("-3", "1.005", "0.001", "1e300", "1e13", "12345678901234567", "5e-324")),
        ),
    ),
    "quantity": (
        *_ODD,
        lambda rng: ("s", rng.choice(("สอง", "1.5", "-1", "1,2", "1/2", "9" * 40))),
        lambda rng: ("n", rng.choice(("2.5", "-4", "1e20", "0.1"))),
    ),
    "choice": (*_ODD, lambda rng: ("s", rng.choice(("งบอะไร", "111", "1–1", "investments", "x" * 500)))),
    "text": (*_ODD, *_UNREADABLE, lambda rng: ("s", "ย" * 501)),
    "long": (*_ODD, *_UNREADABLE, lambda rng: ("s", "ย" * 301)),
}
