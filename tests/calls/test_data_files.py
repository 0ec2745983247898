"""The call files of the repository are valid and fit together."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.calls.facts import DocumentKind, Origin, Phase, Rulebook, judge_phase
from app.calls.rules import read_call, read_plan, read_prices, read_rubric, read_rulebook
from app.cli.call_files import DATA, read_toml
from app.screening.rulebooks import check_rulebook

PLANS = {name: read_plan(read_toml(DATA / name)) for name in ("plan-2565.toml", "plan-2567.toml")}
RUBRIC = read_rubric(read_toml(DATA / "rubric-2567.toml"))
RULEBOOK = read_rulebook(read_toml(DATA / "rulebook-2567.toml"))
RECORDED_RULEBOOK = read_rulebook(read_toml(DATA / "rulebook-2565.toml"))
PRICES = read_prices(read_toml(DATA / "prices-2567.toml"))
CALLS = [read_call(read_toml(DATA / f"call-{year}.toml")) for year in (2565, 2567)]
PLAN = PLANS["plan-2567.toml"]


def test_plan_2567_has_the_published_structure() -> None:
    assert [s.code for s in PLAN.stages] == ["upstream", "midstream", "downstream"]
    assert [(g.code, g.parent) for g in PLAN.guidelines] == [
        ("1.1", "1"),
        ("1.2", "1"),
        ("2.1", "2"),
        ("3.1", "3"),
    ]
    assert len(PLAN.focus_areas) == 10
    assert PLAN.focus_of == {"1": (), "2": ("1", "2", "4", "7"), "3": ("3", "6", "8", "9"), "4": ("5", "10")}
    assert PLAN.guideline_strategies == {
        "1.1": ("1",),
        "1.2": ("1",),
        "2.1": ("1", "2", "3", "4"),
        "3.1": ("2", "3", "4"),
    }


def test_plan_2567_says_what_each_kind_of_attachment_is_for() -> None:
    kinds = {kind.code: kind.help for kind in PLAN.attachment_kinds}
    assert list(kinds) == ["tor", "quotation", "computer_committee", "data_sharing_agreement", "other"]
    assert all(words.th and words.en for words in kinds.values())


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_plan_has_the_five_categories_of_expenditure(plan) -> None:  # type: ignore[no-untyped-def]
    assert [c.code for c in plan.categories] == ["personnel", "operations", "capital", "subsidies", "other"]


def test_plan_2565_says_whose_mapping_it_is() -> None:
    assert "project" in PLANS["plan-2565.toml"].title.en


def test_rubric_weights_and_anchors() -> None:
    assert sum(c.weight for c in RUBRIC.criteria) == 100
    assert all(len(c.anchors) == 5 for c in RUBRIC.criteria)
    anchors = [a.th for c in RUBRIC.criteria for a in c.anchors]
    assert len(set(anchors)) == len(anchors)
    assert RUBRIC.comment_levels == {0, 4}


@pytest.mark.parametrize("rulebook", [RULEBOOK, RECORDED_RULEBOOK], ids=lambda r: r.code)
def test_rulebook_names_only_checks_and_codes_there_are(rulebook: Rulebook) -> None:
    check_rulebook(rulebook)
    offered = {c.code for c in PLAN.curricula}
    for rule in rulebook.rules:
        assert set(rule.parameters.get("documents", ())) <= {k.code for k in PLAN.attachment_kinds}
        assert set(rule.parameters.get("categories", ())) <= {c.code for c in PLAN.categories}
        prescribed = rule.parameters.get("prescribed_curricula", [])
        assert set(prescribed) <= offered
        assert "other" not in prescribed


@pytest.mark.parametrize("call", CALLS, ids=lambda c: str(c.fiscal_year))
def test_call_names_documents_there_are(call) -> None:  # type: ignore[no-untyped-def]
    loaded = {DocumentKind.PLAN: [(p.code, p.version) for p in PLANS.values()]}
    loaded[DocumentKind.RUBRIC] = [(RUBRIC.code, RUBRIC.version)]
    loaded[DocumentKind.RULEBOOK] = [(r.code, r.version) for r in (RULEBOOK, RECORDED_RULEBOOK)]
    loaded[DocumentKind.PRICES] = [(PRICES.code, PRICES.version)]
    for kind, document in call.documents.items():
        assert document in loaded[kind]


def test_call_2567_window_is_the_real_one_and_half_open() -> None:
    call = CALLS[1]
    assert call.opens_at == datetime(2022, 11, 29, 17, 0, tzinfo=UTC)  # 30 November, midnight in Bangkok
    assert call.closes_at == datetime(2022, 12, 9, 17, 0, tzinfo=UTC)
    instant = timedelta(milliseconds=1)
    assert judge_phase(call.opens_at, call.closes_at, call.opens_at - instant) is Phase.UPCOMING
    assert judge_phase(call.opens_at, call.closes_at, call.opens_at) is Phase.OPEN
    assert judge_phase(call.opens_at, call.closes_at, call.closes_at - instant) is Phase.OPEN
    assert judge_phase(call.opens_at, call.closes_at, call.closes_at) is Phase.CLOSED


def test_calls_say_where_their_proposals_come_from() -> None:
    assert [c.origin for c in CALLS] == [Origin.IMPORTED, Origin.SYNTHETIC]
    assert all(c.note.th and c.note.en for c in CALLS)
    assert read_toml(DATA / "call-open.toml")["origin"] == "synthetic"


def test_prices_that_could_not_be_checked_say_so() -> None:
    assert "illustrative" in PRICES.title.en.lower()
    assert "สมมติ" in PRICES.title.th
    assert "not the figures" in PRICES.source.en


def test_every_text_is_in_its_language() -> None:
    thai = re.compile("[ก-๙]")
    for path in sorted(DATA.glob("*.toml")):
        for place, text in _texts(read_toml(path)):
            assert not thai.search(text["en"]), f"{path.name} {place}: Thai in the English"
            assert thai.search(text["th"]) or "{" in text["th"], f"{path.name} {place}: no Thai"


def _texts(value: object, place: str = ""):  # type: ignore[no-untyped-def]
    if isinstance(value, dict):
        if isinstance(value.get("th"), str) and isinstance(value.get("en"), str):
            yield place, value
        for key, inner in value.items():
            yield from _texts(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{n}]")
