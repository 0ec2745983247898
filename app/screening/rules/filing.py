"""Whether the agencies may file, and the filing arrived in time, complete, consistent with the plan, its sums right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.calls.facts import Phase, judge_phase
from app.kernel.clock import format_moment
from app.kernel.findings import Finding, Problem
from app.proposals.facts import AgencyRef, ProposalFacts
from app.proposals.rules import list_inconsistent, list_missing, list_too_much, list_wrong_sums
from app.screening.rules.situation import FAILS, PASSES, Situation


def check_eligibility(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Lead and participants are registered agencies of a ministry, and none is of a kind the plan leaves out."""
    refused = False
    for agency in facts.agencies:
        reason = _why_outside(agency, parameters)
        if reason:
            refused = True
            place = "names-lead" if agency is facts.lead else "names-participants"
            values = _named(agency) if reason == "ministry_excluded" else {"agency": agency.name.as_dict()}
            yield Finding(rule, FAILS, reason, (place,), values)
    if not refused:
        yield Finding(rule, PASSES, "may_file", values=_named(facts.lead))


def _why_outside(agency: AgencyRef, parameters: Mapping[str, Any]) -> str:
    if agency.code in parameters.get("excluded_agencies", ()):
        return "agency_excluded"
    if agency.ministry_code in parameters.get("excluded_ministries", ()):
        return "ministry_excluded"
    return "" if agency.code and agency.ministry_code else "no_ministry"


def _named(agency: AgencyRef) -> dict[str, Any]:
    return {"agency": agency.name.as_dict(), "ministry": agency.ministry.as_dict()}


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
