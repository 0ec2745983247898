"""What is bought: hardware the government cloud would spare, and the papers capital lines must bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.findings import Finding
from app.kernel.money import SATANG_PER_BAHT, format_baht
from app.proposals.facts import ProposalFacts
from app.screening.rules.situation import NEEDS_PERSON, PASSES, Situation
from app.screening.rules.words import finder, fold, fold_item

_QUOTED = 240  # letters of an explanation shown in a finding
_NAMED = 3  # items named in a finding


def check_cloud(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Servers, storage and data-centre hardware are bought only where the proposal says why the government cloud does
    not serve: a paragraph of its rationale or objectives that names the cloud and gives a reason.

    Parameters, all lists of words: `hardware` makes an item hardware unless it holds one of `but` (a rent, a service);
    `cloud` names the cloud, `why` gives a reason. `from_baht`: less than this in all asks for no reason.
    """
    hardware, but = finder(parameters.get("hardware", ())), finder(parameters.get("but", ()))
    bought = [
        (n, line)
        for n, line in enumerate(facts.lines, 1)
        if (words := fold_item(line.item)) and hardware.search(words) and not but.search(words)
    ]
    amount = sum(line.amount for _, line in bought)
    if not bought or amount < parameters.get("from_baht", 0) * SATANG_PER_BAHT:
        yield Finding(rule, PASSES, "no_hardware")
        return
    cloud, why = finder(parameters.get("cloud", ())), finder(parameters.get("why", ()))
    paragraphs = [
        (field, said)
        for field, text in (("rationale", facts.rationale), ("objectives", facts.objectives))
        for said in text.splitlines()
        if cloud.search(fold(said))
    ]
    explained = [(field, said) for field, said in paragraphs if why.search(fold(said))]
    places = tuple(f"budget-{n}-item" for n, _ in bought)
    values: dict[str, Any] = {
        "items": _list_names({line.item for _, line in bought}),
        "amount": format_baht(amount),
    }
    if explained:
        field, said = explained[0]
        values["said"] = said if len(said) <= _QUOTED else f"{said[:_QUOTED]}…"
        yield Finding(rule, PASSES, "explained", (*places, f"rationale-{field}"), values)
    elif paragraphs:
        place = f"rationale-{paragraphs[0][0]}"
        yield Finding(rule, NEEDS_PERSON, "named_without_reason", (*places, place), values)
    else:
        yield Finding(rule, NEEDS_PERSON, "unexplained", places, values)


def _list_names(names: Iterable[str]) -> dict[str, str]:
    """The first few, in an order that does not depend on where they stand, and how many more there are."""
    ordered = sorted(names)
    shown, more = ", ".join(ordered[:_NAMED]), len(ordered) - _NAMED
    if more <= 0:
        return {"th": shown, "en": shown}
    return {"th": f"{shown} และอีก {more} รายการ", "en": f"{shown} and {more} more"}


def check_readiness(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Capital lines bring the papers that show they can be procured in time.

    `categories` are the expenditure categories that count; `documents` maps a kind of attachment to the sum in baht
    from which it is wanted.
    """
    categories = parameters.get("categories", ())
    amount = sum(line.amount for line in facts.lines if line.category in categories)
    if not amount:
        yield Finding(rule, PASSES, "no_capital")
        return
    there = {attachment.kind for attachment in facts.attachments}
    missing = [
        (kind, least)
        for kind, least in parameters.get("documents", {}).items()
        if amount >= least * SATANG_PER_BAHT and kind not in there
    ]
    asked = format_baht(amount)
    for kind, least in missing:
        values = {
            "document": on.plan.name("attachment_kinds", kind).as_dict(),
            "amount": asked,
            "least": format_baht(least * SATANG_PER_BAHT),
        }
        yield Finding(rule, NEEDS_PERSON, "missing", ("attachments-file",), values)
    if not missing:
        yield Finding(rule, PASSES, "ready", ("attachments-file",), {"amount": asked})
