"""What stands between a draft and its filing: each thing wrong alone, and all of them at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.kernel.money import LARGEST_SATANG
from app.kernel.text import Text
from app.proposals.drafts import empty_draft
from app.proposals.facts import BudgetLine, Form, Indicator, ProposalFacts
from app.proposals.rules import (
    list_inconsistent,
    list_missing,
    list_problems,
    list_too_much,
    list_wrong_sums,
)
from tests.proposals.made_up import (
    COMPLETE,
    LIMITS,
    PLAN,
    facts_of,
    link,
    service,
    with_integration,
    with_line,
)

LINE = COMPLETE.lines[0]
NO_LINE = BudgetLine("", "", "", None, "", None, (0, 0, 0, 0), (0, 0, 0, 0))


def change(**fields: Any) -> ProposalFacts:
    return replace(COMPLETE, **fields)


def shared(**fields: Any) -> ProposalFacts:
    return with_integration(forms=(Form.SHARED_SERVICE,), links=(), shared_service=service(**fields))


MISSING: dict[str, tuple[ProposalFacts, list[str]]] = {
    "nothing": (COMPLETE, []),
    "Thai name": (change(title=Text("", "Name")), ["names-title_th"]),
    "English name": (change(title=Text("ชื่อ", "")), ["names-title_en"]),
    "stage": (change(stage=""), ["plan-stage"]),
    "guideline": (change(guideline=""), ["plan-guideline"]),
    "strategy": (change(strategy=""), ["plan-strategy"]),
    "focus area where the strategy has some": (change(strategy="2"), ["plan-focus_area"]),
    "forms": (with_integration(forms=()), ["integration-forms"]),
    "links": (with_integration(links=()), ["integration-links"]),
    "link name": (with_integration(links=(link(name=""),)), ["integration-1-name"]),
    "link kind": (with_integration(links=(link(kind="people"),)), ["integration-1-kind"]),
    "link direction": (with_integration(links=(link(direction=""),)), ["integration-1-direction"]),
    "link partner": (with_integration(links=(link(partner=None),)), ["integration-1-partner"]),
    "typed partner is enough": (with_integration(links=(link(partner=None, partner_other="สภา"),)), []),
    "link channel": (with_integration(links=(link(), link(channel=""))), ["integration-2-channel"]),
    "links are not asked of others": (shared(), []),
    "curriculum": (with_integration(forms=(Form.CURRICULUM,), links=()), ["integration-curriculum"]),
    "standard": (
        with_integration(forms=(Form.STANDARD,), links=()),
        ["integration-standard", "integration-standard_scope"],
    ),
    "service name": (shared(name=""), ["integration-service_name"]),
    "service charge": (shared(free=None), ["integration-service_free"]),
    "service users": (shared(users=()), ["integration-service_users"]),
    "service for all needs no list": (shared(users=(), all_agencies=True), []),
    "rationale": (change(rationale=""), ["rationale-rationale"]),
    "objectives": (change(objectives=""), ["rationale-objectives"]),
    "outputs": (change(outputs=""), ["rationale-outputs"]),
    "indicators": (change(indicators=()), ["indicators-rows"]),
    "parts of an indicator": (
        change(indicators=(Indicator("", "", "", ""),)),
        ["indicators-1-name", "indicators-1-unit", "indicators-1-target"],
    ),
    "lines": (change(lines=()), ["budget-rows"]),
    "parts of a line": (
        change(lines=(LINE, NO_LINE)),
        [f"budget-2-{part}" for part in ("agency", "category", "item", "quantity", "unit", "unit_price")],
    ),
    "a price of zero is a price": (with_line(unit_price=0, quarters=(0, 0, 0, 0)), []),
}

INCONSISTENT: dict[str, tuple[ProposalFacts, list[str]]] = {
    "nothing": (COMPLETE, []),
    "unknown stage": (change(stage="sideways"), ["plan-stage", "plan-guideline"]),
    "unknown guideline": (change(guideline="9.9"), ["plan-guideline", "plan-strategy"]),
    "guideline of another stage": (change(stage="midstream"), ["plan-guideline"]),
    "unknown strategy": (change(strategy="9"), ["plan-strategy"]),
    "strategy the guideline does not serve": (change(strategy="2", focus_area="1"), ["plan-strategy"]),
    "focus area of another strategy": (
        change(stage="midstream", guideline="2.1", strategy="2", focus_area="3"),
        ["plan-focus_area"],
    ),
    "focus area without a strategy": (change(strategy="", focus_area="1"), ["plan-focus_area"]),
    "unknown focus area": (
        change(stage="midstream", guideline="2.1", strategy="2", focus_area="99"),
        ["plan-focus_area"],
    ),
    "right focus area": (change(stage="midstream", guideline="2.1", strategy="2", focus_area="1"), []),
    "unknown category": (with_line(category="gifts"), ["budget-1-category"]),
    "unknown channel": (with_integration(links=(link(channel="pigeon"),)), ["integration-1-channel"]),
    "unknown curriculum": (with_integration(curriculum="cooking"), ["integration-curriculum"]),
}

ONE_SATANG_OFF = (LINE.quarters[0] - 1, *LINE.quarters[1:])
SUMS: dict[str, tuple[ProposalFacts, list[str]]] = {
    "exact": (COMPLETE, []),
    "one satang short": (with_line(quarters=ONE_SATANG_OFF), ["budget-1-q1"]),
    "quarters empty": (with_line(quarters=(0, 0, 0, 0)), ["budget-1-q1"]),
    "imported lines have no quarters": (with_line(quarters=(0, 0, 0, 0), source="vol. 1 p. 2"), []),
    "unfinished lines are not judged": (with_line(quantity=None, quarters=(5, 0, 0, 0)), ["budget-rows"]),
    "agency outside the proposal": (with_line(agency="beta"), ["budget-1-agency"]),
    "line too large": (
        with_line(quantity=1, unit_price=LARGEST_SATANG + 1, quarters=(LARGEST_SATANG + 1, 0, 0, 0)),
        ["budget-1-unit_price"],
    ),
    "largest line": (
        with_line(quantity=1, unit_price=LARGEST_SATANG, quarters=(LARGEST_SATANG, 0, 0, 0)),
        [],
    ),
    "total too large": (
        change(
            lines=(
                replace(LINE, quantity=1, unit_price=LARGEST_SATANG, quarters=(LARGEST_SATANG, 0, 0, 0)),
                LINE,
            )
        ),
        ["budget-rows"],
    ),
    "total of zero": (with_line(unit_price=0, quarters=(0, 0, 0, 0)), ["budget-rows"]),
    "negative quarter": (with_line(quarters=(-100, LINE.amount + 100, 0, 0)), ["budget-1-q1"]),
    "negative price": (
        with_line(quantity=2, unit_price=-50, quarters=(-100, 0, 0, 0)),
        ["budget-1-unit_price", "budget-1-q1"],
    ),
    "negative quantity": (
        with_line(quantity=-2, unit_price=-50, quarters=(100, 0, 0, 0)),
        ["budget-1-quantity", "budget-1-unit_price"],
    ),
    "negative commitment": (with_line(later_years=(0, -1, 0, 0)), ["budget-1-later2"]),
}


def places(problems: list[Any]) -> list[str]:
    for problem in problems:
        assert problem.text.th
        assert problem.text.en
        assert problem.place.startswith(f"{problem.section}-")
    return [problem.place for problem in problems]


@pytest.mark.parametrize(("facts", "expected"), MISSING.values(), ids=MISSING.keys())
def test_what_is_missing(facts: ProposalFacts, expected: list[str]) -> None:
    assert places(list_missing(facts, PLAN)) == expected


@pytest.mark.parametrize(("facts", "expected"), INCONSISTENT.values(), ids=INCONSISTENT.keys())
def test_what_does_not_belong_together(facts: ProposalFacts, expected: list[str]) -> None:
    assert places(list_inconsistent(facts, PLAN)) == expected


@pytest.mark.parametrize(("facts", "expected"), SUMS.values(), ids=SUMS.keys())
def test_what_does_not_add_up(facts: ProposalFacts, expected: list[str]) -> None:
    assert places(list_wrong_sums(facts)) == expected


def test_an_empty_draft_hears_everything_at_once() -> None:
    found = places(list_problems(facts_of(empty_draft()), PLAN, LIMITS))
    assert found == [
        "names-title_th",
        "names-title_en",
        "plan-stage",
        "plan-guideline",
        "plan-strategy",
        "integration-forms",
        "rationale-rationale",
        "rationale-objectives",
        "rationale-outputs",
        "indicators-rows",
        "budget-rows",
    ]


def test_problems_of_every_kind_come_together() -> None:
    facts = change(title=Text("", "Name"), guideline="9.9", lines=(replace(LINE, quarters=ONE_SATANG_OFF),))
    assert places(list_problems(facts, PLAN, LIMITS)) == [
        "names-title_th",
        "plan-guideline",
        "plan-strategy",
        "budget-1-q1",
    ]


def test_the_difference_is_told_to_the_satang() -> None:
    (problem,) = list_wrong_sums(with_line(quarters=ONE_SATANG_OFF))
    assert "1,000,000.99" in problem.text.en
    assert "1,000,001.00" in problem.text.en
    assert "-0.01" in problem.text.th


TOO_MUCH: dict[str, tuple[ProposalFacts, list[str]]] = {
    "nothing": (COMPLETE, []),
    "title": (change(title=Text("ก" * (LIMITS.title + 1), "x")), ["names-title_th"]),
    "long text": (change(outputs="ก" * (LIMITS.long + 1)), ["rationale-outputs"]),
    "lines": (change(lines=(LINE,) * (LIMITS.lines + 1)), ["budget-rows"]),
    "several": (
        change(rationale="ก" * (LIMITS.long + 1), indicators=COMPLETE.indicators * (LIMITS.indicators + 1)),
        ["rationale-rationale", "indicators-rows"],
    ),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_filing_checks_the_limits_again(case: str) -> None:
    facts, expected = TOO_MUCH[case]
    assert [p.place for p in list_too_much(facts, LIMITS)] == expected
    assert {*expected} <= {p.place for p in list_problems(facts, PLAN, LIMITS)}
