"""The best choice under the terms, by an aim. Imported late: numpy, highspy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

from app.portfolio.allocation import TAKING, walk
from app.portfolio.facts import Bound, Entry, Limit, Terms, UnmetFloor
from app.portfolio.optimum.branching import Found, Search
from app.portfolio.optimum.engine import engine_name
from app.portfolio.optimum.facts import (
    PRECISION,
    Aim,
    Optimum,
    Question,
    floor_shortfalls,
    is_within,
    value_of,
    worth_of,
)
from app.portfolio.optimum.stating import Programme, Row, is_allowed, state
from app.portfolio.rules import rank


def answer(question: Question) -> tuple[Optimum, ...]:
    """The optimum under each ceiling asked for, in that order."""
    ordered = rank(question.entries, question.terms.basis)
    return tuple(
        optimise(
            ordered, replace(question.terms, ceiling=ceiling), question.aim, question.seconds, question.parts
        )
        for ceiling in question.ceilings
    )


def optimise(
    ordered: Sequence[Entry], terms: Terms, aim: Aim, seconds: int, parts: int = PRECISION
) -> Optimum:
    """The best choice for entries in rank order, found within about so many seconds; the search ends where no choice
    can be better by more than one part in `parts`.

    Unless time ran out, the same entries and terms give the same answer from the same version of the solver. Of two
    entries that ask and are worth the same, the better ranked is taken wherever they could change places (entries with a
    need, a rival or two amounts aside).
    """
    began = perf_counter()
    deadline = began + seconds
    programme = state(ordered, terms)
    worth = _weights(programme, aim)
    floors = [limit for limit, _ in programme.floors]
    rows = [*programme.rows, *(row for _, row in programme.floors)]
    are_proven = True
    found = Search(worth, rows, deadline, parts).run()
    if found.chosen is None and programme.floors:
        rows, are_proven = _nearest(programme, deadline)
        found = Search(worth, rows, deadline, parts).run()
    taken = _taken(programme, found)
    walked = {n: o.granted for n, o in walk(ordered, terms).items() if o.ground in TAKING}
    is_walk = taken is None
    if taken is None or _goodness(ordered, terms, aim, floors, taken) < _goodness(
        ordered, terms, aim, floors, walked
    ):
        taken, is_walk = walked, True
    elif not is_allowed(ordered, terms, taken):
        raise AssertionError("the solver's choice breaks the terms")
    taken = _prefer_rank(programme, worth, taken)
    missed = floor_shortfalls(ordered, floors, taken)
    value = value_of(aim, ordered, terms.basis, taken)
    bound = None
    if found.bound is not None and not (is_walk and any(missed)):
        bound = max(value, found.bound + value_of(aim, ordered, terms.basis, programme.taken))
    return Optimum(
        aim=aim,
        terms=terms,
        taken=taken,
        value=value,
        bound=bound,
        is_proven=are_proven and (is_within(value, bound) if is_walk else found.is_proven),
        unmet=tuple(UnmetFloor(limit, short) for limit, short in zip(floors, missed, strict=True) if short),
        is_walk=is_walk,
        solver=engine_name(),
        milliseconds=round((perf_counter() - began) * 1000),
    )


def _weights(programme: Programme, aim: Aim) -> list[int]:
    ordered, basis = programme.ordered, programme.terms.basis
    return [worth_of(aim, ordered[c.place], basis, c.amount) for c in programme.choices]


def _nearest(programme: Programme, deadline: float) -> tuple[list[Row], bool]:
    """The rows with every floor as near as it can be brought, in the order declared; and whether that is proven."""
    rows, are_proven = list(programme.rows), True
    for _, row in programme.floors:
        worth = [0] * len(programme.choices)
        for choice, coefficient in row.parts:
            worth[choice] = -coefficient
        whole = Search([0] * len(worth), [*rows, row], deadline).run()
        if whole.chosen is not None:
            rows.append(row)
            continue
        near = Search(worth, rows, deadline).run()
        are_proven = are_proven and whole.is_void and near.is_proven
        rows.append(replace(row, most=-near.value if near.chosen is not None else 0))
    return rows, are_proven


def _taken(programme: Programme, found: Found) -> dict[str, int] | None:
    if found.chosen is None:
        return None
    chosen = {
        programme.ordered[programme.choices[at].place].number: programme.choices[at].amount
        for at in sorted(found.chosen)
    }
    return dict(programme.taken) | chosen


def _goodness(
    ordered: Sequence[Entry], terms: Terms, aim: Aim, floors: Sequence[Limit], taken: dict[str, int]
) -> tuple[int, ...]:
    """What tells two choices apart: the floors in order, then the aim."""
    missed = floor_shortfalls(ordered, floors, taken)
    return (*(-short for short in missed), value_of(aim, ordered, terms.basis, taken))


def _prefer_rank(programme: Programme, worth: Sequence[int], taken: dict[str, int]) -> dict[str, int]:
    """Of entries that ask and are worth the same, the better ranked, as far as caps and floors let them change places."""
    ordered, limits = programme.ordered, programme.terms.limits
    equals: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    for at, choice in enumerate(programme.choices):
        if choice.place not in programme.tied:
            equals[worth[at], choice.amount].append(ordered[choice.place])
    taken = dict(taken)
    held = [sum(taken.get(e.number, 0) for e in ordered if limit.holds_for(e)) for limit in limits]
    for (_, amount), group in equals.items():
        for at, better in enumerate(group):
            if better.number in taken:
                continue
            for worse in reversed(group[at + 1 :]):
                if worse.number not in taken:
                    continue
                after = [
                    now + amount * (limit.holds_for(better) - limit.holds_for(worse))
                    for limit, now in zip(limits, held, strict=True)
                ]
                if all(
                    new <= max(limit.amount, old)
                    if limit.bound is Bound.CAP
                    else new >= min(limit.amount, old)
                    for limit, old, new in zip(limits, held, after, strict=True)
                ):
                    del taken[worse.number]
                    taken[better.number] = amount
                    held = after
                    break
    return taken
