"""Ranking, as pure functions.

Ties are broken by rules declared beforehand, in this order: smaller spread of scores, smaller amount asked, earlier
filing, proposal number. The order ranks by raw means, or by calibrated scores where the terms say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import lcm
from operator import itemgetter
from typing import Any

from app.kernel.text import Text
from app.portfolio.facts import Basis, Entry
from app.reviews.facts import Panel
from app.reviews.rules import spread_hundredths

TIE_RULES: tuple[Text, ...] = (
    Text("คะแนนกระจายตัวน้อยกว่า", "smaller spread of scores"),
    Text("วงเงินที่ขอน้อยกว่า", "smaller amount asked for"),
    Text("ยื่นก่อน", "earlier filing"),
    Text("เลขที่ข้อเสนอน้อยกว่า", "lower proposal number"),
)

WIDEST = 10_001  # hundredths of a point: more than any spread can be


def standings(
    entries: Iterable[Entry], basis: Basis = Basis.RAW
) -> list[tuple[tuple[Any, ...], int | None, Entry]]:
    """Scored entries, best first: (order, spread, entry). The order is the exact mean, or the calibrated score, highest
    first, then the tie rules. One review has no spread: it counts as widest.

    Means are compared as whole numbers over one common denominator, exactly as fractions would be. Raises `ValueError`
    for a calibrated basis with a scored entry that has no calibrated score.
    """
    scored = [entry for entry in entries if entry.panel.count]
    calibrated = basis is Basis.CALIBRATED
    if calibrated and any(entry.calibrated is None for entry in scored):
        raise ValueError("a scored entry has no calibrated score")
    common = 1 if calibrated else lcm(*{entry.panel.count for entry in scored})
    standings = []
    for entry in scored:
        panel = entry.panel
        spread = spread_hundredths(panel)
        score = (entry.calibrated or 0) if calibrated else panel.total * (common // panel.count)
        order = (
            -score,
            spread if spread is not None else WIDEST,
            entry.requested,
            entry.submitted_at,
            entry.number,
        )
        standings.append((order, spread, entry))
    standings.sort(key=itemgetter(0))
    return standings


def tie_between(above: tuple[Any, ...], order: tuple[Any, ...]) -> Text | None:
    """The rule that put a line below the one above it, when their means are equal."""
    if above[0] != order[0]:
        return None
    return next((rule for rule, a, b in zip(TIE_RULES, above[1:], order[1:], strict=True) if a != b), None)


def rank(entries: Iterable[Entry], basis: Basis = Basis.RAW) -> list[Entry]:
    """Scored entries, best first."""
    return [entry for _, _, entry in standings(entries, basis)]


def weighed(
    levels: Mapping[int, Sequence[Mapping[str, int]]], weights: Mapping[str, int]
) -> dict[int, Panel]:
    """Panels under other weights: proposal id -> its reviews' levels (0-4) by criterion -> what they amount to.

    A review's total is sum of weight (percent) x level x 25 hundredths of a point, as `reviews.rules.weighted_total`
    has it. Raises `KeyError` for a level of a criterion without a weight.
    """
    panels = {}
    for proposal_id, reviews in levels.items():
        totals = [sum(weights[code] * level * 25 for code, level in review.items()) for review in reviews]
        panels[proposal_id] = Panel(len(totals), sum(totals), sum(total * total for total in totals))
    return panels
