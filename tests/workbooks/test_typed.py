"""One cell and the column it stands in: what is taken, and what is said when it is not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.kernel.money import NEGATIVE, NOT_A_NUMBER, TOO_LARGE, TOO_PRECISE
from app.kernel.text import Text
from app.kernel.thai_text import UNREADABLE
from app.workbooks.facts import Column
from app.workbooks.naming import accepted_choices
from app.workbooks.typed import (
    COMMAS,
    NOT_LISTED,
    NOT_TEXT_OR_NUMBER,
    NOT_WHOLE,
    NUMBER_TOO_LONG,
    TOO_LONG,
    read_cell,
)
from tests.workbooks.made_up import CATEGORIES

HEADING = Text("หัว", "Head")
AMOUNT, QUANTITY = Column("a", HEADING, "amount"), Column("q", HEADING, "quantity")
LINE, LONG = Column("t", HEADING, longest=20), Column("l", HEADING, "long", longest=20)
CHOICE = Column("c", HEADING, "choice", choices=CATEGORIES)


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        (AMOUNT, 1200.5, "1200.50"),
        (AMOUNT, 1200.0, "1200.00"),
        (AMOUNT, 7, "7.00"),
        (AMOUNT, 0.1 + 0.2, "0.30"),  # what Excel shows for it, and keeps
        (AMOUNT, 1.1, "1.10"),
        (AMOUNT, 999999999999.99, "999999999999.99"),
        (AMOUNT, 0.01, "0.01"),
        (AMOUNT, "1,200.50", "1200.50"),
        (AMOUNT, "๑,๒๐๐.๕๐", "1200.50"),
        (AMOUNT, " 1 200.5\u00a0", "1200.50"),
        (AMOUNT, "1,234,567", "1234567.00"),
        (AMOUNT, "฿1,200", "1200.00"),
        (AMOUNT, "1,200 บาท", "1200.00"),
        (AMOUNT, "1,200.-", "1200.00"),
        (AMOUNT, "-", ""),
        (AMOUNT, " \u00a0\n", ""),
        (QUANTITY, 12.0, "12"),
        (QUANTITY, 10**14, "100000000000000"),
        (QUANTITY, "1,200", "1200"),
        (QUANTITY, "๑๒", "12"),
        (QUANTITY, "12.00", "12"),
        (QUANTITY, "0", "0"),
        (CHOICE, "งบลงทุน", "investment"),
        (CHOICE, " งบ ลงทุน\u00a0", "investment"),
        (CHOICE, "INVESTMENT", "investment"),
        (CHOICE, "Other  expenses", "11"),
        (CHOICE, 11.0, "11"),
        (CHOICE, "1-1", "1-1"),
        (CHOICE, "", ""),
        (LINE, "  สอง\n บรรทัด ", "สอง บรรทัด"),
        (LINE, 5.0, "5"),
        (LINE, 2.25, "2.25"),
        (LINE, "=1+1", "=1+1"),
        (LINE, "เเดง", "แดง"),  # two เ typed for แ
        (LONG, " สอง \r\n  บรรทัด", "สอง\nบรรทัด"),
    ],
)
def test_taken(column: Column, cell: Any, text: str) -> None:
    assert read_cell(column, cell, accepted_choices(column)) == (text, None)


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        (AMOUNT, "สิบบาท", NOT_A_NUMBER),
        (AMOUNT, "1e5", NOT_A_NUMBER),
        (AMOUNT, "1.005", TOO_PRECISE),
        (AMOUNT, 1.005, TOO_PRECISE),
        (AMOUNT, 33.333333333333336, TOO_PRECISE),
        (AMOUNT, -5.0, NEGATIVE),
        (AMOUNT, "(5.00)", NEGATIVE),
        (AMOUNT, 1e13, TOO_LARGE),
        (AMOUNT, 1e300, NUMBER_TOO_LONG),
        (AMOUNT, 5e-324, NUMBER_TOO_LONG),
        (AMOUNT, float("nan"), NUMBER_TOO_LONG),
        (AMOUNT, "1200,50", COMMAS),
        (AMOUNT, "1,2,3", COMMAS),
        (AMOUNT, ["2027-01-04"], NOT_TEXT_OR_NUMBER),
        (QUANTITY, 2.5, NOT_WHOLE),
        (QUANTITY, "-1", NOT_WHOLE),
        (QUANTITY, "สอง", NOT_WHOLE),
        (QUANTITY, "9" * 40, NOT_WHOLE),
        (QUANTITY, ["True"], NOT_TEXT_OR_NUMBER),
        (CHOICE, "งบอะไร", NOT_LISTED),
        (CHOICE, "1 1 1", NOT_LISTED),
        (CHOICE, "1–1", NOT_LISTED),
        (LINE, "ก" * 21, TOO_LONG),
        (LINE, "ข้อ\x07ความ", UNREADABLE),
        (LINE, 12345678901234567.0, NUMBER_TOO_LONG),
        (LINE, ["#"], NOT_TEXT_OR_NUMBER),
    ],
)
def test_not_taken(column: Column, cell: Any, why: Text) -> None:
    text, said = read_cell(column, cell, accepted_choices(column))
    assert said is not None
    assert re.match(_pattern(why.en), said.en)
    assert re.match(_pattern(why.th), said.th)
    assert text != ""


def _pattern(words: str) -> str:
    """The wording with anything in its places."""
    return re.sub(r"\\{\w+\\}", ".+", re.escape(words))


def test_a_number_that_is_not_taken_is_told_in_full_for_its_cell_may_show_it_rounded() -> None:
    assert read_cell(QUANTITY, 2.5, {})[1] == Text(
        "ต้องเป็นจำนวนเต็ม เช่น 12 (ค่าในช่องคือ 2.5)",
        "This must be a whole number, such as 12 (the cell holds 2.5)",
    )


def test_two_choices_of_one_name_are_told_apart_by_their_codes() -> None:
    column = Column(
        "c", HEADING, "choice", choices=(("a", Text("ชื่อเดียว", "One")), ("b", Text("ชื่อเดียว", "Two")))
    )
    accepted = accepted_choices(column)
    assert read_cell(column, "ชื่อเดียว (b)", accepted) == ("b", None)
    assert read_cell(column, "two", accepted) == ("b", None)
    assert read_cell(column, "ชื่อเดียว", accepted)[1] is not None
