"""The page of the what-if: its figures are the optimiser's, its aims and files, and what it asks of the database."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import update

from app.calls.models import Call
from app.calls.queries import get_call
from app.kernel.db import db
from app.kernel.work import open_work
from app.portfolio.optimum.comparing import compare
from app.portfolio.optimum.facts import Aim, Optimum, Question
from app.portfolio.optimum.solving import answer
from app.portfolio.queries import optimum as asking
from app.portfolio.queries.optimum import OptimumView, read_optimum
from tests.conftest import Backend
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, NOW, World

PAGE = f"/committee/calls/{FISCAL_YEAR}/optimum"


@pytest.fixture
def world(sqlite_backend: Backend) -> Iterator[World]:
    with sqlite_backend.app.app_context():
        yield sqlite_backend.world
        db.session.remove()


@pytest.fixture
def app(sqlite_backend: Backend) -> Flask:
    return sqlite_backend.app


def score_three(world: World) -> None:
    """Three filings of the same amount, scored; the ceiling holds two."""
    for level in (4, 3, 1):
        filed = file_one(world)
        for name in ("reviewer_bb", "reviewer_dga"):
            (given,) = assign(world, filed, name)
            hand_in(world, name, given, scores(level, "ข้อเสนออธิบายไว้ครบถ้วน ตรวจสอบได้"))
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.execute(update(Call).values(ceiling=2 * 100_000_100))
        work.audit("amend_call", f"call:{world.call_id}")


def view_of(world: World, aim: Aim = Aim.PRODUCT, *, ceilings: bool = False) -> OptimumView:
    call = get_call(db.session(), FISCAL_YEAR)
    return read_optimum(
        db.session(),
        world.actor("committee"),
        call,
        scenario_id=None,
        aim=aim,
        is_full=False,
        with_ceilings=ceilings,
    )


def test_page_and_file_show_what_the_optimiser_found_beside_the_list(world: World, app: Flask) -> None:
    score_three(world)
    view = view_of(world, ceilings=True)
    assert view.allocation is not None
    assert view.optimum is not None
    assert view.optimum.is_proven
    assert len(view.optimum.taken) == 2
    assert len(view.steps) == 11
    assert compare(view.allocation, view.optimum).gain == 0
    client = browser(app, "committee", "en")
    answer = client.get(f"{PAGE}?ceilings=11")
    page = text_of(answer)
    assert (
        "Proven: under these terms no other choice is worth more by over one part in a thousand million (1 point × baht: "
        "what 0.01 baht are worth at the average score of " in page
    )
    assert "No line differs: the list has the largest value already." in page
    assert "HiGHS 1." in page
    assert page.count("best") >= 11
    assert "large platforms that many agencies share are thrown out" in page
    rows = list(
        csv.DictReader(io.StringIO(client.get(f"{PAGE}.csv").get_data(as_text=True).removeprefix("\ufeff")))
    )
    assert [row["Number"] for row in rows] == [x.entry.number for x in view.allocation.lines]
    assert [row["Granted by the what-if"] for row in rows] == ["1000001.00", "1000001.00", "0.00"]
    assert "เทียบกับทางเลือกที่ดีที่สุด" in text_of(browser(app, "secretariat").get(PAGE))


@pytest.mark.parametrize(
    "query", ["", "?aim=scores", "?aim=projects&lines=all", "?aim=x&scenario=0", "?scenario=999"]
)
def test_any_address_is_answered_with_few_queries(world: World, app: Flask, query: str) -> None:
    score_three(world)
    client = browser(app, "committee", "en")
    client.get(PAGE)
    assert queries_of(client, f"{PAGE}{query}") <= 12


def test_without_scores_there_is_nothing_to_search_and_no_line_in_the_file(world: World, app: Flask) -> None:
    client = browser(app, "committee", "en")
    assert "No project has scores yet" in text_of(client.get(PAGE))
    assert len(client.get(f"{PAGE}.csv").get_data(as_text=True).splitlines()) == 1


def test_a_solver_that_does_not_answer_is_said_so(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_three(world)

    def silent(_question: object) -> None:
        raise asking.NoAnswer("no answer")

    monkeypatch.setattr(asking, "answer_apart", silent)
    monkeypatch.setattr(asking, "_kept", {})
    page = text_of(browser(app, "committee", "en").get(PAGE))
    assert "The solver did not answer in time" in page


@pytest.mark.parametrize(
    ("query", "bound", "is_proven", "said"),
    [
        ("?aim=scores", 0, True, "Proven to the last unit: under these terms no other choice is worth more."),
        (
            "",
            10**7,
            False,
            "by over 0.0006 % (1,000 points × baht: what 11.43 baht are worth at the average score of 87.50)",
        ),
        ("?aim=scores", 1, False, "by over 0.0058 % (0.01 points)"),
        ("?aim=projects", 1, False, "some choice may be worth up to 50.0000 % more (1 project)"),
        ("", None, False, "before it was known how good any choice could be"),
    ],
)
def test_what_is_not_proven_says_how_far_it_may_be_from_the_best(
    world: World,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    bound: int | None,
    is_proven: bool,
    said: str,
) -> None:
    score_three(world)

    def ends(question: Question) -> tuple[Optimum, ...]:
        return tuple(
            replace(o, bound=None if bound is None else o.value + bound, is_proven=is_proven)
            for o in answer(question)
        )

    monkeypatch.setattr(asking, "answer_apart", ends)
    monkeypatch.setattr(asking, "_kept", {})
    page = text_of(browser(app, "committee", "en").get(f"{PAGE}{query}"))
    assert said in page
    assert ("Search on for the full proof" in page) is not is_proven
