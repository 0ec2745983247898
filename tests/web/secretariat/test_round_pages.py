"""The page of a round: what it shows, what it lets one do, and that nothing typed is lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import decline_assignment, move_round, set_round
from app.reviews.facts import NamesFor, RoundFacts
from app.reviews.queries import get_round
from tests.conftest import Backend
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, NOW, World

HUB = f"/secretariat/calls/{FISCAL_YEAR}/reviews"
NOTHING = {
    f"{name}-{part}": ""
    for name in ("scoring_due_at", "discussion_due_at", "final_due_at")
    for part in ("day", "month", "year", "time")
}


def moment(name: str, day: str, month: str = "12", year: str = "2568", time: str = "16:30") -> dict[str, str]:
    return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year, f"{name}-time": time}


def settings(version: int = 0, **changes: str) -> dict[str, str]:
    return {
        "version": str(version),
        "load_limit": "",
        "least_bodies": "1",
        "names_for": "everyone",
        **NOTHING,
        **changes,
    }


def go(world: World, *moves: str, at: datetime = NOW) -> None:
    for move in moves:
        with open_work(world.actor("secretariat"), at) as work:
            version = get_round(work.session, world.call_id).version
            move_round(work, world.call_id, move, version=version, reason="เหตุผล")


@pytest.fixture
def client(sqlite_backend: Backend) -> FlaskClient:
    with sqlite_backend.app.app_context():
        yield browser(sqlite_backend.app, "secretariat", "en")
        db.session.remove()


@pytest.fixture
def world(sqlite_backend: Backend) -> World:
    return sqlite_backend.world


def test_settings_are_kept_in_bangkok_time(client: FlaskClient, world: World) -> None:
    sent = settings(
        load_limit="๑๒",
        least_bodies="2",
        names_for="committee",
        **moment("scoring_due_at", "9") | moment("final_due_at", "20", time="24:00"),
    )
    assert client.post(HUB, data=sent).status_code == 303
    kept = get_round(db.session(), world.call_id)
    assert kept == RoundFacts(
        version=1,
        names_for=NamesFor.COMMITTEE,
        load_limit=12,
        least_bodies=2,
        scoring_due_at=datetime(2025, 12, 9, 9, 30, tzinfo=UTC),
        final_due_at=datetime(2025, 12, 20, 17, 0, tzinfo=UTC),
    )
    page = text_of(client.get(HUB))
    assert 'name="scoring_due_at-year" value="2568"' in page
    assert 'name="final_due_at-time" value="24:00"' in page
    assert "days" in page  # the time left


# what is typed -> the places of the problems, in the order of the form
SETTINGS: list[tuple[dict[str, str], list[str]]] = [
    (moment("scoring_due_at", "32"), ["scoring_due_at-day"]),
    (moment("scoring_due_at", "9", year="2025"), ["scoring_due_at-year"]),
    ({"scoring_due_at-day": "9"}, ["scoring_due_at-month", "scoring_due_at-year", "scoring_due_at-time"]),
    (moment("scoring_due_at", "9") | moment("discussion_due_at", "8"), ["discussion_due_at"]),
    (moment("scoring_due_at", "9") | moment("final_due_at", "8"), ["final_due_at"]),
    (moment("scoring_due_at", "9") | moment("final_due_at", "9"), []),
    ({"load_limit": "0"}, ["load_limit"]),
    ({"load_limit": "many"}, ["load_limit"]),
    ({"least_bodies": "0"}, ["least_bodies"]),
    ({"least_bodies": "5"}, ["least_bodies"]),
    ({"least_bodies": ""}, ["least_bodies"]),
    ({"least_bodies": "4"}, []),
    ({"names_for": "the press"}, ["names_for"]),
    (
        moment("scoring_due_at", "9", month="")
        | moment("discussion_due_at", "9")
        | moment("final_due_at", "8")
        | {"load_limit": "-1", "least_bodies": "9", "names_for": ""},
        ["scoring_due_at-month", "final_due_at", "load_limit", "least_bodies", "names_for"],
    ),
]


@pytest.mark.parametrize(("typed", "places"), SETTINGS)
def test_every_problem_is_told_at_once_and_nothing_typed_is_lost(
    client: FlaskClient, typed: dict[str, str], places: list[str]
) -> None:
    answer = client.post(HUB, data=settings(**typed))
    assert answer.status_code == (422 if places else 303)
    if places:
        page = text_of(answer)
        told = re.findall(r'<li><a href="#([^"]+)">', page[page.index('id="error-summary"') :])
        assert told[: len(places)] == places
        for name, value in typed.items():
            if name not in ("names_for",) and not name.endswith("-month"):
                assert f'name="{name}" value="{value}"' in page
            if f"{name}-error" in page:
                assert name in places
        for place in places:
            assert f'id="{place}-error"' in page


@pytest.mark.both_databases
def test_somebody_elses_settings_are_not_overwritten(client: FlaskClient, world: World) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        set_round(work, world.call_id, RoundFacts(load_limit=7))
    answer = client.post(HUB, data=settings(load_limit="9"))
    assert answer.status_code == 409
    page = text_of(answer)
    assert 'name="load_limit" value="9"' in page
    assert "Somebody else changed this round" in page
    assert get_round(db.session(), world.call_id).load_limit == 7
    assert client.post(HUB, data=settings(version=1, load_limit="9")).status_code == 303


# the phase -> the moves its page offers, forward first
OFFERED: list[tuple[tuple[str, ...], list[str]]] = [
    (("back_to_screening",), ["begin_scoring"]),
    ((), ["begin_discussion", "lock", "back_to_screening"]),
    (("begin_discussion",), ["begin_final", "lock", "back_to_scoring"]),
    (("begin_discussion", "begin_final"), ["lock", "back_to_scoring", "back_to_discussion"]),
    (("lock",), ["unlock"]),
]


@pytest.mark.parametrize(("moves", "offered"), OFFERED)
def test_the_page_offers_the_moves_of_its_phase(
    client: FlaskClient, world: World, moves: tuple[str, ...], offered: list[str]
) -> None:
    go(world, *moves)
    assert re.findall(r'name="move" value="(\w+)"', text_of(client.get(HUB))) == offered


def test_a_move_is_made_and_stands_in_the_history(client: FlaskClient, world: World) -> None:
    assert client.post(f"{HUB}/move", data={"move": "begin_discussion", "version": "0"}).status_code == 303
    assert get_round(db.session(), world.call_id).phase == "discussion"
    answer = client.post(f"{HUB}/move", data={"move": "back_to_scoring", "version": "2", "reason": " "})
    assert answer.status_code == 422
    assert 'id="reason-back_to_scoring-error"' in text_of(answer)
    long = client.post(f"{HUB}/move", data={"move": "back_to_scoring", "version": "2", "reason": "x" * 1001})
    assert long.status_code == 422
    assert "x" * 1001 in text_of(long)
    done = client.post(
        f"{HUB}/move", data={"move": "back_to_scoring", "version": "2", "reason": "ยังขาด <b>สองคน</b>"}
    )
    assert done.status_code == 303
    page = client.get(HUB).get_data(as_text=True)
    history = page[page.index('id="history"') :]
    assert "ยังขาด &lt;b&gt;สองคน&lt;/b&gt;" in history
    assert history.index("Back to scoring") < history.index("Begin the discussion")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"move": "begin_final", "version": "0"}, 422),
        ({"move": "begin_discussion", "version": "1"}, 409),
        ({"move": "nonsense", "version": "0"}, 404),
        ({}, 404),
        ({"move": "lock", "version": "x"}, 303),
    ],
)
def test_moves_the_round_cannot_make(client: FlaskClient, sent: dict[str, str], status: int) -> None:
    assert client.post(f"{HUB}/move", data=sent).status_code == status


@pytest.mark.both_databases
def test_counts_stand_beside_their_targets(client: FlaskClient, world: World) -> None:
    first, second = (file_one(world) for _ in range(2))
    a, b = assign(world, first, "reviewer_bb", "reviewer_dga")
    (c,) = assign(world, second, "reviewer_bb")
    hand_in(world, "reviewer_bb", a, scores(3))
    with open_work(world.actor("reviewer_dga"), NOW) as work:
        decline_assignment(work, b, "ไม่ว่าง")
    with open_work(world.actor("secretariat"), NOW) as work:
        set_round(work, world.call_id, RoundFacts(scoring_due_at=NOW + timedelta(days=4)))
    page = text_of(client.get(HUB))
    table = page[page.index('id="by-phase"') :]
    rows = re.findall(r'<th scope="row">([^<]+)</th><td[^>]*>([\d,]+)</td><td[^>]*>([\d,]+)</td>', table)
    assert rows[:6] == [
        ("Reviewers assigned", "6", "2"),
        ("Assignments accepted", "6", "2"),
        ("Reviews begun", "6", "1"),
        ("Reviews in", "6", "1"),
        ("Proposals discussed", "2", "0"),
        ("Final scores given", "1", "0"),
    ]
    assert "declined 1, recused 0, taken back 0" in page
    assert 'id="pace"' in page
    assert c


@pytest.mark.both_databases
def test_the_page_asks_the_same_whatever_the_number(client: FlaskClient, world: World) -> None:
    def fill(number: int) -> None:
        for _ in range(number):
            first, _ = assign(world, file_one(world), "reviewer_bb", "reviewer_dga")
            hand_in(world, "reviewer_bb", first, scores(3))

    fill(2)
    go(world, "begin_discussion", "back_to_scoring")
    few = queries_of(client, HUB)
    fill(8)
    go(world, "begin_discussion", "back_to_scoring")
    assert queries_of(client, HUB) == few
    assert few <= 12


def test_others_have_no_such_page(sqlite_backend: Backend) -> None:
    app: Flask = sqlite_backend.app
    for name in ("reviewer_bb", "committee", "officer", "admin"):
        person = browser(app, name)
        assert person.get(HUB).status_code == 403
        assert person.post(HUB, data=settings()).status_code == 403
        assert person.post(f"{HUB}/move", data={"move": "lock"}).status_code == 403
