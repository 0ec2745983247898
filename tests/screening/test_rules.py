"""Every rule of the rulebook with every reason it may give: decision tables, and laws over any proposal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings

from app.calls.facts import Rulebook, RuleEntry, Severity
from app.kernel.errors import Refused
from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.proposals.facts import Form, ProposalFacts
from app.screening.rulebooks import PARAMETERS, PLAIN, REASONS, check_rulebook
from app.screening.rules import CHECKS, conclude, explain, screen
from app.screening.rules.overlaps import WITHHELD
from app.similarity.rules import WORKING_THRESHOLD
from tests.proposals.made_up import ANY_FACTS, BETA, GAMMA, service
from tests.screening.tables import (
    commitments,
    filing,
    indicators,
    integration,
    overlaps,
    past,
    prices,
    procurement,
)
from tests.screening.tables.rows import (
    CLOSES,
    FAILS,
    GRACE,
    INSTANT,
    NEEDS_PERSON,
    OPENS,
    PASSES,
    RULEBOOK,
    SOUND,
    Row,
    confirmed,
    form,
    situation,
)

ROWS = [
    row
    for table in (filing, integration, procurement, indicators, commitments, past, prices, overlaps)
    for row in table.ROWS
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{n}-{row.rule}-{row.reason}" for n, row in enumerate(ROWS)])
def test_each_rule_with_each_reason(row: Row) -> None:
    found = [f for f in screen(row.facts, RULEBOOK, row.on).findings if f.rule == row.rule]
    assert (row.outcome, row.reason, row.places) in [(f.outcome, f.reason, f.places) for f in found]
    for finding in found:
        explained = explain(finding, RULEBOOK)
        for text in (explained.rule_name, explained.text, explained.basis):
            assert text.th
            assert text.en
            assert "{" not in text.th + text.en
        assert (explained.remedy is None) is (finding.outcome is PASSES)
        assert (finding.outcome is PASSES) is (finding.reason in PLAIN[RULEBOOK.rule(row.rule).check])
    told = [explain(f, RULEBOOK).text for f in found if f.reason == row.reason]
    assert any(all(words in text.th and words in text.en for words in row.says) for text in told)


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
    found = screen(SOUND, RULEBOOK, situation(arrived_at, GRACE)).findings[0]
    assert (found.rule, found.outcome, found.reason) == ("window", outcome, reason)
    if reason == "in_grace":
        words = explain(found, RULEBOOK).text
        assert "10 ธ.ค. 2565 00:00:00 น." in words.th
        assert "10 Dec 2565 B.E., 00:15:00" in words.en


EXCLUDED = [
    ({"excluded_agencies": ["alpha"]}, [("agency_excluded", ("names-lead",))]),
    ({"excluded_agencies": ["beta"]}, [("agency_excluded", ("names-participants",))]),
    (
        {"excluded_ministries": ["min"]},
        [("ministry_excluded", ("names-lead",)), ("ministry_excluded", ("names-participants",))],
    ),
    ({"excluded_ministries": ["other"]}, [("may_file", ())]),
]


@pytest.mark.parametrize(("parameters", "reasons"), EXCLUDED)
def test_a_plan_can_leave_agencies_and_ministries_out(
    parameters: dict[str, list[str]], reasons: list[tuple[str, tuple[str, ...]]]
) -> None:
    rulebook = rule_with("eligibility", parameters=parameters)
    findings = screen(replace(SOUND, participants=(BETA,)), rulebook, situation()).findings
    found = [f for f in findings if f.rule == "eligibility"]
    assert [(f.reason, f.places) for f in found] == reasons
    for f in found:
        told = explain(f, rulebook)
        assert "กรม" in told.text.th
        assert (told.remedy is None) is (f.reason == "may_file")


def test_every_reason_of_every_check_stands_in_a_table() -> None:
    check_of = {rule.code: rule.check for rule in RULEBOOK.rules}
    met = {(check_of[row.rule], row.reason) for row in ROWS}
    met |= {("eligibility", reason) for _, reasons in EXCLUDED for reason, _ in reasons}
    met |= {("form_one", "linked")}  # under rules that ask no confirmation: test_earlier_rules
    met |= {
        (check, withheld)
        for check in ("overlap", "duplicate")
        for withheld in WITHHELD.values()
        if withheld in REASONS[check]
    }
    assert met == {(check, reason) for check, reasons in REASONS.items() for reason in reasons}
    assert REASONS.keys() == CHECKS.keys() == PLAIN.keys() >= PARAMETERS.keys()


def test_several_links_are_judged_one_by_one() -> None:
    findings = screen(
        form(Form.LINK, links=(integration.OWN, integration.TYPED, confirmed(), integration.NOBODY)),
        RULEBOOK,
        situation(),
    ).findings
    assert [(f.reason, f.places) for f in findings if f.rule == "form-1"] == [
        ("own_agency", ("integration-1-partner",)),
        ("partner_unregistered", ("integration-2-partner",)),
        ("confirmed_no_money", ("integration-3-partner",)),
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
    template = screen(SOUND, RULEBOOK, situation()).findings[0]
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
        rule_with("form-2", parameters={"least_user_agencies": "two", "least_outside_ministry": 1}),
        "rules.form-2.parameters.least_user_agencies",
    ),
    "parameter not a list": (
        rule_with("form-1", parameters={"prescribed_curricula": "dg-foundation"}),
        "rules.form-1.parameters.prescribed_curricula",
    ),
    "remedy missing": (
        rule_with(
            "sums",
            reasons={k: replace(r, remedy=None) for k, r in RULEBOOK.rule("sums").reasons.items()},
        ),
        "rules.sums.reasons.wrong.remedy",
    ),
    "words of a conclusion there is not": (
        rule_with(
            "window",
            reasons={**RULEBOOK.rule("window").reasons, "late": RULEBOOK.rule("sums").reasons["exact"]},
        ),
        "rules.window.reasons.late",
    ),
    "words of a confirmation missing": (
        rule_with(
            "form-1",
            reasons={k: r for k, r in RULEBOOK.rule("form-1").reasons.items() if k != "asked"},
        ),
        "rules.form-1.reasons.asked",
    ),
    "share out of bounds": (
        rule_with("commitments", parameters={"least_first_percent": 101}),
        "rules.commitments.parameters.least_first_percent",
    ),
    "factor on the wrong side": (
        rule_with("peer-prices", parameters={"above_percent": 99}),
        "rules.peer-prices.parameters.above_percent",
    ),
    "yes or no": (
        rule_with("integration", parameters={"needs_confirmation": 1}),
        "rules.integration.parameters.needs_confirmation",
    ),
    "sums of documents": (
        rule_with("readiness", parameters={"documents": {"tor": -1}}),
        "rules.readiness.parameters.documents",
    ),
    "an empty word": (
        rule_with("cloud", parameters={"hardware": ["server", " "]}),
        "rules.cloud.parameters.hardware",
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


def test_the_rule_on_likeness_asks_where_the_radar_does() -> None:
    assert RULEBOOK.rule("overlap").parameters["least_score"] == WORKING_THRESHOLD


def test_parameters_are_the_rulebooks_own() -> None:
    three = form(Form.SHARED_SERVICE, shared_service=service())
    strict = rule_with("form-2", parameters={"least_user_agencies": 3})
    (finding,) = (f for f in screen(three, strict, situation()).findings if f.rule == "form-2")
    assert (finding.outcome, finding.reason, finding.values["users"]) == (FAILS, "too_few_users", 2)
    assert GAMMA in three.integration.shared_service.users
