"""A sheet that is written fast: what the house writes is plain, and looking for what is not costs more than writing.

XlsxWriter reads every cell reference for letters, escapes every attribute, and looks through every formula thirty times
for functions newer than Excel 2010. The house names cells by numbers, its formulas hold no such function, so that they
work in every spreadsheet. What comes out is the same, byte for byte, but that text is text always: XlsxWriter takes one
between <r> and </r> for markup.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import (
    CellBlankTuple,
    CellDatetimeTuple,
    CellFormulaTuple,
    CellNumberTuple,
    CellStringTuple,
    Worksheet,
)

_letters = cache(xl_col_to_name)
# what must be escaped, or kept from being trimmed
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_|^\s|\s$")
_PLAIN = frozenset({CellNumberTuple, CellDatetimeTuple, CellBlankTuple, CellStringTuple, CellFormulaTuple})
_LONG = 16_000  # letters: below it a text is within what a cell holds, whatever its letters


class PlainSheet(Worksheet):  # type: ignore[misc]
    """Rows and columns are numbers; cells have formats."""

    _last_row = -1
    _put_row = -1
    previous_row: int

    def _put(self, row: int, col: int, cell: Any) -> None:
        if row != self._last_row or not self.dim_colmin <= col <= self.dim_colmax:
            self._last_row = row
            if self._check_dimensions(row, col):
                raise ValueError(f"cell {row}, {col} is off the sheet, or its row is written already")
            if self.constant_memory and row > self.previous_row:
                self._write_single_row(row)
        self.table[row][col] = cell

    def write_string(self, row: int, col: int, string: str, cell_format: Any = None) -> int:
        if len(string) > _LONG:
            return int(super()._write_string(row, col, string, cell_format))
        kept = string if self.constant_memory else self.str_table._get_shared_string_index(string)
        self._put(row, col, CellStringTuple(kept, cell_format))
        return 0

    def write_number(self, row: int, col: int, number: float, cell_format: Any = None) -> int:
        self._put(row, col, CellNumberTuple(number, cell_format))
        return 0

    def write_blank(self, row: int, col: int, blank: Any, cell_format: Any = None) -> int:
        self._put(row, col, CellBlankTuple(cell_format))
        return 0

    def write_formula(self, row: int, col: int, formula: str, cell_format: Any = None, value: Any = 0) -> int:
        self._put(row, col, CellFormulaTuple(formula.removeprefix("="), cell_format, value))
        return 0

    def put_row(self, row: int, cells: list[str]) -> None:
        """Write a row, from left to right, of a sheet that is written row by row."""
        self._check_dimensions(row, len(cells) - 1)
        if row > self.previous_row:
            self._write_single_row(row)
        self._write_row(row, None, self.row_info.get(row))
        self.fh.write("".join(cells))
        self._xml_end_tag("row")
        self._put_row = row

    def _write_single_row(self, current_row_num: int = 0) -> None:
        row, self.previous_row = self.previous_row, current_row_num
        if row == self._put_row:
            return
        cells = self.table.pop(row, None)
        if not cells or row in self.comments or any(cell.format is None for cell in cells.values()):
            self.previous_row = row
            if cells:
                self.table[row] = cells
            super()._write_single_row(current_row_num)
            return
        self._write_row(row, None, self.row_info.get(row))
        name = str(row + 1)
        self.fh.write("".join([self._cell(name, col, cells[col]) for col in sorted(cells)]))
        self._xml_end_tag("row")
        self.table.clear()

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if cell.format is None or type(cell) not in _PLAIN:
            super()._write_cell(row, col, cell)
        else:
            self.fh.write(self._cell(str(row + 1), col, cell))

    def _cell(self, row: str, col: int, cell: Any) -> str:
        head = f'<c r="{_letters(col)}{row}" s="{cell.format._get_xf_index()}"'
        kind = type(cell)
        if kind is CellBlankTuple:
            return f"{head}/>"
        if kind is CellStringTuple:
            return f"{head} {self.string_xml(cell.string)}"
        if kind is CellFormulaTuple:
            return f"{head}{self.formula_xml(cell.formula, cell.value)}"
        return f"{head}><v>{cell.number:.16G}</v></c>"

    def string_xml(self, string: Any) -> str:
        """What follows a string cell's format: its text, or its number among the shared ones."""
        if not self.constant_memory:
            return f't="s"><v>{string}</v></c>'
        keep = ""
        if _SPECIAL.search(string):
            if string[:1].isspace() or string[-1:].isspace():
                keep = ' xml:space="preserve"'
            string = self._escape_data(self._escape_control_characters(string))
        return f't="inlineStr"><is><t{keep}>{string}</t></is></c>'

    def formula_xml(self, formula: str, value: Any) -> str:
        """What follows a formula cell's format."""
        mark = ""
        if isinstance(value, str):
            mark = ' t="str"' if value else ""
            value = self._escape_data(value)
        return f"{mark}><f>{self._escape_data(formula)}</f><v>{value}</v></c>"


class RowOfCells:
    """Takes the cells of one row after the other as a sheet would, and keeps nothing but what is written."""

    def __init__(self, sheet: PlainSheet, columns: int) -> None:
        self.sheet = sheet
        self._names = [_letters(at) for at in range(columns)]
        self._cells: list[str] = []
        self._put = self._cells.append

    def done(self, row: int) -> None:
        """All cells of the row are there."""
        self.sheet.put_row(row, self._cells)
        self._cells.clear()

    def write_string(self, row: int, at: int, string: str, look: Any) -> None:
        if len(string) > _LONG:  # a cell holds so many halves of UTF-16, not letters
            string = string.encode("utf-16-le")[: 2 * self.sheet.xls_strmax].decode("utf-16-le", "ignore")
        xml = self.sheet.string_xml(string)
        self._put(f'<c r="{self._names[at]}{row + 1}" s="{look._get_xf_index()}" {xml}')

    def write_number(self, row: int, at: int, number: float, look: Any) -> None:
        self._put(f'<c r="{self._names[at]}{row + 1}" s="{look._get_xf_index()}"><v>{number:.16G}</v></c>')

    def write_datetime(self, row: int, at: int, moment: Any, look: Any) -> None:
        self.write_number(row, at, self.sheet._convert_date_time(moment), look)

    def write_blank(self, row: int, at: int, blank: None, look: Any) -> None:
        self._put(f'<c r="{self._names[at]}{row + 1}" s="{look._get_xf_index()}"/>')

    def write_formula(self, row: int, at: int, formula: str, look: Any, value: Any) -> None:
        xml = self.sheet.formula_xml(formula.removeprefix("="), value)
        self._put(f'<c r="{self._names[at]}{row + 1}" s="{look._get_xf_index()}"{xml}')
