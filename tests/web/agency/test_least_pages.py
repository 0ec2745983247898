"""The smallest amount a project still works with, on the pages: typed, told when it is none, filed, read at every desk."""

from __future__ import annotations

import html

from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import db
from app.proposals.models import Proposal
from app.proposals.queries import get_draft
from tests.proposals.consortium import answer, begin, gather, invite
from tests.web.agency.paper import create, fill_in, hidden, save, text_of
from tests.web.desks import assign, browser
from tests.world import World, budget_row, complete_draft, file_proposal

SCOPE = "เลื่อนการติดตั้งที่สำนักงานสาขา 12 แห่งไปปีถัดไป"
NAME = "วงเงินขั้นต่ำที่ยังดำเนินโครงการได้"
STATED = {"rows": [budget_row()], "least": "600000.00", "least_scope": SCOPE}


def budget_of(world: World, proposal_id: int) -> dict[str, object]:
    db.session.rollback()
    value: dict[str, object] = get_draft(db.session(), world.actor("officer"), proposal_id).draft["budget"]
    return value


def send(
    officer: FlaskClient, proposal_id: int, version: int, least: str, scope: str, unit_price: str
) -> str:
    row = {"agency": "alpha", "category": "capital", "item": "ระบบ", "quantity": "2", "unit": "ระบบ"}
    fields = {f"budget-1-{key}": text for key, text in (row | {"unit_price": unit_price}).items()}
    fields |= {"budget-least": least, "budget-least_scope": scope, "version": str(version)}
    said = officer.post(f"/agency/proposals/{proposal_id}/budget/autosave", data=fields)
    assert said.json is not None, said.text[:500]
    assert said.json["state"] == "saved"
    return html.unescape(said.json["panel"])


def test_it_is_typed_in_thai_digits_kept_and_shown_again(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}/budget"))
    assert "บัญชีของคณะกรรมการอาจรับโครงการด้วยวงเงินนี้" in page
    more = {"budget-least": "๖๐๐,๐๐๐", "budget-least_scope": SCOPE}
    assert save(officer, proposal_id, "budget", {"rows": [budget_row()]}, **more).status_code == 303
    assert budget_of(world, proposal_id) == STATED
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}/budget"))
    assert 'name="budget-least" value="600,000.00"' in page
    assert f"{SCOPE}</textarea>" in page
    assert "1,000,001.00 บาท" in page
    officer.post("/language/en")
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}/budget"))
    assert "If the whole amount does not fit under the ceiling" in html.unescape(page)


def test_what_cannot_be_read_is_told_at_its_field_and_kept(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    more = {"budget-least": "หกแสน", "budget-least_scope": SCOPE}
    refused = save(officer, proposal_id, "budget", {"rows": [budget_row()]}, **more)
    page = text_of(refused)
    assert refused.status_code == 422
    assert 'href="#budget-least"' in page
    assert 'id="budget-least-error"' in page
    assert 'value="หกแสน"' in page
    assert f"{SCOPE}</textarea>" in page
    send(officer, proposal_id, 1, "หกแสน", SCOPE, "10")
    assert budget_of(world, proposal_id)["unread"] == {"budget-least": "หกแสน"}
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}/budget"))
    assert 'value="หกแสน"' in page
    assert 'id="budget-least-error"' in page


def test_the_check_beside_the_form_follows_the_total(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    told = "ต้องมากกว่าศูนย์และน้อยกว่าวงเงินที่ขอทั้งหมด"
    assert told not in send(officer, proposal_id, 1, "15", SCOPE, "10")
    panel = send(officer, proposal_id, 2, "15", SCOPE, "7.50")
    assert f"วงเงินขั้นต่ำ 15.00 บาท {told} 15.00 บาท" in panel
    assert "หรือลบวงเงินขั้นต่ำออก" in send(officer, proposal_id, 3, "15", "", "10")
    assert "หรือลบข้อความสิ่งที่จะตัดออก" in send(officer, proposal_id, 4, "", SCOPE, "10")
    panel = send(officer, proposal_id, 5, "", "", "10")
    assert "วงเงินขั้นต่ำ" not in panel


def test_two_officers_with_two_amounts_are_asked_which(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/budget"
    sent = {"version": "1", "budget-least_scope": SCOPE}
    assert officer.post(address, data=sent | {"budget-least": "600,000"}).status_code == 303
    asked = officer.post(address, data=sent | {"budget-least": "500,000"})
    page = text_of(asked)
    assert asked.status_code == 409
    for said in (NAME, "600,000.00", "500,000.00", 'name="choice:budget-least"'):
        assert said in page
    fields = {name: hidden(page, name) for name in ("version", "opened_version")}
    chosen = sent | fields | {"budget-least": "500,000", "choice:budget-least": "mine"}
    assert officer.post(f"{address}/choose", data=chosen).status_code == 303
    assert budget_of(world, proposal_id) == {"rows": [], "least": "500000.00", "least_scope": SCOPE}


def test_it_is_filed_and_every_desk_reads_it(officer: FlaskClient, app: Flask, world: World) -> None:
    proposal_id = create(officer)
    fill_in(officer, proposal_id, complete_draft(budget=STATED))
    before = text_of(officer.get(f"/agency/proposals/{proposal_id}/submit"))
    assert SCOPE in before
    key = before.split('name="key" value="')[1].split('"')[0]
    filed = officer.post(f"/agency/proposals/{proposal_id}/submit", data={"key": key})
    assert filed.status_code == 303
    db.session.rollback()
    assert db.session.get_one(Proposal, proposal_id).least == 60_000_000
    receipt = text_of(officer.get(f"/agency/proposals/{proposal_id}/receipt"))
    assert NAME in receipt
    assert "600,000.00 บาท" in receipt
    assignment = assign(world, proposal_id, "reviewer_bb")[0]
    pages = {
        "certifier": f"/agency/proposals/{proposal_id}",
        "secretariat": f"/secretariat/proposals/{proposal_id}",
        "reviewer_bb": f"/reviewer/assignments/{assignment}",
        "committee": f"/committee/proposals/{proposal_id}",
    }
    for name, address in pages.items():
        answered = browser(app, name).get(address)
        page = text_of(answered)
        assert answered.status_code == 200, (name, address)
        for said in (NAME, "600,000.00", SCOPE):
            assert said in page, (name, said)


def test_a_filing_that_states_none_says_nothing_of_it(officer: FlaskClient, world: World) -> None:
    proposal_id = file_proposal(world)
    for address in (f"/agency/proposals/{proposal_id}", f"/agency/proposals/{proposal_id}/receipt"):
        assert "วงเงินขั้นต่ำ" not in text_of(officer.get(address))


def test_a_participant_is_not_asked_for_it(app: Flask, world: World) -> None:
    here = gather(world)
    proposal_id = begin(here)
    invite(here, proposal_id)
    answer(here, proposal_id)
    beta = browser(app, "officer_beta")
    page = text_of(beta.get(f"/agency/proposals/{proposal_id}/parts/beta/budget"))
    assert "budget-1-item" in page
    assert "budget-least" not in page
