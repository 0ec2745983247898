"""Scenarios side by side: who is in and out of each, and what each comes to by stage, guideline, ministry and quarter."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from app.kernel.lean import dataclass
from app.portfolio.allocation import allocate
from app.portfolio.facts import Allocation, Entry, Line, Standing, Terms, UnmetFloor
from app.portfolio.quarters import QUARTER_NAMES, in_proportion

Quarters = Mapping[int, tuple[int, ...]]
MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Counted:
    """What a list comes to. `granted` and `left` in satang."""

    inside: int
    outside: int
    unscored: int
    granted: int
    left: int
    by_hand: int


def count(allocation: Allocation) -> Counted:
    """A list in a few figures."""
    standings = [line.standing for line in allocation.lines]
    on_list = {line.entry.number for line in allocation.lines}
    return Counted(
        standings.count(Standing.IN),
        standings.count(Standing.OUT),
        standings.count(Standing.UNSCORED),
        allocation.granted,
        allocation.left,
        len(on_list & set(allocation.terms.adjustments)),
    )


@lru_cache(maxsize=32)
def count_under(entries: tuple[Entry, ...], terms: str) -> tuple[Counted, tuple[UnmetFloor, ...]]:
    """A list in a few figures, with the floors it does not reach, from entries and terms (canonical JSON). Kept while
    neither changes: a call may have dozens of scenarios, and most stand as they stood when last looked at."""
    allocation = allocate(entries, Terms.from_json(json.loads(terms)))
    return count(allocation), allocation.unmet


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One project and its line in each list."""

    entry: Entry
    lines: tuple[Line, ...]

    @property
    def differs(self) -> bool:
        """Whether any list gives it another amount than the first."""
        return any(line.granted != self.lines[0].granted for line in self.lines[1:])


@dataclass(frozen=True, slots=True)
class Totals:
    """One group (or quarter) of projects: how many are in and what they are granted, list by list."""

    code: str
    projects: tuple[int, ...]
    granted: tuple[int, ...]


def compared_rows(allocations: Sequence[Allocation]) -> list[ComparedRow]:
    """Every project on the lists, which all hold the same ones: those that differ first, each part in the order of the
    first list."""
    others = [{line.entry.number: line for line in other.lines} for other in allocations[1:]]
    rows = [
        ComparedRow(line.entry, (line, *(other[line.entry.number] for other in others)))
        for line in allocations[0].lines
    ]
    return sorted(rows, key=lambda row: not row.differs)


def totals_by(
    rows: Sequence[ComparedRow], key: Callable[[Entry], str], codes: Sequence[str] = ()
) -> list[Totals]:
    """The lists summed by a group of their projects: `codes` in their order, then other groups there are."""
    lists = len(rows[0].lines) if rows else 0
    projects: defaultdict[str, list[int]] = defaultdict(lambda: [0] * lists)
    granted: defaultdict[str, list[int]] = defaultdict(lambda: [0] * lists)
    for row in rows:
        code = key(row.entry)
        for at, line in enumerate(row.lines):
            projects[code][at] += line.standing is Standing.IN
            granted[code][at] += line.granted
    return [
        Totals(code, tuple(projects[code]), tuple(granted[code]))
        for code in (*codes, *sorted(set(projects) - set(codes)))
    ]


def totals_by_quarter(rows: Sequence[ComparedRow], quarters: Quarters) -> list[Totals]:
    """What is granted by quarter, list by list: `quarters` maps a proposal to what it filed for each quarter, in the order
    of `QUARTER_NAMES`. A cut amount keeps the proportions of the filing."""
    lists = len(rows[0].lines) if rows else 0
    nothing = (0,) * len(QUARTER_NAMES)
    projects = [[0] * lists for _ in QUARTER_NAMES]
    granted = [[0] * lists for _ in QUARTER_NAMES]
    for row in rows:
        filed = quarters.get(row.entry.proposal_id, nothing)
        for at, line in enumerate(row.lines):
            if not line.granted:
                continue
            for quarter, amount in enumerate(in_proportion(filed, line.granted)):
                projects[quarter][at] += amount > 0
                granted[quarter][at] += amount
    return [
        Totals(f"q{(at + 1) % len(QUARTER_NAMES)}", tuple(projects[at]), tuple(granted[at]))
        for at in range(len(QUARTER_NAMES))
    ]


@dataclass(frozen=True, slots=True)
class Moved:
    """A project whose amount one list would change: satang before and after."""

    line: Line
    before: int

    @property
    def after(self) -> int:
        return self.line.granted


def moves_between(present: Allocation, new: Allocation) -> tuple[list[Moved], list[Moved], list[Moved]]:
    """Who enters, who leaves, and who stays with another amount if the new list took the place of the present one."""
    before = {line.entry.number: line.granted for line in present.lines}
    moved = [
        Moved(line, before.get(line.entry.number, 0))
        for line in new.lines
        if line.granted != before.get(line.entry.number, 0)
    ]
    return (
        [m for m in moved if not m.before],
        [m for m in moved if not m.after],
        [m for m in moved if m.before and m.after],
    )
