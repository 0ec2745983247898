"""The workbook of a round in the database: its annexes add up, and show no more than the reader may see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.calls.queries import get_call
from app.figures.queries import RankingBook, hold_still, ranking_book
from app.figures.ranking_book import ranking_document
from app.kernel.db import db
from reports import Document
from tests.conftest import Backend
from tests.figures.live_portfolio import Sheets, written
from tests.figures.small_round import REQUESTED, hold_round, read_book
from tests.world import FISCAL_YEAR, World


@pytest.fixture
def world(sqlite_backend: Backend) -> Iterator[World]:
    """What is printed does not hang on the database: one is enough."""
    with sqlite_backend.app.app_context():
        yield sqlite_backend.world
        db.session.remove()


def read_as(world: World, name: str) -> RankingBook:
    session = db.session()
    hold_still(session)
    book = ranking_book(session, world.actor(name), get_call(session, FISCAL_YEAR))
    session.rollback()
    return book


def total(document: Document, table: str, key: str) -> int:
    found = document.table(table)
    return sum(row[found.columns.index(found.column(key))] or 0 for row in found.values())


def test_every_annex_adds_up_to_what_was_asked_for(world: World) -> None:
    hold_round(world)
    document = ranking_document(read_book(), "th")
    names = {table.name for table in document.tables}
    assert names >= {"terms", "walk", "caps", "details", "budget", "quarters", "ledger", "overlaps", "graph"}
    for table, key in (("details", "requested"), ("budget", "amount"), ("quarters", "requested")):
        assert total(document, table, key) == REQUESTED, table
    assert sum(total(document, "details", f"f{n}") for n in range(1, 6)) == REQUESTED
    granted = total(document, "ranked", "in_amount")
    assert granted > 0
    for table, key in (
        ("walk", "granted"),
        ("details", "granted"),
        ("quarters", "within"),
        ("stages", "in_amount"),
    ):
        assert total(document, table, key) == granted, table
    sheets = Sheets(document, written(document))
    assert sheets.line("in_amount").value == pytest.approx(granted / 100)
    assert len(document.table("graph").rows) == len(read_book().annexes.graph.edges)  # type: ignore[union-attr]


def test_overlaps_are_for_those_who_may_see_them(world: World) -> None:
    hold_round(world)
    secretariat, committee = read_as(world, "secretariat"), read_as(world, "committee")
    assert secretariat.annexes.overlaps is not None
    assert committee.annexes.overlaps is None
    document = ranking_document(committee, "en")
    assert "overlaps" not in {table.name for table in document.tables}
    assert "overlaps" not in {column.key for column in document.table("details").columns}
    assert secretariat.sha256 != committee.sha256
