"""The order of boxes in columns, and how far down each stands.

Crossings are kept few by the barycentre method (Sugiyama, Tagawa and Toda 1981): each box goes to the mean of its
neighbours, column after column, a few times over. Groups stay together and move by the mean of their boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 6
_SCALE = 1_000_000  # columns of different length are compared on one scale


@dataclass(frozen=True, slots=True)
class Group:
    """Boxes that stand together in a column, from the top."""

    key: str
    keys: Sequence[str]


def arrange(
    columns: Sequence[Sequence[Group]], neighbours: Mapping[str, Sequence[str]], fixed: int
) -> list[list[Group]]:
    """The columns with groups and boxes in an order of few crossings; in the column `fixed` the groups stay in their
    order, and only the boxes within them move. Of all orders on the way, the one of fewest crossings is kept."""
    best = [list(column) for column in columns]
    fewest = crossings(best, neighbours)
    now = [list(column) for column in columns]
    for _ in range(_SWEEPS):
        for turn in (*(n for n in range(len(now)) if n != fixed), fixed):
            places = _places(column for n, column in enumerate(now) if n != turn)
            now[turn] = _sorted(now[turn], neighbours, places, keeps_groups=turn == fixed)
        found = crossings(now, neighbours)
        if found < fewest:
            best, fewest = [list(column) for column in now], found
    return best


def _places(columns: Iterable[Sequence[Group]]) -> dict[str, int]:
    """Key -> how far down its column it stands, of `_SCALE`."""
    places = {}
    for column in columns:
        keys = [key for group in column for key in group.keys]
        for n, key in enumerate(keys):
            places[key] = _SCALE * (2 * n + 1) // (2 * len(keys))
    return places


def _sorted(
    column: Sequence[Group],
    neighbours: Mapping[str, Sequence[str]],
    places: Mapping[str, int],
    *,
    keeps_groups: bool,
) -> list[Group]:
    own = _places([column])

    def mean(key: str) -> int:
        seen = [places[other] for other in neighbours.get(key, ()) if other in places]
        return sum(seen) // len(seen) if seen else own[key]

    means = {key: mean(key) for group in column for key in group.keys}
    groups = [Group(g.key, sorted(g.keys, key=lambda k: (means[k], own[k]))) for g in column]
    if keeps_groups:
        return groups
    return sorted(groups, key=lambda g: (sum(means[k] for k in g.keys) // len(g.keys), g.key))


def crossings(columns: Sequence[Sequence[Group]], neighbours: Mapping[str, Sequence[str]]) -> int:
    """How many pairs of edges between neighbouring columns cross."""
    orders = [
        {key: n for n, key in enumerate(key for group in column for key in group.keys)} for column in columns
    ]
    total = 0
    for left, right in pairwise(orders):
        ends = [
            right[other]
            for key in left
            for other in sorted(neighbours.get(key, ()), key=lambda k: right.get(k, -1))
            if other in right
        ]
        total += _inversions(ends, len(right))
    return total


def _inversions(values: Sequence[int], limit: int) -> int:
    """Pairs out of order, counted with a binary indexed tree."""
    tree = [0] * (limit + 1)
    found = 0
    for seen, value in enumerate(values):
        at, not_after = value + 1, 0
        while at:
            not_after += tree[at]
            at -= at & -at
        found += seen - not_after
        at = value + 1
        while at <= limit:
            tree[at] += 1
            at += at & -at
    return found


def place(
    columns: Sequence[Sequence[tuple[Group, int]]],
    heights: Mapping[str, int],
    neighbours: Mapping[str, Sequence[str]],
    gap: int,
) -> tuple[dict[str, int], int]:
    """(key -> top, height of all): each column in its order, with the room its groups' headings need given beside them.

    The tallest column stands close; in the others every box goes as near to its neighbours as those above and below
    allow. Boxes never overlap, and none leaves the sheet.
    """
    rows = [
        [(key, head if n == 0 else 0) for group, head in column for n, key in enumerate(group.keys)]
        for column in columns
    ]
    total = [sum(heights[key] + gap + head for key, head in column) for column in rows]
    height = max(total, default=0) + gap
    tops: dict[str, int] = {}
    tallest = max(range(len(rows)), key=lambda n: (total[n], -n))
    # the middle column is a neighbour of both others, so it comes before the one on the far side
    order = sorted(range(len(rows)), key=lambda n: (abs(n - tallest), n))
    for n in order:
        _place(rows[n], heights, neighbours, gap, height, tops, is_tallest=n == tallest)
    return tops, height


def _place(
    rows: Sequence[tuple[str, int]],
    heights: Mapping[str, int],
    neighbours: Mapping[str, Sequence[str]],
    gap: int,
    height: int,
    tops: dict[str, int],
    *,
    is_tallest: bool,
) -> None:
    wished = []
    for key, _head in rows:
        seen = [tops[other] + heights[other] // 2 for other in neighbours.get(key, ()) if other in tops]
        middle = sum(seen) // len(seen) if seen and not is_tallest else 0
        wished.append(middle - heights[key] // 2)
    # each box as low as it wishes or those above push it …
    found: list[int] = []
    low = 0
    for (key, head), wish in zip(rows, wished, strict=True):
        found.append(max(wish, low + gap + head))
        low = found[-1] + heights[key]
    # … and then up again as far as those below, or the end of the sheet, demand
    ceiling = height - gap
    for n in range(len(rows) - 1, -1, -1):
        key, head = rows[n]
        found[n] = min(found[n], ceiling - heights[key])
        ceiling = found[n] - gap - head
    tops.update({key: top for (key, _head), top in zip(rows, found, strict=True)})
