"""My proposals: found by words inside Thai words, narrowed, sorted and paged in the address; home by role; papers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.figures.models import PrintedPaper
from app.jobs.runner import drain
from app.kernel.db import db
from app.proposals.drafts import Draft
from app.web.agency import home
from tests.conftest import Backend, sign_in
from tests.proposals.consortium import (
    answer,
    ask,
    begin,
    certify,
    confirm,
    fill_in_part,
    gather,
    invite,
    return_for_revision,
    sign_for_part,
)
from tests.web.agency.conftest import SeparateClient
from tests.web.desks import browser, text_of
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, write_draft

NUMBER = re.compile(r"2570-\d{4}")


def shown(client: SeparateClient, **wanted: object) -> list[str]:
    """The numbers of the rows of the list, in order."""
    answer = client.get(f"/agency/proposals?{urlencode(wanted)}")
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    return [NUMBER.search(part)[0] for part in page.split('<th scope="row">')[1:] if NUMBER.search(part)]


def words(page: TestResponse) -> str:
    """What a reader reads: no tags, and single spaces."""
    return " ".join(re.sub(r"<[^>]*>", "", text_of(page)).split())


def titled(title: str, **changes: dict[str, Any]) -> Draft:
    return complete_draft(names={"title_th": title, "title_en": "Name"}, **changes)


@pytest.fixture
def several(backend: Backend, app: Flask, world: World) -> World:
    """What `file_several` left."""
    backend.begin_with(f"{__name__}.several", lambda: file_several(world))
    return world


def file_several(world: World) -> None:
    """1 a draft about water, 2 a filed standard, 3 of beta with alpha, 4 an empty draft, 5 of beta alone."""
    write_draft(world, titled("คลังข้อมูลน้ำบาดาลปี ๒๕๗๐", indicators={"rows": []}), at=NOW)
    big = {"rows": [budget_row(quantity="9", q1="4500004.50", q2="")]}
    file_proposal(world, titled("มาตรฐานกลาง", budget=big), at=NOW + timedelta(minutes=1))
    partner = titled("ระบบของเบตา", budget={"rows": [budget_row(agency="beta")]})
    partner["names"]["participants"] = ["alpha"]
    partner["integration"]["links"][0]["partner"] = "gamma"
    file_proposal(world, partner, by="officer_beta", agency="beta", at=NOW + timedelta(minutes=2))
    write_draft(world, complete_draft(), at=NOW + timedelta(minutes=3))
    strange = titled("ของเบตาลำพัง", budget={"rows": [budget_row(agency="beta")]})
    strange["integration"]["links"][0]["partner"] = "gamma"
    file_proposal(world, strange, by="officer_beta", agency="beta")


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, "4321"),
        ({"q": "บาดาล"}, "1"),
        ({"q": "ข้อมูล น้ำ"}, "1"),
        ({"q": "2570 คลัง"}, "1"),
        ({"q": "เบตา"}, "3"),
        ({"q": "2570-0002"}, "2"),
        ({"q": "ไม่มีคำนี้"}, ""),
        ({"q": "%_'\"\\"}, ""),
        ({"year": 2570}, "4321"),
        ({"year": 2569}, ""),
        ({"year": "x"}, "4321"),
        ({"state": "failed"}, ""),
        ({"state": "zz"}, "4321"),
        ({"state": "draft"}, "41"),
        ({"state": "filed"}, "32"),
        ({"state": "passed", "side": "participant"}, "3"),
        ({"side": "lead"}, "421"),
        ({"stage": "upstream"}, "4321"),
        ({"stage": "nowhere"}, "4321"),
        ({"who": "mine"}, "41"),
        ({"who": "officer"}, "41"),
        ({"who": "secretariat"}, "32"),
        ({"who": "nobody"}, ""),
        ({"who": "secretariat", "side": "lead", "q": "กลาง"}, "2"),
        ({"sort": "number"}, "1234"),
        ({"sort": "amount"}, "2431"),
        ({"sort": "state"}, "4132"),
        ({"sort": "due"}, "4321"),
        ({"sort": "sideways", "from": "x"}, "4321"),
    ],
    ids=str,
)
def test_the_address_says_what_is_shown(
    several: World, officer: SeparateClient, wanted: dict[str, object], numbers: str
) -> None:
    assert shown(officer, **wanted) == [f"2570-000{n}" for n in numbers]


@pytest.mark.both_databases
@pytest.mark.parametrize("wanted", [{}, {"who": "mine", "sort": "number"}], ids=str)
def test_a_page_beyond_the_end_leads_to_the_first(
    several: World, officer: SeparateClient, wanted: dict[str, str]
) -> None:
    answer = officer.get(f"/agency/proposals?{urlencode(wanted | {'from': '999'})}")
    assert answer.status_code == 302
    assert answer.location == "/agency/proposals" + (f"?{urlencode(wanted)}" if wanted else "")
    assert shown(officer, **wanted)


@pytest.mark.both_databases
def test_pages_follow_one_another_and_keep_the_filters(
    several: World, officer: SeparateClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "PER_PAGE", 3)
    for wanted in ({"sort": "number"}, {"sort": "number", "who": "mine"}):
        monkeypatch.setattr(home, "PER_PAGE", 1 if "who" in wanted else 3)
        first = officer.get(f"/agency/proposals?{urlencode(wanted)}").get_data(as_text=True)
        following = re.search(r'href="(/agency/proposals\?[^"]*from=\d+)" rel="next"', first)
        assert following is not None
        second = officer.get(following[1].replace("&amp;", "&")).get_data(as_text=True)
        numbers = (
            set(NUMBER.findall(first.split("<tbody>")[1])),
            set(NUMBER.findall(second.split("<tbody>")[1])),
        )
        assert not numbers[0] & numbers[1]
        assert len(numbers[0] | numbers[1]) == (2 if "who" in wanted else 4)


def test_a_row_says_who_has_to_act_what_is_missing_and_who_changed_it(
    several: World, officer: SeparateClient
) -> None:
    page = words(officer.get("/agency/proposals?q=บาดาล"))
    assert "ท่าน: กรอกให้ครบ (เหลือ 1 เรื่อง)" in page
    assert "ยังขาด: ตัวชี้วัด 1" in page
    assert "ผู้ใช้ officer" in page
    page = words(officer.get("/agency/proposals?q=มาตรฐาน"))
    assert "ฝ่ายเลขานุการ: มอบหมายผู้พิจารณา" in page


def test_an_agency_without_proposals_is_told_what_to_do(app: Flask, world: World) -> None:
    client = browser(app, "officer", "en")
    assert "No proposals yet" in words(client.get("/agency/proposals"))
    assert "There is nothing to print yet" in words(client.get("/agency/papers"))
    assert "Nothing waits for you" in words(client.get("/agency/"))


def test_each_role_finds_at_home_what_waits_for_it(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    certify()
    world = gather(world)
    key = begin(world)

    def at_home(name: str) -> tuple[str, str]:
        """What stands under "What waits for you", and what under "Waiting for others"."""
        client = SeparateClient(app, app.response_class)
        sign_in(client, World.email(name))
        page = client.get("/agency/")
        for address in re.findall(r'class="mine"><strong>[^<]*</strong>: <a href="([^"]*)"', text_of(page)):
            assert client.get(address).status_code == 200, address
        mine, _, others = words(page).split("สิ่งที่ท่านต้องทำ")[1].partition("รอผู้อื่น")
        return mine, others

    assert "เชิญหน่วยงานร่วม" in at_home("officer")[0]
    invite(world, key)
    assert "ตอบรับคำเชิญ" in at_home("officer_beta")[0]
    assert "ไม่มีงานที่รอท่าน" in at_home("certifier_beta")[0]
    assert "กรมเบตา: ตอบรับคำเชิญ" in at_home("officer")[1]
    answer(world, key)
    assert "กรอกและยืนยันส่วนของตน" in at_home("officer_beta")[0]
    fill_in_part(world, key)
    confirm(world, key)
    assert "ลงนามรับรองส่วนของหน่วยงาน" in at_home("certifier_beta")[0]
    assert "ผู้รับรอง กรมเบตา: ลงนามรับรองส่วนของหน่วยงาน" in at_home("officer_beta")[1]
    sign_for_part(world, key)
    assert "ลงนามรับรองข้อเสนอ" in at_home("certifier")[0]
    ask(world, key)
    assert "หน่วยงานอื่นขอให้ยืนยันการเชื่อมโยง 1 รายการ" in at_home("officer_gamma")[0]
    assert "หน่วยงานอื่นขอให้ยืนยัน" not in at_home("officer_beta")[0]


@pytest.mark.both_databases
def test_what_was_returned_comes_first_with_its_due_date(world: World, officer: SeparateClient) -> None:
    key = file_proposal(world)
    write_draft(world, complete_draft(), at=NOW + timedelta(hours=1))
    return_for_revision(world, key, "budget", due_at=NOW + timedelta(days=2))
    page = words(officer.get("/agency/")).split("สิ่งที่ท่านต้องทำ")[1]
    assert page.index("2570-0001") < page.index("2570-0002")
    assert "ยื่นอีกครั้งก่อน 22 พ.ย. 2568 10:00 น." in page


@pytest.mark.both_databases
def test_a_year_is_ordered_found_again_and_downloaded(
    app: Flask, several: World, officer: SeparateClient
) -> None:
    page = words(officer.get("/agency/papers"))
    assert "เลือกไว้ 2 ข้อเสนอ" in page  # what was filed, until something else is chosen
    assert "เลือกไว้ 4 ข้อเสนอ" in words(officer.get("/agency/papers?year=2570&state="))
    assert "ไม่มีข้อเสนอตามที่เลือก" in words(officer.get("/agency/papers?q=ไม่มีคำนี้"))
    order = {"year": FISCAL_YEAR, "state": "filed", "side": "lead", "format": "xlsx", "language": "th"}
    assert officer.post("/agency/papers", data=order).status_code == 303
    paper = db.session().query(PrintedPaper).one()
    page = words(officer.get("/agency/papers"))
    assert "รอพิมพ์" in page
    assert "ข้อเสนอที่ยื่นแล้ว · เป็นหน่วยงานหลัก" in page
    assert officer.get(f"/agency/papers/{paper.id}").status_code == 422
    drain(app)
    answer = officer.get(f"/agency/papers/{paper.id}")
    assert (answer.data[:2], answer.headers["Content-Disposition"]) == (
        b"PK",
        "attachment; filename=own-filings-2570-th.xlsx",
    )
    for name in ("certifier", "officer_beta"):
        assert browser(app, name).get(f"/agency/papers/{paper.id}").status_code == 404
    assert browser(app, "committee").get(f"/agency/papers/{paper.id}").status_code == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 303),
        ({"format": "docx"}, 422),
        ({"language": ""}, 422),
        ({"year": "1999"}, 404),
        ({"year": ""}, 422),
        ({"q": "ไม่มีคำนี้"}, 422),
        ({"state": "nonsense"}, 303),
    ],
    ids=str,
)
def test_what_can_be_ordered(
    several: World, officer: SeparateClient, changes: dict[str, str], status: int
) -> None:
    order = {"year": str(FISCAL_YEAR), "state": "filed", "format": "pdf", "language": "en"} | changes
    assert officer.post("/agency/papers", data=order).status_code == status
    assert db.session().query(PrintedPaper).count() == (1 if status == 303 else 0)


def test_one_proposal_is_fetched_as_pdf_and_workbook(several: World, officer: SeparateClient) -> None:
    for ending, begins in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        answer = officer.get(f"/agency/proposals/1/paper.{ending}")
        assert answer.data.startswith(begins)
        assert answer.headers["Content-Disposition"] == f"attachment; filename=2570-0001.{ending}"
    assert officer.get("/agency/proposals/5/paper.pdf").status_code == 404
    assert officer.get("/agency/proposals/1/paper.docx").status_code == 404
