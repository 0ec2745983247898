"""A template as .xlsx: instructions, the sheets to fill in, drop-downs, and whose it is, signed and out of sight.

Cells to fill in are open, everything else is locked. Text never becomes a formula. The same template and moment give
the same bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.kernel.text import Text
from app.workbooks.facts import Column, Sheet, Template
from app.workbooks.identity import Identity, sign_identity
from app.workbooks.instructions import write_instructions
from app.workbooks.measure import lines_in
from app.workbooks.naming import (
    HEADER_ROW,
    IDENTITY,
    INSTRUCTIONS,
    LISTS,
    check_template,
    column_letters,
    heading_cell,
    shown_choices,
    tab_name,
)

FONT, SIZE = "Sarabun", 11
NAVY, HEAD, RULE, FAINT, GIVEN = "#14305C", "#E6ECF3", "#C8D0DA", "#52606D", "#F3F5F8"
_LAST_COLUMN = 16383
_MARGINS = ("0.4", "0.4", "0.5", "0.6")  # inches: left, right, top, bottom
_AS_TEXT, _MONEY, _WHOLE = 49, 4, 3  # Excel's own "@", "#,##0.00" and "#,##0"
_FEWEST_BLANK, _BLANK_AFTER = 100, 50
_LARGEST_PREFILLED = 15  # digits a number cell keeps exactly

_MAY = dict.fromkeys(
    ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter"),
    True,
)
_FOLLOW_LIST = Text("เลือกจากรายการ หรือดูคำชี้แจง", "Choose from the list; see the instructions")
_HINT = Text(
    "กรอกตั้งแต่แถวที่ {row} เป็นต้นไป ห้ามใช้สูตร และห้ามลบคอลัมน์ที่มี *",
    "Fill in from row {row} down, without formulas; do not remove columns marked *",
)


class _Workbook(xlsxwriter.Workbook):  # type: ignore[misc]
    """Adds what XlsxWriter does not offer: nobody renames, removes or unhides sheets by accident."""

    def _write_book_views(self) -> None:
        self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])
        super()._write_book_views()


class Inks:
    """Cell formats by their looks, each made once."""

    def __init__(self, workbook: xlsxwriter.Workbook):
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, **looks: Any) -> Format:
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            base = {"font_name": FONT, "font_size": SIZE, "valign": "top", "text_wrap": True}
            self._made[key] = self._workbook.add_format({**base, **looks})
        return self._made[key]

    def cell(self, column: Column, *, quoted: bool = False, plain: bool = False) -> Format:
        """A cell to fill in; `plain` has no border. Text cells are "@", so that 1-2 stays 1-2 and "=" stays text."""
        looks: dict[str, Any] = {"locked": False, "num_format": _AS_TEXT}
        if column.kind == "amount":
            looks |= {"num_format": _MONEY, "align": "right"}
        elif column.kind == "quantity":
            looks |= {"num_format": _WHOLE, "align": "right"}
        else:
            looks |= {"align": "left", "indent": 1}
        if column.given:
            looks |= {"font_color": FAINT, "bg_color": GIVEN}
        if quoted:
            looks["quote_prefix"] = True
        if not plain:
            looks |= {"border": 1, "border_color": RULE}
        return self(**looks)


def write_template(template: Template, key: bytes, made: datetime) -> bytes:
    """`template` as the bytes of an .xlsx signed with `key`. Raises `ValueError` for a template that confuses names."""
    check_template(template)
    target = BytesIO()
    with _Workbook(target, {"in_memory": True, "strings_to_urls": False}) as workbook:
        workbook.set_properties(
            {"title": template.title.th, "created": made.astimezone(UTC).replace(tzinfo=None)}
        )
        inks = Inks(workbook)
        instructions = workbook.add_worksheet(INSTRUCTIONS)
        write_instructions(instructions, template, inks)
        lists = _Lists(workbook)
        for sheet in template.sheets:
            _write_sheet(workbook.add_worksheet(tab_name(sheet)), sheet, template, inks, lists)
        lists.write()
        identity = workbook.add_worksheet(IDENTITY)
        for row, text in enumerate(
            sign_identity(Identity(template.kind, template.identity, template.carried), key)
        ):
            identity.write_string(row, 0, text)
        identity.protect()
        identity.very_hidden()
        instructions.activate()
    return target.getvalue()


class _Lists:
    """The lists behind drop-downs, each under a defined name: Excel keeps those in the plain place, where a direct
    reference to another sheet moves into an extension that other programs drop."""

    def __init__(self, workbook: xlsxwriter.Workbook):
        self._workbook = workbook
        self._lists: dict[tuple[str, ...], str] = {}

    def name(self, column: Column) -> str:
        """The defined name of this column's list; equal lists are written once."""
        shown = tuple(shown_choices(column).values())
        return self._lists.setdefault(shown, f"list_{len(self._lists) + 1}")

    def write(self) -> None:
        sheet = self._workbook.add_worksheet(LISTS)
        for n, (shown, name) in enumerate(self._lists.items()):
            letters = column_letters(n)
            for row, text in enumerate(shown):
                sheet.write_string(row, n, text)
            self._workbook.define_name(name, f"='{LISTS}'!${letters}$1:${letters}${len(shown)}")
        sheet.protect()
        sheet.hide()


def _write_sheet(page: Worksheet, sheet: Sheet, template: Template, inks: Inks, lists: _Lists) -> None:
    last = len(sheet.columns) - 1
    first_row = HEADER_ROW  # counted from 0: the row under the headings
    page.set_column(
        0, _LAST_COLUMN, None, inks(locked=False)
    )  # Excel deletes a row only if all of it is open
    page.dim_colmax = last  # or XlsxWriter looks at 16,384 cells of every row
    for n, column in enumerate(sheet.columns):
        page.set_column(n, n, column.width, inks.cell(column, plain=True))
    band = inks(
        bold=True, font_size=14, font_color="#FFFFFF", bg_color=NAVY, valign="vcenter", text_wrap=False
    )
    hint = inks(font_color=FAINT, valign="vcenter", text_wrap=False)
    for n in range(last + 1):
        page.write_blank(0, n, None, band)
        page.write_blank(1, n, None, hint)
    say_hint = _HINT.fill(row=first_row + 1)
    if last:
        page.merge_range(0, 0, 0, last, "", band)
        page.merge_range(1, 0, 1, last, "", hint)
    page.write_string(0, 0, f"{sheet.title.th}  ·  {sheet.title.en}", band)
    page.write_string(1, 0, f"{say_hint.th}  ·  {say_hint.en}", hint)
    page.set_row(0, 28)
    page.set_row(1, 20)
    _write_headings(page, sheet, inks)
    _write_rows(page, sheet, inks)
    for n, column in enumerate(sheet.columns):
        _validate(page, n, column, first_row + sheet.most_rows - 1, lists)
    page.freeze_panes(first_row, 0)
    page.protect("", _MAY)
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(*(Decimal(margin) for margin in _MARGINS))
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEADER_ROW - 1)
    page.set_footer(f"&L{template.title.th.replace('&', '&&')}&R&P / &N")


def _write_headings(page: Worksheet, sheet: Sheet, inks: Inks) -> None:
    head = {"bold": True, "bg_color": HEAD, "border": 1, "border_color": RULE, "valign": "vcenter"}
    lines = 2
    for n, column in enumerate(sheet.columns):
        text = heading_cell(column)
        side = {"align": "right"} if column.kind in ("amount", "quantity") else {"indent": 1}
        page.write_string(HEADER_ROW - 1, n, text, inks(**side, **head))
        lines = max(lines, lines_in(text, column.width))
    page.set_row(HEADER_ROW - 1, 20 * lines)


def _write_rows(page: Worksheet, sheet: Sheet, inks: Inks) -> None:
    cells = [inks.cell(column) for column in sheet.columns]
    shown = {column.key: shown_choices(column) for column in sheet.columns if column.kind == "choice"}
    for r, row in enumerate(sheet.rows, HEADER_ROW):
        for n, column in enumerate(sheet.columns):
            value = row.get(column.key, "")
            if not value:
                page.write_blank(r, n, None, cells[n])
            elif column.kind in ("amount", "quantity") and _is_exact(value):
                page.write_number(r, n, Decimal(value), cells[n])
            else:
                text = shown[column.key].get(value, value) if column.kind == "choice" else value
                quoted = text[0] in "=+-@"
                page.write_string(r, n, text, inks.cell(column, quoted=True) if quoted else cells[n])
    blank_until = max(len(sheet.rows) + _BLANK_AFTER, _FEWEST_BLANK)
    for r in range(len(sheet.rows), min(blank_until, max(sheet.most_rows, len(sheet.rows)))):
        for n, cell in enumerate(cells):
            page.write_blank(HEADER_ROW + r, n, None, cell)


def _is_exact(value: str) -> bool:
    """Whether `value` is a plain decimal that a number cell keeps to the last digit."""
    digits = value.removeprefix("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit() and len(digits.lstrip("0")) <= _LARGEST_PREFILLED


def _validate(page: Worksheet, n: int, column: Column, last_row: int, lists: _Lists) -> None:
    rule: dict[str, Any] = {"validate": "any", "ignore_blank": True}
    if column.kind == "choice":
        rule = {
            "validate": "list",
            "source": f"={lists.name(column)}",
            "error_title": "ไม่อยู่ในรายการ / Not listed",
            "error_message": f"{_FOLLOW_LIST.th}\n{_FOLLOW_LIST.en}",
        }
    if column.note is not None:
        rule["input_title"] = column.heading.th[:32]
        rule["input_message"] = f"{column.note.th}\n{column.note.en}"[:255]
    if rule["validate"] != "any" or column.note is not None:
        page.data_validation(HEADER_ROW, n, last_row, n, rule)
