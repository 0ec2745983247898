"""The graph of who reviews what: its parts, the seats that alone hold two parts together, and which pairs of
reviewers can be compared directly.

Scores of reviewers who share no proposal can only be compared through others, and not at all where no path leads from
one to the other: Cook, Golany, Kress, Penn & Raviv 2005, *Management Science* 51(4):655-661.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from app.kernel.lean import dataclass
from app.reviews.planning.facts import Pair, Seat


@dataclass(frozen=True, slots=True)
class Island:
    """Proposals and reviewers connected with each other and with nobody else (ids)."""

    proposals: frozenset[int]
    reviewers: frozenset[int]


def find_islands(seats: Iterable[Seat]) -> list[Island]:
    """The parts of the graph, smallest first (fewest proposals, then the lowest id): one where it is connected, none
    without seats. Union-find with path halving."""
    above: dict[tuple[bool, int], tuple[bool, int]] = {}

    def root(node: tuple[bool, int]) -> tuple[bool, int]:
        above.setdefault(node, node)
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for seat in seats:
        above[root((True, seat.proposal))] = root((False, seat.reviewer))
    parts: defaultdict[tuple[bool, int], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for node in above:
        parts[root(node)][0 if node[0] else 1].add(node[1])
    islands = [Island(frozenset(proposals), frozenset(people)) for proposals, people in parts.values()]
    return sorted(islands, key=lambda i: (len(i.proposals), min(i.proposals)))


def find_bridges(seats: Sequence[Seat]) -> set[Pair]:
    """Pairs whose removal alone would cut the graph. Tarjan 1974, without recursion."""
    around: defaultdict[int, list[int]] = defaultdict(list)
    for seat in seats:  # reviewers below zero, so that one kind of key serves both
        around[seat.proposal].append(-seat.reviewer)
        around[-seat.reviewer].append(seat.proposal)
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    bridges: set[Pair] = set()
    for start in around:
        if start in order:
            continue
        order[start] = low[start] = len(order)
        stack = [(start, 0, iter(around[start]))]
        while stack:
            node, parent, others = stack[-1]
            for other in others:
                if other == parent:
                    continue
                if other in order:
                    low[node] = min(low[node], order[other])
                    continue
                order[other] = low[other] = len(order)
                stack.append((other, node, iter(around[other])))
                break
            else:
                stack.pop()
                if stack:
                    low[parent] = min(low[parent], low[node])
                    if low[node] > order[parent]:
                        bridges.add((max(node, parent), -min(node, parent)))
    return bridges


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many pairs of reviewers share at least one proposal, of all pairs of those who have any."""

    shared: int
    pairs: int


def cover_pairs(seats_of: Mapping[int, Sequence[Seat]]) -> Coverage:
    """Count the pairs that can be compared directly."""
    shared: set[tuple[int, int]] = set()
    people: set[int] = set()
    for seats in seats_of.values():
        own = sorted(seat.reviewer for seat in seats)
        people.update(own)
        shared.update(combinations(own, 2))
    return Coverage(len(shared), len(people) * (len(people) - 1) // 2)
