"""Letters of reports: who is told of what, and reminders three days before, the day after, then weekly."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.facts import SYSTEM
from app.identity.models import User
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.monitoring.actions import begin_correction, return_report
from app.monitoring.models import ProgressRecord
from app.notices.actions import hear, remind
from app.notices.facts import Letterhead
from app.notices.models import Mail
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import accept, begin, hand_in, money_cells, number_of
from tests.world import World

SITE = Letterhead("https://dgi.example")
DECEMBER = datetime(2025, 12, 1, 9, 0, tzinfo=BANGKOK)


@pytest.fixture
def number(app: Flask, world: World) -> str:
    return number_of(open_projects(world)[0])


def written() -> list[tuple[str, str]]:
    """(event, person) of every letter so far, in order."""
    rows = db.session.execute(
        select(Mail.key, User.email).join(User, User.id == Mail.user_id).order_by(Mail.id)
    )
    found = [(key.split(":")[0], email.split("@")[0]) for key, email in rows]
    db.session.rollback()
    return found


def told(at: datetime, *, by_chore: bool = False) -> list[tuple[str, str]]:
    """Letters written by hearing all promises, or by the chore of reminders, at a moment."""
    before = len(written())
    with open_work(SYSTEM, at) as work:
        if by_chore:
            remind(work, SITE)
        else:
            for row in work.session.scalars(select(OutboxRow).where(OutboxRow.topic == "notify")):
                hear(work, {**json.loads(row.payload), "promise": row.id}, SITE)
    return sorted(each for each in written()[before:] if each[0].startswith("report"))


def test_who_is_told_on_a_reports_way(world: World, number: str) -> None:
    record_id = begin(world, 1, money_cells(number, "10", "5"), at=DECEMBER)
    version = hand_in(world, record_id, DECEMBER)
    assert told(DECEMBER) == []  # it is signed by now: nothing is wanted any more
    with open_work(world.actor("secretariat"), DECEMBER) as work:
        return_report(work, record_id, "why", version)
    assert told(DECEMBER) == [
        ("report_returned", "certifier"),
        ("report_returned", "officer"),
        ("report_returned", "reviewer_alpha"),
    ]
    accept(world, record_id, hand_in(world, record_id, DECEMBER), DECEMBER)
    assert told(DECEMBER) == [("report_accepted", "officer"), ("report_accepted", "reviewer_alpha")]
    with open_work(world.actor("officer"), DECEMBER) as work:
        correction = begin_correction(work, record_id, "a bill came late").id
    hand_in(world, correction, DECEMBER)
    assert told(DECEMBER) == [("report_corrected", "secretariat")]
    assert told(DECEMBER + timedelta(days=40)) == []


def test_reminders_come_three_days_before_the_day_after_and_weekly(world: World, number: str) -> None:
    hand_in(world, begin(world, 1, money_cells(number, "0", "0"), at=DECEMBER), DECEMBER)
    due = datetime(2025, 12, 11, tzinfo=BANGKOK)  # November, up to the end of the 10th
    steps = [
        (due - timedelta(days=3, seconds=1), []),
        (due - timedelta(days=3), ["reports_due"] * 2),
        (due - timedelta(days=1), []),
        (due, ["reports_late"] * 3),
        (due + timedelta(days=6), []),
        (due + timedelta(days=7), ["reports_late"] * 3),
    ]
    for at, events in steps:
        assert [event for event, _ in told(at, by_chore=True) if event.startswith("reports_")] == events, at
    second = begin(world, 2, money_cells(number, "0", "0"), at=due + timedelta(days=8))
    hand_in(world, second, due + timedelta(days=8))
    assert db.session.get_one(ProgressRecord, second).first_signed_at is not None
    db.session.rollback()
    assert [e for e, _ in told(due + timedelta(days=15), by_chore=True) if e == "reports_late"] == []
