"""The additive model: by hand, against dense algebra and the likelihood written out, and what must never change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import t as student

from app.reviews.additive import Fit, fit
from app.reviews.calibration import Calibration, calibrate
from app.reviews.design import Ground, Rating, Refusal, find_groups, judge_design
from tests.reviews.panels import designs, ratings, shrout_fleiss, simulate

SCORE = st.integers(0, 10000)
few = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def calibrated(some: list[Rating]) -> Calibration:
    found = calibrate(some)
    assert isinstance(found, Calibration), found
    return found


def dense(some: list[Rating], found: Fit) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The model once more with full matrices, at the variances found: calibrated scores with their prediction error
    covariance, and severities with theirs; by Henderson's equations, every effect kept."""
    s = found.scores
    x, z = np.eye(len(s.reviewers))[s.column], np.eye(len(s.proposals))[s.row]
    y = s.y + s.base[s.column]
    ratio = found.noise_variance / found.quality_variance
    whole = np.block([[x.T @ x, x.T @ z], [z.T @ x, z.T @ z + ratio * np.eye(z.shape[1])]])
    inverse = np.linalg.inv(whole)
    solution = inverse @ np.concatenate([x.T @ y, z.T @ y])
    people = len(s.reviewers)
    contrast = np.hstack([np.full((len(s.proposals), people), 1 / people), np.eye(len(s.proposals))])
    centre = np.hstack([np.eye(people) - 1 / people, np.zeros((people, len(s.proposals)))])
    return (
        contrast @ solution,
        found.noise_variance * contrast @ inverse @ contrast.T,
        centre @ solution,
        found.noise_variance * centre @ inverse @ centre.T,
    )


def restricted(some: list[Rating], logs: Any) -> float:
    """-2 log restricted likelihood at log variances of quality and noise, from the full covariance matrix."""
    quality, noise = np.exp(logs)
    proposals, reviewers = sorted({r.proposal for r in some}), sorted({r.reviewer for r in some})
    z = np.array([[r.proposal == p for p in proposals] for r in some], float)
    x = np.array([[r.reviewer == q for q in reviewers] for r in some], float)
    y = np.array([r.score for r in some], float) - 6000
    v = quality * z @ z.T + noise * np.eye(len(some))
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    left = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    return float(np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + left @ inverse @ left)


@pytest.mark.parametrize("seed", range(6))
def test_same_as_dense_mixed_model_equations(seed: int) -> None:
    some = simulate(seed)
    found = calibrated(some)
    scores, covariance, severity, spread = dense(some, found.fit)
    posterior = found.posterior
    assert np.allclose(posterior.mean, scores, atol=1e-6)
    assert np.allclose(
        np.diag(posterior.own) + posterior.factors @ posterior.factors.T, covariance, rtol=1e-6
    )
    assert np.allclose(found.fit.severity, severity, atol=1e-6)
    assert np.allclose(found.fit.severity_covariance, spread, rtol=1e-6, atol=1e-6 * found.fit.noise_variance)
    reach = student.ppf(0.975, found.freedom)
    at = {key: n for n, key in enumerate(posterior.proposals)}
    for p in found.proposals:
        n = at[p.proposal]
        width = reach * np.sqrt(covariance[n, n])
        assert (p.calibrated, p.low, p.high) == tuple(
            round(value) for value in (scores[n], scores[n] - width, scores[n] + width)
        )


@pytest.mark.parametrize("seed", range(6))
def test_variances_are_the_maximum_of_the_restricted_likelihood(seed: int) -> None:
    some = simulate(seed, proposals=15, reviewers=5)
    found = fit(some)
    best = minimize(
        lambda logs: restricted(some, logs),
        np.log([1e6, 4e5]),
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-9},
    )
    quality, noise = np.exp(best.x)
    assert found.quality_variance == pytest.approx(quality, rel=1e-3)
    assert found.noise_variance == pytest.approx(noise, rel=1e-3)


def test_balanced_table_by_hand() -> None:
    """Mean squares of Shrout & Fleiss: proposals 11.2417, judges 32.4861, error 1.0194."""
    found = calibrated(shrout_fleiss())
    assert found.fit.noise_variance / 1e4 == pytest.approx(1.01944, abs=1e-4)
    assert found.fit.quality_variance / 1e4 == pytest.approx((11.24167 - 1.01944) / 4, abs=1e-4)
    assert found.fit.severity_variance / 1e4 == pytest.approx((32.48611 - 1.01944) / 6, abs=1e-4)
    # means 6.00 3.00 6.50 4.00 7.50 4.75 are drawn to 5.2917 by the reliability 1 - EMS/BMS = .90932
    drawn = {p.proposal: p.calibrated for p in found.proposals}
    assert [drawn[n] for n in range(6)] == [594, 321, 639, 412, 730, 480]
    assert [p.proposal for p in found.proposals] == [4, 2, 0, 5, 3, 1]
    # judges' means 7.6667 2.5 4.3333 6.6667 less 5.2917
    assert found.fit.severity == pytest.approx([237.5, -279.17, -95.83, 137.5], abs=0.01)
    assert [r.reviewer for r in found.reviewers] == [1, 2, 3, 0]


@few
@given(designs(), st.data())
def test_a_constant_added_to_one_reviewer_changes_no_order(pairs: list[tuple[int, int]], data: Any) -> None:
    some = [Rating(p, r, data.draw(SCORE)) for p, r in pairs]
    who, constant = data.draw(st.sampled_from(pairs))[1], data.draw(st.integers(-10000, 10000))
    moved = [Rating(r.proposal, r.reviewer, r.score + constant * (r.reviewer == who)) for r in some]
    before, after = calibrate(some), calibrate(moved)
    if isinstance(before, Refusal):
        assert after == before
        return
    assert isinstance(after, Calibration)
    assert [(p.proposal, p.rank) for p in sorted(before.proposals, key=lambda p: p.proposal)] == [
        (p.proposal, p.rank) for p in sorted(after.proposals, key=lambda p: p.proposal)
    ]
    assert (before.fit.quality == after.fit.quality).all()
    people = len(before.reviewers)
    shift = {p.proposal: p.calibrated for p in before.proposals}
    assert all(abs(p.calibrated - shift[p.proposal] - constant / people) <= 1 for p in after.proposals)
    assert after.noise_spread == before.noise_spread


@few
@given(designs(), st.data())
def test_identical_reviewers_reproduce_the_raw_means(pairs: list[tuple[int, int]], data: Any) -> None:
    quality = {p: data.draw(SCORE) for p, _ in pairs}
    found = calibrate([Rating(p, r, quality[p]) for p, r in pairs])
    assume(not isinstance(found, Refusal))
    assert isinstance(found, Calibration)
    assert all(p.calibrated == p.raw == quality[p.proposal] == p.low == p.high for p in found.proposals)
    assert all(p.rank == p.raw_rank for p in found.proposals)
    assert all(r.severity == 0 for r in found.reviewers)
    assert (found.noise_spread, found.severity_spread) == (0, 0)


@few
@given(designs(), st.data())
def test_reviewers_who_differ_by_severity_alone_are_seen_through(
    pairs: list[tuple[int, int]], data: Any
) -> None:
    quality = {p: data.draw(SCORE) for p, _ in pairs}
    level = {r: data.draw(st.integers(-2000, 2000)) for _, r in pairs}
    found = calibrate([Rating(p, r, quality[p] + level[r]) for p, r in pairs])
    assume(not isinstance(found, Refusal))
    assert isinstance(found, Calibration)
    mean = sum(level.values()) / len(level)
    assert all(abs(p.calibrated - quality[p.proposal] - mean) <= 0.5001 for p in found.proposals)
    assert all(abs(r.severity - level[r.reviewer] + mean) <= 0.5001 for r in found.reviewers)


@few
@given(designs(), st.data())
def test_the_order_of_the_scores_says_nothing(pairs: list[tuple[int, int]], data: Any) -> None:
    some = [Rating(p, r, data.draw(SCORE)) for p, r in pairs]
    one, other = calibrate(some), calibrate(data.draw(st.permutations(some)))
    if isinstance(one, Refusal):
        assert one == other
    else:
        assert isinstance(other, Calibration)
        assert (one.proposals, one.reviewers) == (other.proposals, other.reviewers)


def test_equal_proposals_share_a_rank() -> None:
    table = {p: {0: 7000 + 100 * p, 1: 7100 + 100 * p, 2: 6950 + 100 * p} for p in range(4)}
    table[9] = dict(table[3])
    found = calibrated(ratings(table))
    assert [(p.proposal, p.rank, p.raw_rank) for p in found.proposals] == [
        (3, 1, 1), (9, 1, 1), (2, 3, 3), (1, 4, 4), (0, 5, 5),
    ]  # fmt: skip


def test_what_is_drawn_has_the_mean_and_covariance() -> None:
    posterior = calibrated(simulate(3)).posterior
    drawn = posterior.draw(40_000, seed=1)
    assert np.allclose(drawn.mean(axis=0), posterior.mean, atol=15)
    covariance = np.diag(posterior.own) + posterior.factors @ posterior.factors.T
    assert np.allclose(np.cov(drawn.T), covariance, atol=0.03 * covariance.max())
    assert (drawn == posterior.draw(40_000, seed=1)).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = total = 0
    for seed in range(30):
        dice = np.random.default_rng(seed)
        quality, level = dice.normal(6000, 1000, 60), dice.normal(0, 800, 10)
        some = [
            Rating(i, int(j), round(quality[i] + level[j] + dice.normal(0, 700)))
            for i in range(60)
            for j in dice.choice(10, 3, replace=False)
        ]
        for p in calibrated(some).proposals:
            held += p.low <= quality[p.proposal] + level.mean() <= p.high
            total += 1
    assert 0.935 <= held / total <= 0.965


def grounds(some: list[Rating]) -> list[Ground]:
    found = calibrate(some)
    assert isinstance(found, Refusal)
    return [reason.ground for reason in found.reasons]


def test_refused_without_reviews() -> None:
    assert grounds([]) == [Ground.EMPTY]


def test_refused_where_groups_share_nothing() -> None:
    one = {p: {0: 7000, 1: 6000, 2: 6500} for p in range(4)}
    other = {p: {5: 7000, 6: 6000, 7: 6500} for p in range(10, 13)}
    found = calibrate(ratings(one | other))
    assert isinstance(found, Refusal)
    (reason,) = found.reasons
    assert reason.ground is Ground.DISCONNECTED
    assert [(g.reviewers, g.proposals) for g in reason.groups] == [
        ((0, 1, 2), (0, 1, 2, 3)),
        ((5, 6, 7), (10, 11, 12)),
    ]
    assert "2 groups" in reason.words.en
    assert "1 more review " in reason.remedy.en
    bridge = [*ratings(one | other), Rating(0, 5, 7100)]
    assert not isinstance(judge_design(bridge), Refusal)
    assert len(find_groups(bridge)) == 1


def test_refused_where_most_proposals_have_one_review() -> None:
    table = {p: {p % 2: 5000 + p} for p in range(8)} | {p: {0: 6000, 1: 6100} for p in range(8, 15)}
    assert grounds(ratings(table)) == [Ground.SINGLE]
    table[20] = {0: 6000, 1: 6200}
    assert judge_design(ratings(table)) is None


def test_refused_where_a_reviewer_has_too_few_scores_and_names_them() -> None:
    table = {p: {0: 7000 + p, 1: 6000 - 7 * p} for p in range(5)}
    table[0][2] = table[1][2] = 6400
    found = calibrate(ratings(table))
    assert isinstance(found, Refusal)
    (reason,) = found.reasons
    assert (reason.ground, reason.reviewers) == (Ground.FEW_SCORES, (2,))
    table[2][2] = 6400
    assert judge_design(ratings(table)) is None


def test_refused_without_degrees_of_freedom() -> None:
    # a tree: seven scores of five proposals by three reviewers are as many as the values to estimate
    tree = {0: {0: 10, 1: 20}, 1: {1: 30, 2: 40}, 2: {0: 50}, 3: {1: 70}, 4: {2: 80}}
    assert grounds(ratings(tree)) == [Ground.SINGLE, Ground.FEW_SCORES, Ground.NO_FREEDOM]
    tree[2][1] = 60
    assert Ground.NO_FREEDOM not in grounds(ratings(tree))


def test_refused_where_scores_do_not_tell_quality_from_noise() -> None:
    table = {p: {0: 7000 if p % 2 else 3000, 1: 3000 if p % 2 else 7000, 2: 5000} for p in range(8)}
    assert grounds(ratings(table)) == [Ground.NO_SIGNAL]


def test_two_scores_of_one_pair_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="two scores"):
        calibrate([Rating(1, 1, 100), Rating(1, 1, 200)])
