"""Other weights: orders as the rules have them, shares against exact areas, swaps against a linear programme."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import chisquare

from app.kernel.text import Text
from app.portfolio import sensitivity, weightings
from app.portfolio.allocation import allocate
from app.portfolio.facts import Entry, Standing, Terms
from app.portfolio.rules import rank, weighed
from app.portfolio.swaps import MOST_TOLD, find_swaps, least_move, move_weights
from app.portfolio.weightings import WHOLE, WeighableReviews, draw_everywhere, draw_nearby, share_weights
from app.proposals.states import PASSED
from app.reviews.facts import Panel
from tests.world import NOW

NAME = Text("ก", "a")
BASE = Entry(1, "", NAME, NAME, NAME, "mof", "upstream", "1.1", PASSED, 10, NOW, Panel(1, 0, 0))
CODES = ("a", "b", "c", "d")
WEIGHTS = (40, 30, 20, 10)
Levels = dict[int, list[dict[str, int]]]


def listed(levels: Levels, weights: dict[str, int], **requested: int) -> list[Entry]:
    panels = weighed(levels, weights)
    return [
        replace(
            BASE,
            proposal_id=n,
            number=f"n{n:03d}",
            panel=panels[n],
            requested=requested.get(f"n{n}", 10),
            submitted_at=NOW + timedelta(seconds=n % 3),
        )
        for n in levels
    ]


def made_up(seed: int, count: int = 20) -> Levels:
    """Levels of few kinds, so that ties are many."""
    dice = random.Random(seed)
    return {
        n: [{c: dice.choice((1, 2, 3)) for c in CODES} for _ in range(dice.randint(1, 3))]
        for n in range(1, count + 1)
    }


@pytest.mark.parametrize("seed", range(6))
def test_orders_are_those_of_the_rules(seed: int) -> None:
    dice, levels = random.Random(seed), made_up(seed, 40)
    weights = []
    for _ in range(40):
        bars = sorted(dice.choices(range(0, 101, 5), k=3))
        weights.append((bars[0], bars[1] - bars[0], bars[2] - bars[1], 100 - bars[2]))
    reviews = WeighableReviews(listed(levels, dict(zip(CODES, WEIGHTS, strict=True))), levels, CODES)
    for scale in (1, 100):
        orders = reviews.orders(np.array(weights, np.int64) * scale)
        for order, given in zip(orders.tolist(), weights, strict=True):
            expected = rank(listed(levels, dict(zip(CODES, given, strict=True))))
            assert [reviews.entries[at].number for at in order] == [e.number for e in expected]
            stands = [reviews.stand(np.array(given, np.int64) * scale, at) for at in order]
            assert stands == sorted(stands)


def test_one_against_one_as_in_the_order_for_any_weighting() -> None:
    levels = made_up(1, 30)
    reviews = WeighableReviews(listed(levels, dict(zip(CODES, WEIGHTS, strict=True))), levels, CODES)
    drawn = draw_everywhere(4, 50, np.random.default_rng(3))
    for weights, order in zip(drawn, reviews.orders(drawn).tolist(), strict=True):
        stands = [reviews.stand(weights, at) for at in order]
        assert stands == sorted(stands)


def shares(levels: Levels, codes: str, weights: tuple[int, ...], samples: int) -> dict[int, tuple[int, int]]:
    """Per mille of weightings, everywhere and nearby, under which each proposal takes the only place."""
    entries = listed(levels, dict(zip(codes, weights, strict=True)))
    found = share_weights(WeighableReviews(entries, levels, codes), Terms(10), weights, samples)
    return {
        s.proposal_id: (found.per_mille(s.times_everywhere), found.per_mille(s.times_nearby))
        for s in found.shares
    }


def test_two_criteria_against_exact_lengths() -> None:
    """3a against a + 3b: the first is ahead where a > 3/5."""
    found = shares({1: [{"a": 3, "b": 0}], 2: [{"a": 1, "b": 3}]}, "ab", (55, 45), 40_000)
    assert found[1][0] == pytest.approx(400, abs=8)
    # near 55: a lies between 45 and 65, and above 60 in a quarter of that
    assert found[1][1] == pytest.approx(250, abs=8)
    assert sum(share[0] for share in found.values()) == 1000


def test_three_criteria_against_exact_areas() -> None:
    """4a against 2b + 2c: ahead where a > 1/3, which leaves the triangle of two thirds the side."""
    found = shares(
        {1: [{"a": 4, "b": 0, "c": 0}], 2: [{"a": 0, "b": 2, "c": 2}]}, "abc", (34, 33, 33), 40_000
    )
    assert found[1][0] == pytest.approx(1000 * 4 / 9, abs=8)
    three = {1: [{"a": 4, "b": 0, "c": 0}], 2: [{"a": 0, "b": 4, "c": 0}], 3: [{"a": 0, "b": 0, "c": 4}]}
    assert [round(s[0], -1) for s in shares(three, "abc", (50, 25, 25), 40_000).values()] == [
        pytest.approx(333, abs=12)
    ] * 3
    # near 50/25/25 the first always has the most weight
    assert shares(three, "abc", (50, 25, 25), 2000)[1][1] == 1000


def test_every_way_to_part_the_whole_is_equally_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weightings, "WHOLE", 4)
    drawn = Counter(map(tuple, draw_everywhere(3, 15_000, np.random.default_rng(1)).tolist()))
    assert set(drawn) == {(a, b, 4 - a - b) for a in range(5) for b in range(5 - a)}
    assert chisquare(list(drawn.values())).pvalue > 0.001


def test_nearby_weights_keep_to_their_reach() -> None:
    drawn = draw_nearby(WEIGHTS, 5000, np.random.default_rng(1))
    assert drawn.shape == (5000, 4)
    assert (drawn.sum(axis=1) == WHOLE).all()
    off = drawn - np.array(WEIGHTS) * 100
    assert np.abs(off).max() <= sensitivity.NEARBY * 100 == 1000
    assert drawn.min() >= 0
    assert np.abs(off.mean(axis=0)).max() < 30
    assert np.abs(off).max(axis=0).min() > 950
    assert draw_everywhere(1, 3, np.random.default_rng(1)).tolist() == [[WHOLE]] * 3
    assert draw_nearby((100,), 3, np.random.default_rng(1)).tolist() == [[WHOLE]] * 3


def test_shares_are_the_same_for_the_same_seed_and_count_every_weighting() -> None:
    levels = made_up(5)
    entries = listed(levels, dict(zip(CODES, WEIGHTS, strict=True)))
    reviews = WeighableReviews(entries, levels, CODES)
    first = share_weights(reviews, Terms(80), WEIGHTS)
    again = share_weights(WeighableReviews(entries[::-1], levels, CODES), Terms(80), WEIGHTS)
    assert first == again
    assert first.samples == 1000
    assert (
        sum(s.times_everywhere for s in first.shares) == 8 * 1000 == sum(s.times_nearby for s in first.shares)
    )
    assert first.core == sum(s.worst <= 8 for s in first.shares)
    assert first.outside == sum(s.best > 8 for s in first.shares)
    assert all(s.best <= s.near_best <= s.near_worst <= s.worst or s.near_best < s.best for s in first.shares)


def least_by_programme(weights: tuple[int, ...], leads: list[int]) -> float | None:
    """Half the least sum of absolute changes that brings the lead to nothing: weights = base + up - down."""
    n = len(weights)
    base = np.array(weights) * 100
    found = linprog(
        np.ones(2 * n) / 2,
        A_ub=[[*(-np.array(leads)), *leads]],
        b_ub=[int(base @ leads)],
        A_eq=[[1] * n + [-1] * n],
        b_eq=[0],
        bounds=[(0, None)] * n + [(0, int(w)) for w in base],
    )
    return float(found.fun) if found.status == 0 else None


def test_the_least_move_is_that_of_the_linear_programme() -> None:
    dice = random.Random(11)
    refused = 0
    for _ in range(300):
        leads = [dice.randint(-6, 4) for _ in CODES]
        base = np.array(WEIGHTS, np.int64) * 100
        lack = -int(base @ np.array(leads))
        if lack < 0:
            continue
        bound = least_move(base, np.array(leads, np.int64), lack)
        expected = least_by_programme(WEIGHTS, leads)
        refused += expected is None
        assert (bound is None) == (expected is None), leads
        if bound is not None and expected is not None:
            assert float(bound) == pytest.approx(expected, abs=1e-6)
            moved = move_weights(base, np.array(leads, np.int64), -(-bound.numerator // bound.denominator))
            assert moved is None or (moved.sum() == WHOLE and moved.min() >= 0 and moved @ leads >= 0)
    assert refused > 10


@pytest.mark.parametrize("seed", range(4))
def test_swaps_are_ranked_anew_and_none_is_smaller(seed: int) -> None:
    levels = made_up(seed, 24)
    weights = dict(zip(CODES, WEIGHTS, strict=True))
    dice = random.Random(seed)
    entries = listed(levels, weights, **{f"n{n}": dice.randint(8, 12) for n in levels})
    terms = Terms(120)
    lines = allocate(entries, terms).lines
    reviews = WeighableReviews(entries, levels, CODES)
    found = find_swaps(reviews, terms, WEIGHTS, lines)
    place = {e.number: at for at, e in enumerate(reviews.entries)}

    def leads_of(upper: str, lower: str) -> np.ndarray:
        a, b = place[upper], place[lower]
        return np.array(reviews.sums[b] * reviews.counts[a] - reviews.sums[a] * reviews.counts[b])

    best: dict[str, float] = {}
    pairs = 0
    for upper in (n for n in lines if n.standing is Standing.IN):
        for lower in (n for n in lines if n.standing is Standing.OUT and (n.rank or 0) > (upper.rank or 0)):
            pairs += 1
            leads = leads_of(upper.entry.number, lower.entry.number).tolist()
            least = least_by_programme(WEIGHTS, leads)
            # where nothing can bring it more than level, the declared rules keep it below here
            if least is not None and max(leads) > 0:
                number = lower.entry.number
                best[number] = min(best.get(number, least), least)
    assert found.pairs == pairs
    assert len(found.swaps) == min(len(best), MOST_TOLD)
    for swap, least in zip(found.swaps, sorted(best.values()), strict=False):
        assert swap.moved == pytest.approx(least, abs=2.001)
        assert float(swap.bound) == pytest.approx(best[swap.lower], abs=1.001)
        assert swap.moved in (-(-swap.bound.numerator // swap.bound.denominator) + more for more in (0, 1))
        # ranked anew: the lower one is above, and the list laid under these weights is what is said of it
        row = np.array([list(swap.weights.values())], np.int64)
        assert row.sum() == WHOLE
        assert sum(move.amount for move in swap.moves) == swap.moved
        order = reviews.orders(row)[0].tolist()
        assert order.index(place[swap.lower]) < order.index(place[swap.upper])
        # and one hundredth fewer would not have done
        fewer = move_weights(
            np.array(WEIGHTS, np.int64) * 100, leads_of(swap.upper, swap.lower), swap.moved - 1
        )
        assert fewer is not None
        short = reviews.orders(fewer[None, :])[0].tolist()
        assert short.index(place[swap.lower]) > short.index(place[swap.upper])
        then = allocate_in([reviews.entries[at] for at in order], terms)
        now = {n.entry.number for n in lines if n.standing is Standing.IN}
        assert (then - now, now - then) == (set(swap.enters), set(swap.leaves))


def allocate_in(ordered: list[Entry], terms: Terms) -> set[str]:
    """Who is inside, for equal panels that rank in just this order."""
    ranked = [replace(e, panel=Panel(1, 1000 - at, (1000 - at) ** 2)) for at, e in enumerate(ordered)]
    return {n.entry.number for n in allocate(ranked, terms).lines if n.standing is Standing.IN}


def test_where_no_weighting_swaps_them_it_is_so() -> None:
    levels = {1: [dict.fromkeys(CODES, 3)], 2: [dict.fromkeys(CODES, 2)]}
    entries = listed(levels, dict(zip(CODES, WEIGHTS, strict=True)))
    reviews = WeighableReviews(entries, levels, CODES)
    found = find_swaps(reviews, Terms(10), WEIGHTS, allocate(entries, Terms(10)).lines)
    assert (found.swaps, found.pairs, found.never) == ((), 1, 1)
    all_in = allocate(entries, Terms(20)).lines
    assert find_swaps(reviews, Terms(20), WEIGHTS, all_in).pairs == 0


def test_a_swap_is_told_to_a_hundredth_of_a_percent_point() -> None:
    """By a 3 against 2, by b 1 against 4: of 80 and 20 so much goes from a to b."""
    weights = {"a": 80, "b": 20}
    levels = {1: [{"a": 3, "b": 1}], 2: [{"a": 2, "b": 4}]}
    entries = listed(levels, weights)
    found = find_swaps(
        WeighableReviews(entries, levels, "ab"), Terms(10), (80, 20), allocate(entries, Terms(10)).lines
    )
    (swap,) = found.swaps
    # 80 - 3 x 20 = 20 lacks, each point moved is worth 4: equal after 5 points, and then the number decides
    assert (swap.bound, swap.moved) == (500, 501)
    assert [(m.giver, m.taker, m.amount) for m in swap.moves] == [("a", "b", 501)]
    assert (swap.enters, swap.leaves) == (("n002",), ("n001",))
