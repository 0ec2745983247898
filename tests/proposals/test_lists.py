"""Lists of proposals: who sees what, finding, paging, and as many queries for thirty as for three."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.proposals.queries import (
    FilingFilter,
    count_by_state,
    find_receipt_by_number,
    list_filings,
    list_own,
    list_submitted_lines,
)
from tests.conftest import Backend
from tests.instruments import counted_queries
from tests.world import World, budget_row, complete_draft, file_proposal, write_draft

FEW, MANY = 3, 30


def titled(title: str) -> dict[str, Any]:
    return complete_draft(names={"title_th": title, "title_en": "Name"})


def found(world: World, **wanted: str) -> list[str]:
    rows = list_filings(db.session(), world.actor("secretariat"), world.call_id, FilingFilter(**wanted))
    return [row.number for row in rows]


def test_an_agency_sees_what_it_leads_and_takes_part_in(app: Flask, world: World) -> None:
    leads = write_draft(world, complete_draft(names={"participants": ["beta"]}))
    alone = write_draft(world, complete_draft())
    partner = file_proposal(
        world,
        complete_draft(
            names={"participants": ["alpha"]},
            budget={"rows": [budget_row(agency="beta")]},
        ),
        by="officer_beta",
        agency="beta",
    )
    rows = list_own(db.session(), world.actor("officer")).rows
    assert {(r.id, r.is_lead) for r in rows} == {(leads, True), (alone, True), (partner, False)}
    rows = list_own(db.session(), world.actor("officer_beta")).rows
    assert {(r.id, r.is_lead) for r in rows} == {(leads, False), (partner, True)}
    for person in ("secretariat", "committee", "admin", "reviewer_bb"):
        assert list_own(db.session(), world.actor(person)).rows == ()


@pytest.mark.parametrize("person", ["officer", "certifier", "reviewer_bb", "admin"])
def test_filings_are_listed_for_those_who_may_see_all(app: Flask, world: World, person: str) -> None:
    file_proposal(world)
    with pytest.raises(NotFound):
        list_filings(db.session(), world.actor(person), world.call_id)


def test_drafts_are_never_among_filings(app: Flask, world: World) -> None:
    write_draft(world, complete_draft())
    file_proposal(world)
    assert found(world) == ["2570-0002"]
    assert count_by_state(db.session(), world.call_id) == {"draft": 1, "passed": 1}


def test_filters(app: Flask, world: World) -> None:
    file_proposal(world, titled("ระบบน้ำประปา"))
    file_proposal(world, titled("คลังความรู้ 100% ปี ๒๕๗๐"))
    of_beta = titled("มาตรฐานกลาง")
    of_beta["budget"]["rows"] = [budget_row(agency="beta")]
    of_beta["integration"]["links"][0]["partner"] = "gamma"
    file_proposal(world, of_beta, by="officer_beta", agency="beta")
    table: list[tuple[dict[str, str], list[str]]] = [
        ({}, ["2570-0001", "2570-0002", "2570-0003"]),
        ({"text": "น\u0e4d\u0e49าประปา"}, ["2570-0001"]),
        ({"text": "ปี 2570"}, ["2570-0002"]),
        ({"text": "ปี คลัง"}, ["2570-0002"]),
        ({"text": "100%"}, ["2570-0002"]),
        ({"text": "_"}, []),
        ({"text": "%"}, ["2570-0002"]),
        ({"text": "2570-0003"}, ["2570-0003"]),
        ({"text": "เบตา"}, ["2570-0003"]),
        ({"text": "nothing"}, []),
        ({"state": "passed"}, ["2570-0001", "2570-0002", "2570-0003"]),
        ({"state": "failed"}, []),
        ({"stage": "upstream", "guideline": "1.1"}, ["2570-0001", "2570-0002", "2570-0003"]),
        ({"guideline": "2.1"}, []),
        ({"ministry_code": "mof"}, ["2570-0001", "2570-0002", "2570-0003"]),
        ({"ministry_code": "moi"}, []),
    ]
    for wanted, numbers in table:
        assert found(world, **wanted) == numbers, wanted


ODD_SEARCHES = ["ก " * 3_000, "a b " * 1_500, "ก" * 60_000, "'\"\\%_", "\x00", "\ud800", "  "]


@pytest.mark.parametrize("text", ODD_SEARCHES, ids=lambda t: ascii(t)[:16])
def test_whatever_is_searched_for_is_answered(app: Flask, world: World, text: str) -> None:
    file_proposal(world)
    assert found(world, text=text) in ([], ["2570-0001"])


def test_pages_follow_one_another_without_gaps(app: Flask, world: World) -> None:
    for _ in range(5):
        file_proposal(world)
    secretariat, pages, after = world.actor("secretariat"), [], ""
    while rows := list_filings(db.session(), secretariat, world.call_id, after=after, limit=2):
        pages.append([row.number for row in rows])
        after = pages[-1][-1]
    assert pages == [["2570-0001", "2570-0002"], ["2570-0003", "2570-0004"], ["2570-0005"]]


LISTS: dict[str, Callable[[World], object]] = {
    "own": lambda w: list_own(db.session(), w.actor("officer")),
    "filings": lambda w: list_filings(db.session(), w.actor("secretariat"), w.call_id, limit=100),
    "lines": lambda w: list_submitted_lines(db.session(), w.call_id),
    "states": lambda w: count_by_state(db.session(), w.call_id),
    "receipt": lambda w: find_receipt_by_number(db.session(), "R2570-0001-1"),
}
MOST_QUERIES = 4  # of which up to three say who is asking


def test_queries_do_not_grow_with_rows(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():

        def measure() -> dict[str, int]:
            counts = {}
            for name, list_ in LISTS.items():
                db.session.expire_all()
                with counted_queries() as queries:
                    list_(world)
                counts[name] = len(queries)
            return counts

        for _ in range(FEW):
            file_proposal(world)
        few = measure()
        for _ in range(MANY - FEW):
            file_proposal(world)
        assert list_own(db.session(), world.actor("officer")).count == MANY
        assert measure() == few
        assert max(few.values()) <= MOST_QUERIES
        db.session.remove()
