"""Keep the graph of reviewers and proposals connected, by the cheapest exchanges.

Two reviewers of different parts change places, or somebody of one part takes the seat of another: both join the parts
where one of the seats given up lies on a circle (or, for a seat taken over, holds a reviewer who has no other). Loads,
conflicts and limits hold throughout, and no more seats are empty than before. Where no single exchange is left and the
call is small, an integer programme with cuts finds the cheapest connected plan or shows that there is none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from app.kernel.lean import dataclass
from app.reviews.planning.costs import FEWER_BODIES, SAME_BODY, seat_price
from app.reviews.planning.facts import Seat, Situation, by_proposal, count_by
from app.reviews.planning.flow import Arcs, Flags, Floats, Ints, Network, NotWhole, whole_seats
from app.reviews.planning.graph import Island, find_bridges, find_islands

_MOST_ARCS = 3000  # above this an integer programme is not tried
_MOST_CUTS = 200
_MOST_PAIRS = 500_000  # seats compared at once: memory, not sense
_OUT_OF_REACH = 10**9


@dataclass(frozen=True, slots=True)
class Connected:
    """The seats after connecting, and how many exchanges it took; `is_proven` where it is known that no plan that
    fills as much is connected."""

    seats: tuple[Seat, ...]
    exchanges: int
    is_proven: bool = False


def connect_seats(situation: Situation, seats: tuple[Seat, ...], seed: int) -> Connected:
    """Join the parts of the graph, the smallest first, until there is one or no exchange joins any two."""
    network = Network(situation, seed)
    exchanges = 0
    while True:
        islands = find_islands((*situation.kept, *seats))
        if len(islands) < 2:
            return Connected(seats, exchanges)
        for island in islands[:-1]:
            better = _join(network, seats, island)
            if better is not None:
                seats, exchanges = better, exchanges + 1
                break
        else:
            break
    found, is_proven = _search(network, seats)
    if found is None:
        return Connected(seats, exchanges, is_proven)
    moved = len(set(seats) - set(found))
    return Connected(found, exchanges + moved)


class _Table:
    """Seats of one plan as arrays: which row of the network, which person, whether on a bridge."""

    def __init__(self, network: Network, seats: tuple[Seat, ...]):
        situation = network.situation
        index = {panel.id: n for n, panel in enumerate(situation.panels)}
        row = {key: n for n, key in enumerate(network.rows)}
        column = {reviewer: n for n, reviewer in enumerate(network.people)}
        everything = (*situation.kept, *seats)
        bridges = find_bridges(everything)
        self.seats = seats
        self.rows: Ints = np.array([row[s.proposal, index[s.panel]] for s in seats], dtype=np.int64)
        self.people: Ints = np.array([column[s.reviewer] for s in seats], dtype=np.int64)
        self.on_bridge: Flags = np.array([(s.proposal, s.reviewer) in bridges for s in seats], dtype=np.bool_)
        loads = count_by(s.reviewer for s in everything)
        self.is_only: Flags = np.array([loads[s.reviewer] == 1 for s in seats], dtype=np.bool_)
        self.load: Ints = np.array([loads.get(r, 0) for r in network.people], dtype=np.int64)
        planned = count_by(s.reviewer for s in seats)
        self.has_room: Flags = np.array(
            [planned.get(r, 0) for r in network.people], dtype=np.int64
        ) < np.asarray(network.room)
        free = network.allowed.copy()
        for s in everything:
            if s.reviewer in column:
                free[network.rows_of.get(s.proposal, []), column[s.reviewer]] = False
        self.free = free
        share = [situation.share[r] for r in network.people]
        self.more: Ints = np.array(
            [seat_price(int(n) + 1, s) for n, s in zip(self.load, share, strict=True)], dtype=np.int64
        )
        self.less: Ints = np.array(
            [seat_price(int(n), s) for n, s in zip(self.load, share, strict=True)], dtype=np.int64
        )
        self.turn = _turns(network, seats)


def _turns(network: Network, seats: tuple[Seat, ...]) -> Ints:
    """seats x bodies: what bodies cost more or less where the seat goes to somebody of that body."""
    situation = network.situation
    of = by_proposal((*situation.kept, *seats))
    unfilled = {
        proposal: sum(int(network.seats[n]) for n in rows)
        + len(situation.kept_of.get(proposal, ()))
        - len(of.get(proposal, ()))
        for proposal, rows in network.rows_of.items()
    }
    turns = np.zeros((len(seats), len(network.bodies)), dtype=np.int64)
    for n, seat in enumerate(seats):
        counts: dict[str, int] = {}
        for other in of[seat.proposal]:
            body = situation.reviewer[other.reviewer].body
            counts[body] = counts.get(body, 0) + 1
        own = situation.reviewer[seat.reviewer].body
        wanted = min(situation.least_bodies, len(of[seat.proposal]) + unfilled[seat.proposal])
        missing = wanted - unfilled[seat.proposal]
        before = sum(1 for count in counts.values() if count)
        for b, body in enumerate(network.bodies):
            if body == own:
                continue
            after = before - (counts[own] == 1) + (counts.get(body, 0) == 0)
            turns[n, b] = SAME_BODY * (counts.get(body, 0) - (counts[own] - 1)) + FEWER_BODIES * (
                max(0, missing - after) - max(0, missing - before)
            )
    return turns


def _join(network: Network, seats: tuple[Seat, ...], island: Island) -> tuple[Seat, ...] | None:
    """The cheapest exchange that joins an island to another part; None where there is none."""
    if not seats:
        return None
    table = _Table(network, seats)
    inside: Flags = np.array([s.proposal in island.proposals for s in seats], dtype=np.bool_)
    mine, theirs = np.flatnonzero(inside), np.flatnonzero(~inside)
    member: Flags = np.array([r in island.reviewers for r in network.people], dtype=np.bool_)
    best = _OUT_OF_REACH
    change: tuple[tuple[int, int], ...] = ()  # (seat, person) each
    if len(mine) and len(theirs):
        rows, people, bodies = table.rows, table.people, network.body
        can = table.free[rows[mine]][:, people[theirs]] & table.free[rows[theirs]][:, people[mine]].T
        can &= ~(table.on_bridge[mine][:, None] & table.on_bridge[theirs][None, :])
        near = np.flatnonzero(can.any(axis=0))[: max(1, _MOST_PAIRS // len(mine))]
        theirs_near, can = theirs[near], can[:, near]
        if can.any():
            points = network.points
            price = (
                points[rows[mine]][:, people[theirs_near]]
                + points[rows[theirs_near]][:, people[mine]].T
                - points[rows[mine], people[mine]][:, None]
                - points[rows[theirs_near], people[theirs_near]][None, :]
                + table.turn[mine][:, bodies[people[theirs_near]]]
                + table.turn[theirs_near][:, bodies[people[mine]]].T
            )
            where = int(np.argmin(np.where(can, price, _OUT_OF_REACH)))
            a, b = divmod(where, len(theirs_near))
            best = int(price[a, b])
            change = (
                (int(mine[a]), int(people[theirs_near[b]])),
                (int(theirs_near[b]), int(people[mine[a]])),
            )
    loose = ~table.on_bridge | table.is_only
    used = table.load > 0
    for own, takers in ((mine, ~member & used & table.has_room), (theirs, member & table.has_room)):
        others = np.flatnonzero(takers)
        if not len(own) or not len(others):
            continue
        can = table.free[table.rows[own]][:, others] & loose[own][:, None]
        if not can.any():
            continue
        price = (
            network.points[table.rows[own]][:, others]
            - network.points[table.rows[own], table.people[own]][:, None]
            + table.turn[own][:, network.body[others]]
            + table.more[others][None, :]
            - table.less[table.people[own]][:, None]
        )
        where = int(np.argmin(np.where(can, price, _OUT_OF_REACH)))
        a, b = divmod(where, len(others))
        if price[a, b] < best:
            best, change = int(price[a, b]), ((int(own[a]), int(others[b])),)
    if not change:
        return None
    moved = list(seats)
    for n, person in change:
        moved[n] = moved[n]._replace(reviewer=network.people[person])
    return tuple(sorted(moved))


def _search(network: Network, seats: tuple[Seat, ...]) -> tuple[tuple[Seat, ...] | None, bool]:
    """The cheapest connected plan with the same seats filled, by cuts; and whether it is shown that there is none."""
    if not seats or int(network.allowed.sum()) > _MOST_ARCS:
        return None, False
    situation = network.situation
    arcs = Arcs(network, len(seats))
    asked = arcs.programme(network, network.allowed)
    rows, people, price = asked.rows, asked.people, asked.price
    flow = LinearConstraint(asked.incidence, asked.supply, asked.supply)
    filled = LinearConstraint(*_same_fill(network, seats, rows, len(price)))
    proposals: Ints = np.array([network.rows[q][0] for q in rows.tolist()], dtype=np.int64)
    reviewers: Ints = np.array([network.people[r] for r in people.tolist()], dtype=np.int64)
    cuts: list[Floats] = []
    islands = find_islands((*situation.kept, *seats))
    for _ in range(_MOST_CUTS):
        for island in islands[:-1]:
            inside = np.isin(proposals, list(island.proposals))
            cut = np.zeros(len(price))
            cut[-len(rows) :] = inside != np.isin(reviewers, list(island.reviewers))
            cuts.append(cut)
        crossing = LinearConstraint(csc_array(np.array(cuts)), np.ones(len(cuts)), np.inf)
        found = milp(
            price,
            integrality=np.ones(len(price)),
            bounds=Bounds(np.zeros(len(price)), asked.capacity),
            constraints=[flow, filled, crossing],
        )
        if found.status == 2:
            return None, True
        if found.x is None:
            return None, False
        try:
            plan = whole_seats(network, found.x, rows, people, len(seats))
        except NotWhole:
            return None, False
        islands = find_islands((*situation.kept, *plan))
        if len(islands) < 2:
            return plan, False
    return None, False


def _same_fill(
    network: Network, seats: tuple[Seat, ...], rows: Ints, arcs: int
) -> tuple[csc_array, Floats, Floats]:
    """Each open seat's number of reviewers stays what it is, so that every proposal remains in the graph."""
    index = {panel.id: n for n, panel in enumerate(network.situation.panels)}
    row = {key: n for n, key in enumerate(network.rows)}
    counts: npt.NDArray[np.float64] = np.zeros(len(network.rows))
    for seat in seats:
        counts[row[seat.proposal, index[seat.panel]]] += 1
    chosen = csc_array(
        (np.ones(len(rows)), (rows, arcs - len(rows) + np.arange(len(rows)))), shape=(len(network.rows), arcs)
    )
    return chosen, counts, counts
