"""Filters, tags, options and macros: what people read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, render_template_string

from app.kernel.findings import Problem
from app.kernel.text import Text
from app.proposals.states import STATES
from app.web.language import (
    baht,
    count,
    date,
    million,
    moment,
    say,
    score,
    second,
    set_language,
    t,
    time_left,
)
from app.web.tags import Options, outcome_tag, stage_tag, state_tag
from tests.conftest import Backend

AT = datetime(2022, 12, 9, 9, 30, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def thai() -> Iterator[None]:
    set_language("th")
    yield
    set_language("th")


def test_values_in_thai() -> None:
    assert t("ก", "a") == "ก"
    assert say(Text("ก", "a")) == "ก"
    assert baht(113_636_190_000) == "1,136,361,900.00"
    assert million(552_391_100_000) == "5,523.9110"
    assert date(AT) == "9 ธ.ค. 2565"
    assert moment(AT) == "9 ธ.ค. 2565 16:30 น."
    assert second(AT) == "9 ธ.ค. 2565 16:30:05 น."
    assert (score(7250), score(5), score(-5)) == ("72.50", "0.05", "-0.05")
    assert count(1234567) == "1,234,567"


def test_values_in_english() -> None:
    set_language("en")
    assert t("ก", "a") == "a"
    assert moment(AT) == "9 Dec 2565 B.E., 16:30"


def test_nothing_is_a_dash() -> None:
    assert {baht(None), million(None), date(None), moment(None), second(None), score(None), count(None)} == {
        "–"
    }


@pytest.mark.parametrize(
    ("left", "th", "en"),
    [
        (timedelta(days=3, hours=4, minutes=59), "เหลือ 3 วัน 4 ชั่วโมง", "3 days 4 hours left"),
        (timedelta(days=1, hours=1), "เหลือ 1 วัน 1 ชั่วโมง", "1 day 1 hour left"),
        (timedelta(hours=23, minutes=59), "เหลือ 23 ชั่วโมง 59 นาที", "23 hours 59 minutes left"),
        (timedelta(hours=1), "เหลือ 1 ชั่วโมง 0 นาที", "1 hour 0 minutes left"),
        (timedelta(minutes=59, seconds=59), "เหลือ 59 นาที", "59 minutes left"),
        (timedelta(minutes=1), "เหลือ 1 นาที", "1 minute left"),
        (timedelta(seconds=59), "เหลือไม่ถึง 1 นาที", "less than a minute left"),
        (timedelta(0), "หมดเวลาแล้ว", "time is up"),
    ],
)
def test_time_left(left: timedelta, th: str, en: str) -> None:
    assert time_left(AT + left, AT) == Text(th, en)


def test_every_state_has_a_tag_in_both_languages() -> None:
    for state, name in STATES.items():
        set_language("th")
        assert name.th in state_tag(state)
        set_language("en")
        assert name.en in state_tag(state)
    assert "tag-bad" in outcome_tag("fails")
    assert "&lt;b&gt;" in stage_tag("upstream", "<b>")


def test_options_choose_and_escape() -> None:
    options = Options([("1", Text("หนึ่ง", "One")), ("11", Text('"สอง" <', "Two"))])
    assert options.html("1").count("selected") == 1
    assert '<option value="1" selected>หนึ่ง' in options.html("1")
    assert "selected" not in options.html("")
    assert "selected" not in options.html('"><script>')
    assert "&#34;สอง&#34; &lt;" in options.html()
    set_language("en")
    assert "One" in options.html()


@pytest.fixture
def page(sqlite_backend: Backend) -> Iterator[Flask]:
    with sqlite_backend.app.test_request_context("/"):
        yield sqlite_backend.app


def _draw(source: str, **values: object) -> str:
    return render_template_string(
        '{% import "macros/form.html" as form %}{% import "macros/show.html" as show %}' + source, **values
    )


def test_field_ties_label_help_and_error_together(page: Flask) -> None:
    html = _draw('{{ form.text("title", "ชื่อ", "<พิมพ์>", "คำอธิบาย", error=error) }}', error=Text("ผิด", "Wrong"))
    assert '<label for="title">' in html
    assert 'aria-describedby="title-help title-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="&lt;พิมพ์&gt;"' in html
    assert "ผิด" in html


def test_field_without_help_or_error_describes_nothing(page: Flask) -> None:
    html = _draw('{{ form.amount("a", "เงิน") }}{{ form.textarea("b", "ข้อ", needed=false) }}')
    assert "aria-describedby" not in html
    assert "aria-invalid" not in html
    assert "(ไม่บังคับ)" in html


def test_textarea_keeps_a_leading_line_break(page: Flask) -> None:
    assert ">\n\nก</textarea>" in _draw('{{ form.textarea("b", "ข้อ", value) }}', value="\nก")


def test_groups_put_the_first_choice_where_the_summary_points(page: Flask) -> None:
    html = _draw(
        '{{ form.radios("kind", "ชนิด", [("a", "ก", ""), ("b", "ข", "ช่วย")], "b") }}'
        "{{ form.error_summary(problems) }}",
        problems=[Problem("kind", Text("เลือก", "Choose"))],
    )
    assert 'href="#kind"' in html
    assert 'id="kind"' in html
    assert html.count("checked") == 1
    assert 'value="b" checked aria-describedby="kind-b-help"' in html


def test_every_post_button_carries_the_token(page: Flask) -> None:
    html = _draw('{{ form.action("/x", "ทำ", fields={"id": 3}, question="แน่ใจ") }}')
    assert 'name="csrf_token"' in html
    assert 'name="id" value="3"' in html
    assert "<details" in html


def test_pieces_are_drawn(page: Flask) -> None:
    html = _draw(
        '{{ show.key_figures([("วงเงิน", "1.0000", "ล้านบาท")]) }}{{ show.facts([("ก", "")]) }}'
        '{{ show.task_list([("/a", "ชื่อ", "good", "ครบ", "")]) }}{{ show.pager("/first", "/next") }}'
        '{% call show.empty_state("ว่าง") %}<a href="/">ทำ</a>{% endcall %}'
        "{% call show.why() %}กฎ{% endcall %}{{ show.money(100) }} {{ show.million(10000) }}"
        '{{ form.buttons("ส่ง") }}{% call form.buttons("ส่ง") %}x{% endcall %}'
    )
    for words in ("1.0000", "–", "tag-good", 'rel="next"', "ว่าง", "เพราะอะไร", "1.00", "0.0001"):
        assert words in html
