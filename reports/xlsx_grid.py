"""One table as one sheet: header, cells, formulas, totals, and the size of every row."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from reports.document import TEXT_KINDS, Column, Document
from reports.live import LiveColumn, LiveForm, LiveTable
from reports.thai import in_bangkok, unit_of, word
from reports.xlsx_cells import DIVISOR, SURELY, Grid, cell_number, lines_of
from reports.xlsx_ink import LINE_HEIGHT, ROW_HEIGHT, Ink
from reports.xlsx_live import live_writer
from reports.xlsx_page import SURE_SCALE, spread_columns, write_head_and_foot
from reports.xlsx_plain import PlainSheet, RowOfCells

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST = 32_767
_KEY = re.compile(r"\{(\w+)\}")


def _formula(template: str, grid: Grid, row: int) -> str:
    """A row formula with its column keys replaced by this row's cells."""
    return _KEY.sub(lambda key: xl_rowcol_to_cell(row, grid.position[key[1]]), template)


def _sum_formula(column: Column, grid: Grid, grids: dict[str, Grid], row: int) -> str:
    """A live summary over another sheet, in the units of this column."""
    assert column.sumif is not None
    rule, other = column.sumif, grids[column.sumif.table]
    pairs = "".join(
        f",{other.range(theirs)},{xl_rowcol_to_cell(row, grid.position[own], col_abs=True)}"
        for theirs, own in rule.where
    )
    if rule.value is None:
        if not pairs:
            return f"=ROWS({other.range(other.table.columns[0].key)})"
        return f"=COUNTIFS({pairs[1:]})"
    amount = other.range(rule.value)
    total = f"SUMIFS({amount}{pairs})" if pairs else f"SUM({amount})"
    from_kind, to_kind = other.table.column(rule.value).kind, column.kind
    if from_kind != to_kind:
        ratio = DIVISOR[to_kind] // DIVISOR[from_kind]
        total += f"/{ratio}" if ratio > 1 else f"*{DIVISOR[from_kind] // DIVISOR[to_kind]}"
    return "=" + total


Writer = Callable[[int, Any, str], None]


def _writer(
    sheet: PlainSheet | RowOfCells, at: int, column: Column, grid: Grid, grids: dict[str, Grid], ink: Ink
) -> Writer:
    """The fastest way to write one column's cells: ``(row, raw value, row style)``."""
    kind = column.kind
    formats: dict[str, Format] = {}

    def look(style: str) -> Format:
        if style not in formats:
            formats[style] = ink.cell(kind, style)
        return formats[style]

    write_string, write_number = sheet.write_string, sheet.write_number
    write_blank = sheet.write_blank

    def text(row: int, value: Any, style: str) -> None:
        if value is None or value == "":
            write_blank(row, at, None, look(style))
            return
        written = str(value)
        if written.startswith("<r>") and written.endswith("</r>"):
            written += " "  # the writer would take it for markup of its own
        if len(written) > _LONGEST:
            written = written[: _LONGEST - 1] + "…"
        risky = written.startswith(_RISKY)
        write_string(row, at, written, ink.cell(kind, style, True) if risky else look(style))

    def date(row: int, value: Any, style: str) -> None:
        if value is None:
            write_blank(row, at, None, look(style))
            return
        local = in_bangkok(value)
        naive = local.replace(tzinfo=None) if isinstance(local, datetime) else local
        sheet.write_datetime(row, at, naive, look(style))

    divisor = DIVISOR.get(kind, 1)

    def number(row: int, value: Any, style: str) -> None:
        if value is None:
            write_blank(row, at, None, look(style))
        else:
            write_number(row, at, value / divisor if divisor > 1 else value, look(style))

    def formula(row: int, value: Any, style: str) -> None:
        if value is None:
            write_blank(row, at, None, look(style))
            return
        written = (
            _sum_formula(column, grid, grids, row)
            if column.sumif is not None
            else _formula(column.formula, grid, row)
        )
        sheet.write_formula(row, at, written, look(style), cell_number(value, kind))

    if isinstance(column, LiveColumn):
        live = live_writer(sheet, at, column, grid, grids, ink)
        if live is not None:
            return live
    alive = column.formula or (column.sumif is not None and column.sumif.table in grids)
    if alive and column.is_number:
        return formula
    if kind in TEXT_KINDS:
        return text
    return date if kind == "date" else number


def write_grid(sheet: PlainSheet, grid: Grid, grids: dict[str, Grid], document: Document, ink: Ink) -> None:
    """Fill a sheet with a table."""
    table = grid.table
    write_head(sheet, grid, document, ink)
    # a sheet written row by row need not keep its cells
    by_row = RowOfCells(sheet, len(grid.columns)) if sheet.constant_memory else None
    writers = [
        (index, _writer(by_row or sheet, at, column, grid, grids, ink))
        for at, (index, column) in enumerate(grid.columns)
    ]
    wrapping = [
        (index, column.width, column.width * SURELY)
        for index, column in grid.columns
        if column.kind in TEXT_KINDS and not column.hidden
    ]
    # a live table's colours follow its figures
    styles = None if isinstance(table, LiveTable) and table.conditions else table.row_styles or None
    for offset, row in enumerate(table.values()):
        at = grid.first_row + offset
        style = styles[offset] if styles else ""
        lines = 1
        for index, width, surely in wrapping:
            value = row[index]
            if value and len(value) > surely:
                lines = max(lines, lines_of(value, width))
        if lines > 1:
            sheet.set_row(at, min(409.0, LINE_HEIGHT * lines + 2))
        for index, write in writers:
            write(at, row[index], style)
        if by_row is not None:
            by_row.done(at)
    if not table.rows:
        sheet.write_string(grid.first_row, 0, word("empty", document.language), ink.faint())
    after = grid.last_row + 1
    if table.has_totals:
        _write_totals(sheet, grid, document, ink)
        after += 1
    if table.note:
        _write_note(sheet, grid, after + 1, ink)


def _write_note(sheet: PlainSheet, grid: Grid, at: int, ink: Ink) -> None:
    """What is said under a table, as wide as the table: a long line would widen the page and make all of it small."""
    note, shown = grid.table.note, [column.width for _, column in grid.columns if not column.hidden]
    lines = lines_of(note, sum(shown))
    if lines > 1 and len(shown) == len(grid.columns) > 1:
        sheet.set_row(at, min(409.0, LINE_HEIGHT * lines + 2))
        sheet.merge_range(at, 0, at, len(shown) - 1, "", ink.faint_note())
        sheet.write_string(at, 0, note, ink.faint_note())
    else:
        sheet.write_string(at, 0, note, ink.faint())


def write_head(sheet: Worksheet, grid: Grid, document: Document, ink: Ink) -> None:
    """Title, question, label and the heading of every column."""
    table, language = grid.table, document.language
    sheet.set_default_row(ROW_HEIGHT)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, table.title, ink.title())
    sheet.write_string(1, 0, table.question or document.title, ink.faint())
    sheet.write_string(2, 0, document.label, ink.label())
    if grid.has_groups:
        _write_groups(sheet, grid, ink)
    titles = []
    for at, (_, column) in enumerate(grid.columns):
        sheet.set_column(at, at, column.width, None, {"hidden": True} if column.hidden else None)
        unit = unit_of(column.kind, column.unit, language)
        if column.kind == "date" and language == "en":
            unit = "B.E."
        title = f"{column.title}\n({unit})" if unit else column.title
        titles.append((title, column))
    # top to bottom, and a row's height before its cells: a sheet written row by row cannot go back
    tallest = max([1, *(lines_of(title, column.width, 700) for title, column in titles)])
    sheet.set_row(grid.header_row, LINE_HEIGHT * tallest + 6)
    for at, (title, column) in enumerate(titles):
        flush = "left" if column.kind in TEXT_KINDS else "center"
        sheet.write_string(grid.header_row, at, title, ink.head(flush))
    kept = _frozen_columns(grid)
    spread = spread_columns([column for _, column in grid.columns], kept)
    write_head_and_foot(sheet, document, spread.scale)
    if spread.pages > 1:
        # a scale of its own, as programs pass over breaks between columns when they fit pages themselves
        sheet.set_print_scale(int(spread.scale * SURE_SCALE))
        sheet.set_v_pagebreaks(list(spread.breaks))
        sheet.print_across()
        if kept:
            sheet.repeat_columns(0, kept - 1)
    if table.filters and table.rows:
        sheet.autofilter(grid.header_row, 0, grid.last_row, len(grid.columns) - 1)
    sheet.freeze_panes(grid.first_row, kept)
    if not isinstance(table, LiveForm):  # its lines stand on one page, and what follows are charts
        sheet.repeat_rows(grid.header_row - (1 if grid.has_groups else 0), grid.header_row)
    corner = xl_rowcol_to_cell(grid.last_row + 1, len(grid.columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{corner}"})


def _frozen_columns(grid: Grid) -> int:
    """The columns that stay in sight when scrolling: up to the first name, if it is not too wide."""
    wide = 0.0
    for at, (_, column) in enumerate(grid.columns[:4]):
        wide += column.width
        if wide > 60:
            return 0
        if column.kind in TEXT_KINDS and column.width >= 18:
            return at + 1
    return 0


def _write_groups(sheet: Worksheet, grid: Grid, ink: Ink) -> None:
    row = grid.header_row - 1
    start = 0
    columns = [column for _, column in grid.columns]
    while start < len(columns):
        end = start
        while end + 1 < len(columns) and columns[end + 1].group == columns[start].group:
            end += 1
        if columns[start].group:
            if end > start:
                sheet.merge_range(row, start, row, end, columns[start].group, ink.group())
            else:
                sheet.write_string(row, start, columns[start].group, ink.group())
        start = end + 1


def _write_totals(sheet: Worksheet, grid: Grid, document: Document, ink: Ink) -> None:
    """Totals of what the filter lets through, as formulas with their results."""
    row = grid.total_row
    sheet.set_row(row, ROW_HEIGHT + 4)
    named = False
    for at, (index, column) in enumerate(grid.columns):
        total = grid.table.total(index)
        if total is not None:
            name = xl_col_to_name(at)
            cells = f"{name}{grid.first_row + 1}:{name}{grid.last_row + 1}"
            if column.total == "count":
                sheet.write_formula(row, at, f"=SUBTOTAL(103,{cells})", ink.count(), total)
            else:
                value = cell_number(total, column.kind)
                look = ink.total(column.kind)
                sheet.write_formula(row, at, f"=SUBTOTAL(109,{cells})", look, value)
        elif not named and column.width >= 10:
            sheet.write_string(row, at, word("total", document.language), ink.total("text"))
            named = True
        else:
            sheet.write_blank(row, at, None, ink.total("text"))
