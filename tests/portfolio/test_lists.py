"""The ranked list as read from the database: what is on it, who may see it, and how many queries it takes."""

from __future__ import annotations

import pytest
from flask import Flask

from app.calls.queries import get_call
from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.kernel.work import open_work
from app.portfolio.facts import Line, Standing
from app.portfolio.queries import find_line, ranked_list
from app.reviews.actions import submit_review
from app.reviews.facts import Score
from tests.conftest import Backend
from tests.instruments import counted_queries
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, give, write_draft

MILLION = 100_000_000  # satang
CEILING = 10 * MILLION


def asking(baht: int) -> dict:
    row = budget_row(quantity="1", unit_price=f"{baht}.00", q1=f"{baht}.00", q2="")
    return complete_draft(budget={"rows": [row]})


def score(world: World, proposal_id: int, level: int, reviewer: str = "reviewer_bb") -> None:
    (assignment_id,) = give(world, proposal_id, reviewer)
    call = get_call(db.session(), FISCAL_YEAR)
    scores = {c.code: Score(level, "ความเห็นของผู้พิจารณา" * 2) for c in call.rubric.criteria}
    with open_work(world.actor(reviewer), NOW) as work:
        submit_review(work, assignment_id, scores, 1)


def ranked(world: World, by: str = "committee") -> list[Line]:
    session, actor, call = db.session(), world.actor(by), get_call(db.session(), FISCAL_YEAR)
    lines = ranked_list(session, actor, call)
    for line in lines:
        assert find_line(session, actor, call, line.entry.proposal_id) == line
    return lines


def test_the_list_holds_what_passed_ranked_and_cut_at_the_ceiling(app: Flask, world: World) -> None:
    write_draft(world, complete_draft())
    failing = complete_draft()
    failing["integration"]["links"][0]["partner"] = "alpha"
    file_proposal(world, failing)
    large, middle, small, unscored = (
        file_proposal(world, asking(baht)) for baht in (6_000_000, 5_000_000, 4_000_000, 1_000_000)
    )
    for proposal_id, level in ((large, 4), (middle, 3), (small, 1)):
        score(world, proposal_id, level)
    lines = ranked(world)
    assert [(x.entry.proposal_id, x.rank, x.mean, x.standing, x.left) for x in lines] == [
        (large, 1, 10_000, Standing.IN, CEILING - 6 * MILLION),
        (middle, 2, 7_500, Standing.OUT, 4 * MILLION),
        (small, 3, 2_500, Standing.IN, 0),
        (unscored, None, None, Standing.UNSCORED, 0),
    ]
    assert lines[1].short == MILLION


def test_the_list_follows_every_change_at_once(app: Flask, world: World) -> None:
    """Whatever is remembered between requests, the list is never older than the last commit."""
    first, second = (file_proposal(world, asking(1_000_000)) for _ in range(2))
    score(world, first, 1)
    assert [x.entry.proposal_id for x in ranked(world) if x.rank] == [first]
    score(world, second, 3)
    assert [x.entry.proposal_id for x in ranked(world) if x.rank] == [second, first]
    score(world, first, 4, "reviewer_dga")
    assert [(x.entry.proposal_id, x.mean) for x in ranked(world) if x.rank] == [
        (second, 7_500),
        (first, 6_250),
    ]
    third = file_proposal(world, asking(1_000_000))
    assert [x.entry.proposal_id for x in ranked(world)] == [second, first, third]


@pytest.mark.parametrize("person", ["officer", "certifier", "reviewer_bb", "admin"])
def test_the_list_is_the_committees_and_the_secretariats(app: Flask, world: World, person: str) -> None:
    file_proposal(world)
    for allowed in ("committee", "secretariat"):
        assert len(ranked(world, allowed)) == 1
    with pytest.raises(Forbidden):
        ranked(world, person)
    with pytest.raises(Forbidden):
        find_line(db.session(), world.actor(person), get_call(db.session(), FISCAL_YEAR), 1)


FEW, MANY = 3, 30


def test_queries_do_not_grow_with_rows(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        committee, call = world.actor("committee"), get_call(db.session(), FISCAL_YEAR)

        def measure() -> tuple[int, int]:
            with counted_queries() as queries:
                lines = ranked_list(db.session(), committee, call)
            return len(queries), len(lines)

        for n in range(MANY):
            score(world, file_proposal(world), 3)
            if n + 1 == FEW:
                few = measure()
        many = measure()
        assert (few[1], many[1]) == (FEW, MANY)
        assert few[0] == many[0] <= 4
        db.session.remove()
