"""The decision book inside its workbook, and whether the workbook's sheets say what that book says.

A workbook comes from anywhere: its bytes are looked through and its cells read in the process that reads uploads, within
bounds. What its sheets must say is found by printing the book it carries once more and reading that the same way, cell by
cell and formula by formula; so every sheet counts, the cover and what is calculated included, and nothing may stand beside
them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import datetime
from typing import Any

from app.figures.books.chain import Tampered
from app.figures.books.papers import decision_document
from app.figures.books.reading import thaw_book
from app.figures.books.replaying import Check
from app.kernel.errors import DomainError
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.workbooks.facts import Refusal
from app.workbooks.guard import Limits
from app.workbooks.keeper import KEEPER, ChildLimits
from reports import write_workbook
from reports.xlsx_carried import SHEET, Carried, NotCarried, read_carried
from reports.xlsx_compare import Difference, first_difference, first_other_formula

LARGEST_BOOK = 256 * 1024 * 1024  # bytes of JSON
# of a workbook of a thousand projects and twenty thousand budget lines, several times over
LIMITS = Limits(
    file_bytes=64 << 20,
    inflated_bytes=768 << 20,
    rows=200_000,
    columns=250,
    cells=8_000_000,
    characters=300_000_000,
)
CHILD_LIMITS = ChildLimits(memory_megabytes=1536, cpu_seconds=90, wall_seconds=120)

CARRIED = Text("สมุดมติในสมุดงาน", "The book in the workbook")
SHEETS = Text("แผ่นงานที่เห็น", "The sheets")
NO_BOOK = Text(
    "สมุดงานนี้ไม่มีสมุดมติอยู่ภายใน หรือแผ่นงาน “{sheet}” ที่ซ่อนไว้ถูกลบ",
    "This workbook carries no decision book, or its hidden sheet “{sheet}” was taken out",
)
CARRIED_CHANGED = Text(
    "สมุดมติในสมุดงานถูกเปลี่ยนที่แผ่นงานซ่อน “{sheet}” แถวที่ {row}",
    "The decision book inside the workbook was changed: hidden sheet “{sheet}”, row {row}",
)
OTHER_CELL = Text(
    "แผ่นงาน “{sheet}” เซลล์ {cell} เขียนว่า “{said}” แต่ตามสมุดมติคือ “{meant}”",
    "Sheet “{sheet}”, cell {cell} says “{said}” where the decision book says “{meant}”",
)
OTHER_SHEET = Text(
    "แผ่นงาน “{said}” อยู่ในตำแหน่งของ “{meant}” ของสมุดมติ",
    "Sheet “{said}” stands where the decision book has “{meant}”",
)
TYPED_INTO = Text(
    " (สมุดงานที่กรอกค่าใหม่ หรือพิมพ์จากโปรแกรมรุ่นอื่น จะต่างด้วย)",
    " (a workbook typed into, or printed by another version of the program, differs as well)",
)
NOTHING = Text("ไม่มี", "nothing")
UNPRINTABLE = Text("พิมพ์สมุดมตินี้ซ้ำเพื่อเทียบไม่ได้ ({why})", "The book cannot be printed again to compare ({why})")

Rows = list[list[Any]]


@dataclass(slots=True)
class _Heard:
    """The rows of every sheet, by name, in the workbook's order, and its formulas by address."""

    sheets: dict[str, Rows] = field(default_factory=dict)
    formulas: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, topic: str, value: Any) -> None:
        if topic == "found":
            self.sheets = {tab: [] for tab in value["tabs"]}
        elif topic == "rows":
            self.sheets[value[0]] += value[2]
        elif topic == "formula_texts":
            self.formulas[value[0]] = value[1]


@dataclass(frozen=True, slots=True)
class BookInWorkbook:
    """A workbook as read: the book it carries, and the cells and formulas of its other sheets."""

    carried: Carried
    sheets: Mapping[str, Rows]
    formulas: Mapping[str, Mapping[str, str]]


class NoBookInside(ValueError):
    """A workbook that is not read, or carries no book; `text` says why."""

    def __init__(self, text: Text):
        super().__init__(text.en)
        self.text = text


def read_sheets(data: bytes) -> tuple[dict[str, Rows], dict[str, dict[str, str]]]:
    """The cells and the formulas of every sheet. Raises `NoBookInside` for what is no acceptable workbook."""
    heard = _Heard()
    settings = {"limits": asdict(LIMITS), "computed": True}
    answer = KEEPER.run("read", data, settings, CHILD_LIMITS, heard)
    if isinstance(answer, Refusal):
        raise NoBookInside(answer.text)
    return heard.sheets, heard.formulas


def book_in_workbook(data: bytes) -> BookInWorkbook:
    """The book a workbook carries. Raises `NoBookInside`, and `Tampered` naming the place where it was changed."""
    sheets, formulas = read_sheets(data)
    try:
        carried = read_carried(sheets.pop(SHEET, []), LARGEST_BOOK)
    except NotCarried as fault:
        if not fault.row:
            raise NoBookInside(NO_BOOK.fill(sheet=SHEET)) from None
        raise Tampered(CARRIED_CHANGED.fill(sheet=SHEET, row=fault.row)) from None
    return BookInWorkbook(carried, sheets, formulas)


def check_sheets(workbook: BookInWorkbook) -> Check:
    """Whether the sheets say what the carried book says, which must replay; the first cell that differs."""
    facts = workbook.carried.facts
    seen = Text(f"{len(workbook.sheets)} แผ่น", f"{len(workbook.sheets)} sheets")
    again = io.BytesIO()
    try:
        document = decision_document(
            thaw_book(workbook.carried.data),
            facts["language"],
            made_at=datetime.fromisoformat(facts["made_at"]),
            made_by=facts["made_by"],
            on_paper=False,
        )
        write_workbook(document, again)
        meant, formulas = read_sheets(again.getvalue())
    except (DomainError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        why = error.text.en if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
        return Check(SHEETS, seen, UNPRINTABLE.fill(why=why[:200]))
    del meant[SHEET]
    found = first_difference(workbook.sheets, meant) or first_other_formula(workbook.formulas, formulas)
    return Check(SHEETS, seen, _told(found))


def _told(found: Difference | None) -> Text | None:
    if found is None:
        return None
    said, meant = found.said or NOTHING, found.meant or NOTHING
    fault = OTHER_SHEET.fill(said=said, meant=meant)
    if found.cell:
        fault = OTHER_CELL.fill(sheet=found.sheet, cell=found.cell, said=said, meant=meant)
    return Text(fault.th + TYPED_INTO.th, fault.en + TYPED_INTO.en)
