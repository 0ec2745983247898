"""The first and last sheets: what the workbook is and comes from, and what its columns mean."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from reports.document import Document, Fields, KeyFigures
from reports.thai import date_and_time, unit_of, word
from reports.xlsx_cells import Grid, lines_of
from reports.xlsx_ink import LINE_HEIGHT, ROW_HEIGHT, Ink
from reports.xlsx_page import scale_of, write_head_and_foot

_COVER_WIDTHS = (34, 30, 18, 34)
_DICTIONARY_WIDTHS = (28, 36, 12, 32, 60)


class _Downward:
    """Writes one line below the other."""

    def __init__(self, sheet: Worksheet, ink: Ink, widths: tuple[int, ...]) -> None:
        self.sheet = sheet
        self.ink = ink
        self.widths = widths
        self.row = 0
        sheet.set_default_row(ROW_HEIGHT)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)

    def wide(self, text: str, look: str, height: float = 0) -> None:
        """Text over all columns."""
        lines = lines_of(text, sum(self.widths))
        self.sheet.set_row(self.row, height or max(ROW_HEIGHT, LINE_HEIGHT * lines + 2))
        form = getattr(self.ink, look)()
        self.sheet.merge_range(self.row, 0, self.row, len(self.widths) - 1, "", form)
        self.sheet.write_string(self.row, 0, text, form)
        self.row += 1

    def pair(self, name: str, value: str, look: str = "wrapped") -> None:
        """A name with its value, the value over the remaining columns."""
        form = getattr(self.ink, look)()
        lines = lines_of(value, sum(self.widths[1:]))
        self.sheet.set_row(self.row, max(ROW_HEIGHT, LINE_HEIGHT * lines + 2))
        self.sheet.write_string(self.row, 0, name, self.ink.faint())
        self.sheet.merge_range(self.row, 1, self.row, len(self.widths) - 1, "", form)
        self.sheet.write_string(self.row, 1, value, form)
        self.row += 1


def write_cover(
    sheet: Worksheet, document: Document, grids: list[Grid], others: list[tuple[str, str]], ink: Ink
) -> None:
    """Title, key figures, provenance and a list of the sheets; `others` hold no table: name, and what is on them."""
    language = document.language
    page = _Downward(sheet, ink, _COVER_WIDTHS)
    write_head_and_foot(sheet, document, scale_of(_COVER_WIDTHS, landscape=False))
    if document.label:
        page.wide(document.label, "label")
    page.wide(document.title, "title", 34 * lines_of(document.title, sum(_COVER_WIDTHS) * 0.66, 700))
    if document.subtitle:
        page.wide(document.subtitle, "wrapped")
    page.row += 1
    figures = [block for block in document.blocks if isinstance(block, KeyFigures)]
    if figures:
        page.wide(word("key_figures", language), "heading", 24)
        for name, value, unit in (item for block in figures for item in block.items):
            sheet.set_row(page.row, 26)
            sheet.write_string(page.row, 0, name, ink.plain())
            sheet.write_string(page.row, 1, value, ink.figure())
            sheet.write_string(page.row, 2, unit, ink.unit())
            page.row += 1
        page.row += 1
    page.wide(word("contents", language), "heading", 24)
    for grid in grids:
        sheet.write_url(page.row, 0, f"internal:'{grid.sheet_name}'!A1", ink.link(), grid.sheet_name)
        sheet.write_string(page.row, 1, grid.table.question or grid.table.title, ink.plain())
        page.row += 1
    for name, what in others:
        sheet.write_url(page.row, 0, f"internal:'{name}'!A1", ink.link(), name)
        sheet.write_string(page.row, 1, what, ink.plain())
        page.row += 1
    page.row += 1
    for block in document.blocks:
        if isinstance(block, Fields):
            if block.title:
                page.wide(block.title, "heading", 24)
            for name, value in block.items:
                page.pair(name, value, "code" if name in block.code else "wrapped")
            page.row += 1
    page.wide(word("provenance", language), "heading", 24)
    page.pair(word("printed", language), date_and_time(document.made_at, language))
    for key, value in (("made_by", document.made_by), ("identifier", document.identifier)):
        if value:
            page.pair(word(key, language), value)
    if document.sha256:
        page.pair(word("sha256", language), document.sha256, "code")
    if document.footer:
        page.pair("", document.footer)
    sheet.activate()


def write_dictionary(sheet: Worksheet, document: Document, grids: list[Grid], ink: Ink) -> None:
    """Every column of every sheet: its name, unit, kind and meaning."""
    language = document.language
    page = _Downward(sheet, ink, _DICTIONARY_WIDTHS)
    write_head_and_foot(sheet, document, scale_of(_DICTIONARY_WIDTHS))
    page.wide(word("dictionary", language), "title", 28)
    page.wide(document.label, "label")
    names = ("sheet", "column", "unit", "kind", "meaning")
    for at, key in enumerate(names):
        sheet.write_string(page.row, at, word(key, language), ink.head("left"))
    sheet.freeze_panes(page.row + 1, 0)
    sheet.repeat_rows(page.row)
    page.row += 1
    for grid in grids:
        for _, column in grid.columns:
            cells = (
                grid.sheet_name,
                f"{column.group}: {column.title}" if column.group else column.title,
                unit_of(column.kind, column.unit, language),
                word(f"kind_{column.kind}", language),
                column.meaning,
            )
            lines = max(lines_of(text, width) for text, width in zip(cells, _DICTIONARY_WIDTHS, strict=True))
            sheet.set_row(page.row, LINE_HEIGHT * lines + 2)
            for at, text in enumerate(cells):
                sheet.write_string(page.row, at, text, ink.cell("text"))
            page.row += 1
