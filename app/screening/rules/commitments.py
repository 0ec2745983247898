"""Money bound for the years after the call's (งบผูกพันข้ามปี): where it makes sense, and as it was bound before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.kernel.findings import Finding
from app.kernel.money import format_baht
from app.proposals.facts import BudgetLine, ProposalFacts
from app.screening.rules.situation import FAILS, NEEDS_PERSON, PASSES, Situation
from app.screening.rules.words import key_of


def check_commitments(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Later years are asked for in `categories` that may bind them, without a year left out, within the years the form
    has; a new commitment asks at least `least_first_percent` of the whole in its first year, and one carried from the
    project continued asks what was bound then."""
    doubts = False
    for finding in (*_judge_lines(rule, facts, on, parameters), *_judge_carried(rule, facts, on)):
        doubts = True
        yield finding
    if doubts:
        return
    bound = [line for line in facts.lines if any(line.later_years)]
    if bound:
        values = {"lines": len(bound), "amount": format_baht(facts.later_total)}
        yield Finding(rule, PASSES, "consistent", values=values)
    else:
        yield Finding(rule, PASSES, "none")


def _judge_lines(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterator[Finding]:
    for n, line in enumerate(facts.lines, 1):
        if not any(line.later_years):
            continue
        item = {"item": line.item or "–"}
        categories = parameters.get("categories")
        if categories is not None and line.category not in categories:
            values: dict[str, Any] = {**item, "category": on.plan.name("categories", line.category).as_dict()}
            yield Finding(rule, NEEDS_PERSON, "category", (f"budget-{n}-later1",), values)
        last = max(year for year, amount in enumerate(line.later_years, 1) if amount)
        if last > on.limits.later_years:
            values = {**item, "most": on.limits.later_years}
            yield Finding(rule, FAILS, "too_long", (f"budget-{n}-later{last}",), values)
        gap = next((year for year, amount in enumerate(line.later_years[:last], 1) if not amount), None)
        if gap is not None:
            values = {**item, "year": facts.fiscal_year + gap}
            yield Finding(rule, NEEDS_PERSON, "gap", (f"budget-{n}-later{gap}",), values)
        if not (on.known.committed and key_of(line.item, line.unit) in on.known.committed):
            yield from _judge_first_year(rule, n, line, item, parameters)


def _judge_first_year(
    rule: str, n: int, line: BudgetLine, item: Mapping[str, Any], parameters: Mapping[str, Any]
) -> Iterator[Finding]:
    least = parameters.get("least_first_percent", 0)
    whole = line.amount + sum(line.later_years)
    if line.amount * 100 < least * whole:
        values = {
            **item,
            "first": format_baht(line.amount),
            "whole": format_baht(whole),
            "percent": line.amount * 100 // whole,
            "least": least,
        }
        yield Finding(rule, NEEDS_PERSON, "first_year_low", (f"budget-{n}-unit_price",), values)


def _judge_carried(rule: str, facts: ProposalFacts, on: Situation) -> Iterator[Finding]:
    """What the filing continued had bound, against what is asked for it now; lines of one item count together."""
    for key, committed in on.known.committed.items():
        lines = [(n, line) for n, line in enumerate(facts.lines, 1) if key_of(line.item, line.unit) == key]
        asked, after = (
            sum(line.amount for _, line in lines),
            sum(sum(line.later_years) for _, line in lines),
        )
        if (asked, after) == (committed.due, committed.after):
            continue
        values = {
            "item": committed.item,
            "number": facts.continues.number if facts.continues else "",
            "due": format_baht(committed.due),
            "after": format_baht(committed.after),
        }
        if not lines:
            yield Finding(rule, NEEDS_PERSON, "not_carried", ("budget-rows",), values)
        else:
            values |= {"asked": format_baht(asked), "bound": format_baht(after)}
            places = tuple(f"budget-{n}-unit_price" for n, _ in lines)
            yield Finding(rule, NEEDS_PERSON, "carried_differently", places, values)
