"""A small round with all that can happen to a review: final scores, a reopening, a decline, a conflict, a discussion."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.calls.queries import get_call
from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import (
    assign_reviewers,
    decline_assignment,
    move_round,
    reopen_review,
    set_round,
    submit_review,
    withdraw_assignment,
)
from app.reviews.actions.discussing import record_outcome, write_note
from app.reviews.facts import NamesFor, RoundFacts, Score
from app.reviews.models import Assignment
from app.reviews.queries import get_round
from app.reviews.threads import Conclusion
from tests.figures.small_round import SmallRound, hold_round
from tests.world import FISCAL_YEAR, NOW, World

# planted where no paper may show them
PRIVATE_NOTE, TALK = "บันทึกส่วนตัวของผู้พิจารณา-ZQ1", "ข้อความในการหารือ-ZQ2"
# planted where only the secretariat's copy may show it
WHY_DECLINED = "เคยเป็นที่ปรึกษาโครงการนี้-ZQ3"
WHY_FINAL = "ปรับระดับหลังรับฟังในการหารือแล้ว"
WHY_REOPENED = "กรอกระดับผิดช่อง ขอแก้ไข"
CONCLUSION = "ผู้พิจารณาเข้าใจขอบเขตต่างกัน ให้ทบทวนคะแนน"


def move(world: World, name: str, at: datetime, reason: str = "") -> None:
    """The secretariat moves the round."""
    with open_work(world.actor("secretariat"), at) as work:
        version = get_round(work.session, world.call_id).version
        move_round(work, world.call_id, name, version=version, reason=reason)


def find(world: World, proposal_id: int, name: str) -> Assignment:
    return db.session.scalars(
        select(Assignment).where(
            Assignment.proposal_id == proposal_id, Assignment.reviewer_id == world.users[name]
        )
    ).one()


def hand_in(
    world: World, proposal_id: int, name: str, level: int, at: datetime, reason: str, notes: str | None = None
) -> None:
    """A reviewer hands in the same level on every criterion."""
    assignment = find(world, proposal_id, name)
    assignment_id, version = assignment.id, assignment.version
    db.session.rollback()
    codes = [c.code for c in get_call(db.session(), FISCAL_YEAR).rubric.criteria]
    scores = {code: Score(level, "ความเห็นที่ยาวพอสำหรับระดับนี้ตามเกณฑ์ของรอบ") for code in codes}
    with open_work(world.actor(name), at) as work:
        submit_review(work, assignment_id, scores, version, reason=reason, notes=notes)


def hold_reviewed_round(world: World, names_for: NamesFor = NamesFor.EVERYONE) -> SmallRound:
    """`shared` is scored again by one reviewer after a discussion, `small` after a reopening; `unscored` is declined by
    one and taken back from the other."""
    made = hold_round(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        set_round(work, world.call_id, RoundFacts(names_for=names_for))
    later = NOW + timedelta(hours=1)
    small = find(world, made.small, "reviewer_bb").id
    db.session.rollback()
    with open_work(world.actor("secretariat"), later) as work:
        reopen_review(work, small, later + timedelta(days=1), WHY_REOPENED)
    hand_in(
        world, made.small, "reviewer_bb", 1, later + timedelta(minutes=5), "แก้ระดับที่กรอกผิดช่องแล้ว", PRIVATE_NOTE
    )
    with open_work(world.actor("secretariat"), later) as work:
        given = assign_reviewers(
            work, made.unscored, [world.users[name] for name in ("reviewer_bb", "reviewer_dga")]
        )
        first, second = (a.id for a in given)
    with open_work(world.actor("reviewer_bb"), later) as work:
        decline_assignment(work, first, WHY_DECLINED)
    with open_work(world.actor("secretariat"), later) as work:
        withdraw_assignment(work, second, WHY_DECLINED)
    move(world, "begin_discussion", NOW + timedelta(hours=2))
    with open_work(world.actor("reviewer_bb"), NOW + timedelta(hours=3)) as work:
        write_note(work, made.shared, TALK)
    with open_work(world.actor("secretariat"), NOW + timedelta(hours=4)) as work:
        record_outcome(work, made.shared, Conclusion.RESCORE, CONCLUSION)
    move(world, "begin_final", NOW + timedelta(hours=5))
    hand_in(world, made.shared, "reviewer_bb", 2, NOW + timedelta(hours=6), WHY_FINAL)
    move(world, "lock", NOW + timedelta(hours=7))
    return made
