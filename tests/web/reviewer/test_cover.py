"""The cover of an assignment: what may be known before reading, the three answers, and what holds it closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import assign_reviewers, withdraw_assignment
from app.reviews.models import Assignment, ConflictStatement, DeclaredTie
from tests.conftest import Backend
from tests.web.desks import assign, browser, file_one, queries_of, score_form, text_of
from tests.world import NOW, World

TITLE = "ระบบเชื่อมโยงข้อมูลทดสอบ"
REASON = "เป็นที่ปรึกษาของโครงการนี้"
OUTPUT = "ผลผลิต"


def given(world: World) -> int:
    """A proposal given to a reviewer who has not answered."""
    proposal_id = file_one(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        return assign_reviewers(work, proposal_id, [world.users["reviewer_bb"]])[0].id


def state_of(assignment_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Assignment, assignment_id).state


@pytest.mark.both_databases
def test_before_the_answer_there_is_the_cover_and_nothing_of_the_filing(sqlite_backend: Backend) -> None:
    with sqlite_backend.app.app_context():
        app, world = sqlite_backend.app, sqlite_backend.world
        assignment = given(world)
        client = browser(app, "reviewer_bb")
        address = f"/reviewer/assignments/{assignment}"
        page = text_of(client.get(address))
        for said in (TITLE, "กรมอัลฟา", "พ.ศ. 2539 มาตรา 13 และ 16", 'value="accept"'):
            assert said in page
        for unsaid in (OUTPUT, "500,000.50", 'id="rubric"', "ผลการกลั่นกรอง"):
            assert unsaid not in page
        assert queries_of(client, address) <= 12
        assert client.post(address, data=score_form(3) | {"act": "save"}).status_code == 422
        assert client.post(f"{address}/answer", data={"answer": "accept"}).location == address
        page = text_of(client.get(address))
        assert 'id="rubric"' in page
        said = db.session.scalars(select(ConflictStatement)).one()
        assert (said.is_conflict, said.ground) == (False, "declared")
        db.session.remove()


@pytest.mark.parametrize(
    ("sent", "state", "status"),
    [
        ({}, "given", 422),
        ({"answer": "perhaps"}, "given", 422),
        ({"answer": "conflict"}, "given", 422),
        ({"answer": "decline", "answer_reason": " "}, "given", 422),
        ({"answer": "conflict", "answer_reason": REASON}, "recused", 303),
        ({"answer": "decline", "answer_reason": REASON}, "declined", 303),
        ({"answer": "accept", "answer_reason": ""}, "accepted", 303),
    ],
)
def test_the_three_answers(sqlite_backend: Backend, sent: dict[str, str], state: str, status: int) -> None:
    with sqlite_backend.app.app_context():
        app, world = sqlite_backend.app, sqlite_backend.world
        assignment = given(world)
        client = browser(app, "reviewer_bb")
        answered = client.post(f"/reviewer/assignments/{assignment}/answer", data=sent)
        assert answered.status_code == status
        assert state_of(assignment) == state
        if status == 422:
            assert 'role="alert"' in text_of(answered)
        elif state != "accepted":
            page = text_of(client.get(f"/reviewer/assignments/{assignment}"))
            assert REASON in page
            assert 'name="answer"' not in page
            assert OUTPUT not in page
        db.session.remove()


def test_a_conflict_found_while_reading_closes_the_desk(sqlite_backend: Backend) -> None:
    with sqlite_backend.app.app_context():
        app, world = sqlite_backend.app, sqlite_backend.world
        (assignment,) = assign(world, file_one(world), "reviewer_bb")
        client = browser(app, "reviewer_bb")
        address = f"/reviewer/assignments/{assignment}"
        assert f'action="{address}/answer"' in text_of(client.get(address))
        client.post(f"{address}/answer", data={"answer": "conflict", "answer_reason": REASON})
        page = text_of(client.get(address))
        assert TITLE not in page
        assert OUTPUT not in page
        db.session.remove()


def test_what_a_conflict_holds_shows_no_title_and_offers_no_reading(sqlite_backend: Backend) -> None:
    """Inferred while it was open: the reviewer turns out to have worked for the agency."""
    with sqlite_backend.app.app_context():
        app, world = sqlite_backend.app, sqlite_backend.world
        (assignment,) = assign(world, file_one(world), "reviewer_bb")
        with open_work(world.actor("admin"), NOW) as work:
            work.session.add(
                DeclaredTie(
                    user_id=world.users["reviewer_bb"],
                    agency_id=world.agencies["alpha"],
                    tie="former",
                    at=NOW,
                )
            )
        client = browser(app, "reviewer_bb")
        page = text_of(client.get(f"/reviewer/assignments/{assignment}"))
        assert "รอคำวินิจฉัยของฝ่ายเลขานุการ" in page
        for unsaid in (TITLE, OUTPUT, 'value="accept"'):
            assert unsaid not in page
        assert 'value="conflict"' in page
        db.session.remove()


def test_what_was_taken_back_says_why(sqlite_backend: Backend) -> None:
    with sqlite_backend.app.app_context():
        app, world = sqlite_backend.app, sqlite_backend.world
        (assignment,) = assign(world, file_one(world), "reviewer_bb")
        with open_work(world.actor("secretariat"), NOW + timedelta(minutes=1)) as work:
            withdraw_assignment(work, assignment, "ปรับภาระงานของคณะ")
        client = browser(app, "reviewer_bb", "en")
        page = text_of(client.get(f"/reviewer/assignments/{assignment}"))
        assert "taken this assignment back" in page
        assert "ปรับภาระงานของคณะ" in page
        assert OUTPUT not in page
        assert (
            client.post(f"/reviewer/assignments/{assignment}/answer", data={"answer": "accept"}).status_code
            == 422
        )
        db.session.remove()


def test_an_answer_is_its_reviewers_alone(sqlite_backend: Backend) -> None:
    with sqlite_backend.app.app_context():
        app, world = sqlite_backend.app, sqlite_backend.world
        assignment = given(world)
        for number in (assignment, 999_999):
            answered = browser(app, "reviewer_dga").post(
                f"/reviewer/assignments/{number}/answer", data={"answer": "accept"}
            )
            assert answered.status_code == 404
        assert state_of(assignment) == "given"
        db.session.remove()
