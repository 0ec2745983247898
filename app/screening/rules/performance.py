"""What became of the project that is continued: money spent, indicators reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.clock import format_day
from app.kernel.findings import Finding
from app.kernel.money import format_baht
from app.proposals.facts import ProposalFacts
from app.screening.facts import PastPerformance
from app.screening.rules.situation import NEEDS_PERSON, PASSES, Situation


def check_past(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """The project continued has spent at least `least_spent_percent` of what it was granted and reached at least
    `least_reached_percent` of the indicators whose result is known."""
    if facts.continues is None:
        yield Finding(rule, PASSES, "new_project")
        return
    past = on.known.past
    if past is None:
        values = {"number": facts.continues.number}
        if on.arrived_at is None:
            yield Finding(rule, PASSES, "draft", values=values)
        else:
            yield Finding(rule, NEEDS_PERSON, "nothing_reported", values=values)
        return
    doubts = [*_doubts(rule, past, parameters)]
    yield from doubts or [Finding(rule, PASSES, "good", values=_values(past))]


def _values(past: PastPerformance) -> dict[str, Any]:
    return {
        "number": past.number,
        "as_of": {lang: format_day(past.as_of, lang) for lang in ("th", "en")},
        "granted": format_baht(past.granted),
        "spent": format_baht(past.spent),
        "percent": past.spent * 100 // past.granted if past.granted else 0,
        "indicators": past.indicators,
        "reached": past.reached,
        "source": past.source,
    }


def _doubts(rule: str, past: PastPerformance, parameters: Mapping[str, Any]) -> Iterable[Finding]:
    values = _values(past)
    least = parameters.get("least_spent_percent", 0)
    if past.spent * 100 < least * past.granted:
        yield Finding(rule, NEEDS_PERSON, "little_spent", values={**values, "least": least})
    least = parameters.get("least_reached_percent", 0)
    if not past.indicators:
        yield Finding(rule, NEEDS_PERSON, "no_results", values=values)
    elif past.reached * 100 < least * past.indicators:
        yield Finding(rule, NEEDS_PERSON, "few_reached", values={**values, "least": least})
