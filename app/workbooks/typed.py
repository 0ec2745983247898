"""One cell as a column means it: what was typed, tidied, or why it cannot be taken.

Numbers come from Excel as binary floating point. Up to fifteen digits, which is all Excel keeps, they stand for one
decimal number exactly; that number is taken, and money is decimal from here on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.kernel.money import MoneyError, decimal_baht, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, arabic_digits, normalise
from app.workbooks.facts import Column
from app.workbooks.naming import squeeze

NOT_TEXT_OR_NUMBER = Text(
    "ช่องนี้เป็นวันที่ ค่าจริง/เท็จ หรือค่าผิดพลาด กรุณาพิมพ์ใหม่เป็นข้อความหรือตัวเลข",
    "This cell holds a date, a true/false value or an error; please type text or a number",
)
NUMBER_TOO_LONG = Text(
    "ตัวเลขนี้มีหลักมากเกินกว่าที่ Excel เก็บได้ครบ กรุณาพิมพ์เป็นข้อความ (ใส่ ' นำหน้า)",
    "This number has more digits than Excel keeps; please type it as text (with ' in front)",
)
COMMAS = Text(
    "เครื่องหมายจุลภาคคั่นหลักไม่ถูกต้อง กรุณาพิมพ์ เช่น 1,200.50",
    "The commas do not separate thousands; please type it like 1,200.50",
)
NOT_WHOLE = Text("ต้องเป็นจำนวนเต็ม เช่น 12", "This must be a whole number, such as 12")
TOO_LONG = Text(
    "ยาว {length} อักษร เกินกำหนด {longest} อักษร", "{length} characters long; at most {longest} are accepted"
)
NOT_LISTED = Text(
    "“{typed}” ไม่อยู่ในรายการ กรุณาเลือกจากรายการในช่อง",
    "“{typed}” is not in the list; please choose from the drop-down",
)
_HOLDS = Text("{why} (ค่าในช่องคือ {value})", "{why} (the cell holds {value})")

_EXACT_DIGITS = 15
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?|[^,]*")
_BAHT = re.compile(r"^(฿|THB)|(บาท|baht|THB|\.-)$", re.I)
_NOTHING = {"", "-", "–", "—"}
_WHOLE = re.compile(r"(\d{1,15})(?:\.0*)?")


def read_cell(column: Column, cell: Any, accepted: Mapping[str, str]) -> tuple[str, Text | None]:
    """The text of `cell` for `column` and what is wrong with it, if anything; then the text is as it was typed.

    `cell` is text, a number, or a list with what else it is. `accepted` are the wordings of a column of choices.
    """
    if isinstance(cell, list):
        return str(cell[0]), NOT_TEXT_OR_NUMBER
    if isinstance(cell, str):
        return _read_text(column, cell, accepted)
    exact = number_text(cell)
    if exact is None:
        return str(cell), NUMBER_TOO_LONG
    text, why = _read_text(column, exact, accepted)
    return text, why and _HOLDS.fill(why=why, value=exact)  # what the cell shows may be rounded


def _read_text(column: Column, typed: str, accepted: Mapping[str, str]) -> tuple[str, Text | None]:
    try:
        tidy = normalise(typed)
    except TextError as fault:
        return typed, fault.text
    if column.kind == "long":
        text = "\n".join(" ".join(line.split()) for line in tidy.split("\n")).strip()
    else:
        text = " ".join(tidy.split())
    if not text:
        return "", None
    if column.kind == "amount":
        return _amount(text)
    if column.kind == "quantity":
        return _quantity(text)
    if column.kind == "choice":
        code = accepted.get(squeeze(text))
        return (text, NOT_LISTED.fill(typed=text[:60])) if code is None else (code, None)
    if len(text) > column.longest:
        return text, TOO_LONG.fill(length=f"{len(text):,}", longest=f"{column.longest:,}")
    return text, None


def number_text(number: Any) -> str | None:
    """The decimal number a number cell stands for, as plain digits; None when Excel cannot have kept it exactly."""
    exact = Decimal(repr(number))
    if not exact.is_finite() or abs(exact.adjusted()) >= _EXACT_DIGITS:
        return None
    if len(exact.as_tuple().digits) > _EXACT_DIGITS and exact != exact.to_integral_value():
        exact = Decimal(f"{number:.{_EXACT_DIGITS}g}")
    if exact == exact.to_integral_value():
        return str(int(exact))
    return f"{exact.normalize():f}"


def _amount(text: str) -> tuple[str, Text | None]:
    plain = _BAHT.sub("", arabic_digits(text).replace(" ", "")).strip()
    if plain in _NOTHING:
        return "", None
    if not _GROUPED.fullmatch(plain.lstrip("-(").rstrip(")")):
        return text, COMMAS
    try:
        return decimal_baht(parse_baht(plain)), None
    except MoneyError as fault:
        return text, fault.text


def _quantity(text: str) -> tuple[str, Text | None]:
    plain = arabic_digits(text).replace(" ", "")
    if plain in _NOTHING:
        return "", None
    if not _GROUPED.fullmatch(plain):
        return text, COMMAS
    whole = _WHOLE.fullmatch(plain.replace(",", ""))
    if whole is None or not plain.isascii():
        return text, NOT_WHOLE
    return str(int(whole[1])), None
