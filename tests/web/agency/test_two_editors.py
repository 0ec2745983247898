"""Two editors interleaved at random through the pages: nothing saved is overwritten by somebody who never saw it."""

from __future__ import annotations

import pytest

from app.cli.bench.editors import interleave
from tests.conftest import Backend, sign_in
from tests.world import World, budget_row, complete_draft, write_draft


@pytest.mark.both_databases
def test_two_editors_never_overwrite_each_other_silently(backend: Backend) -> None:
    backend.app.config["WTF_CSRF_ENABLED"] = False
    clients = [backend.app.test_client() for _ in range(2)]
    for client in clients:
        sign_in(client, World.email("officer"))

    def new_draft() -> int:
        rows = [budget_row(item=f"รายการ {n}") for n in (1, 2, 3)]
        with backend.app.app_context():
            return write_draft(backend.world, complete_draft(budget={"rows": rows}))

    tally = interleave(backend.app, clients, new_draft, 30)
    assert tally.failures == []
    assert tally.overwritten == []
    assert tally.merges
    assert tally.conflicts
    assert tally.lost_answers
