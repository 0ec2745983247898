"""Sheets that calculate, in ink: formulas over keys, cells to type into, rules that colour rows, charts beside cells.

Formulas hold nothing but what the code declares: texts of a document only ever reach a sheet as strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_range, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.charts import colour_of
from reports.document import TEXT_KINDS, Document, Kind
from reports.live import FORM_KEYS, Entry, LiveColumn, LiveForm, LiveTable, SheetChart
from reports.thai import unit_of
from reports.typeface import FAMILY
from reports.xlsx_cells import Grid, cell_number
from reports.xlsx_charts import DOWNWARD, leave_room
from reports.xlsx_ink import Ink, number_format
from reports.xlsx_plain import PlainSheet, RowOfCells

_REFERENCE = re.compile(r"\{(?:(\w+)([.:]))?(\w+)(?:\.\.(\w+))?([\^-]?)\}")
_ROWS = {"": "own", "-": "above"}
VALUE = FORM_KEYS.index("value")
CHART_ROWS = 13
_CHART_WIDTH, _CHART_HEIGHT = 1100, 320


def compile_cells(template: str, grid: Grid, grids: dict[str, Grid]) -> Callable[[int], str]:
    """The formula of a row as a function of the row. Raises `KeyError` for a key nobody has."""
    pieces: list[str] = []
    at = 0
    top = grid.header_row + 1
    for found in _REFERENCE.finditer(template):
        pieces.append(_literal(template[at : found.start()]))
        at = found.end()
        owner, mark, key, last, which = found.groups()
        if mark == ":":
            pieces.append(_literal(_form_cells(grids[owner], key, last)))
        elif mark == ".":
            pieces.append(_literal(grids[owner].range(key)))
        else:
            column = xl_col_to_name(grid.position[key])
            pieces.append(
                f"{column}${top}:{column}{{above}}" if which == "^" else f"${column}{{{_ROWS[which]}}}"
            )
    pieces.append(_literal(template[at:]))
    pattern = "".join(pieces)
    return lambda row: pattern.format(own=row + 1, above=row)


def _literal(text: str) -> str:
    """Text that stays as it is when the rows are filled in."""
    return text.replace("{", "{{").replace("}", "}}")


def _form_cells(grid: Grid, key: str, last: str | None) -> str:
    """The value of a form's line, or of its lines from one to another."""
    assert isinstance(grid.table, LiveForm)
    rows = {line.key: grid.first_row + at for at, line in enumerate(grid.table.lines)}
    cell = xl_rowcol_to_cell(rows[key], VALUE, row_abs=True, col_abs=True)
    if last is not None:
        cell += ":" + xl_rowcol_to_cell(rows[last], VALUE, row_abs=True, col_abs=True)
    return f"'{grid.sheet_name}'!{cell}"


def raw_result(value: Any, kind: Kind) -> Any:
    """What a formula came to, as a cell keeps it; nothing is an empty text."""
    if value is None:
        return ""
    return str(value) if kind in TEXT_KINDS else cell_number(value, kind)


def live_writer(
    sheet: PlainSheet | RowOfCells, at: int, column: LiveColumn, grid: Grid, grids: dict[str, Grid], ink: Ink
) -> Callable[[int, Any, str], None] | None:
    """How a live column's cells are written; None for one that only looks alive."""
    kind = column.kind
    if column.cells:
        formula_of = compile_cells(column.cells, grid, grids)
        look = ink.cell(kind)
        write_formula = sheet.write_formula

        def formula(row: int, value: Any, style: str) -> None:
            write_formula(row, at, formula_of(row), look, raw_result(value, kind))

        return formula
    if column.entry is not None:
        typed = ink.entry(kind)

        def entry(row: int, value: Any, style: str) -> None:
            write_typed(sheet, row, at, value, kind, typed)

        return entry
    return None


def write_typed(sheet: Worksheet | RowOfCells, row: int, at: int, value: Any, kind: Kind, look: Any) -> None:
    """A value as it stands; text stays text."""
    if value is None or value == "":
        sheet.write_blank(row, at, None, look)
    elif kind in TEXT_KINDS:
        sheet.write_string(row, at, str(value), look)
    else:
        sheet.write_number(row, at, cell_number(value, kind), look)


def validate(sheet: Worksheet, first: int, last: int, at: int, kind: Kind, entry: Entry) -> None:
    """Hold the cells of a column to what may be typed, and say so beside them."""
    options: dict[str, Any] = {
        "input_title": entry.title[:32],
        "input_message": entry.note,
        "error_title": entry.title[:32],
        "error_message": entry.refusal,
        "ignore_blank": True,
    }
    if entry.choices:
        options |= {"validate": "list", "source": list(entry.choices)}
    else:
        options |= {
            "validate": "integer" if kind == "int" else "decimal",
            "criteria": "between",
            "minimum": cell_number(entry.least, kind),
            "maximum": cell_number(entry.most, kind),
        }
    sheet.data_validation(first, at, last, at, options)


def lock(sheet: Worksheet) -> None:
    """Keep formulas from being overwritten by accident: no password, filters and widths stay free."""
    sheet.protect(
        "",
        {
            "autofilter": True,
            "format_cells": True,
            "format_columns": True,
            "format_rows": True,
            "objects": True,
        },
    )


def finish_live(
    workbook: Workbook, sheet: Worksheet, grid: Grid, grids: dict[str, Grid], document: Document, ink: Ink
) -> None:
    """What stands over a live table's cells: validation, colours, the lock, charts at its right."""
    table = grid.table
    assert isinstance(table, LiveTable)
    last = grid.first_row + max(1, len(table.rows)) - 1
    for at, (_, column) in enumerate(grid.columns):
        if isinstance(column, LiveColumn) and column.entry is not None:
            validate(sheet, grid.first_row, last, at, column.kind, column.entry)
    # not over cells to type into: those stay yellow
    spans = _spans([isinstance(c, LiveColumn) and c.entry is not None for _, c in grid.columns])
    ranges = " ".join(xl_range(grid.first_row, start, last, end) for start, end in spans)
    for style, template in table.conditions:
        looks = {
            "type": "formula",
            "criteria": compile_cells(template, grid, grids)(grid.first_row),
            "format": ink.over(style),
            "stop_if_true": True,
            "multi_range": ranges,
        }
        sheet.conditional_format(grid.first_row, spans[0][0], last, spans[0][1], looks)
    if table.locked:
        lock(sheet)
    shown = [at for at, (_, column) in enumerate(grid.columns) if not column.hidden]
    for n, chart in enumerate(table.charts):
        drawn = draw(workbook, chart, grids[chart.table or table.name], document)
        sheet.insert_chart(
            grid.header_row + n * CHART_ROWS, shown[-1] + 2, drawn, {"description": chart.question}
        )


def _spans(left_out: list[bool]) -> list[tuple[int, int]]:
    """The runs of columns that are not left out: first and last of each."""
    spans: list[tuple[int, int]] = []
    for at, out in enumerate(left_out):
        if out:
            continue
        if spans and spans[-1][1] == at - 1:
            spans[-1] = (spans[-1][0], at)
        else:
            spans.append((at, at))
    return spans


def draw(workbook: Workbook, chart: SheetChart, grid: Grid, document: Document) -> Any:
    """A native chart over whole columns, which follows them."""
    options = {"type": "bar" if chart.horizontal else "column"}
    if chart.stacked:
        options["subtype"] = "stacked"
    drawn = workbook.add_chart(options)
    font = {"name": FAMILY, "size": 10}
    for series in chart.series:
        drawn.add_series(
            {
                "name": series.name,
                "categories": f"={grid.range(chart.category_key)}",
                "values": f"={grid.range(series.key)}",
                "fill": {"color": colour_of(series.colour)},
                "gap": 60,
            }
        )
    kind = grid.table.column(chart.series[0].key).kind
    numbers = {
        "name": unit_of(kind, "", document.language),
        "name_font": {**font, "bold": False},
        "num_font": font,
        "num_format": number_format(kind, document.language).rstrip("0").rstrip("."),
        "major_gridlines": {"visible": True, "line": {"color": "#E2E8F0"}},
        "line": {"none": True},
    }
    names: dict[str, Any] = {"num_font": font}
    if chart.horizontal:
        at = [column.key for column in grid.table.columns].index(chart.category_key)
        names |= DOWNWARD
        leave_room(drawn, (str(row[at]) for row in grid.table.values()))
    drawn.set_x_axis(numbers if chart.horizontal else names)
    drawn.set_y_axis(names if chart.horizontal else numbers)
    drawn.set_title({"none": True})
    drawn.set_legend({"position": "top", "font": font} if len(chart.series) > 1 else {"none": True})
    drawn.set_size({"width": _CHART_WIDTH, "height": _CHART_HEIGHT})
    return drawn
