"""The first sheet of a template: what it is, whose, how to fill it in, and the words its lists accept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.kernel.text import Text
from app.workbooks.facts import Column, Template
from app.workbooks.measure import lines_in
from app.workbooks.naming import CHECK_ROW, NEEDED_MARK, tab_name

_WIDTHS = (26, 58, 58)
_MOST_CHOICES_LISTED = 60
_LINE = 19

_GENERAL = (
    Text(
        "กรอกเฉพาะช่องใต้หัวคอลัมน์ ย้ายคอลัมน์หรือเพิ่มคอลัมน์ท้ายตารางได้ คอลัมน์ที่ระบบไม่รู้จักจะไม่ถูกนำเข้า",
        "Fill in the cells under the headings only. Columns may be moved, and more may stand at the end: columns the "
        "system does not know are not taken.",
    ),
    Text(
        "ห้ามใช้สูตร หากคัดลอกจากไฟล์อื่นให้วางแบบเฉพาะค่า (Paste Special > Values)",
        "Do not use formulas. When copying from another workbook, paste values only (Paste Special > Values).",
    ),
    Text(
        "จำนวนเงินเป็นบาท ทศนิยมไม่เกิน 2 ตำแหน่ง ใช้เลขไทยหรือเครื่องหมายจุลภาคได้ เช่น 1,200.50",
        "Amounts are in baht with at most two decimals; Thai digits and commas are understood, such as 1,200.50.",
    ),
    Text(
        "ช่องที่มีรายการให้เลือก รับชื่อภาษาไทย ชื่อภาษาอังกฤษ หรือรหัส ตามตารางด้านล่าง",
        "Cells with a drop-down accept the Thai name, the English name or the code, as listed below.",
    ),
    Text(
        "บันทึกเป็น .xlsx แล้วนำเข้าในระบบ ระบบจะแสดงสิ่งที่จะเปลี่ยนให้ตรวจก่อน และจะรับทั้งไฟล์หรือไม่รับเลย",
        "Save as .xlsx and upload it. You see what will change before anything does, and the file is taken whole or not "
        "at all.",
    ),
)
_KINDS = {
    "text": Text("ข้อความบรรทัดเดียว ไม่เกิน {longest} อักษร", "one line of text, at most {longest} characters"),
    "long": Text("ข้อความ ไม่เกิน {longest} อักษร", "text, at most {longest} characters"),
    "amount": Text("จำนวนเงิน (บาท)", "an amount in baht"),
    "quantity": Text("จำนวนเต็ม", "a whole number"),
    "choice": Text("เลือกจากรายการ", "one of the list"),
}


def write_instructions(page: Worksheet, template: Template, inks: Callable[..., Format]) -> None:
    """Fill the instruction sheet; row `CHECK_ROW` stays free for the result of a later check."""
    for n, width in enumerate(_WIDTHS):
        page.set_column(n, n, width)
    page.hide_gridlines(2)
    plain, faint = inks(), inks(font_color="#52606D")
    strong = inks(bold=True)
    heading = inks(bold=True, font_size=13, font_color="#14305C", bottom=1, bottom_color="#14305C")
    page.merge_range(0, 0, 0, 2, template.title.th, inks(bold=True, font_size=18, font_color="#14305C"))
    page.merge_range(1, 0, 1, 2, template.title.en, inks(font_size=13, font_color="#52606D"))
    page.merge_range(CHECK_ROW - 1, 0, CHECK_ROW - 1, 2, "", inks())
    page.set_row(0, 30)
    page.set_row(1, 22)
    lines = _Lines(page, CHECK_ROW)
    for key, name in template.names.items():
        if key in template.identity:
            lines.add((f"{name.th} / {name.en}", strong), (template.identity[key], plain), ("", plain))
    lines.skip()
    lines.add(("วิธีกรอก", heading), ("", heading), ("How to fill in", heading))
    for n, words in enumerate((*template.instructions, *_GENERAL), 1):
        lines.add((f"{n}.", faint), (words.th, plain), (words.en, plain))
    for sheet in template.sheets:
        lines.skip()
        lines.add(
            (f"แผ่นงาน {tab_name(sheet)}", heading), (sheet.title.th, heading), (sheet.title.en, heading)
        )
        for column in sheet.columns:
            what = _describe(column)
            needed = f" {NEEDED_MARK}" if column.needed else ""
            lines.add(
                (f"{column.heading.th}{needed}", strong),
                (what.th, plain),
                (f"{column.heading.en}: {what.en}", plain),
            )
    for column in _listed(template):
        lines.skip()
        lines.add((f"รายการ: {column.heading.th}", heading), ("ภาษาไทย", heading), ("English", heading))
        for code, name in column.choices[:_MOST_CHOICES_LISTED]:
            lines.add((code, faint), (name.th, plain), (name.en, plain))
    page.protect()
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&R&P / &N")


def _describe(column: Column) -> Text:
    kind = _KINDS[column.kind].fill(longest=f"{column.longest:,}")
    if column.note is None:
        return kind
    return Text(f"{kind.th} · {column.note.th}", f"{kind.en} · {column.note.en}")


def _listed(template: Template) -> list[Column]:
    """Columns whose choices are listed, each list once; very long ones are left to the drop-down."""
    found: dict[tuple[object, ...], Column] = {}
    for sheet in template.sheets:
        for column in sheet.columns:
            if 0 < len(column.choices) <= _MOST_CHOICES_LISTED:
                found.setdefault(column.choices, column)
    return list(found.values())


class _Lines:
    """Rows written one under another, high enough for their text."""

    def __init__(self, page: Worksheet, row: int):
        self._page, self._row = page, row

    def add(self, *cells: tuple[str, Any]) -> None:
        high = 1
        for n, (text, ink) in enumerate(cells):
            self._page.write_string(self._row, n, text, ink)
            high = max(high, lines_in(text, _WIDTHS[n]))
        self._page.set_row(self._row, _LINE * high)
        self._row += 1

    def skip(self) -> None:
        self._row += 1
