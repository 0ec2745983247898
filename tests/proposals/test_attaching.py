"""Files of a draft as rows: the same bytes once, one exchanged for another, and what remains for the record."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.files import FileStore
from app.kernel.work import open_work
from app.proposals.actions import (
    StoredFile,
    attach_file,
    remove_attachment,
    replace_attachment,
    store_file,
    submit_proposal,
)
from app.proposals.models import Attachment, Proposal
from app.proposals.queries import list_attachments
from tests.world import NOW, World, complete_draft, write_draft

LATER = NOW.replace(hour=5)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


@pytest.fixture
def proposal_id(app: Flask, world: World) -> int:
    return write_draft(world, complete_draft())


def stored(store: FileStore, data: bytes = b"%PDF-1", name: str = "แผน.pdf") -> StoredFile:
    return store_file(store, name, "application/pdf", data)


def attach(
    world: World, proposal_id: int, file: StoredFile, kind: str = "tor", by: str = "officer"
) -> Attachment:
    with open_work(world.actor(by), NOW) as work:
        return attach_file(work, proposal_id, kind, file)


def replace(world: World, proposal_id: int, old: int, file: StoredFile, by: str = "officer") -> Attachment:
    with open_work(world.actor(by), LATER) as work:
        return replace_attachment(work, proposal_id, old, file)


def words(refusal: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(p.text.en for p in refusal.value.problems)


def test_the_same_bytes_twice_are_told_by_their_first_name(
    world: World, store: FileStore, proposal_id: int
) -> None:
    first = attach(world, proposal_id, stored(store, name="ก.pdf"))
    with pytest.raises(Refused) as refusal:
        attach(world, proposal_id, stored(store, name="ข.pdf"))
    assert "“ก.pdf”" in words(refusal)
    assert attach(world, proposal_id, stored(store), kind="quotation").kind == "quotation"
    with open_work(world.actor("officer"), NOW) as work:
        remove_attachment(work, proposal_id, first.id)
    assert attach(world, proposal_id, stored(store, name="ข.pdf")).name == "ข.pdf"


def test_exchanged_files_keep_their_kind_and_the_old_one_stays_for_the_record(
    world: World, store: FileStore, proposal_id: int
) -> None:
    old = attach(world, proposal_id, stored(store, b"old"), kind="quotation").id
    new = replace(world, proposal_id, old, stored(store, b"new", "ใหม่.pdf"))
    assert (new.kind, new.name, new.uploaded_at) == ("quotation", "ใหม่.pdf", LATER)
    row = db.session.get_one(Attachment, old)
    assert row.removed_at == LATER
    assert store.get(row.sha256) == b"old"
    assert [a.id for a in list_attachments(db.session(), proposal_id)] == [new.id]
    assert db.session.get_one(Proposal, proposal_id).updated_at == LATER
    with pytest.raises(NotFound):
        replace(world, proposal_id, old, stored(store, b"newer"))


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "empty"), (b"x" * (10 * 1024 * 1024 + 1), "larger than 10"), (b"%PDF-1", "exactly")],
)
def test_a_refused_exchange_changes_nothing(
    world: World, store: FileStore, proposal_id: int, data: bytes, said: str
) -> None:
    old = attach(world, proposal_id, stored(store)).id
    with pytest.raises(Refused) as refusal:
        replace(world, proposal_id, old, stored(store, data))
    assert said in words(refusal)
    assert [a.id for a in list_attachments(db.session(), proposal_id)] == [old]


@pytest.mark.parametrize(("by", "error"), [("officer_beta", NotFound), ("certifier", Forbidden)])
def test_only_officers_of_the_lead_write_files(
    world: World, store: FileStore, proposal_id: int, by: str, error: type[Exception]
) -> None:
    """Beta is a partner in the draft and still does not write its files."""
    old = attach(world, proposal_id, stored(store)).id
    for deed in (
        lambda: attach(world, proposal_id, stored(store, b"2"), by=by),
        lambda: replace(world, proposal_id, old, stored(store, b"2"), by=by),
    ):
        with pytest.raises(error):
            deed()
    assert len(list_attachments(db.session(), proposal_id)) == 1


def test_nothing_is_exchanged_once_filed(world: World, store: FileStore, proposal_id: int) -> None:
    old = attach(world, proposal_id, stored(store)).id
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "k")
    with pytest.raises(Refused):
        replace(world, proposal_id, old, stored(store, b"2"))
