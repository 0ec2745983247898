"""Reports as sheets of a workbook.

In: a report as it stands (`Subject`). Out: the template to fill in; `report_readings` has the way back. Rows are known by
the project's number and the category or position, never by where they stand; columns beside those to fill in are for
reading and are not taken.
A template carries along what every cell said and what stood at every position: so what a workbook changed is told from what
others changed meanwhile, and a row of a plan that is in force no more is never taken for another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.kernel.canonical import canonical_json
from app.kernel.lean import dataclass
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.kernel.thai_text import arabic_digits
from app.monitoring.facts import Ground
from app.monitoring.periods import NAMES_BEFORE_PERIOD, REPORT_NAMES, ReportKind, period_name
from app.monitoring.typed_reports import (
    LONGEST_LINE,
    LONGEST_WORDS,
    Cells,
    Report,
    indicator_place,
    milestone_place,
    money_keys,
    money_place,
    show_day,
    words_place,
)
from app.workbooks.facts import Column, Sheet, Template

KINDS = {ReportKind.MONEY: "report-of-money", ReportKind.PROGRESS: "report-of-progress"}
SAME = ("call", "report", "period", "agency", "revision")
"""In what a returned workbook must be of the same making; of an earlier save of the same report it may be."""

_NAMES = {
    "call": Text("ปีงบประมาณ", "Fiscal year"),
    "report": Text("รายงาน", "Report"),
    "period": Text("งวด", "Period"),
    "agency": Text("หน่วยงาน", "Agency"),
    "revision": Text("ฉบับที่", "Revision"),
    "version": Text("บันทึกครั้งที่", "Save"),
}
_TITLE = Text("{report} {period}", "{report}, {period}")
_INSTRUCTIONS = (
    Text(
        "กรอกเฉพาะคอลัมน์สีขาวท้ายแผ่นงาน คอลัมน์สีเทามีไว้อ่านและไม่ถูกนำเข้า ห้ามเปลี่ยนเลขที่โครงการ ประเภทงบ และลำดับ",
        "Fill in the white columns at the end of each sheet; the grey ones are for reading and are not taken. Leave the "
        "numbers of projects, categories and positions as they are.",
    ),
    Text(
        "แถวที่ลบออกคงค่าเดิมในระบบ ช่องที่ลบให้ว่างจะว่างในระบบด้วย",
        "A row deleted here stays as it is in the system; a cell emptied here is emptied there, too.",
    ),
)
_SYNTHETIC = Text(
    "ข้อมูลรายงานของรอบนี้เป็นข้อมูลสังเคราะห์เพื่อการสาธิต ไม่ใช่ตัวเลขจริงของหน่วยงาน",
    "The reports of this call are made up for demonstration; they are not an agency’s real figures.",
)
FILLED = {
    "money": ("committed", "disbursed"),
    "milestones": ("percent", "done_on", "note"),
    "indicators": ("result", "evidence"),
    "words": ("problems", "help"),
}
KNOWN_BY = {
    "money": ("number", "category"),
    "milestones": ("number", "position"),
    "indicators": ("number", "position"),
    "words": ("number",),
}
_NAMED_BY = {"milestones": "title", "indicators": "name"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a workbook is of: a report as it is saved. `categories` are the names of expenditure categories by code,
    `former` the report it corrects; `is_synthetic` where the call's reports are made up."""

    ground: Ground
    agency: Text
    categories: Mapping[str, Text]
    cells: Cells
    revision: int
    version: int
    former: Report | None = None
    is_synthetic: bool = False

    @property
    def name(self) -> Text:
        return period_name(self.ground.fiscal_year, self.ground.kind, self.ground.period)


def make_template(subject: Subject) -> Template:
    """The workbook to fill in, with what is there already."""
    ground = subject.ground
    sheets = tuple(sheets_of(subject))
    named = {sheet.key: row_titles(sheet) for sheet in sheets if sheet.key in _NAMED_BY}
    return Template(
        KINDS[ground.kind],
        _TITLE.fill(report=NAMES_BEFORE_PERIOD[ground.kind], period=subject.name),
        sheets,
        {
            "call": str(ground.fiscal_year),
            "report": _in_both(REPORT_NAMES[ground.kind]),
            "period": _in_both(subject.name),
            "agency": _in_both(subject.agency),
            "revision": str(subject.revision),
            "version": str(subject.version),
        },
        _NAMES,
        (*((_SYNTHETIC,) if subject.is_synthetic else ()), *_INSTRUCTIONS),
        canonical_json({"cells": dict(subject.cells), "rows": named}),
    )


def row_titles(sheet: Sheet) -> dict[str, str]:
    """What stands at every position, by the names of rows; of the other sheets nothing."""
    title = _NAMED_BY.get(sheet.key)
    return {row_name(sheet.key, row): row[title] for row in sheet.rows} if title else {}


def columns_of(subject: Subject) -> dict[tuple[str, str], Text]:
    """(sheet, column) -> its heading."""
    return {(s.key, c.key): c.heading for s in sheets_of(subject) for c in s.columns}


def sheet_names(subject: Subject) -> dict[str, Text]:
    return {sheet.key: sheet.title for sheet in sheets_of(subject)}


def _in_both(name: Text) -> str:
    return f"{name.th} / {name.en}" if name.en and name.en != name.th else name.th


def row_name(sheet: str, row: Mapping[str, str]) -> str:
    return "|".join(arabic_digits(row.get(column, "")).strip() for column in KNOWN_BY[sheet])


def place_of(sheet: str, row: Mapping[str, str], column: str) -> str:
    number = row["number"]
    if sheet == "money":
        return money_place((number, row["category"]), column)
    if sheet == "words":
        return words_place(number, column)
    place = milestone_place if sheet == "milestones" else indicator_place
    return place((number, int(row["position"])), column)


_NUMBER = Column("number", Text("เลขที่โครงการ", "Project number"), "text", 14, True, given=True)
_POSITION = Column("position", Text("ลำดับ", "Position"), "quantity", 9, True, given=True)
_READ = Text("สำหรับอ่าน ไม่ถูกนำเข้า", "For reading, not taken")


def sheets_of(subject: Subject) -> Iterator[Sheet]:
    if subject.ground.kind is ReportKind.MONEY:
        yield _money(subject)
        return
    yield from (s for s in (_milestones(subject), _indicators(subject)) if s.rows)
    yield _words(subject)


def _money(subject: Subject) -> Sheet:
    ground, cells = subject.ground, subject.cells
    keys = money_keys(ground)
    used = tuple(
        (code, subject.categories.get(code, Text(code, code))) for code in dict.fromkeys(k[1] for k in keys)
    )
    columns = (
        _NUMBER,
        Column("title", Text("โครงการ", "Project"), "long", 44, note=_READ, given=True),
        Column("category", Text("ประเภทงบรายจ่าย", "Category"), "choice", 20, True, used, given=True),
        Column("allotted", Text("วงเงิน (บาท)", "Allotted (baht)"), "amount", 18, note=_READ, given=True),
        Column(
            "bound", Text("ผูกพันแล้ว (บาท)", "Committed before (baht)"), "amount", 18, note=_READ, given=True
        ),
        Column("paid", Text("เบิกจ่ายแล้ว (บาท)", "Paid before (baht)"), "amount", 18, note=_READ, given=True),
        Column("committed", Text("ผูกพันเดือนนี้ (บาท)", "Committed this month (baht)"), "amount", 20, True),
        Column("disbursed", Text("เบิกจ่ายเดือนนี้ (บาท)", "Paid this month (baht)"), "amount", 20, True),
    )
    rows = tuple(
        {
            "number": key[0],
            "title": ground.projects.get(key[0], Text("", "")).th,
            "category": key[1],
            "allotted": decimal_baht(ground.allotted.get(key, 0)),
            "bound": decimal_baht(ground.committed.get(key, 0)),
            "paid": decimal_baht(ground.disbursed.get(key, 0)),
            "committed": cells.get(money_place(key, "committed"), ""),
            "disbursed": cells.get(money_place(key, "disbursed"), ""),
        }
        for key in keys
    )
    return Sheet("money", Text("การใช้จ่าย", "Money"), columns, rows)


def _milestones(subject: Subject) -> Sheet:
    ground, cells = subject.ground, subject.cells
    day = Text("พิมพ์เป็นข้อความ เช่น 20/11/2568", "Type it as text, such as 20/11/2568")
    columns = (
        _NUMBER,
        _POSITION,
        Column("title", Text("งานสำคัญ", "Milestone"), "long", 46, note=_READ, given=True),
        Column("due", Text("กำหนดเสร็จ", "Due"), "text", 14, note=_READ, given=True),
        Column("percent", Text("ความก้าวหน้า (ร้อยละ)", "Progress (percent)"), "text", 16, True),
        Column("done_on", Text("วันที่แล้วเสร็จ", "Done on"), "text", 16, True, note=day),
        Column("note", Text("หมายเหตุ", "Note"), "long", 40, longest=LONGEST_LINE),
    )
    rows = tuple(
        {
            "number": at[0],
            "position": str(at[1]),
            "title": milestone.title,
            "due": show_day(milestone.due_on),
            **{name: cells.get(milestone_place(at, name), "") for name in FILLED["milestones"]},
        }
        for at, milestone in ground.milestones.items()
    )
    return Sheet("milestones", Text("งานสำคัญ", "Milestones"), columns, rows)


def _indicators(subject: Subject) -> Sheet:
    ground, cells = subject.ground, subject.cells
    columns = (
        _NUMBER,
        _POSITION,
        Column("name", Text("ตัวชี้วัด", "Indicator"), "long", 46, note=_READ, given=True),
        Column("unit", Text("หน่วยนับ", "Unit"), "text", 14, note=_READ, given=True),
        Column("target", Text("เป้าหมายของไตรมาส", "Quarter's target"), "text", 16, note=_READ, given=True),
        Column("result", Text("ผลถึงสิ้นไตรมาส", "Result by the quarter's end"), "text", 18, True),
        Column("evidence", Text("หลักฐาน", "Evidence"), "long", 46, longest=LONGEST_WORDS),
    )
    rows = []
    for at, indicator in ground.indicators.items():
        has_target = ground.period <= len(indicator.quarters)
        rows.append(
            {
                "number": at[0],
                "position": str(at[1]),
                "name": indicator.name,
                "unit": indicator.unit,
                "target": indicator.quarters[ground.period - 1] if has_target else "",
                **{name: cells.get(indicator_place(at, name), "") for name in FILLED["indicators"]},
            }
        )
    return Sheet("indicators", Text("ตัวชี้วัด", "Indicators"), columns, tuple(rows))


def _words(subject: Subject) -> Sheet:
    ground, cells = subject.ground, subject.cells
    columns = (
        _NUMBER,
        Column("title", Text("โครงการ", "Project"), "long", 46, note=_READ, given=True),
        Column(
            "problems", Text("ปัญหาและอุปสรรค", "What stands in the way"), "long", 60, longest=LONGEST_WORDS
        ),
        Column("help", Text("ความช่วยเหลือที่ต้องการ", "Help needed"), "long", 60, longest=LONGEST_WORDS),
    )
    rows = tuple(
        {
            "number": number,
            "title": title.th,
            **{name: cells.get(words_place(number, name), "") for name in FILLED["words"]},
        }
        for number, title in ground.projects.items()
    )
    return Sheet("words", Text("ปัญหาและความช่วยเหลือ", "Problems and help"), columns, rows)
