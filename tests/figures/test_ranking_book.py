"""One book: every figure adds up the same from every side, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask

from app.calls.queries import get_call
from app.figures.facts import Basis
from app.figures.queries import ranking_page
from app.kernel.db import db
from app.kernel.errors import Forbidden
from tests.figures.small_round import REQUESTED, SHARED, SMALL, decide, hold_round, read_book
from tests.instruments import counted_queries
from tests.world import FISCAL_YEAR, World


def test_the_page_shows_what_is_taken_and_why(app: Flask, world: World) -> None:
    made = hold_round(world)
    with counted_queries() as queries:
        page = ranking_page(db.session(), world.actor("committee"), get_call(db.session(), FISCAL_YEAR))
    assert len(queries) <= 9  # two of them are the actor's and the call's
    assert [b.line.entry.proposal_id for b in page.lines] == [
        made.shared,
        made.large,
        made.small,
        made.unscored,
    ]
    assert [b.line.standing.value for b in page.lines] == ["in", "out", "in", "unscored"]
    assert [b.cumulative for b in page.lines] == [SHARED, None, SHARED + SMALL, None]
    assert (page.counts.filed, page.counts.passed, page.counts.failed) == (5, 4, 1)
    assert page.totals.requested == REQUESTED
    assert (page.headline.basis, page.headline.projects, page.headline.total) == (
        Basis.FITTING,
        2,
        SHARED + SMALL,
    )
    assert page.headline.agencies == 2  # alpha leads both, beta has money in one
    for groups in (page.stages, page.guidelines, page.ministries):
        assert sum(g.sums.requested for g in groups) == REQUESTED


def test_only_those_who_may_read_the_portfolio_get_it(app: Flask, world: World) -> None:
    call = get_call(db.session(), FISCAL_YEAR)
    for name in ("officer", "certifier", "reviewer_bb", "admin"):
        with pytest.raises(Forbidden):
            ranking_page(db.session(), world.actor(name), call)


def test_the_book_adds_up_the_same_from_every_side(app: Flask, world: World) -> None:
    decide(world, hold_round(world))
    book = read_book()
    approved = SHARED - 1
    head = book.page.headline
    assert (head.basis, head.projects, head.agencies, head.total) == (Basis.APPROVED, 1, 2, approved)
    assert sum(line.amount for line in book.lines) == REQUESTED
    assert sum(c.amount for c in book.categories) == REQUESTED
    assert sum(a.requested for a in book.agencies) == REQUESTED
    assert sum(c.later for c in book.categories) == 10_050
    for c in book.categories:
        assert sum(c.quarters) == c.amount
    assert [f.number for f in book.outside] == [f"{FISCAL_YEAR}-0005"]
    assert len(book.scores) == 6 * len(book.page.call.rubric.criteria)
    assert len(book.facts) == 5


def test_a_call_nobody_filed_in_is_dated_by_its_opening(app: Flask, world: World) -> None:
    book = read_book()
    assert book.page.headline.total == 0
    assert book.as_of == book.page.call.opens_at


def test_a_decision_changes_the_fingerprint_and_the_date(app: Flask, world: World) -> None:
    made = hold_round(world)
    before = read_book()
    decide(world, made)
    after = read_book()
    assert before.sha256 != after.sha256
    assert before.as_of <= after.as_of
