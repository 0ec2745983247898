"""Results of granted projects: who may report them, what is refused, and that every report is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from flask import Flask
from sqlalchemy import select

from app.decisions.facts import Verdict
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused
from app.kernel.work import open_work
from app.proposals.actions import record_results
from app.proposals.facts import Indicator
from app.proposals.models import ProjectResult
from app.proposals.queries import find_results, list_granted, list_reports
from app.proposals.results import (
    AHEAD,
    NEEDS_SOURCE,
    NO_SUCH_INDICATOR,
    REACHED_WITHOUT_RESULT,
    TOO_EARLY,
    TOO_LONG,
    IndicatorResult,
    ProjectResults,
    list_result_problems,
    results_as_json,
    results_from_json,
)
from tests.proposals.earlier import decide, file_earlier, record_earlier
from tests.world import NOW, World, complete_draft, write_draft

TODAY = date(2024, 9, 30)
INDICATORS = (Indicator("จำนวนหน่วยงาน", "หน่วยงาน", "5", "20"), Indicator("ความพึงพอใจ", "ร้อยละ", "", "85"))
REACHED = IndicatorResult.of(1, INDICATORS[0], "22", True)
MISSED = IndicatorResult.of(2, INDICATORS[1], "71.5", False)
GOOD = ProjectResults(TODAY, 1_000_00, 930_00, (REACHED, MISSED), "รายงาน GFMIS")


def last_year(spent: int = 90, **more: object) -> ProjectResults:
    """A report on what `file_earlier` files: fiscal year 2569, one indicator."""
    result = IndicatorResult(1, "จำนวนหน่วยงานที่เชื่อมโยง", "หน่วยงาน", "20", "25", reached=True)
    report = ProjectResults(NOW.date(), 100, spent, (result,), "รายงาน GFMIS")
    return replace(report, **more)  # type: ignore[arg-type]


Change = Callable[[ProjectResults], ProjectResults]
JUDGED: list[tuple[str, Change, list[tuple[str, object]]]] = [
    ("good", lambda r: r, []),
    ("nothing spent", lambda r: replace(r, spent=0), []),
    ("all spent", lambda r: replace(r, spent=r.granted), []),
    ("a satang too much", lambda r: replace(r, spent=r.granted + 1), [("spent", None)]),
    ("of tomorrow", lambda r: replace(r, as_of=date(2024, 10, 1)), [("as_of-day", AHEAD)]),
    ("first day of the year", lambda r: replace(r, as_of=date(2023, 10, 1)), []),
    ("day before the year", lambda r: replace(r, as_of=date(2023, 9, 30)), [("as_of-day", TOO_EARLY)]),
    ("no source", lambda r: replace(r, source=" GF  "), [("source", NEEDS_SOURCE)]),
    ("longest source", lambda r: replace(r, source="ก" * 300), []),
    ("source too long", lambda r: replace(r, source="ก" * 301), [("source", TOO_LONG.fill(n=300))]),
    ("note too long", lambda r: replace(r, note="ก" * 2001), [("note", TOO_LONG.fill(n=2000))]),
    (
        "no such indicator",
        lambda r: replace(r, indicators=(replace(REACHED, position=3),)),
        [("result-3", NO_SUCH_INDICATOR.fill(n=3))],
    ),
    (
        "reached without a result",
        lambda r: replace(r, indicators=(replace(REACHED, result=""),)),
        [("result-1", REACHED_WITHOUT_RESULT)],
    ),
    ("a result not judged", lambda r: replace(r, indicators=(replace(REACHED, reached=None),)), []),
    (
        "everything at once",
        lambda r: replace(r, spent=r.granted + 1, as_of=date(2025, 1, 1), source=""),
        [("as_of-day", AHEAD), ("spent", None), ("source", NEEDS_SOURCE)],
    ),
]


@pytest.mark.parametrize(("change", "wanted"), [c[1:] for c in JUDGED], ids=[c[0] for c in JUDGED])
def test_what_speaks_against_a_report(change: Change, wanted: list[tuple[str, object]]) -> None:
    problems = list_result_problems(change(GOOD), 2567, INDICATORS, TODAY)
    assert [p.place for p in problems] == [place for place, _ in wanted]
    assert [(p.place, p.text) for p in problems if p.place != "spent"] == [
        pair for pair in wanted if pair[0] != "spent"
    ]
    for p in problems:
        assert "1,000.00" in p.text.th if p.place == "spent" else True
        assert p.text.en


def test_shares_and_counts() -> None:
    assert GOOD.spent_share == Fraction(93, 100)
    assert replace(GOOD, granted=0, spent=0).spent_share is None
    assert (GOOD.reached, len(GOOD.known)) == (1, 2)
    assert (GOOD.of_indicator(2), GOOD.of_indicator(3)) == (MISSED, None)


def test_a_report_survives_being_kept() -> None:
    value = results_as_json(GOOD)
    assert results_from_json(value, GOOD.as_of, GOOD.granted, GOOD.spent, GOOD.source) == GOOD


def granted(world: World) -> int:
    proposal_id = file_earlier(world)
    decide(world, proposal_id, 100)
    return proposal_id


def record(world: World, proposal_id: int, results: ProjectResults, by: str = "secretariat") -> None:
    with open_work(world.actor(by), NOW) as work:
        record_results(work, proposal_id, results)


def test_every_report_is_kept_and_the_latest_counts(app: Flask, world: World) -> None:
    proposal_id = granted(world)
    for spent in (40, 90, 90):
        record(world, proposal_id, last_year(spent))
    rows = db.session.scalars(select(ProjectResult).order_by(ProjectResult.id)).all()
    assert [row.spent for row in rows] == [40, 90]  # the same again changed nothing
    assert find_results(db.session(), [proposal_id]) == {proposal_id: last_year(90)}
    reports = list_reports(db.session(), world.actor("secretariat"), proposal_id)
    assert [r.results.spent for r in reports] == [90, 40]
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "record_results")).all()
    assert [e.subject for e in entries] == [f"proposal:{proposal_id}"] * 2


def test_the_list_of_a_call_holds_granted_projects_only(app: Flask, world: World) -> None:
    proposal_id, other = granted(world), file_earlier(world)
    rejected = file_earlier(world)
    decide(world, rejected, 0, Verdict.REJECTED)
    record(world, proposal_id, last_year())
    from app.calls.queries import get_call

    rows = list_granted(db.session(), world.actor("secretariat"), get_call(db.session(), 2569).id)
    assert [(r.proposal_id, r.results) for r in rows] == [(proposal_id, last_year())]
    assert other != rejected


def test_a_project_recorded_from_documents_may_have_results(app: Flask, world: World) -> None:
    proposal_id = record_earlier(world)
    record(world, proposal_id, last_year(indicators=(), as_of=date(2022, 9, 30)))
    assert find_results(db.session(), [proposal_id])[proposal_id].spent == 90


REFUSED: list[tuple[str, str, type[DomainError]]] = [
    ("draft", "secretariat", NotFound),
    ("undecided", "secretariat", Refused),
    ("unknown", "secretariat", NotFound),
    *(("granted", who, Forbidden) for who in ("officer", "certifier", "reviewer_bb", "committee", "admin")),
]


@pytest.mark.parametrize(("what", "by", "error"), REFUSED, ids=lambda v: str(v))
def test_who_may_not_and_on_what(
    app: Flask, world: World, what: str, by: str, error: type[DomainError]
) -> None:
    made: dict[str, Callable[[], int]] = {
        "draft": lambda: write_draft(world, complete_draft()),
        "undecided": lambda: file_earlier(world),
        "unknown": lambda: 999_999,
        "granted": lambda: granted(world),
    }
    proposal_id = made[what]()
    with pytest.raises(DomainError) as refusal:
        record(world, proposal_id, last_year(), by)
    assert type(refusal.value) is error
    assert db.session.scalars(select(ProjectResult)).all() == []


def test_a_refused_report_names_everything(app: Flask, world: World) -> None:
    proposal_id = granted(world)
    with pytest.raises(Refused) as refusal:
        record(world, proposal_id, last_year(101, source=""))
    assert [p.place for p in refusal.value.problems] == ["spent", "source"]
