"""Whether ten thousand budgets come out of page, workbook, paper, CSV and canonical JSON as the same figures, to the
satang, and whether every rounded column adds up as shown.

In: nothing but a seed. Out: for each medium how many budgets it tells otherwise (0 is the goal) and what reading it back
took. A workbook's cells are binary fractions: they hold sums to the satang up to 9 × 10^15 satang, ninety trillion baht.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property

from app.cli.bench.measure import Figure
from app.kernel.canonical import canonical_json
from app.kernel.config import PROJECT
from app.kernel.lean import dataclass
from app.kernel.money import decimal_baht, from_decimal_baht
from reports import Column, Document, Table, write_pdf, write_workbook
from reports.csvs import write_csv
from reports.rounding import as_printed

Say = Callable[[str], object]
BUDGETS = 10_000
_KEYS = ("q1", "q2", "q3", "q4", "total")
_SHEET = "budgets"
_STEP = 10_000  # a hundred baht: one in the fourth decimal of a million
_MADE_AT = datetime(2026, 1, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Budget:
    """Lines of four quarters each, satang."""

    number: str
    lines: tuple[tuple[int, ...], ...]

    @cached_property
    def figures(self) -> tuple[int, ...]:
        """What the quarters come to, and the whole."""
        quarters = [sum(line[at] for line in self.lines) for at in range(4)]
        return (*quarters, sum(quarters))

    @property
    def total(self) -> int:
        return self.figures[-1]


@dataclass(frozen=True, slots=True)
class Told:
    """What one medium tells, in satang: the figures of every budget, the same total as million baht, the sums below the
    columns (none where the medium has no sums), and what its line of rounding says."""

    figures: dict[str, tuple[int, ...]]
    millions: dict[str, int]
    is_rounded: bool
    sums: tuple[int, ...] | None = None
    million: int | None = None
    rounding: int = 0


def make_budgets(count: int, seed: int = 1) -> list[Budget]:
    """Budgets of one to four lines: a quarter in whole hundreds of baht, a quarter just between two figures in million
    baht, the rest in any satang; the largest near 10^13 satang."""
    dice = random.Random(seed)

    def amount(step: int) -> int:
        if not dice.randrange(8):
            return 0
        whole = dice.randrange(10 ** (12 if dice.random() < 0.0005 else dice.randint(0, 11)))
        return whole - whole % step

    budgets = []
    for n in range(1, count + 1):
        step, more = dice.choice(((_STEP, 0), (_STEP, _STEP // 2), (1, 0), (1, 0)))
        lines = [tuple(amount(step) for _ in range(4)) for _ in range(dice.randint(1, 4))]
        if n % 1000 == 0:
            lines[0] = (10**13 - n, *lines[0][1:])
        lines[0] = (lines[0][0] + more, *lines[0][1:])
        budgets.append(Budget(f"B{n:05d}", tuple(lines)))
    return budgets


def disagreements(budgets: Sequence[Budget], told: Told) -> int:
    """How many budgets, sums and columns are not as they should be."""
    wrong = len(told.figures.keys() ^ {b.number for b in budgets})
    for b in budgets:
        million = as_printed(b.total) if told.is_rounded else b.total
        wrong += (told.figures.get(b.number), told.millions.get(b.number)) != (b.figures, million)
    if told.sums is not None:
        wrong += told.sums != tuple(map(sum, zip(*(b.figures for b in budgets), strict=True)))
    if told.million is not None:
        exact = sum(b.total for b in budgets)
        wrong += told.million != (as_printed(exact) if told.is_rounded else exact)
        wrong += sum(told.millions.values()) + told.rounding != told.million
    return wrong


def document_of(budgets: Sequence[Budget]) -> Document:
    """The budgets as one table of a paper or workbook."""
    columns = [Column("number", "เลขที่", "text", 12)]
    columns += [Column(key, f"ไตรมาส {key[1]}", "money", 18, "sum") for key in _KEYS[:4]]
    columns.append(Column("total", "รวม", "money", 18, "sum", formula="={q1}+{q2}+{q3}+{q4}"))
    columns.append(Column("million", "รวม", "million", 16, "sum", formula="={total}/1000000"))
    table = Table(
        "budgets",
        "งบประมาณ",
        tuple(columns),
        tuple((b.number, *b.figures, b.total) for b in budgets),
        sheet=_SHEET,
        carry_forward=("total", "million"),
        landscape=True,
    )
    return Document("งบประมาณ", "th", (table,), _MADE_AT)


def told_by_json(budgets: Sequence[Budget]) -> Told:
    """Canonical JSON of the lines, amounts as decimal strings of baht."""
    text = canonical_json(
        {
            "budgets": [
                {"lines": [[decimal_baht(q) for q in line] for line in b.lines], "number": b.number}
                for b in budgets
            ],
            "total": decimal_baht(sum(b.total for b in budgets)),
        }
    )
    book = json.loads(text)
    figures = {}
    for one in book["budgets"]:
        lines = tuple(tuple(map(from_decimal_baht, line)) for line in one["lines"])
        figures[one["number"]] = Budget(one["number"], lines).figures
    totals = {number: found[-1] for number, found in figures.items()}
    return Told(figures, totals, False, million=from_decimal_baht(book["total"]))


def told_by_csv(budgets: Sequence[Budget]) -> Told:
    """The table as CSV, millions with all eight decimals."""
    out = io.BytesIO()
    write_csv(document_of(budgets).table("budgets"), out, keys_as_header=True)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    return Told(
        {row["number"]: tuple(_satang(row[key]) for key in _KEYS) for row in rows},
        {row["number"]: _satang(row["million"], 8) for row in rows},
        False,
    )


_PAGE = """{% import "macros/show.html" as show %}<table class="ledger"><tbody>
{% for b in budgets %}<tr><th>{{ b.number }}</th>{% for one in b.figures %}<td>{{ one|baht }}</td>{% endfor %}\
<td>{{ b.total|million }}</td></tr>
{% endfor %}{{ show.rounding_row(["name", none, none, none, none, none, budgets|map(attribute="total")|rounding]) }}</tbody>
<tfoot><tr><th>รวม</th>{% for one in sums %}<td>{{ one|baht }}</td>{% endfor %}<td>{{ sums[4]|million }}</td></tr></tfoot>
</table>"""
_ROW = re.compile(r"<tr[^>]*><th[^>]*>([^<]*)</th>(.*?)</tr>")
_CELL = re.compile(r"<td[^>]*>([^<]*)</td>")


def told_by_page(budgets: Sequence[Budget]) -> Told:
    """A page with the filters and the rounding line of all pages."""
    from flask import Flask  # imported late: only here

    from app.web.language import register

    app = Flask("agreement", template_folder=str(PROJECT / "templates"))
    register(app)
    sums = [sum(column) for column in zip(*(b.figures for b in budgets), strict=True)]
    page = app.jinja_env.from_string(_PAGE).render(budgets=budgets, sums=sums)
    return _told_in_print((name, _CELL.findall(cells)) for name, cells in _ROW.findall(page))


def told_by_workbook(budgets: Sequence[Budget]) -> Told:
    """The workbook: what its cells hold, and that its formulas come to what they hold."""
    from python_calamine import CalamineWorkbook  # imported late: only here

    out = io.BytesIO()
    write_workbook(document_of(budgets), out)
    book = CalamineWorkbook.from_filelike(io.BytesIO(out.getvalue()))
    cells = book.get_sheet_by_name(_SHEET).to_python(skip_empty_area=False)
    at = book.sheet_names.index(_SHEET) + 1
    with zipfile.ZipFile(out) as parts:
        xml = parts.read(f"xl/worksheets/sheet{at}.xml").decode()
    first = next(n for n, row in enumerate(cells) if row[0] == budgets[0].number)
    last = first + len(budgets)
    figures = {str(row[0]): tuple(_from_cell(v, 100) for v in row[1:6]) for row in cells[first:last]}
    for number, calculated in _calculated(xml, figures, first).items():
        if calculated != figures[number][-1]:
            figures[number] = ()  # its formula says otherwise
    sums = tuple(_from_cell(v, 100) for v in cells[last][1:6])
    if not all(
        re.search(rf'<c r="{c}{last + 1}"[^>]*><f>[^<]*\b{c}{first + 1}:{c}{last}\)</f>', xml)
        for c in "BCDEFG"
    ):
        sums = ()  # a total that leaves rows out
    millions = {str(row[0]): _from_cell(row[6], 10**8) for row in cells[first:last]}
    return Told(figures, millions, False, sums, _from_cell(cells[last][6], 10**8))


def _calculated(xml: str, figures: dict[str, tuple[int, ...]], first: int) -> dict[str, int]:
    """The total of every budget as its formula adds it up: the cells it names, of its own row."""
    formulas = dict(re.findall(r'<c r="(F\d+)"[^>]*><f>([^<]*)</f>', xml))
    found = {}
    for at, (number, quarters) in enumerate(figures.items(), first + 1):
        named = re.findall(r"([B-E])(\d+)", formulas.get(f"F{at}", ""))
        found[number] = sum(quarters["BCDE".index(column)] for column, row in named if row == str(at))
    return found


def told_by_paper(budgets: Sequence[Budget]) -> Told:
    """The text of the PDF, page by page. Raises `ValueError` for a carried total that is not the sum of what is printed
    above it."""
    import pypdfium2  # type: ignore[import-untyped]  # imported late: of the development tools

    out = io.BytesIO()
    write_pdf(document_of(budgets), out)
    book = pypdfium2.PdfDocument(out.getvalue())
    rows: list[tuple[str, list[str]]] = []
    total = million = 0
    for page in book:
        lines = [line.split() for line in page.get_textpage().get_text_range().splitlines()]
        for words in lines:
            if words and words[0].startswith("B"):
                total, million = total + _satang(words[5]), million + _satang(words[6], 8)
            if words and (words[0].startswith("B") or words[0] in ("ปัดเศษ", "รวมทั้งสิ้น")):
                rows.append((words[0], words[1:]))
        for words in lines:
            if words[:1] == ["ยอดยกไป"] and [_satang(words[1]), _satang(words[2], 8)] != [total, million]:
                raise ValueError(f"carried forward {words[1:]}, printed so far {total} and {million}")
    return _told_in_print(rows)


def _told_in_print(rows: Iterable[tuple[str, list[str]]]) -> Told:
    """Named rows as printed: budgets, then perhaps a line of rounding, then the sums."""
    figures, millions, rounding = {}, {}, 0
    sums: tuple[int, ...] = ()
    million = 0
    for name, cells in rows:
        if name.startswith("B"):
            figures[name] = tuple(map(_satang, cells[:5]))
            millions[name] = _satang(cells[5], 8)
        elif name == "ปัดเศษ":
            rounding = _satang(cells[-1], 8)
        else:
            sums, million = tuple(map(_satang, cells[:5])), _satang(cells[5], 8)
    return Told(figures, millions, True, sums, million, rounding)


def _satang(text: str, places: int = 2) -> int:
    """A printed amount of `places` decimals at most, as satang."""
    return int(Decimal(text.replace(",", "")).scaleb(places))


def _from_cell(value: object, unit: int) -> int:
    """A cell's number, exact as it is held, as the nearest whole satang."""
    return round(Decimal(value) * unit) if isinstance(value, (int, float)) else -1


MEDIA = {
    "page": told_by_page,
    "workbook": told_by_workbook,
    "CSV": told_by_csv,
    "canonical JSON": told_by_json,
    "paper": told_by_paper,
}


def measure_agreement(say: Say) -> list[Figure]:
    """Every budget through every medium and back."""
    budgets = make_budgets(BUDGETS)
    figures = []
    for name, told_by in MEDIA.items():
        begun, cpu = time.perf_counter(), time.process_time()
        wrong = disagreements(budgets, told_by(budgets))
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
        say(
            f"{name}: {len(budgets):,} budgets written and read back in {wall:.1f} s (CPU {cpu:.1f}); {wrong} told otherwise"
        )
        figures.append(Figure(f"budgets told otherwise by {name}", wrong, "", 0))
        figures.append(Figure(f"{name} written and read back", wall, "s"))
    return figures
