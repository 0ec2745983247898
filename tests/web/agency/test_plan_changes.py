"""A change of plan through the pages: chosen, filled in, mended, asked for, judged, read by everybody of the project."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import update

from app.kernel.db import db
from app.monitoring.models import MonitoredCall
from app.monitoring.queries import get_project
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.web.desks import browser, queries_of, text_of
from tests.world import World

REASON = "ปรับรอบการจ่ายเงินตามสัญญาที่ลงนามแล้วกับผู้รับจ้าง"


def begin(app: Flask, project_id: int, kind: str) -> str:
    answer = browser(app, "officer").post(f"/agency/projects/{project_id}/changes", data={"kind": kind})
    assert answer.status_code == 303
    return answer.headers["Location"]


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_plan_is_worked_out_asked_for_and_approved(app: Flask, world: World, language: str) -> None:
    (project_id,) = open_projects(world)
    address = begin(app, project_id, "detail")
    officer, secretariat = (browser(app, who, language) for who in ("officer", "secretariat"))
    form = {
        "version": version(text_of(officer.get(address))),
        "reason": REASON,
        "do": "ask",
        "spending-1-m1": "",
        "spending-1-m2": "",
        "spending-1-m3": "๑,๐๐๐,๐๐๐.๐๐",
        "milestone-1-title": "ลงนามสัญญา",
        "milestone-1-agency": "alpha",
        "milestone-1-weight": "40",
        "milestone-1-due_on-day": "31",
        "milestone-1-due_on-month": "12",
        "milestone-1-due_on-year": "2568",
        "milestone-2-title": "ตรวจรับงาน",
        "milestone-2-agency": "alpha",
        "milestone-2-weight": "60",
        "milestone-2-due_on-day": "30",
        "milestone-2-due_on-month": "9",
        "milestone-2-due_on-year": "2569",
    }
    assert officer.post(address, data=form).status_code == 303
    change_id = address.rsplit("/", 1)[1]
    assert "ลงนามสัญญา" in text_of(secretariat.get(f"/secretariat/changes/{change_id}"))
    assert secretariat.get("/secretariat/changes").status_code == 200
    waits = {"th": "คำขอเปลี่ยนแปลงแผน 1 คำขอรอพิจารณา", "en": "1 change of a plan waits for a judgement"}
    assert waits[language] in text_of(secretariat.get("/secretariat/"))
    judged = secretariat.post(f"/secretariat/changes/{change_id}", data={"verdict": "approve"})
    assert waits[language] not in text_of(secretariat.get("/secretariat/"))
    assert judged.status_code == 303
    plan = get_project(db.session(), world.actor("officer"), project_id).plan
    assert plan.by_month[:4] == (0, 0, 1_000_000_00, 34)
    assert [(m.title, m.weight, m.due_on.isoformat()) for m in plan.milestones] == [
        ("ลงนามสัญญา", 40, "2025-12-31"),
        ("ตรวจรับงาน", 60, "2026-09-30"),
    ]
    page = text_of(officer.get(f"/agency/projects/{project_id}"))
    assert "ตรวจรับงาน" in page
    assert officer.get(address).status_code == 200


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(app: Flask, world: World) -> None:
    (project_id,) = open_projects(world)
    address = begin(app, project_id, "transfer")
    officer = browser(app, "officer")
    form = {"version": version(text_of(officer.get(address))), "reason": REASON, "line-1": "หนึ่งล้าน"}
    answer = officer.post(address, data=form)
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'value="หนึ่งล้าน"' in page
    assert REASON in page
    assert 'id="line-1-error"' in page
    answer = officer.post(address, data=form | {"reason": "สั้น", "line-1": "", "do": "ask"})
    assert {'href="#total"', 'href="#reason"'} <= set(re.findall(r'href="#\w+"', text_of(answer)))
    answer = officer.post(
        address, data=form | {"reason": "สั้น", "do": "ask"}
    )  # what cannot be read, and what can
    assert re.findall(r'<li><a href="#([\w-]+)">([^<]*):', text_of(answer)) == [
        ("line-1", "ระบบคอมพิวเตอร์"),
        ("reason", "เหตุผล"),
    ]


def test_while_a_change_is_under_way_its_page_is_offered_and_no_other_change(
    app: Flask, world: World
) -> None:
    (project_id,) = open_projects(world)
    officer = browser(app, "officer")
    new = f"/agency/projects/{project_id}/changes/new"
    assert 'name="kind"' in text_of(officer.get(new))
    address = begin(app, project_id, "transfer")
    page = text_of(officer.get(new))
    assert f'class="btn btn-primary" href="{address}"' in page
    assert 'name="kind"' not in page
    refused = officer.post(new.removesuffix("/new"), data={"kind": "scope"})
    assert refused.status_code == 422
    assert f'href="{address}"' in text_of(refused)


def test_a_draft_that_cannot_be_asked_for_is_kept_and_says_why(app: Flask, world: World) -> None:
    (project_id,) = open_projects(world)
    address = begin(app, project_id, "detail")
    officer = browser(app, "officer")
    sent = {
        "version": version(text_of(officer.get(address))),
        "reason": "สั้น",
        "do": "ask",
        "spending-1-m1": "1",
    }
    answer = officer.post(address, data=sent)
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'href="#reason"' in page
    assert 'href="#spending-1"' in page
    assert 'value="1.00"' in text_of(officer.get(address))


def test_somebody_else_saving_first_is_told(app: Flask, world: World) -> None:
    (project_id,) = open_projects(world)
    address = begin(app, project_id, "detail")
    officer = browser(app, "officer")
    sent = {"version": version(text_of(officer.get(address))), "reason": REASON}
    assert officer.post(address, data=sent).status_code == 303
    stale = officer.post(address, data=sent | {"reason": f"{REASON} อีกครั้ง"})
    page = text_of(stale)
    assert stale.status_code == 409
    assert f"{REASON} อีกครั้ง" in page
    answer = officer.post(
        address, data=sent | {"version": version(page), "spending-1-m1": "0", "spending-1-m12": "166666.84"}
    )
    assert answer.status_code == 303


def test_a_change_that_came_back_says_why_and_takes_no_words_in_silence(app: Flask, world: World) -> None:
    (project_id,) = open_projects(world)
    address = begin(app, project_id, "scope")
    officer, secretariat = browser(app, "officer", "en"), browser(app, "secretariat", "en")
    sent = {
        "version": version(text_of(officer.get(address))),
        "reason": REASON,
        "line-1": "900000",
        "do": "ask",
    }
    assert officer.post(address, data=sent).status_code == 303
    assert officer.post(address, data=sent).status_code == 303  # a second click
    late = officer.post(address, data=sent | {"line-1": "800000"})
    assert late.status_code == 422
    assert "800,000.00" in text_of(late)
    judge = f"/secretariat{address.removeprefix('/agency')}"
    assert secretariat.post(judge, data={"verdict": "return", "note": ""}).status_code == 422
    answer = secretariat.post(judge, data={"verdict": "return", "note": "say what is left out"})
    assert secretariat.get(answer.headers["Location"]).status_code == 200
    assert "say what is left out" in text_of(officer.get(address))
    assert "Returned" in text_of(officer.get(f"/agency/projects/{project_id}"))


def test_a_cancellation_leaves_nothing_and_closes_the_project(app: Flask, world: World) -> None:
    (project_id,) = open_projects(world)
    address = begin(app, project_id, "cancellation")
    officer, secretariat = browser(app, "officer"), browser(app, "secretariat")
    sent = {"version": version(text_of(officer.get(address))), "reason": REASON, "do": "ask"}
    assert officer.post(address, data=sent).status_code == 303
    judge = f"/secretariat{address.removeprefix('/agency')}"
    refused = secretariat.post(judge, data={"verdict": "refuse"})
    assert (refused.status_code, 'id="note-error"' in text_of(refused)) == (422, True)
    assert secretariat.post(judge, data={"verdict": "approve"}).status_code == 303
    assert officer.post(f"/agency/projects/{project_id}/changes", data={"kind": "detail"}).status_code == 422
    row = get_project(db.session(), world.actor("officer"), project_id).row
    assert (row.state, row.allotted, row.approved) == ("cancelled", 0, GRANTED)


def test_another_agency_finds_nothing(app: Flask, world: World) -> None:
    (project_id,) = open_projects(world)
    address = begin(app, project_id, "detail")
    other = browser(app, "officer_beta")
    for path in (address, f"/agency/projects/{project_id}", f"/agency/projects/{project_id}/changes/new"):
        assert other.get(path).status_code == 404
    assert other.post(address, data={}).status_code == 404


def test_lists_ask_as_much_for_one_project_as_for_three(app: Flask, world: World) -> None:
    open_projects(world)
    officer = browser(app, "officer")
    few = queries_of(officer, "/agency/projects")
    open_projects(world, joint=True)
    assert queries_of(officer, "/agency/projects") == few <= 12


def test_versions_are_compared_and_a_project_is_closed_and_taken_up_again(app: Flask, world: World) -> None:
    (project_id,) = open_projects(world)
    officer, secretariat, other = (browser(app, who) for who in ("officer", "secretariat", "officer_beta"))
    address = f"/plans/{project_id}"
    assert [who.get(address).status_code for who in (officer, secretariat, other)] == [200, 200, 404]
    assert officer.post(f"{address}/close", data={}).status_code == 403
    assert secretariat.post(f"{address}/close", data={"note": "รายงานครบแล้ว"}).status_code == 303
    assert officer.post(f"/agency/projects/{project_id}/changes", data={"kind": "detail"}).status_code == 422
    assert secretariat.post(f"{address}/close", data={}).status_code == 422
    assert secretariat.post(f"{address}/reopen").status_code == 303
    change = begin(app, project_id, "extension")
    form = {"version": "1", "reason": REASON, "do": "ask", "ends_on-day": "31", "ends_on-month": "12"}
    assert officer.post(change, data=form | {"ends_on-year": "2569"}).status_code == 303
    waits = secretariat.post(f"{address}/close", data={"note": "จบแล้ว"})
    assert (waits.status_code, "จบแล้ว" in text_of(waits)) == (422, True)  # nothing waits behind a closed door
    judge = f"/secretariat{change.removeprefix('/agency')}"
    assert secretariat.post(judge, data={"verdict": "approve"}).status_code == 303
    page = text_of(officer.get(f"{address}?from=1&to=2"))
    assert "30 ก.ย. 2569 → 31 ธ.ค. 2569" in page
    assert officer.get(f"{address}?from=9&to=x").status_code == 200
    db.session.execute(update(MonitoredCall).values(origin="synthetic"))
    db.session.commit()
    for who, path in (
        (officer, address),
        (officer, f"/agency/projects/{project_id}"),
        (officer, change),
        (secretariat, judge),
    ):
        assert "สังเคราะห์" in text_of(who.get(path)), path  # the call itself says nothing of the kind here
