"""A document as an Excel workbook that stays alive: filters, live totals, native charts.

Amounts are stored in baht exact to the satang (millions as baht / 1,000,000) with a number format
over them; totals, row formulas and summaries are formulas with their results stored beside them, so
that a preview that does not calculate shows the right figures too. Text can never turn into a
formula. The same document gives the same bytes.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.workbook import Workbook

from reports.document import Chart, Document, Table
from reports.live import LiveForm, LiveTable
from reports.thai import word
from reports.xlsx_carried import SHEET, write_carried
from reports.xlsx_cells import Grid
from reports.xlsx_charts import write_charts
from reports.xlsx_cover import write_cover, write_dictionary
from reports.xlsx_form import write_form
from reports.xlsx_grid import write_grid
from reports.xlsx_ink import Ink, plain_sheet_name
from reports.xlsx_live import finish_live
from reports.xlsx_page import set_up_page
from reports.xlsx_plain import PlainSheet

LONG = 1000  # rows from which a sheet is written row by row


def write_workbook(document: Document, target: str | Path | BinaryIO) -> None:
    """Write ``document`` as .xlsx to a path or a binary file.

    Prose, memos and signatures have no place in a workbook and are left out; tables marked
    ``pdf_only`` too. A file attached to the document is carried on a sheet that no menu shows.
    """
    tables = sorted((table for table in document.tables if not table.pdf_only), key=_order)
    destination = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(destination, {"strings_to_urls": False}) as workbook:
        workbook.set_properties(
            {
                "title": document.title,
                "subject": document.subtitle,
                "author": document.made_by,
                "company": document.organisation,
                "keywords": document.label,
                "comments": " ".join(filter(None, (document.identifier, document.sha256))),
                "created": document.made_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        ink = Ink(workbook, document.language)
        taken = {SHEET}
        cover_name = plain_sheet_name(word("cover", document.language), taken)
        cover = _add_sheet(workbook, document, cover_name, landscape=False)
        charted = {block.table for block in document.blocks if isinstance(block, Chart)}
        charted |= {
            chart.table or table.name
            for table in tables
            if isinstance(table, (LiveForm, LiveTable))
            for chart in table.charts
        }
        grids: dict[str, Grid] = {}
        for table in tables:
            name = plain_sheet_name(table.sheet or table.title or table.name, taken)
            grids[table.name] = Grid(table, name)
        for grid in grids.values():
            # a chart keeps a copy of the cells it reads, so those must still be there at the end
            by_row = len(grid.table.rows) >= LONG and grid.table.name not in charted
            sheet = _add_sheet(workbook, document, grid.sheet_name, by_row=by_row)
            if isinstance(grid.table, LiveForm):
                write_form(workbook, sheet, grid, grids, document, ink)
                continue
            write_grid(sheet, grid, grids, document, ink)
            if isinstance(grid.table, LiveTable):
                finish_live(workbook, sheet, grid, grids, document, ink)
        others: list[tuple[str, str]] = []
        if any(isinstance(block, Chart) for block in document.blocks):
            name = plain_sheet_name(word("charts", document.language), taken)
            sheet = _add_sheet(workbook, document, name)
            write_charts(workbook, sheet, name, document, grids, ink)
            others.append((name, word("all_charts", document.language)))
        name = plain_sheet_name(word("dictionary", document.language), taken)
        dictionary = _add_sheet(workbook, document, name)
        write_dictionary(dictionary, document, list(grids.values()), ink)
        others.append((name, word("all_columns", document.language)))
        write_cover(cover, document, list(grids.values()), others, ink)
        write_carried(workbook, document)


def _order(table: Table) -> int:
    """Sheets that calculate come first; plain ones keep the order of the document."""
    return table.order if isinstance(table, (LiveForm, LiveTable)) else 9


def _add_sheet(
    workbook: Workbook, document: Document, name: str, landscape: bool = True, *, by_row: bool = False
) -> PlainSheet:
    """A sheet; `by_row` puts each row away once the next begins, and keeps no cells in memory."""
    workbook.constant_memory = by_row  # read when a sheet is added, and kept by the sheet
    sheet: PlainSheet = workbook.add_worksheet(name, PlainSheet)
    set_up_page(sheet, document, landscape)
    return sheet
