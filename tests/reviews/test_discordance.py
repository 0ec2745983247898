"""Proposals whose reviewers differ by more than noise: by hand, and from the database for each reader."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from app.reviews.calibration import Calibration, calibrate
from app.reviews.design import Rating
from app.reviews.discordance import Discordance, judge_discordance
from tests.reviews.panels import ratings, simulate


def by_proposal(rows: list[Discordance]) -> dict[int, Discordance]:
    return {row.proposal: row for row in rows}


def test_raw_spread_against_the_pooled_one_by_hand() -> None:
    """A: 60 and 80, B: 70 and 70, C: one review. Within: 200 + 0 over two degrees of freedom is 100, so 10 points of
    noise; Q of A is 2 on one degree of freedom."""
    rows = judge_discordance(ratings({1: {0: 6000, 1: 8000}, 2: {0: 7000, 2: 7000}, 3: {1: 5000}}), None)
    assert rows == [
        Discordance(1, 2, 1414, 1414, 1000, round(1000 * chi2.sf(2, 1)), False, False, None, 0),
        Discordance(2, 2, 0, 0, 1000, 1000, False, False, None, 0),
    ]


def test_the_odd_one_out_by_hand() -> None:
    """70, 70 and 25 beside four proposals of hardly any spread: 45 below the mean of the others."""
    calm = {p: {0: 7000, 1: 7100, 2: 6900} for p in range(4)}
    rows = judge_discordance(ratings(calm | {9: {0: 7000, 1: 7000, 2: 2500}}), None)
    worst = rows[0]
    assert (worst.proposal, worst.standout, worst.distance) == (9, 2, -4500)
    # within: 4 x 2 + 1350 points squared over ten degrees of freedom
    assert worst.expected == round(100 * np.sqrt(1358 / 10))
    assert worst.probability == round(1000 * chi2.sf(1350 / 135.8, 2))
    assert (worst.is_flagged, worst.holds) == (True, True)
    assert not any(row.is_flagged for row in rows[1:])
    # 71 and 69 lie equally far from 70
    assert by_proposal(rows)[0].standout is None


def test_severity_is_no_disagreement() -> None:
    """Reviewer 2 is 30 points stricter throughout: the raw spread is large everywhere, the adjusted one nowhere. With
    the one proposal where 2 is as lenient as the others it is the other way round."""
    dice = np.random.default_rng(5)
    some = [
        Rating(p, r, 4000 + 200 * p - 3000 * (r == 2 and p != 7) + int(dice.normal(0, 200)))
        for p in range(16)
        for r in range(3)
    ]
    found = calibrate(some)
    assert isinstance(found, Calibration)
    rows = judge_discordance(some, found)
    assert (rows[0].proposal, rows[0].is_flagged, rows[0].standout) == (7, True, 2)
    assert rows[0].distance > 2000
    assert rows[0].spread < 500 < 1500 < rows[1].spread
    assert not any(row.is_flagged for row in rows[1:])
    assert judge_discordance(some, None)[0].proposal != 7


@pytest.mark.parametrize("seed", range(4))
def test_same_as_written_out(seed: int) -> None:
    some = simulate(seed, proposals=12, reviewers=5)
    found = calibrate(some)
    assert isinstance(found, Calibration)
    severity = dict(zip(found.fit.scores.reviewers, found.fit.severity.tolist(), strict=True))
    rows = by_proposal(judge_discordance(some, found))
    for proposal, row in rows.items():
        left = [r.score - severity[r.reviewer] for r in some if r.proposal == proposal]
        squares = sum((value - sum(left) / len(left)) ** 2 for value in left)
        assert row.adjusted == round((squares / (len(left) - 1)) ** 0.5)
        chance = chi2.sf(squares / found.fit.noise_variance, len(left) - 1)
        assert row.probability == round(1000 * chance)
        assert row.is_flagged == (chance <= 0.05)


def test_noise_alone_is_flagged_about_once_in_twenty() -> None:
    flagged = looked_at = 0
    for seed in range(25):
        some = simulate(seed, proposals=60, reviewers=10)
        found = calibrate(some)
        assert isinstance(found, Calibration)
        rows = judge_discordance(some, found)
        flagged += sum(row.is_flagged for row in rows)
        looked_at += len(rows)
    assert 0.02 <= flagged / looked_at <= 0.06


def test_least_probable_first_then_by_key() -> None:
    rows = judge_discordance(simulate(1), None)
    assert [row.probability for row in rows] == sorted(row.probability for row in rows)
    alike = judge_discordance(ratings({p: {0: 7000, 1: 7000} for p in (5, 3, 4)}), None)
    assert [row.proposal for row in alike] == [3, 4, 5]
    assert not any(row.is_flagged for row in alike)


def test_nothing_to_judge() -> None:
    assert judge_discordance([], None) == []
    assert judge_discordance(ratings({1: {0: 5000}, 2: {1: 6000}}), None) == []


def test_a_calibration_of_other_scores_is_a_mistake_of_the_caller() -> None:
    some = simulate(1)
    found = calibrate(some)
    assert isinstance(found, Calibration)
    with pytest.raises(ValueError, match="other ratings"):
        judge_discordance(some[1:], found)
