"""Forms read what people type, and say what is wrong in both languages."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from app.kernel.text import Text
from app.web.forms import Baht, Choice, Form, Line, Paragraphs, Secret, WholeNumber, by_place, read_id


class Sample(Form):
    title = Line(Text("ชื่อ", "Title"), needed=True, longest=10)
    body = Paragraphs(Text("เนื้อหา", "Body"), longest=20)
    amount = Baht(Text("จำนวนเงิน", "Amount"))
    quantity = WholeNumber(Text("จำนวน", "Quantity"), low=1, high=99)
    kind = Choice(Text("ประเภท", "Kind"), offered=("a", "b"))
    word = Secret(Text("รหัส", "Word"))


def _sent(**typed: str) -> Sample:
    return Sample(MultiDict({"title": "ชื่อ", **typed}))


def test_values_are_read_as_people_type_them() -> None:
    form = _sent(title="  น้ํา  ใจ ", body="ก\r\nข", amount="๑,๒๕๐.๕๐", quantity="๑๒", kind="b", word=" x ")
    assert form.problems() == ()
    assert form.title.data == "น้ำ ใจ"
    assert form.body.data == "ก\nข"
    assert form.amount.data == 125_050
    assert form.quantity.data == 12
    assert form.kind.data == "b"
    assert form.word.data == " x "


def test_nothing_typed_is_nothing() -> None:
    form = _sent()
    assert form.problems() == ()
    assert (form.body.data, form.amount.data, form.quantity.data, form.kind.data) == ("", None, None, "")


@pytest.mark.parametrize(
    ("typed", "place", "th", "en"),
    [
        ({"title": " "}, "title", "กรุณากรอกชื่อ", "Enter: Title"),
        ({"title": "ก" * 11}, "title", "ไม่เกิน 10 ตัวอักษร (ขณะนี้ 11)", "at most 10 characters"),
        ({"title": "ก\x00"}, "title", "อ่านไม่ได้", "unreadable"),
        ({"amount": "สิบบาท"}, "amount", "ต้องเป็นตัวเลข", "must be a number"),
        ({"amount": "-1"}, "amount", "ไม่ติดลบ", "not be negative"),
        ({"amount": "1.005"}, "amount", "ไม่เกิน 2 ตำแหน่ง", "two decimals"),
        ({"amount": "1000000000000.01"}, "amount", "ไม่เกิน 1,000,000,000,000", "not exceed"),
        ({"quantity": "1.5"}, "quantity", "จำนวนเต็ม", "whole number"),
        ({"quantity": "100"}, "quantity", "ระหว่าง 1 ถึง 99", "from 1 to 99"),
        ({"quantity": "9" * 5000}, "quantity", "ระหว่าง 1 ถึง 99", "from 1 to 99"),
        ({"kind": "c"}, "kind", "ไม่มีในรายการ", "not offered"),
    ],
)
def test_problems_in_both_languages(typed: dict[str, str], place: str, th: str, en: str) -> None:
    form = _sent(**typed)
    (problem,) = form.problems()
    assert problem.place == place
    assert th in problem.text.th
    assert en in problem.text.en
    assert form.typed(place) == typed[place]
    assert by_place([problem])[place] == problem.text


def test_all_problems_at_once() -> None:
    assert [p.place for p in _sent(title="", amount="x", kind="c").problems()] == ["title", "amount", "kind"]


@pytest.mark.parametrize("text", ["", None, "0", "-1", "๑", "1.0", " 1", "2147483648", "9" * 40, "1e3"])
def test_what_cannot_be_an_id(text: str | None) -> None:
    assert read_id(text) is None


def test_ids() -> None:
    assert read_id("2147483647") == 2**31 - 1
