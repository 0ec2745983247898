"""Chance that repeats: the same seed gives the same throws on every Python and machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Throws from a seed. Only `random.Random.random` is used: its sequence is the one Python keeps stable."""

    def __init__(self, seed: str):
        self._random = random.Random(seed)  # noqa: S311 (repeatable, not secret)

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        return int(self._random.random() * n)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def low_between(self, low: int, high: int) -> int:
        """As `between`, small numbers likelier: most projects are small."""
        return min(self.between(low, high), self.between(low, high), self.between(low, high))

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """At most `count` different items, in their own order."""
        chosen = set(self.shuffled(range(len(items)))[:count])
        return [item for n, item in enumerate(items) if n in chosen]

    def bell(self) -> float:
        """Roughly normal with mean 0 and deviation 1: twelve uniform throws less six."""
        return sum(self._random.random() for _ in range(12)) - 6.0
