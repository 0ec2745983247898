"""The discussion on the reviewer's desk: when it opens, what is kept of what was typed, how others are called."""

from __future__ import annotations

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import declare_conflict, withdraw_assignment
from app.reviews.actions.discussing import record_outcome
from app.reviews.facts import NamesFor
from app.reviews.models import DiscussionNote
from app.reviews.threads import Conclusion
from tests.reviews.discussed import at_phase, discussed, finalise, say
from tests.web.desks import GOOD_COMMENT, browser, file_one, hand_in, queries_of, scores, text_of
from tests.world import NOW, World, give


def _address(assignment_id: int) -> str:
    return f"/reviewer/assignments/{assignment_id}/discussion"


def test_it_opens_when_my_own_scores_are_in(app: Flask, world: World) -> None:
    at_phase(world, "scoring")
    proposal_id = file_one(world)
    given = give(world, proposal_id, "reviewer_bb", "reviewer_dga")
    hand_in(world, "reviewer_bb", given[0], scores(1, GOOD_COMMENT))
    at_phase(world, "discussion")
    say(world, "reviewer_bb", proposal_id, "ถ้อยคำของผู้อื่น")
    client = browser(app, "reviewer_dga")
    for answer in (
        client.get(_address(given[1])),
        client.post(_address(given[1]), data={"act": "note", "note": "สิ่งที่พิมพ์ไว้"}),
    ):
        page = text_of(answer)
        assert answer.status_code == 422
        assert "หลังจากท่านส่งผลคะแนนของท่านแล้ว" in page
        assert "ถ้อยคำของผู้อื่น" not in page
        assert "25.00" not in page
    assert "สิ่งที่พิมพ์ไว้</textarea>" in page
    at_phase(world, "scoring")
    hand_in(world, "reviewer_dga", given[1], scores(3))
    at_phase(world, "discussion")
    page = text_of(client.get(_address(given[1])))
    for said in ("ถ้อยคำของผู้อื่น", "25.00", "75.00", "2 ระดับ"):
        assert said in page, said


@pytest.mark.parametrize("ends", ["conflict", "withdrawn"])
def test_a_note_typed_when_the_discussion_closed_to_me_is_not_lost(
    app: Flask, world: World, ends: str
) -> None:
    proposal_id, given = discussed(world)
    say(world, "reviewer_bb", proposal_id, "ถ้อยคำของผู้อื่น")
    client = browser(app, "reviewer_dga")
    assert client.get(_address(given[1])).status_code == 200
    if ends == "conflict":
        with open_work(world.actor("reviewer_dga"), NOW) as work:
            declare_conflict(work, given[1], "ญาติทำงานอยู่")
    else:
        with open_work(world.actor("secretariat"), NOW) as work:
            withdraw_assignment(work, given[1], "เปลี่ยนผู้พิจารณา")
    answer = client.post(_address(given[1]), data={"act": "note", "note": "พิมพ์ค้างไว้"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "พิมพ์ค้างไว้</textarea>" in page
    assert "ถ้อยคำของผู้อื่น" not in page
    db.session.rollback()
    assert db.session.query(DiscussionNote).count() == 1
    assert browser(app, "reviewer_bb").get(_address(given[1])).status_code == 404


def test_notes_are_kept_once_and_taken_back(app: Flask, world: World) -> None:
    _, given = discussed(world)
    client, path = browser(app, "reviewer_dga"), _address(given[1])
    for note, problem in (("", "กรุณาพิมพ์ข้อความ"), ("ก" * 4001, "ข้อความยาวเกินไป")):
        answer = client.post(path, data={"act": "note", "note": note})
        page = text_of(answer)
        assert answer.status_code == 422
        assert problem in page
        assert f"{note}</textarea>" in page
    assert client.post(path, data={"act": "note", "note": "ก\x00ข"}).status_code == 400
    for _ in range(2):
        answer = client.post(path, data={"act": "note", "note": "<b>เห็นต่าง</b>\nบรรทัดสอง"})
        assert (answer.status_code, answer.location) == (303, f"{path}#thread")
    db.session.rollback()
    (note,) = db.session.query(DiscussionNote)
    assert "&lt;b&gt;เห็นต่าง" in client.get(path).get_data(as_text=True)
    other = browser(app, "reviewer_bb")
    assert other.post(_address(given[0]), data={"act": "take_back", "id": str(note.id)}).status_code == 404
    assert client.post(path, data={"act": "take_back", "id": "x"}).status_code == 404
    assert client.post(path, data={"act": "take_back", "id": str(note.id)}).status_code == 303
    assert "ผู้เขียนถอนข้อความนี้แล้ว" in text_of(other.get(_address(given[0])))


@pytest.mark.parametrize("names_for", list(NamesFor))
def test_others_are_called_as_the_round_keeps_names(app: Flask, world: World, names_for: NamesFor) -> None:
    proposal_id, given = discussed(world, names_for=names_for)
    say(world, "reviewer_bb", proposal_id, "จากคนแรก")
    say(world, "secretariat", proposal_id, "จากฝ่ายเลขานุการ")
    page = text_of(browser(app, "reviewer_dga").get(_address(given[1])))
    assert ("ผู้ใช้ reviewer_bb" in page) == (names_for is NamesFor.EVERYONE)
    assert page.count("ผู้พิจารณาคนที่ 1") >= (0 if names_for is NamesFor.EVERYONE else 2)
    assert "ผู้ใช้ secretariat" in page


@pytest.mark.both_databases
def test_a_final_score_is_asked_for_and_led_to(app: Flask, world: World) -> None:
    proposal_id, given = discussed(world)
    client, path = browser(app, "reviewer_dga"), _address(given[1])
    assert "ให้คะแนนสุดท้าย" not in text_of(client.get(path))
    with open_work(world.actor("secretariat"), NOW) as work:
        record_outcome(work, proposal_id, Conclusion.RESCORE, "ขอคะแนนสุดท้าย")
    assert "ท่านให้ได้เมื่อรอบเข้าสู่ขั้นคะแนนสุดท้าย" in text_of(client.get(path))
    at_phase(world, "final")
    page = text_of(client.get(path))
    assert "จะเปลี่ยนหรือคงคะแนนเดิมก็ได้" in page
    assert f'href="/reviewer/assignments/{given[1]}"' in page
    finalise(world, "reviewer_dga", given[1], 2)
    page = text_of(client.get(path))
    assert "จะเปลี่ยนหรือคงคะแนนเดิมก็ได้" not in page
    assert "หารือกันแล้วเห็นพ้องกัน" in page
    assert queries_of(client, path) <= 12


def test_a_final_score_that_lets_the_first_stand_is_recorded(app: Flask, world: World) -> None:
    """The same scores once more, with a reason, are an answer to what was asked: not a button pressed twice."""
    proposal_id, given = discussed(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        record_outcome(work, proposal_id, Conclusion.RESCORE, "ขอคะแนนสุดท้าย")
    at_phase(world, "final")
    finalise(world, "reviewer_dga", given[1], 1)
    db.session.rollback()
    page = text_of(browser(app, "reviewer_dga").get(_address(given[1])))
    assert "จะเปลี่ยนหรือคงคะแนนเดิมก็ได้" not in page
    assert "หารือกันแล้วเห็นพ้องกัน" in page


@pytest.mark.both_databases
def test_the_reviewers_home_tells_which_discussions_wait(app: Flask, world: World) -> None:
    proposal_id, given = discussed(world)
    client = browser(app, "reviewer_dga")
    assert 'id="talks"' not in text_of(client.get("/reviewer/"))
    say(world, "reviewer_bb", proposal_id, "ข้อความแรก")
    page = text_of(client.get("/reviewer/"))
    assert "มีข้อความใหม่" in page
    assert _address(given[1]) in page
    assert "ข้อความแรก" not in page
    assert queries_of(client, "/reviewer/") <= 12
    say(world, "reviewer_dga", proposal_id, "ตอบแล้ว")
    assert "ขณะนี้ไม่มีการหารือที่รอท่าน" in text_of(client.get("/reviewer/"))
    with open_work(world.actor("secretariat"), NOW) as work:
        record_outcome(work, proposal_id, Conclusion.RESCORE, "ขอคะแนนสุดท้าย")
    at_phase(world, "final")
    assert "รอคะแนนสุดท้าย" in text_of(client.get("/reviewer/"))
