"""The demo's granted projects, followed for two years: labelled synthetic, one agency late, warnings right and wrong."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from app.calls.models import Call
from app.decisions.queries import approved_total
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.monitoring.models import Actual, Allotment, PlanChange, ProgressRecord, Project
from app.monitoring.queries import find_monitored, list_due
from app.monitoring.queries.track_record import read_track_record
from app.monitoring.states import ACCEPTED
from app.monitoring.warning import Verdict
from tests.demo.conftest import LOADED_AT


def test_two_years_are_reported_and_labelled(demo: Flask) -> None:
    for year, projects, months in ((2565, 34, 12), (2567, 78, 21)):
        monitored = find_monitored(db.session(), year)
        assert monitored is not None
        assert monitored.is_synthetic
        count = select(func.count(Project.id)).where(Project.call_id == monitored.call_id)
        assert db.session.scalar(count) == projects
        reported = select(func.count(func.distinct(Actual.month))).join(
            Project, Project.id == Actual.project_id
        )
        assert db.session.scalar(reported.where(Project.call_id == monitored.call_id)) == months


def test_nothing_is_spent_that_was_not_granted(demo: Flask) -> None:
    call_id = db.session.scalars(select(Call.id).where(Call.fiscal_year == 2567)).one()
    granted = db.session.scalar(select(func.sum(Project.approved)).where(Project.call_id == call_id))
    assert granted == approved_total(db.session(), call_id)
    paid = select(func.sum(Actual.disbursed)).where(Actual.project_id == Project.id).scalar_subquery()
    bound = select(func.sum(Actual.committed)).where(Actual.project_id == Project.id).scalar_subquery()
    allotted = select(func.sum(Allotment.amount)).where(Allotment.project_id == Project.id).scalar_subquery()
    rows = db.session.execute(select(Project.approved, allotted, bound, paid)).all()
    assert all(approved >= may >= so_far >= spent for approved, may, so_far, spent in rows)


def test_one_agency_is_late_and_demo_people_have_something_to_do(demo: Flask) -> None:
    missing = {duty.agency.th for duty in list_due(db.session(), LOADED_AT) if duty.state == "missing"}
    assert len(missing) <= 2  # the late one, and the agency of the second officer
    states = db.session.execute(
        select(ProgressRecord.state, func.count())
        .where(ProgressRecord.state != ACCEPTED)
        .group_by(ProgressRecord.state)
    )
    assert {state for state, _ in states} == {"draft", "sent", "signed", "returned"}
    kinds = db.session.execute(select(PlanChange.kind, PlanChange.state).distinct())
    assert {tuple(row) for row in kinds} == {
        ("cancellation", "approved"),
        ("carry_over", "approved"),
        ("detail", "asked"),
    }


def test_early_warnings_were_right_and_wrong(demo: Flask) -> None:
    record = read_track_record(db.session(), SYSTEM)
    said = {r.project: r.verdict for r in record.replays if (r.fiscal_year, r.month) == (2567, 9)}
    assert set(said.values()) == set(Verdict)
    assert said["2567-0007"] is Verdict.FALSE_ALARM  # it paid nearly all in the last two months
    assert record.whole.skill is not None
    assert record.whole.skill > 0
