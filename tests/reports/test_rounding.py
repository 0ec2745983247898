"""The rule of rounding: every figure by itself, every column adds up, whole hundreds of baht as they are."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.rounding import as_printed, half_up, rounding_difference, running_sums
from reports.thai import cell_text

STEP = 10_000
amounts = st.one_of(
    st.integers(-(10**13), 10**13),
    st.integers(-(10**9), 10**9).map(lambda n: n * STEP),
    st.integers(-(10**9), 10**9).map(lambda n: n * STEP + STEP // 2),
)
columns = st.lists(st.none() | amounts, max_size=40)


@pytest.mark.parametrize(
    ("value", "step", "steps"),
    [(0, 10, 0), (4, 10, 0), (5, 10, 1), (-4, 10, 0), (-5, 10, -1), (15, 10, 2), (-15, 10, -2), (7, 1, 7)],
)
def test_half_goes_away_from_zero(value: int, step: int, steps: int) -> None:
    assert half_up(value, step) == steps


@given(amounts)
def test_a_figure_is_the_nearest_step_and_the_same_for_less_and_more(value: int) -> None:
    printed = as_printed(value)
    assert printed % STEP == 0
    assert abs(printed - value) <= STEP // 2
    assert as_printed(-value) == -printed
    assert as_printed(printed) == printed
    assert cell_text(printed, "million", "th") == cell_text(value, "million", "th")


@given(columns)
def test_what_is_printed_adds_up_to_the_total_as_printed(values: list[int | None]) -> None:
    exact = sum(value or 0 for value in values)
    difference = rounding_difference(values)
    assert sum(as_printed(value or 0) for value in values) + difference == as_printed(exact)
    assert difference % STEP == 0
    filled = sum(value is not None for value in values)
    assert abs(difference) <= (filled + 1) * STEP // 2
    assert rounding_difference([-value if value else value for value in values]) == -difference


@given(columns)
def test_the_order_of_the_rows_changes_no_figure(values: list[int | None]) -> None:
    assert rounding_difference(reversed(values)) == rounding_difference(values)


@given(columns)
def test_carried_totals_are_sums_of_what_is_printed(values: list[int | None]) -> None:
    running = running_sums(values)
    assert running[0] == 0
    assert [after - before for before, after in pairwise(running)] == [as_printed(v or 0) for v in values]
    exact = sum(value or 0 for value in values)
    assert running[-1] + rounding_difference(values) == as_printed(exact)


@given(st.lists(st.integers(-(10**9), 10**9).map(lambda n: n * STEP), max_size=40))
def test_whole_hundreds_of_baht_need_no_rounding(values: list[int]) -> None:
    assert rounding_difference(values) == 0
    assert [as_printed(value) for value in values] == values
    assert running_sums(values) == [0, *accumulate(values)]


@given(columns, st.sampled_from(["money", "int", "score", "percent"]))
def test_what_is_printed_in_full_is_never_rounded(values: list[int | None], kind: str) -> None:
    assert rounding_difference(values, kind) == 0
    assert running_sums(values, kind) == [0, *accumulate(value or 0 for value in values)]
