"""Weights that might have been: who stays inside the ceiling under thousands of other weightings of the criteria.

Stochastic multicriteria acceptability analysis (Tervonen & Figueira 2008, Journal of Multi-Criteria Decision Analysis
15:1-14): weights are drawn at random, everything is ranked and laid under the ceiling anew, and what is counted is how
often a proposal is inside, and at which ranks. Who is inside under all of them is the core that no weighting touches
(Liesioe, Mild & Salo 2007, European Journal of Operational Research 181:1488-1505).

Weightings are whole hundredths of a percent, so means, spreads and ties are exact, by the same declared rules as in
`rules.standings`. Imported late: numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt, lcm

import numpy as np
import numpy.typing as npt

from app.portfolio.facts import Entry, Terms
from app.portfolio.many_walks import Flags, Ints, Places, places_in, taken_in_many
from app.portfolio.rules import WIDEST
from app.portfolio.sensitivity import NEARBY, SAMPLES, SEED, Levels, WeightShare, WeightShares

WHOLE = 10_000  # hundredths of a percent: what the weights of a weighting sum to
_AT_ONCE = 500  # weightings: bounds the memory of a walk


class WeighableReviews:
    """The reviews of the scored entries as arrays, to be weighed many ways. `entries` are in the order of the tie rules
    that no weight touches: amount, time, number."""

    def __init__(self, entries: Sequence[Entry], levels: Levels, criteria: Sequence[str]):
        """`levels` by proposal id, each review with a level for every one of `criteria`, and no other."""
        self.entries = sorted(
            (entry for entry in entries if entry.panel.count),
            key=lambda e: (e.requested, e.submitted_at, e.number),
        )
        self.criteria = tuple(criteria)
        self.counts: Ints = np.array([len(levels[e.proposal_id]) for e in self.entries], np.int64)
        self.starts: Places = np.cumsum(self.counts) - self.counts
        self.levels: Ints = np.array(
            [[review[code] for code in criteria] for e in self.entries for review in levels[e.proposal_id]],
            np.int64,
        ).reshape(-1, len(self.criteria))
        # sums of levels, and of products of two levels of one review: a sum of squares of totals is a square form of the
        # weights, so no total of a single review has to be computed
        products = self.levels[:, :, None] * self.levels[:, None, :]
        self.sums: Ints = np.add.reduceat(self.levels, self.starts, axis=0)
        self.products: Ints = np.add.reduceat(products, self.starts, axis=0).reshape(len(self.entries), -1)
        common = lcm(*self.counts.tolist())
        self.parts: Ints = common // self.counts

    def orders(self, weightings: Ints) -> Places:
        """The order under each weighting, best first: weightings x entries, as places in `entries`. `weightings` are
        weightings x criteria, each row of the same sum."""
        sums = weightings @ self.sums.T
        return np.lexsort((self._spreads(weightings, sums), -sums * self.parts), axis=-1)

    def stand(self, weights: Ints, at: int) -> tuple[Fraction, int, int]:
        """How one entry stands under one weighting: of two, the lesser stands above. As `orders` has it."""
        count, start = int(self.counts[at]), int(self.starts[at])
        totals = (25 * self.levels[start : start + count] @ weights).tolist()
        # as if hundredths of a point were as much finer as the weights are finer than percents
        spread = self._spread(count, sum(totals), sum(t * t for t in totals), int(weights.sum()) // 100)
        return -Fraction(sum(totals), count), spread, at

    @staticmethod
    def _spread(count: int, total: int, squares: int, scale: int) -> int:
        if count < 2:
            return WIDEST
        return (
            isqrt(4 * (count * squares - total * total) // (count * (count - 1) * scale * scale)) + 1
        ) // 2

    def _spreads(self, weightings: Ints, sums: Ints) -> Ints:
        """`reviews.rules.spread_hundredths` of each entry under each weighting, one review counting as widest."""
        scale = int(weightings[0].sum()) // 100
        squares = (weightings[:, :, None] * weightings[:, None, :]).reshape(len(weightings), -1)
        variances = self.counts * (squares @ self.products.T) - sums * sums
        variances = (
            4 * 25 * 25 * variances // (np.maximum(self.counts * (self.counts - 1), 1) * scale * scale)
        )
        # whole numbers below 2^52: the root of a square is exact, and that of any other is never rounded up to one
        spreads: Ints = (np.sqrt(variances).astype(np.int64) + 1) // 2
        spreads[:, self.counts < 2] = WIDEST
        return spreads


def draw_everywhere(criteria: int, samples: int, dice: np.random.Generator) -> Ints:
    """Weightings drawn uniformly from all there are (in hundredths of a percent): samples x criteria.

    Each is a way to part `WHOLE` by criteria - 1 bars set between its units: all ways are equally likely.
    """
    found: list[Ints] = []
    while sum(map(len, found)) < samples:
        bars = np.sort(dice.integers(0, WHOLE + criteria - 1, (samples, criteria - 1)), axis=1)
        bars = bars[(np.diff(bars, axis=1) > 0).all(axis=1)]
        edges = np.ones((len(bars), 1), np.int64)
        walled = np.concatenate([-edges, bars, edges * (WHOLE + criteria - 1)], axis=1)
        found.append(np.diff(walled, axis=1) - 1)
    return np.concatenate(found)[:samples]


def draw_nearby(weights: Sequence[int], samples: int, dice: np.random.Generator) -> Ints:
    """Weightings drawn uniformly from those whose every weight lies within `NEARBY` points of `weights` (percents, which
    sum to 100): samples x criteria, in hundredths of a percent."""
    centre = np.array(weights, np.int64) * 100
    reach = NEARBY * 100
    found: list[Ints] = []
    while sum(map(len, found)) < samples:
        moved = dice.integers(-reach, reach, (samples, len(centre) - 1), endpoint=True)
        moved = np.concatenate([moved, -moved.sum(axis=1, keepdims=True)], axis=1)
        drawn = centre + moved
        found.append(drawn[(np.abs(moved[:, -1]) <= reach) & (drawn >= 0).all(axis=1)])
    return np.concatenate(found)[:samples]


def share_weights(
    reviews: WeighableReviews, terms: Terms, weights: Sequence[int], samples: int = SAMPLES, seed: int = SEED
) -> WeightShares:
    """How often each entry is inside under `samples` weightings from everywhere, and as many near `weights`."""
    dice = np.random.default_rng(seed)
    everywhere = draw_everywhere(len(reviews.criteria), samples, dice)
    nearby = draw_nearby(weights, samples, dice)
    times_everywhere, ranks = _lay(reviews, terms, everywhere)
    times_nearby, near_ranks = _lay(reviews, terms, nearby)
    ranks.sort(axis=0)
    return WeightShares(
        samples,
        seed,
        tuple(
            WeightShare(
                proposal_id=entry.proposal_id,
                times_everywhere=int(times_everywhere[at]),
                times_nearby=int(times_nearby[at]),
                best=int(ranks[0, at]),
                middle=int(ranks[(samples - 1) // 2, at]),
                worst=int(ranks[-1, at]),
                near_best=int(near_ranks[:, at].min()),
                near_worst=int(near_ranks[:, at].max()),
            )
            for at, entry in enumerate(reviews.entries)
        ),
    )


def _lay(reviews: WeighableReviews, terms: Terms, weightings: Ints) -> tuple[Ints, npt.NDArray[np.int32]]:
    """How often each entry is inside, and its rank under each weighting."""
    times = np.zeros(len(reviews.entries), np.int64)
    ranks = []
    for begin in range(0, len(weightings), _AT_ONCE):
        orders = reviews.orders(weightings[begin : begin + _AT_ONCE])
        times += taken_in_many(reviews.entries, terms, orders).sum(axis=0)
        ranks.append(places_in(orders).astype(np.int32) + 1)
    return times, np.concatenate(ranks)


def taken_under(reviews: WeighableReviews, terms: Terms, weightings: Ints) -> tuple[Flags, Places]:
    """Who is inside under each weighting, and at which place from 0: weightings x entries."""
    orders = reviews.orders(weightings)
    return taken_in_many(reviews.entries, terms, orders), places_in(orders)
