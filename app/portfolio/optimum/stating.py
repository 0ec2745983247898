"""The terms as an integer programme, in exact whole numbers: what may be chosen, and what every choice must keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from app.kernel.lean import dataclass
from app.portfolio.allocation import amounts_of, forced_amounts, must_take
from app.portfolio.facts import Adjusting, Bound, Entry, Limit, Terms


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry that may be taken with this amount; `place` is its place in the order, best first."""

    place: int
    amount: int


@dataclass(frozen=True, slots=True)
class Row:
    """The sum of coefficient times choice (0 or 1) is at most `most`: pairs (choice, coefficient)."""

    parts: tuple[tuple[int, int], ...]
    most: int


@dataclass(frozen=True, slots=True)
class Programme:
    """What may be chosen beside what is taken already. `floors` are kept only as far as they can be: pairs of a limit and
    its row; `tied` are the places of entries with a need, a rival, or two amounts."""

    ordered: tuple[Entry, ...]
    terms: Terms
    taken: Mapping[str, int]
    choices: tuple[Choice, ...]
    rows: tuple[Row, ...]
    floors: tuple[tuple[Limit, Row], ...]
    tied: frozenset[int]


def forced_first(ordered: Sequence[Entry], terms: Terms) -> tuple[dict[str, int], set[str]]:
    """What is taken before anything is chosen (number -> satang), and who was to be but does not fit the ceiling."""
    forced = must_take(ordered, terms)
    taken: dict[str, int] = {}
    missed: set[str] = set()
    left = terms.ceiling
    for entry in ordered:
        if entry.number in forced:
            amounts = forced_amounts(entry, forced[entry.number][0], terms)
            amount = next((amount for amount in amounts if amount <= left), None)
            if amount is None:
                missed.add(entry.number)
            else:
                taken[entry.number] = amount
                left -= amount
    return taken, missed


def state(ordered: Sequence[Entry], terms: Terms) -> Programme:
    """The programme of entries in rank order. Whoever cannot be taken whatever else is chosen is no choice at all."""
    taken, missed = forced_first(ordered, terms)
    left = terms.ceiling - sum(taken.values())
    caps = [limit for limit in terms.limits if limit.bound is Bound.CAP]
    cap_left = [cap.amount - _held(ordered, cap, taken) for cap in caps]
    amounts = _possible(ordered, terms, taken, missed, left, list(zip(caps, cap_left, strict=True)))
    choices = [Choice(place, a) for place, e in enumerate(ordered) for a in amounts.get(e.number, ())]
    by_number: defaultdict[str, list[int]] = defaultdict(list)
    for at, choice in enumerate(choices):
        by_number[ordered[choice.place].number].append(at)

    def money(limit: Limit) -> tuple[tuple[int, int], ...]:
        return tuple(
            (at, choice.amount) for at, choice in enumerate(choices) if limit.holds_for(ordered[choice.place])
        )

    rows = [Row(tuple((at, choice.amount) for at, choice in enumerate(choices)), left)]
    rows += [Row(money(cap), most) for cap, most in zip(caps, cap_left, strict=True) if money(cap)]
    rows += [Row(tuple((at, 1) for at in found), 1) for found in by_number.values() if len(found) > 1]
    tied = {found[0] for found in by_number.values() if len(found) > 1}
    for one, other in terms.needs:
        if one in by_number and other not in taken:
            tied |= {by_number[one][0], by_number[other][0]}
            rows.append(
                Row(tuple([(at, 1) for at in by_number[one]] + [(at, -1) for at in by_number[other]]), 0)
            )
    for group in terms.exclusive:
        parts = [at for number in dict.fromkeys(group) for at in by_number.get(number, ())]
        if len({choices[at].place for at in parts}) > 1:
            tied |= set(parts)
            rows.append(Row(tuple((at, 1) for at in parts), 1))
    floors = tuple(
        (
            limit,
            Row(
                tuple((at, -amount) for at, amount in money(limit)),
                _held(ordered, limit, taken) - limit.amount,
            ),
        )
        for limit in terms.limits
        if limit.bound is Bound.FLOOR
    )
    return Programme(
        tuple(ordered),
        terms,
        taken,
        tuple(choices),
        tuple(rows),
        floors,
        frozenset(choices[at].place for at in tied),
    )


def _held(ordered: Sequence[Entry], limit: Limit, taken: Mapping[str, int]) -> int:
    return sum(taken.get(e.number, 0) for e in ordered if limit.holds_for(e))


def _possible(
    ordered: Sequence[Entry],
    terms: Terms,
    taken: Mapping[str, int],
    missed: set[str],
    left: int,
    caps: Sequence[tuple[Limit, int]],
) -> dict[str, tuple[int, ...]]:
    """Number -> the amounts it could be taken with. Who needs one that cannot be had cannot be had either."""
    barred = set(missed) | {n for n, a in terms.adjustments.items() if a.kind is Adjusting.LEAVE}
    for group in terms.exclusive:
        for number in group:
            if any(other in taken for other in group if other != number):
                barred.add(number)
    found: dict[str, tuple[int, ...]] = {}
    for entry in ordered:
        if entry.number not in taken and entry.number not in barred:
            room = min([left, *(most for cap, most in caps if cap.holds_for(entry))])
            fitting = tuple(amount for amount in amounts_of(entry, terms) if amount <= room)
            if fitting:
                found[entry.number] = fitting
    while True:
        stuck = {
            one for one, other in terms.needs if one in found and other not in taken and other not in found
        }
        if not stuck:
            return found
        for number in stuck:
            del found[number]


def is_allowed(ordered: Sequence[Entry], terms: Terms, taken: Mapping[str, int]) -> bool:
    """Whether a choice (number -> satang) keeps all terms but the floors, to the satang. Says it from the terms alone,
    so that it can check what a programme led to."""
    forced, missed = forced_first(ordered, terms)
    if any(taken.get(number) != amount for number, amount in forced.items()) or missed & taken.keys():
        return False
    if sum(taken.values()) > terms.ceiling:
        return False
    known = {entry.number: entry for entry in ordered}
    free = [number for number in taken if number not in forced]
    for number in free:
        if number not in known or taken[number] not in amounts_of(known[number], terms):
            return False
        adjustment = terms.adjustments.get(number)
        if adjustment is not None and adjustment.kind is Adjusting.LEAVE:
            return False
    chosen = set(free)
    if any(one in chosen and other not in taken for one, other in terms.needs):
        return False
    for group in terms.exclusive:
        held = {number for number in group if number in taken}
        if len(held) > 1 and held & chosen:
            return False
    for limit in terms.limits:
        if limit.bound is Bound.CAP:
            inside = [entry for entry in ordered if entry.number in taken and limit.holds_for(entry)]
            # what must be funded counts towards a cap and is not stopped by it
            if (
                any(entry.number in chosen for entry in inside)
                and sum(taken[e.number] for e in inside) > limit.amount
            ):
                return False
    return True
