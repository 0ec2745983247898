"""A change is asked for by the lead agency, judged by the secretariat, and leaves the filing and the plan before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.monitoring.actions.changing import (
    PLAN_MOVED,
    ask_change,
    begin_change,
    judge_change,
    return_change,
    save_change,
    withdraw_change,
)
from app.monitoring.actions.planning import put_in_force
from app.monitoring.changing import Offered, cancelled, followed, read_change
from app.monitoring.facts import Cause, Plan
from app.monitoring.models import Allotment, PlannedAmount, Project
from app.monitoring.plan_differences import compare_plans
from app.monitoring.queries import get_project
from app.monitoring.queries.changes import get_change, list_changes, list_versions
from app.monitoring.states import APPROVED, ASKED, CANCELLED, REFUSED, WITHDRAWN
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.monitoring.test_planning import PLAN, months
from tests.notices.scene import hear_at
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("app")
REASON = "ผู้รับจ้างส่งมอบงานล่าช้ากว่าสัญญาเพราะอุปกรณ์ขาดตลาด"
SECOND = (PLAN.spending[1].agency, PLAN.spending[1].category)
OFFERED = Offered(("alpha", "beta"), ("capital", "operations"), 2, {}, {})


def spent_less(plan: Plan) -> Plan:
    lines = tuple(replace(line, amount=line.amount - 100) for line in plan.lines)
    rows = tuple(
        replace(row, months=followed(row.months, row.total - 100 * len(lines), 1)) for row in plan.spending
    )
    return replace(plan, lines=lines, spending=rows)


def ask(
    world: World, project_id: int, kind: Cause, change: Callable[[Plan], Plan], reason: str = REASON
) -> int:
    with open_work(world.actor("officer"), NOW) as work:
        begun = begin_change(work, project_id, kind)
        change_id = begun.id
    with open_work(world.actor("officer"), NOW) as work:
        plan = get_project(work.session, work.actor, project_id).plan
        save_change(work, change_id, change(plan), reason, 1)
    with open_work(world.actor("officer"), NOW) as work:
        ask_change(work, change_id)
    return change_id


def test_an_approved_change_is_the_plan_in_force_and_the_one_before_is_kept(world: World) -> None:
    (project_id,) = open_projects(world)
    change_id = ask(world, project_id, Cause.SCOPE, spent_less)
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_change(work, change_id, True, "")
    view = get_project(db.session(), world.actor("officer"), project_id)
    assert (view.row.approved, view.row.allotted, view.plan.total) == (GRANTED, GRANTED - 100, GRANTED - 100)
    for column in (Allotment.amount, PlannedAmount.amount):
        assert db.session.scalar(select(func.sum(column))) == GRANTED - 100
    versions = list_versions(db.session(), project_id)
    assert [(v.ordinal, v.cause, v.change_id, v.plan.total) for v in versions] == [
        (2, Cause.SCOPE, change_id, GRANTED - 100),
        (1, Cause.OPENING, None, GRANTED),
    ]
    assert get_change(db.session(), world.actor("officer"), change_id).row.state == APPROVED


@pytest.mark.parametrize(
    ("kind", "change", "reason", "places"),
    [
        (Cause.DETAIL, spent_less, REASON, {"total"}),
        (Cause.DETAIL, lambda p: p, REASON, {"total"}),
        (Cause.SCOPE, spent_less, "สั้นไป", {"reason"}),
        (Cause.EXTENSION, lambda p: replace(p, ends_on=date(2030, 1, 1)), "", {"ends_on", "reason"}),
    ],
)
def test_all_that_is_wrong_is_said_at_once(
    world: World, kind: Cause, change: Callable[[Plan], Plan], reason: str, places: set[str]
) -> None:
    (project_id,) = open_projects(world)
    with pytest.raises(Refused) as refusal:
        ask(world, project_id, kind, change, reason)
    assert {p.place for p in refusal.value.problems} == places


def test_a_cancelled_project_keeps_only_what_is_spent(world: World) -> None:
    (project_id,) = open_projects(world)
    change_id = ask(world, project_id, Cause.CANCELLATION, lambda p: cancelled(p, {}, 2))
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_change(work, change_id, True, "")
    assert db.session.scalars(select(Project.state)).one() == CANCELLED
    assert db.session.scalar(select(func.sum(Allotment.amount))) == 0
    with open_work(world.actor("officer"), NOW) as work, pytest.raises(Refused):
        begin_change(work, project_id, Cause.DETAIL)


def test_one_change_at_a_time_and_a_refusal_says_why(world: World) -> None:
    (project_id,) = open_projects(world)
    change_id = ask(world, project_id, Cause.SCOPE, spent_less)
    with open_work(world.actor("officer"), NOW) as work, pytest.raises(Refused):
        begin_change(work, project_id, Cause.DETAIL)
    with open_work(world.actor("secretariat"), NOW) as work, pytest.raises(Refused):
        judge_change(work, change_id, False, " ")
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_change(work, change_id, False, "เหตุผลไม่เพียงพอ")
    assert get_change(db.session(), world.actor("officer"), change_id).row.state == REFUSED
    with open_work(world.actor("secretariat"), NOW) as work, pytest.raises(Refused):
        judge_change(work, change_id, True, "")
    assert len(list_versions(db.session(), project_id)) == 1


def test_a_change_of_a_plan_that_moved_on_is_not_put_in_force(world: World) -> None:
    (project_id,) = open_projects(world)
    change_id = ask(world, project_id, Cause.SCOPE, spent_less)
    with open_work(world.actor("secretariat"), NOW) as work:
        project = work.session.get_one(Project, project_id)
        plan = get_project(work.session, work.actor, project_id).plan
        put_in_force(work, project, plan, Cause.DETAIL, {"alpha": world.agencies["alpha"]})
    with open_work(world.actor("secretariat"), NOW) as work, pytest.raises(Refused) as refusal:
        judge_change(work, change_id, True, "")
    assert [p.text for p in refusal.value.problems] == [PLAN_MOVED]


def test_a_saved_draft_is_not_overwritten_and_can_be_withdrawn(world: World) -> None:
    (project_id,) = open_projects(world)
    with open_work(world.actor("officer"), NOW) as work:
        change_id = begin_change(work, project_id, Cause.DETAIL).id
    with open_work(world.actor("officer"), NOW) as work:
        save_change(work, change_id, PLAN, REASON, 1)
    with open_work(world.actor("officer"), NOW) as work, pytest.raises(Stale):
        save_change(work, change_id, PLAN, "", 1)
    with open_work(world.actor("officer"), NOW) as work:
        assert begin_change(work, project_id, Cause.DETAIL).id == change_id
        withdraw_change(work, change_id)
    assert [r.state for r in list_changes(db.session(), world.actor("officer"))] == [WITHDRAWN]


@pytest.mark.parametrize(
    ("who", "outcome"),
    [
        ("officer", None),
        ("certifier", None),
        ("officer_beta", NotFound),
        ("secretariat", Forbidden),
        ("committee", Forbidden),
        ("reviewer_bb", Forbidden),
        ("admin", Forbidden),
    ],
)
def test_only_the_lead_agency_asks(world: World, who: str, outcome: type[DomainError] | None) -> None:
    _, joint = sorted(open_projects(world, joint=True))
    with open_work(world.actor(who), NOW) as work:
        if outcome is None:
            begin_change(work, joint, Cause.DETAIL)
        else:
            with pytest.raises(outcome):
                begin_change(work, joint, Cause.DETAIL)


@pytest.mark.parametrize("who", ["officer", "certifier", "committee"])
def test_only_the_secretariat_judges(world: World, who: str) -> None:
    (project_id,) = open_projects(world)
    change_id = ask(world, project_id, Cause.SCOPE, spent_less)
    with open_work(world.actor(who), NOW) as work, pytest.raises(Forbidden):
        judge_change(work, change_id, True, "")
    assert get_change(db.session(), SYSTEM, change_id).row.state == ASKED


@pytest.mark.parametrize("who", ["secretariat", "committee", "officer_beta"])
def test_a_draft_is_its_agencys_alone(world: World, who: str) -> None:
    (project_id,) = open_projects(world)
    with open_work(world.actor("officer"), NOW) as work:
        change_id = begin_change(work, project_id, Cause.DETAIL).id
    assert list_changes(db.session(), world.actor(who)) == []
    with pytest.raises(NotFound):
        get_change(db.session(), world.actor(who), change_id)


def read(kind: Cause, typed: dict[str, str], **days: date) -> tuple[Plan, set[str]]:
    plan, problems = read_change(PLAN, kind, 2569, typed, days, OFFERED)
    return plan, {p.place for p in problems}


def test_months_nobody_touched_follow_their_lines() -> None:
    plan, wrong = read(Cause.TRANSFER, {"line-1": "5", "line-2": "4.00"})
    assert not wrong
    assert [r.months for r in plan.spending[:2]] == [months(m3=500), months(m6=133, m12=267)]


def test_a_line_can_be_added_for_an_agency_that_had_none_of_the_kind() -> None:
    new = {
        "new-1-agency": "beta",
        "new-1-category": "capital",
        "new-1-item": "เครื่องแม่ข่าย",
        "new-1-amount": "1",
    }
    plan, wrong = read(Cause.AGENCIES, {"line-1": "5.00"} | new)
    assert not wrong
    assert plan.allotted["beta", "capital"] == 100
    assert plan.total == PLAN.total


@pytest.mark.parametrize(
    ("kind", "typed", "wrong"),
    [
        (Cause.TRANSFER, {"line-1": "ห้าร้อย", "line-2": "-1"}, {"line-1", "line-2"}),
        (Cause.TRANSFER, {"new-1-item": "x", "new-1-amount": "1"}, {"new-1-agency", "new-1-category"}),
        (Cause.DETAIL, {"spending-1-m3": "1.234"}, {"spending-1-m3"}),
        (
            Cause.DETAIL,
            {"milestone-1-title": "ก", "milestone-1-weight": "ครึ่ง", "milestone-1-agency": "gamma"},
            {"milestone-1-agency", "milestone-1-weight", "milestone-1-due_on-day"},
        ),
        (Cause.CARRY_OVER, {"carry-1": "99", "until": "12"}, {"carry-1", "until"}),
        (Cause.CARRY_OVER, {"until": "18"}, {"carry-1"}),
        (Cause.EXTENSION, {}, {"ends_on-day"}),
    ],
)
def test_what_cannot_be_read_is_said_at_its_place(
    kind: Cause, typed: dict[str, str], wrong: set[str]
) -> None:
    assert read(kind, typed)[1] == wrong


def test_money_carried_over_is_planned_after_the_year() -> None:
    plan, wrong = read(Cause.CARRY_OVER, {"carry-2": "2.00", "until": "14"})
    assert not wrong
    assert (plan.spending[1].months, plan.ends_on) == (months(m6=100, m13=100, m14=100), date(2026, 11, 30))


def test_money_carried_over_once_more_is_judged_by_what_the_year_left() -> None:
    first, _ = read(Cause.CARRY_OVER, {"carry-2": "2.00", "until": "14"})
    paid = Offered(OFFERED.agencies, OFFERED.categories, 12, {}, {SECOND: 100}, {SECOND: 150})
    for amount, wrong in (("2.00", set()), ("1.50", set()), ("1.49", {"carry-2"}), ("2.01", {"carry-2"})):
        _, problems = read_change(first, Cause.CARRY_OVER, 2569, {"carry-2": amount, "until": "18"}, {}, paid)
        assert {p.place for p in problems} == wrong, amount


def test_what_was_reported_of_a_milestone_stays_with_it_when_another_goes() -> None:
    two = tuple(replace(PLAN.milestones[0], position=n, title=f"งาน {n}", weight=50) for n in (1, 2))
    typed = {
        "milestone-1-position": "1",  # title and weight were cleared
        "milestone-2-position": "2",
        "milestone-2-title": "งาน 2",
        "milestone-2-weight": "50",
        "milestone-2-agency": "alpha",
        "milestone-3-position": "",
        "milestone-3-title": "งานใหม่",
        "milestone-3-weight": "50",
        "milestone-3-agency": "alpha",
    }
    days = {f"milestone-{n}-due_on": date(2026, 3, 31) for n in (2, 3)}
    plan, problems = read_change(replace(PLAN, milestones=two), Cause.DETAIL, 2569, typed, days, OFFERED)
    assert not problems
    assert [(m.position, m.title) for m in plan.milestones] == [(2, "งาน 2"), (3, "งานใหม่")]


def test_a_returned_change_is_mended_and_asked_for_again(world: World) -> None:
    (project_id,) = open_projects(world)
    change_id = ask(world, project_id, Cause.SCOPE, spent_less)
    with open_work(world.actor("secretariat"), NOW) as work, pytest.raises(Refused):
        return_change(work, change_id, " ")
    with open_work(world.actor("officer"), NOW) as work, pytest.raises(Forbidden):
        return_change(work, change_id, "แก้ไขเอง")
    with open_work(world.actor("secretariat"), NOW) as work:
        return_change(work, change_id, "ระบุงานที่ลดให้ชัดเจน")
    heard = hear_at(world, NOW, "plan_change_judged", plan_change=change_id)
    assert "ส่งคืนให้แก้ไข" in heard["officer"].subject
    with open_work(world.actor("officer"), NOW) as work:
        ask_change(work, change_id)
    view = get_change(db.session(), world.actor("officer"), change_id)
    assert (view.row.state, view.row.is_returned, view.note, view.reason) == (ASKED, False, "", REASON)


def test_two_versions_are_compared_by_what_differs() -> None:
    plan, _ = read(Cause.TRANSFER, {"line-1": "5.00", "line-2": "4.00"})
    difference = compare_plans(PLAN, plan)
    assert [(d.position, d.before, d.after, d.moved) for d in difference.lines] == [
        (1, 600, 500, -100),
        (2, 300, 400, 100),
    ]
    assert [(d.category, d.months) for d in difference.months] == [("capital", (3,)), ("operations", (6, 12))]
    assert compare_plans(PLAN, PLAN).is_empty


def test_the_secretariat_is_told_of_a_change_and_the_agency_of_its_judgement(world: World) -> None:
    (project_id,) = open_projects(world)
    change_id = ask(world, project_id, Cause.SCOPE, spent_less)
    asked = hear_at(world, NOW, "plan_change_asked", plan_change=change_id)
    assert set(asked) == {"secretariat"}
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_change(work, change_id, True, "")
    judged = hear_at(world, NOW, "plan_change_judged", 2, plan_change=change_id)
    assert {"officer", "certifier"} <= set(judged)
    assert f"/agency/changes/{change_id}" in judged["officer"].body
