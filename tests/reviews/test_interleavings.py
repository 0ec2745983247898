"""Anything in any order: scoring, answering, assigning, judging, moving, locking, reopening, dates, decisions, rubrics.

INTERLEAVINGS in the environment says how many per database; without it, as many as fit the time of the suite.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.kernel import audit
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.work import open_work
from app.reviews.actions import move_round, save_review, submit_review, withdraw_assignment
from app.reviews.facts import Score
from app.reviews.models import Assignment, ReviewRevision
from tests.instruments import race
from tests.reviews.interleaving import COMMENT, WHY, Interleaving, Stage
from tests.world import NOW, World, file_proposal, give, read_data

STEPS = 12
SECONDS = 6
ASKED = int(os.environ.get("INTERLEAVINGS", "0"))
FIRST = int(os.environ.get("FIRST_SEED", "1"))
LEAST = 20


def test_whatever_happens_in_whatever_order(app: Flask, world: World) -> None:
    stage = Stage.build(world)
    done: Counter[str] = Counter()
    began = time.monotonic()
    number = 0
    while number < ASKED or (not ASKED and (number < LEAST or time.monotonic() - began < SECONDS - 1)):
        done.update(Interleaving(stage, FIRST + number).run(STEPS))
        if number % 25 == 0:
            assert audit.verify(db.session()).fault is None
        db.session.rollback()
        number += 1
    took = time.monotonic() - began
    print(f"\n{number} interleavings of {STEPS} steps in {took:.1f} s ({number / took:.0f}/s)")
    print(dict(sorted(done.items())))
    # an instrument that never does anything measures nothing
    if number >= 200:
        for kind in ("save", "autosave", "hand_in", "accept", "assign", "move", "reopen", "change_rubric"):
            assert done[f"{kind} done"], kind


def sheet(level: int) -> dict[str, Score]:
    return {c["code"]: Score(level, COMMENT) for c in read_data("rubric-2567.toml")["criteria"]}


def test_two_tabs_and_a_withdrawal_at_once(app: Flask, world: World) -> None:
    """Real threads: whatever was accepted is kept, and nothing was accepted after the withdrawal."""
    bb, secretariat = world.actor("reviewer_bb"), world.actor("secretariat")
    first, second = sheet(2), sheet(3)
    for _ in range(5):
        (assignment,) = give(world, file_proposal(world), "reviewer_bb")
        db.session.rollback()

        def save(given: dict[str, Score], page: str, target: int = assignment) -> Callable[[], Any]:
            def run() -> Any:
                with open_work(bb, NOW) as work:
                    return save_review(work, target, given, 1, page=page)

            return run

        def withdraw(target: int = assignment) -> int:
            with open_work(secretariat, NOW) as work:
                return withdraw_assignment(work, target, WHY)

        *saved, withdrawn = race(app, save(first, "a"), save(second, "b"), withdraw)
        db.session.rollback()
        row = db.session().get_one(Assignment, assignment)
        kept = db.session.scalars(
            select(ReviewRevision)
            .where(ReviewRevision.assignment_id == assignment)
            .order_by(ReviewRevision.version)
        ).all()
        accepted = [s for s in saved if not isinstance(s, Exception)]
        assert all(isinstance(s, Refused) for s in saved if isinstance(s, Exception)), saved
        assert not isinstance(withdrawn, Exception), withdrawn
        assert row.state == "withdrawn"
        assert (
            len(kept) == len(accepted) <= 1
        )  # the second of two tabs is told, for both changed the same fields
        assert [r.version for r in kept] == [s.version for s in accepted]
        assert row.version == 1 + len(kept)
        if kept:
            assert row.scores == kept[-1].content


def test_a_hand_in_and_the_lock_at_once(app: Flask, world: World) -> None:
    """Either the review is in before the round is locked, or it is refused: never in a locked round."""
    given = [give(world, file_proposal(world), "reviewer_bb")[0] for _ in range(3)]
    scores, bb, secretariat = sheet(3), world.actor("reviewer_bb"), world.actor("secretariat")
    db.session.rollback()

    def hand_in(target: int) -> Callable[[], Any]:
        def run() -> Any:
            with open_work(bb, NOW) as work:
                return submit_review(work, target, scores, 1)

        return run

    def lock() -> str:
        with open_work(secretariat, NOW) as work:
            return move_round(work, world.call_id, "lock", version=0).phase

    *handed, locked = race(app, *(hand_in(target) for target in given), lock)
    assert locked == "locked"
    db.session.rollback()
    for target, answer in zip(given, handed, strict=True):
        row = db.session().get_one(Assignment, target)
        assert (row.total is not None) == (not isinstance(answer, Exception)), answer
        assert not isinstance(answer, Exception) or (
            isinstance(answer, Refused) and not isinstance(answer, Stale)
        ), answer
    assert audit.verify(db.session()).fault is None
