"""Meetings: their lifecycle, their quorum, deciding in them and without them, each with its own version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.decisions.actions import (
    cancel_meeting,
    change_meeting,
    close_meeting,
    invite,
    open_meeting,
    plan_meeting,
    record_decision,
    set_agenda,
)
from app.decisions.facts import (
    Duty,
    Invitee,
    ItemFacts,
    ItemKind,
    Level,
    MeetingFacts,
    Presence,
    Verdict,
)
from app.decisions.models import AgendaItem, Decision, Meeting
from app.decisions.queries import current_decisions, decisions_at
from app.decisions.queries.meetings import list_agenda
from app.decisions.queries.sitting import find_sitting
from app.decisions.rules import next_number, quorum_of
from app.kernel.audit import verify
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from tests.conftest import Backend
from tests.decisions.held import CHAIR, STARTS, bring, end, hold, plan, start, version
from tests.instruments import race
from tests.world import FISCAL_YEAR, NOW, World, file_proposal

ASKED = 100_000_100
REASON = "ปรับลดตามกรอบวงเงิน"
LATER = NOW + timedelta(days=1)


def decide(
    world: World, proposal_id: int, amount: int = ASKED, number: str = "", verdict: Verdict = Verdict.APPROVED
) -> Decision:
    reason = "" if amount == ASKED else REASON
    with open_work(world.actor("committee"), NOW) as work:
        return record_decision(work, proposal_id, verdict, amount, reason=reason, number=number)


def attempt(world: World, move: str, meeting_id: int) -> None:
    expected = version(meeting_id)
    with open_work(world.actor("secretariat"), NOW) as work:
        if move == "open":
            open_meeting(work, meeting_id, expected, "เหตุผล")
        elif move == "close":
            close_meeting(work, meeting_id, expected, leave_open=True)
        else:
            cancel_meeting(work, meeting_id, expected)


PATHS: list[tuple[str, str, str | None]] = [
    ("", "open", "open"),
    ("", "cancel", "cancelled"),
    ("", "close", None),
    ("open", "open", None),
    ("open", "close", "closed"),
    ("open", "cancel", "cancelled"),
    ("open close", "open", None),
    ("open close", "close", None),
    ("open close", "cancel", None),
    ("cancel", "open", None),
    ("cancel", "close", None),
    ("cancel", "cancel", None),
]


def test_the_only_moves_there_are(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        for path, move, state in PATHS:
            meeting_id = plan(world)
            for step in path.split():
                attempt(world, step, meeting_id)
            before = db.session().get_one(Meeting, meeting_id).state
            if state is None:
                with pytest.raises(Refused):
                    attempt(world, move, meeting_id)
            else:
                attempt(world, move, meeting_id)
            after = db.session().get_one(Meeting, meeting_id)
            assert after.state == (state or before), (path, move)
            if after.state == "open":
                attempt(world, "close", meeting_id)  # so that the next may open
        db.session.remove()


P, R, A, I = Presence.PRESENT, Presence.REPRESENTED, Presence.ABSENT, Presence.INVITED  # noqa: E741
QUORUMS = [
    ([], False),
    ([(Duty.CHAIR, P)], True),
    ([(Duty.CHAIR, R)], True),
    ([(Duty.CHAIR, A), (Duty.MEMBER, P), (Duty.MEMBER, P)], False),
    ([(Duty.CHAIR, P), (Duty.MEMBER, A)], True),
    ([(Duty.CHAIR, P), (Duty.MEMBER, A), (Duty.MEMBER, A)], False),
    ([(Duty.CHAIR, P), (Duty.MEMBER, I), (Duty.MEMBER, R)], True),
    ([(Duty.CHAIR, P), (Duty.MEMBER, A), (Duty.MEMBER, A), (Duty.SECRETARY, P), (Duty.ATTENDEE, P)], False),
]


@pytest.mark.parametrize(("people", "is_met"), QUORUMS)
def test_a_quorum_is_the_chair_and_half_of_those_who_decide(
    people: list[tuple[Duty, Presence]], is_met: bool
) -> None:
    assert quorum_of(people).is_met is is_met


@pytest.mark.parametrize(
    ("taken", "number"),
    [
        ([], "1/2567-4.1"),
        (["1/2567-4.1", "1/2567-4.12"], "1/2567-4.13"),
        (["1/2567-5.9", "own words", "1/2567-4.x", "1/2567-4.๒"], "1/2567-4.1"),
    ],
)
def test_the_next_resolution_follows_the_highest(taken: list[str], number: str) -> None:
    assert next_number("1/2567-4.", taken) == number


def test_a_meeting_is_planned_with_the_official_agenda_and_the_next_number(app: Flask, world: World) -> None:
    first, second = plan(world), plan(world)
    board = plan(world, Level.BOARD)
    numbers = [db.session().get_one(Meeting, m).number for m in (first, second, board)]
    assert numbers == [f"1/{FISCAL_YEAR}", f"2/{FISCAL_YEAR}", f"1/{FISCAL_YEAR}"]
    assert [(i.position, i.title) for i in list_agenda(db.session(), first)] == [
        (1, "เรื่องที่ประธานแจ้งให้ที่ประชุมทราบ"),
        (2, "เรื่องรับรองรายงานการประชุม"),
        (3, "เรื่องสืบเนื่อง"),
        (4, "เรื่องเพื่อพิจารณา"),
        (5, "เรื่องอื่น ๆ"),
    ]
    with pytest.raises(Refused) as refusal:
        plan(world, number=numbers[0])
    assert [p.place for p in refusal.value.problems] == ["number"]
    with pytest.raises(Refused):
        plan(world, number="1" * 21)


def test_without_quorum_it_opens_only_for_a_reason_that_is_kept(app: Flask, world: World) -> None:
    meeting_id = plan(world)
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            start(world, meeting_id)
        assert [p.place for p in refusal.value.problems] == ["quorum-reason"]
        bring(world, meeting_id, [Invitee(None, "นายสมาชิก", "", Duty.MEMBER)])
    start(world, meeting_id, "เร่งด่วน")
    assert db.session().get_one(Meeting, meeting_id).quorum_note == "เร่งด่วน"


def test_one_meeting_of_a_call_is_open_at_a_time(backend: Backend) -> None:
    world = backend.world
    with backend.app.app_context():
        first, second = plan(world), plan(world, Level.BOARD)
        bring(world, first)
        bring(world, second)
        db.session.remove()
    results = race(backend.app, lambda: start(world, first), lambda: start(world, second))
    assert sorted(type(r).__name__ for r in results) == ["NoneType", "Refused"], results
    with backend.app.app_context():
        assert verify(db.session()).fault is None
        db.session.remove()


def test_a_call_without_meetings_decides_as_ever_and_with_them_only_while_one_is_open(
    app: Flask, world: World
) -> None:
    one, other = file_proposal(world), file_proposal(world)
    assert (decide(world, one).meeting_id, decide(world, one).number) == (None, "")
    meeting_id = plan(world)
    with pytest.raises(Refused) as refusal:
        decide(world, other)
    assert [p.place for p in refusal.value.problems] == ["meeting"]
    bring(world, meeting_id)
    start(world, meeting_id)
    decision = decide(world, other)
    assert (decision.meeting_id, decision.number) == (meeting_id, f"1/{FISCAL_YEAR}-4.1")
    assert decide(world, one, 5).number == f"1/{FISCAL_YEAR}-4.2"
    # amended in the same meeting it keeps its number; another's number is refused
    assert decide(world, other, 7).number == f"1/{FISCAL_YEAR}-4.1"
    with pytest.raises(Refused) as refusal:
        decide(world, other, 7, number=f"1/{FISCAL_YEAR}-4.2")
    assert [p.place for p in refusal.value.problems] == ["decision-number"]
    assert decide(world, other, 7, number="พิเศษ 1").number == "พิเศษ 1"
    end(world, meeting_id)
    with pytest.raises(Refused):
        decide(world, other)


def test_a_meeting_called_off_is_as_if_it_had_never_been(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    meeting_id = plan(world)
    attempt(world, "cancel", meeting_id)
    assert not find_sitting(db.session(), world.call_id).has_met
    assert decide(world, proposal_id).meeting_id is None
    opened = hold(world)
    decide(world, proposal_id, 5)
    with pytest.raises(Refused):
        attempt(world, "cancel", opened)


def test_each_meeting_has_its_own_version(app: Flask, world: World) -> None:
    kept, amended, later = (file_proposal(world) for _ in range(3))
    committee = hold(world)
    decide(world, kept)
    decide(world, amended)
    end(world, committee, at=NOW + timedelta(hours=1))
    board = hold(world, Level.BOARD, at=NOW + timedelta(hours=2))

    def at(meeting_id: int) -> dict[int, tuple[int, str]]:
        found = decisions_at(db.session(), db.session().get_one(Meeting, meeting_id))
        return {i: (d.amount, d.meeting) for i, d in found.items()}

    number = f"1/{FISCAL_YEAR}"
    before = {kept: (ASKED, number), amended: (ASKED, number)}
    assert at(committee) == at(board) == before
    with open_work(world.actor("committee"), NOW + timedelta(hours=3)) as work:
        record_decision(work, amended, Verdict.APPROVED, 5, reason=REASON)
        record_decision(work, later, Verdict.REJECTED, 0, reason=REASON)
    end(world, board, at=NOW + timedelta(hours=4))
    after = before | {amended: (5, number), later: (0, number)}
    assert (at(committee), at(board)) == (before, after)
    assert {i: d.meeting_id for i, d in current_decisions(db.session(), world.call_id).items()} == {
        kept: committee,
        amended: board,
        later: board,
    }


def test_closing_wants_every_decision_or_a_tick_and_who_came(app: Flask, world: World) -> None:
    file_proposal(world)
    meeting_id = plan(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        invite(work, meeting_id, [CHAIR])
    start(world, meeting_id, "เร่งด่วน")
    frozen: list[str] = []
    with pytest.raises(Refused) as refusal, open_work(world.actor("secretariat"), NOW) as work:
        close_meeting(work, meeting_id, version(meeting_id), lambda _, m: frozen.append(m.state))
    assert [p.place for p in refusal.value.problems] == ["attendance", "leave-open"]
    bring(world, meeting_id, [Invitee(None, "นายสมาชิก", "", Duty.MEMBER)])
    expected = version(meeting_id)
    with open_work(world.actor("secretariat"), NOW) as work:
        close_meeting(work, meeting_id, expected, lambda _, m: frozen.append(m.state), leave_open=True)
    assert frozen == ["closed"]
    meeting = db.session().get_one(Meeting, meeting_id)
    assert (meeting.closed_at, meeting.open_for) == (NOW, None)


ACTIONS: dict[str, Callable[[World, str, int], object]] = {
    "plan": lambda world, who, _: _as(world, who, lambda w: plan_meeting(w, FISCAL_YEAR, FACTS)),
    "change": lambda world, who, m: _as(world, who, lambda w: change_meeting(w, m, 1, FACTS)),
    "open": lambda world, who, m: _as(world, who, lambda w: open_meeting(w, m, 1, "เหตุผล")),
    "cancel": lambda world, who, m: _as(world, who, lambda w: cancel_meeting(w, m, 1)),
    "close": lambda world, who, m: _as(world, who, lambda w: close_meeting(w, m, 1)),
    "agenda": lambda world, who, m: _as(world, who, lambda w: set_agenda(w, m, 1, ())),
}
FACTS = MeetingFacts(Level.COMMITTEE, "9/2570", "เรื่อง", "ที่", STARTS)


def _as(world: World, who: str, act: Callable[..., object]) -> None:
    with open_work(world.actor(who), NOW) as work:
        act(work)


def test_only_the_secretariat_holds_meetings(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        for act in ACTIONS.values():
            for who in ("officer", "certifier", "reviewer_bb", "committee", "admin"):
                with pytest.raises(Forbidden):
                    act(world, who, plan(world))
        for name, act in ACTIONS.items():
            if name != "plan":
                with pytest.raises(NotFound):
                    act(world, "secretariat", 999_999)
        db.session.remove()


def test_an_agenda_is_numbered_anew_and_an_old_form_overwrites_nothing(app: Flask, world: World) -> None:
    meeting_id = plan(world)
    before = list_agenda(db.session(), meeting_id)
    expected = version(meeting_id)
    items = [
        ItemFacts(before[3].id, 2, ItemKind.CONSIDER, "เรื่องเพื่อพิจารณา", "พิจารณา", "เห็นชอบ"),
        ItemFacts(None, 9, ItemKind.OTHER, "นัดประชุมครั้งต่อไป", "", ""),
        ItemFacts(before[0].id, 1, ItemKind.INFORM, before[0].title, "", "รับทราบ"),
    ]

    def save(rows: list[ItemFacts]) -> None:
        with open_work(world.actor("secretariat"), NOW) as work:
            set_agenda(work, meeting_id, expected, rows)

    save(items)
    assert [(i.position, i.title, i.resolution) for i in list_agenda(db.session(), meeting_id)] == [
        (1, before[0].title, "รับทราบ"),
        (2, "เรื่องเพื่อพิจารณา", "เห็นชอบ"),
        (3, "นัดประชุมครั้งต่อไป", ""),
    ]
    with pytest.raises(Stale):
        save(items)
    expected = version(meeting_id)
    with pytest.raises(Refused) as refusal:
        save([ItemFacts(None, 1, ItemKind.OTHER, " ", "", "")])
    assert [p.place for p in refusal.value.problems] == ["title-0", "agenda"]
    with pytest.raises(NotFound):
        save([ItemFacts(db.session().query(AgendaItem.id).count() + 999, 1, ItemKind.CONSIDER, "x", "", "")])
