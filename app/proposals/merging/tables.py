"""Rows merged: followed from what both began with, cell by cell where it is certain which row is which.

Rows carry no numbers of their own. A row both sides kept is merged cell by cell; a row one side removed and the other
changed is a conflict of that row; where rows were rewritten so that nobody can tell which became which, and the other
side touched them too, the whole table is one conflict.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import accumulate
from typing import Any

from app.kernel.lean import dataclass
from app.proposals.comparing.rows import align, content, identity, pairs_in_gaps
from app.proposals.comparing.shape import Row, Table, row_keys
from app.proposals.merging.facts import Conflict

Rows = Sequence[Row]


@dataclass(frozen=True, slots=True)
class MergedRows:
    """The rows of both sides, the places that came from theirs, and what must be chosen."""

    rows: list[dict[str, Any]]
    taken: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class _Uncertain(Exception):
    """It cannot be told which row became which."""


@dataclass(slots=True)
class _Entry:
    """A row of the result; its number is known only when all are in place."""

    row: Row
    is_theirs: bool = False
    taken: list[str] = field(default_factory=list)
    cells: dict[str, tuple[Any, Any, Any]] = field(default_factory=dict)
    whole: tuple[Row | None, Row | None, Row | None] | None = None


class _Side:
    """One side against the base: which rows it kept, rewrote whole, and added."""

    def __init__(self, table: Table, base: Rows, rows: Rows):
        aligned = align(table, base, rows, certain=True)
        self.rows = rows
        self.kept = dict(aligned.pairs)
        self.rewritten = pairs_in_gaps(self.kept, len(base), len(rows))
        self.added = [j for j in aligned.added if j not in self.rewritten.values()]
        self.has_moved = bool(aligned.moved)
        self._old = len(base)
        self._base_of = {j: i for i, j in (*self.kept.items(), *self.rewritten.items())}
        self._known = sorted(self._base_of)

    def row(self, i: int) -> Row | None:
        """The row that base row `i` became, None when it is gone."""
        j = self.kept.get(i, self.rewritten.get(i))
        return None if j is None else self.rows[j]

    def place(self, i: int) -> int | None:
        """Where base row `i` stands now."""
        return self.kept.get(i, self.rewritten.get(i))

    def before(self, j: int) -> Iterator[int]:
        """The base rows that stand before row `j`, the nearest first."""
        return (self._base_of[self._known[n]] for n in range(bisect_left(self._known, j) - 1, -1, -1))

    def doubtful(self, added: Iterable[int]) -> frozenset[int]:
        """The base rows that stood where one of these rows was added, so that it may be what became of them."""
        opens = [0] * (self._old + 2)
        for j in added:
            at = bisect_left(self._known, j)
            first = self._base_of[self._known[at - 1]] if at else -1
            last = self._base_of[self._known[at]] if at < len(self._known) else self._old
            opens[min(first, last) + 1] += 1
            opens[max(first, last)] -= 1
        return frozenset(i for i, depth in enumerate(accumulate(opens)) if depth > 0)


def merge_tables(section: str, table: Table, base: Rows, mine: Rows, theirs: Rows) -> MergedRows:
    """Three values of one table into one."""
    if mine == theirs or theirs == base:
        return MergedRows([dict(row) for row in mine])
    try:
        entries, has_lost = _merge(table, base, _Side(table, base, mine), _Side(table, base, theirs))
    except _Uncertain:
        place = f"{section}-{table.key}"
        whole = Conflict(place, table.name, list(base), list(mine), list(theirs), "table", table.key)
        return MergedRows([dict(row) for row in mine], (), (whole,))
    return _number(section, table, entries, has_lost)


def _merge(table: Table, base: Rows, mine: _Side, theirs: _Side) -> tuple[list[_Entry], bool]:
    """The entries in order, and whether theirs removed a row. Raises `_Uncertain`."""
    unlike, other, clashes = _additions(table, mine, theirs)
    mine_doubt = mine.doubtful(unlike)
    theirs_doubt = theirs.doubtful([*other, *clashes.values()])
    survivors: dict[int, _Entry] = {}
    has_lost = False
    for i, row in enumerate(base):
        doubts = mine.row(i) is None and i in mine_doubt, theirs.row(i) is None and i in theirs_doubt
        entry = _follow(table, row, i, mine, theirs, doubts)
        if entry is not None:
            survivors[i] = entry
        elif mine.row(i) is not None:
            has_lost = True
    order = _order(survivors, mine, theirs)
    behind: dict[int, list[_Entry]] = {}
    for side, added in ((mine, mine.added), (theirs, other)):
        for j in added:
            anchor = next((i for i in side.before(j) if i in survivors), -1)
            entry = _Entry(side.rows[j], is_theirs=side is theirs)
            if side is mine and j in clashes:
                entry.whole = (None, side.rows[j], theirs.rows[clashes[j]])
            behind.setdefault(anchor, []).append(entry)
    entries = list(behind.get(-1, ()))
    for i in order:
        entries += [survivors[i], *behind.get(i, ())]
    return entries, has_lost


def _additions(table: Table, mine: _Side, theirs: _Side) -> tuple[list[int], list[int], dict[int, int]]:
    """(rows only mine added, rows only theirs added, mine -> theirs where both added the same thing differently)."""
    left = defaultdict(list)
    for n in theirs.added:
        left[content(theirs.rows[n])].append(n)
    unlike = []
    twins = set()
    for j in mine.added:
        found = next((n for n in left[content(mine.rows[j])] if theirs.rows[n] == mine.rows[j]), None)
        if found is None:
            unlike.append(j)
        else:
            left[content(mine.rows[j])].remove(found)
            twins.add(found)
    other = [n for n in theirs.added if n not in twins]
    known = defaultdict(list)
    for n in other:
        known[identity(table, theirs.rows[n])].append(n)
    counts = Counter(identity(table, mine.rows[j]) for j in unlike)
    clashes = {
        j: same[0]
        for j in unlike
        if (key := identity(table, mine.rows[j])) is not None and len(same := known[key]) == counts[key] == 1
    }
    clashed = set(clashes.values())
    return unlike, [n for n in other if n not in clashed], clashes


def _follow(
    table: Table, row: Row, i: int, mine: _Side, theirs: _Side, doubts: tuple[bool, bool]
) -> _Entry | None:
    """What becomes of base row `i`; None when it goes. `doubts`: whether mine or theirs may have rewritten it instead
    of removing it. Raises `_Uncertain`."""
    a, b = mine.row(i), theirs.row(i)
    if i in mine.kept and i in theirs.kept and a is not None and b is not None:
        return _merge_cells(table, row, a, b)
    if a == b:
        if a is None and all(doubts):
            raise _Uncertain
        return None if a is None else _Entry(a)
    if b == row:
        return None if a is None else _Entry(a)
    if a == row:
        return None if b is None else _Entry(b, is_theirs=True)
    if any(doubts):
        raise _Uncertain
    left = a if a is not None else b
    return None if left is None else _Entry(left, whole=(row, a, b))


def _merge_cells(table: Table, base: Row, mine: Row, theirs: Row) -> _Entry:
    entry = _Entry({})
    merged: dict[str, Any] = {}
    for key in row_keys(table, mine, theirs, base):
        sides = base.get(key), mine.get(key), theirs.get(key)
        value = sides[1]
        if sides[1] != sides[2]:
            if sides[1] == sides[0]:
                value = sides[2]
                entry.taken.append(key)
            elif sides[2] != sides[0]:
                entry.cells[key] = sides
        if value is not None:
            merged[key] = value
    entry.row = merged
    return entry


def _order(survivors: Mapping[int, _Entry], mine: _Side, theirs: _Side) -> list[int]:
    """The surviving base rows in the order of the side that moved some. Raises `_Uncertain` when both did, unlike."""
    both = [i for i in survivors if mine.place(i) is not None and theirs.place(i) is not None]
    if mine.has_moved and theirs.has_moved and _by_place(both, mine) != _by_place(both, theirs):
        raise _Uncertain
    ruling = theirs if theirs.has_moved and not mine.has_moved else mine
    order = _by_place([i for i in survivors if ruling.place(i) is not None], ruling)
    for i in survivors:
        if ruling.place(i) is None:
            behind = next((n for n in range(i - 1, -1, -1) if n in order), None)
            order.insert(0 if behind is None else order.index(behind) + 1, i)
    return order


def _by_place(rows: Sequence[int], side: _Side) -> list[int]:
    return sorted(rows, key=lambda i: side.place(i) or 0)


def _number(section: str, table: Table, entries: list[_Entry], has_lost: bool) -> MergedRows:
    taken = [f"{section}-{table.key}"] if has_lost else []
    conflicts: list[Conflict] = []
    for n, entry in enumerate(entries, 1):
        place = table.place(section, n)
        if entry.whole is not None:
            name = table.row.fill(n=n)
            conflicts.append(Conflict(place, name, *entry.whole, "row", table.key, n))
        elif entry.is_theirs:
            taken.append(place)
        taken += [table.place(section, n, key) for key in entry.taken]
        for key, sides in entry.cells.items():
            conflicts.append(
                Conflict(table.place(section, n, key), table.cell_name(n, key), *sides, "field", key, n)
            )
    return MergedRows([dict(entry.row) for entry in entries], tuple(taken), tuple(conflicts))
