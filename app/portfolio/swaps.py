"""The smallest change of weights that swaps two proposals at the line: one that is in by its rank, one that is out for
want of money.

Scores are sums of weight times mean level, so the lead of one proposal over another is linear in the weights. Weight moved
from one criterion to another changes it by the difference of what both are worth to the pair. The least movement therefore
takes from the criterion where the lower one trails most, then from the next, and gives to the one where it leads most: a
linear programme over the simplex (least sum of changes) whose optimum is found by hand, exactly, in fractions. What is
found is ranked anew before it is said. Imported late: numpy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from heapq import nsmallest
from math import ceil

import numpy as np

from app.portfolio.facts import Ground, Line, Standing, Terms
from app.portfolio.many_walks import Ints
from app.portfolio.sensitivity import Moved, Swap, Swaps
from app.portfolio.weightings import WHOLE, WeighableReviews, taken_under

MOST_TOLD = 12
_NEAREST = 400  # lines looked at on either side of the line: more than any pair that is swapped by little

_BY_RANK = frozenset({Ground.RANK, Ground.REDUCED})
_STARVED = frozenset({Ground.CEILING, Ground.CAP})


def find_swaps(
    reviews: WeighableReviews, terms: Terms, weights: Sequence[int], lines: Sequence[Line]
) -> Swaps:
    """For each proposal that is out for want of money, the one above it that is in and is passed with the least change of
    `weights` (percents); the least `MOST_TOLD` of these. `lines` are the list under these weights."""
    at_of = {entry.proposal_id: at for at, entry in enumerate(reviews.entries)}
    ranked = [line for line in lines if line.rank is not None]
    uppers = [n for n in ranked if n.standing is Standing.IN and n.ground in _BY_RANK][-_NEAREST:]
    lowers = [n for n in ranked if n.ground in _STARVED][:_NEAREST]
    base = np.array(weights, np.int64) * (WHOLE // 100)
    pairs = [(a, b) for b in lowers for a in uppers if (a.rank or 0) < (b.rank or 0)]
    if not pairs:
        return Swaps((), 0, 0)
    above = np.array([at_of[a.entry.proposal_id] for a, _ in pairs], np.int64)
    below = np.array([at_of[b.entry.proposal_id] for _, b in pairs], np.int64)
    # what the lower one leads by on each criterion, times both counts of reviews: whole numbers
    leads = (
        reviews.sums[below] * reviews.counts[above][:, None]
        - reviews.sums[above] * reviews.counts[below][:, None]
    )
    lacks = -(leads @ base)
    spans = leads.max(axis=1) - leads.min(axis=1)
    # what it would take at the least: all weight from the criterion where the lower one trails most
    least = np.where(spans > 0, lacks / np.maximum(spans, 1), np.inf)
    possible = (leads.max(axis=1) >= 0) & (spans > 0)
    told: dict[int, Swap] = {}
    enough = np.inf
    for at in np.argsort(np.where(possible, least, np.inf), kind="stable").tolist():
        if not possible[at] or least[at] > enough + 1:
            break
        lower = int(below[at])
        swap = _swap(reviews, base, leads[at], int(lacks[at]), int(above[at]), lower)
        if swap is not None and (lower not in told or swap.moved < told[lower].moved):
            told[lower] = swap
            if len(told) >= MOST_TOLD:
                enough = nsmallest(MOST_TOLD, (found.moved for found in told.values()))[-1]
    chosen = sorted(told.values(), key=lambda found: (found.moved, found.bound))[:MOST_TOLD]
    return Swaps(tuple(_lay(reviews, terms, base, chosen)), len(pairs), int((~possible).sum()))


def move_weights(weights: Ints, leads: Ints, amount: int) -> Ints | None:
    """`amount` hundredths moved to where the lower one leads most, from where it trails most, then next; None where so
    much cannot be moved to any use."""
    moved = weights.copy()
    taker = int(leads.argmax())
    for giver in np.argsort(leads, kind="stable").tolist():
        if leads[giver] == leads[taker]:
            break
        given = min(amount, int(weights[giver]))
        moved[giver] -= given
        moved[taker] += given
        amount -= given
    return moved if amount == 0 else None


def least_move(weights: Ints, leads: Ints, lack: int) -> Fraction | None:
    """The least that has to be moved for both to be equal, exactly; None where not even all would do."""
    most = int(leads.max())
    moved = Fraction(0)
    for giver in np.argsort(leads, kind="stable").tolist():
        worth = most - int(leads[giver])
        held = int(weights[giver])
        if worth * held >= lack:
            return moved + Fraction(lack, worth) if lack > 0 else moved
        moved += held
        lack -= worth * held
    return None


def _swap(
    reviews: WeighableReviews, base: Ints, leads: Ints, lack: int, upper: int, lower: int
) -> Swap | None:
    """The least whole number of hundredths after which `lower` ranks above `upper`: where both are equal at that, the
    declared rules decide, and one hundredth more may be needed."""
    bound = least_move(base, leads, lack)
    if bound is None:
        return None
    for amount in (ceil(bound), ceil(bound) + 1):
        weights = move_weights(base, leads, amount)
        if weights is not None and reviews.stand(weights, lower) < reviews.stand(weights, upper):
            return Swap(
                upper=reviews.entries[upper].number,
                lower=reviews.entries[lower].number,
                moved=amount,
                bound=bound,
                moves=tuple(_moves(reviews.criteria, base, weights)),
                weights=dict(zip(reviews.criteria, weights.tolist(), strict=True)),
                enters=(),
                leaves=(),
            )
    return None


def _moves(criteria: Sequence[str], before: Ints, after: Ints) -> Iterator[Moved]:
    changes = dict(zip(criteria, (after - before).tolist(), strict=True))
    taker = max(changes, key=lambda code: changes[code])
    for code, change in changes.items():
        if change < 0:
            yield Moved(code, taker, -change)


def _lay(reviews: WeighableReviews, terms: Terms, base: Ints, swaps: Sequence[Swap]) -> Iterator[Swap]:
    """Each swap with what the list laid anew under its weights takes and drops."""
    weightings = np.array([base.tolist(), *(list(swap.weights.values()) for swap in swaps)], np.int64)
    taken, places = taken_under(reviews, terms, weightings)
    order = np.argsort(places[0])
    for row, swap in enumerate(swaps, 1):
        enters = [reviews.entries[at].number for at in order if taken[row, at] and not taken[0, at]]
        leaves = [reviews.entries[at].number for at in order if taken[0, at] and not taken[row, at]]
        yield replace(swap, enters=tuple(enters), leaves=tuple(leaves))
