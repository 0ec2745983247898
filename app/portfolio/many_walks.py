"""Many walks at once: the same entries laid under the same terms in thousands of orders.

In: entries, terms, orders. Out: what each entry is granted in each. Exactly what `allocation.walk` does for each order, but
each place of all orders is considered together, as arrays. Imported late: numpy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from app.portfolio.allocation import amounts_of, asked_of, forced_amounts, must_take
from app.portfolio.facts import Adjusting, Bound, Entry, Terms

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

_NO_CAP = 1 << 62  # satang: more than any cap, and after thousands of takings still more


def walk_many(entries: Sequence[Entry], terms: Terms, orders: Places) -> Ints:
    """What each entry is granted (satang, 0 where it is out): orders x entries.

    Each row of `orders` is a permutation of the places in `entries`, best first.
    """
    return _walked(entries, terms, orders).granted


def taken_in_many(entries: Sequence[Entry], terms: Terms, orders: Places) -> Flags:
    """Whether each entry is taken: orders x entries. `orders` as in `walk_many`."""
    return _walked(entries, terms, orders).taken[:, : len(entries)]


def places_in(orders: Places) -> Places:
    """Where each entry stands in each order, from 0: the inverse permutations."""
    places = np.empty_like(orders)
    np.put_along_axis(places, orders, np.arange(orders.shape[1], dtype=orders.dtype)[None, :], axis=1)
    return places


def _walked(entries: Sequence[Entry], terms: Terms, orders: Places) -> _Walks:
    walks = _Walks(entries, terms, orders)
    if len(entries):
        walks.run()
    return walks


def _table(rows: Iterable[Sequence[int]], padding: int) -> Places:
    """Lists of different lengths as one table, filled up with `padding`."""
    listed = [list(dict.fromkeys(row)) for row in rows]
    width = max((len(row) for row in listed), default=0)
    table = np.full((len(listed), width), padding, np.intp)
    for at, row in enumerate(listed):
        table[at, : len(row)] = row
    return table


class _Walks:
    """Walks down many orders. Arrays are orders x entries; two more columns stand for what is never taken and for what
    always is, so that tables of rivals and needs can be filled up."""

    def __init__(self, entries: Sequence[Entry], terms: Terms, orders: Places):
        times, n = len(orders), len(entries)
        never, always = n, n + 1
        self.entries = entries
        self.terms = terms
        self.orders = orders
        self.rows = np.arange(times)
        self.asked: Ints = np.array([asked_of(entry, terms) for entry in entries], np.int64)
        self.least: Ints = np.array([amounts_of(entry, terms)[-1] for entry in entries], np.int64)
        self.left: Ints = np.full(times, terms.ceiling, np.int64)
        self.granted: Ints = np.zeros((times, n), np.int64)
        self.taken: Flags = np.zeros((times, n + 2), np.bool_)
        self.taken[:, always] = True
        # taken or refused for good before the third pass
        self.settled: Flags = np.zeros((times, n), np.bool_)
        self.waiting: Flags = np.zeros((times, n + 1), np.bool_)

        at_of = {entry.number: at for at, entry in enumerate(entries)}
        left_out = {number for number, a in terms.adjustments.items() if a.kind is Adjusting.LEAVE}
        self.left_out: Flags = np.array([entry.number in left_out for entry in entries], np.bool_)
        caps = [limit for limit in terms.limits if limit.bound is Bound.CAP]
        self.cap_left: Ints = np.tile(np.array([*(c.amount for c in caps), _NO_CAP], np.int64), (times, 1))
        self.caps_on = _table(
            ([c for c, cap in enumerate(caps) if cap.holds_for(entry)] for entry in entries), len(caps)
        )
        rivals: defaultdict[str, list[int]] = defaultdict(list)
        for group in terms.exclusive:
            for number in group:
                rivals[number] += [at_of[other] for other in group if other != number and other in at_of]
        self.rivals = _table((rivals[entry.number] for entry in entries), never)
        needs: defaultdict[str, list[int]] = defaultdict(list)
        needed_by: defaultdict[str, list[int]] = defaultdict(list)
        for one, other in terms.needs:
            needs[one].append(at_of.get(other, never))
            if one in at_of:
                needed_by[other].append(at_of[one])
        self.needs = _table((needs[entry.number] for entry in entries), always)
        self.needed_by = _table((needed_by[entry.number] for entry in entries), never)
        # only asked for where somebody waits; the column of what is never taken comes last
        self.places: Places = np.empty((0, 0), np.intp)
        if self.needed_by.shape[1]:
            self.places = np.concatenate([places_in(orders), np.full((times, 1), n, orders.dtype)], axis=1)

    def run(self) -> None:
        """The three passes of `allocation.walk`."""
        forced = must_take(self.entries, self.terms)
        least = [
            forced_amounts(entry, forced[entry.number][0], self.terms)[-1] if entry.number in forced else 0
            for entry in self.entries
        ]
        self._force(
            np.array([entry.number in forced for entry in self.entries], np.bool_), np.array(least, np.int64)
        )
        for limit in self.terms.limits:
            if limit.bound is Bound.FLOOR:
                group = np.array([limit.holds_for(entry) for entry in self.entries], np.bool_)
                self._fill(group, limit.amount)
        all_open = not self.settled.any()
        for at in np.ascontiguousarray(self.orders.T):
            if all_open:
                self._consider(self.rows, at)
            else:
                rows = np.flatnonzero(~self.settled[self.rows, at])
                self._consider(rows, at[rows])

    def _among(self, some: Flags) -> Places:
        """Each order of only some of the entries, place by place: places x orders."""
        return self.orders[some[self.orders]].reshape(len(self.rows), -1).T

    def _force(self, forced: Flags, least: Ints) -> None:
        if not forced.any():
            return
        for at in self._among(forced):
            amount = np.where(self.asked[at] <= self.left, self.asked[at], least[at])
            rows = np.flatnonzero(amount <= self.left)
            self._take(rows, at[rows], amount[rows])
        self.settled[:, forced] = True

    def _fill(self, group: Flags, amount: int) -> None:
        if not group.any():
            return
        held = self.granted[:, group].sum(axis=1)
        for at in self._among(group):
            rows = np.flatnonzero((held < amount) & ~self.settled[self.rows, at])
            if len(rows):
                self._consider(rows, at[rows], remembers=False)
                held[rows] += self.granted[rows, at[rows]]
        self.settled |= self.taken[:, : len(self.entries)]

    def _consider(self, rows: Places, at: Places, *, remembers: bool = True) -> None:
        """Take entry `at` in each of `rows`, where it may be taken. Who lacks another is remembered as waiting, but not
        by a floor, which only takes."""
        may = ~self.left_out[at]
        for rival in self.rivals[at].T:
            may &= ~self.taken[rows, rival]
        if self.needs.shape[1]:
            has = np.ones(len(rows), np.bool_)
            for needed in self.needs[at].T:
                has &= self.taken[rows, needed]
            if remembers:
                self.waiting[rows, at] = may & ~has
            may &= has
        room = self.left[rows]
        for cap in self.caps_on[at].T:
            room = np.minimum(room, self.cap_left[rows, cap])
        asked = self.asked[at]
        amount = np.where(asked <= room, asked, self.least[at])
        may &= amount <= room
        if may.any():
            self._take(rows[may], at[may], amount[may])

    def _take(self, rows: Places, at: Places, amount: Ints) -> None:
        self.left[rows] -= amount
        self.taken[rows, at] = True
        self.granted[rows, at] = amount
        for cap in self.caps_on[at].T:
            self.cap_left[rows, cap] -= amount
        if self.needed_by.shape[1]:
            self._release(rows, at)

    def _release(self, rows: Places, at: Places) -> None:
        """Consider again who waited for what was just taken, in the order of each row, as deep as it goes."""
        waiters = self.needed_by[at]
        some = self.waiting[rows[:, None], waiters].any(axis=1)
        if not some.any():
            return
        rows, waiters = rows[some], waiters[some]
        order = np.argsort(self.places[rows[:, None], waiters], axis=1, kind="stable")
        for waiter in np.take_along_axis(waiters, order, axis=1).T:
            still = self.waiting[rows, waiter]
            if still.any():
                self._consider(rows[still], waiter[still])
