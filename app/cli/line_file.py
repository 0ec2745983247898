"""Reading a file of published budget lines: every bad row is named with its line number and reason.

The file is CSV in UTF-8, with or without a byte-order mark, with a header row. Columns are found by name; others
are ignored. Text is plain text, whatever it begins with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from app.calls.facts import Limits, PlanStructure
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import MoneyError, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise

COLUMNS = (
    "ref_doc",
    "page",
    "ministry",
    "agency",
    "plan_project",
    "guideline_2567",
    "category",
    "item",
    "amount_baht",
)
LONGEST_NAME = 200

FILE_REFUSED = Text("ยังไม่ได้นำเข้ารายการใดเลย", "Nothing was imported")
NOT_UTF8 = Text("แฟ้มไม่ใช่ข้อความ UTF-8", "The file is not UTF-8 text")
NOT_CSV = Text("อ่านแถวนี้เป็น CSV ไม่ได้", "This row cannot be read as CSV")
NO_LINES = Text("แฟ้มไม่มีรายการ", "The file holds no lines")
NO_COLUMN = Text("ไม่มีคอลัมน์ {column}", "There is no column {column}")
WRONG_WIDTH = Text("มี {n} ช่อง แต่หัวตารางมี {wanted}", "has {n} cells, the header has {wanted}")
EMPTY = Text("{column} ว่าง", "{column} is empty")
TOO_LONG = Text("{column} ยาวเกิน {n} ตัวอักษร", "{column} is longer than {n} characters")
ZERO = Text("จำนวนเงินต้องมากกว่าศูนย์", "The amount must be more than zero")
NO_CATEGORY = Text("ไม่รู้จักงบรายจ่าย “{value}”", "Unknown expenditure category “{value}”")
NO_GUIDELINE = Text("แนวทาง “{value}” ไม่มีในแผนของรอบนี้", "Guideline “{value}” is not in this call's plan")
DUPLICATE = Text("ซ้ำกับบรรทัดที่ {line}", "Repeats line {line}")


@dataclass(frozen=True, slots=True)
class LineRow:
    """One good row. `category` is the plan's code, `amount` satang, `line` the line in the file."""

    line: int
    ref_doc: str
    page: str
    ministry: str
    agency: str
    plan_project: str
    guideline: str
    category: str
    item: str
    amount: int

    @property
    def source(self) -> str:
        """Where the line is printed: volume and page of the budget documents."""
        return f"{self.ref_doc} หน้า {self.page}"

    @property
    def group(self) -> tuple[str, str]:
        """What makes a proposal of lines: agency and plan project."""
        return self.agency, self.plan_project


def bad_row(line: int, text: Text) -> Problem:
    """A problem of one line of the file; its place is "line-<number>"."""
    return Problem(f"line-{line}", Text(f"บรรทัดที่ {line}: {text.th}", f"Line {line}: {text.en}"))


def read_lines(data: bytes, plan: PlanStructure, limits: Limits) -> tuple[list[LineRow], list[Problem]]:
    """The good rows of a file and a problem for each thing wrong with the others.

    Raises `Refused` when the file as a whole cannot be read: not UTF-8, a column missing, no rows.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(FILE_REFUSED, [Problem("file", NOT_UTF8)]) from None
    records = read_records(text)
    header = [name.strip() for name in next(records, (0, []))[1]]
    missing = [Problem("line-1", NO_COLUMN.fill(column=c)) for c in COLUMNS if c not in header]
    if missing:
        raise Refused(FILE_REFUSED, missing)
    rows: list[LineRow] = []
    problems: list[Problem] = []
    seen: dict[tuple[object, ...], int] = {}
    for line, cells in records:
        if len(cells) != len(header):
            wrong = NOT_CSV if not cells else WRONG_WIDTH.fill(n=len(cells), wanted=len(header))
            problems.append(bad_row(line, wrong))
            continue
        row = _read_row(line, dict(zip(header, cells, strict=True)), plan, limits)
        if isinstance(row, LineRow):
            key = (*row.group, row.source, row.category, row.item, row.amount)
            if key in seen:
                problems.append(bad_row(line, DUPLICATE.fill(line=seen[key])))
                continue
            seen[key] = line
            rows.append(row)
        else:
            problems.extend(bad_row(line, wrong) for wrong in row)
    if not rows and not problems:
        raise Refused(FILE_REFUSED, [Problem("file", NO_LINES)])
    return rows, problems


def read_records(text: str) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of each record; blank lines are skipped, an unreadable record has no cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield first, []
            continue
        if cells:
            yield first, cells


def _read_row(line: int, typed: dict[str, str], plan: PlanStructure, limits: Limits) -> LineRow | list[Text]:
    wrong: list[Text] = []
    value: dict[str, str] = {}
    longest = {"plan_project": limits.title, "item": limits.short, "ref_doc": 40, "page": 20}
    for column in COLUMNS:
        try:
            value[column] = " ".join(normalise(typed[column]).split())
        except TextError as error:
            wrong.append(Text(f"{column}: {error.text.th}", f"{column}: {error.text.en}"))
            continue
        most = longest.get(column, LONGEST_NAME)
        if not value[column]:
            wrong.append(EMPTY.fill(column=column))
        elif len(value[column]) > most:
            wrong.append(TOO_LONG.fill(column=column, n=most))
    if wrong:
        return wrong
    amount = 0
    try:
        amount = parse_baht(value["amount_baht"])
        if amount == 0:
            wrong.append(ZERO)
    except MoneyError as error:
        wrong.append(error.text)
    categories = {choice.name.th: choice.code for choice in plan.categories}
    if value["category"] not in categories:
        wrong.append(NO_CATEGORY.fill(value=value["category"]))
    if value["guideline_2567"] not in plan.stage_of:
        wrong.append(NO_GUIDELINE.fill(value=value["guideline_2567"]))
    if wrong:
        return wrong
    return LineRow(
        line=line,
        ref_doc=value["ref_doc"],
        page=value["page"],
        ministry=value["ministry"],
        agency=value["agency"],
        plan_project=value["plan_project"],
        guideline=value["guideline_2567"],
        category=categories[value["category"]],
        item=value["item"],
        amount=amount,
    )
