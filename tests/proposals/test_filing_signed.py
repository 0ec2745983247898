"""Filing where signatures are asked for, taking back and filing again: who, in which state, and what stays on record."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.proposals.actions import (
    answer_link,
    invite_participants,
    save_section,
    sign_proposal,
    submit_proposal,
    withdraw_proposal,
)
from app.proposals.freezing import claims_sha256
from app.proposals.models import Proposal, ProposalMove, Submission
from app.proposals.queries import get_receipt, list_filing_signatures, read_draft
from app.screening.actions import screen_proposal
from tests.conftest import Backend
from tests.instruments import race
from tests.proposals.consortium import (
    PART_ROW,
    answer,
    ask,
    begin,
    certify,
    confirm,
    facts_of,
    gather,
    invite,
    join,
    latest_of,
    part_of,
    requests_of,
    return_for_revision,
    sign,
    sign_for_part,
    told,
    write_part,
)
from tests.world import NOW, World, complete_draft, write_draft

CLOSES = datetime.fromisoformat("2025-11-27T00:00:00+07:00")
LATER, LATEST = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
INSTANT = timedelta(milliseconds=1)
OUTSIDERS: dict[str, type[DomainError]] = {
    "secretariat": Forbidden,
    "committee": Forbidden,
    "reviewer_bb": Forbidden,
    "admin": Forbidden,
}


@pytest.fixture
def here(app: Flask, world: World) -> World:
    certify()
    return gather(world)


def file_it(
    world: World, proposal_id: int, key: str = "key", *, by: str = "officer", at: datetime = NOW
) -> Submission:
    with open_work(world.actor(by), at) as work:
        submission = submit_proposal(work, proposal_id, key)
        if work.session.get_one(Proposal, proposal_id).state == "submitted":
            screen_proposal(work, proposal_id)
        return submission


def sign_and_file(world: World, proposal_id: int, sha256: str, key: str = "key") -> str:
    """What the certifier's last button does, in one transaction."""
    with open_work(world.actor("certifier"), NOW) as work:
        sign_proposal(work, proposal_id, sha256)
        receipt = submit_proposal(work, proposal_id, key).receipt_number
        screen_proposal(work, proposal_id)
    return receipt


def take_back(
    world: World, proposal_id: int, reason: str = "", *, by: str = "officer", at: datetime = NOW
) -> None:
    with open_work(world.actor(by), at) as work:
        withdraw_proposal(work, proposal_id, reason)


def rewrite(world: World, proposal_id: int, outputs: str, at: datetime = LATER) -> None:
    version = read_draft(db.session(), proposal_id).section_versions["rationale"]
    value = complete_draft()["rationale"] | {"outputs": outputs}
    with open_work(world.actor("officer"), at) as work:
        save_section(work, proposal_id, "rationale", value, version)


def state_of(proposal_id: int) -> str:
    return db.session.scalars(select(Proposal.state).where(Proposal.id == proposal_id)).one()


def sign_everywhere(world: World) -> int:
    """A proposal of two agencies in which everybody has signed."""
    proposal_id = begin(world)
    join(world, proposal_id)
    confirm(world, proposal_id)
    sign_for_part(world, proposal_id)
    sign(world, proposal_id)
    return proposal_id


def signed(backend: Backend, here: World) -> int:
    """The same, for a test that begins with it."""
    return backend.begin_with(f"{__name__}.signed", lambda: sign_everywhere(here))


# --- what a filing needs

# how far everybody has come -> the places of what still lacks
LACKING: dict[str, list[str]] = {
    "nobody invited": ["partners-beta", "sign-lead"],
    "invited": ["partners-beta", "sign-lead"],
    "declined": ["partners-beta", "sign-lead"],
    "joined": ["partners-beta", "sign-lead"],
    "confirmed": ["partners-beta", "sign-lead"],
    "part signed": ["sign-lead"],
    "all signed": [],
    "lead changed after signing": ["sign-lead"],
    "part changed after signing": ["partners-beta", "sign-lead"],
    "part changed and confirmed again": ["partners-beta", "sign-lead"],
    "something missing": ["rationale-outputs", "sign-lead"],
}


def bring(world: World, how_far: str) -> int:
    if how_far in ("all signed", "lead changed after signing") or how_far.startswith("part changed"):
        proposal_id = sign_everywhere(world)
        if how_far.startswith("part"):
            write_part(world, proposal_id, "budget", [PART_ROW | {"item": "รายการใหม่"}])
        if how_far == "part changed and confirmed again":
            confirm(world, proposal_id)
        if how_far.startswith("lead"):
            rewrite(world, proposal_id, "ผลผลิตใหม่")
        return proposal_id
    proposal_id = begin(world)
    if how_far in ("invited", "declined"):
        invite(world, proposal_id)
    elif how_far != "nobody invited":
        join(world, proposal_id)
    if how_far == "declined":
        answer(world, proposal_id, joins=False, reason="เหตุผล")
    if how_far in ("confirmed", "part signed", "something missing"):
        confirm(world, proposal_id)
    if how_far in ("part signed", "something missing"):
        sign_for_part(world, proposal_id)
    if how_far == "something missing":
        rewrite(world, proposal_id, "")
    return proposal_id


@pytest.mark.parametrize("certified", [True, False], ids=["certified", "not certified"])
@pytest.mark.parametrize("how_far", LACKING)
def test_what_a_filing_needs(here: World, how_far: str, certified: bool) -> None:
    certify(certified)
    proposal_id = bring(here, how_far)
    lacking = [p for p in LACKING[how_far] if certified or p == "rationale-outputs"]
    if lacking:
        with pytest.raises(Refused) as refusal:
            file_it(here, proposal_id)
        assert [p.place for p in refusal.value.problems] == lacking
        assert state_of(proposal_id) == "draft"
        return
    assert file_it(here, proposal_id).sequence == 1


MAY_FILE: dict[str, type[DomainError] | None] = {
    "officer": None,
    "certifier": None,
    "reviewer_alpha": None,  # an officer of the lead besides
    "officer_beta": NotFound,
    "certifier_beta": NotFound,
    "officer_gamma": NotFound,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_FILE)
def test_who_may_file_and_who_may_take_back(backend: Backend, here: World, person: str) -> None:
    proposal_id, error = signed(backend, here), MAY_FILE[person]
    if error is None:
        assert file_it(here, proposal_id, by=person).submitted_by == here.users[person]
        take_back(here, proposal_id, by=person)
        assert state_of(proposal_id) == "draft"
        return
    with pytest.raises(error):
        file_it(here, proposal_id, by=person)
    assert state_of(proposal_id) == "draft"
    file_it(here, proposal_id)
    with pytest.raises(error):
        take_back(here, proposal_id, by=person)
    assert state_of(proposal_id) == "passed"


def test_signing_and_filing_are_one_step_or_none(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    confirm(here, proposal_id)
    shown = claims_sha256(facts_of(proposal_id))
    with pytest.raises(Refused):  # the part is not signed
        sign_and_file(here, proposal_id, shown)
    assert (state_of(proposal_id), told("signed")) == ("draft", [])
    sign_for_part(here, proposal_id)
    with pytest.raises(Stale):
        sign_and_file(here, proposal_id, "0" * 64)
    assert state_of(proposal_id) == "draft"
    assert sign_and_file(here, proposal_id, shown) == "R2570-0001-1"
    assert state_of(proposal_id) == "passed"


def test_two_clicks_on_sign_and_file_file_once(backend: Backend) -> None:
    with backend.app.app_context():
        certify()
        here = gather(backend.world)
        proposal_id = write_draft(here, complete_draft())
        shown = claims_sha256(facts_of(proposal_id))
        db.session.remove()
    results = race(backend.app, *[lambda: sign_and_file(here, proposal_id, shown)] * 3)
    assert results.count("R2570-0001-1") == 1
    assert all(r == "R2570-0001-1" or isinstance(r, Refused) for r in results)
    with backend.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Submission)) == 1
        db.session.remove()


def test_filing_while_somebody_saves_files_what_was_signed_or_nothing(backend: Backend) -> None:
    with backend.app.app_context():
        certify()
        here = gather(backend.world)
        cases = []
        for _ in range(4):
            proposal_id = write_draft(here, complete_draft())
            sign(here, proposal_id)
            cases.append((proposal_id, claims_sha256(facts_of(proposal_id))))
        db.session.remove()
    for proposal_id, shown in cases:
        filed, saved = race(
            backend.app,
            lambda proposal_id=proposal_id: file_it(here, proposal_id).sequence,
            lambda proposal_id=proposal_id: rewrite(here, proposal_id, "ผลผลิตใหม่", NOW),
        )
        with backend.app.app_context():
            if filed == 1:
                assert isinstance(saved, Refused)
                receipt = get_receipt(db.session(), here.actor("officer"), proposal_id)
                assert [s.sha256 for s in list_filing_signatures(db.session(), receipt)] == [shown]
            else:
                assert isinstance(filed, Refused)
                assert saved is None
                assert state_of(proposal_id) == "draft"
            db.session.remove()


# --- taking back, and filing again


def test_each_filing_is_a_new_version_and_the_last_one_counts(backend: Backend, here: World) -> None:
    proposal_id = signed(backend, here)
    first = file_it(here, proposal_id, "one")
    take_back(here, proposal_id, "แก้ไขผลผลิต", at=LATER)
    rewrite(here, proposal_id, "ผลผลิตที่แก้ไข")
    with pytest.raises(Refused):  # another text needs another signature
        file_it(here, proposal_id, "two", at=LATER)
    sign(here, proposal_id)
    second = file_it(here, proposal_id, "two", at=LATEST)
    assert (first.sequence, second.sequence) == (1, 2)
    assert (first.receipt_number, second.receipt_number) == ("R2570-0001-1", "R2570-0001-2")
    assert "ผลผลิตที่แก้ไข" not in first.content
    assert "ผลผลิตที่แก้ไข" in second.content
    officer, session = here.actor("officer"), db.session()
    latest, earlier = (get_receipt(session, officer, proposal_id, n) for n in (None, 1))
    assert (latest.sequence, latest.is_latest, latest.sha256) == (2, True, second.sha256)
    assert (earlier.sequence, earlier.is_latest, earlier.sha256, earlier.submitted_at) == (
        1,
        False,
        first.sha256,
        NOW,
    )
    with pytest.raises(NotFound):
        get_receipt(session, officer, proposal_id, 3)
    moves = db.session.scalars(
        select(ProposalMove.move).where(ProposalMove.proposal_id == proposal_id).order_by(ProposalMove.id)
    ).all()
    assert moves == ["submit", "pass", "withdraw", "submit", "pass"]
    assert len(told("filed")) == 2
    assert told("withdrawn") == [{"event": "withdrawn", "proposal": proposal_id}]


def test_taken_back_and_filed_unchanged_needs_no_new_signature(backend: Backend, here: World) -> None:
    proposal_id = signed(backend, here)
    first = file_it(here, proposal_id, "one")
    take_back(here, proposal_id)
    second = file_it(here, proposal_id, "two", at=LATER)
    assert (second.sequence, second.sha256) == (2, first.sha256)


def test_a_form_kept_from_before_does_not_file_again(backend: Backend, here: World) -> None:
    """A browser that sends the old form once more gets the old receipt, and the draft stays a draft."""
    proposal_id = signed(backend, here)
    first = file_it(here, proposal_id, "one")
    take_back(here, proposal_id)
    assert file_it(here, proposal_id, "one", at=LATER).id == first.id
    assert state_of(proposal_id) == "draft"
    receipt = get_receipt(db.session(), here.actor("officer"), proposal_id)
    assert receipt.is_withdrawn


def test_what_was_taken_back_is_there_for_its_own_agencies_only(backend: Backend, here: World) -> None:
    proposal_id = signed(backend, here)
    file_it(here, proposal_id)
    take_back(here, proposal_id)
    for person in ("officer", "certifier", "officer_beta"):
        assert get_receipt(db.session(), here.actor(person), proposal_id).is_withdrawn
    for sequence in (None, 1):
        with pytest.raises(NotFound):
            get_receipt(db.session(), here.actor("secretariat"), proposal_id, sequence)


WINDOW = [(CLOSES - INSTANT, True), (CLOSES, False), (CLOSES + INSTANT, False)]


@pytest.mark.parametrize(("at", "allowed"), WINDOW, ids=lambda v: str(v))
def test_taking_back_ends_with_the_window(backend: Backend, here: World, at: datetime, allowed: bool) -> None:
    proposal_id = signed(backend, here)
    file_it(here, proposal_id)
    if allowed:
        take_back(here, proposal_id, at=at)
        return
    with pytest.raises(Refused):
        take_back(here, proposal_id, at=at)
    assert state_of(proposal_id) == "passed"


# state -> whether it can be taken back
STATES = {
    "draft": False,
    "submitted": True,
    "passed": True,
    "questioned": True,
    "failed": True,
    "returned": False,
    "approved": False,
    "conditional": False,
    "deferred": False,
    "rejected": False,
    "recorded": False,
}


@pytest.mark.parametrize("state", STATES)
def test_in_which_states_it_can_be_taken_back(backend: Backend, here: World, state: str) -> None:
    proposal_id = signed(backend, here)
    file_it(here, proposal_id)
    db.session.get_one(Proposal, proposal_id).state = state
    db.session.commit()
    if STATES[state]:
        take_back(here, proposal_id)
        assert state_of(proposal_id) == "draft"
        return
    with pytest.raises(Refused):
        take_back(here, proposal_id)
    assert state_of(proposal_id) == state


def test_a_reason_is_kept_and_has_its_limit(backend: Backend, here: World) -> None:
    proposal_id = signed(backend, here)
    file_it(here, proposal_id)
    with pytest.raises(Refused) as refusal:
        take_back(here, proposal_id, "ก" * 2001)
    assert [p.place for p in refusal.value.problems] == ["withdraw-reason"]
    take_back(here, proposal_id, "ก" * 2000)
    reason = db.session.scalars(select(ProposalMove.reason).where(ProposalMove.move == "withdraw")).one()
    assert reason == "ก" * 2000


def test_two_people_taking_it_back_at_once_take_it_back_once(backend: Backend) -> None:
    with backend.app.app_context():
        here = gather(backend.world)
        proposal_id = write_draft(here, complete_draft())
        file_it(here, proposal_id)
        db.session.remove()
    results = race(
        backend.app,
        lambda: take_back(here, proposal_id),
        lambda: take_back(here, proposal_id, by="certifier"),
    )
    assert sorted(type(r).__name__ for r in results) == ["NoneType", "Refused"]


def test_after_taking_back_the_parts_are_written_again(backend: Backend, here: World) -> None:
    proposal_id = signed(backend, here)
    file_it(here, proposal_id)
    with pytest.raises(Refused):
        write_part(here, proposal_id, "budget", [], version=2)
    take_back(here, proposal_id)
    write_part(here, proposal_id, "budget", [])
    with open_work(here.actor("officer"), NOW) as work:
        assert invite_participants(work, proposal_id, ["beta"]) == 0


# --- the signatures a filing carries


def carried(world: World, proposal_id: int, sequence: int | None = None) -> list[tuple[str, str, str]]:
    """(agency, scope, hash) of the signatures of a filing."""
    receipt = get_receipt(db.session(), world.actor("officer"), proposal_id, sequence)
    return [(s.agency.en, s.scope, s.sha256) for s in list_filing_signatures(db.session(), receipt)]


def test_a_filing_carries_the_signatures_of_its_text_and_no_others(backend: Backend, here: World) -> None:
    proposal_id = signed(backend, here)
    part, whole = part_of(proposal_id).sha256, claims_sha256(facts_of(proposal_id))
    first = [("Department Beta", "part", part), ("Department Alpha", "filing", whole)]
    file_it(here, proposal_id, "one")
    assert carried(here, proposal_id) == first
    take_back(here, proposal_id, at=LATER)
    with open_work(here.actor("officer_beta"), LATER) as work:
        row = PART_ROW | {"item": "รายการที่แก้"}
        save_section(work, proposal_id, "budget", {"rows": [row]}, 2, agency_id=here.agencies["beta"])
    confirm(here, proposal_id)
    sign_for_part(here, proposal_id)
    sign(here, proposal_id)
    second = [
        ("Department Beta", "part", part_of(proposal_id).sha256),
        ("Department Alpha", "filing", claims_sha256(facts_of(proposal_id))),
    ]
    file_it(here, proposal_id, "two", at=LATEST)
    assert carried(here, proposal_id, 1) == first
    assert carried(here, proposal_id) == carried(here, proposal_id, 2) == second
    assert first != second


def test_signatures_are_not_asked_for_and_carried_all_the_same(here: World) -> None:
    certify(False)
    proposal_id = write_draft(here, complete_draft())
    file_it(here, proposal_id, "one")
    assert carried(here, proposal_id) == []
    take_back(here, proposal_id)
    sign(here, proposal_id)
    file_it(here, proposal_id, "two", at=LATER)
    assert len(carried(here, proposal_id, 2)) == 1


def test_the_receipts_hash_is_the_signed_one_while_no_partner_has_answered(
    backend: Backend, here: World
) -> None:
    proposal_id = signed(backend, here)
    sha256 = claims_sha256(facts_of(proposal_id))
    assert file_it(here, proposal_id, "one").sha256 == sha256
    take_back(here, proposal_id)
    ask(here, proposal_id)
    request = requests_of(proposal_id)[0]
    with open_work(here.actor("officer_gamma"), NOW) as work:
        answer_link(work, request.id, confirms=True, own_money=True)
    second = file_it(here, proposal_id, "two", at=LATER)
    assert second.sha256 != sha256  # the answer is frozen with it
    assert carried(here, proposal_id, 2)[-1][2] == sha256  # and undoes nobody's signature
    assert latest_of(proposal_id).id == second.id


# --- filing again after a return


def test_a_returned_filing_needs_new_signatures_for_what_changed_only(backend: Backend, here: World) -> None:
    proposal_id = signed(backend, here)
    file_it(here, proposal_id, "one")
    return_for_revision(here, proposal_id, "rationale", due_at=NOW + timedelta(days=2))
    rewrite(here, proposal_id, "ผลผลิตที่แก้ไข")
    with pytest.raises(Refused) as refusal:
        file_it(here, proposal_id, "two", at=LATER)
    assert [p.place for p in refusal.value.problems] == ["sign-lead"]
    sign(here, proposal_id)
    assert file_it(here, proposal_id, "two", at=LATER).sequence == 2
    assert len(told("refiled")) == 1
