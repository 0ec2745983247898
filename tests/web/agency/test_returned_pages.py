"""The agency's page of a return: questions, answers, two people, the moment it is due, and what changed."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from app.kernel.db import db
from app.proposals.models import ProposalQuestion
from app.proposals.returns import mark_of
from tests.conftest import FixedClock
from tests.proposals.sent_back import DUE, LATER, answer, ask, refile, save, send_back
from tests.web.desks import assign, browser, file_one, text_of
from tests.world import World, budget_row


def returned(world: World, *sections: str) -> tuple[int, list[int]]:
    """A filing given back with a question on each of these sections."""
    proposal_id = file_one(world)
    questions = [
        ask(world, proposal_id, f"ถามเรื่อง {s}", section=s, by="reviewer_bb") for s in sections or ("budget",)
    ]
    send_back(world, proposal_id, *questions, message="โปรดแก้ไข")
    return proposal_id, questions


def form(**answers: Any) -> dict[str, str]:
    """The form as opened with no answers yet, and these typed: q12="text"."""
    typed = {int(key[1:]): text for key, text in answers.items()}
    version = ",".join(f"{q}:{mark_of('')}" for q in typed)
    return {"version": version} | {f"answer-{q}": text for q, text in typed.items()}


def kept(question: int) -> str:
    db.session.rollback()
    return db.session.get_one(ProposalQuestion, question).answer


def test_the_page_says_what_where_and_by_when(app: Flask, world: World) -> None:
    proposal_id, (question,) = returned(world)
    page = text_of(browser(app, "officer").get(f"/agency/proposals/{proposal_id}/returned"))
    for said in (
        "23 พ.ย. 2568 10:00:00 น.",
        "เหลือ 3 วัน 0 ชั่วโมง",
        "โปรดแก้ไข",
        "ถามเรื่อง budget",
        "แก้ไขส่วนนี้",
        f'href="#answer-{question}"',
        "ผู้พิจารณา · ",
    ):
        assert said in page, said
    assert "ผู้ใช้ reviewer_bb" not in page
    certifier = text_of(browser(app, "certifier").get(f"/agency/proposals/{proposal_id}/returned"))
    assert "<textarea" not in certifier
    assert "ถามเรื่อง budget" in certifier


def test_answers_are_saved_together_and_the_officer_goes_on_to_file(app: Flask, world: World) -> None:
    proposal_id, (first, second) = returned(world, "budget", "names")
    client = browser(app, "officer")
    address = f"/agency/proposals/{proposal_id}/returned"
    assert "ยังขาดคำตอบ 2 ข้อ" in text_of(client.get(address))
    saved = client.post(address, data=form(**{f"q{first}": "ตอบหนึ่ง", f"q{second}": "ตอบสอง"}))
    assert (saved.status_code, saved.location) == (303, f"{address}#answers")
    assert (kept(first), kept(second)) == ("ตอบหนึ่ง", "ตอบสอง")
    assert "ตอบครบแล้ว" in text_of(client.get(address))


def test_the_task_list_counts_unanswered_questions_and_leads_to_them(app: Flask, world: World) -> None:
    proposal_id, (first, second) = returned(world, "budget", "names")
    client = browser(app, "officer")
    home = f"/agency/proposals/{proposal_id}"
    page = text_of(client.get(home))
    assert re.search(r"ยังต้องเติมหรือแก้</dt>\s*<dd>2\b", page)
    assert "ตอบคำถามที่เหลือ 2 ข้อ" in page
    assert "ตรวจทานและยื่น</a>" not in page
    client.post(f"{home}/returned", data=form(**{f"q{first}": "ตอบหนึ่ง", f"q{second}": "ตอบสอง"}))
    page = text_of(client.get(home))
    assert "ตอบคำถามที่เหลือ" not in page
    assert "ตรวจทานและยื่น</a>" in page


def test_two_officers_see_both_texts_and_neither_is_lost(app: Flask, world: World) -> None:
    proposal_id, (first, second) = returned(world, "budget", "names")
    address = f"/agency/proposals/{proposal_id}/returned"
    opened = form(**{f"q{first}": "", f"q{second}": ""})
    one, two = browser(app, "officer"), browser(app, "reviewer_alpha")
    assert one.post(address, data=opened | {f"answer-{first}": "ของคนแรก"}).status_code == 303
    # the second changed the other answer only: both stand
    assert two.post(address, data=opened | {f"answer-{second}": "ของคนที่สอง"}).status_code == 303
    assert (kept(first), kept(second)) == ("ของคนแรก", "ของคนที่สอง")
    # the second, from the page as first opened, changes the first answer too
    clash = two.post(address, data=opened | {f"answer-{first}": "อีกข้อความ", f"answer-{second}": "ของคนที่สอง"})
    page = text_of(clash)
    assert clash.status_code == 409
    assert "ของคนแรก" in page
    assert "อีกข้อความ" in page
    assert kept(first) == "ของคนแรก"
    again = {
        "version": f"{first}:{mark_of('ของคนแรก')},{second}:{mark_of('ของคนที่สอง')}",
        f"answer-{first}": "อีกข้อความ",
        f"answer-{second}": "ของคนที่สอง",
    }
    assert two.post(address, data=again).status_code == 303
    assert kept(first) == "อีกข้อความ"


def test_answers_save_themselves(app: Flask, world: World) -> None:
    proposal_id, (first, second) = returned(world, "budget", "names")
    client = browser(app, "officer")
    address = f"/agency/proposals/{proposal_id}/returned/autosave"
    opened = form(**{f"q{first}": "", f"q{second}": ""})
    said = client.post(address, data=opened | {f"answer-{first}": "พิมพ์อยู่"})
    assert said.status_code == 200
    told = said.get_json()
    assert told["state"] == "saved"
    assert told["version"] == f"{second}:{mark_of('')},{first}:{mark_of('พิมพ์อยู่')}"
    assert (told["merged"], told["fields"]) == ("", {})
    assert f'href="#answer-{second}"' in told["panel"]
    assert kept(first) == "พิมพ์อยู่"
    answer(world, proposal_id, second, "ของคนอื่น", by="reviewer_alpha")
    told = client.post(
        address, data=opened | {"version": told["version"], f"answer-{first}": "พิมพ์ต่อ"}
    ).get_json()
    assert told["fields"] == {f"answer-{second}": "ของคนอื่น"}
    clash = client.post(address, data=opened | {f"answer-{second}": "ชนกัน", f"answer-{first}": "พิมพ์ต่อ"})
    assert (clash.status_code, clash.get_json()["state"]) == (409, "conflict")
    refused = client.post(address, data=form(**{f"q{first}": "ก" * 6001}) | {"version": ""})
    assert (refused.status_code, refused.get_json()["state"]) == (422, "refused")
    assert kept(first) == "พิมพ์ต่อ"


def test_too_late_keeps_the_text_in_the_page(app: Flask, world: World, clock: FixedClock) -> None:
    proposal_id, (question,) = returned(world)
    clock.moment = DUE
    client = browser(app, "officer")
    address = f"/agency/proposals/{proposal_id}/returned"
    late = client.post(address, data=form(**{f"q{question}": "มาช้า"}))
    page = text_of(late)
    assert late.status_code == 422
    for said in ("พ้นกำหนดแก้ไขแล้ว", "มาช้า", "ข้อความของท่านที่ไม่ได้บันทึก"):
        assert said in page
    assert kept(question) == ""


def test_look_shows_what_was_typed_and_saves_nothing(app: Flask, world: World) -> None:
    proposal_id, (question,) = returned(world)
    address = f"/agency/proposals/{proposal_id}/returned"
    shown = browser(app, "officer").post(address, data=form(**{f"q{question}": "ค้างไว้"}) | {"look": "1"})
    page = text_of(shown)
    assert shown.status_code == 200
    assert "ค้างไว้" in page
    assert "data-unsaved" in page
    assert kept(question) == ""


def test_everybody_sees_what_changed_and_only_the_agency_what_is_not_filed(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    assign(world, proposal_id, "reviewer_bb")
    question = ask(world, proposal_id)
    send_back(world, proposal_id, question)
    answer(world, proposal_id, question, "ลดราคาแล้ว")
    cheaper = {"rows": [budget_row(unit_price="400000.50", q1="800001.00", q2="")]}
    save(world, proposal_id, "budget", cheaper)
    readers = ("secretariat", "committee", "reviewer_bb")
    unseen = ("400,000.50", "ลดราคาแล้ว")
    own = f"/agency/proposals/{proposal_id}/changes"
    page = text_of(browser(app, "officer").get(own))
    for said in (*unseen, "ร่างที่กำลังแก้ไข (ยังไม่ได้ยื่น)"):
        assert said in page
    for name in readers:
        page = text_of(browser(app, name).get(f"/filings/{proposal_id}/changes"))
        assert "ยื่นเพียงครั้งเดียว" in page
        assert not any(said in page for said in unseen)
    refile(world, proposal_id, LATER)
    for name, address in (*((n, f"/filings/{proposal_id}/changes") for n in readers), ("officer", own)):
        page = text_of(browser(app, name).get(address))
        for said in (*unseen, "ฉบับที่ 1", "ฉบับที่ 2", "-1", "ขอรายละเอียดเพิ่ม"):
            assert said in page, (name, said)
    certifier = browser(app, "certifier")
    for odd in ("?since=9&until=9", "?since=0&until=1", "?since=x&until=-1", "?since=2&until=1"):
        assert certifier.get(own + odd).status_code == 200


def test_a_proposal_never_returned_says_so(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    client = browser(app, "officer")
    page = text_of(client.get(f"/agency/proposals/{proposal_id}/returned"))
    assert "ไม่เคยส่งคืนแก้ไข" in page
    assert client.post(f"/agency/proposals/{proposal_id}/returned", data={}).status_code == 422
