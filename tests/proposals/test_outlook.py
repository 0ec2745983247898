"""Where a list's proposals stand, through the whole life of a joint proposal: who has to act and what is missing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.calls.queries import get_call, list_calls
from app.identity.queries import list_agencies
from app.kernel.db import db
from app.kernel.findings import Outcome
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal, withdraw_proposal
from app.proposals.queries import OwnFilter, list_last_changes, list_own
from app.proposals.queries.outlook import Outlook, count_asked_links, list_outlooks
from app.proposals.queries.own import Order
from app.screening.actions import override_finding, screen_proposal
from tests.conftest import Backend
from tests.instruments import counted_queries
from tests.proposals.consortium import (
    PART_ROW,
    answer,
    ask,
    begin,
    certify,
    confirm,
    fill_in_part,
    gather,
    invite,
    return_for_revision,
    sign,
    sign_for_part,
    write_part,
)
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, write_draft

DUE = NOW + timedelta(days=3)


def outlooks(world: World, by: str = "officer", now: datetime = NOW) -> dict[int, Outlook]:
    """Where everything of this person's agencies stands."""
    session = db.session()
    session.rollback()
    session.expire_all()
    calls = {call.id: call for call in list_calls(session)}
    rows = list_own(session, world.actor(by)).rows
    return list_outlooks(session, rows, calls, list_agencies(session), now, {})


def steps(world: World, proposal_id: int, now: datetime = NOW) -> list[tuple[str, str, int]]:
    names = {agency_id: code for code, agency_id in world.agencies.items()}
    turn = outlooks(world, now=now)[proposal_id].turn
    return [(names.get(s.agency_id, s.party.value), s.act.value, s.count) for s in turn.steps]


def test_a_joint_proposal_that_needs_signatures_waits_for_one_after_the_other(
    app: Flask, world: World
) -> None:
    certify()
    world = gather(world)
    key = begin(world)
    assert steps(world, key) == [("alpha", "settle_participants", 1)]
    invite(world, key)
    assert steps(world, key) == [("beta", "answer_invitation", 0)]
    answer(world, key)
    assert steps(world, key) == [("beta", "confirm_part", 0)]
    fill_in_part(world, key)
    confirm(world, key)
    assert steps(world, key) == [("beta", "sign_part", 0)]
    sign_for_part(world, key)
    assert steps(world, key) == [("alpha", "sign", 0)]
    sign(world, key)
    assert steps(world, key) == [("alpha", "file", 0)]
    ask(world, key)
    assert steps(world, key) == [("alpha", "file", 0), ("gamma", "answer_link", 1)]
    assert count_asked_links(db.session(), world.actor("officer_gamma")) == 1
    assert count_asked_links(db.session(), world.actor("officer")) == 0
    write_part(
        world, key, "budget", [PART_ROW | {"item": "แก้ไขภายหลัง"}]
    )  # undoes confirmation and signatures
    assert steps(world, key) == [("beta", "confirm_part", 0), ("gamma", "answer_link", 1)]


def test_what_is_missing_is_told_by_agency_and_section(app: Flask, world: World) -> None:
    world = gather(world)
    draft = complete_draft(names={"participants": ["beta"], "title_en": ""}, indicators={"rows": []})
    draft["integration"]["links"][0]["partner"] = "gamma"
    key = begin(world, draft)
    invite(world, key)
    answer(world, key)
    fill_in_part(world, key)
    write_part(world, key, "budget", [PART_ROW | {"item": "", "unit": ""}])
    found = {(m.agency_id, m.section): m.count for m in outlooks(world)[key].missing}
    alpha, beta = world.agencies["alpha"], world.agencies["beta"]
    assert found == {(alpha, "names"): 1, (beta, "budget"): 2}
    assert steps(world, key) == [("alpha", "fill_in", 1), ("beta", "confirm_part", 2)]


def test_a_returned_one_waits_until_it_is_due(app: Flask, world: World) -> None:
    key = file_proposal(world)
    plain = file_proposal(world, at=NOW + timedelta(minutes=1))
    return_for_revision(world, key, "budget", due_at=DUE)
    assert steps(world, key) == [("alpha", "revise", 0)]
    assert outlooks(world)[key].until == DUE
    assert outlooks(world)[plain].until is None
    assert steps(world, key, DUE) == [("secretariat", "close_return", 0)]
    rows = list_own(db.session(), world.actor("officer"), order=Order.DUE).rows
    assert [(row.id, row.due_at) for row in rows] == [(key, DUE), (plain, None)]


def test_a_closed_window_leaves_nothing_to_do(app: Flask, world: World) -> None:
    draft, failed = write_draft(world, complete_draft()), file_proposal(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        rulebook = get_call(work.session, FISCAL_YEAR).rulebook
        rule = next(r.code for r in rulebook.rules if r.check == "integration")
        override_finding(work, failed, rule, Outcome.FAILS, "คู่เชื่อมไม่ใช่หน่วยงานของรัฐ")
    closed = datetime(2025, 11, 27, tzinfo=NOW.tzinfo)
    assert (steps(world, draft), steps(world, failed)) == ([("alpha", "file", 0)], [("alpha", "mend", 0)])
    assert steps(world, draft, closed) == steps(world, failed, closed) == [("nobody", "nothing", 0)]
    assert outlooks(world, now=closed)[draft].missing == ()


def test_the_last_change_names_who_made_it(app: Flask, world: World) -> None:
    key = write_draft(world, complete_draft())
    later = NOW + timedelta(hours=1)
    with open_work(world.actor("certifier"), later) as work:
        submit_proposal(work, key, "k")
    with open_work(world.actor("secretariat"), later + timedelta(hours=1)) as work:
        screen_proposal(work, key)
    change = list_last_changes(db.session(), [key])[key]
    assert change.by is not None
    assert (change.at, change.by.en) == (later + timedelta(hours=1), "Person secretariat")
    with open_work(world.actor("officer"), later + timedelta(hours=2)) as work:
        withdraw_proposal(work, key)
    change = list_last_changes(db.session(), [key])[key]
    assert change.by is not None
    assert change.by.en == "Person officer"


@pytest.mark.parametrize("certified", [False, True])
def test_queries_do_not_grow_with_rows(sqlite_backend: Backend, certified: bool) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        certify(certified)

        def measure() -> int:
            session = db.session()
            calls = {call.id: call for call in list_calls(session)}
            rows = list_own(session, world.actor("officer"), OwnFilter()).rows
            agencies = list_agencies(session)
            with counted_queries() as queries:
                list_outlooks(session, rows, calls, agencies, NOW, {})
                list_last_changes(session, [row.id for row in rows])
            return len(queries)

        draft = complete_draft(budget={"rows": [budget_row()]})
        for _ in range(3):
            write_draft(world, draft)
        few = measure()
        for _ in range(17):
            write_draft(world, draft)
        assert measure() == few <= 6
        db.session.remove()
