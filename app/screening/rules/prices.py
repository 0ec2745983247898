"""Unit prices against the call's list of reference prices, and against what others of the call ask for the same.

Prices are flagged, never refused: what is dear may be better, and a person looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from app.calls.facts import PriceList, ReferencePrice
from app.kernel.findings import Finding
from app.kernel.money import format_baht
from app.proposals.facts import ProposalFacts
from app.screening.rules.situation import NEEDS_PERSON, PASSES, Situation
from app.screening.rules.words import fold, fold_item, key_of

_ABOVE, _BELOW = 120, 50  # percent, where the rulebook names no bounds


@lru_cache(maxsize=8)
def _gate(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words) or "(?!)")


def gate_of(prices: PriceList) -> re.Pattern[str]:
    """What finds the first word of any phrase of the list."""
    return _gate(tuple(phrase[0] for item in prices.items for phrase in item.words))


def find_reference(prices: PriceList, item: str, gate: re.Pattern[str]) -> ReferencePrice | None:
    """The first item of the list whose words a line holds; its words are folded already. `gate` is `gate_of` it."""
    words = fold_item(item)
    # most lines hold no first word of any item: one search spares them the list
    if not gate.search(words):
        return None
    for reference in prices.items:
        if any(all(word in words for word in phrase) for phrase in reference.words) and not any(
            word in words for word in reference.but
        ):
            return reference
    return None


def _far(price: int, measure: int, parameters: Mapping[str, Any]) -> str | None:
    """Whether a price lies outside the factors around a measure: "above", "below" or None. The bounds are inside."""
    if price * 100 > measure * parameters.get("above_percent", _ABOVE):
        return "above"
    if price * 100 < measure * parameters.get("below_percent", _BELOW):
        return "below"
    return None


def check_reference_prices(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Unit prices of items on the call's price list lie within `below_percent` and `above_percent` of it. A line in
    another unit than the list's cannot be compared."""
    if on.prices is None:
        yield Finding(rule, PASSES, "no_list")
        return
    title = on.prices.title.as_dict()
    gate, near, flagged = gate_of(on.prices), 0, 0
    for n, line in enumerate(facts.lines, 1):
        if not line.unit_price or (reference := find_reference(on.prices, line.item, gate)) is None:
            continue
        place = (f"budget-{n}-unit_price",)
        values: dict[str, Any] = {
            "item": line.item,
            "price": format_baht(line.unit_price),
            "reference": format_baht(reference.price),
            "name": reference.name.as_dict(),
            "list": title,
        }
        if fold(line.unit) != fold(reference.unit):
            flagged += 1
            units = {"unit": line.unit, "listed": reference.unit}
            yield Finding(
                rule, PASSES, "other_unit", (f"budget-{n}-unit",), {"item": line.item, "list": title, **units}
            )
            continue
        far = _far(line.unit_price, reference.price, parameters)
        if far is None:
            near += 1
            continue
        flagged += 1
        values["percent"] = line.unit_price * 100 // reference.price
        yield Finding(rule, NEEDS_PERSON, far, place, values)
    if near:
        yield Finding(rule, PASSES, "near", values={"lines": near, "list": title})
    elif not flagged:
        yield Finding(rule, PASSES, "not_listed", values={"list": title})


def check_peer_prices(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Unit prices lie within `below_percent` and `above_percent` of the middle of what at least `least_lines` lines of
    other proposals of the call ask for the same item in the same unit."""
    if on.arrived_at is None and not on.known.peers:
        yield Finding(rule, PASSES, "draft")
        return
    near = flagged = 0
    if on.known.peers:
        for n, line in enumerate(facts.lines, 1):
            if not line.unit_price:
                continue
            peers = on.known.peers.get(key_of(line.item, line.unit))
            if peers is None or peers.lines < parameters.get("least_lines", 3):
                continue
            far = _far(line.unit_price, peers.median, parameters)
            if far is None:
                near += 1
                continue
            flagged += 1
            values = {
                "item": line.item,
                "price": format_baht(line.unit_price),
                "median": format_baht(peers.median),
                "lowest": format_baht(peers.lowest),
                "highest": format_baht(peers.highest),
                "lines": peers.lines,
            }
            yield Finding(rule, NEEDS_PERSON, far, (f"budget-{n}-unit_price",), values)
    if near:
        yield Finding(rule, PASSES, "near", values={"lines": near})
    elif not flagged:
        yield Finding(rule, PASSES, "no_peers")
