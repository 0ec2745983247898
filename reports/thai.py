"""Digits, amounts and dates as they stand on paper, in Thai and English."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reports.document import Kind, Language
from reports.rounding import half_up

BANGKOK = ZoneInfo("Asia/Bangkok")

_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
# A run without blanks that holds a Latin letter, or is an address, is a code and keeps its digits.
_RUN = re.compile(r"[^\s]+")
_LATIN = re.compile(r"[A-Za-z]")

# What XML has no place for and no paper shows.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

MONTHS_TH = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]
MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# The few words of the printing house itself: (Thai, English).
WORDS: dict[str, tuple[str, str]] = {
    "page": ("หน้า", "Page"),
    "carried": ("ยอดยกไป", "Carried forward"),
    "brought": ("ยอดยกมา", "Brought forward"),
    "total": ("รวมทั้งสิ้น", "Total"),
    "rounding": ("ปัดเศษ", "Rounding"),
    "rounding_rule": (
        "จำนวนเงินแต่ละรายการและยอดรวมปัดเศษจากยอดจริงที่ละเอียดถึงสตางค์ (ครึ่งหนึ่งขึ้นไปปัดขึ้น) "
        "ผลต่างแสดงในบรรทัด “ปัดเศษ” เหนือยอดรวม",
        "Each amount, and the total, is rounded half up from its exact satang; "
        "the line “Rounding” above the total makes up the difference.",
    ),
    "rounding_carried": (
        "ยอดที่ยกข้ามหน้าเป็นผลรวมของตัวเลขตามที่พิมพ์",
        "Totals carried from page to page add up the figures as printed.",
    ),
    "printed": ("พิมพ์เมื่อ", "Printed"),
    "made_by": ("จัดทำโดย", "Prepared by"),
    "identifier": ("เลขอ้างอิง", "Reference"),
    "sha256": ("ค่าแฮช SHA-256 ของข้อมูล", "SHA-256 of the data"),
    "memo": ("บันทึกข้อความ", "MEMORANDUM"),
    "agency": ("ส่วนราชการ", "Agency"),
    "number": ("ที่", "No."),
    "date": ("วันที่", "Date"),
    "subject": ("เรื่อง", "Subject"),
    "to": ("เรียน", "To"),
    "references": ("อ้างถึง", "Reference"),
    "enclosures": ("สิ่งที่ส่งมาด้วย", "Enclosures"),
    "cover": ("หน้าปก", "Cover"),
    "contents": ("สารบัญ", "Contents"),
    "charts": ("แผนภูมิ", "Charts"),
    "key_figures": ("ตัวเลขสำคัญ", "Key figures"),
    "provenance": ("ที่มาของเอกสาร", "Provenance"),
    "dictionary": ("พจนานุกรมข้อมูล", "Data dictionary"),
    "all_charts": ("แผนภูมิทั้งหมดที่อ่านจากแผ่นงานต่าง ๆ", "All charts, drawn from the sheets' cells"),
    "numbers_on": (
        "ตัวเลขของแผนภูมินี้อยู่ในแผ่นงาน “{sheet}”",
        "The numbers of this chart are on the sheet “{sheet}”",
    ),
    "numbers_aside": (
        "ตัวเลขของแผนภูมินี้อยู่ทางขวา ตั้งแต่คอลัมน์ {column}",
        "The numbers of this chart stand to its right, from column {column}",
    ),
    "all_columns": ("คอลัมน์แต่ละคอลัมน์หมายถึงอะไร หน่วยใด", "What every column means, and its unit"),
    "sheet": ("แผ่นงาน", "Sheet"),
    "column": ("คอลัมน์", "Column"),
    "unit": ("หน่วย", "Unit"),
    "kind": ("ชนิดข้อมูล", "Kind"),
    "meaning": ("ความหมาย", "Meaning"),
    "rows": ("จำนวนแถว", "Rows"),
    "category": ("รายการ", "Category"),
    "empty": ("ไม่มีรายการ", "No entries"),
    "baht": ("บาท", "baht"),
    "million_baht": ("ล้านบาท", "million baht"),
    "kind_text": ("ข้อความ", "text"),
    "kind_long_text": ("ข้อความ", "text"),
    "kind_int": ("จำนวนเต็ม", "whole number"),
    "kind_money": ("จำนวนเงิน ทศนิยม 2 ตำแหน่ง", "amount, 2 decimals"),
    "kind_million": ("จำนวนเงิน ทศนิยม 4 ตำแหน่ง", "amount, 4 decimals"),
    "kind_score": ("คะแนน ทศนิยม 2 ตำแหน่ง", "score, 2 decimals"),
    "kind_percent": ("ร้อยละ ทศนิยม 2 ตำแหน่ง", "per cent, 2 decimals"),
    "kind_date": ("วันที่", "date"),
}


def word(key: str, language: Language) -> str:
    """One of the printing house's own words."""
    return WORDS[key][0 if language == "th" else 1]


def printable(text: str) -> str:
    """``text`` without the characters that are no text."""
    return _UNPRINTABLE.sub("", text)


def thai_digits(text: str) -> str:
    """``text`` with every Arabic digit as a Thai digit."""
    return text.translate(_TO_THAI)


def page_digits(text: str, language: Language) -> str:
    """A page number: an official Thai paper counts its pages in Thai digits, whatever its amounts are set in."""
    return thai_digits(text) if language == "th" else text


def thai_prose(text: str) -> str:
    """``text`` with Thai digits, except in codes such as ``P2566-0012`` or web addresses."""

    def turn(match: re.Match[str]) -> str:
        run = match.group()
        return run if _LATIN.search(run) else thai_digits(run)

    return _RUN.sub(turn, text)


def scaled(value: int, places: int, drop: int = 0) -> str:
    """An integer of the ``places + drop``-th decimal as a grouped decimal, rounded half away from
    zero to ``places`` decimals: ``scaled(113636190000, 4, 4)`` is ``1,136.3619``."""
    size = half_up(abs(value), 10**drop)
    whole, rest = divmod(size, 10**places)
    sign = "-" if value < 0 and size else ""
    return f"{sign}{whole:,}.{rest:0{places}d}"


def in_bangkok(value: date | datetime) -> date | datetime:
    """An instant on the Bangkok wall clock; a bare date stays what it is."""
    return value.astimezone(BANGKOK) if isinstance(value, datetime) else value


def short_date(value: date | datetime, language: Language) -> str:
    """9 ธ.ค. 2565 or 9 Dec 2565 B.E., by the Bangkok calendar."""
    day = in_bangkok(value)
    if language == "th":
        return f"{day.day} {MONTHS_TH[day.month - 1]} {day.year + 543}"
    # Fiscal years are counted in the Buddhist era in both languages; so are dates, and they say so.
    return f"{day.day} {MONTHS_EN[day.month - 1]} {day.year + 543} B.E."


def date_and_time(value: datetime, language: Language) -> str:
    """9 ธ.ค. 2565 16:30 น. or 9 Dec 2565 B.E., 16:30."""
    moment = value.astimezone(BANGKOK)
    day = short_date(moment, language)
    return f"{day} {moment:%H:%M} น." if language == "th" else f"{day}, {moment:%H:%M}"


def cell_text(value: Any, kind: Kind, language: Language) -> str:
    """A raw cell value as printed, in Arabic digits; ``None`` prints as nothing."""
    if value is None:
        return ""
    if kind == "money":
        return scaled(value, 2)
    if kind == "million":
        return scaled(value, 4, 4)
    if kind in ("score", "percent"):
        return scaled(value, 2)
    if kind == "int":
        return f"{value:,}"
    if kind == "date":
        return short_date(value, language)
    return str(value)


def unit_of(kind: Kind, unit: str, language: Language) -> str:
    """The unit for the header: the given one, else what the kind itself implies."""
    if unit:
        return unit
    return {
        "money": word("baht", language),
        "million": word("million_baht", language),
        "percent": "%",
    }.get(kind, "")
