"""A reviewer's own declarations: ties with agencies, taken back, and conflicts declared on proposals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import declare_conflict, judge_interests
from app.reviews.models import DeclaredTie
from tests.conftest import Backend
from tests.web.desks import assign, browser, file_one, queries_of, text_of
from tests.world import NOW, World

PAGE = "/reviewer/interests"


@pytest.fixture
def app(sqlite_backend: Backend) -> Iterator[Flask]:
    with sqlite_backend.app.app_context():
        yield sqlite_backend.app
        db.session.remove()


@pytest.fixture
def world(sqlite_backend: Backend) -> World:
    return sqlite_backend.world


def form(world: World, **changes: str) -> dict[str, str]:
    return {"agency": str(world.agencies["alpha"]), "tie": "former", **changes}


def test_a_tie_holds_what_was_given_and_is_taken_back(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    assign(world, proposal_id, "reviewer_bb")
    client = browser(app, "reviewer_bb", "en")
    day = {"left_on-day": "1", "left_on-month": "10", "left_on-year": "2566"}
    assert client.post(PAGE, data=form(world, **day, note="ที่ปรึกษา")).status_code == 303
    page = text_of(client.get(PAGE))
    for words in (
        "Proposals of yours that now wait for the secretariat's word: 1",
        "Department Alpha",
        "1 Oct 2566 B.E.",
        "ที่ปรึกษา",
    ):
        assert words in page
    made = db.session.query(DeclaredTie).one().id
    held = client.post(f"{PAGE}/{made}/end")  # nobody opens what is held by taking their own word back
    assert held.status_code == 422
    assert "once the secretariat has judged" in text_of(held)
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_interests(work, proposal_id, world.users["reviewer_bb"], is_conflict=False, reason="พ้นแล้ว")
    assert client.post(f"{PAGE}/{made}/end").status_code == 303
    page = text_of(client.get(PAGE))
    assert "taken back on" in page
    assert "cannot be opened now" not in page
    assert browser(app, "reviewer_dga").post(f"{PAGE}/{made}/end").status_code == 404


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"agency": ""}, "agency"),
        ({"agency": "999999"}, "agency"),
        ({"tie": ""}, "tie"),
        ({"tie": "membership"}, "tie"),
        ({"tie": "other"}, "note"),
        ({"note": "ก" * 1001}, "note"),
        ({"left_on-day": "31", "left_on-month": "2", "left_on-year": "2566"}, "left_on-day"),
        ({"left_on-day": "1", "left_on-month": "2", "left_on-year": "2023"}, "left_on-year"),
        ({"left_on-day": "1", "left_on-month": "1", "left_on-year": "2570"}, "left_on"),
        ({"tie": "family", "left_on-day": "1", "left_on-month": "1", "left_on-year": "2566"}, "left_on"),
    ],
)
def test_what_cannot_be_declared_is_told_in_place(
    app: Flask, world: World, changes: dict[str, str], place: str
) -> None:
    answer = browser(app, "reviewer_bb", "en").post(PAGE, data=form(world, **changes))
    assert answer.status_code == 422
    page = text_of(answer)
    assert f'id="{place}-error"' in page
    for name, typed in changes.items():
        assert typed in page or name in ("agency", "tie")  # what the page does not offer is not shown again
    assert db.session.query(DeclaredTie).count() == 0


def test_a_conflict_declared_by_mistake_is_taken_back_with_a_reason(app: Flask, world: World) -> None:
    proposal_id = file_one(world, title_th="ชื่อที่ต้องไม่เห็น", title_en="Not to be seen")
    (assignment,) = assign(world, proposal_id, "reviewer_bb")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        declare_conflict(work, assignment, "ญาติทำงานที่นั่น")
    client = browser(app, "reviewer_bb", "en")
    page = text_of(client.get(PAGE))
    assert "ญาติทำงานที่นั่น" in page
    assert "Not to be seen" not in page
    address, place = f"{PAGE}/proposals/{proposal_id}/retract", f"retract-{proposal_id}-reason"
    refused = client.post(address, data={place: ""})
    assert refused.status_code == 422
    assert f'id="{place}-error"' in text_of(refused)
    assert client.post(address, data={place: "กดผิดเรื่อง"}).status_code == 303
    page = text_of(client.get(PAGE))
    assert "กดผิดเรื่อง" in page
    assert "replaced later" in page
    assert client.post(address, data={place: "อีกครั้ง"}).status_code == 404


@pytest.mark.both_databases
def test_queries_do_not_grow(app: Flask, world: World) -> None:
    client = browser(app, "reviewer_bb")
    client.post(PAGE, data=form(world))
    few = queries_of(client, PAGE)
    for agency in ("beta", "gamma", "dga"):
        client.post(PAGE, data=form(world, agency=str(world.agencies[agency])))
    assert queries_of(client, PAGE) == few <= 12
