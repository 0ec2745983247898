"""The register of interests: what it shows, a word on many after its preview, recusal, the meeting, and the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Body, Membership, Role
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import declare_tie, judge_interests, submit_review
from app.reviews.conflicts import Ground
from app.reviews.models import Assignment, ConflictStatement
from tests.conftest import Backend
from tests.web.desks import assign, browser, file_one, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, NOW, PASSWORD, World

PAGE = f"/secretariat/calls/{FISCAL_YEAR}/conflicts"
REASON = "ตรวจคำสั่งแต่งตั้งแล้ว"


@pytest.fixture
def app(sqlite_backend: Backend) -> Iterator[Flask]:
    with sqlite_backend.app.app_context():
        yield sqlite_backend.app
        db.session.remove()


@pytest.fixture
def world(sqlite_backend: Backend) -> World:
    small = sqlite_backend.world
    return World(dict(small.agencies), dict(small.users), small.call_id)


def tie(world: World, name: str, agency: str = "alpha", ground: Ground = Ground.FORMER) -> None:
    with open_work(world.actor(name), NOW) as work:
        declare_tie(work, world.agencies[agency], ground, note="หัวหน้ากลุ่มงาน")


def add_person(world: World, name: str, *memberships: Membership) -> None:
    with open_work(SYSTEM, NOW) as work:
        world.users[name] = add_demo_person(
            work, World.email(name), Text(f"ผู้ใช้ {name}", f"Person {name}"), PASSWORD, memberships
        )


def fingerprint(page: str) -> str:
    found = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert found, page[:2000]
    return found[1]


@pytest.mark.both_databases
def test_what_stands_assigned_and_is_held_comes_first(app: Flask, world: World) -> None:
    first, second = file_one(world), file_one(world)
    assign(world, second, "reviewer_bb")
    tie(world, "reviewer_bb")
    page = text_of(browser(app, "secretariat", "en").get(PAGE))
    picks = re.findall(r'name="pick" value="(\d+-\d+)"', page)
    bb, insider = world.users["reviewer_bb"], world.users["reviewer_alpha"]
    assert picks == [f"{second}-{bb}", f"{first}-{bb}", f"{first}-{insider}", f"{second}-{insider}"]
    row = page[page.index(f'value="{second}-{bb}"') : page.index(f'value="{first}-{bb}"')]
    for words in (
        "Assigned, and held",
        "Worked for an agency of the proposal before",
        "Department Alpha",
        "Recuse",
    ):
        assert words in row
    assert "หัวหน้ากลุ่มงาน" in page  # what was declared beforehand


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 4),
        ("state=pressing", 1),
        ("state=asked", 1),
        ("state=barred", 2),
        ("state=cleared", 0),
        ("ground=former", 2),
        ("ground=link", 0),
        ("body=bb", 4),
        ("body=committee", 0),
        ("state=nonsense", 4),
    ],
)
def test_filters_stand_in_the_address(app: Flask, world: World, query: str, number: int) -> None:
    file_one(world)
    assign(world, file_one(world), "reviewer_bb")
    tie(world, "reviewer_bb")
    page = text_of(browser(app, "secretariat").get(f"{PAGE}?{query}"))
    assert page.count('name="pick"') == number


def test_one_word_on_many_after_a_preview(app: Flask, world: World) -> None:
    first, second = file_one(world), file_one(world)
    tie(world, "reviewer_bb")
    client, bb = browser(app, "secretariat", "en"), world.users["reviewer_bb"]
    form = {"pick": [f"{first}-{bb}", f"{second}-{bb}"], "word": "clear", "reason": REASON}
    shown = client.post(f"{PAGE}/preview", data=form)
    assert shown.status_code == 200
    page = text_of(shown)
    assert page.count("becomes") == 2
    assert db.session.scalars(select(ConflictStatement.id)).all() == []
    tie(world, "reviewer_bb", ground=Ground.FAMILY)  # something else comes up after the preview
    form["fingerprint"] = fingerprint(page)  # type: ignore[assignment]
    again = client.post(f"{PAGE}/judge", data=form)
    assert again.status_code == 409
    assert "Something changed after the preview" in text_of(again)
    form["fingerprint"] = fingerprint(text_of(again))  # type: ignore[assignment]
    done = client.post(f"{PAGE}/judge", data=form)
    assert done.status_code == 303, text_of(done)[:1500]
    assert "Judged: no conflict" in text_of(client.get(PAGE))
    assert len(db.session.scalars(select(ConflictStatement.id)).all()) == 4


@pytest.mark.both_databases
def test_all_that_match_the_filters(app: Flask, world: World) -> None:
    file_one(world), file_one(world)
    tie(world, "reviewer_bb")
    client = browser(app, "secretariat", "en")
    form = {"scope": "all", "word": "conflict", "reason": REASON}
    page = text_of(client.post(f"{PAGE}/preview?ground=former", data=form))
    assert "Yes, record it (2)" in page
    everything = text_of(client.post(f"{PAGE}/preview", data=form))
    assert "What stays" in everything  # those whom membership bars are no matter of a word


@pytest.mark.parametrize(
    ("form", "places"),
    [
        ({}, ["word"]),
        ({"word": "clear"}, ["pick", "reason"]),
        ({"word": "perhaps", "reason": REASON}, ["word"]),
        ({"word": "clear", "reason": "ก" * 2001}, ["reason"]),
    ],
)
def test_what_a_word_lacks_is_told_and_what_was_typed_stays(
    app: Flask, world: World, form: dict[str, str], places: list[str]
) -> None:
    file_one(world)
    tie(world, "reviewer_bb")
    answer = browser(app, "secretariat", "en").post(f"{PAGE}/preview", data=form)
    assert answer.status_code == 422
    page = text_of(answer)
    for place in places:
        assert f'id="{place}-error"' in page
    assert form.get("reason", "") in page


@pytest.mark.parametrize("pick", ["x", "1", "1-", "-1", "1-2-3", "99999999999-1"])
def test_what_is_no_pair_is_not_found(app: Flask, world: World, pick: str) -> None:
    form = {"pick": pick, "word": "clear", "reason": REASON}
    for page in ("preview", "judge"):
        assert browser(app, "secretariat").post(f"{PAGE}/{page}", data=form).status_code == 404


def test_recusing_wants_a_reason_and_ends_the_assignment(app: Flask, world: World) -> None:
    (assignment,) = assign(world, file_one(world), "reviewer_bb")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        submit_review(work, assignment, scores(), 1)
    tie(world, "reviewer_bb")
    client = browser(app, "secretariat", "en")
    address = f"{PAGE}/{assignment}/recuse"
    place = f"recuse-{assignment}-reason"
    refused = client.post(address, data={place: " "})
    assert refused.status_code == 422
    assert f'id="{place}-error"' in text_of(refused)
    assert client.post(address, data={place: REASON}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Assignment, assignment).state == "recused"
    assert "Recused" in text_of(client.get(PAGE))
    assert client.post(f"{PAGE}/999999/recuse", data={"recuse-999999-reason": REASON}).status_code == 404


@pytest.mark.both_databases
def test_what_is_held_waits_on_the_desk(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    assign(world, proposal_id, "reviewer_bb")
    client, words = browser(app, "secretariat", "en"), "1 assignment is held by a possible conflict"
    few = queries_of(client, "/secretariat/")
    assert words not in text_of(client.get("/secretariat/"))
    tie(world, "reviewer_bb")
    assert words in text_of(client.get("/secretariat/"))
    assign(world, file_one(world), "reviewer_dga")
    assert queries_of(client, "/secretariat/") == few <= 12
    with open_work(world.actor("secretariat"), NOW) as work:
        judge_interests(work, proposal_id, world.users["reviewer_bb"], is_conflict=False, reason=REASON)
    assert words not in text_of(client.get("/secretariat/"))


def test_who_recuses_at_the_meeting(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    add_person(world, "member", Membership(Role.COMMITTEE, world.agencies["alpha"]))
    add_person(world, "colleague", Membership(Role.COMMITTEE, world.agencies["beta"]))
    page = text_of(browser(app, "secretariat", "en").get(PAGE))
    section = page[page.index('id="meeting"') : page.index('id="declared"')]
    for words in ("Person member", "Person colleague", "2570-0001"):
        assert words in section
    for name, words in (("member", "Recuse yourself"), ("colleague", "Wait for the secretariat's word")):
        client = browser(app, name, "en")
        own = text_of(client.get(f"/committee/proposals/{proposal_id}"))
        assert words in own[own.index('id="recused"') :]
        assert "decision-verdict" not in own
        form = {"decision-verdict": "deferred", "decision-reason": "รอข้อมูล"}
        answer = client.post(f"/committee/proposals/{proposal_id}", data=form)
        assert answer.status_code == 422
        assert words in text_of(answer)
    free = text_of(browser(app, "committee", "en").get(f"/committee/proposals/{proposal_id}"))
    assert 'id="recused"' not in free
    assert "decision-verdict" in free


def test_accounts_of_two_offices_are_named(app: Flask, world: World) -> None:
    file_one(world)
    add_person(world, "both", Membership(Role.REVIEWER, None, Body.BB), Membership(Role.ADMIN))
    page = text_of(browser(app, "secretariat", "en").get(PAGE))
    assert "Ask the administrator to part them: Person both" in re.sub(r"\s+", " ", page)


@pytest.mark.both_databases
def test_the_register_as_a_file(app: Flask, world: World) -> None:
    file_one(world)
    tie(world, "reviewer_bb")
    client = browser(app, "secretariat", "en")
    rows = client.get(f"{PAGE}.csv").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + 2 + 1  # head, two ties with the proposal, one declared beforehand
    assert "Department Alpha" in rows[1]
    assert len(client.get(f"{PAGE}.csv?ground=former").data.decode("utf-8-sig").splitlines()) == 2


def test_an_empty_call_says_so(app: Flask, world: World) -> None:
    page = text_of(browser(app, "secretariat", "en").get(PAGE))
    assert "No ties were found in this call" in page


@pytest.mark.both_databases
def test_queries_do_not_grow(app: Flask, world: World) -> None:
    tie(world, "reviewer_bb")
    file_one(world)
    client = browser(app, "secretariat")
    few = queries_of(client, PAGE)
    for n in range(8):
        proposal_id = file_one(world)
        if n % 2:
            assign(world, proposal_id, "reviewer_dga")
    assert queries_of(client, PAGE) == few <= 12
