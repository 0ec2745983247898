"""A reviewer asks the agency from the page of the review; scores and question are never lost for each other."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import withdraw_proposal
from app.proposals.models import ProposalQuestion
from app.reviews.models import Assignment
from app.reviews.queries import scores_from_json
from tests.conftest import FixedClock
from tests.proposals.sent_back import LATER, answer, refile, send_back
from tests.web.desks import assign, browser, file_one, hand_in, score_form, scores, text_of
from tests.world import NOW, World

ASKED = {"question-section": "budget", "question-text": "ราคานี้มาจากไหน", "act": "ask"}


def test_a_question_takes_the_typed_scores_along(app: Flask, world: World) -> None:
    (given,) = assign(world, file_one(world), "reviewer_bb")
    address = f"/reviewer/assignments/{given}"
    client = browser(app, "reviewer_bb")
    answered = client.post(address, data=score_form(3) | ASKED)
    assert (answered.status_code, answered.location) == (303, f"{address}#questions")
    db.session.rollback()
    kept = db.session.get_one(Assignment, given)
    assert {s.level for s in scores_from_json(kept.scores).values()} == {3}
    assert kept.submitted_at is None
    question = db.session.query(ProposalQuestion).one()
    assert (question.asked_as, question.return_id) == ("reviewer", None)
    page = text_of(client.get(address))
    assert "ราคานี้มาจากไหน" in page
    assert "รอฝ่ายเลขานุการส่ง" in page


def test_asking_without_scores_begins_no_review(app: Flask, world: World) -> None:
    (given,) = assign(world, file_one(world), "reviewer_bb")
    blank = score_form("")
    assert (
        browser(app, "reviewer_bb").post(f"/reviewer/assignments/{given}", data=blank | ASKED).status_code
        == 303
    )
    db.session.rollback()
    assert db.session.get_one(Assignment, given).updated_at is None


def test_a_wrong_question_or_score_loses_neither(app: Flask, world: World) -> None:
    (given,) = assign(world, file_one(world), "reviewer_bb")
    address = f"/reviewer/assignments/{given}"
    client = browser(app, "reviewer_bb")
    for data, status, wrong in (
        (score_form(3) | ASKED | {"question-section": ""}, 422, "question-section"),
        (score_form("9") | ASKED, 422, "score-"),
        (score_form(3, version=7) | ASKED, 409, "question-text"),
    ):
        answered = client.post(address, data=data)
        page = text_of(answered)
        assert answered.status_code == status
        assert f'href="#{wrong}' in page
        assert "ราคานี้มาจากไหน" in page
    assert db.session.query(ProposalQuestion).count() == 0
    saved = client.post(address, data=score_form(2) | ASKED | {"act": "save"})
    assert saved.status_code == 200  # the question typed and not asked stays in the page
    assert "ราคานี้มาจากไหน" in text_of(saved)
    assert db.session.query(ProposalQuestion).count() == 0


def test_a_finished_review_can_still_ask_and_is_told_of_the_new_filing(
    app: Flask, world: World, clock: FixedClock
) -> None:
    proposal_id = file_one(world)
    (given,) = assign(world, proposal_id, "reviewer_bb")
    hand_in(world, "reviewer_bb", given, scores())
    address = f"/reviewer/assignments/{given}"
    client = browser(app, "reviewer_bb")
    assert client.post(address, data=ASKED).status_code == 303
    db.session.rollback()
    question = db.session.query(ProposalQuestion).one().id
    send_back(world, proposal_id, question, at=NOW + timedelta(minutes=1))
    assert "ส่งถึงหน่วยงานแล้ว" in text_of(client.get(address))
    answer(world, proposal_id, question, "สืบราคาสามราย")
    assert "สืบราคาสามราย" not in text_of(client.get(address))
    refile(world, proposal_id)
    page = text_of(client.get(address))
    for said in ("หลังจากที่ท่านให้คะแนน", "สืบราคาสามราย", f"/filings/{proposal_id}/changes?since=1"):
        assert said in page
    assert "หน่วยงานยื่นใหม่หลังท่านให้คะแนน" in text_of(client.get("/reviewer/"))


def test_scoring_rests_while_the_proposal_is_out_and_goes_on_afterwards(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    (given,) = assign(world, proposal_id, "reviewer_bb")
    client = browser(app, "reviewer_bb")
    address = f"/reviewer/assignments/{given}"
    client.post(address, data=score_form(2) | {"act": "save"})
    send_back(world, proposal_id, message="แก้ไข", sections=("budget",), at=NOW + timedelta(minutes=1))
    page = text_of(client.get(address))
    assert "อยู่ระหว่างหน่วยงานแก้ไข" in page
    assert 'id="rubric"' not in page
    assert "พักไว้" in text_of(client.get("/reviewer/"))
    assert client.post(address, data=score_form(3, version=2) | {"act": "save"}).status_code == 422
    refile(world, proposal_id)
    page = text_of(client.get(address))
    assert 'id="rubric"' in page
    assert "คะแนนที่บันทึกร่างไว้ยังอยู่ครบ" in page
    assert client.post(address, data=score_form(3, version=2) | {"act": "submit"}).status_code == 303


def test_a_withdrawn_filing_leaves_the_desk_and_comes_back_with_its_scores(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    (given,) = assign(world, proposal_id, "reviewer_bb")
    client = browser(app, "reviewer_bb")
    address = f"/reviewer/assignments/{given}"
    client.post(address, data=score_form(2) | {"act": "save"})
    with open_work(world.actor("officer"), LATER) as work:
        withdraw_proposal(work, proposal_id)
    assert client.get(address).status_code == 404
    assert client.get(f"/filings/{proposal_id}/changes").status_code == 404
    assert address not in text_of(client.get("/reviewer/"))
    for name, path in (
        ("secretariat", f"/secretariat/proposals/{proposal_id}"),
        ("secretariat", f"/secretariat/proposals/{proposal_id}/returns"),
        ("secretariat", f"/agency/proposals/{proposal_id}/receipt"),
        ("committee", f"/committee/proposals/{proposal_id}"),
    ):
        assert browser(app, name).get(path).status_code == 404, path
    secretariat = browser(app, "secretariat")
    assert secretariat.post(f"/secretariat/assignments/{given}/withdraw").status_code == 404
    refile(world, proposal_id, LATER)
    assert client.get(address).status_code == 200
    db.session.rollback()
    kept = scores_from_json(db.session.get_one(Assignment, given).scores)
    assert {s.level for s in kept.values()} == {2}
