"""Documents are loaded and frozen, calls opened, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.calls.actions import load_document, open_call
from app.calls.facts import DocumentKind
from app.calls.models import Call, CallDocument
from app.calls.queries import find_call, get_call, list_calls
from app.cli.call_files import DATA, load_documents, open_call_file, read_toml
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.work import open_work
from tests.world import NOW, World


def test_open_call_file_twice_changes_nothing(app: Flask) -> None:
    for _ in range(2):
        with open_work(SYSTEM, NOW) as work:
            open_call_file(work, 2567)
    assert [c.fiscal_year for c in list_calls(db.session())] == [2570, 2567]
    assert (
        db.session.scalar(select(func.count()).select_from(CallDocument)) == 7
    )  # six files, and the test's own rulebook


def test_open_call_file_of_a_year_without_file_opens_nothing(app: Flask) -> None:
    with open_work(SYSTEM, NOW) as work:
        open_call_file(work, 2599)
    assert find_call(db.session(), 2599) is None
    with pytest.raises(NotFound):
        get_call(db.session(), 2599)


def test_frozen_document_refuses_another_content(app: Flask) -> None:
    changed = read_toml(DATA / "rubric-2567.toml")
    changed["comment_length"] = 5
    with pytest.raises(Refused) as refused, open_work(SYSTEM, NOW) as work:
        load_document(work, DocumentKind.RUBRIC, changed)
    assert [p.place for p in refused.value.problems] == ["version"]
    changed["version"] = 2
    with open_work(SYSTEM, NOW) as work:
        assert load_document(work, DocumentKind.RUBRIC, changed).frozen_at is None


def test_unused_document_may_still_change(app: Flask) -> None:
    with open_work(SYSTEM, NOW) as work:
        before = {d.code: d.sha256 for d in load_documents(work)}["dgi-plan-2565"]
    changed = read_toml(DATA / "plan-2565.toml")
    changed["title"]["en"] = "Another title of this project"
    with open_work(SYSTEM, NOW) as work:
        assert load_document(work, DocumentKind.PLAN, changed).sha256 != before


def test_call_on_documents_not_loaded_is_refused(app: Flask) -> None:
    document = read_toml(DATA / "call-2567.toml")
    document["plan"]["version"] = 9
    document["rulebook"]["code"] = "no-rules"
    with pytest.raises(Refused) as refused, open_work(SYSTEM, NOW) as work:
        open_call(work, document)
    assert {p.place for p in refused.value.problems} == {"plan", "rulebook"}
    assert db.session.scalar(select(func.count()).select_from(Call)) == 1


def test_a_call_keeps_its_grace_its_signatures_and_its_cycles(app: Flask) -> None:
    document = read_toml(DATA / "call-2567.toml") | {"grace_minutes": 15, "certified": True}
    document["limits"] = {"revision_cycles": 0}
    with open_work(SYSTEM, NOW) as work:
        load_documents(work)
        open_call(work, document)
    call = get_call(db.session(), 2567)
    assert (call.grace_minutes, call.is_certified, call.limits.revision_cycles) == (15, True, 0)
    usual = get_call(db.session(), 2570)
    assert (usual.grace_minutes, usual.is_certified, usual.limits.revision_cycles) == (0, False, 2)


@pytest.mark.parametrize("name", ["officer", "reviewer_bb", "committee", "admin"])
def test_only_the_secretariat_opens_calls(app: Flask, world: World, name: str) -> None:
    with pytest.raises(Forbidden), open_work(world.actor(name), NOW) as work:
        open_call(work, read_toml(DATA / "call-2567.toml"))
