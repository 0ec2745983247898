"""From a new draft to the receipt: idempotent filing, the window to the millisecond, everything missing at once."""

from __future__ import annotations

import contextvars
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Membership, Role
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.models import Submission
from app.screening.models import ScreeningRun
from tests.conftest import FixedClock, sign_in
from tests.web.agency.paper import create, fill_in, hidden, text_of
from tests.world import FISCAL_YEAR, NOW, PASSWORD, World, complete_draft, file_proposal, write_draft

OPENS = datetime(2025, 11, 16, 17, 0, tzinfo=UTC)  # 17 Nov 2568, 00:00 in Bangkok
CLOSES = datetime(2025, 11, 26, 17, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_from_new_draft_to_receipt(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    fill_in(officer, proposal_id, complete_draft())
    address = f"/agency/proposals/{proposal_id}"
    assert "พร้อมยื่น" in text_of(officer.get("/agency/"))
    assert "จะผ่านการกลั่นกรองอัตโนมัติ" in text_of(officer.get(f"{address}/check"))
    page = text_of(officer.get(f"{address}/submit"))
    assert "ทะเบียนผู้ประกอบการ" in page
    answer = officer.post(f"{address}/submit", data={"key": hidden(page, "key")})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/receipt")
    receipt = text_of(officer.get(f"{address}/receipt"))
    assert f"R{FISCAL_YEAR}-0001-1" in receipt
    assert "1,000,001.00" in receipt
    filed = text_of(officer.get(address))
    assert "ผ่านการกลั่นกรอง" in filed
    assert "ระบบเชื่อมโยงข้อมูลทดสอบ" in filed
    paper = officer.get(f"{address}/receipt.pdf")
    assert paper.mimetype == "application/pdf"
    words = pypdfium2.PdfDocument(io.BytesIO(paper.data))[0].get_textpage().get_text_range()
    assert f"R{FISCAL_YEAR}-0001-1" in words
    assert "ระบบเชื่อมโยงข้อมูลทดสอบ" in words


@pytest.mark.both_databases
def test_second_click_retry_and_new_key_give_the_same_receipt(officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    address = f"/agency/proposals/{proposal_id}/submit"
    for key in ("a", "a", "b", "", "x" * 5000):
        answer = officer.post(address, data={"key": key})
        assert (answer.status_code, answer.headers["Location"]) == (303, address.replace("submit", "receipt"))
    assert count(Submission) == 1
    assert count(ScreeningRun) == 1
    assert officer.get(address).status_code == 302


@pytest.mark.both_databases
def test_four_clicks_at_once_file_once(app: Flask, client: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    address = f"/agency/proposals/{proposal_id}/submit"
    browsers = [app.test_client() for _ in range(4)]

    def click(browser: FlaskClient) -> int:
        return browser.post(address, data={"key": "same"}).status_code

    for browser in browsers:
        contextvars.Context().run(sign_in, browser, World.email("officer"))
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(click, browsers)) == [303] * 4
    assert count(Submission) == 1
    assert count(ScreeningRun) == 1


@pytest.mark.both_databases
def test_same_key_for_two_proposals_files_both(officer: FlaskClient, world: World) -> None:
    for proposal_id in (write_draft(world, complete_draft()), write_draft(world, complete_draft())):
        assert officer.post(f"/agency/proposals/{proposal_id}/submit", data={"key": "k"}).status_code == 303
    assert count(Submission) == 2


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (OPENS - MILLISECOND, 422),
        (OPENS, 303),
        (OPENS + MILLISECOND, 303),
        (CLOSES - MILLISECOND, 303),
        (CLOSES, 422),
        (CLOSES + MILLISECOND, 422),
    ],
)
def test_window_to_the_millisecond(
    client: FlaskClient, world: World, clock: FixedClock, moment: datetime, status: int
) -> None:
    proposal_id = write_draft(world, complete_draft())
    clock.moment = moment
    sign_in(client, World.email("officer"))
    answer = client.post(f"/agency/proposals/{proposal_id}/submit", data={"key": "k"})
    assert answer.status_code == status
    assert count(Submission) == (status == 303)
    if status == 422:
        assert "อยู่นอกช่วงเปิดรับ" in text_of(answer)
        assert "ระบบเชื่อมโยงข้อมูลทดสอบ" in text_of(answer)  # the whole proposal is still there
    answer = client.post("/agency/proposals", data={"fiscal_year": str(FISCAL_YEAR)})
    assert answer.status_code == status


def test_everything_missing_is_listed_at_once_with_links(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}"
    for answer in (officer.get(f"{address}/submit"), officer.post(f"{address}/submit", data={"key": "k"})):
        page = text_of(answer)
        for place in (
            "names-title_th",
            "plan-stage",
            "integration-forms",
            "rationale-outputs",
            "budget-rows",
        ):
            assert f'href="{address}/{place.split("-")[0]}#{place}"' in page
    assert answer.status_code == 422
    assert 'name="key"' not in page


def test_failed_screening_says_what_would_change_it(officer: FlaskClient, world: World) -> None:
    draft = complete_draft(
        integration={"links": [{**complete_draft()["integration"]["links"][0], "partner": "alpha"}]}
    )
    proposal_id = write_draft(world, draft)
    address = f"/agency/proposals/{proposal_id}"
    assert "ไม่ผ่านการกลั่นกรอง" in text_of(officer.get(f"{address}/submit"))
    assert "สิ่งที่จะทำให้ผลเปลี่ยน" in text_of(officer.get(f"{address}/check"))
    officer.post(f"{address}/submit", data={"key": "k"})
    assert "สิ่งที่จะทำให้ผลเปลี่ยน" in text_of(officer.get(address))
    assert "ไม่ผ่านการกลั่นกรอง" in text_of(officer.get("/agency/"))


def test_filed_proposal_takes_no_more_changes(officer: FlaskClient, world: World) -> None:
    proposal_id = file_proposal(world)
    address = f"/agency/proposals/{proposal_id}"
    answer = officer.post(f"{address}/names", data={"version": "2", "names-title_th": "ชื่อใหม่ที่พิมพ์"})
    assert answer.status_code == 422
    assert "ชื่อใหม่ที่พิมพ์" in text_of(answer)
    assert officer.get(f"{address}/names").status_code == 302
    assert officer.get(f"{address}/check").status_code == 302
    assert officer.get(f"{address}/read").status_code == 302


@pytest.mark.parametrize("sent", [{"fiscal_year": "x"}, {"fiscal_year": "2499"}, {"fiscal_year": "9" * 30}])
def test_new_proposal_of_no_call_is_not_found(officer: FlaskClient, sent: dict[str, str]) -> None:
    assert officer.post("/agency/proposals", data=sent).status_code == 404


def test_new_proposal_without_a_call_is_asked_for_one(officer: FlaskClient) -> None:
    answer = officer.post("/agency/proposals")
    assert answer.status_code == 422
    assert "รอบคำขอที่เปิดรับ" in text_of(answer)


def test_officer_of_two_agencies_chooses(client: FlaskClient, world: World) -> None:
    with open_work(SYSTEM, NOW) as work:
        both = [Membership(Role.OFFICER, world.agencies[code]) for code in ("alpha", "beta")]
        add_demo_person(work, World.email("both"), Text("สองหน่วย", "Both"), PASSWORD, both)
    sign_in(client, World.email("both"))
    assert "กรมเบตา" in text_of(client.get("/agency/"))
    answer = client.post("/agency/proposals", data={"fiscal_year": str(FISCAL_YEAR)})
    assert answer.status_code == 422
    assert "กรุณาเลือกหน่วยงาน" in text_of(answer)
    sent = {"fiscal_year": str(FISCAL_YEAR), "agency": str(world.agencies["beta"])}
    assert client.post("/agency/proposals", data=sent).status_code == 303


@pytest.mark.parametrize("agency", ["999999", "x", "0"])
def test_new_proposal_of_a_foreign_agency_is_not_found(
    officer: FlaskClient, world: World, agency: str
) -> None:
    for foreign in (agency, str(world.agencies["beta"])):
        answer = officer.post("/agency/proposals", data={"fiscal_year": str(FISCAL_YEAR), "agency": foreign})
        assert answer.status_code == 404


def test_a_draft_without_links_leads_to_where_they_are_filled_in(officer: FlaskClient) -> None:
    address = f"/agency/proposals/{create(officer)}"
    assert (
        f'class="btn btn-outline-primary" href="{address}/integration"'
        in officer.get(f"{address}/partners").text
    )
