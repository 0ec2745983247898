"""The ledger: how a list changed by hand departs from the order computed without these changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.facts import Adjusting, Adjustment, Allocation, Line

DEPARTURE_NAMES: dict[Adjusting | None, Text] = {
    Adjusting.TAKE: Text("นำเข้า", "Taken by hand"),
    Adjusting.LEAVE: Text("นำออก", "Left out by hand"),
    Adjusting.CUT: Text("ปรับวงเงิน", "Amount cut"),
    None: Text("เป็นผลจากรายการที่ปรับ", "Follows from the changes"),
}


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changed a project by hand, and when; `by` is empty for the system."""

    adjustment: Adjustment
    by: Text
    at: datetime


@dataclass(frozen=True, slots=True)
class Departure:
    """One project that stands otherwise than computed. Amounts in satang.

    `before` is what it would be granted had nobody changed anything, `after` what it is granted. `kind`, `asked` (the
    amount set by hand), `reason`, `by` and `at` are of the change by hand; `kind` is None, and the others are empty,
    where the project only moved because others were changed.
    """

    proposal_id: int
    number: str
    title: Text
    agency: Text
    rank: int | None
    requested: int
    least: int | None
    before: int
    after: int
    kind: Adjusting | None = None
    asked: int | None = None
    reason: str = ""
    by: Text = Text("", "")
    at: datetime | None = None

    @property
    def is_below_least(self) -> bool:
        """Whether it is granted less than its agency says it works with."""
        return self.least is not None and 0 < self.after < self.least

    @property
    def change(self) -> int:
        return self.after - self.before


def departures_of(
    computed: Allocation, changed: Allocation, hands: Mapping[str, Hand]
) -> tuple[Departure, ...]:
    """Every departure of a list from the same list without its changes by hand: first what was changed, then what moved
    because of it, both in rank order. `hands` names by proposal number who made the changes in `changed.terms`; a change
    that changes nothing is a departure as well, since it holds for whatever comes."""
    before = {line.entry.number: line.granted for line in computed.lines}
    by_hand, moved = [], []
    for line in changed.lines:
        number = line.entry.number
        was = before.get(number, 0)
        if number in hands:
            by_hand.append(_departure(line, was, hands[number]))
        elif line.granted != was:
            moved.append(_departure(line, was, None))
    return (*by_hand, *moved)


def _departure(line: Line, before: int, hand: Hand | None) -> Departure:
    entry = line.entry
    adjustment = hand.adjustment if hand else None
    return Departure(
        entry.proposal_id,
        entry.number,
        entry.title,
        entry.agency,
        line.rank,
        entry.requested,
        entry.least,
        before,
        line.granted,
        adjustment.kind if adjustment else None,
        adjustment.amount if adjustment else None,
        adjustment.reason if adjustment else "",
        hand.by if hand else Text("", ""),
        hand.at if hand else None,
    )
