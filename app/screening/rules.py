"""The checks a rulebook can name, each a pure function from facts to findings, and the engine that runs them.

Source of the integration rules: the two forms of integration of the Digital Government Integrated Budget Plan
(การบูรณาการการทำงานของระบบ/ข้อมูล and การบูรณาการการใช้งบประมาณ) with the exceptions for the common curriculum and
central standards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.calls.facts import (
    Limits,
    Phase,
    PlanStructure,
    PriceList,
    Rulebook,
    RuleEntry,
    Severity,
    judge_phase,
)
from app.kernel.clock import format_moment
from app.kernel.findings import Finding, Outcome, Problem, worst
from app.kernel.text import Text
from app.proposals.facts import Form, IntegrationLink, ProposalFacts
from app.proposals.rules import list_inconsistent, list_missing, list_too_much, list_wrong_sums
from app.screening.facts import Circumstances

PASSES, NEEDS_PERSON, FAILS = Outcome.PASSES, Outcome.NEEDS_PERSON, Outcome.FAILS


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rule may know besides the facts. `arrived_at` is None for a draft being tried out."""

    plan: PlanStructure
    limits: Limits
    opens_at: datetime
    closes_at: datetime
    arrived_at: datetime | None
    grace: timedelta = timedelta(0)
    prices: PriceList | None = None
    known: Circumstances = field(default_factory=Circumstances)


Check = Callable[[str, ProposalFacts, Situation, Mapping[str, Any]], Iterable[Finding]]


def check_window(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """The filing arrived within the half-open window, or in the grace the call publishes."""
    if on.arrived_at is None:
        yield Finding(rule, PASSES, "draft")
        return
    values: dict[str, Any] = {"arrived": _moment(on.arrived_at)}
    phase = judge_phase(on.opens_at, on.closes_at, on.arrived_at, on.grace)
    if phase is Phase.OPEN:
        yield Finding(rule, PASSES, "inside", values=values)
    elif phase is Phase.GRACE:
        values |= {"closes": _moment(on.closes_at), "until": _moment(on.closes_at + on.grace)}
        yield Finding(rule, PASSES, "in_grace", values=values)
    else:
        values |= {"opens": _moment(on.opens_at), "closes": _moment(on.closes_at)}
        yield Finding(rule, FAILS, "outside", values=values)


def _moment(at: datetime) -> dict[str, str]:
    return {lang: format_moment(at, lang, seconds=True) for lang in ("th", "en")}


def _from_problems(rule: str, problems: list[Problem], good: str, bad: str) -> Iterable[Finding]:
    if not problems:
        return (Finding(rule, PASSES, good),)
    return tuple(
        Finding(rule, FAILS, bad, places=(p.place,), values={"problem": p.text.as_dict()}) for p in problems
    )


def check_complete(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Every part of the form is filled in."""
    return _from_problems(
        rule, [*list_missing(facts, on.plan), *list_too_much(facts, on.limits)], "complete", "missing"
    )


def check_structure(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Stage, guideline, strategy and focus area belong together in the call's plan."""
    return _from_problems(rule, list_inconsistent(facts, on.plan), "consistent", "inconsistent")


def check_sums(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Quarters sum to lines, lines belong to the proposal's agencies."""
    return _from_problems(rule, list_wrong_sums(facts), "exact", "wrong")


def _judge_link(n: int, link: IntegrationLink, facts: ProposalFacts, rule: str) -> Finding:
    place = (f"integration-{n}-partner",)
    if link.partner is not None:
        values = {"link": link.name, "partner": link.partner.name.as_dict()}
        if link.partner.code == facts.lead.code:
            return Finding(rule, FAILS, "own_agency", place, values)
        return Finding(rule, PASSES, "linked", place, values)
    if link.partner_other:
        values = {"link": link.name, "partner": link.partner_other}
        return Finding(rule, NEEDS_PERSON, "partner_unregistered", place, values)
    return Finding(rule, FAILS, "no_partner", place, {"link": link.name or f"#{n}"})


def check_form_one(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Form 1, work/data integration: a link with another agency, or one of the two exceptions."""
    found = tuple(_judge_form_one(rule, facts, on, parameters))
    return found or (Finding(rule, FAILS, "not_claimed", ("integration-forms",)),)


def _judge_form_one(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    i = facts.integration
    if Form.LINK in i.forms:
        for n, link in enumerate(i.links, 1):
            yield _judge_link(n, link, facts, rule)
    if Form.CURRICULUM in i.forms:
        prescribed = parameters.get("prescribed_curricula", ())
        values = {"curriculum": on.plan.name("curricula", i.curriculum).as_dict()}
        place = ("integration-curriculum",)
        if i.curriculum in prescribed:
            yield Finding(rule, PASSES, "curriculum", place, values)
        elif i.curriculum:
            yield Finding(rule, NEEDS_PERSON, "curriculum_not_prescribed", place, values)
        else:
            yield Finding(rule, FAILS, "no_curriculum", place)
    if Form.STANDARD in i.forms:
        if i.standard and i.standard_scope:
            yield Finding(
                rule,
                PASSES,
                "standard",
                ("integration-standard",),
                {"standard": i.standard, "scope": i.standard_scope},
            )
        elif i.standard:
            yield Finding(
                rule,
                NEEDS_PERSON,
                "standard_without_scope",
                ("integration-standard_scope",),
                {"standard": i.standard},
            )
        else:
            yield Finding(rule, FAILS, "no_standard", ("integration-standard",))


def check_form_two(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Form 2, budget-use integration: one central service, several agencies use it, at no charge."""
    i = facts.integration
    if Form.SHARED_SERVICE not in i.forms:
        yield Finding(rule, FAILS, "not_claimed", ("integration-forms",))
        return
    service, least = i.shared_service, int(parameters.get("least_user_agencies", 2))
    users = {a.code for a in service.users} - {facts.lead.code}
    values = {"service": service.name, "users": len(users), "least": least}
    if service.free is None:
        yield Finding(rule, FAILS, "charge_unknown", ("integration-service_free",), values)
    elif not service.free:
        yield Finding(rule, FAILS, "charged", ("integration-service_free",), values)
    elif service.all_agencies:
        yield Finding(rule, PASSES, "shared_with_all", ("integration-service_users",), values)
    elif len(users) < least:
        yield Finding(rule, FAILS, "too_few_users", ("integration-service_users",), values)
    else:
        yield Finding(rule, PASSES, "shared", ("integration-service_users",), values)


def check_integration(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Either form of integration is enough; neither fails."""
    one = tuple(check_form_one(rule, facts, on, parameters))
    two = tuple(check_form_two(rule, facts, on, parameters))
    shown = [f for f in (*one, *two) if f.outcome is PASSES]
    doubtful = [f for f in (*one, *two) if f.outcome is NEEDS_PERSON]
    if shown:
        reason = {
            (True, True): "both_forms",
            (True, False): "form_one",
            (False, True): "form_two",
        }[any(f in one for f in shown), any(f in two for f in shown)]
        yield Finding(rule, PASSES, reason, tuple(p for f in shown for p in f.places))
    elif doubtful:
        yield Finding(rule, NEEDS_PERSON, "doubtful", tuple(p for f in doubtful for p in f.places))
    else:
        yield Finding(rule, FAILS, "neither", ("integration-forms",))


CHECKS: dict[str, Check] = {
    "window": check_window,
    "complete": check_complete,
    "structure": check_structure,
    "sums": check_sums,
    "form_one": check_form_one,
    "form_two": check_form_two,
    "integration": check_integration,
}


@dataclass(frozen=True, slots=True)
class Screening:
    """A whole run: findings in rulebook order and the conclusion the deciding rules reach."""

    findings: tuple[Finding, ...]
    outcome: Outcome


def screen(facts: ProposalFacts, rulebook: Rulebook, on: Situation) -> Screening:
    """Run every rule of the rulebook over the facts."""
    findings: list[Finding] = []
    for rule in rulebook.rules:
        findings.extend(CHECKS[rule.check](rule.code, facts, on, rule.parameters))
    return Screening(tuple(findings), conclude(findings, rulebook, {}))


def conclude(findings: Iterable[Finding], rulebook: Rulebook, overrides: Mapping[str, Outcome]) -> Outcome:
    """The conclusion over deciding rules, with a person's overrides (rule code -> outcome) standing in.

    Per rule the worst finding counts. An override replaces the rule's conclusion, never its findings.
    """
    deciding = {rule.code for rule in rulebook.rules if rule.severity is Severity.DECIDES}
    per_rule: dict[str, list[Outcome]] = {}
    for finding in findings:
        if finding.rule in deciding:
            per_rule.setdefault(finding.rule, []).append(finding.outcome)
    return worst(overrides.get(rule, worst(seen)) for rule, seen in per_rule.items())


@dataclass(frozen=True, slots=True)
class ExplainedFinding:
    """A finding in words: what was found, on which basis, and what would change it."""

    rule: str
    rule_name: Text
    outcome: Outcome
    decides: bool
    text: Text
    basis: Text
    remedy: Text | None
    places: tuple[str, ...]


def explain(finding: Finding, rulebook: Rulebook) -> ExplainedFinding:
    """Put a finding into the words of the rulebook it was made under."""
    rule: RuleEntry = rulebook.rule(finding.rule)
    reason = rule.reasons[finding.reason]
    values = {
        key: Text.from_dict(value) if isinstance(value, dict) else value
        for key, value in finding.values.items()
    }
    return ExplainedFinding(
        rule=finding.rule,
        rule_name=rule.name,
        outcome=finding.outcome,
        decides=rule.severity is Severity.DECIDES,
        text=reason.text.fill(**values),
        basis=rule.basis,
        remedy=reason.remedy.fill(**values) if reason.remedy else None,
        places=finding.places,
    )
