"""Whether success can be measured: a number and a unit for every indicator, and a target that goes beyond today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.findings import Finding
from app.proposals.facts import Indicator, ProposalFacts
from app.screening.rules.situation import NEEDS_PERSON, PASSES, Situation
from app.screening.rules.words import compare_numbers, finder, fold, number_in


def check_indicators(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Every target is a number with a unit, and where the baseline is a number too, the target goes beyond it: upward,
    or downward where the name holds a word of `less_is_better`."""
    less = finder(parameters.get("less_is_better", ()))
    doubts = False
    for n, indicator in enumerate(facts.indicators, 1):
        found = _doubt(indicator, bool(less.search(fold(indicator.name))))
        if found is None:
            continue
        doubts = True
        reason, field = found
        values = {"indicator": indicator.name or "–"}
        if reason == "no_number":
            values |= {"target": indicator.target or "–"}
        elif reason != "no_unit":
            values |= {"baseline": indicator.baseline, "target": indicator.target, "unit": indicator.unit}
        yield Finding(rule, NEEDS_PERSON, reason, (f"indicators-{n}-{field}",), values)
    if not facts.indicators:
        yield Finding(rule, NEEDS_PERSON, "none", ("indicators-rows",))
    elif not doubts:
        yield Finding(rule, PASSES, "measurable", values={"indicators": len(facts.indicators)})


def _doubt(indicator: Indicator, less_is_better: bool) -> tuple[str, str] | None:
    """(reason, field) of the first thing that keeps an indicator from being measured, or None."""
    target, baseline = number_in(indicator.target), number_in(indicator.baseline)
    if target is None:
        return "no_number", "target"
    if not indicator.unit:
        return "no_unit", "unit"
    if baseline is None:
        return None
    beyond = compare_numbers(target, baseline)
    if beyond == 0:
        return "unchanged", "target"
    if less_is_better:
        return ("not_below", "target") if beyond > 0 else None
    return ("not_above", "target") if beyond < 0 else None
