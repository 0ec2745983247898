"""A sheet that writes formulas as they are given."""

from __future__ import annotations

from typing import Any

from xlsxwriter.worksheet import CellFormulaTuple, Worksheet


class PlainSheet(Worksheet):  # type: ignore[misc]
    """XlsxWriter looks through every formula thirty times for functions newer than Excel 2010, to mark them. The house's
    formulas hold none, so that they work in every spreadsheet; looking costs more than all the writing."""

    def _write_formula(
        self, row: int, col: int, formula: str, cell_format: Any = None, value: Any = 0
    ) -> int:
        if self._check_dimensions(row, col):
            return -1
        if self.constant_memory and row > self.previous_row:
            self._write_single_row(row)
        self.table[row][col] = CellFormulaTuple(formula.removeprefix("="), cell_format, value)
        return 0
