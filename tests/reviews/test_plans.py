"""An assignment plan from being made to being applied: judged anew, all or nothing, by one person at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.calls.queries import get_call_by_id
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.outbox import OutboxRow
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import (
    apply_plan,
    assign_reviewers,
    change_seat,
    decline_assignment,
    drop_plan,
    make_panel,
    make_plan,
    move_round,
    set_profile,
    withdraw_assignment,
)
from app.reviews.actions.panels import PanelFacts, ProfileFacts
from app.reviews.actions.plans import foresee, result_of
from app.reviews.models import Assignment, AssignmentPlan, DeclaredTie
from app.reviews.planning.computing import compute_plan
from app.reviews.planning.facts import Keep, PlanSettings
from app.reviews.planning.reckoning import reckon
from app.reviews.queries import get_round
from app.reviews.queries.plans import get_plan, list_plans, read_situation
from tests.web.desks import file_one
from tests.world import NOW, World, give


def plan_it(world: World, keep: Keep = Keep.ALL, seed: int = 1) -> int:
    session = db.session()
    call = get_call_by_id(session, world.call_id)
    standings = read_situation(session, call, get_round(session, call.id), keep)
    seats, _, _ = compute_plan(standings.situation, seed)
    result = result_of(reckon(standings.situation, seats))
    with open_work(world.actor("secretariat"), NOW) as work:
        return make_plan(work, world.call_id, PlanSettings(seed, keep), seats, result)


def plan(world: World, plan_id: int):  # type: ignore[no-untyped-def]
    db.session().expire_all()
    return get_plan(db.session(), world.actor("secretariat"), plan_id)


def do(world: World, action: Callable[..., object], *args: object, **kwargs: object) -> object:
    with open_work(world.actor("secretariat"), NOW) as work:
        return action(work, *args, **kwargs)


def assigned(world: World) -> dict[tuple[int, int], str]:
    db.session().rollback()
    rows = db.session().execute(select(Assignment.proposal_id, Assignment.reviewer_id, Assignment.state))
    return {(p, r): state for p, r, state in rows}


def test_a_plan_is_made_and_applied_with_its_letters_promised(app: Flask, world: World) -> None:
    one, two = file_one(world), file_one(world, agency="beta")
    plan_id = plan_it(world)
    made = plan(world, plan_id)
    bb, dga, alpha = (world.users[n] for n in ("reviewer_bb", "reviewer_dga", "reviewer_alpha"))
    # the reviewer who is also an officer of alpha is in conflict with alpha's, and of its ministry with beta's
    assert {(s.proposal, s.reviewer) for s in made.seats} == {(one, bb), (one, dga), (two, bb), (two, dga)}
    assert (made.result["seats"], made.result["missing"], made.result["groups"]) == (4, 2, 1)
    effect = do(world, apply_plan, plan_id, 1)
    assert len(effect.given) == 4  # type: ignore[attr-defined]
    assert assigned(world) == dict.fromkeys([(one, bb), (one, dga), (two, bb), (two, dga)], "given")
    row = db.session().scalars(select(Assignment).limit(1)).one()
    assert (row.body in ("bb", "dga"), row.version, row.scores, row.assigned_at) == (True, 1, "{}", NOW)
    assert plan(world, plan_id).state == "applied"
    promised = [json.loads(p) for p in db.session().scalars(select(OutboxRow.payload))]
    told = {"event": "reviewers_assigned", "call": world.call_id, "at": NOW.isoformat()}
    assert promised.count(told) == 1
    said = list(
        db.session().scalars(select(AuditEntry.subject).where(AuditEntry.action == "assign_reviewer"))
    )
    assert sorted(said) == sorted(f"proposal:{p}" for p in (one, one, two, two))
    with pytest.raises(Refused):
        do(world, apply_plan, plan_id, plan(world, plan_id).version)
    assert alpha not in {r for _, r in assigned(world)}


def test_what_stands_is_counted_and_not_planned_again(app: Flask, world: World) -> None:
    one = file_one(world)
    give(world, one, "reviewer_bb")
    plan_id = plan_it(world)
    assert [s.reviewer for s in plan(world, plan_id).seats] == [world.users["reviewer_dga"]]


def test_what_nobody_answered_may_go_to_somebody_else(app: Flask, world: World) -> None:
    one, two = file_one(world), file_one(world)
    bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
    do(world, assign_reviewers, one, [bb])
    give(world, two, "reviewer_bb")
    do(world, make_panel, world.call_id, PanelFacts(Text("ก", "A"), "dga", "", 1, (dga,)))
    plan_id = plan_it(world, Keep.ANSWERED)
    assert {(s.proposal, s.reviewer) for s in plan(world, plan_id).seats} == {(one, dga), (two, dga)}
    do(world, apply_plan, plan_id, 1)
    assert assigned(world) == {
        (one, bb): "withdrawn",
        (one, dga): "given",
        (two, bb): "accepted",
        (two, dga): "given",
    }


def test_who_declined_is_not_planned_but_may_be_put_there_by_hand(app: Flask, world: World) -> None:
    one = file_one(world)
    bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
    (first,) = give(world, one, "reviewer_bb")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        decline_assignment(work, first, "ติดภารกิจ")
    plan_id = plan_it(world)
    assert [s.reviewer for s in plan(world, plan_id).seats] == [dga]
    assert do(world, change_seat, plan_id, 1, one, reviewer_id=bb, instead=None) == 2
    do(world, apply_plan, plan_id, 2)
    assert assigned(world) == {(one, bb): "given", (one, dga): "given"}
    again = db.session().get_one(Assignment, first)
    assert (again.answer_reason, again.answered_at) == ("", None)


def test_a_seat_is_replaced_added_and_taken_out(app: Flask, world: World) -> None:
    one = file_one(world)
    bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
    do(world, make_panel, world.call_id, PanelFacts(Text("ก", "A"), "", "", 1, (bb, dga)))
    plan_id = plan_it(world)
    (seat,) = plan(world, plan_id).seats
    other = dga if seat.reviewer == bb else bb
    assert do(world, change_seat, plan_id, 1, one, reviewer_id=other, instead=seat.reviewer) == 2
    (moved,) = plan(world, plan_id).seats
    assert (moved.reviewer, moved.panel) == (other, seat.panel)
    assert do(world, change_seat, plan_id, 2, one, reviewer_id=seat.reviewer, instead=None) == 3
    assert len(plan(world, plan_id).seats) == 2
    assert do(world, change_seat, plan_id, 3, one, reviewer_id=None, instead=other) == 4
    assert [s.reviewer for s in plan(world, plan_id).seats] == [seat.reviewer]
    with pytest.raises(Stale):
        do(world, change_seat, plan_id, 3, one, reviewer_id=None, instead=seat.reviewer)
    with pytest.raises(Refused):  # not in the plan any more
        do(world, change_seat, plan_id, 4, one, reviewer_id=None, instead=other)
    with pytest.raises(Refused):
        do(world, change_seat, plan_id, 4, one, reviewer_id=None, instead=None)


def test_no_conflict_and_no_limit_can_be_put_into_a_plan_by_hand(app: Flask, world: World) -> None:
    one = file_one(world)
    plan_id = plan_it(world)
    with pytest.raises(Refused) as refused:
        do(world, change_seat, plan_id, 1, one, reviewer_id=world.users["reviewer_alpha"], instead=None)
    assert "conflict" in refused.value.problems[0].text.en
    taken = next(iter(plan(world, plan_id).seats)).reviewer
    with pytest.raises(Refused):
        do(world, change_seat, plan_id, 1, one, reviewer_id=taken, instead=None)
    for proposal, reviewer in ((999_999, taken), (one, world.users["officer"])):
        with pytest.raises(NotFound):
            do(world, change_seat, plan_id, 1, proposal, reviewer_id=reviewer, instead=None)
    two = file_one(world)
    do(world, set_profile, world.call_id, taken, ProfileFacts(1), "")
    with pytest.raises(Refused) as refused:
        do(world, change_seat, plan_id, 1, two, reviewer_id=taken, instead=None)
    assert "limit" in refused.value.problems[0].text.en
    assert plan(world, plan_id).version == 1


def test_what_has_come_up_since_is_listed_and_nothing_is_assigned(app: Flask, world: World) -> None:
    one, two = file_one(world), file_one(world)
    bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
    plan_id = plan_it(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.add(DeclaredTie(user_id=bb, agency_id=world.agencies["alpha"], tie="former", at=NOW))
    do(world, set_profile, world.call_id, dga, ProfileFacts(1), "")
    with pytest.raises(Refused) as refused:
        do(world, apply_plan, plan_id, 1)
    assert len(refused.value.problems) == 3  # bb on both, dga on the second
    assert assigned(world) == {}
    for proposal in (one, two):
        do(world, change_seat, plan_id, plan(world, plan_id).version, proposal, reviewer_id=None, instead=bb)
    do(world, change_seat, plan_id, 3, two, reviewer_id=None, instead=dga)
    do(world, apply_plan, plan_id, 4)
    assert assigned(world) == {(one, dga): "given"}


def test_what_was_assigned_meanwhile_is_left_as_it_is(app: Flask, world: World) -> None:
    one = file_one(world)
    bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
    plan_id = plan_it(world)
    give(world, one, "reviewer_bb")
    do(world, apply_plan, plan_id, 1)
    assert assigned(world) == {(one, bb): "accepted", (one, dga): "given"}
    empty = plan_it(world)
    with pytest.raises(Refused):
        do(world, apply_plan, empty, 1)


def test_the_preview_says_what_applying_does(app: Flask, world: World) -> None:
    one = file_one(world)
    do(world, assign_reviewers, one, [world.users["reviewer_bb"]])
    do(
        world,
        make_panel,
        world.call_id,
        PanelFacts(Text("ก", "A"), "", "", 1, (world.users["reviewer_dga"],)),
    )
    plan_id = plan_it(world, Keep.ANSWERED)
    call = get_call_by_id(db.session(), world.call_id)
    foreseen = foresee(
        read_situation(db.session(), call, get_round(db.session(), call.id), Keep.ANSWERED),
        plan(world, plan_id).seats,
    )
    assert (len(foreseen.given), len(foreseen.taken_back), foreseen.faults) == (1, 1, ())
    assert do(world, apply_plan, plan_id, 1) == foreseen


def test_a_dropped_plan_is_closed_and_a_locked_round_takes_none(app: Flask, world: World) -> None:
    file_one(world)
    plan_id = plan_it(world)
    second = plan_it(world)
    do(world, drop_plan, plan_id, 1)
    assert plan(world, plan_id).state == "dropped"
    for action, args in ((drop_plan, ()), (apply_plan, ())):
        with pytest.raises(Refused):
            do(world, action, plan_id, 2, *args)
    assert [p.id for p in list_plans(db.session(), world.actor("secretariat"), world.call_id)] == [
        second,
        plan_id,
    ]
    do(world, move_round, world.call_id, "lock", version=0)
    with pytest.raises(Refused):
        do(world, apply_plan, second, 1)
    with pytest.raises(Refused):
        plan_it(world)
    assert assigned(world) == {}


def test_nobody_but_the_secretariat_touches_plans(app: Flask, world: World) -> None:
    one = file_one(world)
    plan_id = plan_it(world)
    for name in ("reviewer_bb", "committee", "officer", "admin"):
        actor = world.actor(name)
        for act in (
            lambda work: apply_plan(work, plan_id, 1),
            lambda work: drop_plan(work, plan_id, 1),
            lambda work: change_seat(work, plan_id, 1, one, reviewer_id=1, instead=None),
            lambda work: make_plan(work, world.call_id, PlanSettings(), (), {}),
        ):
            with pytest.raises(Forbidden), open_work(actor, NOW) as work:
                act(work)
        with pytest.raises(Forbidden):
            get_plan(db.session(), actor, plan_id)
    with pytest.raises(NotFound):
        do(world, apply_plan, 999_999, 1)


def test_the_same_settings_give_the_same_bytes(app: Flask, world: World) -> None:
    for _ in range(3):
        file_one(world)
    first, second = plan_it(world), plan_it(world)
    kept = {p.id: p.seats for p in db.session().scalars(select(AssignmentPlan))}
    assert kept[first] == kept[second]


def test_two_who_adjust_and_apply_one_plan_at_once(app: Flask, world: World) -> None:
    """Exactly one of them gets through with the version both saw; nothing is done twice or lost."""
    one = file_one(world)
    plan_id = plan_it(world)
    bb = world.users["reviewer_bb"]
    actor = world.actor("secretariat")
    db.session.remove()
    start, ends = threading.Barrier(2), []

    def run(act: Callable[..., object]) -> None:
        with app.app_context():
            start.wait()
            try:
                with open_work(actor, NOW) as work:
                    act(work)
                ends.append("done")
            except Refused as refused:
                ends.append(type(refused).__name__)
            finally:
                db.session.remove()

    acts = (
        lambda work: apply_plan(work, plan_id, 1),
        lambda work: change_seat(work, plan_id, 1, one, reviewer_id=None, instead=bb),
    )
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("done") == 1
    after = plan(world, plan_id)
    standing = {r for _, r in assigned(world)}
    if after.state == "applied":
        assert standing == {bb, world.users["reviewer_dga"]}
    else:
        assert (standing, after.version) == (set(), 2)


def test_an_assignment_taken_back_counts_for_nothing(app: Flask, world: World) -> None:
    one = file_one(world)
    (first,) = give(world, one, "reviewer_bb")
    do(world, withdraw_assignment, first, "เหตุผล")
    do(world, set_profile, world.call_id, world.users["reviewer_bb"], ProfileFacts(1), "")
    plan_id = plan_it(world)
    assert [s.reviewer for s in plan(world, plan_id).seats] == [world.users["reviewer_dga"]]
