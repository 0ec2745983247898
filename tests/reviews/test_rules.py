"""Totals, means and spreads against exact statistics; what a review lacks."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calls.facts import Rubric
from app.calls.rules import read_rubric
from app.reviews.facts import LEVELS, Panel, Score
from app.reviews.rules import (
    list_unscored,
    mean,
    mean_hundredths,
    spread_hundredths,
    weighted_total,
)
from tests.world import read_data

RUBRIC: Rubric = read_rubric(read_data("rubric-2567.toml"))
CODES = [c.code for c in RUBRIC.criteria]
MODEST = settings(max_examples=60, deadline=None)
HUNDREDTHS = 10_000  # of a full 100 points
TOTALS = st.lists(st.integers(0, HUNDREDTHS), min_size=1, max_size=7)
ENOUGH = "ก" * RUBRIC.comment_length


def all_at(level: int | None, comment: str = "") -> dict[str, Score]:
    return {code: Score(level, comment) for code in CODES}


def panel(totals: list[int]) -> Panel:
    return Panel(len(totals), sum(totals), sum(t * t for t in totals))


@pytest.mark.parametrize(("level", "total"), [(0, 0), (1, 2_500), (2, 5_000), (3, 7_500), (4, 10_000)])
def test_the_same_level_everywhere(level: int, total: int) -> None:
    assert weighted_total(all_at(level), RUBRIC) == total


@MODEST
@given(st.lists(st.sampled_from(LEVELS), min_size=len(CODES), max_size=len(CODES)))
def test_the_total_is_the_exact_weighted_sum(levels: list[int]) -> None:
    scores = {code: Score(level, "") for code, level in zip(CODES, levels, strict=True)}
    exact = sum(Fraction(c.weight * scores[c.code].level * 100, 4) for c in RUBRIC.criteria)  # type: ignore[operator]
    assert weighted_total(scores, RUBRIC) == exact
    assert 0 <= exact <= HUNDREDTHS


@MODEST
@given(st.sampled_from(CODES), st.integers(0, 3))
def test_a_better_level_never_gives_a_lower_total(code: str, level: int) -> None:
    lower, higher = all_at(2), all_at(2)
    lower[code], higher[code] = Score(level, ""), Score(level + 1, "")
    assert weighted_total(lower, RUBRIC) < weighted_total(higher, RUBRIC)


def test_an_unfinished_review_has_no_total() -> None:
    with pytest.raises(KeyError):
        weighted_total({}, RUBRIC)
    with pytest.raises(TypeError):
        weighted_total(all_at(None), RUBRIC)


@MODEST
@given(TOTALS)
def test_mean_is_exact_and_printed_rounded_half_up(totals: list[int]) -> None:
    exact = Fraction(sum(totals), len(totals))
    assert mean(panel(totals)) == exact
    assert mean_hundredths(panel(totals)) == (exact + Fraction(1, 2)).__floor__()


@MODEST
@given(TOTALS.filter(lambda totals: len(totals) > 1))
def test_spread_is_the_sample_standard_deviation_rounded_half_up(totals: list[int]) -> None:
    average = Fraction(sum(totals), len(totals))
    variance = sum((t - average) ** 2 for t in totals) / (len(totals) - 1)
    with localcontext() as context:
        context.prec = 60
        exact = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
        assert spread_hundredths(panel(totals)) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


# totals -> mean, spread, by hand
STATISTICS = [
    ([], None, None),
    ([7_500], 7_500, None),
    ([0, 0], 0, 0),
    ([0, 1], 1, 1),  # mean 0.5 rounds up; spread 0.7071
    ([0, 10_000], 5_000, 7_071),
    ([1, 2, 3], 2, 1),
    ([7_000, 8_000, 9_000], 8_000, 1_000),
    ([10_000] * 20, 10_000, 0),
]


@pytest.mark.parametrize(("totals", "average", "spread"), STATISTICS)
def test_statistics_by_hand(totals: list[int], average: int | None, spread: int | None) -> None:
    assert mean_hundredths(panel(totals)) == average
    assert spread_hundredths(panel(totals)) == spread
    assert (mean(panel(totals)) is None) is (average is None)


def one(level: int | None, comment: str = "") -> dict[str, Score]:
    return all_at(2) | {CODES[0]: Score(level, comment)}


LACKING: list[tuple[dict[str, Score], list[str]]] = [
    (all_at(2), []),
    (all_at(1), []),
    (all_at(3), []),
    (one(None), [f"score-{CODES[0]}"]),
    (one(None, ENOUGH), [f"score-{CODES[0]}"]),
    (one(0), [f"comment-{CODES[0]}"]),
    (one(4), [f"comment-{CODES[0]}"]),
    (one(4, ENOUGH[1:]), [f"comment-{CODES[0]}"]),
    (one(4, f"  {ENOUGH[1:]}  "), [f"comment-{CODES[0]}"]),
    (one(0, ENOUGH), []),
    (one(4, ENOUGH), []),
    ({}, [f"score-{code}" for code in CODES]),
    (all_at(4), [f"comment-{code}" for code in CODES]),
]


@pytest.mark.parametrize(("scores", "places"), LACKING)
def test_what_a_review_lacks(scores: dict[str, Score], places: list[str]) -> None:
    assert [p.place for p in list_unscored(scores, RUBRIC)] == places


def test_the_levels_that_need_a_comment_are_the_rubrics_own() -> None:
    strict = replace(RUBRIC, comment_levels=frozenset({2}), comment_length=1)
    assert [p.place for p in list_unscored(all_at(2), strict)] == [f"comment-{code}" for code in CODES]
    assert list_unscored(all_at(4), strict) == []
