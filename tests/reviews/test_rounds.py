"""Rounds as decision tables: the moves of a phase, what may be scored when to the millisecond, who is let in again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.reviews.actions import (
    accept_assignment,
    assign_reviewers,
    declare_conflict,
    decline_assignment,
    move_round,
    reopen_review,
    save_review,
    set_round,
    submit_review,
    withdraw_assignment,
)
from app.reviews.actions.rounds import list_problems
from app.reviews.facts import NamesFor, RoundFacts, Score
from app.reviews.models import Assignment, ReviewRevision, RoundMove
from app.reviews.queries.rounds import get_round, list_round_moves
from app.reviews.rules import Opening, judge_opening, why_not_answered
from app.reviews.states import (
    BACKWARD_MOVES,
    DISCUSSION,
    FINAL,
    LOCKED,
    MOVE_NAMES,
    PHASES,
    ROUND_LIFECYCLE,
    SCORING,
    SCREENING,
)
from tests.instruments import race
from tests.world import NOW, World, file_proposal, give, read_data

BB = "reviewer_bb"
MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
WHY = "เหตุผลที่ยาวพอ"
ENOUGH = "ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย"
# how a round gets to a phase from the one a call begins with
WAYS: dict[str, tuple[str, ...]] = {
    SCREENING: ("back_to_screening",),
    SCORING: (),
    DISCUSSION: ("begin_discussion",),
    FINAL: ("begin_discussion", "begin_final"),
    LOCKED: ("lock",),
}
# phase -> what its moves lead to; every other move is refused
MOVES: dict[str, dict[str, str]] = {
    SCREENING: {"begin_scoring": SCORING},
    SCORING: {"begin_discussion": DISCUSSION, "lock": LOCKED, "back_to_screening": SCREENING},
    DISCUSSION: {"begin_final": FINAL, "lock": LOCKED, "back_to_scoring": SCORING},
    FINAL: {"lock": LOCKED, "back_to_scoring": SCORING, "back_to_discussion": DISCUSSION},
    LOCKED: {"unlock": FINAL},
}


def scores(level: int = 3) -> dict[str, Score]:
    return {c["code"]: Score(level, ENOUGH) for c in read_data("rubric-2567.toml")["criteria"]}


def move(
    world: World, name: str, *, reason: str = WHY, version: int | None = None, by: str = "secretariat"
) -> str:
    with open_work(world.actor(by), NOW) as work:
        at = get_round(work.session, world.call_id).version if version is None else version
        return move_round(work, world.call_id, name, version=at, reason=reason).phase


def reach(world: World, phase: str) -> None:
    for name in WAYS[phase]:
        move(world, name)


def set_dates(world: World, **dates: datetime | None) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        version = get_round(work.session, world.call_id).version
        set_round(work, world.call_id, RoundFacts(version=version, **dates))  # type: ignore[arg-type]


def phase_of(world: World) -> str:
    db.session.rollback()
    return get_round(db.session(), world.call_id).phase


# --- moves


def test_every_move_has_words_and_a_place_in_the_table() -> None:
    assert MOVE_NAMES.keys() == ROUND_LIFECYCLE.moves.keys()
    assert {name for moves in MOVES.values() for name in moves} == ROUND_LIFECYCLE.moves.keys()
    forward = {name for name in ROUND_LIFECYCLE.moves if name not in BACKWARD_MOVES}
    order = list(PHASES)
    for phase, moves in MOVES.items():
        for name, target in moves.items():
            assert (order.index(target) > order.index(phase)) == (name in forward)


@pytest.mark.parametrize("phase", PHASES)
def test_the_moves_of_each_phase_and_no_others(app: Flask, world: World, phase: str) -> None:
    reach(world, phase)
    for name in sorted(ROUND_LIFECYCLE.moves):
        if name not in MOVES[phase]:
            with pytest.raises(Refused):
                move(world, name)
            assert phase_of(world) == phase
    version = get_round(db.session(), world.call_id).version
    for name, target in MOVES[phase].items():
        if name in BACKWARD_MOVES:
            for reason in ("", "  \n"):
                with pytest.raises(Refused) as refusal:
                    move(world, name, reason=reason)
                assert [p.place for p in refusal.value.problems] == ["reason"]
        with pytest.raises(Refused) as refusal:
            move(world, name, reason="x" * 1001)
        assert [p.place for p in refusal.value.problems] == ["reason"]
        with pytest.raises(Stale):
            move(world, name, version=version + 1)
        for person in (BB, "committee", "admin", "officer"):
            with pytest.raises(Forbidden):
                move(world, name, version=version, by=person)
        assert phase_of(world) == phase
        assert ROUND_LIFECYCLE.after(phase, name) == target
    first, target = next(iter(MOVES[phase].items()))
    assert move(world, first) == target
    moves = list_round_moves(db.session(), world.actor("secretariat"), world.call_id)
    assert (moves[0].move, moves[0].from_phase, moves[0].to_phase) == (first, phase, target)
    assert len(moves) == len(WAYS[phase]) + 1
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert entry.action == "move_round"


def test_a_move_nobody_knows_is_not_found(app: Flask, world: World) -> None:
    with pytest.raises(NotFound):
        move(world, "jump")
    with pytest.raises(NotFound), open_work(world.actor("secretariat"), NOW) as work:
        move_round(work, 424242, "lock", version=0)


def test_a_move_is_told_of_once(app: Flask, world: World) -> None:
    move(world, "begin_discussion")
    told = [i.payload for i in db.session.scalars(select(OutboxRow)) if "round_moved" in str(i.payload)]
    assert len(told) == 1
    assert db.session.scalars(select(RoundMove)).one().reason == WHY


def test_two_at_once_move_it_once(app: Flask, world: World) -> None:
    db.session.rollback()
    answers = race(app, *[lambda: move(world, "begin_discussion", version=0) for _ in range(4)])
    assert answers.count(DISCUSSION) == 1
    assert all(isinstance(a, Refused) for a in answers if a != DISCUSSION)
    assert db.session.query(RoundMove).count() == 1


# --- settings

WRONG: list[tuple[RoundFacts, list[str]]] = [
    (RoundFacts(), []),
    (RoundFacts(scoring_due_at=NOW, discussion_due_at=NOW, final_due_at=NOW), []),
    (RoundFacts(scoring_due_at=NOW, discussion_due_at=NOW - MS), ["discussion_due_at"]),
    (RoundFacts(scoring_due_at=NOW, final_due_at=NOW - MS), ["final_due_at"]),
    (RoundFacts(discussion_due_at=NOW, final_due_at=NOW - MS), ["final_due_at"]),
    (
        RoundFacts(scoring_due_at=NOW, discussion_due_at=NOW - MS, final_due_at=NOW - 2 * MS),
        ["discussion_due_at", "final_due_at"],
    ),
    (RoundFacts(load_limit=0), ["load_limit"]),
    (RoundFacts(load_limit=1), []),
    (RoundFacts(least_bodies=0), ["least_bodies"]),
    (RoundFacts(least_bodies=5), ["least_bodies"]),
    (RoundFacts(least_bodies=4), []),
    (
        RoundFacts(load_limit=-1, least_bodies=9, scoring_due_at=NOW, final_due_at=NOW - MS),
        ["final_due_at", "load_limit", "least_bodies"],
    ),
]


@pytest.mark.parametrize(("wanted", "places"), WRONG)
def test_settings_that_cannot_be(app: Flask, world: World, wanted: RoundFacts, places: list[str]) -> None:
    assert [p.place for p in list_problems(wanted)] == places
    with open_work(world.actor("secretariat"), NOW) as work:
        if places:
            with pytest.raises(Refused) as refusal:
                set_round(work, world.call_id, wanted)
            assert [p.place for p in refusal.value.problems] == places
        else:
            set_round(work, world.call_id, wanted)
    assert get_round(db.session(), world.call_id).version == (0 if places else 1)


def test_settings_do_not_move_the_round(app: Flask, world: World) -> None:
    reach(world, FINAL)
    version = get_round(db.session(), world.call_id).version
    wanted = RoundFacts(version=version, phase=LOCKED, names_for=NamesFor.SECRETARIAT)
    with open_work(world.actor("secretariat"), NOW) as work:
        kept = set_round(work, world.call_id, wanted)
    assert kept.phase == FINAL
    assert get_round(db.session(), world.call_id) == kept
    with pytest.raises(Stale), open_work(world.actor("secretariat"), NOW) as work:
        set_round(work, world.call_id, wanted)
    for person in (BB, "committee", "admin"):
        with pytest.raises(Forbidden), open_work(world.actor(person), NOW) as work:
            set_round(work, world.call_id, wanted)


# --- what may be written when: phase, in already?, reopened until (from NOW), due (from NOW) -> opening

F, A, L, C = Opening.FIRST, Opening.AGAIN, Opening.FINAL, Opening.CLOSED
OPENINGS: list[tuple[str, bool, timedelta | None, timedelta | None, Opening]] = [
    (SCREENING, False, None, None, C),
    (SCREENING, False, MS, None, F),
    (SCREENING, True, MS, None, A),
    (SCREENING, False, timedelta(0), None, C),
    (SCORING, False, None, None, F),
    (SCORING, True, None, None, C),
    (SCORING, False, None, MS, F),
    (SCORING, False, None, timedelta(0), C),  # half-open: at the due moment it is too late
    (SCORING, False, None, -MS, C),
    (SCORING, False, MS, -HOUR, F),  # reopened beyond the due moment
    (SCORING, False, timedelta(0), -HOUR, C),
    (SCORING, False, -MS, -HOUR, C),
    (SCORING, True, MS, -HOUR, A),
    (SCORING, False, -MS, HOUR, F),  # a reopening that has ended takes nothing away
    (DISCUSSION, False, None, HOUR, C),
    (DISCUSSION, True, None, HOUR, C),
    (DISCUSSION, False, MS, None, F),
    (DISCUSSION, True, MS, None, A),
    (FINAL, False, None, None, C),
    (FINAL, True, None, None, L),
    (FINAL, True, None, MS, L),
    (FINAL, True, None, timedelta(0), C),
    (FINAL, True, None, -MS, C),
    (FINAL, True, MS, -HOUR, L),
    (FINAL, False, MS, -HOUR, F),
    (LOCKED, False, None, None, C),
    (LOCKED, True, None, None, C),
    (LOCKED, False, HOUR, None, C),
    (LOCKED, True, HOUR, HOUR, C),
]


@pytest.mark.parametrize(("phase", "is_in", "reopened", "due", "opening"), OPENINGS)
def test_what_may_be_written_when(
    phase: str, is_in: bool, reopened: timedelta | None, due: timedelta | None, opening: Opening
) -> None:
    due_at = None if due is None else NOW + due
    round_ = RoundFacts(phase=phase, scoring_due_at=due_at, discussion_due_at=due_at, final_due_at=due_at)

    def judged(state: str = "accepted", proposal: str = "passed") -> tuple[Opening, object]:
        return judge_opening(
            round_,
            assignment_state=state,
            proposal_state=proposal,
            is_in=is_in,
            reopened_until=None if reopened is None else NOW + reopened,
            now=NOW,
        )

    found, why = judged()
    assert found is opening
    assert (why is None) == (opening is not C)
    for state in ("given", "declined", "recused", "withdrawn"):
        assert judged(state)[0] is C
    for proposal in ("returned", "questioned", "approved", "deferred", "submitted"):
        assert judged(proposal=proposal)[0] is C


def test_the_due_moment_in_the_database(app: Flask, world: World) -> None:
    """The same edges on both databases, through the action."""
    due = NOW + HOUR
    set_dates(world, scoring_due_at=due)
    for offset, is_taken in ((-MS, True), (timedelta(0), False), (MS, False)):
        (assignment,) = give(world, file_proposal(world), BB)
        db.session.rollback()
        if is_taken:
            with open_work(world.actor(BB), due + offset) as work:
                assert submit_review(work, assignment, scores(), 1) == 7_500
        else:
            for write in (save_review, submit_review):
                with pytest.raises(Refused), open_work(world.actor(BB), due + offset) as work:
                    write(work, assignment, scores(), 1)
    db.session.rollback()
    assert db.session.query(ReviewRevision).count() == 1


# --- reopening for one reviewer


@pytest.mark.parametrize("phase", [p for p in PHASES if p != LOCKED])
def test_a_reopening_holds_in_every_phase_and_ends_when_handed_in(
    app: Flask, world: World, phase: str
) -> None:
    mine, others = (give(world, file_proposal(world), BB)[0] for _ in range(2))
    reach(world, phase)
    until = NOW + HOUR
    with open_work(world.actor("secretariat"), NOW) as work:
        reopen_review(work, mine, until, WHY)
    if phase != SCORING:
        with pytest.raises(Refused), open_work(world.actor(BB), NOW) as work:
            save_review(work, others, scores(), 1)
    with open_work(world.actor(BB), until - MS) as work:
        submit_review(work, mine, scores(1), 1)
    row = db.session().get_one(Assignment, mine)
    assert (row.total, row.first_total, row.reopened_until) == (2_500, 2_500, None)
    if phase != FINAL:
        with pytest.raises(Refused), open_work(world.actor(BB), until - MS) as work:
            submit_review(work, mine, scores(2), 2, reason=WHY)


def test_a_reopening_ends_by_itself(app: Flask, world: World) -> None:
    (assignment,) = give(world, file_proposal(world), BB)
    with open_work(world.actor(BB), NOW) as work:
        submit_review(work, assignment, scores(3), 1)
    reach(world, DISCUSSION)
    until = NOW + HOUR
    with open_work(world.actor("secretariat"), NOW) as work:
        reopen_review(work, assignment, until, WHY)
    with open_work(world.actor(BB), until - MS) as work:
        save_review(work, assignment, scores(1), 2)
    row = db.session().get_one(Assignment, assignment)
    assert (row.total, row.first_total) == (7_500, 7_500)  # what is in counts until it is handed in anew
    for moment in (until, until + MS):
        for write in (save_review, submit_review):
            with pytest.raises(Refused), open_work(world.actor(BB), moment) as work:
                write(work, assignment, scores(2), 3, reason=WHY)
    with open_work(world.actor("secretariat"), until) as work:
        reopen_review(work, assignment, until + HOUR, WHY)
    with open_work(world.actor(BB), until) as work:
        submit_review(work, assignment, scores(1), 3, reason=WHY)
    db.session.expire_all()
    row = db.session().get_one(Assignment, assignment)
    assert (row.total, row.first_total) == (2_500, 7_500)
    with open_work(world.actor("secretariat"), until) as work:
        reopen_review(work, assignment, until + HOUR, WHY)
        move_round(work, world.call_id, "lock", version=get_round(work.session, world.call_id).version)
    with pytest.raises(Refused), open_work(world.actor(BB), until) as work:
        submit_review(work, assignment, scores(2), 4, reason=WHY)


def _given(world: World, assignment: int) -> None:
    """Not accepted: asked once more."""
    with open_work(world.actor("secretariat"), NOW) as work:
        withdraw_assignment(work, assignment, WHY)
        assign_reviewers(work, db.session().get_one(Assignment, assignment).proposal_id, [world.users[BB]])


def _declined(world: World, assignment: int) -> None:
    with open_work(world.actor(BB), NOW) as work:
        decline_assignment(work, assignment, WHY)


def _decided(world: World, assignment: int) -> None:
    proposal_id = db.session().get_one(Assignment, assignment).proposal_id
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, proposal_id, Verdict.DEFERRED, 0, reason=WHY)


def _locked(world: World, assignment: int) -> None:
    move(world, "lock")


def _nothing(world: World, assignment: int) -> None:
    pass


# what came before, until when (from NOW), why -> the places of the problems
REOPENINGS: list[tuple[Callable[[World, int], None], timedelta, str, list[str]]] = [
    (_nothing, MS, WHY, []),
    (_nothing, timedelta(0), WHY, ["until"]),
    (_nothing, -MS, WHY, ["until"]),
    (_nothing, HOUR, " ", ["reason"]),
    (_nothing, HOUR, "x" * 1001, ["reason"]),
    (_given, HOUR, WHY, ["assignment"]),
    (_declined, HOUR, WHY, ["assignment"]),
    (_decided, HOUR, WHY, ["assignment"]),
    (_locked, HOUR, WHY, ["assignment"]),
    (_locked, -HOUR, "", ["until", "reason", "assignment"]),
]


@pytest.mark.parametrize(("before", "until", "reason", "places"), REOPENINGS)
def test_who_can_be_let_in_again(
    app: Flask,
    world: World,
    before: Callable[[World, int], None],
    until: timedelta,
    reason: str,
    places: list[str],
) -> None:
    (assignment,) = give(world, file_proposal(world), BB)
    before(world, assignment)
    if not places:
        with open_work(world.actor("secretariat"), NOW) as work:
            reopen_review(work, assignment, NOW + until, reason)
        return
    with pytest.raises(Refused) as refusal, open_work(world.actor("secretariat"), NOW) as work:
        reopen_review(work, assignment, NOW + until, reason)
    assert [p.place for p in refusal.value.problems] == places
    db.session.rollback()
    assert db.session().get_one(Assignment, assignment).reopened_until is None
    for person in (BB, "committee", "admin"):
        with pytest.raises(Forbidden), open_work(world.actor(person), NOW) as work:
            reopen_review(work, assignment, NOW + HOUR, WHY)


# --- the lock

# phase, answer, is the review in -> whether it is taken
ANSWERS: list[tuple[str, str, bool, bool]] = [
    *(
        (p, move, is_in, True)
        for p in (SCREENING, SCORING, DISCUSSION, FINAL)
        for move in ("accept", "decline", "recuse")
        for is_in in (False, True)
    ),
    (LOCKED, "accept", False, False),
    (LOCKED, "accept", True, False),
    (LOCKED, "decline", False, True),
    (LOCKED, "decline", True, False),
    (LOCKED, "recuse", False, True),
    (LOCKED, "recuse", True, True),
]


@pytest.mark.parametrize(("phase", "move", "is_in", "is_taken"), ANSWERS)
def test_what_may_be_answered_when(phase: str, move: str, is_in: bool, is_taken: bool) -> None:
    assert (why_not_answered(phase, move, is_in=is_in) is None) == is_taken


def test_after_the_lock_nothing_is_written_but_words_on_conflicts(app: Flask, world: World) -> None:
    done, done_too, begun = (give(world, file_proposal(world), BB)[0] for _ in range(3))
    proposal_id = file_proposal(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        (waiting,) = [a.id for a in assign_reviewers(work, proposal_id, [world.users[BB]])]
    for assignment in (done, done_too):
        with open_work(world.actor(BB), NOW) as work:
            submit_review(work, assignment, scores(), 1)
    with open_work(world.actor(BB), NOW) as work:
        save_review(work, begun, scores(), 1)
    reach(world, LOCKED)
    for refused in (
        lambda w: save_review(w, begun, scores(1), 2),
        lambda w: submit_review(w, begun, scores(1), 2),
        lambda w: submit_review(w, done, scores(1), 2, reason=WHY),
        lambda w: accept_assignment(w, waiting),
        lambda w: decline_assignment(w, done, WHY),
    ):
        with pytest.raises(Refused), open_work(world.actor(BB), NOW) as work:
            refused(work)
    for refused in (
        lambda w: withdraw_assignment(w, begun, WHY),
        lambda w: assign_reviewers(w, proposal_id, [world.users["reviewer_dga"]]),
        lambda w: reopen_review(w, done, NOW + HOUR, WHY),
    ):
        with pytest.raises(Refused), open_work(world.actor("secretariat"), NOW) as work:
            refused(work)
    with open_work(world.actor(BB), NOW) as work:
        declare_conflict(work, done, WHY)
        decline_assignment(work, begun, WHY)
        decline_assignment(work, waiting, WHY)
    db.session.rollback()
    states = {a.id: a.state for a in db.session.scalars(select(Assignment))}
    assert states == {done: "recused", done_too: "accepted", begun: "declined", waiting: "declined"}
    # unlocked, it goes on as before
    assert move(world, "unlock") == FINAL
    with open_work(world.actor(BB), NOW) as work:
        submit_review(work, done_too, scores(2), 2, reason=WHY)
    row = db.session().get_one(Assignment, done_too)
    assert (row.total, row.first_total, row.final_reason) == (5_000, 7_500, WHY)
