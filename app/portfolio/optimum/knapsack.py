"""One cap by itself: the most a block of choices can be worth under it, to the last unit, in whole numbers.

A list of partial choices is grown item by item, dearest decision first; whatever weighs more and is worth less than another,
or could not reach the best known even with the rest cut into parts, is dropped (Nemhauser and Ullmann 1969 with the bound
of Martello and Toth 1990). Lists of real caps stay at some hundreds. Imported late: numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from app.kernel.lean import dataclass

Whole = NDArray[np.int64]
_LONGEST = 5000  # partial choices kept before the worst are only bounded
_MARGIN = 4  # what rounding of doubles could hide, in units of worth


@dataclass(frozen=True, slots=True)
class Filled:
    """No choice is worth more than `most`; `choices` are good ones, as places in the block, the best first."""

    most: int
    choices: tuple[tuple[int, ...], ...]


def fill(weight: Whole, worth: Whole, cap: int, levels: Sequence[Sequence[int]], wanted: int) -> Filled:
    """The most worth under `cap` of items of weight above nothing, one of each of `levels` (places) at most.

    Worth below 2**42 an item, weights together below 2**62.
    """
    slots = [[place for place in level if worth[place] > 0 and weight[place] <= cap] for level in levels]
    slots = [slot for slot in slots if slot]
    if cap < 0:
        raise ValueError("nothing fits under a cap below nothing")
    price = _price(weight, worth, cap, slots)
    gains = worth - price * weight
    tops = [max(0, gains[slot].max()) for slot in slots]
    # the dearer it is to decide otherwise than the price does, the earlier it is decided
    dear = [
        sorted(abs(top - gain) for gain in [0, *gains[slot]])[1]
        for top, slot in zip(tops, slots, strict=True)
    ]
    order = sorted(range(len(slots)), key=lambda at: (-dear[at], at))
    best = _greedy(weight, worth, cap, [slots[at] for at in order], gains)
    held, value = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    rest, bounded, steps = sum(tops), 0, []
    for at in order:
        slot, rest = slots[at], rest - tops[at]
        parents = np.tile(np.arange(len(held)), len(slot) + 1)
        items = np.repeat(np.array([-1, *slot]), len(held))
        held = np.concatenate([held, *(held + weight[place] for place in slot)])
        value = np.concatenate([value, *(value + worth[place] for place in slot)])
        reach = value + rest + price * (cap - held)
        kept = np.flatnonzero((held <= cap) & (reach >= best - _MARGIN))
        kept = kept[np.lexsort((-value[kept], held[kept]))]
        lead = np.maximum.accumulate(value[kept])
        kept = kept[np.concatenate([[True], value[kept][1:] > lead[:-1]])]
        if len(kept) > _LONGEST:
            by_reach = kept[np.argsort(-reach[kept], kind="stable")]
            kept, dropped = by_reach[: _LONGEST // 4], by_reach[_LONGEST // 4]
            bounded = max(bounded, int(np.ceil(reach[dropped])) + _MARGIN)
        held, value = held[kept], value[kept]
        steps.append((parents[kept], items[kept]))
        best = max(best, int(value.max()))
    found = []
    for end in np.argsort(-value, kind="stable")[:wanted].tolist():
        places, now = [], end
        for parents, items in reversed(steps):
            if items[now] >= 0:
                places.append(int(items[now]))
            now = parents[now]
        found.append(tuple(sorted(places)))
    return Filled(max(bounded, int(value.max())), tuple(found))


def _price(weight: Whole, worth: Whole, cap: int, slots: Sequence[Sequence[int]]) -> np.float64:
    """What a unit of weight is worth where the cap is just filled."""
    low, high = np.float64(0), np.float64(0)
    if not slots:
        return low
    wide = max(map(len, slots))
    heavy, dear = np.zeros((len(slots), wide)), np.zeros((len(slots), wide))
    for at, slot in enumerate(slots):
        heavy[at, : len(slot)], dear[at, : len(slot)] = weight[slot], worth[slot]

    def filled(price: np.float64) -> np.float64:
        gains = dear - price * heavy
        chosen = gains.argmax(axis=1)
        every = np.arange(len(slots))
        return np.float64((heavy[every, chosen] * (gains[every, chosen] > 0)).sum())

    if filled(low) <= cap:
        return low
    high = np.float64((dear / np.maximum(heavy, 1)).max() * 2)
    for _ in repeat(None, 50):
        middle = (low + high) / 2
        if filled(middle) > cap:
            low = middle
        else:
            high = middle
    return high


def _greedy(
    weight: Whole, worth: Whole, cap: int, slots: Sequence[Sequence[int]], gains: NDArray[np.float64]
) -> int:
    """A choice to start from: what the price takes, as far as it fits."""
    left, value = cap, 0
    for slot in slots:
        place = max(slot, key=lambda place: (gains[place], -place))
        if gains[place] > 0 and weight[place] <= left:
            left -= int(weight[place])
            value += int(worth[place])
    return value
