"""Single cells as people type them, by kind of column: well in every way there is, and in ways that cannot be taken."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from app.kernel.money import decimal_baht, format_baht
from app.kernel.thai_text import thai_digits
from app.workbooks.facts import Column

Cell = tuple[str, str]
"""Its type in the sheet's XML ("s" for any string) and its value."""
Good = Callable[[Random, Column, int], tuple[Cell, str]]
"""Makes a cell of a column in that row, and what must be read from it."""
Bad = Callable[[Random, Column], Cell]


def _good_amount(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    satang = rng.choice((0, rng.randrange(10**4), rng.randrange(10**9), rng.randrange(10**14)))
    plain, grouped = decimal_baht(satang), format_baht(satang)
    cell = rng.choice(
        (
            ("n", plain),
            ("n", f"{satang / 100:.17g}"),
            ("n", plain.removesuffix(".00")),
            ("s", grouped),
            ("s", thai_digits(grouped)),
            ("s", f"\u00a0{grouped} "),
            ("s", f"{grouped} บาท"),
            ("s", f"฿{plain}"),
        )
    )
    return (("s", rng.choice(("-", " ", "–"))), "") if rng.random() < 0.1 else (cell, plain)


def _good_quantity(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    count = rng.choice((1, number, rng.randrange(10**6)))
    forms = (
        ("n", str(count)),
        ("n", f"{count}.0"),
        ("s", f"{count:,}"),
        ("s", thai_digits(f" {count}\u00a0")),
    )
    return rng.choice(forms), str(count)


def _good_choice(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    code, name = rng.choice(column.choices)
    forms = [name.th, name.en, code, f" {name.th}\u00a0", name.en.upper(), name.th.replace("งบ", "งบ ")]
    return (("n", "11") if code == "11" and rng.random() < 0.3 else ("s", rng.choice(forms))), code


def _good_text(rng: Random, column: Column, number: int) -> tuple[Cell, str]:
    words = f"{rng.choice(_WORDS)} {column.key} {number} {rng.randrange(10**9)}"
    return ("s", rng.choice((words, words, f"  {words}\u00a0", words.replace(" ", "  ")))), words


_WORDS = (
    "จัดหาเครื่องแม่ข่าย",
    "=1+1",
    "+66",
    "@SUM",
    "-",
    "<&>\"'",
    "ระบบ 😀",
    "จ้างพัฒนา",
    "#REF!",
    "TRUE",
    "1/2",
)
_ODD: tuple[Bad, ...] = (
    lambda rng, column: ("b", "1"),
    lambda rng, column: ("e", rng.choice(("#REF!", "#DIV/0!", "#N/A", "#VALUE!"))),
    lambda rng, column: ("d", "2027-01-04T00:00:00"),
)
_UNREADABLE: tuple[Bad, ...] = (
    lambda rng, column: ("s", "ข้อ_x0007_ความ"),
    lambda rng, column: ("s", "ก" + "่" * 900),
)
GOOD: dict[str, Good] = {
    "amount": _good_amount,
    "quantity": _good_quantity,
    "choice": _good_choice,
    "text": _good_text,
    "long": _good_text,
}
BAD: dict[str, tuple[Bad, ...]] = {
    "amount": (
        *_ODD,
        lambda rng, column: (
            "s",
            rng.choice(("สิบบาท", "1,2,3", "1200,50", "1.234", "-5", "(5)", "1e5", "12..3", "๑๒x", "NaN")),
        ),
        lambda rng, column: (
            "n",
            rng.choice(("-3", "1.005", "0.001", "1e300", "1e13", "12345678901234567", "5e-324")),
        ),
    ),
    "quantity": (
        *_ODD,
        lambda rng, column: ("s", rng.choice(("สอง", "1.5", "-1", "1,2", "1/2", "9" * 40))),
        lambda rng, column: ("n", rng.choice(("2.5", "-4", "1e20", "0.1"))),
    ),
    "choice": (
        *_ODD,
        lambda rng, column: ("s", rng.choice(("งบอะไร", "111", "1–1", "investments", "x" * 500))),
    ),
    "text": (*_ODD, *_UNREADABLE, lambda rng, column: ("s", "ย" * (column.longest + 1))),
    "long": (*_ODD, *_UNREADABLE, lambda rng, column: ("s", "ย" * (column.longest + 1))),
}
