"""Where a table's cells stand on its sheet, what a raw value is there, and how much room a text takes."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from xlsxwriter.utility import xl_col_to_name

from reports.document import Kind, Table
from reports.typeface import advances

# Raw integers are divided by these when they become cell numbers.
DIVISOR: dict[str, int] = {
    "int": 1,
    "money": 100,
    "million": 100_000_000,
    "score": 100,
    "percent": 100,
}
_EM = 11 * 96 / 72  # the body's size, in pixels
_EDGES = 14  # pixels of a cell no text stands in, with an indent of one, beyond the five every column has
_ON_SCREEN = 1.06  # how much longer a line gets where each of its letters is rounded to whole pixels
_RAGGED = 44.0
_UNKNOWN = 620  # thousandths: a letter of a font that steps in
SURELY = 0.7  # share of a column's width in characters that fits on its line, whatever the letters


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


def text_pixels(text: str, weight: int = 400) -> float:
    """How long a line of text of the body's size is, in pixels at 96 to the inch."""
    known = advances(weight)
    return sum(known.get(ord(letter), _UNKNOWN) for letter in text) * _EM / 1000


@lru_cache(maxsize=20_000)
def lines_of(text: str, width: float, weight: int = 400) -> int:
    """In how many lines a wrapped cell of ``width`` characters shows ``text``; one too many rather than one too few."""
    if len(text) <= width * SURELY and "\n" not in text:
        return 1
    room = max(2 * _EM, (width * 7 - _EDGES) / _ON_SCREEN)
    # Lines break between words: each but the last stays this much short of its end. Where Thai words end is not looked
    # up: a dictionary takes 70 MiB and half a second, and differs in a line in ten, mostly for less room.
    short = min(_RAGGED, room / 4)
    found = 0
    for part in text.split("\n"):
        long = text_pixels(part, weight)
        found += 1 if long <= room else ceil((long - short) / (room - short))
    return found


def cell_number(value: int, kind: Kind) -> int | float:
    """A raw integer as the number a cell holds."""
    divisor = DIVISOR[kind]
    return value if divisor == 1 else value / divisor
