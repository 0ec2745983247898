"""What is late, what may be paid after the year's end, and two people's cells brought together: rules without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.kernel.text import Text
from app.monitoring.duties import Duty
from app.monitoring.facts import Ground, MoneyReport, MoneyRow
from app.monitoring.periods import ReportKind
from app.monitoring.reporting import list_report_problems
from app.monitoring.typed_reports import merge_cells
from tests.proposals.earlier import LAST_YEAR
from tests.world import NOW


@pytest.mark.parametrize(("paid", "places"), [(40_00, []), (40_01, ["disbursed"])])
def test_what_is_paid_after_the_year_s_end_was_carried_over(paid: int, places: list[str]) -> None:
    key = ("1", "capital")
    ground = Ground(
        LAST_YEAR, "alpha", {"1": Text("ก", "A")}, {key: 500_00}, {key: 400_00}, {key: 200_00},
        carried={key: 100_00}, after_year={key: 60_00}, period=15,
    )  # fmt: skip
    problems = list_report_problems(MoneyReport((MoneyRow(*key, 0, paid),)), ground)
    assert [p.place.rsplit("-", 1)[-1] for p in problems] == places
    within = replace(ground, period=12)  # the same in the year itself is no matter of what was carried over
    assert list_report_problems(MoneyReport((MoneyRow(*key, 0, paid),)), within) == []


@pytest.mark.parametrize(
    ("state", "signed", "late"),
    [
        ("missing", False, True),
        ("sent", False, True),
        ("returned", False, True),
        ("returned", True, False),
        ("draft", True, False),
        ("signed", True, False),
        ("accepted", True, False),
    ],
)
def test_being_late_is_a_matter_of_the_first_time_it_was_handed_in(
    state: str, signed: bool, late: bool
) -> None:
    first = NOW if signed else None
    duty = Duty(
        1,
        LAST_YEAR,
        1,
        Text("ก", "A"),
        ReportKind.MONEY,
        1,
        NOW,
        NOW,
        state,
        record_id=1,
        first_signed_at=first,
    )
    assert duty.is_late(NOW) is late


def test_two_people_s_cells_are_brought_together() -> None:
    base = {"a": "1", "b": "1", "c": "1", "d": "1"}
    mine = {"a": "2", "b": "1", "c": "3", "e": "5"}  # a changed, c changed, d emptied, e new
    theirs = {"a": "1", "b": "4", "c": "6", "d": "1"}  # b changed, c changed otherwise
    assert merge_cells(base, mine, theirs) == ({"a": "2", "b": "4", "c": "3", "e": "5"}, ("c",))
    assert merge_cells(base, theirs, theirs) == (theirs, ())
