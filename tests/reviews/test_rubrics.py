"""The rubric changed in mid-round: what was begun keeps its version to the letter, what was not goes over."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.calls.queries import get_call
from app.calls.toml_text import FileRefused, write_toml
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.reviews.actions import (
    adopt_rubric_version,
    move_round,
    offer_rubric,
    plan_rubric,
    save_review,
    submit_review,
    withdraw_assignment,
)
from app.reviews.actions.two_pages import RubricChanged
from app.reviews.facts import Score
from app.reviews.models import Assignment, ReviewRevision
from app.reviews.queries import get_assignment
from app.reviews.queries.rubrics import list_rubric_changes, list_rubric_uses, versions_by_proposal
from app.reviews.rules import weighted_total
from tests.instruments import race
from tests.world import FISCAL_YEAR, NOW, World, file_proposal, give, read_data

BB, DGA = "reviewer_bb", "reviewer_dga"
WHY = "ปรับตามมติคณะอนุกรรมการ"


def rubric_two(**changes: Any) -> dict[str, Any]:
    """The second version: integration weighs 10 more, duplication 10 less, and one anchor has other words."""
    document = read_data("rubric-2567.toml") | {"version": 2} | changes
    by_code = {c["code"]: c for c in document["criteria"]}
    by_code["integration"]["weight"] += 10
    by_code["duplication"]["weight"] -= 10
    by_code["integration"]["anchors"][4] = {"th": "คำอธิบายใหม่", "en": "New words"}
    return document


def offer(world: World, document: dict[str, Any] | None = None) -> int:
    with open_work(world.actor("secretariat"), NOW) as work:
        return offer_rubric(work, write_toml(document or rubric_two()).encode()).document_id


def token(world: World, document_id: int) -> str:
    call = get_call(db.session(), FISCAL_YEAR)
    return plan_rubric(db.session(), world.actor("secretariat"), call, document_id).token


def adopt(world: World, document_id: int, at: str | None = None, reason: str = WHY) -> None:
    at = token(world, document_id) if at is None else at
    with open_work(world.actor("secretariat"), NOW) as work:
        adopt_rubric_version(work, FISCAL_YEAR, document_id, reason, at)


def scores(level: int = 3) -> dict[str, Score]:
    rubric = get_call(db.session(), FISCAL_YEAR).rubric
    return {c.code: Score(level, "ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย") for c in rubric.criteria}


def uneven() -> dict[str, Score]:
    """Levels whose total the second version would change."""
    return scores(2) | {"integration": Score(4, "ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย")}


def save(world: World, name: str, assignment_id: int, given: dict[str, Score], version: int) -> int:
    with open_work(world.actor(name), NOW) as work:
        return save_review(work, assignment_id, given, version).version


def hand_in(world: World, name: str, assignment_id: int, given: dict[str, Score], version: int) -> int:
    with open_work(world.actor(name), NOW) as work:
        return submit_review(work, assignment_id, given, version)


def rows(*ids: int) -> list[dict[str, Any]]:
    """Assignments as they are in the database, every column."""
    db.session.rollback()
    found = db.session.execute(text("SELECT * FROM assignments ORDER BY id")).mappings()
    return [dict(row) for row in found if row["id"] in ids]


def test_what_was_begun_keeps_its_version_to_the_letter(app: Flask, world: World) -> None:
    done, begun = give(world, file_proposal(world), BB, DGA)
    (untouched,) = give(world, file_proposal(world), BB)
    (gone,) = give(world, file_proposal(world), BB)
    old = get_call(db.session(), FISCAL_YEAR)
    assert hand_in(world, BB, done, uneven(), 1) == weighted_total(uneven(), old.rubric)
    save(world, DGA, begun, uneven(), 1)
    with open_work(world.actor("secretariat"), NOW) as work:
        withdraw_assignment(work, gone)
    before = rows(done, begun)
    second = offer(world)
    plan = plan_rubric(db.session(), world.actor("secretariat"), old, second)
    assert (plan.done, plan.begun, plan.untouched, plan.bar) == (1, 1, 2, None)
    adopt(world, second)
    assert rows(done, begun) == before
    assert [(r["rubric_id"], r["version"]) for r in rows(untouched, gone)] == [(second, 2), (second, 2)]
    assert get_call(db.session(), FISCAL_YEAR).rubric_id == second
    # the draft goes on under its own version, the other one is scored by the new one
    total = hand_in(world, DGA, begun, uneven(), 2)
    assert total == weighted_total(uneven(), old.rubric)
    new_rubric = get_call(db.session(), FISCAL_YEAR).rubric
    assert hand_in(world, BB, untouched, uneven(), 2) == weighted_total(uneven(), new_rubric) != total
    # given again, what was never begun is there under the new version; so is whatever is new
    (again,) = give(world, db.session().get_one(Assignment, gone).proposal_id, BB)
    assert again == gone
    (later,) = give(world, file_proposal(world), DGA)
    assert [r["rubric_id"] for r in rows(gone, later)] == [second, second]
    assert get_assignment(db.session(), world.actor(BB), gone).rubric.version == 2


def test_a_page_opened_before_is_told_and_what_was_typed_is_kept(app: Flask, world: World) -> None:
    (assignment,) = give(world, file_proposal(world), BB)
    adopt(world, offer(world))
    for write in (save, hand_in):
        with pytest.raises(RubricChanged) as told:
            write(world, BB, assignment, uneven(), 1)
        assert dict(told.value.merged.sheet.scores) == uneven()
        assert told.value.version == 2
    assert save(world, BB, assignment, scores(1), 2) == 3
    # still so for a third page that was open all the time, although there is a save now
    with pytest.raises(RubricChanged):
        save(world, BB, assignment, uneven(), 1)
    # while two pages opened after it are brought together as ever
    assert save(world, BB, assignment, scores(1), 2) >= 3
    db.session.rollback()
    kept = db.session.scalars(select(ReviewRevision).where(ReviewRevision.assignment_id == assignment)).all()
    assert {r.rubric_id for r in kept} == {db.session().get_one(Assignment, assignment).rubric_id}


def test_the_pages_are_told_which_versions_there_are(app: Flask, world: World) -> None:
    mixed, plain = file_proposal(world), file_proposal(world)
    first, second = give(world, mixed, BB, DGA)
    (third,) = give(world, plain, BB)
    hand_in(world, BB, first, scores(), 1)
    adopt(world, offer(world))
    hand_in(world, DGA, second, scores(), 2)
    hand_in(world, BB, third, scores(), 2)
    session, actor = db.session(), world.actor("secretariat")
    assert versions_by_proposal(session, world.call_id) == {mixed: (1, 2)}
    uses = list_rubric_uses(session, actor, world.call_id)
    assert [(u.version, u.assigned, u.begun, u.done) for u in uses] == [(1, 1, 1, 1), (2, 2, 2, 2)]
    (change,) = list_rubric_changes(session, world.call_id)
    assert (change.from_version, change.to_version, change.reason) == (1, 2, WHY)


def test_it_goes_back_and_forth(app: Flask, world: World) -> None:
    first_id = get_call(db.session(), FISCAL_YEAR).rubric_id
    (assignment,) = give(world, file_proposal(world), BB)
    second = offer(world)
    adopt(world, second)
    adopt(world, first_id)
    (row,) = rows(assignment)
    assert (row["rubric_id"], row["version"]) == (first_id, 3)
    with pytest.raises(RubricChanged):
        save(world, BB, assignment, uneven(), 2)
    save(world, BB, assignment, uneven(), 3)
    adopt(world, second)
    assert rows(assignment)[0]["rubric_id"] == first_id


def _nothing(world: World) -> None:
    pass


def _decided(world: World) -> None:
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, file_proposal_id(world), Verdict.DEFERRED, 0, reason="รอข้อมูล")


def file_proposal_id(world: World) -> int:
    return db.session().scalars(select(Assignment.proposal_id)).first() or 0


def _locked(world: World) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        move_round(work, world.call_id, "lock", version=0)


def _saved(world: World) -> None:
    assignment = db.session().scalars(select(Assignment.id)).first() or 0
    save(world, BB, assignment, uneven(), 1)


def _given(world: World) -> None:
    give(world, file_proposal(world), DGA)


# what happens between the look and the step, the reason given -> what is raised
BARS: list[tuple[Callable[[World], None], str, type[Exception]]] = [
    (_nothing, "", Refused),
    (_nothing, "สั้น", Refused),
    (_nothing, "x" * 2000, Refused),
    (_decided, WHY, Refused),
    (_locked, WHY, Refused),
    (_saved, WHY, Stale),
    (_given, WHY, Stale),
]


@pytest.mark.parametrize(("between", "reason", "error"), BARS)
def test_when_it_cannot_be_adopted(
    app: Flask, world: World, between: Callable[[World], None], reason: str, error: type[Exception]
) -> None:
    (assignment,) = give(world, file_proposal(world), BB)
    first_id = get_call(db.session(), FISCAL_YEAR).rubric_id
    second = offer(world)
    looked = token(world, second)
    between(world)
    with pytest.raises(error) as told:
        adopt(world, second, looked, reason)
    assert type(told.value) is error
    db.session.rollback()
    assert get_call(db.session(), FISCAL_YEAR).rubric_id == first_id
    assert rows(assignment)[0]["rubric_id"] == first_id


def test_only_the_secretariat_and_only_a_rubric(app: Flask, world: World) -> None:
    second, call = offer(world), get_call(db.session(), FISCAL_YEAR)
    looked = token(world, second)
    for name in (BB, "committee", "admin", "officer"):
        with pytest.raises(Forbidden), open_work(world.actor(name), NOW) as work:
            adopt_rubric_version(work, FISCAL_YEAR, second, WHY, looked)
        with pytest.raises(Forbidden), open_work(world.actor(name), NOW) as work:
            offer_rubric(work, b"")
    for document_id in (call.rulebook_id, 424242):
        with pytest.raises(NotFound):
            plan_rubric(db.session(), world.actor("secretariat"), call, document_id)
    with pytest.raises(Refused):
        adopt(world, call.rubric_id)


# what is wrong with the file -> the keys told
BROKEN: list[tuple[Callable[[dict[str, Any]], Any], set[str]]] = [
    (lambda d: d["criteria"][0].update(weight=99), {"criteria.weight"}),
    (lambda d: d["criteria"][0]["anchors"].pop(), {"criteria[1].anchors"}),
    (lambda d: d.update(comment_level=[1]), {"comment_level"}),
    (lambda d: d["criteria"][1].update(wieght=1), {"criteria[2].wieght"}),
    (lambda d: d.update(comment_levels=[7]), {"comment_levels"}),
    (lambda d: d.pop("criteria"), {""}),
    (lambda d: d.update(version=0), {"version"}),
    (lambda d: d.update(version=1), {"version"}),  # in use and frozen, with other content
    (
        lambda d: (d.update(comment_level=[1]), d["criteria"][0].update(weight="much")),
        {"comment_level", "criteria[1].weight"},
    ),
]


@pytest.mark.parametrize(("spoil", "keys"), BROKEN)
def test_everything_wrong_with_a_file_is_told(
    app: Flask, world: World, spoil: Callable[[dict[str, Any]], Any], keys: set[str]
) -> None:
    document = rubric_two()
    spoil(document)
    with pytest.raises(FileRefused) as told:
        offer(world, document)
    assert keys <= {f.key for f in told.value.faults}
    assert all(f.line for f in told.value.faults if f.key)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"not toml", b"criteria = 3", b"criteria = []", b"[[criteria]]"]
)
def test_no_file_breaks_the_reader(app: Flask, world: World, data: bytes) -> None:
    with pytest.raises(FileRefused), open_work(world.actor("secretariat"), NOW) as work:
        offer_rubric(work, data)


def test_the_same_again_changes_nothing(app: Flask, world: World) -> None:
    second = offer(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        again = offer_rubric(work, write_toml(rubric_two()).encode())
    assert (again.document_id, again.is_new) == (second, False)
    assert tomllib.loads(write_toml(rubric_two())) == rubric_two()


def test_a_save_at_the_same_instant_is_under_one_version_or_the_other(app: Flask, world: World) -> None:
    """Whoever comes first: the save is kept under its version and stays, or the page is told that the rubric changed."""
    (assignment,) = give(world, file_proposal(world), BB)
    first_id, second = get_call(db.session(), FISCAL_YEAR).rubric_id, offer(world)
    looked, given = token(world, second), uneven()
    db.session.rollback()
    saved, adopted = race(
        app,
        lambda: save(world, BB, assignment, given, 1),
        lambda: adopt(world, second, looked),
    )
    (row,) = rows(assignment)
    if isinstance(saved, RubricChanged):
        assert adopted is None
        assert (row["rubric_id"], row["updated_at"]) == (second, None)
    else:
        assert saved == 2
        assert isinstance(adopted, Stale)
        assert row["rubric_id"] == first_id
