"""Meetings as tests hold them: planned, with people, opened, closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.decisions.actions import close_meeting, invite, open_meeting, plan_meeting, set_attendance
from app.decisions.facts import Attending, Duty, Invitee, Level, MeetingFacts, Presence
from app.decisions.models import Meeting
from app.decisions.queries.meetings import list_members
from app.kernel.db import db
from app.kernel.work import open_work
from tests.world import FISCAL_YEAR, NOW, World

STARTS = NOW + timedelta(days=30)
CHAIR = Invitee(None, "นายประธาน ทดสอบ", "รองนายกรัฐมนตรี", Duty.CHAIR)


def plan(world: World, level: Level = Level.COMMITTEE, number: str = "", *, at: datetime = NOW) -> int:
    """A planned meeting with the five items; returns its id."""
    facts = MeetingFacts(level, number, "", "ห้องประชุม 1", STARTS)
    with open_work(world.actor("secretariat"), at) as work:
        return plan_meeting(work, FISCAL_YEAR, facts).id


def bring(world: World, meeting_id: int, people: Sequence[Invitee] = (CHAIR,)) -> list[int]:
    """Invite people, who all come; returns the ids of the members."""
    with open_work(world.actor("secretariat"), NOW) as work:
        ids = [m.id for m in invite(work, meeting_id, people)]
    with open_work(world.actor("secretariat"), NOW) as work:
        rows = {
            m.id: Attending(m.duty, m.post, Presence.PRESENT, "")
            for m in list_members(work.session, meeting_id)
        }
        set_attendance(work, meeting_id, version(meeting_id), rows)
    return ids


def version(meeting_id: int) -> int:
    """The version a form of now would carry."""
    return db.session().get_one(Meeting, meeting_id).version


def hold(
    world: World, level: Level = Level.COMMITTEE, people: Sequence[Invitee] = (CHAIR,), *, at: datetime = NOW
) -> int:
    """An open meeting; returns its id."""
    meeting_id = plan(world, level, at=at)
    bring(world, meeting_id, people)
    start(world, meeting_id, at=at)
    return meeting_id


def start(world: World, meeting_id: int, reason: str = "", *, at: datetime = NOW) -> None:
    expected = version(meeting_id)
    with open_work(world.actor("secretariat"), at) as work:
        open_meeting(work, meeting_id, expected, reason)


def end(world: World, meeting_id: int, *, at: datetime = NOW, leave_open: bool = True) -> None:
    expected = version(meeting_id)
    with open_work(world.actor("secretariat"), at) as work:
        close_meeting(work, meeting_id, expected, leave_open=leave_open)
