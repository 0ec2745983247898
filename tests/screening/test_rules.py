"""Every rule of the rulebook with every reason it may give: a decision table, and laws over any proposal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from app.calls.facts import Rulebook, RuleEntry, Severity
from app.calls.rules import read_rulebook
from app.kernel.errors import Refused
from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.proposals.facts import Form, ProposalFacts
from app.screening.rulebooks import PARAMETERS, REASONS, check_rulebook
from app.screening.rules import CHECKS, Situation, conclude, explain, screen
from tests.proposals.made_up import (
    ALPHA,
    ANY_FACTS,
    BETA,
    COMPLETE,
    GAMMA,
    LIMITS,
    PLAN,
    link,
    service,
    with_integration,
    with_line,
)
from tests.world import read_data

RULEBOOK: Rulebook = read_rulebook(read_data("rulebook-2567.toml"))
OPENS = datetime(2022, 11, 29, 17, 0, tzinfo=UTC)
CLOSES = datetime(2022, 12, 9, 17, 0, tzinfo=UTC)
INSTANT = timedelta(milliseconds=1)

PASSES, NEEDS_PERSON, FAILS = Outcome.PASSES, Outcome.NEEDS_PERSON, Outcome.FAILS


def situation(arrived_at: datetime | None = OPENS, grace: timedelta = timedelta(0)) -> Situation:
    return Situation(PLAN, LIMITS, OPENS, CLOSES, arrived_at, grace)


def form(*forms: Form, **changes: Any) -> ProposalFacts:
    return with_integration(forms=forms, **({"links": ()} | changes))


LINKED = COMPLETE
OWN = link(partner=ALPHA)
TYPED = link(partner=None, partner_other="สภากาชาดไทย")
NOBODY = link(partner=None)
SHARED = form(Form.SHARED_SERVICE, shared_service=service())

# rule, facts, moment of filing -> outcome, reason, places of the evidence
TABLE: list[tuple[str, ProposalFacts, datetime | None, Outcome, str, tuple[str, ...]]] = [
    ("window", COMPLETE, None, PASSES, "draft", ()),
    ("window", COMPLETE, OPENS - INSTANT, FAILS, "outside", ()),
    ("window", COMPLETE, OPENS, PASSES, "inside", ()),
    ("window", COMPLETE, CLOSES - INSTANT, PASSES, "inside", ()),
    ("window", COMPLETE, CLOSES, FAILS, "outside", ()),
    ("window", COMPLETE, CLOSES + INSTANT, FAILS, "outside", ()),
    ("complete", COMPLETE, OPENS, PASSES, "complete", ()),
    ("complete", replace(COMPLETE, outputs=""), OPENS, FAILS, "missing", ("rationale-outputs",)),
    ("structure", COMPLETE, OPENS, PASSES, "consistent", ()),
    ("structure", replace(COMPLETE, strategy="2"), OPENS, FAILS, "inconsistent", ("plan-strategy",)),
    ("sums", COMPLETE, OPENS, PASSES, "exact", ()),
    ("sums", with_line(quarters=(1, 0, 0, 0)), OPENS, FAILS, "wrong", ("budget-1-q1",)),
    # form 1: a link with another agency
    ("form-1", LINKED, OPENS, PASSES, "linked", ("integration-1-partner",)),
    ("form-1", form(Form.LINK, links=(OWN,)), OPENS, FAILS, "own_agency", ("integration-1-partner",)),
    (
        "form-1",
        form(Form.LINK, links=(TYPED,)),
        OPENS,
        NEEDS_PERSON,
        "partner_unregistered",
        ("integration-1-partner",),
    ),
    ("form-1", form(Form.LINK, links=(NOBODY,)), OPENS, FAILS, "no_partner", ("integration-1-partner",)),
    ("form-1", form(Form.LINK), OPENS, FAILS, "not_claimed", ("integration-forms",)),
    # its two exceptions
    (
        "form-1",
        form(Form.CURRICULUM, curriculum="dg-foundation"),
        OPENS,
        PASSES,
        "curriculum",
        ("integration-curriculum",),
    ),
    (
        "form-1",
        form(Form.CURRICULUM, curriculum="other"),
        OPENS,
        NEEDS_PERSON,
        "curriculum_not_prescribed",
        ("integration-curriculum",),
    ),
    ("form-1", form(Form.CURRICULUM), OPENS, FAILS, "no_curriculum", ("integration-curriculum",)),
    (
        "form-1",
        form(Form.STANDARD, standard="มาตรฐาน", standard_scope="ทุกกรม"),
        OPENS,
        PASSES,
        "standard",
        ("integration-standard",),
    ),
    (
        "form-1",
        form(Form.STANDARD, standard="มาตรฐาน"),
        OPENS,
        NEEDS_PERSON,
        "standard_without_scope",
        ("integration-standard_scope",),
    ),
    ("form-1", form(Form.STANDARD), OPENS, FAILS, "no_standard", ("integration-standard",)),
    ("form-1", SHARED, OPENS, FAILS, "not_claimed", ("integration-forms",)),
    ("form-1", form(), OPENS, FAILS, "not_claimed", ("integration-forms",)),
    # form 2: a central service, several users, no charge
    ("form-2", LINKED, OPENS, FAILS, "not_claimed", ("integration-forms",)),
    ("form-2", SHARED, OPENS, PASSES, "shared", ("integration-service_users",)),
    (
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(free=None)),
        OPENS,
        FAILS,
        "charge_unknown",
        ("integration-service_free",),
    ),
    (
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(free=False, all_agencies=True)),
        OPENS,
        FAILS,
        "charged",
        ("integration-service_free",),
    ),
    (
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(all_agencies=True, users=())),
        OPENS,
        PASSES,
        "shared_with_all",
        ("integration-service_users",),
    ),
    (
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(users=(BETA,))),
        OPENS,
        FAILS,
        "too_few_users",
        ("integration-service_users",),
    ),
    (
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(users=(BETA, ALPHA))),
        OPENS,
        FAILS,
        "too_few_users",
        ("integration-service_users",),
    ),
    (
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(users=(BETA, BETA))),
        OPENS,
        FAILS,
        "too_few_users",
        ("integration-service_users",),
    ),
    # either is enough, doubt needs a person, neither fails
    ("integration", LINKED, OPENS, PASSES, "form_one", ("integration-1-partner",)),
    ("integration", SHARED, OPENS, PASSES, "form_two", ("integration-service_users",)),
    (
        "integration",
        form(Form.LINK, Form.SHARED_SERVICE, links=(link(),), shared_service=service()),
        OPENS,
        PASSES,
        "both_forms",
        ("integration-1-partner", "integration-service_users"),
    ),
    (
        "integration",
        form(Form.LINK, links=(TYPED, link())),
        OPENS,
        PASSES,
        "form_one",
        ("integration-2-partner",),
    ),
    (
        "integration",
        form(Form.LINK, Form.SHARED_SERVICE, links=(TYPED,), shared_service=service()),
        OPENS,
        PASSES,
        "form_two",
        ("integration-service_users",),
    ),
    (
        "integration",
        form(Form.LINK, links=(TYPED, OWN)),
        OPENS,
        NEEDS_PERSON,
        "doubtful",
        ("integration-1-partner",),
    ),
    ("integration", form(Form.LINK, links=(OWN, NOBODY)), OPENS, FAILS, "neither", ("integration-forms",)),
    (
        "integration",
        form(Form.SHARED_SERVICE, shared_service=service(free=False)),
        OPENS,
        FAILS,
        "neither",
        ("integration-forms",),
    ),
    ("integration", form(), OPENS, FAILS, "neither", ("integration-forms",)),
]


@pytest.mark.parametrize(
    ("rule", "facts", "arrived_at", "outcome", "reason", "places"),
    TABLE,
    ids=[f"{n}-{rule}-{reason}" for n, (rule, _, _, _, reason, _) in enumerate(TABLE)],
)
def test_each_rule_with_each_reason(
    rule: str,
    facts: ProposalFacts,
    arrived_at: datetime | None,
    outcome: Outcome,
    reason: str,
    places: tuple[str, ...],
) -> None:
    found = [f for f in screen(facts, RULEBOOK, situation(arrived_at)).findings if f.rule == rule]
    assert (outcome, reason, places) in [(f.outcome, f.reason, f.places) for f in found]
    for finding in found:
        explained = explain(finding, RULEBOOK)
        for text in (explained.rule_name, explained.text, explained.basis):
            assert text.th
            assert text.en
            assert "{" not in text.th + text.en
        assert (explained.remedy is None) is (finding.outcome is PASSES)


GRACE = timedelta(minutes=15)
# moment of filing -> outcome, reason, where the call publishes a grace
GRACE_TABLE: list[tuple[datetime | None, Outcome, str]] = [
    (None, PASSES, "draft"),
    (OPENS - INSTANT, FAILS, "outside"),
    (CLOSES - INSTANT, PASSES, "inside"),
    (CLOSES, PASSES, "in_grace"),
    (CLOSES + INSTANT, PASSES, "in_grace"),
    (CLOSES + GRACE - INSTANT, PASSES, "in_grace"),
    (CLOSES + GRACE, FAILS, "outside"),
    (CLOSES + GRACE + INSTANT, FAILS, "outside"),
]


@pytest.mark.parametrize(("arrived_at", "outcome", "reason"), GRACE_TABLE, ids=str)
def test_a_filing_in_the_grace_passes_and_says_so(
    arrived_at: datetime | None, outcome: Outcome, reason: str
) -> None:
    found = screen(COMPLETE, RULEBOOK, situation(arrived_at, GRACE)).findings[0]
    assert (found.rule, found.outcome, found.reason) == ("window", outcome, reason)
    if reason == "in_grace":
        words = explain(found, RULEBOOK).text
        assert "10 ธ.ค. 2565 00:00:00 น." in words.th
        assert "10 Dec 2565 B.E., 00:15:00" in words.en


def test_every_reason_of_every_check_stands_in_the_table() -> None:
    check_of = {rule.code: rule.check for rule in RULEBOOK.rules}
    met = {(check_of[rule], reason) for rule, _, _, _, reason, _ in TABLE}
    met |= {("window", reason) for _, _, reason in GRACE_TABLE}
    assert met == {(check, reason) for check, reasons in REASONS.items() for reason in reasons}
    assert REASONS.keys() == CHECKS.keys() >= PARAMETERS.keys()


def test_several_links_are_judged_one_by_one() -> None:
    findings = screen(form(Form.LINK, links=(OWN, TYPED, link(), NOBODY)), RULEBOOK, situation()).findings
    assert [(f.reason, f.places) for f in findings if f.rule == "form-1"] == [
        ("own_agency", ("integration-1-partner",)),
        ("partner_unregistered", ("integration-2-partner",)),
        ("linked", ("integration-3-partner",)),
        ("no_partner", ("integration-4-partner",)),
    ]


@settings(max_examples=50, deadline=None)
@given(ANY_FACTS)
def test_any_proposal_gets_a_finding_from_every_rule_in_words(facts: ProposalFacts) -> None:
    result = screen(facts, RULEBOOK, situation())
    assert list(dict.fromkeys(f.rule for f in result.findings)) == [rule.code for rule in RULEBOOK.rules]
    for finding in result.findings:
        assert finding.reason in REASONS[RULEBOOK.rule(finding.rule).check]
        explain(finding, RULEBOOK)
    assert screen(facts, RULEBOOK, situation()) == result


UNFINISHED_FORMS = [
    (Form.LINK, Form.SHARED_SERVICE),
    (Form.SHARED_SERVICE, Form.LINK),
    (Form.LINK, Form.LINK),
]


@pytest.mark.parametrize("forms", UNFINISHED_FORMS)
def test_a_link_claimed_and_never_named_is_told_whatever_else_is_claimed(forms: tuple[Form, ...]) -> None:
    findings = screen(form(*forms, shared_service=service()), RULEBOOK, situation()).findings
    assert [f.reason for f in findings if f.rule == "form-1"] == ["not_claimed"]


# outcomes of findings per rule, overrides -> conclusion; w, c and s decide, f only informs
CONCLUSIONS: list[tuple[dict[str, list[Outcome]], dict[str, Outcome], Outcome]] = [
    ({"w": [PASSES], "c": [PASSES]}, {}, PASSES),
    ({"w": [PASSES], "c": [NEEDS_PERSON]}, {}, NEEDS_PERSON),
    ({"w": [FAILS], "c": [NEEDS_PERSON]}, {}, FAILS),
    ({"w": [PASSES, FAILS, PASSES]}, {}, FAILS),
    ({"w": [PASSES], "f": [FAILS]}, {}, PASSES),
    ({"w": [FAILS]}, {"w": PASSES}, PASSES),
    ({"w": [FAILS], "c": [FAILS]}, {"w": PASSES}, FAILS),
    ({"w": [FAILS], "c": [NEEDS_PERSON]}, {"w": PASSES}, NEEDS_PERSON),
    ({"w": [PASSES]}, {"w": FAILS}, FAILS),
    ({"w": [PASSES]}, {"w": NEEDS_PERSON}, NEEDS_PERSON),
    ({"w": [PASSES], "f": [PASSES]}, {"f": FAILS}, PASSES),
    ({"w": [PASSES]}, {"c": FAILS}, PASSES),
]


@pytest.mark.parametrize(("found", "overrides", "conclusion"), CONCLUSIONS)
def test_the_conclusion_over_rules_and_overrides(
    found: dict[str, list[Outcome]], overrides: dict[str, Outcome], conclusion: Outcome
) -> None:
    name = Text("ก", "a")

    def entry(code: str) -> RuleEntry:
        return RuleEntry(
            code, "window", Severity.INFORMS if code == "f" else Severity.DECIDES, name, name, {}, {}
        )

    rulebook = Rulebook("r", 1, name, tuple(entry(code) for code in "wcsf"))
    template = screen(COMPLETE, RULEBOOK, situation()).findings[0]
    findings = [replace(template, rule=rule, outcome=o) for rule, seen in found.items() for o in seen]
    assert conclude(findings, rulebook, overrides) is conclusion


def rule_with(code: str, **changes: Any) -> Rulebook:
    return replace(
        RULEBOOK, rules=tuple(replace(r, **changes) if r.code == code else r for r in RULEBOOK.rules)
    )


def reasons_with(code: str, reason: str, th: str, en: str) -> Rulebook:
    kept = RULEBOOK.rule(code).reasons
    return rule_with(code, reasons={**kept, reason: replace(kept[reason], text=Text(th, en))})


WITHOUT_INSIDE = {k: v for k, v in RULEBOOK.rule("window").reasons.items() if k != "inside"}
BROKEN_RULEBOOKS = {
    "no such check": (rule_with("window", check="weather"), "rules.window.check"),
    "words missing": (rule_with("window", reasons=WITHOUT_INSIDE), "rules.window.reasons.inside"),
    "unknown place": (reasons_with("sums", "wrong", "{ปัญหา}", "{problem}"), "rules.sums.reasons.wrong"),
    "place of another reason": (
        reasons_with("window", "inside", "{arrived}", "{opens}"),
        "rules.window.reasons.inside",
    ),
    "brace left open": (reasons_with("window", "draft", "{", "draft"), "rules.window.reasons.draft"),
    "numbered place": (reasons_with("window", "draft", "{}", "draft"), "rules.window.reasons.draft"),
    "reaching into a value": (
        reasons_with("window", "inside", "{arrived.x}", "{arrived}"),
        "rules.window.reasons.inside",
    ),
    "dressing a value up": (
        reasons_with("window", "inside", "{arrived}", "{arrived:{x}}"),
        "rules.window.reasons.inside",
    ),
    "parameter not a number": (
        rule_with("form-2", parameters={"least_user_agencies": "two"}),
        "rules.form-2.parameters.least_user_agencies",
    ),
    "parameter not a list": (
        rule_with("form-1", parameters={"prescribed_curricula": "dg-foundation"}),
        "rules.form-1.parameters.prescribed_curricula",
    ),
    "unknown parameter": (
        rule_with("window", parameters={"grace_minutes": 5}),
        "rules.window.parameters.grace_minutes",
    ),
}


@pytest.mark.parametrize(("rulebook", "place"), BROKEN_RULEBOOKS.values(), ids=BROKEN_RULEBOOKS.keys())
def test_a_rulebook_that_could_break_a_screening_is_refused(rulebook: Rulebook, place: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_rulebook(rulebook)
    assert [p.place for p in refusal.value.problems] == [place]


def test_the_rulebook_of_2567_can_be_used() -> None:
    check_rulebook(RULEBOOK)


def test_parameters_are_the_rulebooks_own() -> None:
    three = form(Form.SHARED_SERVICE, shared_service=service())
    strict = rule_with("form-2", parameters={"least_user_agencies": 3})
    (finding,) = (f for f in screen(three, strict, situation()).findings if f.rule == "form-2")
    assert (finding.outcome, finding.reason, finding.values["users"]) == (FAILS, "too_few_users", 2)
    assert GAMMA in three.integration.shared_service.users
