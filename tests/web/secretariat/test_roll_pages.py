"""Every assignment of a call in one list: its filters, its order, its pages; one assignment and its reopening."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import (
    assign_reviewers,
    decline_assignment,
    reopen_review,
    save_review,
    set_round,
    withdraw_assignment,
)
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment
from app.reviews.queries.overview import list_loads
from app.reviews.queries.roll import HowFar, Order, RollFilter, count_roll, list_roll
from app.reviews.queries.rounds import get_round
from app.web.moments import TypedMoment
from tests.conftest import Backend
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, scores, text_of
from tests.web.secretariat.test_round_pages import go
from tests.world import FISCAL_YEAR, NOW, World

LIST = f"/secretariat/calls/{FISCAL_YEAR}/assignments"
BB, DGA = "reviewer_bb", "reviewer_dga"
DAY = timedelta(days=1)


@pytest.fixture
def client(sqlite_backend: Backend) -> Iterator[FlaskClient]:
    sqlite_backend.clock.moment = NOW + 2 * DAY
    with sqlite_backend.app.app_context():
        yield browser(sqlite_backend.app, "secretariat", "en")
        db.session.remove()


@pytest.fixture
def world(sqlite_backend: Backend) -> World:
    return sqlite_backend.world


def many_kinds(world: World) -> dict[str, int]:
    """One assignment of each kind, by name; the scores were due a day after NOW."""
    made: dict[str, int] = {}
    made["begun"], made["done"] = assign(world, file_one(world, title_en="First one"), BB, DGA)
    made["untouched"], made["declined"] = assign(world, file_one(world, title_en="Second one"), BB, DGA)
    made["taken_back"], made["reopened"] = assign(world, file_one(world, title_en="Third one"), BB, DGA)
    fourth = file_one(world, title_en="Fourth one")
    with open_work(world.actor("secretariat"), NOW) as work:
        (given,) = assign_reviewers(work, fourth, [world.users[BB]])
        made["given"] = given.id
        withdraw_assignment(work, made["taken_back"], "คนละเรื่อง")
        set_round(work, world.call_id, RoundFacts(scoring_due_at=NOW + DAY, load_limit=3))
    with open_work(world.actor(BB), NOW) as work:
        save_review(work, made["begun"], scores(2), 1)
    hand_in(world, DGA, made["done"], scores(3))
    with open_work(world.actor(DGA), NOW) as work:
        decline_assignment(work, made["declined"], "ไม่ว่าง <i>เลย</i>")
    with open_work(world.actor("secretariat"), NOW) as work:
        reopen_review(work, made["reopened"], NOW + 5 * DAY, "ป่วย")
    return made


@pytest.fixture
def kinds(world: World, client: FlaskClient) -> dict[str, int]:
    return many_kinds(world)


# what is asked for -> the kinds it finds, two days after NOW
FILTERS: list[tuple[str, list[str]]] = [
    ("work=unanswered", ["given"]),
    ("work=untouched", ["untouched", "reopened"]),
    ("work=begun", ["begun"]),
    ("work=missing", ["begun", "untouched", "reopened", "given"]),
    ("work=overdue", ["begun", "untouched", "given"]),
    ("work=reopened", ["reopened"]),
    ("work=done", ["done"]),
    ("work=unfinal", ["done"]),
    ("work=final", []),
    ("work=ended", ["declined", "taken_back"]),
    ("state=withdrawn", ["taken_back"]),
    ("state=given", ["given"]),
    ("body=dga", ["done", "declined", "reopened"]),
    ("body=dga&work=ended", ["declined"]),
    ("view=each&q=second", ["untouched", "declined"]),
    ("view=each&q=nowhere", []),
    ("view=each&stage=midstream", []),
    ("view=each", ["begun", "done", "untouched", "declined", "taken_back", "reopened", "given"]),
]


@pytest.mark.both_databases
@pytest.mark.parametrize(("asked", "found"), FILTERS)
def test_filters_stand_in_the_address(
    client: FlaskClient, kinds: dict[str, int], asked: str, found: list[str]
) -> None:
    names = {str(number): name for name, number in kinds.items()}
    page = text_of(client.get(f"{LIST}?{asked}"))
    shown = [names[n] for n in re.findall(r'href="/secretariat/assignments/(\d+)"', page)]
    assert shown == found
    rows = list(csv.DictReader(io.StringIO(client.get(f"{LIST}.csv?{asked}").get_data().decode("utf-8-sig"))))
    assert len(rows) == len(found)


def test_what_cannot_be_asked_for_is_let_go(client: FlaskClient, kinds: dict[str, int]) -> None:
    for asked in (
        "view=each&work=nonsense&panel=x&reviewer=-1&sort=up&stage=%27",
        "view=each&after=%27&last=1",
    ):
        page = text_of(client.get(f"{LIST}?{asked}"))
        assert page.count('href="/secretariat/assignments/') >= 1
    for sort in ("quiet", "reviewer"):  # a key of another order begins the list anew
        page = text_of(client.get(f"{LIST}?view=each&sort={sort}&after=nonsense&last=1"))
        assert page.count('href="/secretariat/assignments/') == len(kinds)


@pytest.mark.both_databases
def test_the_list_says_what_became_of_each(client: FlaskClient, kinds: dict[str, int]) -> None:
    page = client.get(f"{LIST}?view=each").get_data(as_text=True)
    assert "“ไม่ว่าง &lt;i&gt;เลย&lt;/i&gt;”" in page
    assert page.count("Overdue</span>") == 3
    assert page.count("Reopened until</span>") == 1
    declined = client.get(f"{LIST}.csv?state=declined").get_data().decode("utf-8-sig")
    assert "ไม่ว่าง <i>เลย</i>" in declined


@pytest.mark.both_databases
def test_loads_count_what_has_ended_apart(client: FlaskClient, world: World, kinds: dict[str, int]) -> None:
    round_ = get_round(db.session(), world.call_id)
    loads = {
        load.reviewer_id: load
        for load in list_loads(db.session(), world.actor("secretariat"), world.call_id, round_)
    }
    bb, dga = loads[world.users[BB]], loads[world.users[DGA]]
    assert (bb.given, bb.accepted, bb.done, bb.declined, bb.recused, bb.withdrawn) == (3, 2, 0, 0, 0, 1)
    assert (dga.given, dga.accepted, dga.done, dga.declined, dga.recused, dga.withdrawn) == (2, 2, 1, 1, 0, 0)
    assert (bb.limit, bb.is_over) == (3, False)
    with open_work(world.actor("secretariat"), NOW) as work:
        set_round(work, world.call_id, RoundFacts(version=1, load_limit=2))
    page = text_of(client.get(LIST))
    assert "over</span>" in page[page.index('id="loads"') :]


@pytest.mark.both_databases
@pytest.mark.parametrize("order", list(Order))
def test_pages_follow_one_another_without_gap_or_echo(
    client: FlaskClient, world: World, kinds: dict[str, int], order: Order
) -> None:
    session, actor, round_ = db.session(), world.actor("secretariat"), get_round(db.session(), world.call_id)
    everything = [
        r.id
        for r in list_roll(session, actor, world.call_id, round_, NOW, RollFilter(), order, limit=None).rows
    ]
    assert sorted(everything) == sorted(kinds.values())
    walked: list[int] = []
    after = None
    while True:
        page = list_roll(
            session, actor, world.call_id, round_, NOW, RollFilter(), order, after=after, limit=2
        )
        walked += [r.id for r in page.rows]
        if page.following is None:
            break
        after = page.following
    assert walked == everything


@pytest.mark.both_databases
def test_overdue_begins_at_the_due_moment(client: FlaskClient, world: World, kinds: dict[str, int]) -> None:
    session, actor = db.session(), world.actor("secretariat")
    round_ = get_round(session, world.call_id)
    due, tick = NOW + DAY, timedelta(milliseconds=1)
    for now, number in ((due - tick, 0), (due, 3), (due + tick, 3)):
        assert count_roll(session, actor, world.call_id, round_, now)[HowFar.OVERDUE] == number
    until = NOW + 5 * DAY
    for now, number in ((until - tick, 1), (until, 0), (until + tick, 0)):
        assert count_roll(session, actor, world.call_id, round_, now)[HowFar.REOPENED] == number


def reopening(until: object = None, reason: str = "ป่วย", **typed: str) -> dict[str, str]:
    shown = TypedMoment.of("until", until or NOW + 9 * DAY)
    parts = {f"until-{part}": getattr(shown, part) for part in ("day", "month", "year", "time")}
    return {**parts, "reason": reason, **typed}


# what is typed for which kind -> the places of the problems; none: it is reopened
REOPENINGS: list[tuple[str, dict[str, str], list[str]]] = [
    ("begun", reopening(), []),
    ("done", reopening(), []),
    ("untouched", reopening(), []),
    ("begun", reopening(NOW - DAY), ["until"]),
    ("begun", reopening(NOW + 2 * DAY), ["until"]),  # this very moment
    ("begun", reopening(reason=" "), ["reason"]),
    ("begun", reopening(reason="x" * 1001), ["reason"]),
    ("given", reopening(), ["assignment"]),
    ("declined", reopening(NOW - DAY, reason=""), ["until", "reason", "assignment"]),
    ("begun", reopening(reason="", **{"until-day": "32"}), ["until-day", "reason"]),
]


@pytest.mark.parametrize(("kind", "typed", "places"), REOPENINGS)
def test_reopening_for_one_reviewer(
    client: FlaskClient,
    world: World,
    kinds: dict[str, int],
    kind: str,
    typed: dict[str, str],
    places: list[str],
) -> None:
    go(world, "begin_discussion")
    address = f"/secretariat/assignments/{kinds[kind]}"
    before = db.session().get_one(Assignment, kinds[kind]).reopened_until
    answer = client.post(f"{address}/reopen", data=typed)
    db.session.expire_all()
    kept = db.session().get_one(Assignment, kinds[kind]).reopened_until
    if not places:
        assert answer.status_code == 303
        assert kept == NOW + 9 * DAY
        assert "It is reopened until" in text_of(client.get(address))
        return
    assert answer.status_code == 422
    assert kept == before
    page = text_of(answer)
    told = re.findall(r'<li><a href="#([^"]+)">', page[page.index('id="error-summary"') :])
    assert told[: len(places)] == places
    if kind == "begun":
        assert f'name="until-day" value="{typed["until-day"]}"' in page


def test_nothing_is_reopened_in_a_locked_round(
    client: FlaskClient, world: World, kinds: dict[str, int]
) -> None:
    go(world, "lock")
    address = f"/secretariat/assignments/{kinds['done']}"
    page = text_of(client.get(address))
    assert "must be unlocked first" in page
    assert "Take this assignment back" not in page
    assert client.post(f"{address}/reopen", data=reopening()).status_code == 422


def test_assignments_that_are_not_there(client: FlaskClient) -> None:
    assert client.get("/secretariat/assignments/424242").status_code == 404
    assert client.post("/secretariat/assignments/424242/reopen", data=reopening()).status_code == 404


@pytest.mark.both_databases
def test_the_pages_ask_the_same_whatever_the_number(client: FlaskClient, world: World) -> None:
    def fill(number: int) -> int:
        for _ in range(number):
            first, _ = assign(world, file_one(world), BB, DGA)
            hand_in(world, BB, first, scores(3))
        return first

    first = fill(2)
    addresses = [LIST, f"{LIST}?view=each", f"{LIST}.csv?view=each", f"/secretariat/assignments/{first}"]
    few = [queries_of(client, address) for address in addresses]
    fill(8)
    assert [queries_of(client, address) for address in addresses] == few
    assert max(few) <= 12, few
