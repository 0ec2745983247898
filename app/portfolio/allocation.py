"""The allocation: the ranked list laid under the ceiling, each line with its reason.

The list is walked down and whatever still fits is taken: stopping at the first misfit leaves 3-4 % of the ceiling
unspent, skipping it 0.1-0.2 %. Three passes, in this order:

1. what must be funded, with what it needs, and what was taken by hand: in rank order, under the ceiling only;
2. each floor in the order declared: the best of its group, until the floor is reached;
3. everybody else in rank order: what fits the ceiling and the caps, has what it needs, and whose exclusive group holds
   nobody yet. Whoever waited for a project is considered again the moment that is taken.

Where all a project asks does not fit, the terms may let it be taken with the least it works with: what must be funded,
too, but not what a person took by hand. Money in satang.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil

from app.kernel.lean import dataclass
from app.portfolio.facts import (
    Adjusting,
    Allocation,
    Basis,
    Bound,
    Entry,
    Ground,
    Limit,
    Line,
    Standing,
    Terms,
    UnmetFloor,
)
from app.portfolio.rooms import Rooms
from app.portfolio.rules import standings, tie_between
from app.proposals.states import RECORDED
from app.reviews.rules import mean_hundredths

TAKING = frozenset(
    {Ground.RANK, Ground.REDUCED, Ground.MUST_FUND, Ground.MUST_REDUCED, Ground.FLOOR, Ground.TAKEN}
)
_STARVED = frozenset({Ground.CEILING, Ground.CAP})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry; `left` of the ceiling after it."""

    ground: Ground
    granted: int
    left: int
    short: int = 0
    other: str = ""
    limit: Limit | None = None


def asked_of(entry: Entry, terms: Terms) -> int:
    """What an entry asks for under the terms: less than it requested where it was cut by hand."""
    adjustment = terms.adjustments.get(entry.number)
    if adjustment is None or adjustment.amount is None:
        return entry.requested
    return min(adjustment.amount, entry.requested)


def amounts_of(entry: Entry, terms: Terms) -> tuple[int, ...]:
    """The amounts an entry may be taken with, largest first."""
    asked = asked_of(entry, terms)
    if terms.partial and entry.least is not None and entry.least < asked:
        return asked, entry.least
    return (asked,)


def forced_amounts(entry: Entry, ground: Ground, terms: Terms) -> tuple[int, ...]:
    """The amounts an entry may be taken with before everybody else, largest first; `ground` is that of `must_take`. Who
    took it by hand meant all of it, or the amount they gave."""
    if ground is Ground.TAKEN:
        return (asked_of(entry, terms),)
    return amounts_of(entry, terms)


def must_take(ordered: Iterable[Entry], terms: Terms) -> dict[str, tuple[Ground, str]]:
    """Number -> why it is taken before everybody else, and the project it is needed by. What a project that must be
    funded needs must be funded, too; what was left out by hand is not."""
    needs: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in terms.needs:
        needs[one].append(other)
    known = {entry.number for entry in ordered}
    found: dict[str, tuple[Ground, str]] = {}
    for number, adjustment in terms.adjustments.items():
        if adjustment.kind is Adjusting.TAKE and number in known:
            found[number] = (Ground.TAKEN, "")
    left_out = {n for n, a in terms.adjustments.items() if a.kind is Adjusting.LEAVE}
    waiting = [(number, "") for number in sorted(terms.must_fund)]
    while waiting:
        number, needed_by = waiting.pop()
        if number in found or number not in known or number in left_out:
            continue
        found[number] = (Ground.MUST_FUND, needed_by)
        waiting += [(other, number) for other in needs[number]]
    return found


class _Walk:
    """One walk down an order of entries."""

    def __init__(self, ordered: Sequence[Entry], terms: Terms, *, whole_first: bool = False):
        self.ordered = ordered
        self.terms = terms
        self.whole_first = whole_first
        self.left = terms.ceiling
        self.caps = [limit for limit in terms.limits if limit.bound is Bound.CAP]
        self.cap_left = [cap.amount for cap in self.caps]
        self.taken: dict[str, int] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.needs: defaultdict[str, list[str]] = defaultdict(list)
        self.needed_by: defaultdict[str, list[str]] = defaultdict(list)
        for one, other in terms.needs:
            self.needs[one].append(other)
            self.needed_by[other].append(one)
        self.rivals: defaultdict[str, list[str]] = defaultdict(list)
        for group in terms.exclusive:
            for number in group:
                self.rivals[number] += [other for other in group if other != number]
        self.place = {entry.number: place for place, entry in enumerate(ordered)}
        self.forced = must_take(ordered, terms)
        # what each pass found, for the points that are short
        self.first, self.third = Rooms(), Rooms()
        self.floors: list[tuple[Limit, Rooms]] = []

    def run(self) -> None:
        for place, entry in enumerate(self.ordered):
            if entry.number in self.forced:
                self.first.note(place, self.left, ())
                self._force(entry, *self.forced[entry.number])
        for limit in self.terms.limits:
            if limit.bound is Bound.FLOOR:
                self._fill(limit)
        for place, entry in enumerate(self.ordered):
            self.third.note(place, self.left, self.cap_left)
            if entry.number not in self.outcomes:
                self._consider(entry, Ground.RANK)

    def _caps_on(self, entry: Entry) -> Iterator[int]:
        return (at for at, cap in enumerate(self.caps) if cap.holds_for(entry))

    def _force(self, entry: Entry, ground: Ground, needed_by: str) -> None:
        amounts = self._first_amounts(entry)
        for amount in amounts:
            if amount <= self.left:
                by = ground if amount == amounts[0] else Ground.MUST_REDUCED
                self._take(entry, amount, by, other=needed_by)
                return
        self.outcomes[entry.number] = Outcome(Ground.CEILING, 0, self.left, amounts[-1] - self.left)

    def _first_amounts(self, entry: Entry) -> tuple[int, ...]:
        amounts = forced_amounts(entry, self.forced[entry.number][0], self.terms)
        return amounts[:1] if self.whole_first else amounts

    def _fill(self, floor: Limit) -> None:
        group = [entry for entry in self.ordered if floor.holds_for(entry)]
        found = Rooms()
        self.floors.append((floor, found))
        held = sum(self.taken.get(entry.number, 0) for entry in group)
        for entry in group:
            if held >= floor.amount:
                return
            found.note(self.place[entry.number], self.left, self.cap_left)
            if entry.number not in self.outcomes:
                self._consider(entry, Ground.FLOOR, floor)
                held += self.taken.get(entry.number, 0)

    def _consider(self, entry: Entry, ground: Ground, floor: Limit | None = None) -> None:
        """Take the entry or say why not. A floor only takes: who is passed over is considered again in its turn."""
        barred = self._bar(entry)
        if barred is None:
            for amount in amounts_of(entry, self.terms):
                if amount <= self.left and all(amount <= self.cap_left[at] for at in self._caps_on(entry)):
                    whole = amount == asked_of(entry, self.terms)
                    by = ground if whole or ground is Ground.FLOOR else Ground.REDUCED
                    self._take(entry, amount, by, limit=floor)
                    return
            barred = self._lack(entry)
        if floor is None:
            self.outcomes[entry.number] = barred

    def _bar(self, entry: Entry) -> Outcome | None:
        adjustment = self.terms.adjustments.get(entry.number)
        if adjustment is not None and adjustment.kind is Adjusting.LEAVE:
            return Outcome(Ground.LEFT_OUT, 0, self.left)
        for rival in self.rivals.get(entry.number, ()):
            if rival in self.taken:
                return Outcome(Ground.EXCLUSIVE, 0, self.left, other=rival)
        for needed in self.needs.get(entry.number, ()):
            if needed not in self.taken:
                return Outcome(Ground.NEEDS, 0, self.left, other=needed)
        return None

    def _lack(self, entry: Entry) -> Outcome:
        amount = amounts_of(entry, self.terms)[-1]
        if amount > self.left:
            return Outcome(Ground.CEILING, 0, self.left, amount - self.left)
        tightest = min(self._caps_on(entry), key=lambda at: self.cap_left[at])
        short = amount - self.cap_left[tightest]
        return Outcome(Ground.CAP, 0, self.left, short, limit=self.caps[tightest])

    def _take(
        self, entry: Entry, amount: int, ground: Ground, *, other: str = "", limit: Limit | None = None
    ) -> None:
        self.left -= amount
        self.taken[entry.number] = amount
        for at in self._caps_on(entry):
            self.cap_left[at] -= amount
        self.outcomes[entry.number] = Outcome(ground, amount, self.left, other=other, limit=limit)
        for number in sorted(self.needed_by.get(entry.number, ()), key=lambda n: self.place.get(n, -1)):
            waiting = self.outcomes.get(number)
            if waiting is not None and waiting.ground is Ground.NEEDS:
                self._consider(self.ordered[self.place[number]], Ground.RANK)

    def points_short(self, entry: Entry, scores: Sequence[Fraction]) -> int | None:
        """How many hundredths more would have put a starved entry level with or above the last place where it fits;
        None where no place would do. Where that leaves the two level the tie rules decide, so that it can take one
        hundredth more.

        Nothing is said of who waited for another project: a better score would not have ended the wait.
        """
        own = self.place[entry.number]
        found: list[int | None]
        if entry.number in self.forced:
            found = [self.first.last_with(self._first_amounts(entry)[-1], own, ())]
        elif self.needs.get(entry.number):
            return None
        else:
            amount, caps = amounts_of(entry, self.terms)[-1], list(self._caps_on(entry))
            passes = [self.third, *(rooms for floor, rooms in self.floors if floor.holds_for(entry))]
            found = [rooms.last_with(amount, own, caps) for rooms in passes]
        last = max((place for place in found if place is not None), default=None)
        if last is None:
            return None
        # one hundredth more than nothing where only the tie rules part them
        return max(ceil(scores[last] - scores[own]), 1)


def walk(ordered: Sequence[Entry], terms: Terms) -> dict[str, Outcome]:
    """Number -> what became of it, for entries in the order given. What `allocate` rests on, without its reasons."""
    found = _Walk(ordered, terms)
    found.run()
    return found.outcomes


def allocate(entries: Iterable[Entry], terms: Terms, *, whole_first: bool = False) -> Allocation:
    """The ranked list under the terms: scored lines in rank order, then unscored and recorded by number.

    Entries carry their scores under the terms' weights already. `whole_first` is the method of earlier decision books:
    what must be funded was taken whole or not at all. Raises `ValueError` as `standings` does.
    """
    entries = list(entries)
    ranked = standings(entries, terms.basis)
    ordered = [entry for _, _, entry in ranked]
    found = _Walk(ordered, terms, whole_first=whole_first)
    found.run()
    scores = [_score(entry, terms.basis) for entry in ordered]
    forced, floors = _without_forced(ordered, terms), _without_floors(ordered, terms, whole_first)
    lines: list[Line] = []
    above = None
    for position, (order, spread, entry) in enumerate(ranked, 1):
        outcome = found.outcomes[entry.number]
        if outcome.ground is Ground.FLOOR and entry.number in floors:
            # it would have been in by its rank as well
            whole = outcome.granted == asked_of(entry, terms)
            outcome = replace(outcome, ground=Ground.RANK if whole else Ground.REDUCED, limit=None)
        starved = outcome.ground in _STARVED
        lines.append(
            Line(
                entry=entry,
                rank=position,
                mean=mean_hundredths(entry.panel),
                spread=spread,
                standing=Standing.IN if outcome.ground in TAKING else Standing.OUT,
                left=outcome.left,
                short=outcome.short,
                tie=tie_between(above, order) if above else None,
                granted=outcome.granted,
                ground=outcome.ground,
                points=found.points_short(entry, scores) if starved else None,
                other=outcome.other,
                limit=outcome.limit,
                displaced=_displaced(entry.number, forced, floors) if starved else None,
            )
        )
        above = order
    for entry in sorted((e for e in entries if not e.panel.count), key=lambda e: e.number):
        recorded = entry.state == RECORDED
        standing, ground = (
            (Standing.RECORDED, Ground.RECORDED) if recorded else (Standing.UNSCORED, Ground.UNSCORED)
        )
        lines.append(Line(entry, None, None, None, standing, found.left, 0, None, 0, ground))
    return Allocation(terms, tuple(lines), found.left, tuple(_unmet(ordered, found, terms)))


def _score(entry: Entry, basis: Basis) -> Fraction:
    if basis is Basis.CALIBRATED:
        return Fraction(entry.calibrated or 0)
    return Fraction(entry.panel.total, entry.panel.count)


def _taken_in(ordered: Sequence[Entry], terms: Terms, whole_first: bool = False) -> frozenset[str]:
    found = _Walk(ordered, terms, whole_first=whole_first)
    found.run()
    return frozenset(number for number, outcome in found.outcomes.items() if outcome.ground in TAKING)


def _without_forced(ordered: Sequence[Entry], terms: Terms) -> frozenset[str]:
    """Who would be in if nothing had to be funded; nobody is asked where nothing has to."""
    return _taken_in(ordered, replace(terms, must_fund=frozenset())) if terms.must_fund else frozenset()


def _without_floors(ordered: Sequence[Entry], terms: Terms, whole_first: bool) -> frozenset[str]:
    caps = tuple(limit for limit in terms.limits if limit.bound is Bound.CAP)
    if len(caps) == len(terms.limits):
        return frozenset()
    return _taken_in(ordered, replace(terms, limits=caps), whole_first)


def _displaced(number: str, forced: frozenset[str], floors: frozenset[str]) -> Ground | None:
    if number in forced:
        return Ground.MUST_FUND
    return Ground.FLOOR if number in floors else None


def _unmet(ordered: Sequence[Entry], found: _Walk, terms: Terms) -> Iterator[UnmetFloor]:
    for limit in terms.limits:
        if limit.bound is Bound.FLOOR:
            held = sum(found.taken.get(entry.number, 0) for entry in ordered if limit.holds_for(entry))
            if held < limit.amount:
                yield UnmetFloor(limit, limit.amount - held)
