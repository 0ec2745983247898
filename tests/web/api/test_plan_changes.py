"""Asking for changes of plans by machine: the same plan, the same rules and the same words as on the pages, each at its
place in the body; once, and over nothing unseen."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.api.change_shapes import ASKED_CHANGE
from app.identity.scopes import TokenScope
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.monitoring.actions.changing import (
    begin_change,
    judge_change,
    return_change,
    save_change,
    withdraw_change,
)
from app.monitoring.facts import Cause
from app.monitoring.models import PlanChange
from app.monitoring.queries import get_project
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import number_of
from tests.web.api.machines import Machine, make_token, places
from tests.web.api.plan_change_cases import REASON, SAME, UNFIT, WRONG, body
from tests.web.desks import browser, text_of
from tests.world import NOW, World


@pytest.fixture
def project(app: Flask, world: World) -> int:
    """Alpha's, with a line of 1,000,001.00 of its own and one of beta's of 2,500.50."""
    return open_projects(world, joint=True)[1]


@pytest.fixture
def officer(app: Flask, world: World) -> Machine:
    return Machine(app, make_token(world, "officer")[1])


def address(project_id: int) -> str:
    return f"/projects/{number_of(project_id)}/changes"


def latest(project_id: int) -> PlanChange:
    db.session.rollback()
    of = PlanChange.project_id == project_id
    return db.session().scalars(select(PlanChange).where(of).order_by(PlanChange.id.desc()).limit(1)).one()


def ask_on_the_page(app: Flask, project_id: int, kind: str, form: Mapping[str, str]) -> tuple[int, str]:
    """What the page answers: its status and its words."""
    page = browser(app, "officer")
    begun = page.post(f"/agency/projects/{project_id}/changes", data={"kind": kind}).headers["Location"]
    sent = {"version": "1", "reason": REASON, "do": "ask", **form}
    answer = page.post(begun, data=sent)
    return answer.status_code, html.unescape(text_of(answer))


@pytest.mark.parametrize(("kind", "form", "parts"), SAME, ids=[case[0] for case in SAME])
def test_the_page_and_the_machine_make_the_same_plan(
    app: Flask,
    world: World,
    project: int,
    officer: Machine,
    kind: str,
    form: dict[str, str],
    parts: dict[str, Any],
) -> None:
    status, words = ask_on_the_page(app, project, kind, form)
    assert status == 303, words
    by_page = latest(project)
    said = (by_page.kind, by_page.state, by_page.reason, by_page.base, by_page.content)
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_change(work, by_page.id)
    answer = officer.post(address(project), body(kind, **parts))
    assert answer.status_code == 201, answer.get_json(force=True)
    by_machine = latest(project)
    assert by_machine.id != by_page.id
    assert (by_machine.kind, by_machine.state, by_machine.reason, by_machine.base, by_machine.content) == said
    assert answer.headers["Location"].endswith(f"{address(project)}/2")
    assert officer.get(f"{address(project)}/2").get_json() == answer.get_json()


@pytest.mark.parametrize(("kind", "form", "parts", "found"), WRONG)
def test_all_that_is_wrong_is_said_at_its_place_in_the_words_of_the_page(
    app: Flask,
    world: World,
    project: int,
    officer: Machine,
    kind: str,
    form: dict[str, str],
    parts: dict[str, Any],
    found: set[str],
) -> None:
    refused = officer.post(address(project), body(kind, **parts))
    assert refused.status_code == 422
    assert set(places(refused)) == found
    assert len(places(refused)) == len(found)
    assert db.session().scalar(select(func.count()).select_from(PlanChange)) == 0  # nothing is kept
    reason = {"reason": parts["reason"]} if "reason" in parts else {}
    status, page = ask_on_the_page(app, project, kind, form | reason)
    assert status == 422
    for problem in refused.get_json(force=True)["problems"]:
        assert problem["text"]["th"] in page


@pytest.mark.parametrize(("kind", "parts", "found"), UNFIT)
def test_a_body_that_fits_no_plan_is_refused_at_its_place(
    app: Flask,
    world: World,
    project: int,
    officer: Machine,
    kind: str,
    parts: dict[str, Any],
    found: set[str],
) -> None:
    refused = officer.post(address(project), body(kind, **parts))
    assert (refused.status_code, set(places(refused))) == (422, found)
    assert db.session().scalar(select(func.count()).select_from(PlanChange)) == 0


@pytest.mark.both_databases
def test_a_change_is_drafted_returned_and_asked_for_once(
    app: Flask, world: World, project: int, officer: Machine
) -> None:
    at = address(project)
    drafted = officer.post(at, body("extension", ends_on="2026-10-31", send=False, reason="ร่าง"))
    value = drafted.get_json()
    assert (value["state"], value["ends_on"], value["ordinal"]) == ("draft", "2026-10-31", 1)
    for seen in (None, value["version"] + 1):
        stale = officer.post(at, body("extension", ends_on="2026-11-30", seen_version=seen))
        assert (stale.status_code, places(stale)) == (409, ["/seen_version"])
    whole = body("extension", ends_on="2026-11-30", seen_version=value["version"])
    asked = officer.post(at, whole, key="ask")
    assert asked.get_json()["state"] == "asked"
    again = officer.post(at, whole, key="ask")
    assert (again.data, again.headers["Idempotency-Replayed"]) == (asked.data, "true")
    other = officer.post(at, body("scope", lines=[{"position": 1, "amount": "5.00"}]))
    assert (other.status_code, places(other)) == (422, ["/kind"])
    change_id = latest(project).id
    office = Machine(app, make_token(world, "secretariat", agency=None)[1])
    assert office.get(f"{at}/1").get_json() == asked.get_json()
    with open_work(world.actor("secretariat"), NOW) as work:
        return_change(work, change_id, "โปรดระบุเลขที่สัญญา")
    assert office.get(f"{at}/1").status_code == 404
    returned = officer.get(f"{at}/1").get_json()
    assert (returned["is_returned"], returned["note"]) == (True, "โปรดระบุเลขที่สัญญา")
    assert officer.post(at, whole, key="ask").data == asked.data
    mended = body(
        "extension", ends_on="2026-11-30", seen_version=returned["version"], reason=f"{REASON} เลขที่ ๑"
    )
    assert officer.post(at, mended).get_json()["state"] == "asked"
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_change(work, change_id, approve=True, note="")
    assert officer.get(f"/projects/{number_of(project)}").get_json()["ends_on"] == "2026-11-30"

    session = db.session()
    subject = f"plan_change:{change_id}"
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject == subject).order_by(AuditEntry.seq)
    ).all()
    once = ["save_plan_change", "ask_plan_change"]
    assert actions == [
        "begin_plan_change",
        "save_plan_change",
        *once,
        "return_plan_change",
        *once,
        "judge_plan_change",
    ]
    by_token = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "write_by_token")).all()
    assert [json.loads(detail)["request"] for detail in by_token] == [f"POST /api/v1{at}"] * 3
    told = session.scalars(select(OutboxRow.payload).where(OutboxRow.topic == "notify")).all()
    assert sum('"plan_change_asked"' in payload for payload in told) == 2


def test_nothing_is_made_of_a_plan_that_moved_on(
    app: Flask, world: World, project: int, officer: Machine
) -> None:
    at, later = address(project), body("extension", ends_on="2026-11-30")
    officer.post(at, later)
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_change(work, latest(project).id, approve=True, note="")
    longer = body("extension", ends_on="2026-12-31")
    for version in (1, 3):
        refused = officer.post(at, longer | {"plan_version": version})
        assert (refused.status_code, places(refused)) == (409, ["/plan_version"])
    assert officer.post(at, longer | {"plan_version": 2}).status_code == 201


def test_what_somebody_began_on_the_page_is_not_written_over_unseen(
    app: Flask, world: World, project: int, officer: Machine
) -> None:
    """A draft nobody typed into yet says nothing, so there is nothing to lose."""
    with open_work(world.actor("officer"), NOW) as work:
        change = begin_change(work, project, Cause.EXTENSION)
        change_id = change.id
    drafted = officer.post(address(project), body("extension", ends_on="2026-10-31", send=False))
    assert drafted.get_json()["ordinal"] == 1
    with open_work(world.actor("certifier"), NOW) as work:
        plan = get_project(work.session, work.actor, project).plan
        version = save_change(work, change_id, plan, "เหตุผลของผู้รับรอง", drafted.get_json()["version"]).version
    mine = body("extension", ends_on="2026-11-30", seen_version=drafted.get_json()["version"])
    assert officer.post(address(project), mine).status_code == 409
    assert latest(project).reason == "เหตุผลของผู้รับรอง"
    assert officer.post(address(project), mine | {"seen_version": version}).status_code == 201


@pytest.mark.parametrize(
    ("by", "agency", "scopes", "status"),
    [
        ("officer", "alpha", (), 201),
        ("certifier", "alpha", (), 201),
        ("officer", "alpha", (TokenScope.MONITORING_READ, TokenScope.MONITORING_WRITE), 403),
        ("officer_beta", "beta", (), 404),  # takes part, and reads of it
        ("secretariat", None, (), 403),
        (None, None, (), 401),
    ],
)
def test_who_may_ask(
    app: Flask,
    world: World,
    project: int,
    by: str | None,
    agency: str | None,
    scopes: tuple[TokenScope, ...],
    status: int,
) -> None:
    machine = Machine(app, make_token(world, by, *scopes, agency=agency)[1] if by else "")
    answer = machine.post(address(project), body("extension", ends_on="2026-11-30"))
    assert answer.status_code == status
    assert db.session().scalar(select(func.count()).select_from(PlanChange)) == (status == 201)


@pytest.mark.parametrize("example", ASKED_CHANGE.examples, ids=[e["kind"] for e in ASKED_CHANGE.examples])
def test_the_examples_of_the_document_are_taken(
    app: Flask, world: World, officer: Machine, example: dict[str, Any]
) -> None:
    """By a project that has what they speak of: its line is of 1,000,001.00, its agency is called alpha."""
    (project_id,) = open_projects(world)
    lines = [{**line, "agency": "alpha"} for line in example.get("new_lines", ())]
    sent = dict(example) | ({"new_lines": lines} if lines else {})
    answer = officer.post(address(project_id), sent)
    assert answer.status_code == 201, answer.get_json(force=True)
    assert answer.get_json()["state"] == "asked"
