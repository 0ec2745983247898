"""Agreement of reviewers: the textbook's table, other ways to the same figure, and where nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest

from app.reviews.agreement import Agreement, Grade, grade_of, measure_agreement
from app.reviews.design import Ground, Rating, Refusal
from tests.reviews.panels import shrout_fleiss, simulate


def measured(some: list[Rating]) -> Agreement:
    found = measure_agreement(some)
    assert isinstance(found, Agreement), found
    return found


def test_table_of_shrout_and_fleiss() -> None:
    """ICC(2,1) = .29 and ICC(2,k) = .62 in their table 4."""
    found = measured(shrout_fleiss())
    assert (found.single, found.mean, found.reviews) == (290, 620, 4)
    assert (found.single_grade, found.mean_grade) == (Grade.POOR, Grade.GOOD)
    assert found.single + found.severity + found.noise in (999, 1000, 1001)


@pytest.mark.parametrize("seed", range(5))
def test_balanced_panels_agree_with_the_analysis_of_variance(seed: int) -> None:
    """McGraw & Wong: (MSR - MSE) / (MSR + (k - 1) MSE + k (MSC - MSE) / n), while no variance is below nothing."""
    n, k = 12, 4
    some = simulate(seed, proposals=n, reviewers=k, each=k)
    table = np.zeros((n, k))
    for r in some:
        table[r.proposal, r.reviewer] = r.score
    grand = table.mean()
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    msr = k * ((rows - grand) ** 2).sum() / (n - 1)
    msc = n * ((columns - grand) ** 2).sum() / (k - 1)
    mse = ((table - rows[:, None] - columns + grand) ** 2).sum() / ((n - 1) * (k - 1))
    assert msr > mse
    assert msc > mse
    found = measured(some)
    assert found.single == pytest.approx(
        1000 * (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n), abs=1
    )
    assert found.mean == pytest.approx(1000 * (msr - mse) / (msr + (msc - mse) / n), abs=1)


def test_unbalanced_panels_come_near_the_truth() -> None:
    """Quality 10, severity 9, noise 6 points: 100 / (100 + 81 + 36) = .461 of a score is quality."""
    found = [
        measured(simulate(seed, proposals=150, reviewers=25, each=3, severity=900, noise=600))
        for seed in range(12)
    ]
    assert np.mean([a.single for a in found]) == pytest.approx(461, abs=40)
    assert np.mean([a.mean for a in found]) == pytest.approx(1000 * 100 / (100 + 117 / 3), abs=40)
    assert {a.reviews for a in found} == {3}


def test_reviewers_who_always_agree() -> None:
    found = measured([Rating(p, r, 1000 * p) for p in range(5) for r in range(3)])
    assert (found.single, found.mean, found.severity, found.noise) == (1000, 1000, 0, 0)


def test_severity_counts_as_disagreement() -> None:
    found = measured([Rating(p, r, 1000 * p + 3000 * r) for p in range(5) for r in range(3)])
    assert found.noise == 0
    assert found.severity > 700
    assert found.single == 1000 - found.severity


def test_nothing_to_agree_on_is_refused() -> None:
    found = measure_agreement([Rating(p, r, 300) for p in range(5) for r in range(3)])
    assert isinstance(found, Refusal)
    assert [reason.ground for reason in found.reasons] == [Ground.NO_VARIANCE]


def test_refused_where_scores_cannot_be_compared() -> None:
    groups = [Rating(p, r, 100 * p + r) for p in range(4) for r in (0, 1)]
    groups += [Rating(p, r, 100 * p + r) for p in range(4, 8) for r in (2, 3)]
    found = measure_agreement(groups)
    assert isinstance(found, Refusal)
    assert [reason.ground for reason in found.reasons] == [Ground.DISCONNECTED]


@pytest.mark.parametrize(
    ("per_mille", "grade"),
    [
        (0, Grade.POOR), (399, Grade.POOR), (400, Grade.FAIR), (599, Grade.FAIR),
        (600, Grade.GOOD), (749, Grade.GOOD), (750, Grade.EXCELLENT), (1000, Grade.EXCELLENT),
    ],
)  # fmt: skip
def test_bands_of_cicchetti(per_mille: int, grade: Grade) -> None:
    assert grade_of(per_mille) is grade
