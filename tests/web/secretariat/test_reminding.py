"""Reminding reviewers now: who is offered, one letter each, not again within a day unless asked for, and to whom never."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.facts import SYSTEM
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, Refused
from app.kernel.work import open_work
from app.notices.actions import remind
from app.notices.models import Mail
from app.notices.reminding import list_behind, remind_reviewers
from app.reviews.actions import set_round
from app.reviews.facts import RoundFacts
from tests.conftest import Backend, FixedClock
from tests.instruments import race
from tests.notices.scene import SITE, by_name, mails
from tests.reviews.discussed import at_phase
from tests.web.desks import browser, file_one, hand_in, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, NOW, World, give

D, H, M = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DUE = NOW + 10 * D
ADDRESS = f"/secretariat/calls/{FISCAL_YEAR}/assignments/remind"
MARK = "MARKED"


@pytest.fixture
def given(app: Flask, world: World) -> list[int]:
    """Two proposals for the Bureau of the Budget, one of them for DGA too; due in ten days."""
    with open_work(world.actor("secretariat"), NOW) as work:
        set_round(work, world.call_id, RoundFacts(scoring_due_at=DUE))
    first, second = (file_one(world, title_th=f"โครงการ {MARK}", title_en=MARK) for _ in range(2))
    return [*give(world, first, "reviewer_bb", "reviewer_dga"), *give(world, second, "reviewer_bb")]


def to(world: World, *names: str) -> frozenset[int]:
    return frozenset(world.users[name] for name in names)


def send(world: World, at=NOW, *names: str, again: frozenset[int] = frozenset(), by: str = "secretariat"):  # type: ignore[no-untyped-def]
    with open_work(world.actor(by), at) as work:
        return remind_reviewers(work, world.call_id, to(world, *names), SITE, again=again)


def wanted() -> list[Mail]:
    return [m for m in mails() if m.key.startswith("reviews_wanted:")]


def test_one_letter_each_and_only_to_who_has_something_to_do(world: World, given: list[int]) -> None:
    hand_in(world, "reviewer_dga", given[1], scores(3, MARK))
    assert send(world, NOW, "reviewer_bb", "reviewer_dga") == 1
    (mail,) = wanted()
    assert mail.user_id == world.users["reviewer_bb"]
    assert (mail.kind, mail.state) == ("reviewing", "waiting")
    assert "2 รายการ" in mail.subject
    assert "30 พ.ย. 2568 10:00 น." in mail.body
    assert len([line for line in mail.body.splitlines() if line.startswith("- 25")]) == 2
    assert MARK not in mail.body
    assert "กรมอัลฟา" not in mail.body
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "remind_reviewers"))
    assert json.loads(entry.detail)["reviewers"] == [world.users["reviewer_bb"]]


@pytest.mark.both_databases
def test_nobody_is_told_twice_within_a_day_unless_it_is_asked_for(world: World, given: list[int]) -> None:
    both = ("reviewer_bb", "reviewer_dga")
    assert send(world, NOW, "reviewer_bb") == 1
    assert send(world, NOW + H, *both) == 1  # the other one
    with pytest.raises(Refused):
        send(world, NOW + 23 * H, *both)
    assert send(world, NOW + 23 * H, again=to(world, "reviewer_bb")) == 1
    with pytest.raises(Refused):  # the button pressed twice
        send(world, NOW + 23 * H + M, again=to(world, "reviewer_bb"))
    assert send(world, NOW + 25 * H, *both) == 1  # DGA was told a day ago
    assert len(wanted()) == 4


def test_an_automatic_reminder_counts_as_one(world: World, given: list[int]) -> None:
    with open_work(SYSTEM, DUE - 3 * D) as work:
        assert remind(work, SITE) == 2
    with pytest.raises(Refused):
        send(world, DUE - 3 * D + H, "reviewer_bb", "reviewer_dga")
    assert send(world, DUE - 2 * D, "reviewer_bb") == 1


@pytest.mark.parametrize("phase", ["locked", "discussion"])
def test_there_is_nobody_to_remind_where_nothing_can_be_done(
    world: World, given: list[int], phase: str
) -> None:
    at_phase(world, phase)
    assert list_behind(db.session(), world.actor("secretariat"), world.call_id, NOW) == []
    with pytest.raises(Refused):
        send(world, NOW, "reviewer_bb")
    assert wanted() == []


def test_after_the_date_nobody_is_asked_for_what_can_no_longer_be_done(
    world: World, given: list[int]
) -> None:
    with pytest.raises(Refused):
        send(world, DUE, "reviewer_bb")
    assert send(world, DUE - M, "reviewer_bb") == 1


@pytest.mark.parametrize("name", ["reviewer_bb", "committee", "officer", "admin"])
def test_only_the_secretariat_reminds(world: World, given: list[int], name: str) -> None:
    with pytest.raises(Forbidden):
        send(world, NOW, "reviewer_bb", by=name)
    with pytest.raises(Forbidden):
        list_behind(db.session(), world.actor(name), world.call_id, NOW)


@pytest.mark.both_databases
def test_two_people_at_once_write_one_letter(backend: Backend, given: list[int]) -> None:
    world = backend.world
    db.session.remove()
    results = race(backend.app, *([lambda: send(world, NOW, "reviewer_bb")] * 4))
    assert sorted(str(r) if isinstance(r, int) else type(r).__name__ for r in results) == [
        "1",
        "Refused",
        "Refused",
        "Refused",
    ]
    assert len(wanted()) == 1


def test_the_page_offers_who_is_behind_and_sends(
    app: Flask, world: World, given: list[int], clock: FixedClock
) -> None:
    client = browser(app, "secretariat", "en")
    page = client.get(ADDRESS)
    shown = text_of(page)
    assert "Reviewers with something to do now: 2" in shown
    assert "not scored 2" in shown
    assert "A reminder: 2 proposals waiting for you" in shown or "รอท่านดำเนินการ" in shown
    ticked = re.findall(r'name="reviewer" value="(\d+)" checked', page.text)
    assert {int(i) for i in ticked} == to(world, "reviewer_bb", "reviewer_dga")
    one = client.get(f"{ADDRESS}?reviewer={world.users['reviewer_dga']}").text
    assert re.findall(r'name="reviewer" value="(\d+)" checked', one) == [str(world.users["reviewer_dga"])]
    answer = client.post(ADDRESS, data={"reviewer": [str(world.users["reviewer_bb"])]})
    assert answer.status_code == 303
    page = client.get(ADDRESS).text
    assert "Reminders written: 1" in page
    assert re.findall(r'name="again" value="(\d+)"( checked)?', page) == [
        (str(world.users["reviewer_bb"]), "")
    ]
    assert set(by_name(world, wanted())) == {"reviewer_bb"}
    clock.advance(hours=1)
    refused = client.post(ADDRESS, data={"reviewer": [str(world.users["reviewer_bb"])]})
    assert refused.status_code == 422
    assert 'id="reviewers-error"' in refused.text
    forced = client.post(ADDRESS, data={"again": [str(world.users["reviewer_bb"])]})
    assert forced.status_code == 303
    assert client.post(ADDRESS, data={"reviewer": ["x"]}).status_code == 404
    assert client.post(ADDRESS, data={}).status_code == 422


def test_the_page_says_why_there_is_nobody(
    app: Flask, world: World, given: list[int], clock: FixedClock
) -> None:
    clock.moment = DUE
    client = browser(app, "secretariat", "en")
    assert "The date of this phase has passed" in client.get(ADDRESS).text
    at_phase(world, "locked")
    assert "The round is locked" in client.get(ADDRESS).text


@pytest.mark.both_databases
def test_the_page_asks_at_most_twelve_times(app: Flask, world: World, given: list[int]) -> None:
    client = browser(app, "secretariat")
    few = queries_of(client, ADDRESS)
    for _ in range(3):
        give(world, file_one(world), "reviewer_bb", "reviewer_dga")
    assert queries_of(client, ADDRESS) == few <= 12
