"""Reporting by machine: a month and a quarter of the agency's projects, judged as on the pages, and bad input."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.jobs.runner import run_once
from app.kernel.db import db
from app.kernel.outbox import Topics
from app.kernel.work import open_work
from app.monitoring.actions import return_report, sign_report
from app.monitoring.actions.changing import begin_change, judge_change, withdraw_change
from app.monitoring.facts import Cause
from app.monitoring.models import ProgressRecord
from app.monitoring.queries.numbers import get_project_id
from app.notices.actions import SEND
from app.webhooks.actions import add_endpoint
from tests.conftest import FixedClock
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import accept, hand_in, number_of, version_of
from tests.monitoring.test_changes import ask, spent_less
from tests.proposals.earlier import LAST_YEAR
from tests.web.api.machines import Machine, make_token, places
from tests.web.webhooks.receiver import listen
from tests.world import NOW, World

MONTH = f"/calls/{LAST_YEAR}/months/1/reports"
QUARTER = f"/calls/{LAST_YEAR}/quarters/1/reports"


@pytest.fixture
def project(app: Flask, world: World) -> str:
    (project_id, *_) = open_projects(world)
    return number_of(project_id)


@pytest.fixture
def officer(app: Flask, world: World) -> Machine:
    return Machine(app, make_token(world, "officer")[1])


def month(project: str, committed: str = "1000.00", disbursed: str = "250.25", **more: Any) -> dict[str, Any]:
    row = {"project": project, "category": "capital", "committed": committed, "disbursed": disbursed}
    how = {"note": "", "send": False, "seen_version": None, "correction_reason": ""}
    return {"rows": [row], **how, **more}


def test_a_month_is_reported_signed_and_corrected(
    app: Flask, world: World, officer: Machine, project: str
) -> None:
    begun = officer.post(MONTH, month(project, note="จากระบบบัญชี")).get_json()
    assert (begun["state"], begun["revision"], begun["rows"][0]["disbursed"]) == ("draft", 1, "250.25")
    stale = officer.post(MONTH, month(project, "2000.00"))
    assert stale.status_code == 409
    body = month(project, "2000.00", send=True, seen_version=begun["version"])
    sent = officer.post(MONTH, body, key="sending")
    assert sent.get_json()["state"] == "sent"
    assert officer.post(MONTH, body, key="sending").data == sent.data
    assert officer.post(MONTH, body).status_code in (409, 422)
    report_id = sent.get_json()["id"]
    assert sent.headers["Location"].endswith(f"/reports/{report_id}")
    office = Machine(app, make_token(world, "secretariat", agency=None)[1])
    assert office.get(f"/reports/{report_id}").status_code == 404  # until it is signed
    with open_work(world.actor("certifier"), NOW) as work:
        version = version_of(work.session.get_one(ProgressRecord, report_id))
        version = sign_report(work, report_id, version).version
    assert office.get(f"/reports/{report_id}").get_json()["rows"] == sent.get_json()["rows"]
    accept(world, report_id, version, NOW)
    refused = officer.post(MONTH, month(project, "3000.00"))
    assert refused.status_code == 422
    corrected = officer.post(MONTH, month(project, "3000.00", correction_reason="ยอดเดิมขาดสัญญาหนึ่งฉบับ"))
    value = corrected.get_json()
    assert (value["revision"], value["state"], value["rows"][0]["committed"]) == (2, "draft", "3000.00")
    listed = officer.get(f"/calls/{LAST_YEAR}/reports").get_json()["items"]
    assert [(row["id"], row["revision"]) for row in listed] == [(value["id"], 2), (report_id, 1)]


def test_how_far_a_change_of_plan_is_and_why_it_was_refused(
    app: Flask, world: World, officer: Machine, project: str
) -> None:
    office = Machine(app, make_token(world, "secretariat", agency=None)[1])
    address = f"/projects/{project}/changes"
    with open_work(world.actor("officer"), NOW) as work:
        drafted = begin_change(work, get_project_id(work.session, project), Cause.CANCELLATION).id
    assert [row["state"] for row in officer.get(address).get_json()["items"]] == ["draft"]
    assert office.get(address).get_json()["items"] == []  # nobody asked yet
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_change(work, drafted)
    changed = ask(world, get_project_id(db.session(), project), Cause.SCOPE, spent_less)
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_change(work, changed, approve=False, note="ยังทำได้ตามแผนเดิม")
    first = officer.get(f"{address}?limit=1")
    (row,) = first.get_json()["items"]
    assert (row["ordinal"], row["kind"], row["state"], row["base"]) == (2, "scope", "refused", 1)
    assert row["note"] == "ยังทำได้ตามแผนเดิม"
    assert office.get(address).get_json()["items"][0] == row
    following = officer.get(first.get_json()["next"].partition("/api/v1")[2]).get_json()
    assert [(row["ordinal"], row["state"]) for row in following["items"]] == [(1, "withdrawn")]
    assert following["next"] is None


def test_a_quarter_is_reported(app: Flask, world: World, project: str, clock: FixedClock) -> None:
    officer = Machine(app, make_token(world, "officer", days=90)[1])
    plan = officer.get(f"/projects/{project}").get_json()
    assert plan["spending"][0]["allotted"] == plan["approved"] == "1000001.00"
    how = {"note": "", "send": False, "seen_version": None, "correction_reason": ""}
    body = {
        "milestones": [
            {"project": project, "position": m["position"], "percent": 40, "done_on": None, "note": ""}
            for m in plan["milestones"]
        ],
        "indicators": [
            {"project": project, "position": i["position"], "result": "3", "evidence": "หนังสือ"}
            for i in plan["indicators"]
        ],
        "words": [{"project": project, "problems": "ผู้ขายส่งของช้า", "help": ""}],
        **how,
    }
    assert officer.post(QUARTER, body).status_code == 422  # the quarter is not over
    clock.moment = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
    kept = officer.post(QUARTER, body).get_json()
    for name in ("milestones", "indicators", "words"):
        assert kept[name] == body[name]
    wrong = {
        **body,
        "seen_version": kept["version"],
        "indicators": [{**body["indicators"][0], "result": "มาก"}],
    }
    assert places(officer.post(QUARTER, wrong)) == ["/indicators/0/result"]
    foreign = {
        **body,
        "seen_version": kept["version"],
        "milestones": [{"project": project, "position": 99, "percent": 40, "done_on": None, "note": ""}],
    }
    assert places(officer.post(QUARTER, foreign)) == ["/milestones/0"]
    sent = officer.post(QUARTER, {**body, "seen_version": kept["version"], "send": True})
    assert sent.get_json()["state"] == "sent", sent.get_data(as_text=True)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"committed": "1000001.01"}, "/rows/0/committed"),  # more than was granted
        ({"committed": "1.00", "disbursed": "1.01"}, "/rows/0/disbursed"),  # more than was bound
        ({"committed": "-1.00"}, "/rows/0/committed"),
        ({"committed": "1e3"}, "/rows/0/committed"),
        ({"committed": 1000}, "/rows/0/committed"),
        ({"category": "operating"}, "/rows/0"),
        ({"project": "2569-9999"}, "/rows/0"),
    ],
)
def test_what_is_wrong_is_told_at_its_place_and_nothing_is_kept(
    officer: Machine, project: str, changed: dict[str, Any], where: str
) -> None:
    body = month(project, send=True)
    body["rows"][0] |= changed
    refused = officer.post(MONTH, body)
    assert (refused.status_code, where in places(refused)) == (422, True), refused.get_data(as_text=True)
    assert db.session().scalars(select(ProgressRecord)).all() == []


def test_a_row_twice_and_a_row_missing(officer: Machine, project: str) -> None:
    body = month(project)
    twice = officer.post(MONTH, {**body, "rows": body["rows"] * 2})
    assert places(twice) == ["/rows/1"]
    missing = officer.post(MONTH, {**body, "rows": [], "send": True})
    assert missing.status_code == 422
    assert any(place.endswith("committed") for place in places(missing))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/calls/{LAST_YEAR}/months/2/reports", 422),  # not over yet
        (f"/calls/{LAST_YEAR}/months/13/reports", 422),  # after the year's end
        (f"/calls/{LAST_YEAR}/months/25/reports", 404),
        (f"/calls/{LAST_YEAR}/months/0/reports", 404),
        ("/calls/2599/months/1/reports", 404),
        ("/calls/2570/months/1/reports", 404),  # not followed
    ],
)
def test_a_month_that_cannot_be_reported(officer: Machine, project: str, path: str, status: int) -> None:
    assert officer.post(path, month(project)).status_code == status


def test_a_report_for_another_agencys_project_is_refused(app: Flask, world: World, project: str) -> None:
    """Beta has a project of its own in the same year; alpha's is none of its business."""
    beta = Machine(app, make_token(world, "officer_beta", agency="beta")[1])
    assert beta.get(f"/projects/{project}").status_code == 404
    assert beta.post(MONTH, month(project)).status_code == 422
    assert db.session().scalars(select(ProgressRecord)).all() == []


def test_reports_are_told_to_systems(app: Flask, world: World, officer: Machine, project: str) -> None:
    with listen() as agency:
        with open_work(world.actor("officer"), NOW) as work:
            events = ["report.filed", "report.returned"]
            add_endpoint(work, world.agencies["alpha"], agency.url, events, allows_local=True)
        report_id = officer.post(MONTH, month(project)).get_json()["id"]
        version = hand_in(world, report_id, NOW)
        with open_work(world.actor("secretariat"), NOW) as work:
            return_report(work, report_id, "ยอดไม่ตรงกับ GFMIS", version)
        while run_once(app, Topics(but=(SEND, "compare_filing"))):
            pass
        told = [body.decode() for _, body in agency.got]
    assert ["report.filed" in told[0], "report.returned" in told[1]] == [True, True]
    assert all(f"/api/v1/reports/{report_id}" in body and "GFMIS" not in body for body in told)
