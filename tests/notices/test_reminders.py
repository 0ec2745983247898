"""Reminders: three before each closing moment, each once, by the agency's own clock, and never for what is filed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.calls.models import Call, CallExtension
from app.identity.facts import SYSTEM
from app.jobs.mailing import write_reminders
from app.kernel.db import db
from app.kernel.work import open_work
from app.notices.actions import SEND, remind, set_preferences
from app.notices.models import Mail
from app.notices.queries import find_untold
from app.notices.reminders import list_reminders
from app.proposals.actions import withdraw_proposal
from app.proposals.models import Proposal, ProposalReturn
from tests.conftest import Backend, FixedClock
from tests.instruments import counted_queries, race
from tests.notices.scene import SITE, add, by_name, change, extension, mails, promised, proposal_return
from tests.world import NOW, World, complete_draft, file_proposal, write_draft

D, H, M, S = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
CLOSES = datetime.fromisoformat("2025-11-27T00:00:00+07:00")
OFFICERS = {"officer", "reviewer_alpha"}


def remind_at(world: World, at: datetime) -> dict[str, Mail]:
    """Name -> the reminder just written to that person."""
    before = {mail.id for mail in mails()}
    with open_work(SYSTEM, at) as work:
        remind(work, SITE)
    return by_name(world, [mail for mail in mails() if mail.id not in before])


def number_of(proposal_id: int) -> str:
    return db.session.get_one(Proposal, proposal_id).number


def beta_draft(world: World) -> int:
    draft = complete_draft()
    draft["integration"]["links"][0]["partner"] = "gamma"
    draft["budget"]["rows"][0]["agency"] = "beta"
    return write_draft(world, draft, by="officer_beta", agency="beta")


def test_three_times_before_closing_and_each_once(app: Flask, world: World) -> None:
    draft = write_draft(world, complete_draft())
    told = {}
    for left in (4 * D, 3 * D + S, 3 * D, 3 * D - M, D + S, D, D - M, H + S, H, M, S, 0 * S, -M, -3 * D):
        letters = remind_at(world, CLOSES - left)
        if letters:
            told[left] = letters
    assert list(told) == [3 * D, D, H]
    assert all(set(letters) == OFFICERS for letters in told.values())
    subjects = [letters["officer"].subject for letters in told.values()]
    assert ["3 วัน" in subjects[0], "24 ชั่วโมง" in subjects[1], "1 ชั่วโมง" in subjects[2]] == [True] * 3
    body = told[D]["officer"].body
    assert f"- {number_of(draft)} ระบบเชื่อมโยงข้อมูลทดสอบ" in body
    assert "26 พ.ย. 2568 24:00 น." in body
    assert len(promised(SEND)) == 6


def test_a_runner_that_was_down_sends_the_newest_step_alone(app: Flask, world: World) -> None:
    write_draft(world, complete_draft())
    (mail,) = {m.subject for m in remind_at(world, CLOSES - 2 * H).values()}
    assert "24 ชั่วโมง" in mail
    (mail,) = {m.subject for m in remind_at(world, CLOSES - M).values()}
    assert "1 ชั่วโมง" in mail


def test_one_letter_lists_all_drafts_of_the_agency(app: Flask, world: World) -> None:
    drafts = [write_draft(world, complete_draft()) for _ in range(3)]
    other = beta_draft(world)
    filed = file_proposal(world)
    letters = remind_at(world, CLOSES - D)
    assert set(letters) == {*OFFICERS, "officer_beta"}
    for draft in drafts:
        assert number_of(draft) in letters["officer"].body
    assert number_of(other) not in letters["officer"].body
    assert number_of(filed) not in letters["officer"].body
    assert "3 รายการ" in letters["officer"].subject
    assert number_of(other) in letters["officer_beta"].body


def test_a_filing_needs_no_reminder_until_it_is_withdrawn(app: Flask, world: World) -> None:
    filed = file_proposal(world)
    assert remind_at(world, CLOSES - 2 * D) == {}
    with open_work(world.actor("officer"), CLOSES - 30 * H) as work:
        withdraw_proposal(work, filed)
    assert remind_at(world, CLOSES - 29 * H) == {}  # withdrawn after the step of three days: they know
    assert set(remind_at(world, CLOSES - 23 * H)) == OFFICERS


def test_a_draft_begun_after_a_step_is_reminded_of_the_next(app: Flask, world: World) -> None:
    write_draft(world, complete_draft(), at=CLOSES - 2 * D)
    assert remind_at(world, CLOSES - 2 * D + M) == {}
    assert set(remind_at(world, CLOSES - D)) == OFFICERS


def test_each_agency_by_its_own_closing_moment(app: Flask, world: World) -> None:
    write_draft(world, complete_draft())
    beta_draft(world)
    row = add(extension(world, 5, "beta"))
    assert set(remind_at(world, CLOSES - D)) == OFFICERS
    letters = remind_at(world, CLOSES + 4 * D)
    assert set(letters) == {"officer_beta"}
    assert "1 ธ.ค. 2568 24:00 น." in letters["officer_beta"].body
    change(CallExtension, row, ended_at=NOW)
    assert remind_at(world, CLOSES + 5 * D - M) == {}


def test_a_later_closing_moment_reminds_again(app: Flask, world: World) -> None:
    write_draft(world, complete_draft())
    assert set(remind_at(world, CLOSES - H)) == OFFICERS
    add(extension(world, 10))
    assert remind_at(world, CLOSES - H) == {}
    assert set(remind_at(world, CLOSES + 7 * D)) == OFFICERS
    assert set(remind_at(world, CLOSES + 9 * D)) == OFFICERS


def test_a_call_that_is_not_open_yet_reminds_nobody(app: Flask, world: World) -> None:
    write_draft(world, complete_draft())
    change(Call, world.call_id, opens_at=CLOSES - 2 * H)
    assert remind_at(world, CLOSES - 3 * H) == {}
    assert set(remind_at(world, CLOSES - 2 * H)) == OFFICERS


def test_returned_proposals_by_their_due_date(app: Flask, world: World) -> None:
    filed = file_proposal(world)
    due = NOW + 5 * D
    row = add(proposal_return(filed, due))
    change(Proposal, filed, state="returned")
    told = {}
    for left in (4 * D, 3 * D, 2 * D, D, 2 * H, H, M, 0 * S, -H):
        letters = remind_at(world, due - left)
        if letters:
            told[left] = letters
    assert list(told) == [3 * D, D, H]
    assert all(set(letters) == OFFICERS for letters in told.values())
    mail = told[H]["officer"]
    assert mail.subject.startswith(number_of(filed))
    assert f"/agency/proposals/{filed}" in mail.body
    assert "25 พ.ย. 2568 10:00 น." in mail.body
    change(ProposalReturn, row, due_at=due + 7 * D)  # given more time
    assert set(remind_at(world, due + 7 * D - H)) == OFFICERS
    change(ProposalReturn, row, due_at=due + 9 * D, state="answered", ended_at=NOW)
    assert remind_at(world, due + 9 * D - H) == {}


def test_who_switched_reminders_off_gets_none(app: Flask, world: World) -> None:
    write_draft(world, complete_draft())
    with open_work(world.actor("officer"), NOW) as work:
        set_preferences(work, [])
    letters = remind_at(world, CLOSES - D)
    assert {name: mail.state for name, mail in letters.items()} == {
        "officer": "unwanted",
        "reviewer_alpha": "waiting",
    }
    assert remind_at(world, CLOSES - D + M) == {}


def test_the_chore_looks_without_a_lock_and_writes_once(
    app: Flask, world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_draft(world, complete_draft())
    opened: list[datetime] = []

    def note(actor, now):  # type: ignore[no-untyped-def]
        opened.append(now)
        return open_work(actor, now)

    monkeypatch.setattr("app.jobs.mailing.open_work", note)
    for left in (4 * D, 3 * D, 3 * D - M, 3 * D - 2 * M):
        clock.moment = CLOSES - left
        write_reminders(app)
    assert opened == [CLOSES - 3 * D]
    assert len(mails()) == len(OFFICERS)


def test_two_runners_at_once_write_each_reminder_once(backend: Backend) -> None:
    with backend.app.app_context():
        write_draft(backend.world, complete_draft())
        db.session.remove()
    backend.clock.moment = CLOSES - D
    assert race(backend.app, *([lambda: write_reminders(backend.app)] * 4)) == [None] * 4
    with backend.app.app_context():
        assert set(by_name(backend.world, mails())) == OFFICERS
        assert len(promised(SEND)) == len(OFFICERS)


def test_looking_costs_the_same_for_any_number_of_drafts(app: Flask, world: World) -> None:
    def cost() -> int:
        with counted_queries() as statements:
            session = db.session()
            find_untold(session, list_reminders(session, CLOSES - D))
        return len(statements)

    write_draft(world, complete_draft())
    one = cost()
    for _ in range(4):
        write_draft(world, complete_draft())
    beta_draft(world)
    assert cost() == one <= 6
