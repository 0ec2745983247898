"""Ranking and allocation, as pure functions.

Ties are broken by rules declared beforehand, in this order: smaller spread of scores, smaller amount asked, earlier
filing, proposal number. The allocation walks down the rank and takes whatever still fits: stopping at the first
misfit leaves 3-4 % of the ceiling unspent, skipping it 0.1-0.2 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from app.kernel.text import Text
from app.portfolio.facts import Entry, Line, Standing
from app.proposals.states import RECORDED
from app.reviews.rules import mean, mean_hundredths, spread_hundredths

TIE_RULES: tuple[Text, ...] = (
    Text("คะแนนกระจายตัวน้อยกว่า", "smaller spread of scores"),
    Text("วงเงินที่ขอน้อยกว่า", "smaller amount asked for"),
    Text("ยื่นก่อน", "earlier filing"),
    Text("เลขที่ข้อเสนอน้อยกว่า", "lower proposal number"),
)


def _order(entry: Entry) -> tuple[object, ...]:
    """Highest exact mean first, then the tie rules. One review has no spread: it counts as widest."""
    spread = spread_hundredths(entry.panel)
    return (
        -(mean(entry.panel) or Fraction(0)),
        spread if spread is not None else 10_001,
        entry.requested,
        entry.submitted_at,
        entry.number,
    )


def _tie(above: Entry, entry: Entry) -> Text | None:
    """The rule that put `entry` below `above`, when their means are equal."""
    first, second = _order(above), _order(entry)
    if first[0] != second[0]:
        return None
    for rule, a, b in zip(TIE_RULES, first[1:], second[1:], strict=True):
        if a != b:
            return rule
    return None


def rank(entries: Iterable[Entry]) -> list[Entry]:
    """Scored entries, best first."""
    return sorted((e for e in entries if e.panel.count), key=_order)  # type: ignore[arg-type, return-value]


def allocate(entries: Iterable[Entry], ceiling: int) -> list[Line]:
    """The ranked list under a ceiling (satang): scored lines in rank order, then unscored and recorded by number."""
    entries = list(entries)
    lines: list[Line] = []
    left = ceiling
    above: Entry | None = None
    for position, entry in enumerate(rank(entries), 1):
        fits = entry.requested <= left
        if fits:
            left -= entry.requested
        lines.append(
            Line(
                entry=entry,
                rank=position,
                mean=mean_hundredths(entry.panel),
                spread=spread_hundredths(entry.panel),
                standing=Standing.IN if fits else Standing.OUT,
                left=left,
                short=0 if fits else entry.requested - left,
                tie=_tie(above, entry) if above else None,
            )
        )
        above = entry
    for entry in sorted((e for e in entries if not e.panel.count), key=lambda e: e.number):
        standing = Standing.RECORDED if entry.state == RECORDED else Standing.UNSCORED
        lines.append(Line(entry, None, None, None, standing, left, 0, None))
    return lines
