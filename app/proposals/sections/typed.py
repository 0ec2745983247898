"""What was typed, read field by field: one spelling, checked amounts and codes, every problem noted at its place.

A field that cannot be read gives "" and a problem; reading goes on, so that all problems are found at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.kernel.findings import Problem
from app.kernel.money import MoneyError, decimal_baht, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, arabic_digits, normalise

LARGEST_QUANTITY = 10**9

TOO_LONG = Text(
    "{name}: ยาวเกินไป กรอกได้ไม่เกิน {longest} ตัวอักษร (ขณะนี้ {length})",
    "{name}: too long, at most {longest} characters (now {length})",
)
NOT_OFFERED = Text(
    "{name}: สิ่งที่เลือกไม่มีในรายการ กรุณาเลือกใหม่", "{name}: this choice is not offered; choose again"
)
TOO_MANY = Text("{name}: มีได้ไม่เกิน {most} (ขณะนี้ {count})", "{name}: at most {most} (now {count})")
NOT_WHOLE = Text("ต้องเป็นจำนวนเต็มตั้งแต่ 1 ถึง 1,000,000,000", "must be a whole number from 1 to 1,000,000,000")
_BECAUSE = Text("{name}: {why}", "{name}: {why}")


class Typed:
    """Reads the fields of one section; `problems` gathers what must be mended."""

    def __init__(self, section: str):
        self.section = section
        self.problems: list[Problem] = []

    def refuse(self, field: str, why: Text) -> None:
        """Note a problem at a field of this section, such as "3-quantity"."""
        self.problems.append(Problem(f"{self.section}-{field}", why, self.section))

    def paragraphs(self, field: str, typed: str, name: Text, longest: int) -> str:
        """Text that may run over several lines."""
        try:
            value = normalise(typed)
        except TextError as error:
            self.refuse(field, _BECAUSE.fill(name=name, why=error.text))
            return ""
        if len(value) > longest:
            self.refuse(field, TOO_LONG.fill(name=name, longest=f"{longest:,}", length=f"{len(value):,}"))
            return ""
        return value

    def line(self, field: str, typed: str, name: Text, longest: int) -> str:
        """Text on one line; runs of white space become one space."""
        if not typed:
            return ""
        return self.paragraphs(field, " ".join(typed.split()), name, longest)

    def amount(self, field: str, typed: str, name: Text) -> str:
        """An amount as people type it, as a decimal baht string; "" for none."""
        if not typed.strip():
            return ""
        try:
            return decimal_baht(parse_baht(typed))
        except MoneyError as error:
            self.refuse(field, _BECAUSE.fill(name=name, why=error.text))
            return ""

    def quantity(self, field: str, typed: str, name: Text) -> str:
        """A whole number of at least one, as plain digits; "" for none."""
        digits = "".join(arabic_digits(typed).replace(",", "").split())
        if not digits:
            return ""
        number = int(digits) if len(digits) <= 30 and digits.isascii() and digits.isdigit() else 0
        if not 1 <= number <= LARGEST_QUANTITY:
            self.refuse(field, _BECAUSE.fill(name=name, why=NOT_WHOLE))
            return ""
        return str(number)

    def code(self, field: str, typed: str, name: Text, offered: Collection[str]) -> str:
        """One code of those offered; "" for none."""
        if not typed or typed in offered:
            return typed
        self.refuse(field, NOT_OFFERED.fill(name=name))
        return ""

    def codes(
        self, field: str, typed: Sequence[str], name: Text, offered: Collection[str], most: int
    ) -> list[str]:
        """Several codes of those offered, each once, in the order they came."""
        chosen = list(dict.fromkeys(code for code in typed if code))
        if any(code not in offered for code in chosen):
            self.refuse(field, NOT_OFFERED.fill(name=name))
            return []
        self.count(field, len(chosen), name, most)
        return chosen

    def count(self, field: str, count: int, name: Text, most: int) -> None:
        """Note when there are more than `most` of something."""
        if count > most:
            self.refuse(field, TOO_MANY.fill(name=name, most=f"{most:,}", count=f"{count:,}"))
