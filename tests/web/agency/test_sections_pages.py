"""Saving the form section by section: bad input, more rows, stale forms; whatever was typed is still there."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.kernel.db import db
from app.proposals.drafts import empty_draft
from app.proposals.queries import get_draft
from tests.web.agency.paper import create, hidden, save, text_of
from tests.world import World, budget_row, complete_draft, write_draft


def kept(world: World, proposal_id: int) -> dict[str, Any]:
    db.session.rollback()
    return get_draft(db.session(), world.actor("officer"), proposal_id).draft


BAD = [
    ("names", {"names-title_th": "ก" * 301}, "names-title_th", "ยาวเกินไป"),
    (
        "names",
        {"names-participants": "nowhere", "names-title_en": "Kept"},
        "names-participants",
        "ไม่มีในรายการ",
    ),
    ("plan", {"plan-stage": "upstream", "plan-guideline": "2.1"}, "plan-guideline", "ไม่ได้อยู่ในช่วง"),
    ("plan", {"plan-strategy": "1", "plan-focus_area": "5"}, "plan-focus_area", "ไม่ได้อยู่ในยุทธศาสตร์"),
    ("integration", {"integration-1-channel": "pigeon"}, "integration-1-channel", "ไม่มีช่องทางนี้"),
    (
        "integration",
        {"integration-service_users": ["beta", "zz"]},
        "integration-service_users",
        "ไม่มีในรายการ",
    ),
    ("rationale", {"rationale-outputs": "ผ" * 6001}, "rationale-outputs", "ไม่เกิน 6,000 ตัวอักษร"),
    ("indicators", {"indicators-1-unit": "ห" * 101}, "indicators-1-unit", "ไม่เกิน 100 ตัวอักษร"),
    ("budget", {"budget-1-unit_price": "สิบบาท"}, "budget-1-unit_price", "ต้องเป็นตัวเลข"),
    ("budget", {"budget-1-q1": "-5"}, "budget-1-q1", "ต้องไม่ติดลบ"),
    ("budget", {"budget-1-q2": "1.005"}, "budget-1-q2", "ไม่เกิน 2 ตำแหน่ง"),
    ("budget", {"budget-1-later4": "1,000,000,000,000.01"}, "budget-1-later4", "ไม่เกิน 1,000,000,000,000"),
    ("budget", {"budget-1-quantity": "1.5"}, "budget-1-quantity", "จำนวนเต็ม"),
    ("budget", {"budget-1-agency": "gamma", "budget-1-item": "x"}, "budget-1-agency", "ไม่ได้อยู่ในโครงการ"),
]


@pytest.mark.parametrize(("section", "sent", "place", "words"), BAD, ids=[b[2] for b in BAD])
def test_bad_input_is_told_at_its_field_and_nothing_is_saved(
    officer: FlaskClient, world: World, section: str, sent: dict[str, Any], place: str, words: str
) -> None:
    proposal_id = create(officer)
    answer = officer.post(f"/agency/proposals/{proposal_id}/{section}", data={"version": "1", **sent})
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#{place}"' in page
    assert f'id="{place}"' in page
    assert words in page
    for typed in sent.values():
        if isinstance(typed, str) and typed not in ("nowhere", "pigeon", "gamma"):
            assert typed in page
    assert kept(world, proposal_id) == empty_draft()


@pytest.mark.parametrize("section", ["names", "plan", "integration", "rationale", "indicators", "budget"])
def test_section_saved_and_opened_again(officer: FlaskClient, world: World, section: str) -> None:
    proposal_id = create(officer)
    value = complete_draft()[section]
    assert save(officer, proposal_id, section, value).status_code == 303
    assert kept(world, proposal_id)[section] == value
    assert save(officer, proposal_id, section, value).status_code == 303  # unchanged: saved again as it is
    assert kept(world, proposal_id)[section] == value


def test_incomplete_is_saved_and_told_as_a_hint(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    row = budget_row(q1="1.00", category="")
    answer = save(officer, proposal_id, "budget", {"rows": [row]}, go="next")
    assert answer.headers["Location"].endswith("/attachments")
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}/budget"))
    assert "สี่ไตรมาสรวมได้ 2.00 บาท" in page
    assert "กรุณาเลือกประเภทงบรายจ่าย" in page
    assert "1,000,001.00" in page


def test_more_rows_keeps_everything_typed_and_saves_nothing(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    sent = {"version": "1", "more": "1", "shown_rows": "3", "budget-2-item": "พิมพ์ไว้", "budget-2-q1": "สิบ"}
    answer = officer.post(f"/agency/proposals/{proposal_id}/budget", data=sent)
    page = text_of(answer)
    assert answer.status_code == 200
    assert 'name="budget-1-item" value="พิมพ์ไว้"' in page
    assert 'value="สิบ"' in page
    assert page.count("data-row>") == 8
    assert kept(world, proposal_id) == empty_draft()


def test_narrowing_the_plan_without_script(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    sent = {
        "version": "1",
        "look": "1",
        "plan-stage": "downstream",
        "plan-guideline": "3.1",
        "plan-strategy": "4",
    }
    page = text_of(officer.post(f"/agency/proposals/{proposal_id}/plan", data=sent))
    assert '<option value="3.1" selected>' in page
    assert '<option value="1.1"' not in page
    assert '<option value="10"' in page  # justice, of strategy 4
    assert '<option value="9"' not in page  # tourism, of strategy 3
    assert kept(world, proposal_id) == empty_draft()


MINE = {
    "version": "1",
    "rationale-rationale": "ของฉัน",
    "rationale-objectives": "จุดหมาย",
    "rationale-outputs": "",
}


def test_two_texts_in_one_field_are_put_to_the_second(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/rationale"
    theirs = MINE | {"rationale-rationale": "ของเพื่อน"}
    assert officer.post(address, data=theirs).status_code == 303
    answer = officer.post(address, data=MINE)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "เพื่อน" in page
    assert "ของฉัน</textarea>" in page
    assert kept(world, proposal_id)["rationale"]["rationale"] == "ของเพื่อน"
    sent = MINE | {"version": hidden(page, "version"), "opened_version": hidden(page, "opened_version")}
    again = officer.post(f"{address}/choose", data=sent)
    assert again.status_code == 409, "a field without a choice is asked about again"
    chosen = sent | {"choice:rationale-rationale": "mine"}
    assert officer.post(f"{address}/choose", data=chosen).status_code == 303
    assert kept(world, proposal_id)["rationale"]["rationale"] == "ของฉัน"


def test_a_choice_made_before_a_third_save_is_asked_again(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/rationale"
    officer.post(address, data=MINE | {"rationale-rationale": "ของเพื่อน"})
    page = text_of(officer.post(address, data=MINE))
    officer.post(address, data=MINE | {"version": "2", "rationale-rationale": "ของคนที่สาม"})
    chosen = MINE | {
        "version": hidden(page, "version"),
        "opened_version": hidden(page, "opened_version"),
        "choice:rationale-rationale": "mine",
    }
    answer = officer.post(f"{address}/choose", data=chosen)
    assert answer.status_code == 409
    assert "คนที่สาม" in text_of(answer)
    assert kept(world, proposal_id)["rationale"]["rationale"] == "ของคนที่สาม"


def test_changes_of_different_fields_are_both_kept(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/rationale"
    nothing = {"rationale-rationale": "", "rationale-objectives": "", "rationale-outputs": "", "version": "1"}
    officer.post(address, data=nothing | {"rationale-rationale": "ของเพื่อน"})
    assert officer.post(address, data=nothing | {"rationale-outputs": "ของฉัน"}).status_code == 303
    assert kept(world, proposal_id)["rationale"] == {
        "rationale": "ของเพื่อน",
        "objectives": "",
        "outputs": "ของฉัน",
    }


@pytest.mark.parametrize("version", ["", "x", "0", "99999999999", "-1"])
def test_a_form_without_a_version_overwrites_nothing(
    officer: FlaskClient, world: World, version: str
) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/names"
    officer.post(address, data={"version": "1", "names-title_th": "ชื่อที่บันทึกแล้ว"})
    answer = officer.post(address, data={"version": version, "names-title_th": "ชื่อที่พิมพ์"})
    assert answer.status_code == 409
    assert "ชื่อที่พิมพ์" in text_of(answer)
    assert kept(world, proposal_id)["names"]["title_th"] == "ชื่อที่บันทึกแล้ว"


def test_agency_that_left_the_proposal_is_told_at_its_line(officer: FlaskClient, world: World) -> None:
    proposal_id = create(officer)
    draft = complete_draft()
    save(officer, proposal_id, "names", draft["names"] | {"participants": ["beta"]})
    save(officer, proposal_id, "budget", {"rows": [budget_row(agency="beta")]})
    save(officer, proposal_id, "names", draft["names"])
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}/budget"))
    assert "ไม่ได้อยู่ในโครงการแล้ว" in page
    assert "หน่วยงานนี้ไม่ได้อยู่ในโครงการ" in page


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_page_in_both_languages(officer: FlaskClient, world: World, language: str) -> None:
    officer.post(f"/language/{language}")
    proposal_id = write_draft(world, complete_draft())
    address = f"/agency/proposals/{proposal_id}"
    for path in ("", "/names", "/plan", "/integration", "/rationale", "/indicators", "/budget", "/attachments",
                 "/check", "/read", "/submit"):  # fmt: skip
        answer = officer.get(address + path)
        assert answer.status_code == 200, path
        assert f'<html lang="{language}">' in text_of(answer)


@pytest.mark.both_databases
def test_list_is_filtered_by_the_address(officer: FlaskClient, world: World) -> None:
    write_draft(world, complete_draft())
    for query, found in (("", True), ("?state=draft", True), ("?state=failed", False), ("?state=zz", True),
                         ("?year=2570", True), ("?year=2569", False), ("?year=x&from=zz", True)):  # fmt: skip
        answer = officer.get(f"/agency/proposals{query}")
        assert answer.status_code == 200
        assert ("2570-0001" in text_of(answer)) is found, query
