"""Money: whole satang, end to end; never a float.

One baht is 100 satang. Amounts are stored as BIGINT satang and travel in JSON as decimal strings of baht.
Papers for the committee print million baht with four decimals, rounded half up from the exact sum.
"""

from __future__ import annotations

import re

from app.kernel.text import Text
from app.kernel.thai_text import arabic_digits

SATANG_PER_BAHT = 100
LARGEST_BAHT = 10**12
LARGEST_SATANG = LARGEST_BAHT * SATANG_PER_BAHT

_SPACES = re.compile(r"[\s\u00a0,]+")
_DECIMAL = re.compile(r"(-?)([0-9]+)\.([0-9]{2})")
_AMOUNT = re.compile(r"(?P<baht>\d+)(?:\.(?P<satang>\d*))?")


class MoneyError(ValueError):
    """An amount that cannot be read; `text` says why in both languages."""

    def __init__(self, text: Text):
        super().__init__(text.en)
        self.text = text


NOT_A_NUMBER = Text(
    "จำนวนเงินต้องเป็นตัวเลข เช่น 1,250,000.50", "The amount must be a number, such as 1,250,000.50"
)
NEGATIVE = Text("จำนวนเงินต้องไม่ติดลบ", "The amount must not be negative")
TOO_PRECISE = Text(
    "จำนวนเงินมีทศนิยมได้ไม่เกิน 2 ตำแหน่ง (สตางค์)", "The amount may have at most two decimals (satang)"
)
TOO_LARGE = Text(
    "จำนวนเงินต้องไม่เกิน 1,000,000,000,000 บาท", "The amount must not exceed 1,000,000,000,000 baht"
)


def parse_baht(typed: str) -> int:
    """Read an amount in baht as people type it and return satang.

    Thai digits, commas and spaces are understood. Raises `MoneyError` for letters, a negative amount,
    more than two decimals, or more than 10**12 baht.
    """
    compact = _SPACES.sub("", arabic_digits(typed))
    if compact[:1] in ("-", "−", "–") or (compact.startswith("(") and compact.endswith(")")):
        raise MoneyError(NEGATIVE if _AMOUNT.fullmatch(compact.strip("-−–()")) else NOT_A_NUMBER)
    match = _AMOUNT.fullmatch(compact)
    if match is None or not compact.isascii():
        raise MoneyError(NOT_A_NUMBER)
    decimals = match["satang"] or ""
    if len(decimals) > 2:
        raise MoneyError(TOO_PRECISE)
    baht = match["baht"].lstrip("0")  # Python refuses to read thousands of digits, even zeros
    if len(baht) > 13:
        raise MoneyError(TOO_LARGE)
    satang = int(baht or "0") * SATANG_PER_BAHT + int(decimals.ljust(2, "0"))
    if satang > LARGEST_SATANG:
        raise MoneyError(TOO_LARGE)
    return satang


def decimal_baht(satang: int) -> str:
    """Satang as a plain decimal string of baht, such as "1200.50": the form JSON carries."""
    sign, value = ("-", -satang) if satang < 0 else ("", satang)
    return f"{sign}{value // 100}.{value % 100:02d}"


def from_decimal_baht(text: str) -> int:
    """The inverse of `decimal_baht`; raises `ValueError` for any other form."""
    if text == "0.00":  # most quarters and later years of a filing
        return 0
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError(f"not a decimal baht string: {text!r}")
    value = int(match[2]) * SATANG_PER_BAHT + int(match[3])
    return -value if match[1] else value


def format_baht(satang: int) -> str:
    """Satang as baht for reading, such as "1,136,361,900.00"."""
    sign, value = ("-", -satang) if satang < 0 else ("", satang)
    return f"{sign}{value // 100:,}.{value % 100:02d}"


def format_million(satang: int) -> str:
    """Satang as million baht with four decimals, rounded half up, such as "5,523.9110"."""
    ten_thousandths = (abs(satang) + 5_000) // 10_000
    sign = "-" if satang < 0 and ten_thousandths else ""
    return f"{sign}{ten_thousandths // 10_000:,}.{ten_thousandths % 10_000:04d}"


def baht_in_words(satang: int) -> str:
    """The amount in Thai words as official papers write it, such as "หนึ่งร้อยบาทถ้วน"."""
    from pythainlp.util import num_to_thaiword  # slow to import, wanted on few pages

    baht, rest = divmod(satang, SATANG_PER_BAHT)
    words = f"{num_to_thaiword(baht)}บาท"
    return f"{words}{num_to_thaiword(rest)}สตางค์" if rest else f"{words}ถ้วน"
