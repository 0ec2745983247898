"""A form as a sheet: lines of values to type in or calculated, and charts below them."""

from __future__ import annotations

import re

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.document import Document, Kind
from reports.live import FormLine, LiveForm
from reports.xlsx_cells import Grid, lines_of
from reports.xlsx_grid import write_head
from reports.xlsx_ink import LINE_HEIGHT, Ink
from reports.xlsx_live import (
    CHART_ROWS,
    VALUE,
    compile_cells,
    draw,
    lock,
    raw_result,
    validate,
    write_typed,
)

_BARE = re.compile(r"\{(\w+)\}")


def write_form(
    workbook: Workbook, sheet: Worksheet, grid: Grid, grids: dict[str, Grid], document: Document, ink: Ink
) -> None:
    """A form: one value a line, and its charts below."""
    form = grid.table
    assert isinstance(form, LiveForm)
    write_head(sheet, grid, document, ink)
    widths = [column.width for _, column in grid.columns]
    for offset, line in enumerate(form.lines):
        row = grid.first_row + offset
        told = line.kind is not None and not (line.cells or line.entry or line.value is not None)
        room = sum(widths[VALUE:]) if told else widths[-1]
        lines = max(lines_of(line.note, room), lines_of(line.label, widths[0]), 1)
        options = {"hidden": True} if line.hidden else None
        sheet.set_row(row, LINE_HEIGHT * lines + 4, None, options)
        if line.kind is None:
            for at in range(len(widths)):
                sheet.write_blank(row, at, None, ink.heading())
            sheet.write_string(row, 0, line.label, ink.heading())
            continue
        if told:
            look = ink.cell("long_text")
            sheet.write_string(row, 0, line.label, look)
            sheet.merge_range(row, VALUE, row, len(widths) - 1, "", look)
            sheet.write_string(row, VALUE, line.note, look)
            continue
        _write_line(sheet, row, line, line.kind, grid, grids, ink)
    lock(sheet)
    _write_charts(workbook, sheet, grid, grids, document, ink)


def _write_charts(
    workbook: Workbook, sheet: Worksheet, grid: Grid, grids: dict[str, Grid], document: Document, ink: Ink
) -> None:
    """The charts below the lines, two on a printed page."""
    form = grid.table
    assert isinstance(form, LiveForm)
    row, breaks = grid.last_row + 2, []
    for n, chart in enumerate(form.charts):
        if n % 2 == 0:
            breaks.append(row)
        drawn = draw(workbook, chart, grids[chart.table], document)
        for at in range(len(grid.columns)):
            sheet.write_blank(row, at, None, ink.heading())
        sheet.write_string(row, 0, chart.title, ink.heading())
        sheet.write_string(row + 1, 0, chart.question, ink.faint())
        sheet.insert_chart(row + 2, 0, drawn, {"description": chart.question})
        row += CHART_ROWS + 2
    if breaks:
        sheet.set_h_pagebreaks(breaks)


def _write_line(
    sheet: Worksheet, row: int, line: FormLine, kind: Kind, grid: Grid, grids: dict[str, Grid], ink: Ink
) -> None:
    look = ink.entry(kind) if line.entry is not None else ink.result(kind)
    sheet.write_string(row, 0, line.label, ink.cell("long_text"))
    if line.cells:
        # a bare key is another line of the same form
        cells = _BARE.sub(rf"{{{grid.table.name}:\1}}", line.cells)
        formula = compile_cells(cells, grid, grids)(row)
        sheet.write_formula(row, VALUE, formula, look, raw_result(line.value, kind))
    else:
        write_typed(sheet, row, VALUE, line.value, kind, look)
    if line.entry is not None:
        validate(sheet, row, row, VALUE, kind, line.entry)
    sheet.write_string(row, VALUE + 1, line.unit, ink.cell("text"))
    write_typed(sheet, row, VALUE + 2, line.before, kind, ink.cell(kind, "grey"))
    sheet.write_string(row, VALUE + 3, line.note, ink.cell("long_text", "grey"))
