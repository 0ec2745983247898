"""Changes and choices on a page: marked by element and word, escaped, one id each, choices that come back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask, render_template_string

from app.kernel.text import Text
from app.proposals.comparing import compare_drafts, compare_section
from app.proposals.drafts import empty_draft
from app.proposals.merging import ShownConflict, merge_section, show_conflicts
from app.web.language import set_language
from tests.conftest import Backend
from tests.proposals.made_up import DIRECTORY, PLAN
from tests.world import budget_row, complete_draft

ROW = budget_row(item="เครื่องแม่ข่าย")
OTHER = budget_row(item="ค่าจ้างพัฒนาระบบ", agency="beta", quantity="1", unit_price="9.00", q1="9.00")


@pytest.fixture
def page(sqlite_backend: Backend) -> Iterator[Flask]:
    with sqlite_backend.app.test_request_context("/"):
        yield sqlite_backend.app
    set_language("th")


def show(call: str, language: str = "th", **values: Any) -> str:
    set_language(language)
    return render_template_string(
        '{% import "filing/changes.html" as changes %}{{ changes.' + call + " }}", **values
    )


def budget(
    before: list[dict[str, str]], after: list[dict[str, str]], unread: dict[str, str] | None = None
) -> Any:
    new = {"rows": after} | ({"unread": unread} if unread else {})
    return compare_section("budget", {"rows": before}, new, PLAN, DIRECTORY)


def texts(before: str, after: str) -> Any:
    return compare_section("rationale", {"rationale": before}, {"rationale": after}, PLAN, DIRECTORY)


class Said(HTMLParser):
    """What a page says, tags aside."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "dt", "dd"):
            self.said.append(" ")

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def words(html: str) -> str:
    parser = Said()
    parser.feed(html)
    return " ".join("".join(parser.said).split())


@pytest.mark.parametrize(
    ("language", "said"),
    [("th", "ระบบ[ลบ: เชื่อมโยง][เพิ่ม: แลกเปลี่ยน]ข้อมูล"), ("en", "ระบบ[deleted: เชื่อมโยง][added: แลกเปลี่ยน]ข้อมูล")],
)
def test_differences_are_told_by_element_and_by_words(page: Flask, language: str, said: str) -> None:
    html = show("section(c)", language, c=texts("ระบบเชื่อมโยงข้อมูล", "ระบบแลกเปลี่ยนข้อมูล"))
    assert said in words(html)
    assert re.search(r"<del>.*เชื่อมโยง.*</del><ins>.*แลกเปลี่ยน.*</ins>", html)


def test_what_people_typed_stays_text(page: Flask) -> None:
    evil = "<script>alert(1)</script>"
    html = show("section(c)", c=texts(f"{evil} เดิม", f"{evil} ใหม่ <b>"))
    html += show(
        "section(c)", c=budget([ROW], [{**ROW, "item": evil, "unit": "<i>"}], {"budget-1-quantity": "<u>"})
    )
    html += show("choose(c, by)", c=conflicts(evil), by=Text(evil, evil))
    assert "<script" not in html
    assert not re.search(r"<[biu]>", html)
    assert "&lt;script&gt;" in html


def test_a_long_text_is_shown_by_its_differences_and_whole_on_demand(page: Flask) -> None:
    long = "หลักการและเหตุผลของโครงการ " * 40
    html = show("section(c)", "en", c=texts(f"{long} เดิม", f"{long} ใหม่"))
    brief, _, whole = html.partition("<details")
    assert len(words(brief)) < 300
    assert words(long) in words(whole)


def test_amounts_stand_in_number_cells_with_their_difference(page: Flask) -> None:
    html = show("section(c)", "en", c=budget([ROW, OTHER], [{**ROW, "unit_price": "600000.50"}, OTHER]))
    said = words(html)
    assert "Unit price [deleted: 500,000.50] [added: 600,000.50] +100,000.00" in said
    assert "All agencies 1,000,010.00 1,200,010.00 +200,000.00" in said
    assert re.search(r'<td class="now num"[^>]*>[^<]*<ins>', html)


def test_rows_tell_what_became_of_them(page: Flask) -> None:
    third = budget_row(item="อบรมผู้ใช้งาน", quantity="30", unit="คน", unit_price="4.00")
    said = words(show("section(c)", "en", c=budget([ROW, OTHER], [third, ROW])))
    assert "+ Added Line 1 อบรมผู้ใช้งาน" in said
    assert "− Removed Line 2 ค่าจ้างพัฒนาระบบ" in said
    assert "Unchanged 1" in said


def test_an_unreadable_text_is_called_that(page: Flask) -> None:
    shown = budget([ROW], [{**ROW, "quantity": ""}], {"budget-1-quantity": "สอง"})
    assert "[added: สอง] (cannot be read)" in words(show("section(c)", "en", c=shown))


def test_no_more_rows_are_shown_than_asked_for(page: Flask) -> None:
    rows = [budget_row(item=f"รายการ {n}", unit_price=f"{n}.00") for n in range(30)]
    html = show("section(c, most=10)", "en", c=budget([], rows))
    assert html.count("row-head") == 10
    assert "20 more rows are not shown here" in html


@pytest.mark.parametrize("language", ["th", "en"])
def test_whole_drafts_have_one_id_each_and_no_inline_style(page: Flask, language: str) -> None:
    draft = complete_draft(
        names={"participants": ["beta"]}, budget={"rows": [ROW, OTHER]}, integration={"service_all": True}
    )
    html = show("list(c)", language, c=compare_drafts(draft, empty_draft(), PLAN, DIRECTORY))
    html += show("list(c)", language, c=compare_drafts(draft, draft, PLAN, DIRECTORY))
    ids = Counter(re.findall(r' id="([^"]+)"', html))
    assert ids["changed-budget"] == 1
    assert max(ids.values()) == 1
    assert " style=" not in html
    assert ("Nothing changed." in html) == (language == "en")


# --- choosing


def conflicts(mine: str = "ของฉัน") -> tuple[ShownConflict, ...]:
    merged = merge_section(
        "budget",
        {"rows": [ROW, OTHER]},
        {"rows": [{**ROW, "unit": mine}]},
        {"rows": [{**ROW, "unit": "ของเขา"}, {**OTHER, "q1": "5.00"}]},
    )
    return show_conflicts(merged.conflicts, PLAN, DIRECTORY)


def test_each_conflict_is_one_group_of_two_radios(page: Flask) -> None:
    html = show("choose(c, by)", "en", c=conflicts(), by=Text("สมหญิง", "Somying"))
    radios = re.findall(r'<input[^>]*type="radio" id="([^"]+)" name="([^"]+)" value="([^"]+)"([^>]*)>', html)
    assert [(name, value) for _, name, value, _ in radios] == [
        ("choice:budget-1-unit", "mine"),
        ("choice:budget-1-unit", "theirs"),
        ("choice:budget-2", "mine"),
        ("choice:budget-2", "theirs"),
    ]
    assert all(f'<label for="{id_}">' in html for id_, *_ in radios)
    assert not any("checked" in rest for *_, rest in radios)
    assert html.count("<fieldset") == html.count("<legend>") == 2
    assert "Use Somying’s" in html
    assert "This row is not there." in html


def test_a_choice_made_comes_back_and_a_missing_one_is_asked_for(page: Flask) -> None:
    html = show("choose(c, chosen=chosen, asked=true)", "en", c=conflicts(), chosen={"budget-2": "theirs"})
    assert len(re.findall(r'value="theirs" checked', html)) == 1
    assert html.count("Choose whose to use") == 1
    assert 'aria-describedby="choice-budget-1-unit-error"' in html
    assert 'id="choice-budget-1-unit-error"' in html


def test_a_whole_table_in_conflict_shows_what_each_side_did(page: Flask) -> None:
    rewritten = budget_row(
        item="ที่ปรึกษา",
        agency="beta",
        category="operations",
        quantity="5",
        unit="คน",
        unit_price="1.00",
        q1="5.00",
    )
    merged = merge_section(
        "budget", {"rows": [ROW, OTHER]}, {"rows": [rewritten]}, {"rows": [{**ROW, "q3": "5.00"}, OTHER]}
    )
    said = words(show("choose(c)", "en", c=show_conflicts(merged.conflicts, PLAN, DIRECTORY)))
    assert "− Removed 2" in said
    assert "± Changed 1" in said
    assert "Use the other one" in said
