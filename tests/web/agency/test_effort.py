"""Pages ask the database at most twelve times, lists of drafts with what each lacks fourteen, however many rows they
show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.kernel.db import db
from tests.conftest import sign_in
from tests.web.agency.conftest import SeparateClient
from tests.world import World, budget_row, complete_draft, file_proposal, write_draft

MOST, MOST_OF_LISTS = 12, 14


@pytest.fixture
def asked(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def effort(client: FlaskClient, asked: list[str], path: str) -> int:
    asked.clear()
    assert client.get(path).status_code == 200, path
    return len(asked)


def test_queries_do_not_grow_with_rows(
    app: Flask, client: SeparateClient, world: World, asked: list[str]
) -> None:
    few = write_draft(world, complete_draft())
    many = write_draft(world, complete_draft(budget={"rows": [budget_row() for _ in range(60)]}))
    filed = file_proposal(world)
    sign_in(client, World.email("officer"))
    for page in ("", "/names", "/plan", "/integration", "/rationale", "/indicators", "/budget", "/attachments",
                 "/check", "/read", "/submit"):  # fmt: skip
        first, second = (effort(client, asked, f"/agency/proposals/{n}{page}") for n in (few, many))
        assert first == second <= MOST, page
    for page in ("", "/receipt"):
        assert effort(client, asked, f"/agency/proposals/{filed}{page}") <= MOST
    lists = ("/agency/", "/agency/proposals")
    before = [effort(client, asked, path) for path in lists]
    for _ in range(25):
        write_draft(world, complete_draft())
    assert [effort(client, asked, path) for path in lists] == before
    assert max(before) <= MOST_OF_LISTS
