"""Which row of one table became which row of another: rows have no numbers of their own that would say so.

Equal rows belong together, then rows of the same identity, then rows that are alike. Comparing shows the likeliest
pairs; merging asks for `certain` ones only, where nothing else comes near.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

from rapidfuzz.distance import Indel

from app.kernel.lean import dataclass
from app.proposals.comparing.shape import Kind, Row, Table, row_keys
from app.proposals.comparing.unread import Unread

ALIKE = 50  # of 100: from here on two rows between the same neighbours are shown as one that was changed
CERTAIN = 65  # and from here on it is certain that they are one, or likely when it stands elsewhere
MARGIN = 15  # how much less alike anything else must be for a pair to be certain
_MOST_PAIRS = (
    10_000  # compared by likeness: about 0.1 s; a larger mess is compared between its neighbours only
)
_LONGEST = 400  # characters of a text that tell how alike two are
_PRIVATE = 0xE000


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs (index before, index after) in the order of `after`, what was removed and what was added.

    `moved` are the fewest pairs (by index before) whose moving explains the new order.
    """

    pairs: tuple[tuple[int, int], ...]
    removed: tuple[int, ...]
    added: tuple[int, ...]
    moved: frozenset[int]


def align(table: Table, before: Sequence[Row], after: Sequence[Row], *, certain: bool = False) -> Alignment:
    """Pair the rows of two values of a table (as `unread.fold` leaves them)."""
    old_keys, new_keys = _keys(before), _keys(after)
    pairs = _equal(old_keys, new_keys)
    _pair_leftovers(pairs, old_keys, new_keys, len(after))
    _pair_leftovers(
        pairs,
        [identity(table, row) for row in before],
        [identity(table, row) for row in after],
        len(after),
        unique=True,
    )
    if len(pairs) < min(len(before), len(after)):
        likeness = _Likeness(table, before, after)
        least = CERTAIN if certain else ALIKE
        for old, new in list(gaps(pairs, len(before), len(after))):
            if len(old) == len(new) and all(
                likeness.of(i, j) >= least for i, j in zip(old, new, strict=True)
            ):
                pairs.update(zip(old, new, strict=True))
        regions = list(gaps(pairs, len(before), len(after)))
        _pair_alike(likeness, pairs, regions, least, MARGIN if certain else None)
        if not certain:
            elsewhere = _unpaired(pairs, len(before), len(after))
            _pair_alike(likeness, pairs, [elsewhere], CERTAIN, None)
    taken = set(pairs.values())
    return Alignment(
        tuple(sorted(pairs.items(), key=lambda pair: pair[1])),
        tuple(i for i in range(len(before)) if i not in pairs),
        tuple(j for j in range(len(after)) if j not in taken),
        frozenset(pairs) - _in_order(pairs),
    )


class _Likeness:
    """How likely a row before and a row after are the same one, 0 to 100, by their indexes.

    Filling in a blank tells nothing, emptying a field a little.
    """

    def __init__(self, table: Table, before: Sequence[Row], after: Sequence[Row]):
        keys = row_keys(table, *before, *after)
        fields = [table.field(key) for key in keys]
        self._columns = [(field.weight, field.kind is Kind.TEXT) for field in fields]
        self._before = [[_said(row.get(key)) for key in keys] for row in before]
        self._after = [[_said(row.get(key)) for key in keys] for row in after]

    def of(self, i: int, j: int) -> int:
        total = alike = 0
        for (weight, is_text), old, new in zip(self._columns, self._before[i], self._after[j], strict=True):
            if not old:
                continue
            if not new:
                total += weight * 50
                continue
            total += weight * 100
            if old == new:
                alike += weight * 100
            elif is_text:
                alike += weight * _text_likeness(old, new)
        return 100 * alike // total if total else 0


def _text_likeness(old: str, new: str) -> int:
    """Squared, since any two Thai texts share a third of their letters."""
    old, new = old[:_LONGEST], new[:_LONGEST]
    length = len(old) + len(new)
    percent = 100 * (length - Indel.distance(old, new)) // length
    return percent * percent // 100


def _said(value: object) -> str:
    if isinstance(value, Unread):
        return value.raw
    return "" if value is None else str(value)


def content(row: Row) -> Hashable:
    """Everything a row says, to find equal rows by; blank and missing fields are the same."""
    return tuple(sorted((key, said) for key, value in row.items() if (said := _said(value))))


def _keys(rows: Sequence[Row]) -> list[Hashable]:
    return [content(row) for row in rows]


def identity(table: Table, row: Row) -> Hashable | None:
    """What tells a row from others, when its title is filled in."""
    if not _said(row.get(table.title)).strip():
        return None
    return tuple(" ".join(_said(row.get(key)).split()) for key in table.identity)


def _equal(before: Sequence[Hashable], after: Sequence[Hashable]) -> dict[int, int]:
    """Rows of equal keys in the same order, as many as there can be."""
    numbers: dict[Hashable, int] = {}
    old, new = (
        "".join(chr(_PRIVATE + numbers.setdefault(key, len(numbers))) for key in keys)
        for keys in (before, after)
    )
    return {
        step.src_start + n: step.dest_start + n
        for step in Indel.opcodes(old, new)
        if step.tag == "equal"
        for n in range(step.src_end - step.src_start)
    }


def _pair_leftovers(
    pairs: dict[int, int],
    before: Sequence[Hashable | None],
    after: Sequence[Hashable | None],
    length: int,
    *,
    unique: bool = False,
) -> None:
    """Pair what is left by equal keys, in order; with `unique` only keys that are left once on both sides."""
    taken = set(pairs.values())
    left: dict[Hashable, list[int]] = defaultdict(list)
    right: dict[Hashable, list[int]] = defaultdict(list)
    for i, key in enumerate(before):
        if i not in pairs and key is not None:
            left[key].append(i)
    for j in range(length):
        if j not in taken and (key := after[j]) is not None:
            right[key].append(j)
    for key, old in left.items():
        new = right.get(key, [])
        if not unique or len(old) == len(new) == 1:
            pairs.update(zip(old, new, strict=False))


def _in_order(pairs: dict[int, int]) -> frozenset[int]:
    """The most pairs that stand in the same order on both sides (by index before)."""
    tails: list[int] = []  # the smallest `after` that ends a chain of each length
    ends: list[int] = []
    previous: dict[int, int | None] = {}
    for i in sorted(pairs):
        at = bisect_left(tails, pairs[i])
        previous[i] = ends[at - 1] if at else None
        tails[at : at + 1] = [pairs[i]]
        ends[at : at + 1] = [i]
    chain: list[int] = []
    step: int | None = ends[-1] if ends else None
    while step is not None:
        chain.append(step)
        step = previous[step]
    return frozenset(chain)


def pairs_in_gaps(pairs: dict[int, int], old_length: int, new_length: int) -> dict[int, int]:
    """What is left alone on both sides between neighbouring pairs: a row rewritten as a whole, if it is that row."""
    return {
        old[0]: new[0] for old, new in gaps(pairs, old_length, new_length) if len(old) == 1 and len(new) == 1
    }


def gaps(pairs: dict[int, int], old_length: int, new_length: int) -> Iterator[tuple[list[int], list[int]]]:
    """The unpaired rows between neighbouring pairs that kept their order: (indexes before, indexes after)."""
    taken = set(pairs.values())
    last_old = last_new = -1
    for i in (*sorted(_in_order(pairs)), old_length):
        j = pairs.get(i, new_length)
        old = [n for n in range(last_old + 1, i) if n not in pairs]
        new = [n for n in range(last_new + 1, j) if n not in taken]
        if old and new:
            yield old, new
        last_old, last_new = i, j


def _unpaired(pairs: dict[int, int], old_length: int, new_length: int) -> tuple[list[int], list[int]]:
    taken = set(pairs.values())
    return [i for i in range(old_length) if i not in pairs], [j for j in range(new_length) if j not in taken]


def _pair_alike(
    likeness: _Likeness,
    pairs: dict[int, int],
    regions: Iterable[tuple[list[int], list[int]]],
    least: int,
    margin: int | None,
) -> None:
    """Pair rows of each region that are at least so alike, the likest first; with `margin` only those that stand out."""
    left = _MOST_PAIRS
    for old, new in regions:
        left -= len(old) * len(new)
        if left < 0:
            return
        scores = {(i, j): likeness.of(i, j) for i in old for j in new}
        found = sorted(
            (pair for pair, score in scores.items() if score >= least),
            key=lambda pair: (-scores[pair], abs(pair[0] - pair[1]), pair),
        )
        taken: set[int] = set()
        for i, j in found:
            if i in pairs or j in taken:
                continue
            if margin is not None and not _stands_out(scores, i, j, old, new, margin):
                continue
            pairs[i] = j
            taken.add(j)


def _stands_out(
    scores: dict[tuple[int, int], int], i: int, j: int, old: Sequence[int], new: Sequence[int], margin: int
) -> bool:
    limit = scores[i, j] - margin
    return all(scores[n, j] <= limit for n in old if n != i) and all(
        scores[i, n] <= limit for n in new if n != j
    )
