"""The engine: the checks a rulebook can name, a run of all its rules, its conclusion, and findings in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.calls.facts import Rulebook, RuleEntry, Severity
from app.kernel.findings import Finding, Outcome, worst
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import ProposalFacts
from app.screening.rules.commitments import check_commitments
from app.screening.rules.filing import (
    check_complete,
    check_eligibility,
    check_structure,
    check_sums,
    check_window,
)
from app.screening.rules.indicators import check_indicators
from app.screening.rules.integration import check_form_one, check_form_two, check_integration
from app.screening.rules.overlaps import WITHHELD, check_duplicate, check_overlap
from app.screening.rules.performance import check_past
from app.screening.rules.prices import check_peer_prices, check_reference_prices
from app.screening.rules.procurement import check_cloud, check_readiness
from app.screening.rules.situation import Check, Situation

CHECKS: dict[str, Check] = {
    "eligibility": check_eligibility,
    "window": check_window,
    "complete": check_complete,
    "structure": check_structure,
    "sums": check_sums,
    "form_one": check_form_one,
    "form_two": check_form_two,
    "integration": check_integration,
    "cloud": check_cloud,
    "indicators": check_indicators,
    "commitments": check_commitments,
    "readiness": check_readiness,
    "past": check_past,
    "reference_prices": check_reference_prices,
    "peer_prices": check_peer_prices,
    "overlap": check_overlap,
    "duplicate": check_duplicate,
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


def explain(finding: Finding, rulebook: Rulebook, readers: frozenset[str] | None = None) -> ExplainedFinding:
    """Put a finding into the words of the rulebook it was made under.

    `readers` are the codes of the agencies whose people read it: what tells of another agency's filing is put in
    general words for them. None reads everything.
    """
    rule: RuleEntry = rulebook.rule(finding.rule)
    told = finding.reason
    if readers is not None and "lead" in finding.values and finding.values["lead"] not in readers:
        told = WITHHELD.get(told, told)
    reason = rule.reasons[told]
    values = {
        key: Text.from_dict(value) if isinstance(value, dict) else value
        for key, value in finding.values.items()
    }
    return ExplainedFinding(
        rule=finding.rule,
        rule_name=rule.name,
        outcome=finding.outcome,
        decides=rule.severity is Severity.DECIDES,
        text=_filled(reason.text, values),
        basis=rule.basis,
        remedy=_filled(reason.remedy, values) if reason.remedy else None,
        places=finding.places,
    )


def _filled(wording: Text, values: Mapping[str, Any]) -> Text:
    """The wording with its values; one that names none stays the rulebook's own, shared by thousands of findings."""
    return wording.fill(**values) if values or "{" in wording.th or "{" in wording.en else wording
