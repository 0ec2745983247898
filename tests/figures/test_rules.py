"""Adding up, on values written by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from app.calls.facts import Choice
from app.decisions.facts import Verdict
from app.figures.facts import Basis, BudgetRow, Share, Sums
from app.figures.rules import (
    CUT,
    LEFT_OUT,
    TAKEN_FROM_OUTSIDE,
    TAKEN_UNSCORED,
    add_up,
    add_up_agencies,
    add_up_categories,
    basis_of,
    book_lines,
    count_states,
    departures,
    group_by_choices,
    group_by_ministry,
    headline_of,
)
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Entry, Terms
from app.portfolio.reasons import why, why_in_short
from app.reviews.facts import Panel

AT = datetime(2025, 11, 20, tzinfo=UTC)


def entry(n: int, requested: int, score: int | None, *, state: str = "passed", ministry: str = "m1") -> Entry:
    name = Text(f"ท{n}", f"e{n}")
    panel = Panel(0, 0, 0) if score is None else Panel(1, score, score**2)
    return Entry(
        n,
        f"2570-{n:04d}",
        name,
        name,
        Text(ministry, ministry),
        ministry,
        "upstream",
        "1.1",
        state,
        requested,
        AT,
        panel,
    )


ENTRIES = [entry(1, 600, 9000), entry(2, 500, 8000, ministry="m2"), entry(3, 400, 7000), entry(4, 100, None)]


def test_taken_lines_run_up_to_the_ceiling_and_others_have_no_running_sum() -> None:
    lines = book_lines(allocate(ENTRIES, Terms(1000)).lines, {})
    assert [(b.line.standing.value, b.cumulative) for b in lines] == [
        ("in", 600), ("out", None), ("in", 1000), ("unscored", None),
    ]  # fmt: skip


def test_the_headline_counts_what_fits_until_the_first_decision_then_what_is_approved() -> None:
    ranked = allocate(ENTRIES, Terms(1000)).lines
    shares = [Share(1, 10, 1, True), Share(1, 11, 2, False), Share(2, 10, 1, True), Share(3, 10, 1, True)]
    fitting = book_lines(ranked, {})
    assert basis_of(fitting) is Basis.FITTING
    assert headline_of(fitting, shares, Basis.FITTING).total == 1000
    decided = book_lines(ranked, {2: (Verdict.APPROVED, 499), 3: (Verdict.DEFERRED, 0)})
    head = headline_of(decided, shares, basis_of(decided))
    assert (head.basis, head.projects, head.agencies, head.ministries, head.total) == (
        Basis.APPROVED,
        1,
        1,
        1,
        499,
    )
    refused = book_lines(ranked, {1: (Verdict.REJECTED, 0)})
    assert headline_of(refused, shares, basis_of(refused)).total == 0


def test_a_recorded_call_counts_what_was_published() -> None:
    lines = book_lines(
        allocate([entry(1, 5, None, state="recorded"), entry(2, 6, None, state="recorded")], Terms(11)).lines,
        {},
    )
    head = headline_of(lines, [Share(1, 1, 1, True), Share(2, 1, 1, True)], basis_of(lines))
    assert (head.basis, head.projects, head.agencies, head.total) == (Basis.RECORDED, 2, 1, 11)


def test_an_empty_call_adds_up_to_nothing() -> None:
    assert basis_of(()) is Basis.FITTING
    assert add_up(()) == Sums()
    assert headline_of((), (), Basis.FITTING).total == 0
    assert group_by_ministry(()) == ()


def test_groups_hold_every_line_once() -> None:
    lines = book_lines(allocate(ENTRIES, Terms(1000)).lines, {1: (Verdict.APPROVED, 600)})
    total = add_up(lines)
    assert total == Sums(4, 1600, 2, 1000, 1, 600)
    stages = group_by_choices(
        lines, [Choice("upstream", Text("น", "u")), Choice("x", Text("x", "x"))], lambda e: e.stage
    )
    assert [g.sums for g in stages] == [total, Sums()]
    ministries = group_by_ministry(lines)
    assert [g.code for g in ministries] == ["m1", "m2"]
    assert sum(g.sums.requested for g in ministries) == total.requested


def test_departures_name_every_way_a_decision_leaves_the_list() -> None:
    verdicts = {
        1: (Verdict.APPROVED, 599),
        2: (Verdict.CONDITIONAL, 500),
        3: (Verdict.DEFERRED, 0),
        4: (Verdict.APPROVED, 100),
    }
    first, second, third, fourth = book_lines(allocate(ENTRIES, Terms(1000)).lines, verdicts)
    assert departures(first) == (CUT.fill(amount="0.01"),)
    assert departures(second) == (TAKEN_FROM_OUTSIDE,)
    assert departures(third) == (LEFT_OUT,)
    assert departures(fourth) == (TAKEN_UNSCORED,)
    undecided = book_lines(allocate(ENTRIES, Terms(1000)).lines, {})
    assert [departures(b) for b in undecided] == [()] * 4
    followed = book_lines(
        allocate(ENTRIES, Terms(1000)).lines, {1: (Verdict.APPROVED, 600), 2: (Verdict.REJECTED, 0)}
    )
    assert [departures(b) for b in followed] == [()] * 4


def test_why_gives_the_amounts_and_the_tie_rule_in_both_languages() -> None:
    tied = [entry(1, 60_000_000, 9000), entry(2, 50_000_000, 9000)]
    lines = allocate(tied, Terms(100_000_000)).lines
    assert why(lines[0], "th") == "หลังรายการนี้กรอบเหลือ 0.5000 ล้านบาท"
    assert why(lines[1], "en").startswith("0.5000 million baht of the ceiling left, 0.1000 million short")
    assert "smaller amount asked for" in why(lines[1], "en")
    assert "วงเงินที่ขอน้อยกว่า" in why_in_short(lines[1], "th")


def test_counts_leave_drafts_and_recorded_ones_out_of_what_was_filed() -> None:
    counts = count_states(
        {"draft": 7, "passed": 3, "approved": 2, "failed": 4, "questioned": 1, "submitted": 5, "returned": 2,
         "recorded": 6}
    )  # fmt: skip
    assert (
        counts.filed,
        counts.passed,
        counts.failed,
        counts.questioned,
        counts.waiting,
        counts.returned,
        counts.recorded,
    ) == (17, 5, 4, 1, 5, 2, 6)
    parts = (counts.passed, counts.failed, counts.questioned, counts.waiting, counts.returned)
    assert counts.filed == sum(parts)


def row(proposal: int, agency: int, category: str, amount: int, counted: int) -> BudgetRow:
    name = Text("ก", "a")
    return BudgetRow(
        proposal,
        "n",
        1,
        agency,
        name,
        category,
        "i",
        1,
        "u",
        amount,
        amount,
        1,
        2,
        3,
        4,
        amount - 10,
        (5, 0, 0, 6),
        "",
        counted,
    )


def test_categories_and_agencies_add_up_the_same_lines() -> None:
    rows = [row(1, 10, "capital", 100, 100), row(1, 11, "other", 50, 50), row(2, 10, "capital", 30, 0)]
    categories = add_up_categories(rows, [Choice(c, Text(c, c)) for c in ("capital", "other", "personnel")])
    assert [(c.amount, c.q0, c.quarters, c.later, c.counted) for c in categories] == [
        (130, 110, (2, 4, 6, 8, 110), 22, 100),
        (50, 40, (1, 2, 3, 4, 40), 11, 50),
        (0, 0, (0, 0, 0, 0, 0), 0, 0),
    ]
    shares = [Share(1, 10, 1, True), Share(1, 11, 1, False), Share(2, 10, 1, True)]
    names = {n: (Text(f"{n}", f"{n}"), Text("m", "m")) for n in (10, 11)}
    agencies = add_up_agencies(rows, shares, frozenset({1}), names)
    assert [
        (a.agency_id, a.leads, a.projects, a.requested, a.counted_projects, a.counted) for a in agencies
    ] == [
        (10, 2, 2, 130, 1, 100),
        (11, 0, 1, 50, 1, 50),
    ]
