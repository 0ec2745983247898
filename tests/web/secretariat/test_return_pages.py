"""The secretariat's pages of questions and returns: collected, mended, sent, overdue, called back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import db
from app.proposals.models import ProposalQuestion, ProposalReturn
from app.proposals.returns import mark_of
from tests.conftest import FixedClock
from tests.proposals.sent_back import DUE, LATER, answer, ask, refile, send_back, state
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, NOW, World

WEEK_LATER = {
    "return-due-day": "27",
    "return-due-month": "11",
    "return-due-year": "2568",
    "return-due-time": "16:30",
}


@pytest.fixture
def secretariat(app: Flask) -> FlaskClient:
    return browser(app, "secretariat")


def test_a_question_is_added_mended_and_sent_with_its_section_opened(
    secretariat: FlaskClient, world: World
) -> None:
    proposal_id = file_one(world)
    page = f"/secretariat/proposals/{proposal_id}/returns"
    form = {"question-section": "indicators", "question-text": "วัดอย่างไร"}
    added = secretariat.post(f"/secretariat/proposals/{proposal_id}/questions", data=form)
    assert (added.status_code, added.location) == (303, f"{page}#pending")
    question = db.session.query(ProposalQuestion).one().id
    mended = form | {"question-text": "วัดผลอย่างไร", "question-seen": mark_of("วัดอย่างไร")}
    assert secretariat.post(f"/secretariat/questions/{question}", data=mended).status_code == 303
    assert "วัดผลอย่างไร" in text_of(secretariat.get(page))
    sent = secretariat.post(
        f"/secretariat/proposals/{proposal_id}/return",
        data=WEEK_LATER | {"question": str(question), "return-message": "โปรดตอบ"},
    )
    assert sent.status_code == 303
    db.session.rollback()
    row = db.session.query(ProposalReturn).one()
    assert (row.sections, row.message) == ('["indicators"]', "โปรดตอบ")
    assert row.due_at.isoformat() == "2025-11-27T09:30:00+00:00"
    words = text_of(secretariat.get(page))
    for said in ("อยู่ระหว่างหน่วยงานแก้ไข (ครั้งที่ 1)", "27 พ.ย. 2568 16:30 น.", "ตอบแล้ว 0 จาก 1 ข้อ"):
        assert said in words


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    secretariat: FlaskClient, world: World
) -> None:
    proposal_id = file_one(world)
    question = ask(world, proposal_id, "คำถามที่รอ")
    base = f"/secretariat/proposals/{proposal_id}"
    typed = "ข้อความที่พิมพ์ไว้"
    for address, data, wrong in (
        (f"{base}/questions", {"question-text": typed}, "question-section"),
        (f"{base}/return", WEEK_LATER | {"return-due-day": "31", "return-message": typed}, "return-due-day"),
        (f"{base}/return", WEEK_LATER | {"return-due-year": "2569", "return-message": typed}, "return-due"),
        (f"{base}/return", WEEK_LATER | {"return-message": typed}, "return-sections"),
    ):
        answered = secretariat.post(address, data=data)
        page = text_of(answered)
        assert answered.status_code == 422
        assert f'href="#{wrong}"' in page
        assert typed in page
    stale = {"question-section": "budget", "question-text": typed, "question-seen": "ไม่ใช่"}
    answered = secretariat.post(f"/secretariat/questions/{question}", data=stale)
    assert answered.status_code == 409
    assert f'id="question-{question}-text-error"' in text_of(answered)
    assert typed in text_of(answered)
    assert state(proposal_id) == "passed"


def test_a_dropped_question_is_no_longer_offered(secretariat: FlaskClient, world: World) -> None:
    proposal_id = file_one(world)
    question = ask(world, proposal_id, "คำถามที่จะตัด")
    assert secretariat.post(f"/secretariat/questions/{question}/drop").status_code == 303
    assert "คำถามที่จะตัด" not in text_of(secretariat.get(f"/secretariat/proposals/{proposal_id}/returns"))


@pytest.mark.both_databases
def test_overdue_returns_stand_on_the_home_until_they_are_dealt_with(
    app: Flask, world: World, clock: FixedClock
) -> None:
    proposal_id = file_one(world)
    send_back(world, proposal_id, message="แก้ไข", sections=("budget",))
    overdue, waiting = "1 returned proposal is overdue", "1 proposal is out for revision"
    before = text_of(browser(app, "secretariat", "en").get("/secretariat/"))
    assert (overdue in before, waiting in before) == (False, True)
    clock.moment = DUE
    client = browser(app, "secretariat", "en")
    after = text_of(client.get("/secretariat/"))
    assert (overdue in after, waiting in after) == (True, False)
    listed = text_of(client.get(f"/secretariat/calls/{FISCAL_YEAR}/returns"))
    assert "Overdue" in listed
    assert "23 Nov 2568 B.E., 10:00" in listed
    base = f"/secretariat/proposals/{proposal_id}/return"
    later = {
        "return-due-day": "25",
        "return-due-month": "11",
        "return-due-year": "2568",
        "return-due-time": "9:00",
    }
    assert client.post(f"{base}/extend", data=later).status_code == 303
    assert overdue not in text_of(client.get("/secretariat/"))
    assert client.post(f"{base}/extend", data=later | {"return-due-day": "24"}).status_code == 422
    assert client.post(f"{base}/recall", data={"recall-reason": ""}).status_code == 422
    assert client.post(f"{base}/recall", data={"recall-reason": "พอแล้ว"}).status_code == 303
    db.session.rollback()
    assert state(proposal_id) == "passed"
    assert "The last filing counts" in text_of(client.get(f"/secretariat/proposals/{proposal_id}/returns"))


def test_the_cap_of_the_call_takes_the_form_away(secretariat: FlaskClient, world: World) -> None:
    proposal_id = file_one(world)
    for cycle in (1, 2):
        at = NOW + cycle * timedelta(hours=2)
        send_back(world, proposal_id, message="แก้ไข", sections=("budget",), at=at)
        refile(world, proposal_id, at + timedelta(hours=1), f"again-{cycle}")
    page = text_of(secretariat.get(f"/secretariat/proposals/{proposal_id}/returns"))
    assert "ส่งคืนแก้ไขครบ 2 ครั้ง" in page
    assert 'id="return-form"' not in page
    assert page.count('class="cycle"') == 2


def test_a_filing_out_for_revision_says_so_and_reviews_of_the_earlier_one_are_marked(
    app: Flask, secretariat: FlaskClient, world: World
) -> None:
    proposal_id = file_one(world)
    (given,) = assign(world, proposal_id, "reviewer_bb")
    hand_in(world, "reviewer_bb", given, scores())
    question = ask(world, proposal_id)
    send_back(world, proposal_id, question)
    page = text_of(secretariat.get(f"/secretariat/proposals/{proposal_id}"))
    assert "ส่งคืนให้หน่วยงานแก้ไข ยื่นใหม่ก่อน" in page
    assert "ให้คะแนนฉบับก่อน" not in page
    committee = browser(app, "committee")
    assert "เพราะส่งคืนให้หน่วยงานแก้ไขอยู่" in text_of(committee.get(f"/committee/proposals/{proposal_id}"))
    answer(world, proposal_id, question, "ตอบ", at=LATER)
    refile(world, proposal_id)
    assert "ให้คะแนนฉบับก่อน" in text_of(secretariat.get(f"/secretariat/proposals/{proposal_id}"))
    page = text_of(committee.get(f"/committee/proposals/{proposal_id}"))
    assert "คะแนน 1 จาก 1 คนเป็นคะแนนของฉบับก่อน" in page
    assert f"/filings/{proposal_id}/changes" in page


@pytest.mark.both_databases
def test_lists_ask_the_same_whatever_the_number(secretariat: FlaskClient, world: World) -> None:
    def fill() -> None:
        send_back(world, file_one(world), message="แก้ไข", sections=("budget",))
        ask(world, file_one(world))

    address = f"/secretariat/calls/{FISCAL_YEAR}/returns"
    fill()
    few = [queries_of(secretariat, p) for p in (address, "/secretariat/")]
    for _ in range(4):
        fill()
    assert [queries_of(secretariat, p) for p in (address, "/secretariat/")] == few
    assert max(few) <= 10
