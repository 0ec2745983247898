"""Drafts: numbered without gaps or twins, saved section by section, seen and written by the right agencies only."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.calls.models import Call
from app.calls.queries import get_call
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.files import FileStore
from app.kernel.money import LARGEST_SATANG
from app.kernel.work import open_work
from app.proposals.actions import (
    attach_file,
    create_proposal,
    remove_attachment,
    save_section,
    store_file,
    submit_proposal,
)
from app.proposals.drafts import empty_draft
from app.proposals.models import Attachment, Proposal, ProposalAgency
from app.proposals.queries import get_draft, get_receipt, list_attachments, list_own
from tests.conftest import Backend
from tests.instruments import race
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, write_draft

OPENS = datetime.fromisoformat("2025-11-16T17:00:00+00:00")
CLOSES = datetime.fromisoformat("2025-11-26T17:00:00+00:00")
INSTANT = timedelta(milliseconds=1)
UNKNOWN = 999_999
PDF = b"%PDF-1.7 attachment"
MEGABYTE = 1024 * 1024


def create(world: World, by: str = "officer", agency: str = "alpha", at: datetime = NOW) -> Proposal:
    with open_work(world.actor(by), at) as work:
        return create_proposal(work, FISCAL_YEAR, world.agencies[agency])


def save(world: World, proposal_id: int, section: str, value: dict, version: int, by: str = "officer") -> int:
    with open_work(world.actor(by), NOW) as work:
        return save_section(work, proposal_id, section, value, version).version


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


# --- numbers and the window


def test_numbers_run_on_within_the_call(app: Flask, world: World) -> None:
    assert [create(world).number for _ in range(3)] == ["2570-0001", "2570-0002", "2570-0003"]


def test_creating_at_once_gives_each_its_own_number(backend: Backend) -> None:
    def several() -> list[str]:
        return [create(backend.world).number for _ in range(3)]

    numbers = [n for batch in race(backend.app, several, several, several) for n in batch]
    assert sorted(numbers) == [f"2570-{n:04d}" for n in range(1, 10)]


WINDOW = [
    (OPENS - INSTANT, False),
    (OPENS, True),
    (OPENS + INSTANT, True),
    (CLOSES - INSTANT, True),
    (CLOSES, False),
    (CLOSES + INSTANT, False),
]


@pytest.mark.parametrize(("at", "open_"), WINDOW, ids=lambda v: str(v))
def test_drafts_begin_only_while_the_window_is_open(
    app: Flask, world: World, at: datetime, open_: bool
) -> None:
    if open_:
        assert create(world, at=at).state == "draft"
        return
    with pytest.raises(Refused):
        create(world, at=at)
    assert db.session.scalars(select(Proposal)).all() == []


def test_a_draft_can_be_saved_after_the_window(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    with open_work(world.actor("officer"), CLOSES + INSTANT) as work:
        assert save_section(work, proposal_id, "rationale", complete_draft()["rationale"], 2).version == 2


# --- who may do what: (person, what is tried) -> what happens

MAY_CREATE: list[tuple[str, str, type[DomainError] | None]] = [
    ("officer", "alpha", None),
    ("officer", "beta", NotFound),
    ("officer_beta", "beta", None),
    ("certifier", "alpha", Forbidden),
    ("secretariat", "dga", Forbidden),
    ("committee", "alpha", Forbidden),
    ("admin", "alpha", Forbidden),
    ("reviewer_bb", "bb", Forbidden),
    ("reviewer_alpha", "alpha", None),  # an officer of alpha besides
]


@pytest.mark.parametrize(("person", "agency", "error"), MAY_CREATE)
def test_who_may_begin_a_draft(
    app: Flask, world: World, person: str, agency: str, error: type[DomainError] | None
) -> None:
    if error is None:
        assert create(world, person, agency).lead_agency_id == world.agencies[agency]
    else:
        with pytest.raises(error):
            create(world, person, agency)


TRIED: dict[str, Callable[[World, str, int, FileStore], object]] = {
    "read": lambda w, by, pid, store: get_draft(db.session(), w.actor(by), pid),
    "save": lambda w, by, pid, store: save(w, pid, "rationale", complete_draft()["rationale"], 2, by),
    "attach": lambda w, by, pid, store: _attach(w, store, pid, by=by),
    "remove": lambda w, by, pid, store: _remove(w, pid, UNKNOWN, by),
    "file": lambda w, by, pid, store: _file(w, pid, by),
    "receipt": lambda w, by, pid, store: get_receipt(db.session(), w.actor(by), pid),
}

# the proposal is alpha's with beta taking part; None: it is done (or, for "remove" and "receipt", there is
# nothing to remove or show, which also answers NotFound)
REACH: dict[str, dict[str, type[DomainError] | None]] = {
    "officer": {"read": None, "save": None, "attach": None, "file": None},
    "officer_beta": {
        "read": None,
        "save": NotFound,
        "attach": NotFound,
        "remove": NotFound,
        "file": NotFound,
        "receipt": NotFound,
    },
    "officer_gamma": dict.fromkeys(TRIED, NotFound),
    "certifier": {
        "read": None,
        "save": Forbidden,
        "attach": Forbidden,
        "remove": Forbidden,
        "file": None,
        "receipt": NotFound,
    },
    "secretariat": {"read": Forbidden, "save": Forbidden, "file": Forbidden, "receipt": NotFound},
    "committee": {"read": Forbidden, "save": Forbidden, "file": Forbidden, "receipt": Forbidden},
    "reviewer_bb": {"read": Forbidden, "save": Forbidden, "file": Forbidden, "receipt": Forbidden},
    "admin": {"read": Forbidden, "save": Forbidden, "file": Forbidden, "receipt": Forbidden},
}


def test_who_may_do_what_with_a_draft(app: Flask, world: World, store: FileStore) -> None:
    from app.identity.actions import add_demo_person
    from app.identity.facts import SYSTEM, Membership, Role
    from app.kernel.text import Text
    from tests.world import PASSWORD

    with open_work(SYSTEM, NOW) as work:
        membership = Membership(Role.OFFICER, world.agencies["gamma"])
        world_users = dict(world.users)
        world_users["officer_gamma"] = add_demo_person(
            work, "gamma@test.example", Text("แกมมา", "Gamma"), PASSWORD, [membership]
        )
    here = World(world.agencies, world_users, world.call_id)
    for person, outcomes in REACH.items():
        for tried, error in outcomes.items():
            proposal_id = write_draft(here, complete_draft(names={"participants": ["beta"]}))
            if error is None:
                TRIED[tried](here, person, proposal_id, store)
            else:
                with pytest.raises(error):
                    TRIED[tried](here, person, proposal_id, store)
            with pytest.raises((NotFound, Forbidden)):
                TRIED[tried](here, person, UNKNOWN, store)


def test_foreign_and_unknown_proposals_look_the_same(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    answers = []
    for target in (proposal_id, UNKNOWN):
        with pytest.raises(NotFound) as answer:
            save(world, target, "rationale", {}, 1, by="officer_beta")
        answers.append((type(answer.value), answer.value.text))
    assert answers[0] == answers[1]


def test_an_agency_that_leaves_no_longer_sees_the_draft(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, complete_draft(names={"participants": ["beta"]}))
    beta = world.actor("officer_beta")
    assert [row.id for row in list_own(db.session(), beta).rows] == [proposal_id]
    save(world, proposal_id, "names", complete_draft()["names"], 2)
    assert list_own(db.session(), beta).count == 0
    with pytest.raises(NotFound):
        get_draft(db.session(), beta, proposal_id)


# --- sections


def test_a_section_comes_back_as_saved_and_counts_its_saves(app: Flask, world: World) -> None:
    proposal_id = create(world).id
    value = complete_draft()["names"]
    assert save(world, proposal_id, "names", value, 1) == 2
    view = get_draft(db.session(), world.actor("officer"), proposal_id)
    assert view.draft == {**empty_draft(), "names": value}
    assert view.section_versions["names"] == 2
    assert view.section_versions["plan"] == 1
    assert (view.title.th, view.title.en) == (value["title_th"], value["title_en"])


def test_saving_over_somebody_elses_save_is_stale_and_changes_nothing(app: Flask, world: World) -> None:
    proposal_id = create(world).id
    first, second = ({"rationale": word, "objectives": "", "outputs": ""} for word in ("หนึ่ง", "สอง"))
    save(world, proposal_id, "rationale", first, 1)
    with pytest.raises(Stale):
        save(world, proposal_id, "rationale", second, 1)
    view = get_draft(db.session(), world.actor("officer"), proposal_id)
    assert view.draft["rationale"] == first
    assert save(world, proposal_id, "rationale", second, 2) == 3


def test_saving_the_same_again_changes_nothing_whatever_the_version(app: Flask, world: World) -> None:
    proposal_id = create(world).id
    value = complete_draft()["names"]
    assert [save(world, proposal_id, "names", value, version) for version in (1, 1, 2)] == [2, 2, 2]


def test_different_sections_do_not_get_in_each_others_way(backend: Backend) -> None:
    with backend.app.app_context():
        proposal_id = create(backend.world).id
        db.session.remove()
    draft = complete_draft()
    sections = ("names", "plan", "rationale")

    def saving(section: str) -> Callable[[], int]:
        return lambda: save(backend.world, proposal_id, section, draft[section], 1)

    assert race(backend.app, *map(saving, sections)) == [2, 2, 2]
    with backend.app.app_context():
        kept = get_draft(db.session(), backend.world.actor("officer"), proposal_id).draft
        assert {section: kept[section] for section in sections} == {s: draft[s] for s in sections}
        db.session.remove()


def test_two_people_saving_one_section_at_once_one_hears_it_is_stale(backend: Backend) -> None:
    with backend.app.app_context():
        proposal_id = create(backend.world).id
        db.session.remove()

    def saving(word: str) -> Callable[[], int]:
        value = {"rationale": word, "objectives": "", "outputs": ""}
        return lambda: save(backend.world, proposal_id, "rationale", value, 1)

    results = race(backend.app, saving("หนึ่ง"), saving("สอง"))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "int"]


@pytest.mark.parametrize("section", ["attachments", "nonsense", ""])
def test_there_are_no_other_sections(app: Flask, world: World, section: str) -> None:
    proposal_id = create(world).id
    with pytest.raises(NotFound):
        save(world, proposal_id, section, {}, 1)


def test_lists_show_what_the_draft_says(app: Flask, world: World) -> None:
    rows = [budget_row(), budget_row(agency="beta", quantity="1", unit_price="2.50", q1="2.50", q2="")]
    draft = complete_draft(names={"participants": ["beta"]}, budget={"rows": rows})
    proposal_id = write_draft(world, draft)
    row = db.session.get_one(Proposal, proposal_id)
    assert (row.total, row.stage, row.guideline) == (100_000_350, "upstream", "1.1")
    assert "test data linkage" in row.search_key
    shares = db.session.execute(
        select(ProposalAgency.agency_id, ProposalAgency.is_lead, ProposalAgency.amount).where(
            ProposalAgency.proposal_id == proposal_id
        )
    )
    assert set(map(tuple, shares)) == {
        (world.agencies["alpha"], True, 100_000_100),
        (world.agencies["beta"], False, 250),
    }


def test_a_draft_may_ask_for_more_than_there_is_until_it_is_filed(app: Flask, world: World) -> None:
    """Whatever was typed is kept; the figure in lists stops at the largest amount there is."""
    row = budget_row(quantity="999999999999", unit_price="1000000000000.00")
    proposal_id = write_draft(world, complete_draft(budget={"rows": [row] * 3}))
    assert db.session.get_one(Proposal, proposal_id).total == LARGEST_SATANG
    with pytest.raises(Refused):
        _file(world, proposal_id)


def test_naming_an_agency_twice_or_the_lead_again_harms_nothing(app: Flask, world: World) -> None:
    names = complete_draft()["names"] | {"participants": ["beta", "alpha", "beta", "unknown"]}
    proposal_id = write_draft(world, complete_draft(names=names))
    view = get_draft(db.session(), world.actor("officer"), proposal_id)
    assert view.draft["names"] == names
    assert list_own(db.session(), world.actor("officer_beta")).count == 1


@pytest.mark.parametrize("section", ["names", "budget"])
def test_a_filed_proposal_cannot_be_changed(app: Flask, world: World, section: str) -> None:
    proposal_id = file_proposal(world)
    before = db.session.get_one(Proposal, proposal_id).facts_sha256
    with pytest.raises(Refused):
        save(world, proposal_id, section, empty_draft()[section], 2)
    assert db.session.get_one(Proposal, proposal_id).facts_sha256 == before


# --- attachments


def _attach(
    world: World, store: FileStore, proposal_id: int, data: bytes = PDF, kind: str = "", by: str = "officer"
) -> Attachment:
    kind = kind or get_call(db.session(), FISCAL_YEAR).plan.attachment_kinds[0].code
    with open_work(world.actor(by), NOW) as work:
        return attach_file(work, proposal_id, kind, store_file(store, "แผน.pdf", "application/pdf", data))


def _remove(world: World, proposal_id: int, attachment_id: int, by: str = "officer") -> None:
    with open_work(world.actor(by), NOW) as work:
        remove_attachment(work, proposal_id, attachment_id)


def _file(world: World, proposal_id: int, by: str = "officer") -> object:
    with open_work(world.actor(by), NOW) as work:
        return submit_proposal(work, proposal_id, f"key-{proposal_id}")


def limit(**limits: int) -> None:
    call = db.session.scalars(select(Call)).one()
    call.limits = json.dumps({**json.loads(call.limits), **limits})
    db.session.commit()


def test_a_file_is_kept_by_its_hash_and_removal_keeps_the_record(
    app: Flask, world: World, store: FileStore
) -> None:
    proposal_id = create(world).id
    attachment = _attach(world, store, proposal_id)
    assert store.get(attachment.sha256) == PDF
    assert [a.id for a in list_attachments(db.session(), proposal_id)] == [attachment.id]
    _remove(world, proposal_id, attachment.id)
    assert list_attachments(db.session(), proposal_id) == []
    assert db.session.get_one(Attachment, attachment.id).removed_at == NOW
    assert store.get(attachment.sha256) == PDF
    with pytest.raises(NotFound):
        _remove(world, proposal_id, attachment.id)


def test_another_proposals_file_cannot_be_removed(app: Flask, world: World, store: FileStore) -> None:
    mine, other = create(world).id, create(world).id
    attachment = _attach(world, store, other)
    with pytest.raises(NotFound):
        _remove(world, mine, attachment.id)


MOST, MOST_MEGABYTES = 2, 1
BAD_FILES = {
    "empty": ({"data": b""}, ["attachments-file"]),
    "one byte over the limit": ({"data": b"x" * (MOST_MEGABYTES * MEGABYTE + 1)}, ["attachments-file"]),
    "unknown kind": ({"kind": "selfie"}, ["attachments-kind"]),
    "both": ({"kind": "selfie", "data": b""}, ["attachments-kind", "attachments-file"]),
}


@pytest.mark.parametrize(("file", "places"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_files_that_cannot_be_attached(
    app: Flask, world: World, store: FileStore, file: dict, places: list[str]
) -> None:
    limit(attachments=MOST, attachment_megabytes=MOST_MEGABYTES)
    proposal_id = create(world).id
    with pytest.raises(Refused) as refusal:
        _attach(world, store, proposal_id, **file)
    assert [p.place for p in refusal.value.problems] == places
    assert list_attachments(db.session(), proposal_id) == []


def test_as_many_and_as_large_as_the_call_allows(app: Flask, world: World, store: FileStore) -> None:
    limit(attachments=MOST, attachment_megabytes=MOST_MEGABYTES)
    proposal_id = create(world).id
    largest = [bytes([n]) * (MOST_MEGABYTES * MEGABYTE) for n in range(MOST)]
    kept = [_attach(world, store, proposal_id, data) for data in largest]
    with pytest.raises(Refused):
        _attach(world, store, proposal_id)
    _remove(world, proposal_id, kept[0].id)
    _attach(world, store, proposal_id)


def test_files_of_a_filed_proposal_stay_as_they_are(app: Flask, world: World, store: FileStore) -> None:
    proposal_id = write_draft(world, complete_draft())
    attachment = _attach(world, store, proposal_id)
    _file(world, proposal_id)
    with pytest.raises(Refused):
        _attach(world, store, proposal_id)
    with pytest.raises(Refused):
        _remove(world, proposal_id, attachment.id)
