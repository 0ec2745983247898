"""Seats by minimum-cost flow: first as many as can be filled, then the cheapest of those.

The network, whose arcs carry whole seats:

    source -> open seats of (proposal, panel) -> body on that proposal, the first of it -> reviewer -> load -> sink
                                              -> again -> body, the second, the third … ->

A reviewer in two panels of one proposal passes a node of their own there, so that they get it once. Costs rise along
bodies and loads, so the cheapest flow uses them in order. A network's matrix is totally unimodular: a vertex, in
which the solver ends, is whole, which is checked. How many seats can be filled is found by maximum flow before.

Only the likeliest arcs go into the linear programme; the others are priced with its duals and taken in until they
cannot save a point, which is the same optimum in a fifth of the time and memory. Ties are broken by a hash of (seed,
proposal, reviewer), too small to outweigh a point even over all seats together.

Where several panels reach one proposal, bodies are counted within each panel here; the cost that is shown counts them
over the whole proposal. Ahuja, Magnanti & Orlin 1993, *Network Flows*, chapters 9 and 11.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_matrix
from scipy.sparse.csgraph import maximum_flow

from app.kernel.lean import dataclass
from app.reviews.planning.costs import (
    FEWER_BODIES,
    LOAD,
    MATCH_POINTS,
    MOST_STEPS,
    SAME_BODY,
    match,
)
from app.reviews.planning.facts import Seat, Situation

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EMPTY_AGAIN = (
    100  # where not all can be filled, the second empty seat of one proposal costs this, the third twice
)
_COINS = 4
_FIRST_ARCS = 6  # per open seat and body
_SLACK = 1 / 10**6


class NotWhole(Exception):
    """The solver did not end in whole seats: a fault of the program or the library, never of the data."""


class Network:
    """The open seats and the reviewers who may take them, as arrays.

    `rows` are (proposal id, panel index) with `seats` open each; `people` reviewer ids with `room` seats left;
    `allowed` and `points` are rows x people.
    """

    def __init__(self, situation: Situation, seed: int):
        self.situation = situation
        self.rows = sorted(situation.open_seats)
        self.seats: Ints = np.array([situation.open_seats[row] for row in self.rows], dtype=np.int64)
        self.wanted = int(self.seats.sum()) if self.rows else 0
        loads = situation.kept_load
        people = [
            (r, self.wanted if r.limit is None else min(r.limit - loads.get(r.id, 0), self.wanted))
            for r in situation.reviewers
            if r.is_active
        ]
        self.reviewers = [r for r, room in people if room > 0]
        self.people = [r.id for r in self.reviewers]
        self.room: Ints = np.array([room for _, room in people if room > 0], dtype=np.int64)
        self.bodies = sorted({r.body for r in self.reviewers})
        self.body: Ints = np.array([self.bodies.index(r.body) for r in self.reviewers], dtype=np.int64)
        self.rows_of: dict[int, list[int]] = {}
        for n, (proposal, _) in enumerate(self.rows):
            self.rows_of.setdefault(proposal, []).append(n)
        self.allowed = self._allowed()
        self.points = self._points()
        self.cost = self.points + _coins(seed, [p for p, _ in self.rows], self.people) / (
            _COINS * (self.wanted + 1)
        )

    def _allowed(self) -> Flags:
        situation = self.situation
        sits = np.array(
            [[r in panel.members for r in self.people] for panel in situation.panels], dtype=np.bool_
        ).reshape(len(situation.panels), len(self.people))
        allowed = sits[[panel for _, panel in self.rows]] if self.rows else np.zeros((0, 0), dtype=np.bool_)
        column = {reviewer: n for n, reviewer in enumerate(self.people)}
        kept = {(seat.proposal, seat.reviewer) for seat in situation.kept}
        for pairs in (situation.barred, situation.asked, situation.declined, kept):
            for proposal, reviewer in pairs:
                if reviewer in column:
                    allowed[self.rows_of.get(proposal, []), column[reviewer]] = False
        return allowed

    def _points(self) -> Ints:
        situation = self.situation
        found: dict[tuple[str, str], list[int]] = {}
        points = np.zeros((len(self.rows), len(self.people)), dtype=np.int64)
        for n, (proposal, _) in enumerate(self.rows):
            subject = situation.subject[proposal]
            key = (subject.guideline, subject.focus_area)
            if key not in found:
                found[key] = [MATCH_POINTS[match(r, subject)] for r in self.reviewers]
            points[n] = found[key]
        return points


class Arcs:
    """The network's nodes, and the arcs that are always there: tail, head, capacity, cost."""

    def __init__(self, network: Network, total: int):
        q, b, r = len(network.rows), len(network.bodies), len(network.people)
        self.row: Ints = 1 + np.arange(q)
        self.again: Ints = 1 + q + np.arange(q)
        self.cell: Ints = 1 + 2 * q + np.arange(q * b).reshape(q, b)
        self.person: Ints = 1 + 2 * q + q * b + np.arange(r)
        self.sink = 1 + 2 * q + q * b + r
        self.nodes = self.sink + 1
        self._parts: list[tuple[int, int, int, int]] = []
        self._fill(network, spread=total < network.wanted)
        self._take(network)
        self.tail, self.head, self.capacity, price = np.array(self._parts, dtype=np.int64).T
        self.price: Floats = price.astype(np.float64)
        self.supply: Floats = np.zeros(self.nodes)
        self.supply[0], self.supply[self.sink] = -total, total

    def _add(self, tail: Any, head: Any, capacity: Any, price: int) -> None:
        self._parts.append((int(tail), int(head), int(capacity), price))

    def heads(self, network: Network, columns: Flags) -> tuple[Ints, Ints]:
        """Where the arc of each (row, person) ends: at the person, or, for somebody whom two of these arcs could put on
        one proposal twice, at a node of the pair's own; and the people those nodes lead on to."""
        head: Ints = np.broadcast_to(self.person, columns.shape).copy()
        onward: list[int] = []
        for rows in network.rows_of.values():
            if len(rows) > 1:
                for n in np.flatnonzero(columns[rows].sum(axis=0) > 1).tolist():
                    head[rows, n] = self.nodes + len(onward)
                    onward.append(int(self.person[n]))
        return head, np.array(onward, dtype=np.int64)

    def _fill(self, network: Network, *, spread: bool) -> None:
        """From the source to the bodies on each proposal."""
        situation, bodies = network.situation, network.bodies
        for n, (proposal, _) in enumerate(network.rows):
            seats = int(network.seats[n])
            if spread:
                for filled in range(1, seats + 1):
                    self._add(0, self.row[n], 1, -EMPTY_AGAIN * (seats - filled))
            else:
                self._add(0, self.row[n], seats, 0)
            kept = dict.fromkeys(bodies, 0)
            standing = situation.kept_of.get(proposal, ())
            for seat in standing:
                body = situation.reviewer[seat.reviewer].body
                kept[body] = kept.get(body, 0) + 1
            free = seats  # repeats that leave enough bodies
            if len(network.rows_of[proposal]) == 1:
                wanted = len(standing) + seats
                repeated = len(standing) - sum(1 for count in kept.values() if count)
                free = max(0, wanted - min(situation.least_bodies, wanted) - repeated)
            self._add(self.row[n], self.again[n], min(free, seats), 0)
            self._add(self.row[n], self.again[n], seats, FEWER_BODIES)
            for b, body in enumerate(bodies):
                if kept[body] == 0:
                    self._add(self.row[n], self.cell[n, b], 1, 0)
                for nth in range(max(2, kept[body] + 1), kept[body] + seats + 1):
                    self._add(self.again[n], self.cell[n, b], 1, SAME_BODY * (nth - 1))

    def _take(self, network: Network) -> None:
        """From the reviewers to the sink, dearer with each tenth above the even share."""
        for n, reviewer_id in enumerate(network.people):
            share = network.situation.share[reviewer_id]
            load = network.situation.kept_load.get(reviewer_id, 0)
            left, tenth, step = int(network.room[n]), max(1, share // 10), 0
            while left > 0:
                ceiling = share + step * tenth
                size = left if step == MOST_STEPS else min(left, max(0, ceiling - load))
                if size:
                    self._add(self.person[n], self.sink, size, LOAD * step)
                load, left, step = load + size, left - size, min(MOST_STEPS, step + 1)

    def programme(self, network: Network, columns: Flags) -> Programme:
        """The linear programme with the arcs of these (row, person)."""
        rows, people = np.nonzero(columns)
        heads, onward = self.heads(network, columns)
        own = self.nodes + np.arange(len(onward))
        tail = np.concatenate([self.tail, own, self.cell[rows, network.body[people]]])
        head = np.concatenate([self.head, onward, heads[rows, people]])
        ones, arcs = np.ones(len(tail)), np.arange(len(tail))
        incidence = csc_array(
            (np.concatenate([-ones, ones]), (np.concatenate([tail, head]), np.concatenate([arcs, arcs]))),
            shape=(self.nodes + len(own), len(tail)),
        )
        single = np.ones(len(own) + len(rows), dtype=np.int64)
        return Programme(
            incidence=incidence[1:],
            supply=np.concatenate([self.supply[1:], np.zeros(len(own))]),
            capacity=np.concatenate([self.capacity, single]),
            price=np.concatenate([self.price, np.zeros(len(own)), network.cost[rows, people]]),
            rows=rows,
            people=people,
        )


@dataclass(frozen=True, slots=True)
class Programme:
    """What flows: node-arc incidence and supplies without the source, which the others imply; capacities and costs;
    which (row, person) the last arcs are."""

    incidence: csc_array
    supply: Floats
    capacity: Ints
    price: Floats
    rows: Ints
    people: Ints


def most_seats(network: Network, arcs: Arcs) -> tuple[int, Flags]:
    """How many seats can be filled at all, and one way to do it, by maximum flow."""
    rows, people = np.nonzero(network.allowed)
    heads, onward = arcs.heads(network, network.allowed)
    taking = arcs.head == arcs.sink
    nodes = arcs.nodes + len(onward)
    tail = [np.zeros(len(arcs.row)), arcs.row[rows], np.arange(arcs.nodes, nodes), arcs.tail[taking]]
    head = [arcs.row, heads[rows, people], onward, np.full(taking.sum(), arcs.sink)]
    size = [network.seats, np.ones(len(rows) + len(onward)), arcs.capacity[taking]]
    graph = csr_matrix(
        (np.concatenate(size).astype(np.int32), (np.concatenate(tail), np.concatenate(head))),
        shape=(nodes, nodes),
    )
    found = maximum_flow(graph, 0, arcs.sink)
    used = np.zeros(network.allowed.shape, dtype=np.bool_)
    used[rows, people] = np.asarray(found.flow[arcs.row[rows], heads[rows, people]]).ravel() > 0
    return int(found.flow_value), used


def fill_seats(situation: Situation, seed: int) -> tuple[Seat, ...]:
    """The cheapest of the fullest plans, by proposal and reviewer; the same settings give the same seats.

    Raises `NotWhole` where the solver fails.
    """
    network = Network(situation, seed)
    if not network.rows or not network.people or not network.allowed.any():
        return ()
    arcs = Arcs(network, network.wanted)
    total, columns = most_seats(network, arcs)
    if total == 0:
        return ()
    if total < network.wanted:
        arcs = Arcs(network, total)
    columns |= _likeliest(network)
    while True:
        asked = arcs.programme(network, columns)
        found = linprog(
            asked.price,
            A_eq=asked.incidence,
            b_eq=asked.supply,
            bounds=np.column_stack([np.zeros(len(asked.price)), asked.capacity]),
            method="highs-ipm",  # with crossover to a vertex; its duals leave the fewest arcs to be taken in
        )
        if found.status != 0:
            raise NotWhole(found.message)
        worth = _worth_taking(network, arcs, columns, np.append(0, found.eqlin.marginals))
        if not worth.any():
            break
        columns |= worth
    return whole_seats(network, found.x, asked.rows, asked.people, total)


def whole_seats(network: Network, x: Any, rows: Ints, people: Ints, total: int) -> tuple[Seat, ...]:
    """The seats of a solution; raises `NotWhole` unless it is whole and fills `total`."""
    whole = np.round(x)
    taken = whole[-len(rows) :] == 1
    if np.abs(x - whole).max() > _SLACK or int(taken.sum()) != total:
        raise NotWhole(f"{int(taken.sum())} of {total} seats, {np.abs(x - whole).max()} off")
    situation = network.situation
    return tuple(
        sorted(
            Seat(network.rows[q][0], network.people[r], situation.panels[network.rows[q][1]].id)
            for q, r in zip(rows[taken].tolist(), people[taken].tolist(), strict=True)
        )
    )


def _likeliest(network: Network) -> Flags:
    """For each open seat the cheapest few of every body."""
    columns = np.zeros_like(network.allowed)
    cost = np.where(network.allowed, network.cost, np.inf)
    for b in range(len(network.bodies)):
        own = np.flatnonzero(network.body == b)
        best = np.argsort(cost[:, own], axis=1, kind="stable")[:, :_FIRST_ARCS]
        columns[np.arange(len(network.rows))[:, None], own[best]] = True
    return columns & network.allowed


def _worth_taking(network: Network, arcs: Arcs, columns: Flags, duals: Floats) -> Flags:
    """Arcs left out that might save a point, the best few of each row; none where all of them together cannot.

    Each carries one seat at most, so no flow is cheaper by more than what they are worth; the ties of all seats make up
    less than 3/4 of a point, and costs are whole points beside them. That somebody could be on a proposal twice is not
    priced here, which can only make an arc look better than it is.
    """
    reduced = network.cost - duals[arcs.person][None, :] + duals[arcs.cell[:, network.body]]
    worth = network.allowed & ~columns & (reduced < -_SLACK)
    if -reduced[worth].sum() < 1 / _COINS:
        return np.zeros_like(worth)
    best = np.argsort(np.where(worth, reduced, np.inf), axis=1, kind="stable")[:, :_FIRST_ARCS]
    first = np.zeros_like(worth)
    first[np.arange(len(network.rows))[:, None], best] = True
    return worth & first


def _coins(seed: int, proposals: list[int], people: list[int]) -> Ints:
    """0 to 3 for each pair, from a hash of it: SplitMix64 (Steele, Lea & Flood 2014)."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    start = np.array([seed % 2**63], dtype=np.uint64) * golden
    x = start + np.array(proposals, dtype=np.uint64)[:, None] * golden
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    x = x ^ (np.array(people, dtype=np.uint64)[None, :] * golden)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    coins: Ints = ((x ^ (x >> np.uint64(31))) % np.uint64(_COINS)).astype(np.int64)
    return coins
