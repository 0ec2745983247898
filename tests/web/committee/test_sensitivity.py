"""The page of what-ifs: its figures are those of the query, what is refused in words, names, and who is kept out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from app.calls.queries import get_call
from app.identity.rules import Forbidden
from app.kernel.canonical import canonical_json
from app.kernel.db import db
from app.kernel.money import format_million
from app.kernel.work import open_work
from app.portfolio.allocation import allocate
from app.portfolio.facts import Basis, Terms
from app.portfolio.queries.lists import allocation_of, entries_under
from app.portfolio.queries.sensitivity import SensitivityView, read_sensitivity, sensitivity_of
from app.reviews.facts import NamesFor, Score
from app.reviews.models import Assignment
from app.reviews.queries.counted import read_reviews_of_call
from tests.conftest import Backend
from tests.reviews.test_calibration_pages import REVIEWERS, add_reviewers, keep_names, review, review_all
from tests.web.committee.test_certainty import make_scenario, set_ceiling, table
from tests.web.desks import GOOD_COMMENT, assign, browser, file_one, hand_in, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World

PAGE = f"/committee/calls/{FISCAL_YEAR}/sensitivity"
FILES = ("weights", "swaps", "ceilings", "at-ceilings", "reviewers")


@pytest.fixture
def world(sqlite_backend: Backend) -> Iterator[World]:
    with sqlite_backend.app.app_context():
        add_reviewers(sqlite_backend.world)
        yield sqlite_backend.world
        db.session.remove()


@pytest.fixture
def app(sqlite_backend: Backend) -> Flask:
    return sqlite_backend.app


def view_of(world: World, name: str = "committee") -> SensitivityView:
    return read_sensitivity(db.session(), world.actor(name), get_call(db.session(), FISCAL_YEAR))


def review_one_sided(world: World) -> None:
    """A filing that is best by the first criterion and poor by all others."""
    proposal_id = file_one(world, title_th="ด้านเดียว", title_en="Title one-sided")
    codes = [c.code for c in get_call(db.session(), FISCAL_YEAR).rubric.criteria]
    given = {c: Score(4 if c == codes[0] else 1, GOOD_COMMENT) for c in codes}
    for name, assignment in zip(REVIEWERS, assign(world, proposal_id, *REVIEWERS), strict=True):
        hand_in(world, name, assignment, given)


def test_figures_of_page_and_files_are_those_of_the_query(world: World, app: Flask) -> None:
    review_all(world)
    review_one_sided(world)
    set_ceiling(world, 3)
    tried = view_of(world).tried
    client = browser(app, "committee", "en")
    page = text_of(client.get(PAGE, query_string={"weights": "all"}))
    files = {name: table(client.get(f"{PAGE}/{name}.csv").get_data(as_text=True)) for name in FILES}
    assert tried.shares is not None
    assert tried.swaps is not None
    assert [r["Within, of all weightings (percent)"] for r in files["weights"]] == [
        f"{share.times_everywhere / 10:.2f}"
        for line in view_of(world).allocation.lines
        for share in tried.shares.shares
        if share.proposal_id == line.entry.proposal_id
    ]
    assert "1,000 of each (seed 2567)" in page
    assert "off by at most 3.1 percentage points (95 % confidence)" in page
    assert "Tervonen & Figueira 2008" in page
    assert "7 of 7 projects" in page
    assert [int(r["Change of the ceiling (percent)"]) for r in files["ceilings"]] == list(range(-10, 11, 2))
    for row, step in zip(files["ceilings"], tried.ceilings.steps, strict=True):
        assert row["Ceiling (baht)"].replace(",", "") == f"{step.ceiling // 100}.{step.ceiling % 100:02d}"
        assert row["Leave"] == ", ".join(step.change.leaves)
        assert format_million(step.ceiling) in page
    # equal amounts, and a ceiling that just holds three: a little less holds only two
    assert [step.count for step in tried.ceilings.steps] == [2] * 5 + [3] * 6
    assert [r["Number"] for r in files["at-ceilings"]] == [row.number for row in tried.ceilings.rows]
    assert len(files["swaps"]) == len(tried.swaps.swaps) > 0
    first = tried.swaps.swaps[0]
    assert files["swaps"][0]["Weight to be moved (percentage points)"] == f"{first.moved / 100:.2f}"
    assert (files["swaps"][0]["Passes"], files["swaps"][0]["Is passed"]) == (first.lower, first.upper)
    weights = [value for key, value in files["swaps"][0].items() if key.startswith("New weight")]
    assert sum(int(value.replace(".", "")) for value in weights) == 10_000
    assert {r["Reviewer"] for r in files["reviewers"]} >= {"Nongyao Unmistakable"}
    assert len(files["reviewers"]) == len(REVIEWERS) == len(tried.reviewers)
    assert "Nongyao Unmistakable" in page
    assert client.get(f"{PAGE}/other.csv").status_code == 404
    assert "ถ้าเปลี่ยนเงื่อนไข บัญชีจะเป็นอย่างไร" in text_of(browser(app, "secretariat").get(PAGE))


def test_names_are_kept_from_the_committee_where_the_round_says_so(world: World, app: Flask) -> None:
    review_all(world)
    set_ceiling(world, 3)
    keep_names(world, NamesFor.SECRETARIAT)
    client = browser(app, "committee", "en")
    for text in (text_of(client.get(PAGE)), text_of(client.get(f"{PAGE}/reviewers.csv"))):
        assert "Nongyao" not in text
        assert "NESDC" not in text
        assert "Reviewer 1 (not named)" in text
    # the same number as on the page of calibrated scores: the strictest is the first
    assert [
        r.figures.reviewer for r in view_of(world).reviewers if r.name.en == "Reviewer 1 (not named)"
    ] == [world.users["reviewer_nesdc"]]
    assert "Nongyao" in text_of(browser(app, "secretariat", "en").get(PAGE))


def test_weights_are_refused_in_words_and_the_rest_is_there(world: World, app: Flask) -> None:
    review_all(world)
    set_ceiling(world, 3)
    with open_work(world.actor("secretariat"), NOW) as work:
        first = work.session.query(Assignment).filter(Assignment.total.is_not(None)).first()
        assert first is not None
        given = json.loads(first.scores)
        given["another"] = given.pop(next(iter(given)))
        work.session.execute(
            update(Assignment).where(Assignment.id == first.id).values(scores=canonical_json(given))
        )
        work.audit("submit_review", f"assignment:{first.id}")
    client = browser(app, "committee", "en")
    page = text_of(client.get(PAGE))
    assert page.count("another version of the rubric with other criteria") == 2
    assert "Within under every weighting" not in page
    assert format_million(300_000_300) in page
    assert "Nongyao" in page
    assert table(client.get(f"{PAGE}/weights.csv").get_data(as_text=True)) == []
    assert table(client.get(f"{PAGE}/swaps.csv").get_data(as_text=True)) == []


def test_a_list_by_calibrated_scores_or_with_weights_of_its_own(world: World) -> None:
    review_all(world)
    set_ceiling(world, 3)
    session, call = db.session(), get_call(db.session(), FISCAL_YEAR)
    reviews = read_reviews_of_call(session, call.id)
    codes = [c.code for c in call.rubric.criteria]
    other = Terms(call.ceiling, weights=dict(zip(codes, (0, 100, 0, 0, 0, 0), strict=True)))
    tried = sensitivity_of(session, call, allocate(entries_under(session, call, other), other), reviews)
    assert tried.refusal is None
    assert dict(tried.weights) == other.weights
    assert len(tried.reviewers) == len(REVIEWERS)
    calibrated = Terms(call.ceiling, Basis.CALIBRATED)
    listed = allocate(entries_under(session, call, calibrated), calibrated)
    tried = sensitivity_of(session, call, listed, reviews)
    assert tried.refusal is not None
    assert "only under the rubric's own weights" in tried.refusal.en
    assert (tried.shares, tried.swaps) == (None, None)
    # calibrated anew without each; without the first, what is left tells quality from noise no more
    assert [one.refusal is None for one in tried.reviewers] == [False, True, True]
    assert [one.change is None for one in tried.reviewers] == [True, False, False]


def test_any_scenario_may_be_asked_about(world: World, app: Flask) -> None:
    review_all(world)
    set_ceiling(world, 3)
    terms = Terms(4 * 100_000_100)
    scenario = make_scenario(world, terms)
    client = browser(app, "committee", "en")
    page = text_of(client.get(PAGE, query_string={"scenario": scenario}))
    assert "not of the list as it stands" in page
    assert format_million(terms.ceiling) in page
    assert f'href="{PAGE}/ceilings.csv?scenario={scenario}"' in page
    rows = table(
        client.get(f"{PAGE}/ceilings.csv", query_string={"scenario": scenario}).get_data(as_text=True)
    )
    assert [int(row["Projects within"]) for row in rows] == [3] * 5 + [4] * 6
    rows = table(client.get(f"{PAGE}/ceilings.csv").get_data(as_text=True))
    assert [int(row["Projects within"]) for row in rows] == [2] * 5 + [3] * 6


def test_nothing_is_scored_yet(world: World, app: Flask) -> None:
    page = text_of(browser(app, "committee", "en").get(PAGE))
    assert "No project has scores yet" in page
    assert browser(app, "committee").get(f"{PAGE}/ceilings.csv").status_code == 200


def test_a_single_review_each_asks_for_nothing_that_is_not_there(world: World, app: Flask) -> None:
    review(world, "ก", {"reviewer_bb": 4})
    review(world, "ข", {"reviewer_bb": 2})
    set_ceiling(world, 1)
    page = text_of(browser(app, "committee", "en").get(PAGE))
    number = (
        allocation_of(db.session(), world.actor("committee"), get_call(db.session(), FISCAL_YEAR))
        .lines[0]
        .entry.number
    )
    without = view_of(world).reviewers[0].figures
    assert len(without.unscored) == 2
    assert without.change is not None
    assert without.change.leaves == (number,)
    assert "No weighting at all swaps" in page


def test_reviewers_officers_and_the_administrator_are_kept_out(world: World, app: Flask) -> None:
    for name in ("reviewer_bb", "officer", "certifier", "admin"):
        client = browser(app, name)
        for path in (PAGE, f"{PAGE}/ceilings.csv"):
            assert client.get(path).status_code in (403, 404)
        with pytest.raises(Forbidden):
            view_of(world, name)


def test_questions_asked_do_not_grow_with_the_rows(world: World, app: Flask) -> None:
    review_all(world)
    client = browser(app, "committee")
    client.get(PAGE)
    known = queries_of(client, PAGE)
    review(world, "ใหม่", dict.fromkeys(REVIEWERS, 3))
    first = queries_of(client, PAGE)
    review(world, "ใหม่กว่า", dict.fromkeys(REVIEWERS, 2))
    assert queries_of(client, PAGE) == first <= 12
    assert queries_of(client, PAGE) == known < first
