"""Sections as sheets and back: nothing lost on the way, and every problem of the form at its cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from app.calls.facts import Limits
from app.calls.rules import read_plan
from app.kernel.text import Text
from app.proposals.drafts import LATER_KEYS, QUARTER_KEYS
from app.proposals.facts import AgencyRef
from app.proposals.sections import Ground, read_section
from app.proposals.sheets import (
    FIELDS,
    Subject,
    bring_in,
    judge_reading,
    list_wrong,
    make_template,
    read_versions,
)
from app.workbooks.facts import Fault, RawSheet, Reading
from app.workbooks.naming import check_template
from app.workbooks.uploads import signing_key
from tests.proposals.any_drafts import SECTION_VALUES
from tests.world import budget_row, read_data

DIRECTORY = {
    code: AgencyRef(code, Text(f"กรม{code}", f"Department {code}"), "mof", Text("กระทรวง", "Ministry"))
    for code in ("alpha", "beta", "gamma")
}
PLAN = read_plan(read_data("plan-2567.toml"))
INDICATOR = {"name": "จำนวนชุดข้อมูล", "unit": "ชุด", "baseline": "0", "target": "5"}


def subject(budget: Any = (), indicators: Any = (), *agencies: str, **limits: int) -> Subject:
    """What a workbook is of; the lead is alpha."""
    return Subject(
        call=Text("รอบ", "Call"),
        fiscal_year=2570,
        number="2570-0001",
        title=Text("โครงการ", "Project"),
        agency=DIRECTORY["alpha"],
        is_lead=True,
        ground=Ground(PLAN, Limits(**limits), DIRECTORY, agencies or ("alpha", "beta")),
        values={"budget": {"rows": list(budget)}, "indicators": {"rows": list(indicators)}},
        versions={"budget": 4, "indicators": 2},
    )


def returned(of: Subject, start: int = 4, **sheets: list[dict[str, str]]) -> Reading:
    """A workbook read without a fault, its rows from `start` on."""
    template = make_template(of)
    return Reading(
        identity=template.identity,
        sheets={
            sheet.key: RawSheet(
                tuple(c.key for c in sheet.columns),
                tuple(enumerate(sheets.get(sheet.key, sheet.rows), start)),
            )
            for sheet in template.sheets
        },
    )


def places(faults: tuple[Fault, ...]) -> list[tuple[str, int, str | None]]:
    return [(f.sheet, f.row, f.column) for f in faults]


@given(SECTION_VALUES["budget"], SECTION_VALUES["indicators"])
def test_whatever_the_form_keeps_comes_back_the_same(budget: Any, indicators: Any) -> None:
    here = subject()
    kept = {}
    for section, value in (("budget", budget), ("indicators", indicators)):
        sent = {
            f"{section}-{n}-{key}": text
            for n, row in enumerate(value["rows"], 1)
            for key, text in row.items()
        }
        rows = (read_section(section, sent, here.ground).kept or {"rows": []})["rows"]
        telling = [key for key in FIELDS[section] if key != "agency"]
        kept[section] = {"rows": [row for row in rows if any(row[key] for key in telling)]}
    here = replace(here, values=kept)
    check_template(make_template(here))
    judged = judge_reading(returned(here), here)
    assert judged.faults == ()
    assert judged.values == kept
    assert judged.came_from == here.versions


def test_the_template_offers_what_the_call_offers() -> None:
    template = make_template(subject(lines=5000, short=250))
    budget, indicators = template.sheets
    by_key = {column.key: column for column in budget.columns}
    assert [code for code, _ in by_key["agency"].choices] == ["alpha", "beta"]
    assert [code for code, _ in by_key["category"].choices] == [c.code for c in PLAN.categories]
    assert by_key["item"].longest == 250
    assert [by_key[key].heading.en for key in LATER_KEYS] == [
        f"Commitment FY {y} (baht)" for y in range(2571, 2575)
    ]
    assert {by_key[key].kind for key in ("unit_price", *QUARTER_KEYS, *LATER_KEYS)} == {"amount"}
    assert (budget.most_rows, indicators.most_rows) == (5000, 30)
    assert template.identity == {
        "call": "2570",
        "proposal": "2570-0001",
        "title": "โครงการ",
        "agency": "กรมalpha / Department alpha",
        "version": "budget:4 indicators:2",
        "made_of": "รายการงบประมาณ ฉบับที่ 4 · ตัวชี้วัด ฉบับที่ 2 / Budget lines version 4 · Indicators version 2",
    }


def test_what_could_not_be_read_stands_in_its_cell_as_typed() -> None:
    here = subject()
    value = {
        "rows": [budget_row(), budget_row(unit_price="")],
        "unread": {"budget-2-unit_price": "ราว ๆ 5,000"},
    }
    template = make_template(replace(here, values={**here.values, "budget": value}))
    assert [row["unit_price"] for row in template.sheets[0].rows] == ["500000.50", "ราว ๆ 5,000"]


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"quantity": "0"}, "quantity", "ต้องเป็นจำนวนเต็มตั้งแต่ 1"),
        ({"agency": "gamma"}, "agency", "ไม่ได้อยู่ในโครงการ"),
        ({"category": "none"}, "category", "ไม่มีประเภทงบรายจ่ายนี้"),
        ({"item": "ก" * 301}, "item", "ยาวเกินไป"),
        ({"quantity": "1000000000", "unit_price": "999999999.00"}, "unit_price", "เกิน 1,000,000,000,000"),
        ({"q3": "สิบบาท"}, "q3", "ต้องเป็นตัวเลข"),
    ],
)
def test_the_forms_problems_are_found_at_the_sheets_own_rows(
    change: dict[str, str], place: str, words: str
) -> None:
    """Rows above that make no line, such as one with an agency only, do not move the place."""
    here = subject()
    rows = [budget_row(), {"agency": "alpha"}, {"item": "  "}, budget_row(**change), budget_row()]
    judged = judge_reading(returned(here, start=9, budget=rows), here)
    assert places(judged.faults) == [("budget", 12, place)]
    assert words in judged.faults[0].text.th
    assert not judged.faults[0].text.th.startswith("รายการที่")
    assert not judged.faults[0].text.en.startswith("Line")
    assert judged.values == {}


def test_what_the_reader_found_stands_before_what_the_form_finds_and_in_the_order_of_cells() -> None:
    here = subject()
    reading = returned(here, budget=[budget_row(quantity="0", unit_price="x"), budget_row(item="ก" * 400)])
    found = (
        Fault("budget", 5, "item", Text("ยาว", "Long"), "C5"),
        Fault("budget", 4, "unit_price", Text("ไม่ใช่จำนวนเงิน", "No amount"), "F4"),
    )
    judged = judge_reading(replace(reading, faults=found), here)
    assert places(judged.faults) == [
        ("budget", 4, "quantity"),
        ("budget", 4, "unit_price"),
        ("budget", 5, "item"),
    ]
    assert judged.faults[1].text.en == "No amount"
    assert judged.faults[2].cell == "C5"


def test_the_total_and_too_many_rows_belong_to_the_sheet() -> None:
    here = subject(lines=2)
    judged = judge_reading(returned(here, budget=[budget_row()] * 3), here)
    assert places(judged.faults) == [("budget", 0, None)]
    much = budget_row(quantity="1", unit_price="999999999999.00", q1="")
    judged = judge_reading(returned(subject(), budget=[much, much]), subject())
    assert places(judged.faults) == [("budget", 0, None)]


def test_a_blank_agency_means_the_only_one_there_is() -> None:
    alone = subject((), (), "alpha")
    judged = judge_reading(returned(alone, budget=[budget_row(agency="")]), alone)
    assert judged.values["budget"]["rows"][0]["agency"] == "alpha"
    several = subject()
    judged = judge_reading(returned(several, budget=[budget_row(agency="")]), several)
    assert judged.values["budget"]["rows"][0]["agency"] == ""


def test_a_column_that_is_gone_is_a_fault_only_where_it_held_something() -> None:
    def without(of: Subject, *gone: str) -> Reading:
        reading = returned(of)
        raw = reading.sheets["budget"]
        cut = RawSheet(
            tuple(key for key in raw.headings if key not in gone),
            tuple((n, {key: text for key, text in row.items() if key not in gone}) for n, row in raw.rows),
        )
        return replace(reading, sheets={**reading.sheets, "budget": cut})

    here = subject([budget_row(later2="5.00")])
    judged = judge_reading(without(here, "later1", "later2"), here)
    assert places(judged.faults) == [("budget", 0, "later2")]
    judged = judge_reading(without(here, "later1"), here)
    assert judged.faults == ()
    assert judged.values == here.values


def test_a_sheet_of_a_section_that_is_shut_is_left_out_and_said() -> None:
    here = subject([budget_row()], [INDICATOR])
    reading = returned(here)
    shut = replace(here, values={"budget": here.values["budget"]}, versions={"budget": 5})
    judged = judge_reading(replace(reading, sheets={"budget": reading.sheets["budget"]}), shut)
    assert set(judged.values) == {"budget"}
    assert [words.th for words in judged.remarks] == ["แผ่นงาน “ตัวชี้วัด” ไม่ได้นำเข้า เพราะขณะนี้ส่วนนี้ไม่ได้เปิดให้แก้ไข"]


def test_formulas_leave_nothing_to_judge() -> None:
    fault = Fault("budget", 7, None, Text("สูตร", "Formula"), "D7")
    judged = judge_reading(Reading(faults=(fault,)), subject())
    assert (judged.values, judged.faults, judged.came_from) == ({}, (fault,), {})


def test_an_agency_fault_of_the_lead_says_who_fills_in_what() -> None:
    here = subject()
    judged = judge_reading(returned(here, budget=[budget_row(agency="gamma")]), here)
    assert any("กรอกรายการของตนเอง" in words.th for words in judged.remarks)


def test_versions_are_read_from_the_identity() -> None:
    assert read_versions(make_template(subject()).identity) == {"budget": 4, "indicators": 2}
    assert read_versions({}) == {}
    assert read_versions({"version": "plan:3 budget:1"}) == {"budget": 1}


def test_others_changes_are_kept_beside_the_sheets() -> None:
    source = {"rows": [budget_row(), budget_row(item="เครื่องพิมพ์")]}
    sheet = {"rows": [budget_row(unit="เครื่อง"), budget_row(item="เครื่องพิมพ์")]}
    present = {"rows": [budget_row(), budget_row(item="เครื่องพิมพ์", q3="7.00")]}
    merged = bring_in("budget", source, sheet, present)
    assert merged.conflicts == ()
    assert [(row["unit"], row["q3"]) for row in merged.value["rows"]] == [("เครื่อง", ""), ("ระบบ", "7.00")]
    assert bring_in("budget", None, sheet, present).value == sheet


def test_what_two_made_together_is_judged_by_the_form_and_what_was_unread_is_let_be() -> None:
    ground = subject(lines=2).ground
    rows = [budget_row(), budget_row(item="ก"), budget_row(item="ข")]
    assert [p.place for p in list_wrong("budget", {"rows": rows}, ground)] == ["budget-rows"]
    unread = {"rows": [budget_row(unit_price="")], "unread": {"budget-1-unit_price": "ราว ๆ"}}
    assert list_wrong("budget", unread, ground) == ()
    assert [p.place for p in list_wrong("budget", {"rows": [budget_row(agency="gamma")]}, ground)] == [
        "budget-1-agency"
    ]


def test_the_key_is_of_the_secret_and_for_this_use_alone() -> None:
    assert signing_key("a" * 64) != signing_key("b" * 64)
    assert len(signing_key("a" * 64)) == 32
    assert set(FIELDS) == {"budget", "indicators"}
