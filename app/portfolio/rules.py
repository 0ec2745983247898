"""Ranking and allocation, as pure functions.

Ties are broken by rules declared beforehand, in this order: smaller spread of scores, smaller amount asked, earlier
filing, proposal number. The allocation walks down the rank and takes whatever still fits: stopping at the first
misfit leaves 3-4 % of the ceiling unspent, skipping it 0.1-0.2 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import lcm
from operator import itemgetter
from typing import Any

from app.kernel.text import Text
from app.portfolio.facts import Entry, Line, Standing
from app.proposals.states import RECORDED
from app.reviews.rules import mean_hundredths, spread_hundredths

TIE_RULES: tuple[Text, ...] = (
    Text("คะแนนกระจายตัวน้อยกว่า", "smaller spread of scores"),
    Text("วงเงินที่ขอน้อยกว่า", "smaller amount asked for"),
    Text("ยื่นก่อน", "earlier filing"),
    Text("เลขที่ข้อเสนอน้อยกว่า", "lower proposal number"),
)

_WIDEST = 10_001  # hundredths of a point: more than any spread can be


def _standings(entries: Iterable[Entry]) -> list[tuple[tuple[Any, ...], int | None, Entry]]:
    """Scored entries, best first: (order, spread, entry). The order is the exact mean, highest first, then the
    tie rules. One review has no spread: it counts as widest.

    Means are compared as whole numbers over one common denominator, exactly as fractions would be.
    """
    scored = [entry for entry in entries if entry.panel.count]
    common = lcm(*{entry.panel.count for entry in scored})
    standings = []
    for entry in scored:
        panel = entry.panel
        spread = spread_hundredths(panel)
        order = (
            -panel.total * (common // panel.count),
            spread if spread is not None else _WIDEST,
            entry.requested,
            entry.submitted_at,
            entry.number,
        )
        standings.append((order, spread, entry))
    standings.sort(key=itemgetter(0))
    return standings


def _tie(above: tuple[Any, ...], order: tuple[Any, ...]) -> Text | None:
    """The rule that put a line below the one above it, when their means are equal."""
    if above[0] != order[0]:
        return None
    return next((rule for rule, a, b in zip(TIE_RULES, above[1:], order[1:], strict=True) if a != b), None)


def rank(entries: Iterable[Entry]) -> list[Entry]:
    """Scored entries, best first."""
    return [entry for _, _, entry in _standings(entries)]


def allocate(entries: Iterable[Entry], ceiling: int) -> list[Line]:
    """The ranked list under a ceiling (satang): scored lines in rank order, then unscored and recorded by number."""
    entries = list(entries)
    lines: list[Line] = []
    left = ceiling
    above: tuple[Any, ...] | None = None
    for position, (order, spread, entry) in enumerate(_standings(entries), 1):
        fits = entry.requested <= left
        if fits:
            left -= entry.requested
        lines.append(
            Line(
                entry=entry,
                rank=position,
                mean=mean_hundredths(entry.panel),
                spread=spread,
                standing=Standing.IN if fits else Standing.OUT,
                left=left,
                short=0 if fits else entry.requested - left,
                tie=_tie(above, order) if above else None,
            )
        )
        above = order
    for entry in sorted((e for e in entries if not e.panel.count), key=lambda e: e.number):
        standing = Standing.RECORDED if entry.state == RECORDED else Standing.UNSCORED
        lines.append(Line(entry, None, None, None, standing, left, 0, None))
    return lines
