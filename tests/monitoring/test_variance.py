"""Earned schedule, lights, attainment and what could be returned: decision tables with figures worked out by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.monitoring.attainment import NO_TARGET, NOT_A_NUMBER, NOT_MEASURED, attain, share_reached
from app.monitoring.curves import curve_of
from app.monitoring.facts import Aim, Milestone, PlannedIndicator, ReportingRules
from app.monitoring.lights import Light, Measure, judge, rule_in_words
from app.monitoring.returning import Reason, Returnable, could_return
from app.monitoring.schedule import NO_PLAN, NOT_BEGUN, NOTHING_DUE, earned_schedule
from app.monitoring.standings import Scheme, work_done

EVEN = [10, 20, 30, 40, 50, 60]
GAP = [0, 20, 20, 20, 40, 40]


@pytest.mark.parametrize(
    ("planned", "earned", "es", "spi"),
    [
        (EVEN, [10, 20, 30], 3, 1),
        (EVEN, [5, 10, 15], Fraction(3, 2), Fraction(1, 2)),  # half the pace: 1.5 months of the plan in 3
        (EVEN, [10, 24], Fraction(12, 5), Fraction(6, 5)),  # 2 + 4/10
        (EVEN, [0, 0], 0, 0),
        # the plan stands still from month 2 to 4: whoever did what was due is neither ahead nor behind
        (GAP, [0, 20, 20], 3, 1),
        (GAP, [0, 10, 10], Fraction(3, 2), Fraction(1, 2)),
        (GAP, [0, 20, 25], Fraction(17, 4), Fraction(17, 12)),
        # finished: early, in time, late; what comes after changes nothing
        (EVEN, [20, 60, 60, 60], 6, 3),
        (EVEN, [10, 20, 30, 40, 50, 60, 60], 6, 1),
        (EVEN, [0, 0, 0, 0, 0, 0, 0, 60, 60], 6, Fraction(3, 4)),
        (EVEN, [0, 99], 6, 3),  # more than the plan is the plan
    ],
)
def test_earned_schedule(planned: list[int], earned: list[int], es: Fraction, spi: Fraction) -> None:
    found = earned_schedule(planned, earned)
    assert (found.es, found.spi) == (es, spi)
    assert found.sv == found.es - found.at


@pytest.mark.parametrize(
    ("planned", "earned", "why"),
    [([], [1], NO_PLAN), ([0, 0], [0], NO_PLAN), (EVEN, [], NOT_BEGUN), (GAP, [0], NOTHING_DUE)],
)
def test_what_is_undefined_says_so(planned: list[int], earned: list[int], why: object) -> None:
    found = earned_schedule(planned, earned)
    assert (found.es, found.spi, found.sv, found.why) == (None, None, None, why)


@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=24), st.lists(st.integers(0, 10**12), max_size=24)
)
def test_more_earned_is_never_earlier_in_the_plan(planned: list[int], earned: list[int]) -> None:
    planned, earned = sorted(planned), sorted(earned)
    less, more = earned_schedule(planned, earned), earned_schedule(planned, [e + 1 for e in earned])
    if less.es is not None and more.es is not None and less.at == more.at == len(earned):
        assert less.es <= more.es <= len(planned)


def test_milestones_are_earned_by_weight_and_quarter() -> None:
    scheme = Scheme(
        (
            Milestone(1, "alpha", "ก", date(2023, 12, 31), 30),
            Milestone(2, "alpha", "ข", date(2024, 3, 15), 70),
        )
    )
    percents = {(1, 1): 50, (1, 2): 100, (2, 2): 40}
    found = work_done(scheme, percents, 2567, 6, ReportingRules())
    # due by March: all; done: 30 x 100 % + 70 x 40 %
    assert (found.due, found.done, found.done_of_due) == (10_000, 5_800, 5_800)
    assert (found.judged.light, found.judged.share) == (Light.RED, 580)
    # 58 % was planned between months 5 (30 %) and 6 (100 %): 5 + 28/70
    assert found.schedule.es == Fraction(27, 5)
    first = work_done(scheme, percents, 2567, 2, ReportingRules())
    assert (first.due, first.judged.light, first.schedule.why) == (0, Light.NONE, NOTHING_DUE)


def test_milestones_are_judged_at_the_last_quarter_that_was_told_of() -> None:
    scheme = Scheme(
        (
            Milestone(1, "alpha", "ก", date(2023, 12, 31), 30),
            Milestone(2, "alpha", "ข", date(2024, 4, 15), 70),  # month 7
        )
    )
    percents = {(1, 1): 100, (1, 2): 100}
    # nobody could have told of April before the end of June: month 8 is judged as month 6 was
    march = work_done(scheme, percents, 2567, 6, ReportingRules())
    may = work_done(scheme, percents, 2567, 8, ReportingRules())
    assert (may.due, may.done, may.judged.light) == (3_000, 3_000, Light.GREEN)
    assert (may.schedule.at, may.schedule.spi, march) == (6, 1, may)
    june = work_done(scheme, percents, 2567, 9, ReportingRules())
    assert (june.due, june.judged.share) == (10_000, 300)
    # what was accepted up to is what is judged: the quarter after is not known, not undone
    assert work_done(scheme, percents, 2567, 9, ReportingRules(), told=2) == march
    nothing = work_done(scheme, {}, 2567, 9, ReportingRules(), told=0)
    assert (nothing.judged.light, nothing.due, nothing.schedule.why) == (Light.NONE, 0, NOT_BEGUN)


@pytest.mark.parametrize(
    ("done", "due", "light", "share"),
    [
        (950, 1000, Light.GREEN, 950),
        (949, 1000, Light.AMBER, 949),
        (800, 1000, Light.AMBER, 800),
        (799, 1000, Light.RED, 799),
        (9499, 10_000, Light.AMBER, 949),  # rounded down: never greener than it is
        (0, 1000, Light.RED, 0),
        (2000, 1000, Light.GREEN, 2000),
        (0, 0, Light.NONE, None),
        (500, 0, Light.NONE, None),
    ],
)
def test_lights(done: int, due: int, light: Light, share: int | None) -> None:
    judged = judge(done, due, ReportingRules())
    assert (judged.light, judged.share) == (light, share)
    words = rule_in_words(Measure.MONEY, ReportingRules(green=955))
    assert "95.5" in words.th
    assert "80 %" in words.en


@pytest.mark.parametrize(
    ("result", "target", "baseline", "aim", "share"),
    [
        ("80", "100", "", Aim.UP, Fraction(4, 5)),
        ("80", "100", "60", Aim.UP, Fraction(1, 2)),
        ("50", "100", "60", Aim.UP, Fraction(-1, 4)),
        ("120", "100", "60", Aim.UP, Fraction(3, 2)),
        ("4", "2", "6", Aim.DOWN, Fraction(1, 2)),
        ("2", "2", "6", Aim.DOWN, Fraction(1)),
        ("4", "2", "", Aim.DOWN, Fraction(1, 2)),
        ("1", "2", "", Aim.DOWN, Fraction(2)),
        ("100", "100", "100", Aim.UP, Fraction(1)),  # to be kept, and kept
        ("99", "100", "100", Aim.UP, Fraction(99, 100)),
        ("0", "0", "", Aim.DOWN, Fraction(1)),
        ("1", "0", "", Aim.DOWN, None),
        ("0.5", "ผ่านเกณฑ์", "", Aim.UP, None),
        ("", "5", "", Aim.UP, None),
    ],
)
def test_attainment_follows_the_direction(
    result: str, target: str, baseline: str, aim: Aim, share: Fraction | None
) -> None:
    assert share_reached(result, target, baseline, aim) == share


def test_attainment_by_quarter() -> None:
    indicator = PlannedIndicator(1, "alpha", "บริการ", "บริการ", "0", "12", Aim.UP, ("", "6", "", "12"))
    assert attain(indicator, {1: "3"}, 1).why is NO_TARGET
    assert attain(indicator, {1: "3"}, 2).why is NOT_MEASURED
    assert attain(indicator, {1: "3"}, 2).is_due
    half = attain(indicator, {2: "3"}, 3)
    assert (half.target, half.share, half.year_share) == ("6", Fraction(1, 2), Fraction(1, 4))
    assert attain(indicator, {2: "3", 3: "6"}, 3).is_reached
    words = PlannedIndicator(1, "alpha", "ก", "", "", "ผ่าน", Aim.UP, ("", "", "", "x"))
    assert attain(words, {4: "1"}, 4).why is NOT_A_NUMBER
    assert not attain(words, {4: "1"}, 4).is_due


@pytest.mark.parametrize(
    ("committed", "spent", "upper", "month", "found"),
    [
        (40, 30, 90, 6, Returnable(10, Reason.FORECAST)),
        (40, 30, 100, 6, None),
        (40, 30, 100, 9, Returnable(60, Reason.UNBOUND)),
        (95, 30, 70, 9, Returnable(30, Reason.FORECAST)),
        (100, 30, None, 9, None),
        (100, 80, None, 12, Returnable(20, Reason.LEFT)),
        (100, 100, None, 12, None),
    ],
)
def test_money_that_could_be_returned(
    committed: int, spent: int, upper: int | None, month: int, found: Returnable | None
) -> None:
    assert could_return(100, committed, spent, upper, month) == found


def test_what_an_ended_project_left_could_be_returned() -> None:
    assert could_return(100, 100, 40, None, 5, is_ended=True) == Returnable(60, Reason.ENDED)
    assert could_return(100, 100, 100, None, 5, is_ended=True) is None


def test_a_curve_ends_where_reports_end() -> None:
    months = [10] * 12 + [0] * 12
    curve = curve_of(months, months, months, 3)
    assert [p.spent for p in curve.points][:5] == [10, 20, 30, None, None]
    assert (len(curve.points), curve.planned_year, curve.points[-1].planned) == (12, 120, 120)
    later = [10] * 12 + [5] + [0] * 11
    assert len(curve_of(later, months, months, 3).points) == 13
