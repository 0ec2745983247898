"""The workbook a person sent, given back with what is to be mended marked in it. Runs in the child process.

Each faulty cell is coloured and carries a comment; a last column says everything that is wrong in its row; the first
sheet begins with a summary. Formats, drop-downs and protection stay. Marks of an earlier check go first: they are told
by their colour, their author and the column's heading, wherever rows were moved to since. A colour the person had given
a faulty cell is not kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from app.workbooks.cells import known_tabs
from app.workbooks.guard import Limits, inspect
from app.workbooks.measure import lines_in
from app.workbooks.naming import CHECK_ROW, HEADER_ROW, INSTRUCTIONS, TO_MEND, find_header, fold, heading_key

MARK = "FFFFD9D1"
AUTHOR = "ผลการตรวจ / Check"
_OWN_WORDS = "\n――――――――\n"
_FILL = PatternFill("solid", fgColor=MARK)
_NO_FILL = PatternFill()
_RED = "FF9B1C1C"
_WIDTH, _LINE, _HIGHEST = 70, 19, 300
_HEADER_WITHIN = 50
_MOST_ROWS_NAMED = 15

Fault = Mapping[str, Any]
"""{"sheet", "row", "column" or None, "cell", "th", "en", "label_th", "label_en"}: the labels name the column."""


def annotate_bytes(data: bytes, settings: Mapping[str, Any]) -> bytes:
    """`data` with its faults marked, after the guard has looked through it. Raises `Unacceptable`.

    `settings`: "limits" of `Limits`; "sheets", folded tab name -> key; "headings", key -> {folded heading: column
    key}; "faults", each as `Fault` says.
    """
    tabs = known_tabs(inspect(data, Limits(**settings["limits"])), settings["sheets"])
    book = openpyxl.load_workbook(BytesIO(data), rich_text=True)
    by_sheet: dict[str, list[Fault]] = defaultdict(list)
    for fault in settings["faults"]:
        by_sheet[fault["sheet"]].append(fault)
    for tab, key in tabs.items():
        if key in settings["headings"]:
            _Page(book[tab], settings["headings"][key]).mark(by_sheet[key])
    _summarise(book, {key: tab for tab, key in tabs.items()}, by_sheet)
    target = BytesIO()
    _Writer(book, ZipFile(target, "w", ZIP_DEFLATED)).save()
    return target.getvalue()


class _Writer(ExcelWriter):  # type: ignore[misc]
    """Writes sheets in memory: openpyxl goes through temporary files, and this process may write none."""

    def write_worksheet(self, ws: Worksheet) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts = ws._charts
        ws._drawing.images = ws._images
        writer = WorksheetWriter(ws, out=BytesIO())
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], writer.out.getvalue())
        self.manifest.append(ws)


class _Page:
    """One sheet to fill in, with its headings found."""

    def __init__(self, page: Worksheet, known: Mapping[str, str]):
        self._page = page
        rows = [
            (cells[0].row, [str(cell.value) if cell.value is not None else "" for cell in cells])
            for cells in page.iter_rows(max_row=_HEADER_WITHIN)
        ]
        found = find_header(rows, known)
        self._header: int
        self._header, headings = (HEADER_ROW, []) if found is None else rows[found]
        self._columns: dict[str, int] = {}
        self._mend, last = 0, 0
        for number, words in enumerate(headings, 1):
            key = heading_key(words, known)
            if key is not None:
                self._columns.setdefault(key, number)
            if fold(words) == fold(TO_MEND):
                self._mend = number
            elif words.strip():
                last = number
        self._first_free = last + 1

    def mark(self, faults: Sequence[Fault]) -> None:
        """Take off the marks of an earlier check and put on those of this one."""
        self._clear()
        said: dict[int, list[str]] = defaultdict(list)
        for fault in faults:
            if not fault["row"]:
                continue
            cell = self._cell(fault)
            if cell is not None:
                _mark(cell, f"{fault['th']}\n{fault['en']}")
            label = (f"{fault['label_th']}: ", f"{fault['label_en']}: ") if fault["label_th"] else ("", "")
            said[fault["row"]].append(f"{label[0]}{fault['th']}\n{label[1]}{fault['en']}")
        if said:
            self._write_column(said)

    def _cell(self, fault: Fault) -> Cell | MergedCell | None:
        if fault["cell"]:
            return self._page[fault["cell"]]
        number = self._columns.get(fault["column"] or "")
        return None if number is None else self._page.cell(fault["row"], number)

    def _clear(self) -> None:
        for cells in self._page.iter_rows():
            for cell in cells:
                if cell.data_type == "d" and not is_date_format(cell.number_format):
                    cell.number_format = "yyyy-mm-dd hh:mm"  # or it would be saved as a plain number
                if cell.has_style and cell.fill.fgColor.rgb == MARK:
                    cell.fill = copy(_NO_FILL)
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    own = cell.comment.text.partition(_OWN_WORDS)[2]
                    cell.comment = Comment(own, "") if own else None
        if self._mend:
            for row in range(self._header, self._page.max_row + 1):
                self._page.cell(row, self._mend).value = None

    def _write_column(self, said: Mapping[int, Sequence[str]]) -> None:
        column = self._mend or self._free_column()
        head = self._page.cell(self._header, column, TO_MEND)
        head.font, head.fill = Font(name="Sarabun", size=11, bold=True, color=_RED), copy(_FILL)
        head.alignment = Alignment(wrap_text=True, vertical="center")
        self._widen(column)
        font, wrap = Font(name="Sarabun", size=11, color=_RED), Alignment(wrap_text=True, vertical="top")
        for row, texts in said.items():
            cell = self._page.cell(row, column)
            cell.value, cell.data_type = "\n".join(texts), "s"
            cell.font, cell.alignment, cell.protection = font, wrap, Protection(locked=False)
            needed = min(_HIGHEST, _LINE * lines_in(cell.value, _WIDTH))
            height = self._page.row_dimensions[row].height
            if (height is not None and height < needed) or (height is None and len(texts) > 0):
                self._page.row_dimensions[row].height = needed

    def _widen(self, column: int) -> None:
        """Give `column` its width; columns described together are parted first, for descriptions may not overlap."""
        described = self._page.column_dimensions
        for letters, group in list(described.items()):
            first, last = group.min or column_index_from_string(letters), group.max or group.min or 0
            if not first <= column <= last or first == last:
                continue
            del described[letters]
            for start, end in ((first, column - 1), (column + 1, last)):
                if start <= end:
                    part = copy(group)
                    part.index, part.min, part.max = get_column_letter(start), start, end
                    described[part.index] = part
        described[get_column_letter(column)].width = _WIDTH

    def _free_column(self) -> int:
        """The first column after the headings that holds nothing."""
        column = self._first_free
        while any(
            cells[0].value is not None
            for cells in self._page.iter_rows(self._header, self._page.max_row, column, column)
        ):
            column += 1
        return column


def _mark(cell: Cell | MergedCell, text: str) -> None:
    cell.fill = copy(_FILL)
    if isinstance(cell, MergedCell):
        return
    if cell.comment is not None and cell.comment.author == AUTHOR:  # a second fault of the cell
        first, own_mark, own = cell.comment.text.partition(_OWN_WORDS)
        text = f"{first}\n{text}{own_mark}{own}"
    elif cell.comment is not None:
        text = f"{text}{_OWN_WORDS}{cell.comment.text}"
    cell.comment = Comment(text, AUTHOR, height=24 + 18 * lines_in(text, 45), width=380)


def _summarise(book: Workbook, tabs: Mapping[str, str], by_sheet: Mapping[str, Sequence[Fault]]) -> None:
    """What was found, in the row of the instruction sheet kept free for it."""
    page = next((page for page in book.worksheets if fold(page.title) == fold(INSTRUCTIONS)), None)
    if page is None:
        return
    cell = page.cell(CHECK_ROW, 1)
    if isinstance(cell, MergedCell):
        return
    total = sum(map(len, by_sheet.values()))
    if not total:
        cell.value, cell.fill = None, copy(_NO_FILL)
        page.row_dimensions[CHECK_ROW].height = None
        return
    lines = [f"ผลการตรวจ: พบ {total:,} ข้อที่ต้องแก้ · Result of the check: {total:,} to mend"]
    for key, faults in by_sheet.items():
        lines += list(_lines_of_sheet(tabs.get(key, ""), faults))
    cell.value, cell.data_type = "\n".join(lines), "s"
    cell.fill, cell.font = copy(_FILL), Font(name="Sarabun", size=11, bold=True, color=_RED)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    page.row_dimensions[CHECK_ROW].height = min(_HIGHEST, _LINE * lines_in(cell.value, 130) + 8)


def _lines_of_sheet(tab: str, faults: Iterable[Fault]) -> Iterable[str]:
    rows = sorted({fault["row"] for fault in faults if fault["row"] and tab})
    if rows:
        named = ", ".join(str(row) for row in rows[:_MOST_ROWS_NAMED])
        more = " …" if len(rows) > _MOST_ROWS_NAMED else ""
        yield f"{tab}: แถวที่ {named}{more} · rows {named}{more}"
    for fault in faults:
        if not fault["row"] or not tab:
            yield f"{tab + ': ' if tab else ''}{fault['th']} · {fault['en']}"
