"""Papers on order: whose they are, what may be ordered, how long they are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.figures.actions import KEPT_FOR, LOST_AFTER, MOST_WAITING, order_paper, tidy_papers
from app.figures.facts import Failure, Step
from app.figures.models import PrintedPaper
from app.figures.press import paper_store
from app.figures.queries import get_paper, list_papers, read_paper
from app.identity.facts import SYSTEM
from app.jobs.runner import do_chores, drain
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from tests.conftest import FixedClock
from tests.instruments import race
from tests.world import FISCAL_YEAR, NOW, World


def order(world: World, by: str = "committee", paper_format: str = "xlsx", language: str = "th") -> int:
    with open_work(world.actor(by), NOW) as work:
        return order_paper(work, FISCAL_YEAR, "ranking-book", paper_format, language).id


def test_an_order_is_printed_and_waits_in_its_persons_list(app: Flask, world: World) -> None:
    paper_id = order(world)
    (waiting,) = list_papers(db.session(), world.actor("committee"))
    assert (waiting.state, waiting.step, waiting.is_unfinished) == ("queued", Step.WAITING, True)
    assert drain(app) == 1
    db.session.rollback()
    db.session.expire_all()
    paper = get_paper(db.session(), world.actor("committee"), paper_id)
    assert (paper.state, paper.failure) == ("done", None)
    assert paper.file_name == f"ranking-book-{FISCAL_YEAR}-th.xlsx"
    data = read_paper(paper, paper_store(app.config["DGI"]), NOW)
    assert data[:2] == b"PK"
    assert len(data) == paper.size


def test_a_paper_is_its_orderers_alone(app: Flask, world: World) -> None:
    paper_id = order(world)
    with pytest.raises(NotFound):
        get_paper(db.session(), world.actor("secretariat"), paper_id)
    with pytest.raises(NotFound):
        get_paper(db.session(), world.actor("committee"), paper_id + 1)
    assert list_papers(db.session(), world.actor("secretariat")) == []
    for name in ("officer", "certifier"):
        with pytest.raises(NotFound):
            get_paper(db.session(), world.actor(name), paper_id)
    for name in ("reviewer_bb", "admin"):
        with pytest.raises(Forbidden):
            get_paper(db.session(), world.actor(name), paper_id)


@pytest.mark.parametrize("name", ["officer", "certifier", "reviewer_bb", "admin"])
def test_others_cannot_order(app: Flask, world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        order(world, name)


@pytest.mark.parametrize(
    "words", [("poster", "pdf", "th"), ("ranking-book", "docx", "th"), ("ranking-book", "pdf", "fr")]
)
def test_what_there_is_none_of_is_refused(app: Flask, world: World, words: tuple[str, str, str]) -> None:
    with pytest.raises(Refused), open_work(world.actor("committee"), NOW) as work:
        order_paper(work, FISCAL_YEAR, *words)
    with pytest.raises(NotFound), open_work(world.actor("committee"), NOW) as work:
        order_paper(work, FISCAL_YEAR + 1, "ranking-book", "pdf", "th")
    assert db.session.scalars(select(OutboxRow)).all() == []


def test_two_clicks_make_one_order_even_at_the_same_instant(app: Flask, world: World) -> None:
    db.session.remove()
    ids = race(app, lambda: order(world), lambda: order(world), lambda: order(world))
    assert len(set(ids)) == 1
    assert order(world, paper_format="pdf") not in ids
    assert len(db.session.scalars(select(OutboxRow)).all()) == 2


def test_a_person_cannot_flood_the_printer(app: Flask, world: World) -> None:
    with open_work(SYSTEM, NOW) as work:
        for _ in range(MOST_WAITING):
            work.session.add(
                PrintedPaper(
                    kind="ranking-book", call_id=world.call_id, format="pdf", language="th", state="queued",
                    ordered_by=world.users["committee"], ordered_at=NOW, step="waiting", progress_at=NOW,
                )
            )  # fmt: skip
    with pytest.raises(Refused):
        order(world)


def test_a_paper_expires_and_its_file_goes_unless_another_paper_has_the_same(
    app: Flask, world: World, clock: FixedClock
) -> None:
    first = order(world)
    drain(app)
    store = paper_store(app.config["DGI"])
    paper = get_paper(db.session(), world.actor("committee"), first)
    clock.moment = NOW + KEPT_FOR
    with pytest.raises(Refused):
        read_paper(paper, store, clock.moment)
    do_chores(app)
    db.session.expire_all()
    gone = get_paper(db.session(), world.actor("committee"), first)
    assert gone.state == "expired"
    assert gone.sha256 is not None
    with pytest.raises(NotFound):
        store.get(gone.sha256)
    do_chores(app)


def test_a_file_two_papers_share_stays_until_the_last_is_gone(app: Flask, world: World) -> None:
    store = paper_store(app.config["DGI"])
    key = store.put(b"the same bytes")
    with open_work(SYSTEM, NOW) as work:
        for days in (1, 9):
            work.session.add(
                PrintedPaper(
                    kind="ranking-book", call_id=world.call_id, format="pdf", language="th", state="done",
                    ordered_by=world.users["committee"], ordered_at=NOW, step="keeping", progress_at=NOW,
                    finished_at=NOW, expires_at=NOW + timedelta(days=days), size=14, sha256=key,
                )
            )  # fmt: skip
    for days, kept in ((2, True), (10, False)):
        with open_work(SYSTEM, NOW + timedelta(days=days)) as work:
            tidy_papers(work, store)
        assert (app.config["DGI"].instance / "papers" / key[:2] / key).exists() is kept


def test_a_paper_whose_printer_died_for_good_is_given_up(app: Flask, world: World, clock: FixedClock) -> None:
    paper_id = order(world)
    with open_work(SYSTEM, NOW) as work:
        work.session.get_one(PrintedPaper, paper_id).state = "running"
    clock.moment = NOW + LOST_AFTER
    do_chores(app)
    assert get_paper(db.session(), world.actor("committee"), paper_id).state == "running"
    clock.moment += timedelta(seconds=1)
    do_chores(app)
    db.session.expire_all()
    paper = get_paper(db.session(), world.actor("committee"), paper_id)
    assert (paper.state, paper.failure) == ("failed", Failure.LOST)
