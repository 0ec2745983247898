"""Returns: who may return what in which state, what the agency may change and until when, and how a return ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.proposals.actions import (
    move_proposal,
    recall_return,
)
from app.proposals.models import DraftRevision, Proposal, ProposalReturn
from app.proposals.queries import (
    find_open_return,
    get_draft,
    get_filing,
    list_filings,
    list_open_returns,
    list_returns,
)
from app.proposals.returns import RETURNABLE_STATES, mark_of
from app.proposals.states import STATES
from app.screening.actions import screen_proposal
from tests.proposals.sent_back import (
    DUE,
    LATER,
    answer,
    ask,
    edit,
    extend,
    places,
    recall,
    refile,
    save,
    send_back,
    state,
    told,
)
from tests.world import NOW, World, budget_row, complete_draft, file_proposal

MOVES = {
    "submitted": ("return", "refile"),
    "passed": (),
    "questioned": ("question",),
    "failed": ("fail",),
    "returned": ("return",),
    "approved": ("approve",),
    "conditional": ("approve_conditionally",),
    "deferred": ("defer",),
    "rejected": ("reject",),
    "draft": ("withdraw",),
}
PEOPLE = ("officer", "certifier", "reviewer_bb", "reviewer_dga", "secretariat", "committee", "admin")
ASKERS = {"secretariat": None, "reviewer_bb": None, "reviewer_dga": NotFound}
SENDERS = {"secretariat": None}


def filed_in(world: World, wanted: str) -> int:
    """A proposal that was filed once and has come to this state."""
    proposal_id = file_proposal(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        proposal = work.session.get_one(Proposal, proposal_id)
        for move in MOVES[wanted]:
            move_proposal(work, proposal, move)
    assert state(proposal_id) == wanted
    return proposal_id


@pytest.mark.parametrize("name", PEOPLE)
def test_who_may_ask_and_who_may_send(app: Flask, world: World, name: str) -> None:
    proposal_id = file_proposal(world)
    question = ask(world, proposal_id)
    deeds: list[tuple[Callable[[], object], type[Exception] | None]] = [
        (lambda: ask(world, proposal_id, by=name), ASKERS.get(name, Forbidden)),
        (lambda: edit(world, question, name), SENDERS.get(name, Forbidden)),
        (lambda: send_back(world, proposal_id, question, by=name), SENDERS.get(name, Forbidden)),
        (lambda: extend(world, proposal_id, name), SENDERS.get(name, Forbidden)),
        (lambda: recall(world, proposal_id, name), SENDERS.get(name, Forbidden)),
    ]
    for deed, wrong in deeds:
        if wrong is None:
            deed()
        else:
            with pytest.raises(wrong):
                deed()


@pytest.mark.parametrize("wanted", [s for s in STATES if s != "recorded"])
def test_what_can_be_asked_and_returned_in_which_state(app: Flask, world: World, wanted: str) -> None:
    proposal_id = filed_in(world, wanted)
    if wanted in RETURNABLE_STATES:
        question = ask(world, proposal_id)
        send_back(world, proposal_id, question)
        assert state(proposal_id) == "returned"
        return
    wrong = NotFound if wanted == "draft" else Refused  # what was taken back is not there for those who ask
    with pytest.raises(wrong):
        ask(world, proposal_id)
    with pytest.raises(wrong):
        send_back(world, proposal_id, message="แก้ไขด้วย", sections=("budget",))
    assert state(proposal_id) == wanted


def test_returnable_states_are_those_before_the_committee() -> None:
    assert set(RETURNABLE_STATES) == {"submitted", "passed", "questioned", "failed"}


HOUR = timedelta(hours=1)
BAD_RETURNS: list[tuple[dict[str, Any], list[str]]] = [
    ({"due": None}, ["return-due"]),
    ({"due": NOW - HOUR}, ["return-due"]),
    ({"due": NOW + HOUR - timedelta(seconds=1)}, ["return-due"]),
    ({"due": NOW + timedelta(days=60, seconds=1)}, ["return-due"]),
    ({"message": ""}, ["return-message"]),
    ({"sections": ()}, ["return-sections"]),
    ({"message": "ก" * 4001}, ["return-message"]),
    ({"due": None, "message": "", "sections": ()}, ["return-due", "return-message", "return-sections"]),
]


@pytest.mark.parametrize(("changes", "expected"), BAD_RETURNS)
def test_a_return_says_what_when_and_where_or_is_refused_with_all_of_it(
    app: Flask, world: World, changes: dict[str, Any], expected: list[str]
) -> None:
    proposal_id = file_proposal(world)
    with pytest.raises(Refused) as refusal:
        send_back(world, proposal_id, **{"message": "แก้ไข", "sections": ("budget",), **changes})
    assert places(refusal) == expected
    assert state(proposal_id) == "passed"
    assert db.session.scalars(select(ProposalReturn)).all() == []


@pytest.mark.parametrize("due", [NOW + HOUR, NOW + timedelta(days=60)])
def test_the_shortest_and_the_longest_time_can_be_given(app: Flask, world: World, due: datetime) -> None:
    proposal_id = file_proposal(world)
    send_back(world, proposal_id, message="แก้ไข", sections=("budget",), due=due)
    assert state(proposal_id) == "returned"


def test_the_sections_of_the_questions_are_opened_with_those_chosen(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    question = ask(world, proposal_id, section="indicators")
    returned = send_back(world, proposal_id, question, sections=("names",))
    found = find_open_return(db.session(), proposal_id)
    assert found is not None
    assert found.sections == {"names", "indicators"}
    assert told("returned") == [{"event": "returned", "return": returned}]
    draft = complete_draft()
    save(world, proposal_id, "indicators", {"rows": []})
    with pytest.raises(Refused):
        save(world, proposal_id, "rationale", draft["rationale"] | {"outputs": "อื่น"})


def test_a_question_sent_or_dropped_meanwhile_sends_nothing(app: Flask, world: World) -> None:
    proposal_id, other = file_proposal(world), file_proposal(world)
    question, elsewhere = ask(world, proposal_id), ask(world, other)
    for wrong in (elsewhere, 999_999):
        with pytest.raises(Stale):
            send_back(world, proposal_id, question, wrong)
    with pytest.raises(NotFound):
        send_back(world, proposal_id, question, sections=("other",))
    assert state(proposal_id) == "passed"


INSTANT = timedelta(milliseconds=1)


@pytest.mark.parametrize(("at", "counts"), [(DUE - INSTANT, True), (DUE, False), (DUE + INSTANT, False)])
def test_the_moment_it_is_due_is_out(app: Flask, world: World, at: datetime, counts: bool) -> None:
    proposal_id = file_proposal(world)
    question = ask(world, proposal_id)
    returned = send_back(world, proposal_id, question)
    if counts:
        answer(world, proposal_id, question, "ตอบ", at=at)
        assert refile(world, proposal_id, at).sequence == 2
        assert state(proposal_id) == "passed"
        row = db.session().get_one(ProposalReturn, returned)
        assert (row.state, row.ended_at) == ("answered", at)
        assert told("refiled") == [{"event": "refiled", "return": returned}]
        return
    answer(world, proposal_id, question, "ตอบ")
    for late in (
        lambda: answer(world, proposal_id, question, "แก้", seen=mark_of("ตอบ"), at=at),
        lambda: refile(world, proposal_id, at),
    ):
        with pytest.raises(Refused) as refusal:
            late()
        assert "23 พ.ย. 2568 10:00:00" in refusal.value.text.th
    assert state(proposal_id) == "returned"
    kept = find_open_return(db.session(), proposal_id)
    assert kept is not None
    assert kept.questions[0].answer == "ตอบ"


def test_filing_again_needs_every_answer(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    first, second = ask(world, proposal_id), ask(world, proposal_id, section="names")
    send_back(world, proposal_id, first, second)
    answer(world, proposal_id, first, "ตอบ")
    with pytest.raises(Refused) as refusal:
        refile(world, proposal_id)
    assert places(refusal) == [f"answer-{second}"]
    assert state(proposal_id) == "returned"


def test_the_calls_cap_ends_it(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    for cycle in (1, 2):
        at = NOW + cycle * timedelta(hours=2)
        send_back(world, proposal_id, message="แก้ไข", sections=("budget",), at=at)
        refile(world, proposal_id, at + timedelta(hours=1), f"again-{cycle}")
    with pytest.raises(Refused) as refusal:
        send_back(world, proposal_id, message="แก้ไข", sections=("budget",), at=NOW + timedelta(hours=9))
    assert places(refusal) == ["return"]
    session = db.session()
    assert [r.cycle for r in list_returns(session, world.actor("secretariat"), proposal_id)] == [1, 2]


def test_more_time_is_later_time(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    with pytest.raises(Refused):
        extend(world, proposal_id, "secretariat")
    send_back(world, proposal_id, message="แก้ไข", sections=("budget",))
    for due in (DUE, DUE - HOUR, NOW + timedelta(days=61)):
        with pytest.raises(Refused):
            extend(world, proposal_id, "secretariat", due)
    extend(world, proposal_id, "secretariat", DUE + HOUR)
    assert refile(world, proposal_id, DUE).sequence == 2


def test_the_last_filing_counts_when_it_is_called_back(app: Flask, world: World) -> None:
    """Also after the time is over; and what was changed meanwhile cannot slip into a later filing."""
    proposal_id = file_proposal(world)
    filed = get_filing(db.session(), world.actor("secretariat"), proposal_id)
    with pytest.raises(Refused):
        recall(world, proposal_id)
    question = ask(world, proposal_id)
    returned = send_back(world, proposal_id, question, at=NOW + timedelta(seconds=1))
    cheaper = {"rows": [budget_row(unit_price="1.00", q1="2.00", q2="")]}
    save(world, proposal_id, "budget", cheaper)
    recall(world, proposal_id, at=DUE + HOUR)
    with open_work(world.actor("secretariat"), DUE + HOUR) as work:
        screen_proposal(work, proposal_id)
    assert state(proposal_id) == "passed"
    row = db.session().get_one(ProposalReturn, returned)
    assert (row.state, row.ended_at) == ("closed", DUE + HOUR)
    again = get_filing(db.session(), world.actor("secretariat"), proposal_id)
    assert (again.submission_id, again.sha256) == (filed.submission_id, filed.sha256)
    view = get_draft(db.session(), world.actor("officer"), proposal_id)
    assert view.draft == complete_draft()
    proposal = db.session().get_one(Proposal, proposal_id)
    assert proposal.total == filed.total
    at = DUE + timedelta(hours=2)
    send_back(
        world, proposal_id, message="แก้เหตุผล", sections=("rationale",), at=at, due=at + timedelta(days=1)
    )
    refile(world, proposal_id, at + HOUR)
    after = get_filing(db.session(), world.actor("secretariat"), proposal_id)
    assert after.sequence == 2
    assert after.facts.lines == filed.facts.lines


def test_what_was_changed_before_a_recall_is_kept_as_a_revision(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    send_back(world, proposal_id, message="แก้ไข", sections=("rationale",), at=NOW + timedelta(seconds=1))
    mine = complete_draft()["rationale"] | {"outputs": "ผลผลิตที่แก้แล้ว"}
    save(world, proposal_id, "rationale", mine)
    recall(world, proposal_id, at=LATER + HOUR)
    kept = db.session.scalars(
        select(DraftRevision).where(DraftRevision.section == "rationale").order_by(DraftRevision.id)
    ).all()
    assert [r.cause for r in kept][-2:] == ["typed", "restored"]
    assert json.loads(kept[-2].content)["outputs"] == "ผลผลิตที่แก้แล้ว"
    versions = [r.version for r in kept]
    assert versions == sorted(set(versions))


def test_a_recall_needs_a_reason(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    send_back(world, proposal_id, message="แก้ไข", sections=("budget",))
    for reason in ("", "ก" * 2001):
        with open_work(world.actor("secretariat"), LATER) as work, pytest.raises(Refused) as refusal:
            recall_return(work, proposal_id, reason)
        assert places(refusal) == ["recall-reason"]


def test_open_returns_are_listed_for_every_agency_that_takes_part(app: Flask, world: World) -> None:
    draft = complete_draft(names={"participants": ["gamma"]})
    proposal_id = file_proposal(world, draft)
    question = ask(world, proposal_id)
    send_back(world, proposal_id, question, message="ดูด้วย")
    session, ids = db.session(), world.agencies
    (row,) = list_open_returns(session, [ids["gamma"]])
    assert (row.proposal_id, row.due_at, row.asked, row.answered) == (proposal_id, DUE, 1, 0)
    answer(world, proposal_id, question, "ตอบ")
    assert [r.answered for r in list_open_returns(session, [ids["alpha"], ids["gamma"]])] == [1]
    assert list_open_returns(session, [ids["beta"]]) == list_open_returns(session, []) == []
    refile(world, proposal_id)
    assert list_open_returns(session, [ids["alpha"]]) == []


def test_a_returned_drafts_words_stay_with_its_agency(app: Flask, world: World) -> None:
    """Lists go on showing what was filed until it is filed again."""
    proposal_id = file_proposal(world)
    send_back(world, proposal_id, message="แก้ไข", sections=("names", "budget"), at=NOW + timedelta(seconds=1))
    names = complete_draft()["names"] | {"title_th": "ชื่อลับ", "participants": ["gamma"]}
    save(world, proposal_id, "names", names)
    (row,) = list_filings(db.session(), world.actor("secretariat"), world.call_id)
    assert row.title.th == complete_draft()["names"]["title_th"]
    refile(world, proposal_id)
    (row,) = list_filings(db.session(), world.actor("secretariat"), world.call_id)
    assert row.title.th == "ชื่อลับ"
