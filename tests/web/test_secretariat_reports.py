"""Reports at the secretariat's desk: a call followed, who is late, what waits, accepting together, returning, reminding."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.monitoring.models import Actual, ProgressRecord
from app.notices.models import Mail
from tests.conftest import FixedClock
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import begin, hand_in, money_cells, number_of
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.web.desks import browser, counting, text_of
from tests.world import World

JANUARY = datetime(
    2026, 1, 11, 9, 0, tzinfo=BANGKOK
)  # December was due by the 10th, the quarter is by the 15th
YEAR = f"/secretariat/monitoring/{LAST_YEAR}"


@pytest.fixture
def number(world: World, clock: FixedClock) -> str:
    clock.moment = JANUARY
    return number_of(open_projects(world)[0])


def state_of(record_id: int) -> str:
    state = db.session().get_one(ProgressRecord, record_id).state
    db.session.rollback()
    return state


def test_following_what_was_granted(app: Flask, world: World, clock: FixedClock) -> None:
    decide(world, file_earlier(world), 500_00)
    clock.moment = JANUARY
    secretariat = browser(app, "secretariat", "en")
    assert "Follow these projects" in text_of(secretariat.get("/secretariat/monitoring"))
    assert (
        secretariat.post("/secretariat/monitoring", data={"fiscal_year": str(LAST_YEAR)}).status_code == 303
    )
    page = text_of(secretariat.get("/secretariat/monitoring"))
    assert "Follow these projects" not in page
    assert "Department Alpha" in page
    assert (
        secretariat.post("/secretariat/monitoring", data={"fiscal_year": str(LAST_YEAR)}).status_code == 422
    )
    wrong = {"month_days": "0", "quarter_days": "15", "green": "80", "amber": "95"}
    answer = secretariat.post(f"{YEAR}/rules", data=wrong)
    assert answer.status_code == 422
    assert 'id="green-error"' in text_of(answer)
    assert "Monthly report of money: A number of days from 1 to 90" in text_of(answer)
    right = {"month_days": "๒๐", "quarter_days": "15", "green": "95", "amber": "80"}
    assert secretariat.post(f"{YEAR}/rules", data=right).status_code == 303


def test_waiting_reports_are_accepted_together_or_none(app: Flask, world: World, number: str) -> None:
    first = begin(world, 1, money_cells(number, "600000", "5"), at=JANUARY)
    second = begin(world, 2, money_cells(number, "600000", "0"), at=JANUARY)
    third = begin(world, 3, money_cells(number, "0", "0"), at=JANUARY)
    versions = {record: hand_in(world, record, JANUARY) for record in (first, second, third)}
    secretariat = browser(app, "secretariat", "en")
    page = text_of(secretariat.get(f"{YEAR}/waiting"))
    assert re.findall(r'name="report" value="(\d+):(\d+)" checked', page) == [
        (str(record), str(versions[record])) for record in (first, second)
    ]
    assert "Every row says 0" in page  # the third is to be read
    nothing = secretariat.post(f"{YEAR}/waiting")
    assert nothing.status_code == 422
    assert "Tick at least one report" in text_of(nothing)
    both = [f"{record}:{versions[record]}" for record in (first, second)]
    answer = secretariat.post(f"{YEAR}/waiting", data={"report": both})
    assert answer.status_code == 422
    assert "Commitments come to 1,200,000.00 baht" in text_of(answer)
    assert [state_of(record) for record in (first, second)] == ["signed", "signed"]
    earlier = f"{first}:{versions[first] - 1}"  # as it was shown, or not at all
    assert secretariat.post(f"{YEAR}/waiting", data={"report": earlier}).status_code == 422
    assert secretariat.post(f"{YEAR}/waiting", data={"report": both[:1]}).status_code == 303
    assert state_of(first) == "accepted"
    address = f"/secretariat/reports/{second}"
    assert "It cannot be accepted" in text_of(secretariat.get(address))
    assert (
        secretariat.post(f"{address}/return", data={"version": versions[second], "note": ""}).status_code
        == 422
    )
    sent = {"version": versions[second], "note": "over the amount"}
    assert secretariat.post(f"{address}/return", data=sent).status_code == 303
    assert secretariat.post(f"{address}/return", data=sent).status_code == 303  # a double click
    page = text_of(secretariat.get(address))
    assert "600,000" not in page  # what is being written is the agency's own
    assert "over the amount" in text_of(browser(app, "officer", "en").get(f"/agency/reports/{second}"))
    sent = {"version": versions[third], "back": str(LAST_YEAR)}
    assert secretariat.post(f"/secretariat/reports/{third}/accept", data=sent).status_code == 303
    assert db.session.scalar(select(func.sum(Actual.committed))) == 600_000_00
    db.session.rollback()


def test_a_draft_is_not_the_secretariats(app: Flask, world: World, number: str) -> None:
    draft = begin(world, 1, money_cells(number, "1", "1"), at=JANUARY)
    secretariat = browser(app, "secretariat")
    assert secretariat.get(f"/secretariat/reports/{draft}").status_code == 404
    assert secretariat.post(f"/secretariat/reports/{draft}/accept", data={"version": "1"}).status_code == 404


def test_who_is_late_is_listed_and_reminded_once_a_day(
    app: Flask, world: World, number: str, clock: FixedClock
) -> None:
    secretariat = browser(app, "secretariat", "en")
    assert "days late" in text_of(secretariat.get("/secretariat/monitoring"))
    table = secretariat.get(f"{YEAR}/late.csv").data.decode("utf-8-sig").splitlines()
    assert len(table) == 4  # three months of one agency; the quarter is not due yet
    assert table[3].startswith("Department Alpha,")
    page = text_of(secretariat.get(f"{YEAR}/remind"))
    assert "3 ฉบับ" in page  # the letter, in its reader's language
    nobody = secretariat.post(f"{YEAR}/remind")
    assert (nobody.status_code, "Tick at least one agency" in text_of(nobody)) == (422, True)
    sent = {"agency": str(world.agencies["alpha"])}
    assert secretariat.post(f"{YEAR}/remind", data=sent).status_code == 303
    count = db.session.scalar(select(func.count()).select_from(Mail))
    db.session.rollback()
    assert count is not None
    assert count >= 2  # officers and the certifier
    assert secretariat.post(f"{YEAR}/remind", data=sent).status_code == 422
    clock.moment = JANUARY + timedelta(hours=25)  # by when one has to sign in again
    assert browser(app, "secretariat").post(f"{YEAR}/remind", data=sent).status_code == 303


def test_pages_ask_the_same_few_queries(app: Flask, world: World, number: str) -> None:
    signed = begin(world, 1, money_cells(number, "10", "5"), at=JANUARY)
    hand_in(world, signed, JANUARY)
    secretariat = browser(app, "secretariat")
    for address in (
        "/secretariat/",
        "/secretariat/monitoring",
        f"{YEAR}/waiting",
        f"{YEAR}/remind",
        f"/secretariat/reports/{signed}",
    ):
        with counting() as statements:
            assert secretariat.get(address).status_code == 200
        assert len(statements) <= 12, (address, statements)
