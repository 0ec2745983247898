"""A proposal that is discussed: two reviews that are in and part, in the phase that is wanted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import submit_review
from app.reviews.actions.discussing import write_note
from app.reviews.facts import NamesFor, RoundFacts
from app.reviews.models import Assignment, ReviewRound
from app.reviews.states import DISCUSSION
from tests.web.desks import GOOD_COMMENT, file_one, hand_in, scores
from tests.world import NOW, World, give

BOTH = ("reviewer_bb", "reviewer_dga")


def at_phase(world: World, phase: str, names_for: NamesFor = NamesFor.EVERYONE) -> None:
    """Put the round of the call in a phase, however it got there."""
    wanted = RoundFacts(phase=phase, names_for=names_for)
    with open_work(world.actor("secretariat"), NOW) as work:
        row = work.session.scalars(select(ReviewRound).where(ReviewRound.call_id == world.call_id)).first()
        if row is None:
            row = ReviewRound(call_id=world.call_id, least_bodies=wanted.least_bodies, updated_at=NOW)
            work.session.add(row)
        row.phase, row.names_for = phase, names_for.value


def discussed(
    world: World, phase: str = DISCUSSION, names_for: NamesFor = NamesFor.EVERYONE, **names: str
) -> tuple[int, list[int]]:
    """A proposal of alpha reviewed by the Bureau of the Budget (all threes) and by DGA (all ones); returns its id and
    the ids of the assignments."""
    at_phase(world, "scoring")
    proposal_id = file_one(world, **names)
    given = give(world, proposal_id, *BOTH)
    hand_in(world, "reviewer_bb", given[0], scores(3))
    hand_in(world, "reviewer_dga", given[1], scores(1, GOOD_COMMENT))
    at_phase(world, phase, names_for)
    return proposal_id, given


def say(world: World, name: str, proposal_id: int, text: str, at: datetime = NOW) -> int:
    """Somebody says something in the discussion; returns the note's id."""
    with open_work(world.actor(name), at) as work:
        return write_note(work, proposal_id, text)


def finalise(world: World, name: str, assignment_id: int, level: int, at: datetime = NOW) -> int:
    """Hand in a final score: the same level on every criterion."""
    version = db.session().get_one(Assignment, assignment_id).version
    with open_work(world.actor(name), at) as work:
        return submit_review(
            work, assignment_id, scores(level, GOOD_COMMENT), version, reason="หารือกันแล้วเห็นพ้องกัน"
        )
