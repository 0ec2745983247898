"""Participants: who may invite, answer, fill in and confirm, in which state; and whose lines are whose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Membership, Role
from app.identity.models import Agency
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import save_section, submit_proposal
from app.proposals.models import DraftRevision, Proposal, ProposalAgency
from app.proposals.queries import get_draft, read_draft
from app.screening.actions import screen_proposal
from tests.conftest import Backend
from tests.instruments import race
from tests.proposals.consortium import (
    LINK,
    PART_ROW,
    answer,
    begin,
    confirm,
    facts_of,
    gather,
    invite,
    join,
    joint,
    part_of,
    return_for_revision,
    told,
    write_part,
)
from tests.world import NOW, PASSWORD, World, budget_row, complete_draft

DUE = NOW + timedelta(days=3)
INSTANT = timedelta(milliseconds=1)
OUTSIDERS: dict[str, type[DomainError]] = {
    "certifier": Forbidden,
    "certifier_beta": Forbidden,
    "secretariat": Forbidden,
    "committee": Forbidden,
    "reviewer_bb": Forbidden,
    "admin": Forbidden,
}
UNKNOWN = 999_999


@pytest.fixture
def here(app: Flask, world: World) -> World:
    return gather(world)


def file_it(world: World, proposal_id: int) -> None:
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
        screen_proposal(work, proposal_id)


def rename(world: World, proposal_id: int, participants: list[str]) -> None:
    """The lead names other participants."""
    version = read_draft(db.session(), proposal_id).section_versions["names"]
    names = joint()["names"] | {"participants": participants}
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "names", names, version)


def amounts(proposal_id: int) -> dict[str, int]:
    """Agency code -> what the list of proposals shows, satang."""
    rows = db.session.execute(
        select(Agency.code, ProposalAgency.amount)
        .join(Agency, Agency.id == ProposalAgency.agency_id)
        .where(ProposalAgency.proposal_id == proposal_id)
    )
    return {row.code: row.amount for row in rows}


# --- inviting

MAY_INVITE: dict[str, type[DomainError] | None] = {
    "officer": None,
    "reviewer_alpha": None,  # an officer of the lead besides
    "officer_beta": NotFound,  # the participant itself
    "officer_gamma": NotFound,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_INVITE)
def test_who_may_invite(here: World, person: str) -> None:
    proposal_id, error = begin(here), MAY_INVITE[person]
    if error is None:
        assert invite(here, proposal_id, by=person) == 1
        assert told("invited") == [
            {"event": "invited", "proposal": proposal_id, "agency": here.agencies["beta"]}
        ]
        return
    with pytest.raises(error):
        invite(here, proposal_id, by=person)
    assert told("invited") == []


@pytest.mark.parametrize("codes", [("gamma",), ("beta", "gamma"), ("nobody",)])
def test_only_participants_named_in_the_draft_are_invited(here: World, codes: tuple[str, ...]) -> None:
    proposal_id = begin(here)
    with pytest.raises(Refused) as refusal:
        invite(here, proposal_id, *codes)
    assert [p.place for p in refusal.value.problems] == ["partners-invite"]
    assert read_draft(db.session(), proposal_id).parts == ()


def test_the_lead_is_no_participant_of_its_own(here: World) -> None:
    assert invite(here, begin(here, joint("alpha", "beta")), "alpha", "beta") == 1


def test_inviting_again_reaches_only_those_who_declined(here: World) -> None:
    proposal_id = begin(here, joint("beta", "gamma"))
    assert invite(here, proposal_id, "beta", "gamma", note="เรียนเชิญ") == 2
    assert invite(here, proposal_id, "beta", "gamma") == 0
    answer(here, proposal_id, "beta")
    answer(here, proposal_id, "gamma", joins=False, reason="ไม่มีงบประมาณ")
    assert part_of(proposal_id, "gamma").reason == "ไม่มีงบประมาณ"
    assert invite(here, proposal_id, "beta", "gamma", note="ขอเชิญอีกครั้ง") == 1
    beta, gamma = part_of(proposal_id, "beta"), part_of(proposal_id, "gamma")
    assert (beta.state, beta.note) == ("joined", "เรียนเชิญ")
    assert (gamma.state, gamma.note, gamma.reason, gamma.answered_at) == (
        "invited",
        "ขอเชิญอีกครั้ง",
        "",
        None,
    )


def test_a_note_has_its_limit(here: World) -> None:
    proposal_id = begin(here)
    with pytest.raises(Refused) as refusal:
        invite(here, proposal_id, note="ก" * 2001)
    assert [p.place for p in refusal.value.problems] == ["partners-note"]
    assert invite(here, proposal_id, note="ก" * 2000) == 1


def test_two_officers_inviting_at_once_invite_once(backend: Backend) -> None:
    with backend.app.app_context():
        here = gather(backend.world)
        proposal_id = begin(here)
        db.session.remove()

    def inviting() -> int:
        return invite(here, proposal_id)

    assert sorted(race(backend.app, inviting, inviting, inviting)) == [0, 0, 1]


# --- answering

MAY_ANSWER: dict[str, type[DomainError] | None] = {
    "officer_beta": None,
    "officer": NotFound,  # the lead does not answer for others
    "officer_gamma": NotFound,
    "reviewer_alpha": NotFound,
    **OUTSIDERS,
}


@pytest.mark.parametrize("joins", [True, False], ids=["joins", "declines"])
@pytest.mark.parametrize("person", MAY_ANSWER)
def test_who_may_answer(here: World, person: str, joins: bool) -> None:
    proposal_id, error = begin(here), MAY_ANSWER[person]
    invite(here, proposal_id)
    if error is not None:
        with pytest.raises(error):
            answer(here, proposal_id, joins=joins, reason="เหตุผล", by=person)
        assert part_of(proposal_id).state == "invited"
        return
    answer(here, proposal_id, joins=joins, reason="เหตุผล", by=person)
    part = part_of(proposal_id)
    assert (part.state, part.answered_at) == ("joined" if joins else "declined", NOW)
    assert len(told("invitation_answered")) == 1


def test_without_an_invitation_there_is_nothing_to_answer(here: World) -> None:
    proposal_id = begin(here)
    for target in (proposal_id, UNKNOWN):
        with pytest.raises(NotFound):
            answer(here, target)


@pytest.mark.parametrize("reason", ["", "   ", "ก" * 2001])
def test_declining_needs_a_reason_of_some_length(here: World, reason: str) -> None:
    proposal_id = begin(here)
    invite(here, proposal_id)
    with pytest.raises(Refused) as refusal:
        answer(here, proposal_id, joins=False, reason=reason)
    assert [p.place for p in refusal.value.problems] == ["invitation-reason"]
    assert part_of(proposal_id).state == "invited"


def test_answering_twice_is_told_once(here: World) -> None:
    proposal_id = begin(here)
    invite(here, proposal_id)
    for _ in range(2):
        answer(here, proposal_id)
    assert len(told("invitation_answered")) == 1


# what may still be done to a part, by the state of the proposal and what its return opened
STATES: dict[str, tuple[str, ...] | None] = {
    "draft": None,
    "filed": None,
    "returned with other sections": ("rationale",),
    "returned with names": ("names",),
    "returned with budget": ("budget",),
}
DONE: dict[str, dict[str, bool]] = {
    "draft": {"invite": True, "join": True, "decline": True, "write": True, "confirm": True},
    "filed": {"invite": False, "join": False, "decline": False, "write": False, "confirm": False},
    "returned with other sections": {
        "invite": False,
        "join": False,
        "decline": False,
        "write": False,
        "confirm": True,
    },
    "returned with names": {"invite": True, "join": True, "decline": True, "write": False, "confirm": True},
    "returned with budget": {
        "invite": False,
        "join": False,
        "decline": False,
        "write": True,
        "confirm": True,
    },
}
TRIED: dict[str, Callable[[World, int], object]] = {
    "invite": lambda w, pid: invite(w, pid, "gamma"),
    "join": lambda w, pid: answer(w, pid, "dga", by="officer_dga"),
    "decline": lambda w, pid: answer(w, pid, joins=False, reason="เหตุผล"),
    "write": lambda w, pid: write_part(w, pid, "budget", [PART_ROW | {"item": "รายการใหม่"}], version=2),
    "confirm": lambda w, pid: confirm(w, pid),
}


@pytest.mark.parametrize("state", STATES)
def test_what_may_be_done_in_which_state(here: World, state: str) -> None:
    """beta has joined, dga is invited, gamma is only named."""
    with open_work(SYSTEM, NOW) as work:
        officer = [Membership(Role.OFFICER, here.agencies["dga"])]
        here.users["officer_dga"] = add_demo_person(
            work, "dga@test.example", Text("ดีจีเอ", "DGA"), PASSWORD, officer
        )
    for tried, allowed in DONE[state].items():
        proposal_id = begin(here, joint("beta", "gamma", "dga"))
        join(here, proposal_id)
        invite(here, proposal_id, "dga")
        if state != "draft":
            file_it(here, proposal_id)
        if (opened := STATES[state]) is not None:
            return_for_revision(here, proposal_id, *opened, due_at=DUE)
        if allowed:
            TRIED[tried](here, proposal_id)
        else:
            with pytest.raises(Refused):
                TRIED[tried](here, proposal_id)


def test_after_the_return_is_due_a_part_is_not_confirmed(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    file_it(here, proposal_id)
    return_for_revision(here, proposal_id, "budget", due_at=DUE)
    with pytest.raises(Refused):
        confirm(here, proposal_id, at=DUE)
    confirm(here, proposal_id, at=DUE - INSTANT)


# --- whose lines are whose


def test_lines_the_lead_wrote_move_to_the_participant_that_joins(here: World) -> None:
    lead, theirs = budget_row(), PART_ROW | {"q2": "ก"}
    draft = joint(budget={"rows": [theirs, lead, PART_ROW], "unread": {"budget-1-q2": "ก"}})
    draft["budget"]["rows"][0]["q2"] = ""
    proposal_id = begin(here, draft)
    before = amounts(proposal_id)
    invite(here, proposal_id)
    answer(here, proposal_id)
    view = read_draft(db.session(), proposal_id)
    assert view.draft["budget"] == {"rows": [lead]}
    assert view.joined["beta"]["budget"] == {
        "rows": [PART_ROW, PART_ROW],
        "unread": {"budget-1-q2": "ก"},
    }
    assert amounts(proposal_id) == before == {"alpha": 100_000_100, "beta": 500_100}
    handed = db.session.execute(
        select(DraftRevision.agency_id, DraftRevision.section, DraftRevision.by).where(
            DraftRevision.cause == "handed"
        )
    ).all()
    by = here.users["officer_beta"]
    assert {tuple(row) for row in handed} == {
        (here.agencies["alpha"], "budget", by),
        (here.agencies["beta"], "budget", by),
    }


def test_a_participant_that_leaves_takes_its_money_along_and_brings_it_back(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    assert amounts(proposal_id) == {"alpha": 100_000_100, "beta": 250_050}
    answer(here, proposal_id, joins=False, reason="ผู้บริหารไม่เห็นชอบ")
    assert amounts(proposal_id) == {"alpha": 100_000_100, "beta": 0}
    assert db.session.get_one(Proposal, proposal_id).total == 100_000_100
    assert facts_of(proposal_id).total_of("beta") == 0
    invite(here, proposal_id)
    answer(here, proposal_id)
    assert amounts(proposal_id) == {"alpha": 100_000_100, "beta": 250_050}


def test_the_lead_no_longer_writes_lines_of_a_participant_that_joined(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id, fill=False)
    for row, error in ((PART_ROW, Refused), (budget_row(), None)):
        value, version = {"rows": [row]}, read_draft(db.session(), proposal_id).section_versions["budget"]
        if error is None:
            with open_work(here.actor("officer"), NOW) as work:
                save_section(work, proposal_id, "budget", value, version)
        else:
            with pytest.raises(error), open_work(here.actor("officer"), NOW) as work:
                save_section(work, proposal_id, "budget", value, version)


def test_two_officers_joining_at_once_hand_the_lines_over_once(backend: Backend) -> None:
    with backend.app.app_context():
        here = gather(backend.world)
        proposal_id = begin(here, joint(budget={"rows": [budget_row(), PART_ROW]}))
        invite(here, proposal_id)
        db.session.remove()

    def joining() -> None:
        answer(here, proposal_id)

    assert race(backend.app, joining, joining) == [None, None]
    with backend.app.app_context():
        assert part_of(proposal_id).part["budget"]["rows"] == [PART_ROW]
        assert amounts(proposal_id)["beta"] == 250_050
        db.session.remove()


def test_joining_while_the_lead_saves_loses_and_doubles_nothing(backend: Backend) -> None:
    """The lead adds a line of its own in the same instant; whoever comes first, every line is there once."""
    with backend.app.app_context():
        here = gather(backend.world)
        proposal_id = begin(here, joint(budget={"rows": [budget_row(), PART_ROW]}))
        invite(here, proposal_id)
        db.session.remove()
    added = budget_row(item="รายการที่เพิ่ม")

    def joining() -> None:
        answer(here, proposal_id)

    def saving() -> object:
        value = {"rows": [budget_row(), PART_ROW, added]}
        with open_work(here.actor("officer"), NOW) as work:
            return save_section(work, proposal_id, "budget", value, 2)

    joined, saved = race(backend.app, joining, saving)
    assert joined is None
    assert not isinstance(saved, Exception), saved
    with backend.app.app_context():
        items = sorted(line.item for line in facts_of(proposal_id).lines)
        assert items == sorted([budget_row()["item"], PART_ROW["item"], added["item"]])
        db.session.remove()


# --- filling in a part

MAY_WRITE: dict[str, type[DomainError] | None] = {
    "officer_beta": None,
    "officer": NotFound,  # what a participant says, the lead does not write
    "officer_gamma": NotFound,
    **OUTSIDERS,
}


@pytest.mark.parametrize("section", ["links", "indicators", "budget"])
@pytest.mark.parametrize("person", MAY_WRITE)
def test_who_may_write_a_part(here: World, person: str, section: str) -> None:
    proposal_id, error = begin(here), MAY_WRITE[person]
    join(here, proposal_id, fill=False)
    if error is None:
        assert write_part(here, proposal_id, section, [], by=person) == 1
        return
    with pytest.raises(error):
        write_part(here, proposal_id, section, [], by=person)


@pytest.mark.parametrize("state", ["invited", "declined", "taken out"])
def test_only_who_takes_part_writes_confirms_and_answers(here: World, state: str) -> None:
    proposal_id = begin(here)
    join(here, proposal_id) if state == "taken out" else invite(here, proposal_id)
    if state == "declined":
        answer(here, proposal_id, joins=False, reason="เหตุผล")
    if state == "taken out":
        rename(here, proposal_id, [])
        with pytest.raises(NotFound):
            answer(here, proposal_id, joins=False, reason="เหตุผล")
    with pytest.raises(NotFound):
        write_part(here, proposal_id, "budget", [PART_ROW | {"item": "รายการใหม่"}])
    with pytest.raises(NotFound):
        confirm(here, proposal_id)


def test_a_participant_taken_out_and_named_again_finds_its_part_as_it_was(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    rename(here, proposal_id, [])
    assert facts_of(proposal_id).total == 100_000_100
    with pytest.raises(NotFound):
        get_draft(db.session(), here.actor("officer_beta"), proposal_id)
    rename(here, proposal_id, ["beta"])
    assert facts_of(proposal_id).total_of("beta") == 250_050
    write_part(here, proposal_id, "budget", [])


def test_participants_read_the_whole_draft_and_write_nothing_of_the_lead(here: World) -> None:
    proposal_id = begin(here, joint("beta", "gamma"))
    join(here, proposal_id)
    for person in ("officer_beta", "certifier_beta", "officer_gamma"):
        assert get_draft(db.session(), here.actor(person), proposal_id).joined.keys() == {"beta"}
    with pytest.raises(NotFound), open_work(here.actor("officer_beta"), NOW) as work:
        save_section(work, proposal_id, "rationale", complete_draft()["rationale"], 2)


# --- confirming


@pytest.mark.parametrize("person", MAY_WRITE)
def test_who_may_confirm_a_part(here: World, person: str) -> None:
    proposal_id, error = begin(here), MAY_WRITE[person]
    join(here, proposal_id)
    if error is not None:
        with pytest.raises(error):
            confirm(here, proposal_id, by=person)
        assert not part_of(proposal_id).is_confirmed
        return
    confirm(here, proposal_id, by=person)
    part = part_of(proposal_id)
    assert (part.is_confirmed, part.confirmed_sha256, part.confirmed_at) == (True, part.sha256, NOW)
    assert len(told("part_confirmed")) == 1


INCOMPLETE: dict[str, tuple[str, list[dict[str, str]], list[str]]] = {
    "a line without a unit": ("budget", [PART_ROW, PART_ROW | {"unit": ""}], ["budget-2-unit"]),
    "quarters that do not sum": ("budget", [PART_ROW | {"q1": "1.00"}], ["budget-1-q1"]),
    "an indicator without a target": (
        "indicators",
        [{"name": "ก", "unit": "ชุด", "baseline": "", "target": ""}],
        ["indicators-1-target"],
    ),
    "a link without a channel": ("links", [LINK | {"channel": ""}], ["links-1-channel"]),
}


@pytest.mark.parametrize(("section", "rows", "places"), INCOMPLETE.values(), ids=INCOMPLETE.keys())
def test_what_is_missing_in_a_part_is_told_at_its_own_places(
    here: World, section: str, rows: list[dict[str, str]], places: list[str]
) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    write_part(here, proposal_id, section, rows)
    with pytest.raises(Refused) as refusal:
        confirm(here, proposal_id)
    assert [p.place for p in refusal.value.problems] == places
    assert {p.section for p in refusal.value.problems} == {section}


@pytest.mark.parametrize("named", [("beta", "gamma"), ("gamma", "beta")])
def test_each_participant_hears_of_its_own_faults_in_whatever_order_they_are_named(
    here: World, named: tuple[str, ...]
) -> None:
    proposal_id = begin(here, joint(*named))
    for agency in ("beta", "gamma"):
        join(here, proposal_id, agency)
    write_part(here, proposal_id, "budget", [PART_ROW | {"agency": "gamma", "unit": ""}], agency="gamma")
    confirm(here, proposal_id, "beta")
    with pytest.raises(Refused) as refusal:
        confirm(here, proposal_id, "gamma")
    assert [p.place for p in refusal.value.problems] == ["budget-1-unit"]


def test_what_the_lead_lacks_does_not_hold_a_part_up(here: World) -> None:
    proposal_id = begin(here, joint(rationale={"outputs": ""}))
    join(here, proposal_id)
    confirm(here, proposal_id)
    assert part_of(proposal_id).is_confirmed


def test_a_participant_without_money_may_confirm_an_empty_part(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id, fill=False)
    confirm(here, proposal_id)
    assert part_of(proposal_id).is_confirmed


@pytest.mark.parametrize("section", ["links", "indicators", "budget"])
def test_any_later_change_of_the_part_undoes_the_confirmation(here: World, section: str) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    confirm(here, proposal_id)
    before = part_of(proposal_id).part[section]["rows"]
    write_part(here, proposal_id, section, [])
    assert not part_of(proposal_id).is_confirmed
    write_part(here, proposal_id, section, before)
    assert part_of(proposal_id).is_confirmed  # the very same text was confirmed


def test_nobody_confirms_what_a_colleague_changed_after_the_page_was_opened(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    shown = part_of(proposal_id).sha256
    write_part(here, proposal_id, "budget", [])
    with pytest.raises(Stale):
        confirm(here, proposal_id, seen=shown)
    assert not part_of(proposal_id).is_confirmed
    confirm(here, proposal_id, seen=part_of(proposal_id).sha256)


def test_what_is_missing_in_a_part_is_told_by_its_own_numbers(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    write_part(here, proposal_id, "budget", [PART_ROW, PART_ROW | {"unit": ""}])
    with pytest.raises(Refused) as refusal:
        confirm(here, proposal_id)
    assert [p.text.en for p in refusal.value.problems] == ["Line 2: enter the unit"]


def test_confirming_twice_is_told_once(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    for _ in range(2):
        confirm(here, proposal_id)
    assert len(told("part_confirmed")) == 1
    assert told("signature_wanted") == []  # this call asks for none


def test_confirming_while_a_colleague_saves_confirms_one_text_whole(backend: Backend) -> None:
    """Whoever comes first: either the confirmation is of the old text and left behind, or it is of the new one."""
    with backend.app.app_context():
        here = gather(backend.world)
        proposal_id = begin(here)
        join(here, proposal_id)
        old = part_of(proposal_id).sha256
        db.session.remove()

    def saving() -> int:
        return write_part(here, proposal_id, "budget", [PART_ROW | {"item": "รายการที่แก้"}], version=2)

    results = race(backend.app, lambda: confirm(here, proposal_id), saving)
    assert results == [None, 3]
    with backend.app.app_context():
        part = part_of(proposal_id)
        assert part.confirmed_sha256 in (old, part.sha256)
        assert part.is_confirmed == (part.confirmed_sha256 == part.sha256)
        db.session.remove()
