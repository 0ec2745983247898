"""Early warnings: by the usual, by pace, refused, and held against the outcome; figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figures.monitoring_words import tell_evidence, tell_forecast
from app.figures.pen import Pen
from app.monitoring.warning import (
    LITTLE_DUE,
    NO_PLAN,
    OVER,
    TOO_EARLY,
    Case,
    CategoryYear,
    Profile,
    Replay,
    Verdict,
    forecast,
    is_missed,
    profile_of,
    replay_of,
    track_record,
)

# half of 1,000 was due by March and 400 are paid; the group paid 90 % of what was due
CASE = Case(6, 400, 500, 1000, 1000, (("capital", 1000, 400),), 900, 1000)
# an earlier year paid a fifth of its money by March and nine tenths by September
EARLIER = profile_of([CategoryYear(2566, "capital", 100, (0, 0, 0, 0, 10, 20, 30, 40, 50, 60, 70, 90))])


def test_by_pace_without_an_earlier_year() -> None:
    told = forecast(CASE, Profile())
    # pace (400 + 250 x 0.9) / (500 + 250) = 625/750; 400 + 500 x 5/6, rounded down
    assert Fraction(*(told.drawn or (0, 1))) == Fraction(5, 6)
    assert (told.amount, told.by_usual, told.naive) == (816, None, 800)
    # own pace 800, group's 850; a tenth of the 600 left either way
    assert (told.low, told.high, told.shortfall) == (740, 910, 184)
    assert told.warns(950)
    assert told.is_sure(950)
    assert not told.warns(810)
    assert (told.monthly(950), told.so_far) == (92, 66)  # 550 more in six months


def test_by_the_usual_with_an_earlier_year() -> None:
    told = forecast(CASE, EARLIER)
    # usually 200 by now and 900 at the end: 900 x (400 + 90) / (200 + 90) = 1520, held at what may be spent
    assert (told.usual, told.amount, told.years) == ((200, 900), 1000, (2566,))
    assert not told.warns(950)
    slow = forecast(replace(CASE, spent=100, by_category=(("capital", 1000, 100),)), EARLIER)
    assert slow.amount == 900 * (10 * 100 + 900) // (10 * 200 + 900) == 589
    other = forecast(replace(CASE, by_category=(("other", 1000, 400),)), EARLIER)
    assert (other.amount, other.usual) == (816, None)  # nobody knows that category: by pace


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (replace(CASE, month=2), TOO_EARLY),
        (replace(CASE, month=12), OVER),
        (replace(CASE, planned_year=0, planned=0), NO_PLAN),
        (replace(CASE, planned=49), LITTLE_DUE),
    ],
)
def test_it_refuses_to_say_what_it_cannot_know(case: Case, why: object) -> None:
    told = forecast(case, EARLIER)
    assert (told.refusal, told.amount, told.shortfall) == (why, None, 0)
    assert not told.warns(1000)
    assert replay_of(told, 2567, "1", 0, 950) is None
    assert tell_forecast(told, 950, Pen("en"))
    assert tell_evidence(told, 950, Pen("th")) == []


@given(
    st.integers(3, 11),
    st.integers(0, 10**12),
    st.integers(1, 10**12),
    st.integers(0, 10**12),
    st.integers(0, 10**13),
    st.integers(0, 10**13),
)
def test_every_forecast_lies_between_what_is_paid_and_what_may_be(
    month: int, spent: int, planned: int, more: int, group_spent: int, group_planned: int
) -> None:
    available = max(spent, planned + more)
    case = Case(
        month,
        spent,
        planned,
        planned + more,
        available,
        (("capital", available, spent),),
        group_spent,
        group_planned,
    )
    for profile in (Profile(), EARLIER):
        told = forecast(case, profile)
        if told.amount is not None:
            assert told.low is not None
            assert told.high is not None
            assert told.naive is not None
            assert spent <= told.low <= told.amount <= told.high <= available
            assert spent <= told.naive <= available
            assert tell_evidence(told, 950, Pen("en"))


@pytest.mark.parametrize(("spent", "missed"), [(949, True), (950, False), (951, False)])
def test_a_year_that_ends_at_the_green_is_not_missed(spent: int, missed: bool) -> None:
    assert is_missed(spent, 1000, 950) is missed


def replay(amount: int, naive: int, outcome: int) -> Replay:
    return Replay(2567, "1", 6, 1000, amount, amount - 50, amount + 50, naive, outcome, 950)


def test_the_track_record_counts_what_was_said_and_what_came() -> None:
    found = track_record(
        [replay(900, 500, 920), replay(900, 960, 990), replay(960, 500, 900), replay(980, 980, 980)]
    )
    assert found.verdicts == {Verdict.HIT: 1, Verdict.FALSE_ALARM: 1, Verdict.MISS: 1, Verdict.QUIET: 1}
    assert found.naive_verdicts == {Verdict.HIT: 2, Verdict.FALSE_ALARM: 0, Verdict.MISS: 0, Verdict.QUIET: 2}
    assert (found.within, found.median_error, found.naive_median_error) == (2, 20, 30)
    assert found.skill == 1 - Fraction(20 + 90 + 60 + 0, 420 + 30 + 400 + 0)
    assert track_record([]).skill is None
