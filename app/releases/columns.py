"""The columns of the open data: name, type, unit, and what they mean, in both languages."""

from __future__ import annotations

from typing import Literal

from app.kernel.lean import dataclass
from app.kernel.text import Text

Kind = Literal["text", "int", "money", "date"]

KIND_NAMES: dict[str, Text] = {
    "text": Text("ข้อความ", "text"),
    "int": Text("จำนวนเต็ม", "whole number"),
    "money": Text("จำนวนเงิน ทศนิยม 2 ตำแหน่ง", "amount with two decimals"),
    "date": Text("วันที่ ค.ศ. รูปแบบ YYYY-MM-DD", "date, Common Era, YYYY-MM-DD"),
}
BAHT = Text("บาท", "baht")
PERCENT = Text("ร้อยละ", "per cent")
NO_UNIT = Text("", "")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file. `name` is what the file calls it, for good."""

    name: str
    kind: Kind
    title: Text
    meaning: Text
    unit: Text = NO_UNIT
    is_needed: bool = True


def _column(name: str, kind: Kind, th: str, en: str, meaning: Text, *, is_needed: bool = True) -> Column:
    unit = BAHT if kind == "money" else NO_UNIT
    return Column(name, kind, Text(th, en), meaning, unit, is_needed)


YEAR = _column(
    "fiscal_year",
    "int",
    "ปีงบประมาณ",
    "Fiscal year",
    Text("พ.ศ. เริ่ม 1 ตุลาคมของปีก่อน", "Buddhist era; begins on 1 October of the year before"),
)
ID = _column(
    "id",
    "text",
    "รหัสโครงการ",
    "Project identifier",
    Text(
        "คงเดิมทุกปีที่ทำต่อเนื่อง รูปแบบเดียวกับ Open Contracting ID แต่คำนำหน้ายังไม่ได้จดทะเบียน",
        "Stays over the years; in the form of an Open Contracting ID, its prefix not registered yet",
    ),
)
NUMBER = _column(
    "number",
    "text",
    "เลขที่โครงการ",
    "Project number",
    Text("เลขที่ของข้อเสนอในปีงบประมาณ", "Number of the filing in the fiscal year"),
)
AGENCY = (
    _column(
        "agency_code", "text", "รหัสหน่วยงาน", "Agency code", Text("รหัสในทะเบียนของระบบ", "Code in the register")
    ),
    _column("agency_th", "text", "หน่วยงาน", "Agency (Thai)", Text("ชื่อภาษาไทย", "Name in Thai")),
    _column("agency_en", "text", "หน่วยงาน (อังกฤษ)", "Agency", Text("ชื่อภาษาอังกฤษ", "Name in English")),
)
MINISTRY = (
    _column(
        "ministry_code",
        "text",
        "รหัสกระทรวง",
        "Ministry code",
        Text("รหัสในทะเบียนของระบบ", "Code in the register"),
    ),
    _column("ministry_th", "text", "กระทรวง", "Ministry (Thai)", Text("ชื่อภาษาไทย", "Name in Thai")),
    _column("ministry_en", "text", "กระทรวง (อังกฤษ)", "Ministry", Text("ชื่อภาษาอังกฤษ", "Name in English")),
)
CATEGORY = (
    _column(
        "category", "text", "รหัสงบรายจ่าย", "Category code", Text("ประเภทงบรายจ่าย", "Expenditure category")
    ),
    _column("category_th", "text", "งบรายจ่าย", "Category (Thai)", Text("ชื่อภาษาไทย", "Name in Thai")),
    _column("category_en", "text", "งบรายจ่าย (อังกฤษ)", "Category", Text("ชื่อภาษาอังกฤษ", "Name in English")),
)
ASKED = _column(
    "asked_baht",
    "money",
    "คำขอ",
    "Asked",
    Text(
        "ขอในปีงบประมาณนี้ ตามข้อเสนอที่ยื่น ว่างในปีที่บันทึกจากเอกสาร",
        "Asked for in this year, as filed; empty for a year recorded from documents",
    ),
    is_needed=False,
)
RECOMMENDED = _column(
    "recommended_baht",
    "money",
    "เสนอคณะกรรมการ",
    "Recommended",
    Text(
        "วงเงินในรายการที่เสนอคณะกรรมการ ว่างเมื่อไม่มีการเผยแพร่รายการ",
        "In the list before the committee; empty where no list was published",
    ),
    is_needed=False,
)
APPROVED = _column(
    "approved_baht",
    "money",
    "ได้รับความเห็นชอบ",
    "Approved",
    Text("วงเงินตามมติ ไม่เปลี่ยนอีก", "As resolved; never changed"),
)
ALLOTTED = _column(
    "allotted_baht",
    "money",
    "หลังปรับแผน",
    "Revised",
    Text("วงเงินตามแผนที่ใช้บังคับขณะเผยแพร่", "What the plan in force at the time of the release allows"),
)
PLANNED = _column(
    "planned_baht",
    "money",
    "แผนการใช้จ่าย",
    "Planned",
    Text("แผนการใช้จ่ายของเดือน", "Meant to be spent in the month"),
)
COMMITTED = _column(
    "committed_baht",
    "money",
    "ก่อหนี้ผูกพัน",
    "Committed",
    Text("ก่อหนี้ผูกพันใหม่ ตามรายงานที่รับรองแล้ว", "Newly committed, by accepted reports"),
)
DISBURSED = _column(
    "disbursed_baht",
    "money",
    "เบิกจ่าย",
    "Disbursed",
    Text("เบิกจ่าย ตามรายงานที่รับรองแล้ว", "Paid out, by accepted reports"),
)
MONEY = (ASKED, APPROVED, ALLOTTED, COMMITTED, DISBURSED)


def code(name: str, th: str, en: str, meaning: Text) -> Column:
    """A column of codes, which may be empty."""
    return _column(name, "text", th, en, meaning, is_needed=False)


def text(name: str, th: str, en: str, meaning: Text, *, is_needed: bool = True) -> Column:
    """A column of text."""
    return _column(name, "text", th, en, meaning, is_needed=is_needed)


def whole(
    name: str, th: str, en: str, meaning: Text, *, is_needed: bool = True, unit: Text = NO_UNIT
) -> Column:
    """A column of whole numbers."""
    return Column(name, "int", Text(th, en), meaning, unit, is_needed)


def day(name: str, th: str, en: str, meaning: Text, *, is_needed: bool = True) -> Column:
    """A column of days."""
    return _column(name, "date", th, en, meaning, is_needed=is_needed)
