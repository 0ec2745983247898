"""A small round whose meeting is closed, with its decision book."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.decisions.models import Decision, DecisionBook, Meeting, MeetingMember
from app.figures.books.closing import make_book
from app.figures.press import book_store
from app.kernel.config import Config
from app.kernel.db import db
from app.kernel.files import FileStore
from app.kernel.work import open_work
from tests.figures.small_round import SmallRound, hold_round
from tests.world import NOW, World

CLOSED = NOW + timedelta(hours=3)


def store_of(config: Config) -> FileStore:
    return book_store(config)


def close_round(world: World, config: Config) -> tuple[SmallRound, bytes]:
    """Score, decide, close; the bytes of the book. The meeting is written as rows: how one is held has its own tests."""
    made = hold_round(world)
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(
            work, made.shared, Verdict.CONDITIONAL, 90_000_000, conditions="ส่งแผน", reason="ปรับลด"
        )
        record_decision(work, made.small, Verdict.APPROVED, 50_025)
        record_decision(work, made.large, Verdict.REJECTED, 0, reason="เกินกรอบ")
    with open_work(world.actor("secretariat"), CLOSED) as work:
        meeting = Meeting(
            call_id=world.call_id,
            level="committee",
            ordinal=1,
            number="1/2570",
            subject="พิจารณาข้อเสนอ",
            starts_at=NOW,
            state="closed",
            created_at=NOW,
            opened_at=NOW,
            closed_at=CLOSED,
            closed_by=world.users["secretariat"],
        )
        work.session.add(meeting)
        work.session.flush()
        work.session.add(
            MeetingMember(
                meeting_id=meeting.id,
                position=1,
                name="ประธาน น้ำใจ",
                post="รองนายกรัฐมนตรี",
                role="chair",
                presence="present",
            )
        )
        for decision in work.session.scalars(select(Decision)):
            decision.meeting_id, decision.number = meeting.id, f"1/2570-{decision.id}"
        work.session.flush()
        make_book(work, meeting, book_store(config))
    sha256 = db.session.scalars(select(DecisionBook.sha256)).one()
    db.session.rollback()
    return made, book_store(config).get(sha256)
