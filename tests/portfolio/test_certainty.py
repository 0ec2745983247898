"""Chances and expected ranks against what is known in closed form, and the bands at their edges."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.certainty import (
    DRAWS,
    Band,
    Certainty,
    band_of,
    judge_certainty,
    percent_in_words,
    sampling_error,
)
from app.portfolio.facts import (
    Adjusting,
    Adjustment,
    Basis,
    Bound,
    Dimension,
    Entry,
    Limit,
    Standing,
    Terms,
)
from app.portfolio.rules import rank
from app.proposals.states import PASSED
from app.reviews.calibration import Calibration, Posterior, calibrate
from app.reviews.design import Rating
from app.reviews.facts import Panel
from tests.world import NOW

NAME = Text("ก", "a")
BASE = Entry(1, "", NAME, NAME, NAME, "mof", "upstream", "1.1", PASSED, 10, NOW, Panel(1, 5000, 25_000_000))
MEANS, SPREADS = (5200, 5000, 4900), (300, 200, 400)


def entries(count: int, **changes: object) -> list[Entry]:
    return [
        replace(BASE, proposal_id=n, number=f"n{n}", **changes)  # type: ignore[arg-type]
        for n in range(1, count + 1)
    ]


def posterior(
    means: Sequence[int], spreads: Sequence[int], factors: Sequence[Sequence[int]] = ((), (), ())
) -> Posterior:
    return Posterior(
        tuple(range(1, len(means) + 1)),
        np.array(means, float),
        np.array(spreads, float) ** 2,
        np.array(factors, float).reshape(len(means), -1),
    )


def judged(slots: int, known: Posterior, **more: int) -> Certainty:
    """Three proposals of 10 each, of which so many fit."""
    scores = dict(zip(known.proposals, np.rint(known.mean).astype(int).tolist(), strict=True))
    return judge_certainty(entries(len(scores)), Terms(10 * slots), known, scores, **more)


def best_of_three(at: int) -> float:
    """How likely independent normal number `at` is the highest of the three, by integration."""
    others = [n for n in range(3) if n != at]

    def density(x: float) -> float:
        below = np.prod([norm.cdf(x, MEANS[n], SPREADS[n]) for n in others])
        return float(norm.pdf(x, MEANS[at], SPREADS[at]) * below)

    return float(quad(density, 2000, 8000, limit=200)[0])


def test_chance_of_the_one_place_is_that_of_being_the_highest() -> None:
    found = judged(1, posterior(MEANS, SPREADS), draws=200_000)
    for at in range(3):
        assert found.chances[at + 1].probability == pytest.approx(1000 * best_of_three(at), abs=3)
    assert sum(chance.times_in for chance in found) == 200_000


def test_two_thousand_draws_are_as_close_as_said() -> None:
    found = judged(1, posterior(MEANS, SPREADS))
    for at in range(3):
        chance = found.chances[at + 1]
        assert abs(chance.probability - 1000 * best_of_three(at)) <= sampling_error(chance.probability, DRAWS)


def test_expected_rank_is_one_plus_the_chances_of_being_passed() -> None:
    """Heyard et al. 2022, with scores that hang together through what is common to them."""
    common = ((200, 0), (200, 100), (0, 300))
    known = posterior(MEANS, SPREADS, common)
    found = judged(2, known, draws=200_000)
    covariance = np.diag(known.own) + known.factors @ known.factors.T
    for i in range(3):
        expected = 1.0
        for j in range(3):
            if j != i:
                apart = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
                expected += float(norm.cdf((MEANS[j] - MEANS[i]) / np.sqrt(apart)))
        assert found.chances[i + 1].expected_rank == pytest.approx(100 * expected, abs=1)


def test_an_interval_of_ranks_leaves_out_a_tenth_on_either_side() -> None:
    dice = random.Random(1)
    means = [dice.randint(3000, 7000) for _ in range(20)]
    known = posterior(means, [400] * 20, [()] * 20)
    found = judged(8, known)
    drawn = np.rint(known.draw(found.draws, found.seed))
    for chance in found:
        # counted one by one: how many are above in each draw
        ranks = [1 + int((row > row[chance.proposal_id - 1]).sum()) for row in drawn]
        for end in (chance.low, chance.high):
            assert sum(r < end for r in ranks) <= found.draws * 9 // 10 <= found.draws
        assert sum(r < chance.low for r in ranks) <= found.draws // 10
        assert sum(r > chance.high for r in ranks) <= found.draws // 10
        assert sum(r <= chance.low for r in ranks) > found.draws // 10
        # equal amounts: inside is the same as among the first eight, so band and interval say the same
        assert (chance.band is Band.CLEAR_IN) == (chance.high <= 8)
        assert (chance.band is Band.CLEAR_OUT) == (chance.low > 8)


def test_the_terms_hold_in_every_draw() -> None:
    known = posterior((5000, 5000, 5000), (500, 500, 500))
    terms = Terms(
        10,
        must_fund=frozenset({"n3"}),
        adjustments={"n1": Adjustment(Adjusting.LEAVE, None, "why")},
    )
    found = judge_certainty(entries(3), terms, known, dict.fromkeys((1, 2, 3), 5000))
    assert [found.chances[n].probability for n in (1, 2, 3)] == [0, 0, 1000]
    assert [found.chances[n].band for n in (1, 2, 3)] == [Band.CLEAR_OUT, Band.CLEAR_OUT, Band.CLEAR_IN]


def test_draws_that_are_equal_go_by_the_declared_rules() -> None:
    """Nothing is uncertain and all scores are equal: the smaller amount stands first in every draw."""
    known = posterior((5000, 5000, 5000), (0, 0, 0))
    listed = [replace(e, requested=amount) for e, amount in zip(entries(3), (30, 10, 20), strict=True)]
    found = judge_certainty(listed, Terms(30), known, dict.fromkeys((1, 2, 3), 5000))
    assert [(c.proposal_id, c.expected_rank, c.low, c.high, c.probability) for c in found] == [
        (2, 100, 1, 1, 1000),
        (3, 200, 2, 2, 1000),
        (1, 300, 3, 3, 0),
    ]
    assert [(c.raw_rank, c.calibrated_rank) for c in found] == [(1, 1), (2, 2), (3, 3)]


def calibrated(seed: int) -> tuple[list[Entry], Calibration]:
    dice = random.Random(seed)
    quality = [dice.gauss(6000, 900) for _ in range(25)]
    level = [dice.gauss(0, 600) for _ in range(6)]
    ratings = [
        Rating(n, r, round(quality[n] + level[r] + dice.gauss(0, 500)))
        for n in range(25)
        for r in dice.sample(range(6), 3)
    ]
    found = calibrate(ratings)
    assert isinstance(found, Calibration)
    listed = []
    for n in range(25):
        totals = [r.score for r in ratings if r.proposal == n]
        panel = Panel(3, sum(totals), sum(t * t for t in totals))
        listed.append(
            replace(BASE, proposal_id=n, number=f"n{n:02d}", panel=panel, requested=dice.randint(5, 15))
        )
    return listed, found


def test_the_same_seed_gives_the_same_and_order_of_entries_does_not_matter() -> None:
    listed, found = calibrated(3)
    scores = {row.proposal: row.calibrated for row in found.proposals}
    first = judge_certainty(listed, Terms(120), found.posterior, scores)
    again = judge_certainty(listed[::-1], Terms(120), found.posterior, scores)
    other = judge_certainty(listed, Terms(120), found.posterior, scores, seed=1)
    assert first == again != other
    assert {first.count(band) > 0 for band in Band} == {True}
    assert sum(first.count(band) for band in Band) == 25
    raw = [e.proposal_id for e in rank(listed)]
    by_score = [
        e.proposal_id
        for e in rank([replace(e, calibrated=scores[e.proposal_id]) for e in listed], Basis.CALIBRATED)
    ]
    assert sorted(raw, key=lambda n: first.chances[n].raw_rank) == raw
    assert [c.proposal_id for c in first] == by_score


def test_every_draw_is_ranked_and_laid_as_the_list_itself_is() -> None:
    listed, found = calibrated(5)
    listed = [replace(e, stage=("upstream", "midstream")[n % 2], least=4) for n, e in enumerate(listed)]
    scores = {row.proposal: row.calibrated for row in found.proposals}
    terms = Terms(
        100,
        limits=(
            Limit(Dimension.STAGE, "upstream", Bound.CAP, 50),
            Limit(Dimension.STAGE, "midstream", Bound.FLOOR, 40),
        ),
        must_fund=frozenset({"n03"}),
        needs=(("n07", "n08"), ("n01", "n02")),
        exclusive=(("n04", "n05", "n06"),),
        partial=True,
    )
    judged = judge_certainty(listed, terms, found.posterior, scores, draws=60)
    inside: dict[int, int] = dict.fromkeys(scores, 0)
    ranks: dict[int, list[int]] = {key: [] for key in scores}
    for row in np.rint(found.posterior.draw(60, judged.seed)).astype(int).tolist():
        drawn = dict(zip(found.posterior.proposals, row, strict=True))
        lines = allocate(
            [replace(e, calibrated=drawn[e.proposal_id]) for e in listed],
            replace(terms, basis=Basis.CALIBRATED),
        ).lines
        for line in lines:
            inside[line.entry.proposal_id] += line.standing is Standing.IN
            ranks[line.entry.proposal_id].append(line.rank or 0)
    assert {chance.proposal_id: chance.times_in for chance in judged} == inside
    for chance in judged:
        assert chance.expected_rank == pytest.approx(100 * sum(ranks[chance.proposal_id]) / 60, abs=0.5)


def test_who_has_no_scores_has_no_chance() -> None:
    known = posterior((5000, 4000), (100, 100), ((), ()))
    listed = [*entries(2), replace(BASE, proposal_id=3, number="n3", panel=Panel(0, 0, 0))]
    found = judge_certainty(listed, Terms(10), known, {1: 5000, 2: 4000})
    assert set(found.chances) == {1, 2}
    assert judge_certainty(listed[2:], Terms(10), known, {}).chances == {}
    with pytest.raises(KeyError):
        judge_certainty([replace(listed[0], proposal_id=9)], Terms(10), known, {9: 1})


@pytest.mark.parametrize(
    ("times_in", "draws", "band"),
    [
        (1800, 2000, Band.CLEAR_IN),
        (1799, 2000, Band.GREY),
        (201, 2000, Band.GREY),
        (200, 2000, Band.CLEAR_OUT),
        (2000, 2000, Band.CLEAR_IN),
        (0, 2000, Band.CLEAR_OUT),
        (9, 10, Band.CLEAR_IN),
    ],
)
def test_bands_at_their_edges(times_in: int, draws: int, band: Band) -> None:
    assert band_of(times_in, draws) is band


@pytest.mark.parametrize(("probability", "error"), [(500, 22), (900, 14), (0, 0), (1000, 0), (100, 14)])
def test_how_far_the_draws_may_be_off(probability: int, error: int) -> None:
    assert sampling_error(probability, 2000) == error


@pytest.mark.parametrize(
    ("times_in", "draws", "words"),
    [
        (0, 2000, "< 0.2 %"),
        (1, 2000, "< 0.2 %"),
        (3, 2000, "0.2 %"),
        (987, 2000, "49.4 %"),
        (1996, 2000, "99.8 %"),
        (1999, 2000, "> 99.8 %"),
        (2000, 2000, "> 99.8 %"),
        (1000, 1000, "> 99.7 %"),
    ],
)
def test_never_in_so_many_draws_is_not_never(times_in: int, draws: int, words: str) -> None:
    assert percent_in_words(times_in, draws) == words
