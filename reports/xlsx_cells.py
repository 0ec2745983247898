"""Where a table's cells stand on its sheet, what a raw value is there, and how much room a text takes."""

from __future__ import annotations

from math import ceil

from xlsxwriter.utility import xl_col_to_name

from reports.document import Kind, Table

# Raw integers are divided by these when they become cell numbers.
DIVISOR: dict[str, int] = {
    "int": 1,
    "money": 100,
    "million": 100_000_000,
    "score": 100,
    "percent": 100,
}
_MARKS = dict.fromkeys([0x0E31, *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F)])


class Grid:
    """Where a table's cells stand on its sheet, known before anything is written."""

    def __init__(self, table: Table, sheet_name: str) -> None:
        self.table = table
        self.sheet_name = sheet_name
        self.columns = [(index, column) for index, column in enumerate(table.columns) if not column.pdf_only]
        self.position = {column.key: at for at, (_, column) in enumerate(self.columns)}
        self.has_groups = any(column.group for _, column in self.columns)
        self.header_row = 4 if self.has_groups else 3
        self.first_row = self.header_row + 1
        self.last_row = self.header_row + max(1, len(table.rows))
        self.total_row = self.last_row + 1

    def range(self, key: str, absolute: bool = True) -> str:
        """The cells of a column as a formula writes them, with the sheet's name in front."""
        column = xl_col_to_name(self.position[key], absolute)
        dollar = "$" if absolute else ""
        first, last = self.first_row + 1, self.last_row + 1
        return f"'{self.sheet_name}'!{column}{dollar}{first}:{column}{dollar}{last}"


def visible_length(text: str) -> int:
    """How many places a text takes: marks above and below take none."""
    return len(text.translate(_MARKS))


def lines_of(text: str, width: float) -> int:
    """In how many lines a wrapped cell of ``width`` characters shows ``text``."""
    if len(text) <= width and "\n" not in text:
        return 1
    # Thai breaks between words, so a line is seldom filled to the end.
    room = max(1.0, width * 0.92)
    return sum(max(1, ceil(visible_length(part) / room)) for part in text.split("\n"))


def cell_number(value: int, kind: Kind) -> int | float:
    """A raw integer as the number a cell holds."""
    divisor = DIVISOR[kind]
    return value if divisor == 1 else value / divisor
