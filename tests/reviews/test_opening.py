"""When scores are taken: by state, phase and the very millisecond, as a table by hand and through the actions."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.work import open_work
from app.proposals.states import (
    APPROVED,
    DRAFT,
    FAILED,
    PASSED,
    QUESTIONED,
    REJECTED,
    RETURNED,
    SUBMITTED,
)
from app.reviews.actions import save_review, submit_review
from app.reviews.facts import RoundFacts, Score
from app.reviews.models import Assignment, ReviewRound
from app.reviews.queries import get_assignment
from app.reviews.rules import (
    ALREADY_IN,
    NOT_YET,
    REVIEW_CLOSED,
    ROUND_LOCKED,
    TOO_LATE,
    WRONG_STATE,
    Opening,
    judge_opening,
)
from app.reviews.states import (
    ACCEPTED,
    DECLINED,
    DISCUSSION,
    FINAL,
    GIVEN,
    LOCKED,
    RECUSED,
    SCORING,
    SCREENING,
    WITHDRAWN,
)
from tests.world import NOW, World, file_proposal, give

MS = timedelta(milliseconds=1)
DUE = NOW + timedelta(days=1)
BEFORE, AT, AFTER = DUE - MS, DUE, DUE + MS
FIRST, AGAIN, LAST, CLOSED = Opening.FIRST, Opening.AGAIN, Opening.FINAL, Opening.CLOSED

# phase, handed in, the moment -> what may be done, and why nothing may; each phase that has one is due at DUE
MOMENTS = [
    (SCREENING, False, BEFORE, CLOSED, NOT_YET),
    (SCREENING, True, BEFORE, CLOSED, NOT_YET),
    (SCORING, False, BEFORE, FIRST, None),
    (SCORING, False, AT, CLOSED, TOO_LATE),
    (SCORING, False, AFTER, CLOSED, TOO_LATE),
    (SCORING, True, BEFORE, CLOSED, ALREADY_IN),
    (SCORING, True, AFTER, CLOSED, ALREADY_IN),
    (DISCUSSION, False, BEFORE, CLOSED, TOO_LATE),
    (DISCUSSION, True, BEFORE, CLOSED, ALREADY_IN),
    (FINAL, False, BEFORE, CLOSED, TOO_LATE),
    (FINAL, True, BEFORE, LAST, None),
    (FINAL, True, AT, CLOSED, TOO_LATE),
    (FINAL, True, AFTER, CLOSED, TOO_LATE),
    (LOCKED, False, BEFORE, CLOSED, ROUND_LOCKED),
    (LOCKED, True, BEFORE, CLOSED, ROUND_LOCKED),
]


def round_of(phase: str) -> RoundFacts:
    return RoundFacts(1, phase, scoring_due_at=DUE, discussion_due_at=DUE, final_due_at=DUE)


def judged(phase: str, is_in: bool, now: datetime, until: datetime | None = None, **more: str) -> object:
    return judge_opening(
        round_of(phase),
        assignment_state=more.get("assignment_state", ACCEPTED),
        proposal_state=more.get("proposal_state", PASSED),
        is_in=is_in,
        reopened_until=until,
        now=now,
    )


@pytest.mark.parametrize(("phase", "is_in", "now", "opening", "why"), MOMENTS)
def test_by_phase_and_moment(phase: str, is_in: bool, now: datetime, opening: Opening, why: object) -> None:
    assert judged(phase, is_in, now) == (opening, why)


@pytest.mark.parametrize(("phase", "is_in", "now", "opening", "why"), MOMENTS)
def test_a_reopening_opens_every_phase_but_the_locked_one_until_its_own_moment(
    phase: str, is_in: bool, now: datetime, opening: Opening, why: object
) -> None:
    for until in (now - MS, now):  # over: as if there had been none
        assert judged(phase, is_in, now, until) == (opening, why)
    opened, _ = judged(phase, is_in, now, now + MS)  # type: ignore[misc]
    if phase == LOCKED:
        assert opened is CLOSED
    else:
        assert opened is (FIRST if not is_in else LAST if phase == FINAL else AGAIN)


@pytest.mark.parametrize("state", [GIVEN, DECLINED, RECUSED, WITHDRAWN])
@pytest.mark.parametrize("phase", [SCREENING, SCORING, DISCUSSION, FINAL, LOCKED])
def test_only_what_was_accepted_is_scored(state: str, phase: str) -> None:
    found = judged(phase, False, BEFORE, AFTER, assignment_state=state)
    assert found == (CLOSED, WRONG_STATE[state])


@pytest.mark.parametrize("state", [DRAFT, SUBMITTED, QUESTIONED, RETURNED, FAILED, APPROVED, REJECTED])
def test_only_what_passed_and_is_not_decided_is_scored(state: str) -> None:
    assert judged(SCORING, False, BEFORE, AFTER, proposal_state=state) == (CLOSED, REVIEW_CLOSED)


def test_a_round_without_dates_is_never_late() -> None:
    found = judge_opening(
        RoundFacts(),
        assignment_state=ACCEPTED,
        proposal_state=PASSED,
        is_in=False,
        reopened_until=None,
        now=DUE + timedelta(days=9_999),
    )
    assert found == (FIRST, None)


# --- the same through the actions, on both databases


def set_phase(world: World, phase: str) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.add(
            ReviewRound(
                call_id=world.call_id,
                phase=phase,
                names_for="everyone",
                least_bodies=1,
                scoring_due_at=DUE,
                discussion_due_at=DUE,
                final_due_at=DUE,
                updated_at=NOW,
            )
        )


@pytest.mark.parametrize(("phase", "is_in", "now", "opening", "why"), MOMENTS)
def test_the_actions_say_the_same(
    app: Flask, world: World, phase: str, is_in: bool, now: datetime, opening: Opening, why: object
) -> None:
    (assignment,) = give(world, file_proposal(world), "reviewer_bb")
    bb = world.actor("reviewer_bb")
    rubric = get_assignment(db.session(), bb, assignment).rubric
    two = {c.code: Score(2, "") for c in rubric.criteria}
    three = {c.code: Score(3, "") for c in rubric.criteria}
    if is_in:
        with open_work(bb, NOW) as work:
            submit_review(work, assignment, two, 1)
    set_phase(world, phase)
    version = 2 if is_in else 1
    if opening is CLOSED:
        for act in (save_review, submit_review):
            with pytest.raises(Refused) as refusal, open_work(bb, now) as work:
                act(work, assignment, three, version)  # type: ignore[operator]
            assert refusal.value.text == why
        expected = (5_000 if is_in else None, None, version)
    else:
        with open_work(bb, now) as work:
            save_review(work, assignment, three, version)
        row = db.session.get_one(Assignment, assignment)
        assert row.total == (5_000 if is_in else None)  # what is in counts until it is handed in anew
        db.session.rollback()
        with open_work(bb, now) as work:
            submit_review(work, assignment, three, version + 1, reason="ฟังการหารือแล้วเห็นควรเพิ่ม")
        expected = (7_500, 5_000 if is_in else 7_500, version + 2)
    db.session.rollback()
    row = db.session.get_one(Assignment, assignment)
    first = row.first_total if opening is not CLOSED else None
    assert (row.total, first, row.version) == expected
    assert (row.finalised_at is not None) is (opening is LAST)
    assert row.draft is None


def test_scoring_once_more_wants_a_reason_and_keeps_it_while_it_is_written(app: Flask, world: World) -> None:
    (assignment,) = give(world, file_proposal(world), "reviewer_bb")
    bb = world.actor("reviewer_bb")
    rubric = get_assignment(db.session(), bb, assignment).rubric
    two = {c.code: Score(2, "") for c in rubric.criteria}
    with open_work(bb, NOW) as work:
        submit_review(work, assignment, two, 1)
    set_phase(world, FINAL)
    with open_work(bb, NOW) as work:
        save_review(work, assignment, two, 2, reason="ฟังแล้ว", cause="autosaved", page="a")
    view = get_assignment(db.session(), bb, assignment)
    assert (view.draft, view.draft_reason, view.scores) == (two, "ฟังแล้ว", two)
    db.session.rollback()
    with pytest.raises(Refused) as refusal, open_work(bb, NOW) as work:
        submit_review(work, assignment, two, 3, reason="ฟังแล้ว")
    assert [p.place for p in refusal.value.problems] == ["reason"]
    with open_work(bb, NOW) as work:
        submit_review(work, assignment, two, 3, reason="ฟังการหารือแล้วยืนยันคะแนนเดิม")
    view = get_assignment(db.session(), bb, assignment)
    assert (view.draft, view.draft_reason, view.final_reason) == (None, "", "ฟังการหารือแล้วยืนยันคะแนนเดิม")
