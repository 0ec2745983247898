"""Saving by itself: what the script is told, what is kept, and that one bad field holds nothing up."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.kernel.db import db
from app.proposals.models import DraftRevision
from app.proposals.queries import get_draft
from tests.conftest import Backend, sign_in
from tests.web.agency.paper import create
from tests.world import World


def autosave(
    client: FlaskClient, proposal_id: int, section: str, version: int, **fields: str
) -> tuple[int, dict]:
    sent = {f"{section}-{name}": text for name, text in fields.items()} | {"version": str(version)}
    answer = client.post(f"/agency/proposals/{proposal_id}/{section}/autosave", data=sent)
    assert answer.json is not None, answer.text[:500]
    return answer.status_code, answer.json


def kept(backend: Backend, proposal_id: int) -> dict:
    with backend.app.app_context():
        return get_draft(db.session(), backend.world.actor("officer"), proposal_id).draft


@pytest.mark.both_databases
def test_a_field_is_saved_with_the_time_in_words(officer: FlaskClient, backend: Backend) -> None:
    proposal_id = create(officer)
    status, said = autosave(officer, proposal_id, "names", 1, title_th="ชื่อโครงการ", title_en="")
    assert (status, said["state"], said["version"], said["said"]) == (200, "saved", 2, "บันทึกแล้ว 10:00 น.")
    assert kept(backend, proposal_id)["names"]["title_th"] == "ชื่อโครงการ"
    assert "ตรวจร่างขณะกรอก" in said["panel"]


@pytest.mark.both_databases
def test_every_save_is_a_revision(officer: FlaskClient, backend: Backend) -> None:
    proposal_id = create(officer)
    for version in (1, 2, 3):
        autosave(officer, proposal_id, "names", version, title_th=f"ฉบับ {version}", title_en="")
    autosave(officer, proposal_id, "names", 4, title_th="ฉบับ 3", title_en="")  # nothing new
    with backend.app.app_context():
        rows = db.session.execute(
            select(DraftRevision.version, DraftRevision.cause)
            .where(DraftRevision.proposal_id == proposal_id, DraftRevision.section == "names")
            .order_by(DraftRevision.version)
        ).all()
    assert [tuple(row) for row in rows] == [(2, "autosaved"), (3, "autosaved"), (4, "autosaved")]


BAD_LINE = {
    "1-agency": "alpha",
    "1-item": "เครื่องแม่ข่าย",
    "1-quantity": "สองเครื่อง",
    "1-unit_price": "1,0x0",
    "1-q1": "๑๐๐.๕๐",
}


@pytest.mark.both_databases
def test_what_cannot_be_read_is_kept_as_typed(officer: FlaskClient, backend: Backend) -> None:
    proposal_id = create(officer)
    status, said = autosave(officer, proposal_id, "budget", 1, **BAD_LINE)
    assert status == 200
    assert {p["place"] for p in said["problems"]} == {"budget-1-quantity", "budget-1-unit_price"}
    value = kept(backend, proposal_id)["budget"]
    assert value["rows"][0]["item"] == "เครื่องแม่ข่าย"
    assert value["rows"][0]["q1"] == "100.50"
    assert value["rows"][0]["unit_price"] == ""
    assert value["unread"] == {"budget-1-quantity": "สองเครื่อง", "budget-1-unit_price": "1,0x0"}
    page = officer.get(f"/agency/proposals/{proposal_id}/budget").text
    assert 'value="สองเครื่อง"' in page
    assert 'value="1,0x0"' in page
    assert 'id="budget-1-quantity-error"' in page
    assert "ยังอ่าน “สองเครื่อง” ไม่ได้" in officer.get(f"/agency/proposals/{proposal_id}/submit").text


@pytest.mark.both_databases
def test_two_people_in_different_fields_are_brought_together(officer: FlaskClient, backend: Backend) -> None:
    proposal_id = create(officer)
    autosave(officer, proposal_id, "names", 1, title_th="ไทย", title_en="")
    status, said = autosave(officer, proposal_id, "names", 1, title_th="", title_en="English")
    assert (status, said["state"], said["fields"]) == (200, "saved", {"names-title_th": "ไทย"})
    assert said["merged"]
    names = kept(backend, proposal_id)["names"]
    assert (names["title_th"], names["title_en"]) == ("ไทย", "English")


@pytest.mark.both_databases
def test_two_people_in_one_field_are_told_and_nothing_is_overwritten(
    officer: FlaskClient, backend: Backend
) -> None:
    proposal_id = create(officer)
    autosave(officer, proposal_id, "names", 1, title_th="ของเพื่อน", title_en="")
    with backend.app.app_context():  # it was somebody else who saved
        saved = DraftRevision.proposal_id == proposal_id, DraftRevision.version == 2
        db.session.execute(update(DraftRevision).where(*saved).values(by=backend.world.users["officer_beta"]))
        db.session.commit()
    status, said = autosave(officer, proposal_id, "names", 1, title_th="ของฉัน", title_en="")
    assert (status, said["state"]) == (409, "conflict")
    assert "ผู้ใช้ officer_beta" in said["said"]
    assert kept(backend, proposal_id)["names"]["title_th"] == "ของเพื่อน"


def test_two_windows_of_one_person_are_not_spoken_of_as_two_people(
    officer: FlaskClient, backend: Backend
) -> None:
    proposal_id = create(officer)
    autosave(officer, proposal_id, "names", 1, title_th="หน้าต่างแรก", title_en="")
    status, said = autosave(officer, proposal_id, "names", 1, title_th="หน้าต่างที่สอง", title_en="")
    assert (status, said["state"]) == (409, "conflict")
    assert "อีกหน้าต่างหนึ่ง" in said["said"]
    assert "ผู้ใช้ officer" not in said["said"]
    sent = {"names-title_th": "หน้าต่างที่สอง", "names-title_en": "", "version": "1"}
    page = officer.post(f"/agency/proposals/{proposal_id}/names", data=sent)
    assert page.status_code == 409
    assert "ใช้ของหน้านี้" in page.text
    assert "ใช้ของอีกหน้าต่าง" in page.text
    assert "ใช้ของผู้ใช้" not in page.text


@pytest.mark.both_databases
def test_a_page_whose_answer_was_lost_does_not_meet_its_own_text(
    officer: FlaskClient, backend: Backend
) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/names/autosave"

    def sent(text: str, page: str, english: str = "") -> int:
        fields = {"names-title_th": text, "names-title_en": english, "version": "1", "page": page}
        return officer.post(address, data=fields).status_code

    # the same page again and again with the version before; then another page, which does meet its text
    assert [sent(text, "page-a") for text in ("ก", "กข", "กขค")] == [200, 200, 200]
    assert kept(backend, proposal_id)["names"]["title_th"] == "กขค"
    assert sent("อื่น", "page-b") == 409
    # another page's change of another field is not undone by the first page, which never saw it
    assert sent("", "page-b", "English") == 200
    assert sent("กขคง", "page-a") == 200
    names = kept(backend, proposal_id)["names"]
    assert (names["title_th"], names["title_en"]) == ("กขคง", "English")


@pytest.mark.both_databases
def test_the_form_itself_knows_what_its_page_saved(officer: FlaskClient, backend: Backend) -> None:
    """After a lost answer the person takes the text out again; somebody else has changed it meanwhile."""
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/names"

    def fields(text: str, page: str, version: int) -> dict[str, str]:
        return {"names-title_th": text, "names-title_en": "", "version": str(version), "page": page}

    assert officer.post(f"{address}/autosave", data=fields("ก", "page-a", 1)).status_code == 200  # lost
    assert officer.post(f"{address}/autosave", data=fields("ข", "page-b", 2)).status_code == 200
    assert officer.post(f"{address}/autosave", data=fields("", "page-a", 1)).status_code == 409
    assert officer.post(address, data=fields("", "page-a", 1)).status_code == 409
    assert kept(backend, proposal_id)["names"]["title_th"] == "ข"


@pytest.mark.both_databases
def test_what_belongs_to_no_field_is_refused_and_told(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    rows = {f"{n}-name": f"ตัวชี้วัด {n}" for n in range(1, 32)}
    status, said = autosave(officer, proposal_id, "indicators", 1, **rows)
    assert (status, said["state"]) == (422, "refused")
    assert said["problems"][0]["place"] == "indicators-rows"


@pytest.mark.both_databases
@pytest.mark.parametrize("who", ["officer_beta", "certifier", "secretariat", None])
def test_nobody_else_saves(officer: FlaskClient, backend: Backend, who: str | None) -> None:
    proposal_id = create(officer)
    other = backend.app.test_client()
    if who:
        sign_in(other, backend.world.email(who))
    answer = other.post(f"/agency/proposals/{proposal_id}/names/autosave", data={"version": "1"})
    assert answer.status_code in (401, 403, 404)
    with backend.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DraftRevision)) == 0


@pytest.mark.both_databases
def test_a_page_that_outlived_its_session_learns_who_is_there_now(officer: FlaskClient, world: World) -> None:
    said = officer.get("/agency/session").json
    assert said is not None
    assert said["person"] == world.users["officer"]
    assert said["csrf"]
