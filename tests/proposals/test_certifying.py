"""Signing: one exact text, by the right certifier, in the right state; and what a certifier has read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.kernel.audit import AuditEntry
from app.kernel.canonical import sha256_text
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.proposals.actions import (
    StoredFile,
    ask_signature,
    attach_file,
    note_look,
    remove_attachment,
    save_section,
    submit_proposal,
)
from app.proposals.freezing import claims_sha256
from app.proposals.models import Certification, LastLook
from app.proposals.queries import (
    find_look,
    find_signature,
    list_attached,
    list_partner_standings,
    list_signatures,
    mark_of_draft,
    read_draft,
)
from app.proposals.signoff import Standing
from tests.conftest import Backend
from tests.instruments import race
from tests.proposals.consortium import (
    PART_ROW,
    answer,
    begin,
    certify,
    confirm,
    facts_of,
    gather,
    invite,
    join,
    joint,
    part_of,
    return_for_revision,
    sign,
    sign_for_part,
    told,
    write_part,
)
from tests.world import NOW, World, complete_draft, write_draft

OUTSIDERS: dict[str, type[DomainError]] = {
    "secretariat": Forbidden,
    "committee": Forbidden,
    "reviewer_bb": Forbidden,
    "admin": Forbidden,
}
OTHER = "0" * 64


@pytest.fixture
def here(app: Flask, world: World) -> World:
    certify()
    return gather(world)


def confirmed(world: World, proposal_id: int = 0) -> int:
    """A proposal whose participant has filled in and confirmed its part."""
    proposal_id = proposal_id or begin(world)
    join(world, proposal_id)
    confirm(world, proposal_id)
    return proposal_id


def signed_part(world: World) -> int:
    proposal_id = confirmed(world)
    sign_for_part(world, proposal_id)
    return proposal_id


def rewrite(world: World, proposal_id: int, outputs: str = "ผลผลิตใหม่", version: int | None = None) -> None:
    """The lead's officer changes the text."""
    if version is None:
        version = read_draft(db.session(), proposal_id).section_versions["rationale"]
    value = complete_draft()["rationale"] | {"outputs": outputs}
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "rationale", value, version)


def standings(proposal_id: int) -> dict[str, Standing]:
    session = db.session()
    view = read_draft(session, proposal_id)
    return {s.agency.code: s.standing for s in list_partner_standings(session, view, facts_of(proposal_id))}


def is_signed(world: World, proposal_id: int) -> bool:
    sha256 = claims_sha256(facts_of(proposal_id))
    return find_signature(db.session(), proposal_id, world.agencies["alpha"], "filing", sha256)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def mark(proposal_id: int) -> str:
    return mark_of_draft(read_draft(db.session(), proposal_id), list_attached(db.session(), proposal_id))


def look(
    world: World, proposal_id: int, by: str = "certifier", seen: str | None = None, at: datetime = NOW
) -> None:
    """Say that the proposal was read as it stands, or as a page showed it."""
    if seen is None:
        seen = mark(proposal_id)
    with open_work(world.actor(by), at) as work:
        note_look(work, proposal_id, seen)


# --- the lead's certifier

MAY_SIGN: dict[str, type[DomainError] | None] = {
    "certifier": None,
    "officer": Forbidden,
    "officer_beta": Forbidden,
    "certifier_beta": NotFound,  # of a participant: not the whole
    "certifier_gamma": NotFound,
    "reviewer_alpha": Forbidden,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_SIGN)
def test_who_may_sign_the_whole(here: World, person: str) -> None:
    proposal_id, error = signed_part(here), MAY_SIGN[person]
    if error is not None:
        with pytest.raises(error):
            sign(here, proposal_id, by=person)
        assert not is_signed(here, proposal_id)
        return
    sign(here, proposal_id, by=person)
    assert is_signed(here, proposal_id)
    signature = list_signatures(db.session(), proposal_id)[-1]
    assert (signature.scope, signature.sha256, signature.at, signature.by.en) == (
        "filing",
        claims_sha256(facts_of(proposal_id)),
        NOW,
        "Person certifier",
    )
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_filing")).one()
    assert entry.after_sha256 == signature.sha256


# how far the participant has come -> what still stands in the way of the lead's signature
WAITING: dict[str, tuple[Standing, list[str]]] = {
    "not invited": (Standing.NOT_INVITED, ["partners-beta"]),
    "invited": (Standing.INVITED, ["partners-beta"]),
    "declined": (Standing.DECLINED, ["partners-beta"]),
    "filling in": (Standing.FILLING, ["partners-beta"]),
    "confirmed": (Standing.CONFIRMED, ["partners-beta"]),
    "changed after signing": (Standing.FILLING, ["partners-beta"]),
    "signed": (Standing.SIGNED, []),
}


def bring(world: World, how_far: str) -> int:
    """A proposal whose participant has come this far."""
    proposal_id = begin(world)
    if how_far in ("invited", "declined"):
        invite(world, proposal_id)
    elif how_far != "not invited":
        join(world, proposal_id)
    if how_far == "declined":
        answer(world, proposal_id, joins=False, reason="เหตุผล")
    if how_far in ("confirmed", "changed after signing", "signed"):
        confirm(world, proposal_id)
    if how_far in ("changed after signing", "signed"):
        sign_for_part(world, proposal_id)
    if how_far == "changed after signing":
        write_part(world, proposal_id, "budget", [])
    return proposal_id


@pytest.mark.parametrize("certified", [True, False], ids=["certified", "not certified"])
@pytest.mark.parametrize("how_far", WAITING)
def test_the_whole_is_signed_after_its_parts(here: World, how_far: str, certified: bool) -> None:
    certify(certified)
    proposal_id = bring(here, how_far)
    standing, places = WAITING[how_far]
    assert standings(proposal_id) == {"beta": standing}
    if places and certified:
        with pytest.raises(Refused) as refusal:
            sign(here, proposal_id)
        assert [p.place for p in refusal.value.problems] == places
    else:
        sign(here, proposal_id)  # where nobody asks for signatures, the parts hold nothing up


def test_an_incomplete_proposal_is_not_signed(here: World) -> None:
    proposal_id = write_draft(here, complete_draft(rationale={"outputs": ""}))
    with pytest.raises(Refused) as refusal:
        sign(here, proposal_id)
    assert [p.place for p in refusal.value.problems] == ["rationale-outputs"]


def test_a_signature_is_for_what_the_page_showed(here: World) -> None:
    proposal_id = write_draft(here, complete_draft())
    shown = claims_sha256(facts_of(proposal_id))
    rewrite(here, proposal_id)
    for sha256 in (shown, OTHER, ""):
        with pytest.raises(Stale):
            sign(here, proposal_id, sha256)
    assert count(Certification) == 0


def test_a_change_leaves_the_signature_behind_and_changing_back_finds_it(here: World) -> None:
    proposal_id = write_draft(here, complete_draft())
    sign(here, proposal_id)
    rewrite(here, proposal_id)
    assert not is_signed(here, proposal_id)
    sign(here, proposal_id)
    rewrite(here, proposal_id, complete_draft()["rationale"]["outputs"])
    assert is_signed(here, proposal_id)
    assert len(list_signatures(db.session(), proposal_id)) == 2


def test_signing_twice_is_one_signature_told_once(here: World) -> None:
    proposal_id = write_draft(here, complete_draft())
    for _ in range(2):
        sign(here, proposal_id)
    assert count(Certification) == 1
    assert told("signed") == [
        {"event": "signed", "proposal": proposal_id, "agency": here.agencies["alpha"], "scope": "filing"}
    ]


def test_a_change_of_a_part_leaves_the_leads_signature_behind_too(here: World) -> None:
    proposal_id = signed_part(here)
    sign(here, proposal_id)
    write_part(here, proposal_id, "budget", [PART_ROW | {"item": "รายการใหม่"}])
    assert not is_signed(here, proposal_id)
    assert standings(proposal_id) == {"beta": Standing.FILLING}


def test_after_the_filing_nothing_is_signed(here: World) -> None:
    proposal_id = signed_part(here)
    sign(here, proposal_id)
    part = part_of(proposal_id).sha256
    with open_work(here.actor("certifier"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
    with pytest.raises(Refused):
        sign(here, proposal_id)
    with pytest.raises(Refused):
        sign_for_part(here, proposal_id, sha256=part)


def test_a_returned_proposal_is_signed_again(here: World) -> None:
    proposal_id = signed_part(here)
    sign(here, proposal_id)
    with open_work(here.actor("certifier"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
    return_for_revision(here, proposal_id, "rationale", due_at=NOW + timedelta(days=2))
    assert is_signed(here, proposal_id)  # nothing has changed yet
    rewrite(here, proposal_id)
    assert not is_signed(here, proposal_id)
    assert standings(proposal_id) == {"beta": Standing.SIGNED}  # its part is as it was
    sign(here, proposal_id)


def test_signing_while_somebody_saves_signs_one_text_whole(backend: Backend) -> None:
    """Whoever comes first: the old text is signed and left behind, or the certifier hears that it has changed."""
    with backend.app.app_context():
        certify()
        here = gather(backend.world)
        cases = []
        for _ in range(4):
            proposal_id = write_draft(here, complete_draft())
            cases.append((proposal_id, claims_sha256(facts_of(proposal_id))))
        db.session.remove()
    for proposal_id, shown in cases:
        signed, saved = race(
            backend.app,
            lambda proposal_id=proposal_id, shown=shown: sign(here, proposal_id, shown),
            lambda proposal_id=proposal_id: rewrite(here, proposal_id, version=2),
        )
        assert saved is None, saved
        with backend.app.app_context():
            hashes = [s.sha256 for s in list_signatures(db.session(), proposal_id)]
            assert hashes == ([] if isinstance(signed, Stale) else [shown])
            assert not is_signed(here, proposal_id)
            db.session.remove()


def test_two_certifiers_signing_at_once_leave_one_signature(backend: Backend) -> None:
    with backend.app.app_context():
        certify()
        here = gather(backend.world)
        proposal_id = write_draft(here, complete_draft())
        shown = claims_sha256(facts_of(proposal_id))
        db.session.remove()
    assert race(backend.app, *[lambda: sign(here, proposal_id, shown)] * 3) == [None] * 3
    with backend.app.app_context():
        assert count(Certification) == 1
        assert count(LastLook) == 1
        db.session.remove()


# --- a participant's certifier

MAY_SIGN_PART: dict[str, type[DomainError] | None] = {
    "certifier_beta": None,
    "certifier": NotFound,  # the lead's
    "certifier_gamma": NotFound,
    "officer": Forbidden,
    "officer_beta": Forbidden,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_SIGN_PART)
def test_who_may_sign_a_part(here: World, person: str) -> None:
    proposal_id, error = confirmed(here), MAY_SIGN_PART[person]
    if error is not None:
        with pytest.raises(error):
            sign_for_part(here, proposal_id, by=person)
        assert standings(proposal_id) == {"beta": Standing.CONFIRMED}
        return
    sign_for_part(here, proposal_id, by=person)
    assert standings(proposal_id) == {"beta": Standing.SIGNED}


@pytest.mark.parametrize("how_far", ["filling in", "changed after signing"])
def test_a_part_is_signed_once_its_officer_has_confirmed_it(here: World, how_far: str) -> None:
    proposal_id = bring(here, how_far)
    before = count(Certification)
    with pytest.raises(Refused):
        sign_for_part(here, proposal_id)
    assert count(Certification) == before


@pytest.mark.parametrize("how_far", ["invited", "declined"])
def test_who_takes_no_part_signs_none(here: World, how_far: str) -> None:
    proposal_id = bring(here, how_far)
    with pytest.raises(NotFound):
        sign_for_part(here, proposal_id)


def test_a_participant_taken_out_signs_nothing(here: World) -> None:
    proposal_id = confirmed(here)
    sha256 = part_of(proposal_id).sha256
    names = joint()["names"] | {"participants": []}
    version = read_draft(db.session(), proposal_id).section_versions["names"]
    with open_work(here.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "names", names, version)
    with pytest.raises(NotFound):
        sign_for_part(here, proposal_id, sha256=sha256)


def test_a_part_is_signed_as_the_page_showed_it(here: World) -> None:
    proposal_id = confirmed(here)
    shown = part_of(proposal_id).sha256
    write_part(here, proposal_id, "budget", [])
    confirm(here, proposal_id)
    with pytest.raises(Stale):
        sign_for_part(here, proposal_id, sha256=shown)
    assert standings(proposal_id) == {"beta": Standing.CONFIRMED}


def test_the_signature_of_a_part_outlives_changes_of_the_lead(here: World) -> None:
    proposal_id = signed_part(here)
    rewrite(here, proposal_id)
    assert standings(proposal_id) == {"beta": Standing.SIGNED}


def test_a_part_signed_in_one_proposal_is_not_signed_in_another(here: World) -> None:
    first, second = signed_part(here), confirmed(here)
    assert part_of(first).sha256 == part_of(second).sha256
    assert standings(second) == {"beta": Standing.CONFIRMED}


def test_confirming_asks_the_certifier_for_a_signature(here: World) -> None:
    proposal_id = confirmed(here)
    assert told("signature_wanted") == [
        {
            "event": "signature_wanted",
            "proposal": proposal_id,
            "agency": here.agencies["beta"],
            "scope": "part",
        }
    ]


# --- asking for the signature

MAY_ASK: dict[str, type[DomainError] | None] = {
    "officer": None,
    "certifier": Forbidden,
    "officer_beta": NotFound,
    "officer_gamma": NotFound,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_ASK)
def test_who_may_ask_for_the_signature(here: World, person: str) -> None:
    proposal_id, error = write_draft(here, complete_draft()), MAY_ASK[person]
    if error is not None:
        with pytest.raises(error), open_work(here.actor(person), NOW) as work:
            ask_signature(work, proposal_id)
        return
    with open_work(here.actor(person), NOW) as work:
        ask_signature(work, proposal_id)
    assert [(p["agency"], p["scope"]) for p in told("signature_wanted")] == [
        (here.agencies["alpha"], "filing")
    ]


@pytest.mark.parametrize("how_far", WAITING)
def test_a_certifier_is_not_called_before_there_is_something_to_sign(here: World, how_far: str) -> None:
    proposal_id, places = bring(here, how_far), WAITING[how_far][1]
    before = len(told("signature_wanted"))
    if places:
        with pytest.raises(Refused) as refusal, open_work(here.actor("officer"), NOW) as work:
            ask_signature(work, proposal_id)
        assert [p.place for p in refusal.value.problems] == places
    else:
        with open_work(here.actor("officer"), NOW) as work:
            ask_signature(work, proposal_id)
    assert len(told("signature_wanted")) == before + (not places)


def test_what_is_signed_already_is_not_asked_for(here: World) -> None:
    proposal_id = write_draft(here, complete_draft())
    sign(here, proposal_id)
    with open_work(here.actor("officer"), NOW) as work:
        ask_signature(work, proposal_id)
    assert told("signature_wanted") == []


# --- what was read


def test_a_look_is_remembered_as_it_was(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    session, certifier = db.session(), here.actor("certifier")
    before = read_draft(session, proposal_id)
    assert find_look(session, certifier, before) is None
    look(here, proposal_id)
    rewrite(here, proposal_id)
    write_part(here, proposal_id, "budget", [])
    now = read_draft(session, proposal_id)
    seen = find_look(session, certifier, now)
    assert seen is not None
    assert (seen.at, seen.draft, dict(seen.parts)) == (NOW, before.draft, {"beta": before.parts[0].part})
    assert now.draft != before.draft


def test_a_participant_that_joined_since_had_nothing_then(here: World) -> None:
    proposal_id = begin(here)
    look(here, proposal_id)
    join(here, proposal_id)
    seen = find_look(db.session(), here.actor("certifier"), read_draft(db.session(), proposal_id))
    assert seen is not None
    assert seen.parts["beta"]["budget"] == {"rows": []}


def test_nobody_has_read_what_came_after_the_page_was_opened(here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    shown = mark(proposal_id)
    write_part(here, proposal_id, "budget", [])
    with pytest.raises(Stale):
        look(here, proposal_id, seen=shown)
    assert count(LastLook) == 0


MAY_LOOK: dict[str, type[DomainError] | None] = {
    "certifier": None,
    "officer": None,
    "certifier_beta": None,
    "officer_gamma": NotFound,
    **OUTSIDERS,
}


@pytest.mark.parametrize("person", MAY_LOOK)
def test_who_may_say_to_have_read_it(here: World, person: str) -> None:
    proposal_id, error = begin(here), MAY_LOOK[person]
    if error is not None:
        with pytest.raises(error):
            look(here, proposal_id, by=person)
        return
    for _ in range(2):
        look(here, proposal_id, by=person)
    assert count(LastLook) == 1


def test_saying_so_twice_at_once_is_kept_once(backend: Backend) -> None:
    with backend.app.app_context():
        here = gather(backend.world)
        proposal_id = begin(here)
        seen = mark(proposal_id)
        db.session.remove()
    assert race(backend.app, *[lambda: look(here, proposal_id, seen=seen)] * 4) == [None] * 4
    with backend.app.app_context():
        assert count(LastLook) == 1
        db.session.remove()


def attach(world: World, proposal_id: int, name: str, at: datetime) -> int:
    file = StoredFile(f"{name}.pdf", "application/pdf", 10, sha256_text(name))
    with open_work(world.actor("officer"), at) as work:
        return attach_file(work, proposal_id, "other", file).id


def files_read(world: World, proposal_id: int) -> list[str]:
    seen = find_look(db.session(), world.actor("certifier"), read_draft(db.session(), proposal_id))
    assert seen is not None
    return [file.name for file in seen.files]


def test_files_count_among_what_was_read(here: World) -> None:
    """A file attached or taken off since is a change as much as a word is."""
    proposal_id = write_draft(here, complete_draft())
    attach(here, proposal_id, "one", NOW)
    gone = attach(here, proposal_id, "two", NOW)
    before = mark(proposal_id)
    look(here, proposal_id)
    later = NOW + timedelta(hours=1)
    with open_work(here.actor("officer"), later) as work:
        remove_attachment(work, proposal_id, gone)
    attach(here, proposal_id, "three", later)
    with pytest.raises(Stale):
        look(here, proposal_id, seen=before)
    assert files_read(here, proposal_id) == ["one.pdf", "two.pdf"]
    look(here, proposal_id, at=later)
    assert files_read(here, proposal_id) == ["one.pdf", "three.pdf"]


def test_a_signer_has_read_what_is_signed(here: World) -> None:
    proposal_id = write_draft(here, complete_draft())
    sign(here, proposal_id)
    view = read_draft(db.session(), proposal_id)
    seen = find_look(db.session(), here.actor("certifier"), view)
    assert seen is not None
    assert seen.draft == view.draft
