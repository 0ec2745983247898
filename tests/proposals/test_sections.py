"""What was typed in a section, read: amounts, texts, codes, rows, wrong combinations, and back for showing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calls.facts import Limits
from app.calls.rules import read_plan
from app.kernel.text import Text
from app.proposals.drafts import empty_draft
from app.proposals.facts import AgencyRef
from app.proposals.sections import FORM_SECTIONS, ROWS, Ground, Reading, read_section, show_section
from tests.world import budget_row, complete_draft

DATA = Path(__file__).resolve().parents[2] / "app" / "calls" / "data"
PLAN = read_plan(tomllib.loads((DATA / "plan-2567.toml").read_text(encoding="utf-8")))
DIRECTORY = {
    code: AgencyRef(code, Text(f"กรม{code}", f"Department {code}"), "m", Text("กระทรวง", "Ministry"))
    for code in ("alpha", "beta", "gamma")
}
GROUND = Ground(PLAN, Limits(), DIRECTORY, ("alpha", "beta"))


def fields_of(section: str, shown: dict[str, Any]) -> dict[str, Any]:
    """A section's form as a browser would send it."""
    rows_key = ROWS[section][0] if section in ROWS else ""
    sent: dict[str, Any] = {}
    for key, value in shown.items():
        if key == rows_key:
            for n, row in enumerate(value, 1):
                sent |= {f"{section}-{n}-{field}": text for field, text in row.items()}
        elif value is not False:
            sent[f"{section}-{key}"] = "1" if value is True else value
    return sent


def read(section: str, **sent: Any) -> Reading:
    return read_section(section, {f"{section}-{key}": value for key, value in sent.items()}, GROUND)


def places(reading: Reading) -> list[str]:
    return [p.place for p in reading.problems]


@pytest.mark.parametrize("section", FORM_SECTIONS)
def test_nothing_typed_is_the_empty_section(section: str) -> None:
    reading = read_section(section, {}, GROUND)
    assert reading.value == empty_draft()[section]
    assert reading.problems == ()


@pytest.mark.parametrize("section", FORM_SECTIONS)
def test_saved_section_shown_and_sent_again_is_the_same(section: str) -> None:
    value = complete_draft()[section]
    reading = read_section(section, fields_of(section, show_section(section, value)), GROUND)
    assert reading.problems == ()
    assert reading.value == value


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("0", "0.00"),
        ("1500", "1500.00"),
        ("1,500.5", "1500.50"),
        ("๑,๕๐๐.๗๕", "1500.75"),
        (" 1 500 000 ", "1500000.00"),
        ("1,000,000,000,000", "1000000000000.00"),
    ],
)
def test_amount_understood(typed: str, kept: str) -> None:
    reading = read("budget", **{"1-item": "x", "1-q1": typed})
    assert reading.problems == ()
    assert reading.value["rows"][0]["q1"] == kept


@pytest.mark.parametrize("typed", ["abc", "๑๒ก", "-5", "(5)", "1.234", "1000000000000.01", "9" * 40, "1e9"])
@pytest.mark.parametrize("field", ["unit_price", "q1", "q4", "later1", "later4"])
def test_amount_refused_at_its_field(typed: str, field: str) -> None:
    reading = read("budget", **{"7-item": "x", f"7-{field}": typed})
    assert places(reading) == [f"budget-1-{field}"]
    assert reading.shown["rows"][0][field] == typed


@pytest.mark.parametrize(("typed", "kept"), [("1", "1"), ("๑๒", "12"), ("1,000", "1000"), (" 007 ", "7")])
def test_quantity_understood(typed: str, kept: str) -> None:
    assert read("budget", **{"1-quantity": typed}).value["rows"][0]["quantity"] == kept


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "x", "²", "1000000001", "9" * 400])
def test_quantity_refused(typed: str) -> None:
    assert places(read("budget", **{"1-quantity": typed})) == ["budget-1-quantity"]


def test_all_problems_at_once_each_once() -> None:
    reading = read(
        "budget",
        **{
            "1-item": "ก" * 301,
            "1-quantity": "x",
            "1-unit_price": "y",
            "2-agency": "gamma",
            "2-category": "no",
        },
    )
    assert places(reading) == [
        "budget-1-item",
        "budget-1-quantity",
        "budget-1-unit_price",
        "budget-2-agency",
        "budget-2-category",
    ]


def test_line_and_total_beyond_the_largest_amount() -> None:
    big = {"quantity": "2", "unit_price": "1,000,000,000,000"}
    assert places(read("budget", **{f"1-{k}": v for k, v in big.items()})) == ["budget-1-unit_price"]
    sent = {f"{n}-{k}": v for n in (1, 2) for k, v in (big | {"quantity": "1"}).items()}
    assert places(read("budget", **sent)) == ["budget-rows"]


def test_quarters_need_not_sum_to_save() -> None:
    sent = fields_of("budget", {"rows": [budget_row(q1="1.00")]})
    assert read_section("budget", sent, GROUND).problems == ()


def test_blank_rows_are_dropped_and_the_rest_renumbered() -> None:
    reading = read("budget", **{"1-agency": "alpha", "3-item": "ก", "10-item": "ข", "2-item": " "})
    assert [row["item"] for row in reading.value["rows"]] == ["ก", "ข"]


@pytest.mark.parametrize(
    ("section", "field", "count", "place"),
    [
        ("budget", "item", 201, "budget-rows"),
        ("indicators", "name", 31, "indicators-rows"),
        ("integration", "name", 31, "integration-links"),
    ],
)
def test_too_many_rows(section: str, field: str, count: int, place: str) -> None:
    sent = {f"{n}-{field}": "ก" for n in range(1, count + 1)}
    assert places(read(section, **sent)) == [place]
    del sent[f"1-{field}"]
    assert places(read(section, **sent)) == []


@pytest.mark.parametrize(
    ("section", "sent", "place"),
    [
        ("names", {"title_th": "ก" * 301}, "names-title_th"),
        ("names", {"title_en": "a\x01b"}, "names-title_en"),
        ("names", {"participants": ["alpha"]}, "names-participants"),
        ("names", {"participants": ["nowhere"]}, "names-participants"),
        ("rationale", {"rationale": "ก" * 6001}, "rationale-rationale"),
        ("indicators", {"1-unit": "ก" * 101}, "indicators-1-unit"),
        ("budget", {"1-unit": "ก" * 101}, "budget-1-unit"),
        ("budget", {"1-agency": "gamma", "1-item": "x"}, "budget-1-agency"),
        ("budget", {"1-category": "nothing"}, "budget-1-category"),
        ("plan", {"stage": "nowhere"}, "plan-stage"),
        ("plan", {"stage": "upstream", "guideline": "2.1"}, "plan-guideline"),
        ("plan", {"guideline": "9.9"}, "plan-guideline"),
        ("plan", {"guideline": "1.1", "strategy": "2"}, "plan-strategy"),
        ("plan", {"strategy": "9"}, "plan-strategy"),
        ("plan", {"strategy": "2", "focus_area": "3"}, "plan-focus_area"),
        ("plan", {"strategy": "1", "focus_area": "1"}, "plan-focus_area"),
        ("plan", {"focus_area": "99"}, "plan-focus_area"),
        ("integration", {"forms": ["link", "magic"]}, "integration-forms"),
        ("integration", {"1-kind": "smoke"}, "integration-1-kind"),
        ("integration", {"1-direction": "up"}, "integration-1-direction"),
        ("integration", {"1-partner": "nowhere"}, "integration-1-partner"),
        ("integration", {"1-channel": "pigeon"}, "integration-1-channel"),
        ("integration", {"1-partner": "beta", "1-partner_other": "บริษัท"}, "integration-1-partner_other"),
        ("integration", {"1-name": "ก" * 301}, "integration-1-name"),
        ("integration", {"curriculum": "yoga"}, "integration-curriculum"),
        ("integration", {"standard_scope": "ก" * 6001}, "integration-standard_scope"),
        ("integration", {"service_free": "perhaps"}, "integration-service_free"),
        ("integration", {"service_users": ["beta", "nowhere"]}, "integration-service_users"),
    ],
)
def test_refused_at_the_field(section: str, sent: dict[str, Any], place: str) -> None:
    reading = read(section, **sent)
    assert places(reading) == [place]
    assert reading.problems[0].section == section
    assert reading.problems[0].text.th != reading.problems[0].text.en


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"guideline": "1.2"}, {"stage": "upstream", "guideline": "1.2", "strategy": "", "focus_area": ""}),
        (
            {"guideline": "3.1", "focus_area": "6"},
            {"stage": "downstream", "guideline": "3.1", "strategy": "3", "focus_area": "6"},
        ),
    ],
)
def test_a_choice_brings_its_parent(sent: dict[str, str], expected: dict[str, str]) -> None:
    reading = read("plan", **sent)
    assert reading.value == expected
    assert reading.problems == ()


def test_text_gets_one_spelling_and_lines_lose_breaks() -> None:
    value = read("names", title_th="  น้\u0e4dา\n ดื่ม ").value
    assert value["title_th"] == "น้ำ ดื่ม"
    assert read("rationale", outputs="ก\r\nข").value["outputs"] == "ก\nข"


def test_codes_come_once_each() -> None:
    assert read("names", participants=["beta", "beta", "", "gamma"]).value["participants"] == [
        "beta",
        "gamma",
    ]


@given(
    st.dictionaries(st.text(max_size=30), st.text(max_size=40), max_size=12), st.sampled_from(FORM_SECTIONS)
)
def test_any_input_gives_a_value_of_the_sections_shape(sent: dict[str, str], section: str) -> None:
    reading = read_section(section, {f"{section}-{k}": v for k, v in sent.items()}, GROUND)
    assert reading.value.keys() == empty_draft()[section].keys()
