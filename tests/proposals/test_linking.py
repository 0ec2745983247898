"""Links put to their partners: which are asked about, who may answer, and what becomes of a link that changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.proposals.actions import answer_link, save_section, submit_proposal
from app.proposals.freezing import claims_sha256
from app.proposals.models import LinkRequest
from app.proposals.queries import get_asked_link, list_asked_links, list_link_answers, read_draft
from tests.conftest import Backend
from tests.instruments import race
from tests.proposals.consortium import (
    LINK,
    answer,
    ask,
    begin,
    facts_of,
    gather,
    invite,
    join,
    joint,
    latest_of,
    requests_of,
    told,
    write_part,
)
from tests.world import NOW, World, complete_draft

LATER = NOW + timedelta(hours=1)
OUTSIDERS: dict[str, type[DomainError]] = {
    "secretariat": Forbidden,
    "committee": Forbidden,
    "reviewer_bb": Forbidden,
    "admin": Forbidden,
}


@pytest.fixture
def here(app: Flask, world: World) -> World:
    return gather(world)


def link(**changes: str) -> dict[str, str]:
    return complete_draft()["integration"]["links"][0] | {"partner": "gamma"} | changes


def with_links(*links: dict[str, str]) -> dict[str, Any]:
    """A complete draft of alpha, with beta taking part, that claims these links."""
    draft = joint()
    draft["integration"]["links"] = list(links)
    return draft


def relink(world: World, proposal_id: int, *links: dict[str, str]) -> None:
    """The lead claims other links."""
    view = read_draft(db.session(), proposal_id)
    value = view.draft["integration"] | {"links": list(links)}
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "integration", value, view.section_versions["integration"])


def reply(
    world: World,
    request_id: int,
    *,
    confirms: bool = True,
    own_money: bool | None = False,
    note: str = "",
    by: str = "officer_gamma",
    seen: str = "asked",
) -> LinkRequest:
    with open_work(world.actor(by), LATER) as work:
        return answer_link(work, request_id, confirms=confirms, own_money=own_money, note=note, seen=seen)


def asked_of(world: World, person: str) -> list[tuple[str, str]]:
    """What somebody finds asked: the link's name and its state, in order."""
    return [(a.claim["name"], a.state) for a in list_asked_links(db.session(), world.actor(person))]


# --- asking

MAY_ASK: dict[str, type[DomainError] | None] = {
    "officer": None,
    "officer_beta": NotFound,
    "officer_gamma": NotFound,
    "certifier": Forbidden,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_ASK)
def test_who_may_ask_for_the_lead(here: World, person: str) -> None:
    proposal_id, error = begin(here), MAY_ASK[person]
    if error is not None:
        with pytest.raises(error):
            ask(here, proposal_id, by=person)
        assert requests_of(proposal_id) == []
        return
    assert ask(here, proposal_id, by=person) == 1
    (request,) = requests_of(proposal_id)
    assert (request.state, request.partner_id, request.asked_at) == ("asked", here.agencies["gamma"], NOW)
    assert told("link_asked") == [{"event": "link_asked", "request": request.id}]


MAY_ASK_FOR_BETA: dict[str, type[DomainError] | None] = {
    "officer_beta": None,
    "officer": NotFound,
    "officer_gamma": NotFound,
    "certifier_beta": Forbidden,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_ASK_FOR_BETA)
def test_who_may_ask_for_a_participant(here: World, person: str) -> None:
    proposal_id, error = begin(here), MAY_ASK_FOR_BETA[person]
    join(here, proposal_id)
    if error is not None:
        with pytest.raises(error):
            ask(here, proposal_id, "beta", by=person)
        return
    assert ask(here, proposal_id, "beta", by=person) == 1
    assert [(r.partner_id, r.asked_by) for r in requests_of(proposal_id)] == [
        (here.agencies["gamma"], here.users["officer_beta"])
    ]


def test_an_agency_that_takes_no_part_asks_nothing(here: World) -> None:
    proposal_id = begin(here)
    with pytest.raises(NotFound):
        ask(here, proposal_id, "gamma")  # of no agency of this proposal
    invite(here, proposal_id)
    assert ask(here, proposal_id, "beta") == 0  # named and invited, but nothing of its own yet


# which links are put to somebody: (link) -> how many are asked
ASKABLE: dict[str, tuple[dict[str, str], int]] = {
    "complete": (link(), 1),
    "partner takes part in the proposal": (link(partner="beta"), 1),
    "no name": (link(name=""), 0),
    "no kind": (link(kind=""), 0),
    "no direction": (link(direction=""), 0),
    "no channel": (link(channel=""), 0),
    "no partner": (link(partner=""), 0),
    "partner not in the register": (link(partner="", partner_other="บริษัท"), 0),
    "partner of an unknown code": (link(partner="nobody"), 0),
    "the claimant itself": (link(partner="alpha"), 0),
}


@pytest.mark.parametrize("case", ASKABLE)
def test_which_links_are_asked_about(here: World, case: str) -> None:
    claimed, count = ASKABLE[case]
    assert ask(here, begin(here, with_links(claimed))) == count


def test_links_that_the_proposal_does_not_claim_are_not_asked_about(here: World) -> None:
    """The lead has chosen another form of integration, and left its links where they were."""
    draft = joint(integration={"forms": ["curriculum"], "curriculum": "dg-data"})
    proposal_id = begin(here, draft)
    join(here, proposal_id)
    assert (ask(here, proposal_id), ask(here, proposal_id, "beta")) == (0, 0)


def test_the_same_link_twice_is_asked_once_and_asking_again_asks_nothing(here: World) -> None:
    proposal_id = begin(here, with_links(link(), link(), link(channel="direct_api")))
    assert [ask(here, proposal_id) for _ in range(2)] == [2, 0]


def test_the_same_claim_of_lead_and_participant_is_two_questions(here: World) -> None:
    proposal_id = begin(here, with_links(LINK))
    join(here, proposal_id)
    assert (ask(here, proposal_id), ask(here, proposal_id, "beta")) == (1, 1)
    claimants = [a.claimant.en for a in list_asked_links(db.session(), here.actor("officer_gamma"))]
    assert sorted(claimants) == ["Department Alpha", "Department Beta"]


def test_two_officers_asking_at_once_ask_once(backend: Backend) -> None:
    with backend.app.app_context():
        here = gather(backend.world)
        proposal_id = begin(here)
        db.session.remove()
    assert sorted(race(backend.app, *[lambda: ask(here, proposal_id)] * 3)) == [0, 0, 1]


def test_after_the_filing_nothing_is_asked(here: World) -> None:
    proposal_id = begin(here)
    with open_work(here.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
    with pytest.raises(Refused):
        ask(here, proposal_id)


# --- answering

MAY_ANSWER: dict[str, type[DomainError] | None] = {
    "officer_gamma": None,
    "certifier_gamma": None,
    "officer": NotFound,  # who claims a link does not confirm it
    "officer_beta": NotFound,
    "certifier": NotFound,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_ANSWER)
def test_who_may_answer_and_who_may_look(here: World, person: str) -> None:
    proposal_id, error = begin(here), MAY_ANSWER[person]
    ask(here, proposal_id)
    (request,) = requests_of(proposal_id)
    if error is not None:
        with pytest.raises(error):
            reply(here, request.id, by=person)
        with pytest.raises(error):
            get_asked_link(db.session(), here.actor(person), request.id)
        assert requests_of(proposal_id)[0].state == "asked"
        return
    assert get_asked_link(db.session(), here.actor(person), request.id).is_waiting
    reply(here, request.id, by=person)
    assert told("link_answered") == [{"event": "link_answered", "request": request.id}]


# (confirms, own money, note) -> the places refused; none: it is done
ANSWERS: dict[str, tuple[bool, bool | None, str, list[str]]] = {
    "yes, with money": (True, True, "", []),
    "yes, without": (True, False, "ใช้ระบบเดิม", []),
    "yes, not said whether": (True, None, "", ["link-own_money"]),
    "no": (False, None, "ไม่มีข้อมูลนี้", []),
    "no, without a reason": (False, None, "", ["link-note"]),
    "no, with blanks for a reason": (False, None, "  \n ", ["link-note"]),
    "too long": (True, False, "ก" * 2001, ["link-note"]),
    "everything wrong": (True, None, "ก" * 2001, ["link-own_money", "link-note"]),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_an_answer_needs(here: World, case: str) -> None:
    confirms, own_money, note, places = ANSWERS[case]
    proposal_id = begin(here)
    ask(here, proposal_id)
    (request,) = requests_of(proposal_id)
    if places:
        with pytest.raises(Refused) as refusal:
            reply(here, request.id, confirms=confirms, own_money=own_money, note=note)
        assert [p.place for p in refusal.value.problems] == places
        return
    reply(here, request.id, confirms=confirms, own_money=own_money, note=note)
    (answered,) = list_asked_links(db.session(), here.actor("officer_gamma"))
    assert (answered.state, answered.own_money, answered.note, answered.answered_at) == (
        "confirmed" if confirms else "declined",
        own_money if confirms else None,
        note,
        LATER,
    )
    assert facts_of(proposal_id).integration.links[0].answer == answered.state


def test_an_answer_may_be_changed_but_not_over_a_colleagues(here: World) -> None:
    proposal_id = begin(here)
    ask(here, proposal_id)
    (request,) = requests_of(proposal_id)
    reply(here, request.id)
    with pytest.raises(Stale):
        reply(here, request.id, confirms=False, note="ปฏิเสธ", by="certifier_gamma")
    reply(here, request.id, confirms=False, note="ปฏิเสธ", by="certifier_gamma", seen="confirmed")
    assert facts_of(proposal_id).integration.links[0].answer == "declined"
    assert len(told("link_answered")) == 2


def test_a_link_is_answered_after_the_filing_too_and_the_filing_stays_as_it_was(here: World) -> None:
    proposal_id = begin(here)
    ask(here, proposal_id)
    with open_work(here.actor("officer"), NOW) as work:
        content = submit_proposal(work, proposal_id, "key").content
    reply(here, requests_of(proposal_id)[0].id)
    assert latest_of(proposal_id).content == content
    assert '"answer":"asked"' in content


def test_an_answer_changes_nothing_that_was_signed(here: World) -> None:
    proposal_id = begin(here)
    before = claims_sha256(facts_of(proposal_id))
    ask(here, proposal_id)
    reply(here, requests_of(proposal_id)[0].id)
    assert claims_sha256(facts_of(proposal_id)) == before


def test_unknown_and_foreign_requests_look_the_same(here: World) -> None:
    proposal_id = begin(here)
    ask(here, proposal_id)
    answers = []
    for request_id in (requests_of(proposal_id)[0].id, 999_999):
        with pytest.raises(NotFound) as answer_:
            reply(here, request_id, by="officer_beta")
        answers.append(answer_.value.text)
    assert answers[0] == answers[1]


# --- a link that changes

CHANGES: dict[str, dict[str, str]] = {
    "name": {"name": "ทะเบียนอื่น"},
    "direction": {"direction": "both"},
    "kind": {"kind": "system"},
    "channel": {"channel": "direct_api"},
    "partner": {"partner": "beta"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_link_takes_its_question_back_and_is_asked_anew(here: World, change: str) -> None:
    proposal_id = begin(here)
    ask(here, proposal_id)
    (request,) = requests_of(proposal_id)
    relink(here, proposal_id, link(**CHANGES[change]))
    assert asked_of(here, "officer_gamma") == []
    with pytest.raises(Refused):
        reply(here, request.id)
    assert ask(here, proposal_id) == 1
    relink(here, proposal_id, link())
    assert ask(here, proposal_id) == 1  # the first question again
    assert [r.state for r in requests_of(proposal_id)] == ["asked", "withdrawn"]


def test_an_answer_holds_for_that_link_and_no_other(here: World) -> None:
    proposal_id = begin(here)
    ask(here, proposal_id)
    reply(here, requests_of(proposal_id)[0].id)
    relink(here, proposal_id, link(channel="direct_api"), link())
    assert [k.answer for k in facts_of(proposal_id).integration.links] == ["", "confirmed"]


def test_what_a_participant_changes_leaves_the_leads_questions_alone(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    ask(here, proposal_id)
    ask(here, proposal_id, "beta")
    write_part(here, proposal_id, "links", [])
    assert [r.state for r in requests_of(proposal_id)] == ["asked", "withdrawn"]


def test_answering_while_the_claimant_changes_the_link(backend: Backend) -> None:
    """Whoever comes first: the answer stands, or the partner hears that the link is no more. No save is lost."""
    with backend.app.app_context():
        here = gather(backend.world)
        ids = []
        for _ in range(5):
            proposal_id = begin(here)
            ask(here, proposal_id)
            ids.append((proposal_id, requests_of(proposal_id)[0].id))
        db.session.remove()
    for proposal_id, request_id in ids:
        answered, saved = race(
            backend.app,
            lambda request_id=request_id: reply(here, request_id).state,
            lambda proposal_id=proposal_id: relink(here, proposal_id, link(channel="direct_api")),
        )
        assert saved is None, saved
        assert answered == "confirmed" or isinstance(answered, Refused)
        with backend.app.app_context():
            state = requests_of(proposal_id)[0].state
            assert state == ("withdrawn" if isinstance(answered, Refused) else "confirmed")
            db.session.remove()


# --- what the partner sees


def test_the_partner_sees_the_link_and_nothing_else_of_the_proposal(here: World) -> None:
    proposal_id = begin(here)
    ask(here, proposal_id)
    (seen,) = list_asked_links(db.session(), here.actor("officer_gamma"))
    assert seen.claim == {
        "agency": "",
        "kind": "data",
        "name": "ทะเบียนผู้ประกอบการ",
        "direction": "consumes",
        "partner": "gamma",
        "channel": "gdx",
    }
    assert (seen.title.en, seen.claimant.en, seen.partner.en) == (
        "Test data linkage",
        "Department Alpha",
        "Department Gamma",
    )
    from app.proposals.queries import get_draft

    with pytest.raises(NotFound):
        get_draft(db.session(), here.actor("officer_gamma"), proposal_id)


def test_what_waits_stands_first(here: World) -> None:
    proposal_id = begin(here, with_links(link(name="หนึ่ง"), link(name="สอง"), link(name="สาม")))
    ask(here, proposal_id)
    second = requests_of(proposal_id)[1]
    reply(here, second.id)
    assert asked_of(here, "officer_gamma") == [
        ("สาม", "asked"),
        ("หนึ่ง", "asked"),
        ("สอง", "confirmed"),
    ]


def test_the_claimants_hear_every_answer_of_their_proposal(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    ask(here, proposal_id)
    ask(here, proposal_id, "beta")
    reply(here, requests_of(proposal_id)[1].id, confirms=False, note="ยังไม่พร้อม")
    found = [(a.claim["agency"], a.state, a.note) for a in list_link_answers(db.session(), proposal_id)]
    assert found == [("", "asked", ""), ("beta", "declined", "ยังไม่พร้อม")]


def test_a_participant_that_leaves_takes_its_questions_back(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    ask(here, proposal_id, "beta")
    answer(here, proposal_id, joins=False, reason="ถอนตัว")
    assert asked_of(here, "officer_gamma") == []
