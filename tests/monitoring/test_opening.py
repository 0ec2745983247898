"""What was granted becomes projects, once, and never more than was granted."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.work import open_work
from app.monitoring.actions import open_monitoring, open_project
from app.monitoring.models import Allotment, PlannedAmount, Project, ProjectLine
from app.monitoring.periods import ReportKind
from app.monitoring.queries import get_project, ground_of, list_projects
from app.proposals.models import Submission
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("amount", [GRANTED, 333_333_33, 1])
def test_every_sum_of_a_new_project_is_what_was_granted(world: World, amount: int) -> None:
    (project_id,) = open_projects(world, amount=amount)
    view = get_project(db.session(), world.actor("officer"), project_id)
    sums = [
        db.session.scalar(select(func.sum(column)))
        for column in (ProjectLine.approved, Allotment.amount, PlannedAmount.amount)
    ]
    assert [view.row.approved, view.row.allotted, view.plan.total, sum(view.plan.by_month), *sums] == [
        amount
    ] * 7


def test_the_first_plan_follows_the_quarters_of_the_filing(world: World) -> None:
    (project_id,) = open_projects(world)
    plan = get_project(db.session(), world.actor("secretariat"), project_id).plan
    # 1,000,000.00 baht in the first quarter, 1.00 in the second; two satang do not divide by three
    assert plan.by_month[:7] == (333_333_34, 333_333_33, 333_333_33, 34, 33, 33, 0)
    assert [i.quarters for i in plan.indicators] == [("", "", "", i.target) for i in plan.indicators]


def test_the_filing_stays_as_it_was(world: World) -> None:
    proposal_id = file_earlier(world)
    decide(world, proposal_id, 1_00)
    before = db.session.scalars(select(Submission.sha256)).all()
    db.session.rollback()
    with open_work(world.actor("secretariat"), NOW) as work:
        open_project(work, proposal_id)
    assert db.session.scalars(select(Submission.sha256)).all() == before
    assert db.session.scalars(select(ProjectLine.requested)).one() == GRANTED


def test_opening_twice_opens_only_what_is_new(world: World) -> None:
    first = open_projects(world)
    with open_work(world.actor("secretariat"), NOW) as work, pytest.raises(Refused):
        open_monitoring(work, LAST_YEAR)
    decide(world, file_earlier(world), GRANTED)
    with open_work(world.actor("secretariat"), NOW) as work:
        second = [project.id for project in open_monitoring(work, LAST_YEAR)]
    assert len(second) == 1
    assert second != first
    assert db.session.scalar(select(func.count(Project.id))) == 2


@pytest.mark.parametrize(
    ("who", "sees"),
    [("officer", 2), ("certifier", 2), ("officer_beta", 1), ("secretariat", 2), ("committee", 2)],
)
def test_an_agency_sees_the_projects_it_carries_out(world: World, who: str, sees: int) -> None:
    ids = open_projects(world, joint=True)
    call_id = db.session.scalars(select(Project.call_id)).first()
    assert call_id is not None
    actor = world.actor(who)
    found = {row.id for row in list_projects(db.session(), actor, call_id)}
    assert len(found) == sees
    for project_id in ids:
        if project_id in found:
            get_project(db.session(), actor, project_id)
        else:
            with pytest.raises(NotFound):
                get_project(db.session(), actor, project_id)


@pytest.mark.parametrize("who", ["officer", "certifier", "reviewer_bb", "committee", "admin"])
def test_only_the_secretariat_opens(world: World, who: str) -> None:
    proposal_id = file_earlier(world)
    decide(world, proposal_id, GRANTED)
    with open_work(world.actor(who), NOW) as work, pytest.raises(Forbidden):
        open_project(work, proposal_id)


def test_what_was_not_granted_is_not_opened(world: World) -> None:
    proposal_id = file_earlier(world)
    with open_work(world.actor("secretariat"), NOW) as work, pytest.raises(Refused):
        open_project(work, proposal_id)


def test_an_agency_reports_against_its_own_money(world: World) -> None:
    open_projects(world, joint=True)
    call_id = db.session.scalars(select(Project.call_id)).first()
    assert call_id is not None
    alpha, beta = (
        ground_of(db.session(), call_id, world.agencies[code], ReportKind.MONEY, 1, NOW)
        for code in ("alpha", "beta")
    )
    assert (len(alpha.projects), len(beta.projects)) == (2, 1)
    assert list(beta.allotted.values()) == [2500_50]
    assert beta.committed == {}
