"""The order of boxes in columns, and how far down each stands.

Crossings are kept few by the barycentre method (Sugiyama, Tagawa and Toda 1981): each box goes to the mean of its
neighbours, column after column, a few times over. Groups stay together and move by the mean of their boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from app.kernel.lean import dataclass

_SWEEPS = 8
_SCALE = 1_000_000  # columns of different length are compared on one scale


@dataclass(frozen=True, slots=True)
class Group:
    """Boxes that stand together in a column, from the top."""

    key: str
    keys: Sequence[str]


def arrange(columns: Sequence[Sequence[Group]], neighbours: Mapping[str, Sequence[str]]) -> list[list[Group]]:
    """The three columns with groups and boxes in an order of few crossings.

    The left column begins in its given order, the others follow it; then each is put in order by its neighbours, over
    and over. Of all orders on the way, the one of fewest crossings is kept.
    """
    now = [list(column) for column in columns]
    now[1] = _sorted(now[1], neighbours, _places(now[:1]))
    now[2] = _sorted(now[2], neighbours, _places(now[1:2]))
    best, fewest = [list(column) for column in now], crossings(now, neighbours)
    for _ in range(_SWEEPS):
        for turn in (2, 1, 0, 1):
            places = _places(now[n] for n in (turn - 1, turn + 1) if n in (0, 1, 2))
            now[turn] = _sorted(now[turn], neighbours, places)
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
    column: Sequence[Group], neighbours: Mapping[str, Sequence[str]], places: Mapping[str, int]
) -> list[Group]:
    own = _places([column])

    def mean(key: str) -> int:
        seen = [places[other] for other in neighbours.get(key, ()) if other in places]
        return sum(seen) // len(seen) if seen else own[key]

    means = {key: mean(key) for group in column for key in group.keys}
    groups = [Group(g.key, sorted(g.keys, key=lambda k: (means[k], own[k]))) for g in column]
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
    wished: list[int] = []
    for key, _head in rows:
        seen = [tops[other] + heights[other] // 2 for other in neighbours.get(key, ()) if other in tops]
        if not seen or is_tallest:  # nothing to be near to: close behind the one above
            wished.append(wished[-1] + heights[key] if wished else 0)
            continue
        wished.append(sum(seen) // len(seen) - heights[key] // 2)
    # without the room taken above them, the boxes' tops need only not decrease: the nearest such tops to the wishes are
    # the means of blocks of neighbours (pool adjacent violators; Ayer and others 1955)
    above: list[int] = []
    used = 0
    for key, head in rows:
        used += gap + head
        above.append(used)
        used += heights[key]
    blocks: list[tuple[int, int]] = []  # sum of wishes, how many
    for wish, taken in zip(wished, above, strict=True):
        blocks.append((wish - taken, 1))
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            last, before = blocks.pop(), blocks.pop()
            blocks.append((last[0] + before[0], last[1] + before[1]))
    free = height - gap - used
    shifts = [min(max(total // count, 0), free) for total, count in blocks for _ in range(count)]
    tops.update({key: taken + shift for (key, _), taken, shift in zip(rows, above, shifts, strict=True)})
