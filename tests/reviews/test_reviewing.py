"""Reviews: given to people without an interest, scored by them alone, handed in once, hidden until one's own is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from app.calls.queries import get_call
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.identity.actions import add_demo_person, disable_person
from app.identity.facts import SYSTEM, Body, Membership, Role
from app.identity.queries import get_actor
from app.kernel.audit import AuditEntry
from app.kernel.db import db, write_transaction
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.portfolio.queries import list_entries
from app.reviews.actions import (
    accept_assignment,
    assign_reviewers,
    save_review,
    scoring,
    submit_review,
    withdraw_assignment,
)
from app.reviews.facts import Score
from app.reviews.models import Assignment
from app.reviews.queries import (
    Sealed,
    get_assignment,
    list_other_reviews,
    list_own_assignments,
    list_reviews,
    list_scores,
)
from app.reviews.queries.overview import list_panels, progress_by_call, reviewer_loads
from tests.conftest import Backend
from tests.instruments import counted_queries, race
from tests.world import (
    FISCAL_YEAR,
    NOW,
    PASSWORD,
    World,
    budget_row,
    complete_draft,
    file_proposal,
    write_draft,
)

UNKNOWN = 999_999
ENOUGH = "เหตุผลที่เพียงพอ" * 3
BB, DGA_REVIEWER, INSIDER = "reviewer_bb", "reviewer_dga", "reviewer_alpha"


def scores(level: int | None = 3, comment: str = "") -> dict[str, Score]:
    call = get_call(db.session(), FISCAL_YEAR)
    return {c.code: Score(level, comment) for c in call.rubric.criteria}


def assign(world: World, proposal_id: int, *people: str, by: str = "secretariat") -> list[int]:
    with open_work(world.actor(by), NOW) as work:
        made = assign_reviewers(work, proposal_id, [world.users.get(p, UNKNOWN) for p in people])
        ids = [(a.id, a.reviewer_id) for a in made]
    for assignment_id, reviewer_id in ids:
        with open_work(get_actor(db.session(), reviewer_id), NOW) as work:
            accept_assignment(work, assignment_id)
    return [assignment_id for assignment_id, _ in ids]


def version(assignment_id: int) -> int:
    db.session.rollback()
    return db.session.scalar(select(Assignment.version).where(Assignment.id == assignment_id)) or 0


def save(world: World, assignment_id: int, given: Mapping[str, Score], at: int, by: str = BB) -> None:
    with open_work(world.actor(by), NOW) as work:
        save_review(work, assignment_id, given, at)


def hand_in(world: World, assignment_id: int, given: Mapping[str, Score], at: int = 1, by: str = BB) -> int:
    with open_work(world.actor(by), NOW) as work:
        return submit_review(work, assignment_id, given, at)


def add_reviewer(world: World, name: str, *memberships: Membership) -> World:
    with open_work(SYSTEM, NOW) as work:
        user_id = add_demo_person(
            work, World.email(name), Text(f"ผู้ใช้ {name}", f"Person {name}"), PASSWORD, list(memberships)
        )
    return replace(world, users=world.users | {name: user_id})


def of_agency(agency: str, *participants: str) -> dict:
    partner = "gamma" if agency != "gamma" else "beta"
    draft = complete_draft(
        names={"participants": list(participants)}, budget={"rows": [budget_row(agency=agency)]}
    )
    draft["integration"]["links"][0]["partner"] = partner
    return draft


# --- who may be given what: the proposal's agencies, the reviewer -> whether it is a conflict

CONFLICTS: list[tuple[str, tuple[str, ...], str, bool]] = [
    ("alpha", (), BB, False),
    ("alpha", (), DGA_REVIEWER, False),
    ("alpha", (), INSIDER, True),
    ("beta", ("alpha",), INSIDER, True),  # as participant
    ("beta", (), INSIDER, True),  # the ministry of the reviewer's other agency: nobody has judged that yet
    ("alpha", ("dga",), DGA_REVIEWER, True),  # the body's own agency takes part
    ("alpha", ("bb",), BB, True),
    ("alpha", ("bb",), DGA_REVIEWER, True),  # the ministry of a participant
    ("alpha", ("dga",), "reviewer_without_agency", True),  # a reviewer of DGA whose agency nobody entered
    ("alpha", (), "reviewer_without_agency", False),
]


@pytest.mark.parametrize(("lead", "participants", "reviewer", "conflict"), CONFLICTS)
def test_conflicts_of_interest_are_refused(
    app: Flask, world: World, lead: str, participants: tuple[str, ...], reviewer: str, conflict: bool
) -> None:
    world = add_reviewer(world, "reviewer_without_agency", Membership(Role.REVIEWER, None, Body.DGA))
    by = "officer" if lead == "alpha" else "officer_beta"
    proposal_id = file_proposal(world, of_agency(lead, *participants), by=by, agency=lead)
    if not conflict:
        assert len(assign(world, proposal_id, reviewer)) == 1
        return
    with pytest.raises(Refused) as refusal:
        assign(world, proposal_id, reviewer)
    (problem,) = refusal.value.problems
    assert problem.place == f"reviewer-{world.users[reviewer]}"
    assert f"Person {reviewer}" in problem.text.en


def test_one_conflict_and_nobody_is_given_it(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    with pytest.raises(Refused):
        assign(world, proposal_id, BB, INSIDER, DGA_REVIEWER)
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 0


def test_every_conflict_is_named_at_once(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, of_agency("alpha", "bb"))
    with pytest.raises(Refused) as refusal:
        assign(world, proposal_id, BB, DGA_REVIEWER, INSIDER)
    assert {p.place for p in refusal.value.problems} == {
        f"reviewer-{world.users[BB]}",
        f"reviewer-{world.users[DGA_REVIEWER]}",
        f"reviewer-{world.users[INSIDER]}",
    }


def test_giving_again_changes_nothing(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    (first,) = assign(world, proposal_id, BB, BB)
    (second,) = assign(world, proposal_id, BB, DGA_REVIEWER)
    assert assign(world, proposal_id, BB, DGA_REVIEWER) == []
    assert [r.assignment_id for r in list_reviews(db.session(), world.actor("secretariat"), proposal_id)] == [
        first,
        second,
    ]


@pytest.mark.parametrize("person", ["officer", "secretariat", "committee", "nobody"])
def test_only_reviewers_review(app: Flask, world: World, person: str) -> None:
    with pytest.raises(NotFound):
        assign(world, file_proposal(world), person)


def test_people_who_cannot_sign_in_are_given_nothing(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    with open_work(world.actor("admin"), NOW) as work:
        disable_person(work, world.users[BB])
    with pytest.raises(NotFound):
        assign(world, proposal_id, BB)


@pytest.mark.parametrize("person", ["officer", "certifier", BB, "committee", "admin"])
def test_only_the_secretariat_gives_and_takes_back(app: Flask, world: World, person: str) -> None:
    proposal_id = file_proposal(world)
    (assignment,) = assign(world, proposal_id, BB)
    with pytest.raises(Forbidden):
        assign(world, proposal_id, DGA_REVIEWER, by=person)
    with pytest.raises(Forbidden), open_work(world.actor(person), NOW) as work:
        withdraw_assignment(work, assignment)


def test_what_is_not_passed_is_not_reviewed(app: Flask, world: World) -> None:
    draft = write_draft(world, complete_draft())
    with pytest.raises(NotFound):
        assign(world, draft, BB)
    with pytest.raises(NotFound):
        assign(world, UNKNOWN, BB)
    failing = complete_draft()
    failing["integration"]["links"][0]["partner"] = "alpha"
    with pytest.raises(Refused):
        assign(world, file_proposal(world, failing), BB)


def test_what_is_begun_is_taken_back_with_a_reason(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    first, second = assign(world, proposal_id, BB, DGA_REVIEWER)
    save(world, first, {}, 1)
    with open_work(world.actor("secretariat"), NOW) as work:
        withdraw_assignment(work, second)
    with pytest.raises(Refused), open_work(world.actor("secretariat"), NOW) as work:
        withdraw_assignment(work, first)
    with open_work(world.actor("secretariat"), NOW) as work:
        withdraw_assignment(work, first, "มอบหมายผู้อื่นแทน")
    for ended in (first, second):
        with pytest.raises(Refused), open_work(world.actor("secretariat"), NOW) as work:
            withdraw_assignment(work, ended, "อีกครั้ง")
    with pytest.raises(Sealed):
        get_assignment(db.session(), world.actor(BB), first)


# --- scoring


@pytest.fixture
def given(app: Flask, world: World) -> int:
    """A proposal given to two reviewers; the id of the first one's assignment."""
    return assign(world, file_proposal(world), BB, DGA_REVIEWER)[0]


def test_a_review_is_kept_as_a_draft_however_incomplete(world: World, given: int) -> None:
    (code, *_) = scores()
    save(world, given, {code: Score(4, "")}, 1)
    view = get_assignment(db.session(), world.actor(BB), given)
    assert (view.scores, view.version, view.submitted_at, view.total) == ({code: Score(4, "")}, 2, None, None)


def test_saving_from_an_old_page_is_stale_and_changes_nothing(world: World, given: int) -> None:
    save(world, given, scores(1), 1)
    for try_it in (save, hand_in):
        with pytest.raises(Stale):
            try_it(world, given, scores(3), 1)
    view = get_assignment(db.session(), world.actor(BB), given)
    assert (view.scores, view.version, view.submitted_at) == (scores(1), 2, None)


BAD_SCORES: list[Callable[[], dict[str, Score]]] = [
    lambda: scores(5),
    lambda: scores(-1),
    lambda: scores() | {"charm": Score(3, "")},
]


@pytest.mark.parametrize("bad", BAD_SCORES, ids=["five", "minus one", "unknown criterion"])
@pytest.mark.parametrize("action", [save, hand_in])
def test_scores_outside_the_rubric_are_refused(
    world: World, given: int, bad: Callable[[], dict[str, Score]], action: Callable[..., object]
) -> None:
    with pytest.raises(Refused):
        action(world, given, bad(), 1)
    assert version(given) == 1


@pytest.mark.parametrize("level", [0, 4])
def test_extremes_need_a_comment_to_hand_in_but_not_to_save(world: World, given: int, level: int) -> None:
    save(world, given, scores(level), 1)
    with pytest.raises(Refused) as refusal:
        hand_in(world, given, scores(level), 2)
    assert [p.place for p in refusal.value.problems] == [f"comment-{code}" for code in scores()]
    assert hand_in(world, given, scores(level, ENOUGH), 2) == level * 2_500


def test_handing_in_again_gives_the_same(world: World, given: int) -> None:
    assert hand_in(world, given, scores(3)) == 7_500
    for at in (1, 2, 99):
        assert hand_in(world, given, scores(3), at) == 7_500
    for try_it, other in ((save, scores(1)), (hand_in, scores(1)), (hand_in, {})):
        with pytest.raises(Refused):
            try_it(world, given, other, 2)
    view = get_assignment(db.session(), world.actor(BB), given)
    assert (view.total, view.scores) == (7_500, scores(3))
    logged = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "submit_review")
    assert db.session.scalar(logged) == 1


def test_handing_in_twice_at_once_gives_the_same(backend: Backend) -> None:
    world = backend.world
    with backend.app.app_context():
        (assignment,) = assign(world, file_proposal(world), BB)
        three = scores(3)
        db.session.remove()
    run = lambda: hand_in(world, assignment, three)  # noqa: E731
    assert race(backend.app, run, run, run) == [7_500] * 3


def test_saving_twice_at_once_one_hears_it_is_stale(backend: Backend) -> None:
    world = backend.world
    with backend.app.app_context():
        (assignment,) = assign(world, file_proposal(world), BB)
        one, two = scores(1), scores(2)
        db.session.remove()
    results = race(
        backend.app, lambda: save(world, assignment, one, 1), lambda: save(world, assignment, two, 1)
    )
    assert sorted(isinstance(r, Stale) for r in results) == [False, True]


def test_what_was_written_after_it_was_read_is_not_written_over(
    world: World, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last guard, should the lock ever fail: here somebody writes between the reading and the writing."""
    unscored = scoring.list_unscored

    def overtaken(*asked: Any) -> list[Problem]:
        db.session.execute(update(Assignment).values(version=Assignment.version + 1))
        return unscored(*asked)

    monkeypatch.setattr(scoring, "list_unscored", overtaken)
    with pytest.raises(Stale):
        hand_in(world, given, scores(3))
    assert version(given) == 1
    assert get_assignment(db.session(), world.actor(BB), given).submitted_at is None


STRANGERS: list[tuple[str, type[DomainError]]] = [
    (DGA_REVIEWER, NotFound),
    (INSIDER, NotFound),
    ("officer", Forbidden),
    ("secretariat", Forbidden),
    ("committee", Forbidden),
    ("admin", Forbidden),
]


@pytest.mark.parametrize(("person", "error"), STRANGERS)
def test_a_review_is_its_reviewers_alone(
    world: World, given: int, person: str, error: type[DomainError]
) -> None:
    for target in (given, UNKNOWN):
        for try_it in (
            lambda target=target: get_assignment(db.session(), world.actor(person), target),
            lambda target=target: save(world, target, scores(), 1, by=person),
            lambda target=target: hand_in(world, target, scores(), 1, by=person),
        ):
            with pytest.raises(error):
                try_it()
    hand_in(world, given, scores())
    with pytest.raises(error):
        hand_in(world, given, scores(), 2, by=person)


def test_scoring_ends_with_the_decision(world: World, given: int) -> None:
    proposal_id = get_assignment(db.session(), world.actor(BB), given).proposal_id
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, proposal_id, Verdict.DEFERRED, 0, reason="รอข้อมูล")
    for try_it in (save, hand_in):
        with pytest.raises(Refused):
            try_it(world, given, scores(), 1)
    with pytest.raises(Refused):
        assign(world, proposal_id, DGA_REVIEWER)


# --- what others see


def test_others_scores_are_hidden_until_ones_own_are_in(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    mine, other = assign(world, proposal_id, BB, DGA_REVIEWER)

    def seen() -> list[int | None]:
        own = get_assignment(db.session(), world.actor(BB), mine)
        return [r.total for r in list_other_reviews(db.session(), world.actor(BB), own)]

    save(world, other, scores(1), 1, by=DGA_REVIEWER)
    assert seen() == []
    hand_in(world, other, scores(1), 2, by=DGA_REVIEWER)
    assert seen() == []
    save(world, mine, scores(3), 1)
    assert seen() == []
    hand_in(world, mine, scores(3), 2)
    assert seen() == [2_500]


def test_unfinished_scores_are_nobody_elses(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    mine, other = assign(world, proposal_id, BB, DGA_REVIEWER)
    save(world, mine, scores(1, "ความเห็นลับ"), 1)
    hand_in(world, other, scores(3), by=DGA_REVIEWER)
    for person in ("secretariat", "committee"):
        reviews = list_reviews(db.session(), world.actor(person), proposal_id)
        assert [(r.has_begun, r.total, bool(r.scores)) for r in reviews] == [
            (True, None, False),
            (True, 7_500, True),
        ]
        rows = list_scores(db.session(), world.actor(person), world.call_id)
        assert {row.level for row in rows} == {3}
    own = get_assignment(db.session(), world.actor(DGA_REVIEWER), other)
    assert list_other_reviews(db.session(), world.actor(DGA_REVIEWER), own) == []
    for person in ("officer", BB, "admin"):
        with pytest.raises(Forbidden):
            list_reviews(db.session(), world.actor(person), proposal_id)
        with pytest.raises(Forbidden):
            list_scores(db.session(), world.actor(person), world.call_id)


def test_panels_hold_the_exact_sums_of_what_is_in(app: Flask, world: World) -> None:
    first, second = (file_proposal(world) for _ in range(2))
    a, b = assign(world, first, BB, DGA_REVIEWER)
    (c,) = assign(world, second, BB)
    hand_in(world, a, scores(3))
    hand_in(world, b, scores(1), by=DGA_REVIEWER)
    save(world, c, scores(2), 1)
    (panel,) = (e.panel for e in list_entries(db.session(), world.call_id) if e.panel.count)
    assert (panel.count, panel.total, panel.squares) == (2, 10_000, 7_500**2 + 2_500**2)
    loads = reviewer_loads(db.session(), world.call_id)
    assert loads == {world.users[BB]: (2, 1), world.users[DGA_REVIEWER]: (1, 1)}
    progress = progress_by_call(db.session())[world.call_id]
    assert (progress.waiting, progress.given, progress.done) == (2, 3, 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE assignments SET total = 7500",
        "UPDATE assignments SET submitted_at = assigned_at",
        "UPDATE assignments SET submitted_at = assigned_at, total = 10001",
        "UPDATE assignments SET submitted_at = assigned_at, total = -1",
        "UPDATE assignments SET reviewer_id = 999999",
        "INSERT INTO assignments (proposal_id, reviewer_id, body, assigned_at, version, scores, rubric_id) SELECT "
        "proposal_id, reviewer_id, body, assigned_at, version, scores, rubric_id FROM assignments",
    ],
)
def test_the_database_refuses_totals_without_evidence(given: int, statement: str) -> None:
    with pytest.raises(IntegrityError), write_transaction():
        db.session.execute(text(statement))


FEW, MANY = 3, 30


def test_queries_do_not_grow_with_rows(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        call = get_call(db.session(), FISCAL_YEAR)
        lists: dict[str, Callable[[], object]] = {
            "own": lambda: list_own_assignments(db.session(), world.actor(BB)),
            "entries": lambda: list_entries(db.session(), world.call_id),
            "overview": lambda: list_panels(db.session(), world.actor("secretariat"), call),
            "progress": lambda: progress_by_call(db.session()),
            "scores": lambda: list_scores(db.session(), world.actor("committee"), world.call_id),
        }

        def measure() -> dict[str, int]:
            counts = {}
            for name, list_ in lists.items():
                db.session.expire_all()
                with counted_queries() as queries:
                    list_()
                counts[name] = len(queries)
            return counts

        for n in range(MANY):
            (assignment,) = assign(world, file_proposal(world), BB)
            hand_in(world, assignment, scores(3))
            if n + 1 == FEW:
                few = measure()
        assert measure() == few
        assert len(list_own_assignments(db.session(), world.actor(BB))) == MANY
        db.session.remove()
