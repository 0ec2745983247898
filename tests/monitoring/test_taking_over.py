"""Reports accepted elsewhere are taken over, all or none; what was reached and spent is told to the next call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.kernel.db import db
from app.kernel.errors import Forbidden, Refused
from app.kernel.work import open_work
from app.monitoring.actions.closing import take_results
from app.monitoring.actions.taking_over import PastReport, take_over_reports
from app.monitoring.facts import IndicatorRow, MoneyReport, MoneyRow, ProgressReport
from app.monitoring.models import Actual, ProgressRecord, Project
from app.proposals.queries import find_results
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.proposals.earlier import LAST_YEAR
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("app")


def money(world: World, month: int, committed: int, disbursed: int, number: str = "") -> PastReport:
    number = number or the_project()[1]
    report = MoneyReport((MoneyRow(number, "capital", committed, disbursed),))
    return PastReport(
        world.agencies["alpha"], month, report, NOW - timedelta(days=2), NOW - timedelta(days=1)
    )


def the_project() -> tuple[Project, str]:
    from app.proposals.models import Proposal

    project, number = db.session.execute(
        select(Project, Proposal.number).join(Proposal, Proposal.id == Project.proposal_id)
    ).one()
    return project, number


def take(world: World, reports: list[PastReport], who: str = "secretariat") -> int:
    call_id = the_project()[0].call_id
    db.session.rollback()
    with open_work(world.actor(who), NOW) as work:
        return take_over_reports(work, call_id, reports)


def test_reports_taken_over_count_like_any_other(world: World) -> None:
    open_projects(world)
    assert take(world, [money(world, 1, 500_00, 300_00), money(world, 2, 0, 200_00)]) == 2
    assert db.session.execute(select(func.sum(Actual.committed), func.sum(Actual.disbursed))).one() == (
        500_00,
        500_00,
    )
    assert set(db.session.scalars(select(ProgressRecord.state))) == {"accepted"}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w: [money(w, 1, 100, 200)],
        lambda w: [money(w, 1, GRANTED + 1, 0)],
        lambda w: [money(w, 1, 100, 0), money(w, 13, 0, 100)],
        lambda w: [money(w, 1, 0, 0), money(w, 1, 0, 0)],
        lambda w: [money(w, 1, 0, 0, "2569-9999")],
        lambda w: [money(w, 1, 100, 0), money(w, 2, -100, 0)],
    ],
    ids=["paid-not-bound", "above-the-grant", "not-carried-over", "twice", "unknown", "negative"],
)
def test_one_wrong_report_refuses_all(world: World, wrong: Callable[[World], list[PastReport]]) -> None:
    open_projects(world)
    with pytest.raises(Refused) as refusal:
        take(world, wrong(world))
    assert refusal.value.problems
    assert db.session.scalar(select(func.count(ProgressRecord.id))) == 0


@pytest.mark.parametrize("who", ["officer", "certifier", "committee", "admin"])
def test_only_the_secretariat_takes_over(world: World, who: str) -> None:
    open_projects(world)
    with pytest.raises(Forbidden):
        take(world, [], who)


def test_the_next_call_learns_what_was_reported(world: World) -> None:
    open_projects(world)
    project, number = the_project()
    proposal_id = project.proposal_id
    progress = ProgressReport((), (IndicatorRow(number, 1, "7"),), ())
    quarter = PastReport(world.agencies["alpha"], 1, progress, NOW, NOW)
    with open_work(world.actor("secretariat"), NOW) as work, pytest.raises(Refused):
        take_results(work, LAST_YEAR)
    take(world, [money(world, 1, 500_00, 300_00), quarter])
    for _ in range(2):
        with open_work(world.actor("secretariat"), NOW) as work:
            assert take_results(work, LAST_YEAR) == 1
    results = find_results(db.session(), [proposal_id])[proposal_id]
    assert (results.granted, results.spent, [k.result for k in results.indicators]) == (
        GRANTED,
        300_00,
        ["7"],
    )
