"""Links put to the reader's agency: what is shown of them, and answering through the pages."""

from __future__ import annotations

import pytest
from flask import Flask

from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Membership, Role
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import answer_link, save_section, submit_proposal
from app.proposals.models import LinkRequest
from app.proposals.queries import get_asked_link, read_draft
from tests.proposals.consortium import ask, begin, gather, join, joint, requests_of
from tests.web.agency.paper import hidden
from tests.web.desks import browser, queries_of, text_of
from tests.world import NOW, PASSWORD, World

NAME = "ทะเบียนผู้ประกอบการ"


def proposal_of(request_id: int) -> int:
    return db.session.get_one(LinkRequest, request_id).proposal_id


@pytest.fixture
def here(app: Flask, world: World) -> World:
    return gather(world)


def asked(world: World, **changes: str) -> int:
    """A link put to gamma; returns the id of the question."""
    draft = joint()
    draft["integration"]["links"][0] |= changes
    proposal_id = begin(world, draft)
    ask(world, proposal_id)
    return requests_of(proposal_id)[0].id


def test_confirming_and_changing_the_answer(app: Flask, here: World) -> None:
    request_id = asked(here)
    gamma = browser(app, "officer_gamma")
    page = text_of(gamma.get("/agency/links"))
    assert "รอคำตอบ 1 รายการ" in page
    assert f'href="/agency/links/{request_id}"' in page
    address = f"/agency/links/{request_id}"
    sent = {"seen": hidden(text_of(gamma.get(address)), "seen"), "link-answer": "confirm"}
    answer = gamma.post(address, data=sent | {"link-own_money": "yes", "link-note": "มีระบบแล้ว"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/agency/links")
    page = text_of(gamma.get(address))
    assert "ยืนยันแล้ว" in page
    assert "มีระบบแล้ว" in page
    sent = {"seen": hidden(page, "seen"), "link-answer": "decline", "link-note": "ยกเลิกแล้ว"}
    assert gamma.post(address, data=sent).status_code == 303
    found = get_asked_link(db.session(), here.actor("officer_gamma"), request_id)
    assert (found.state, found.own_money, found.note) == ("declined", None, "ยกเลิกแล้ว")
    assert "รอคำตอบ" not in text_of(gamma.get("/agency/links"))


INCOMPLETE: list[tuple[dict[str, str], str]] = [
    ({}, "link-answer"),
    ({"link-answer": "maybe"}, "link-answer"),
    ({"link-answer": "confirm"}, "link-own_money"),
    ({"link-answer": "confirm", "link-own_money": "x"}, "link-own_money"),
    ({"link-answer": "decline"}, "link-note"),
    ({"link-answer": "decline", "link-note": " \n"}, "link-note"),
    ({"link-answer": "decline", "link-note": "ก" * 2001}, "link-note"),
]


@pytest.mark.parametrize(("sent", "place"), INCOMPLETE)
def test_what_is_missing_is_told_and_nothing_typed_is_lost(
    app: Flask, here: World, sent: dict[str, str], place: str
) -> None:
    request_id = asked(here)
    answer = browser(app, "officer_gamma").post(f"/agency/links/{request_id}", data={"seen": "asked", **sent})
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in page
    assert f'href="#{place}"' in page
    assert sent.get("link-note", "").strip() in page
    assert requests_of(proposal_of(request_id))[0].state == "asked"


DIRECTIONS = {
    "provides": ("หน่วยงานของท่านรับจากกรมอัลฟา", "Your agency receives it from Department Alpha"),
    "consumes": ("หน่วยงานของท่านให้แก่กรมอัลฟา", "Your agency provides it to Department Alpha"),
    "both": ("แลกเปลี่ยนสองทางกับกรมอัลฟา", "It goes both ways between your agency and Department Alpha"),
}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_direction_is_said_from_our_side(app: Flask, here: World, direction: str) -> None:
    request_id = asked(here, direction=direction)
    for language, words in zip(("th", "en"), DIRECTIONS[direction], strict=True):
        reader = browser(app, "officer_gamma", language)
        for path in ("/agency/links", f"/agency/links/{request_id}"):
            assert words in text_of(reader.get(path))


def test_the_partner_sees_nothing_else_of_the_proposal(app: Flask, here: World) -> None:
    marker = "ลับเฉพาะXYZZY"
    draft = joint()
    draft["rationale"] = dict.fromkeys(draft["rationale"], marker)
    draft["budget"]["rows"][0]["item"] = marker
    proposal_id = begin(here, draft)
    ask(here, proposal_id)
    gamma = browser(app, "officer_gamma")
    for path in ("/agency/links", f"/agency/links/{requests_of(proposal_id)[0].id}"):
        page = text_of(gamma.get(path))
        assert "ระบบเชื่อมโยงข้อมูลทดสอบ" in page
        assert marker not in page
        assert "1,000,001" not in page
    assert gamma.get(f"/agency/proposals/{proposal_id}").status_code == 404


WHO = {
    "officer_gamma": 200,
    "certifier_gamma": 200,
    "officer": 404,
    "officer_beta": 404,
    "secretariat": 403,
    "committee": 403,
    "reviewer_bb": 403,
    "admin": 403,
}


@pytest.mark.parametrize("person", WHO)
def test_who_may_open_and_answer(app: Flask, here: World, person: str) -> None:
    request_id, reader = asked(here), browser(app, person)
    assert reader.get(f"/agency/links/{request_id}").status_code == WHO[person]
    sent = {"seen": "asked", "link-answer": "confirm", "link-own_money": "no"}
    expected = 303 if WHO[person] == 200 else WHO[person]
    assert reader.post(f"/agency/links/{request_id}", data=sent).status_code == expected
    listed = reader.get("/agency/links")
    assert listed.status_code == (403 if WHO[person] == 403 else 200)
    assert (NAME in text_of(listed)) == (WHO[person] == 200)


def test_a_colleagues_answer_is_shown_before_it_is_changed(app: Flask, here: World) -> None:
    request_id = asked(here)
    with open_work(here.actor("certifier_gamma"), NOW) as work:
        answer_link(work, request_id, confirms=True, own_money=False, note="ยืนยันโดยหัวหน้า")
    sent = {"seen": "asked", "link-answer": "decline", "link-note": "คำตอบของฉัน"}
    gamma = browser(app, "officer_gamma")
    answer = gamma.post(f"/agency/links/{request_id}", data=sent)
    page = text_of(answer)
    assert answer.status_code == 409
    for words in ("เพื่อนร่วมงานของท่านตอบเรื่องนี้ไปแล้ว", "ยืนยันโดยหัวหน้า", "คำตอบของฉัน"):
        assert words in page
    assert hidden(page, "seen") == "confirmed"
    again = gamma.post(f"/agency/links/{request_id}", data=sent | {"seen": "confirmed"})
    assert again.status_code == 303


def test_a_link_that_is_no_more_needs_no_answer(app: Flask, here: World) -> None:
    request_id = asked(here)
    proposal_id = proposal_of(request_id)
    view = read_draft(db.session(), proposal_id)
    with open_work(here.actor("officer"), NOW) as work:
        value = view.draft["integration"] | {"links": []}
        save_section(work, proposal_id, "integration", value, view.section_versions["integration"])
    gamma, address = browser(app, "officer_gamma"), f"/agency/links/{request_id}"
    assert NAME not in text_of(gamma.get("/agency/links"))
    page = text_of(gamma.get(address))
    assert "จึงไม่ต้องตอบ" in page
    assert 'name="link-answer"' not in page
    answer = gamma.post(address, data={"seen": "asked", "link-answer": "confirm", "link-own_money": "no"})
    assert answer.status_code == 422
    assert "จึงไม่ต้องตอบ" in text_of(answer)


@pytest.mark.both_databases
def test_a_long_list_is_paged_and_waits_first(app: Flask, here: World) -> None:
    draft = joint()
    one = draft["integration"]["links"][0]
    draft["integration"]["links"] = [one | {"name": f"ชุดข้อมูล {n:02d}"} for n in range(30)]
    for _ in range(2):
        ask(here, begin(here, draft))
    gamma = browser(app, "officer_gamma")
    first = gamma.get("/agency/links")
    assert text_of(first).count('href="/agency/links/') == 50
    assert "/agency/links?from=51" in text_of(first)
    assert text_of(gamma.get("/agency/links?from=51")).count('href="/agency/links/') == 10
    few = queries_of(browser(app, "officer_beta"), "/agency/links")
    assert queries_of(gamma, "/agency/links") <= few + 1


def test_somebody_of_two_agencies_sees_which_is_asked(app: Flask, here: World) -> None:
    with open_work(SYSTEM, NOW) as work:
        both = [Membership(Role.OFFICER, here.agencies[code]) for code in ("beta", "gamma")]
        add_demo_person(work, World.email("both"), Text("สองหน่วย", "Both"), PASSWORD, both)
    proposal_id = begin(here)
    join(here, proposal_id)
    ask(here, proposal_id)
    assert "ถามถึง กรมแกมมา" in text_of(browser(app, "both").get("/agency/links"))


def test_nobody_was_asked_anything(app: Flask, here: World) -> None:
    assert "ยังไม่มีการเชื่อมโยงที่ขอให้ยืนยัน" in text_of(browser(app, "officer").get("/agency/links"))


def test_readers_of_the_proposal_see_whose_link_it_is_and_what_its_partner_says(
    app: Flask, here: World
) -> None:
    """In the draft, and in the filing as it was then; also at the secretariat."""
    proposal_id = begin(here)
    join(here, proposal_id)
    ask(here, proposal_id)
    ask(here, proposal_id, "beta")
    first, second = requests_of(proposal_id)
    with open_work(here.actor("officer_gamma"), NOW) as work:
        answer_link(work, first.id, confirms=True, own_money=True)
    readers = [(browser(app, "officer"), f"/agency/proposals/{proposal_id}/read")]
    for filed in (False, True):
        if filed:
            with open_work(here.actor("officer"), NOW) as work:
                submit_proposal(work, proposal_id, "key")
            with open_work(here.actor("officer_gamma"), NOW) as work:  # too late for this filing
                answer_link(work, second.id, confirms=False, own_money=None, note="ปฏิเสธ")
            readers = [
                (browser(app, "officer"), f"/agency/proposals/{proposal_id}"),
                (browser(app, "secretariat"), f"/secretariat/proposals/{proposal_id}"),
            ]
        for reader, path in readers:
            page = text_of(reader.get(path))
            links = page[page.index('id="filed-integration"') : page.index('id="filed-rationale"')]
            for words in ("หน่วยงานคู่เชื่อมยืนยันแล้ว", "ขอเงินของตนเองด้วย", "รอหน่วยงานคู่เชื่อมยืนยัน"):
                assert words in links, (filed, path, words)
            assert "หน่วยงานคู่เชื่อมปฏิเสธ" not in links
            assert links.count("ของ กรมเบตา") == 1
            indicators = page[page.index('id="filed-indicators"') : page.index('id="filed-budget"')]
            assert indicators.count("ของ กรมเบตา") == 1
