"""The page of how sure the list is: its figures are those of the query, what is refused and why, and who is kept out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from app.calls.models import Call
from app.calls.queries import get_call
from app.identity.rules import Forbidden
from app.kernel.canonical import canonical_json
from app.kernel.db import db
from app.kernel.work import open_work
from app.portfolio.actions import create_scenario
from app.portfolio.certainty import Band, percent_in_words
from app.portfolio.facts import Terms
from app.portfolio.queries import certainty as kept
from app.portfolio.queries.certainty import CertaintyView, read_certainty, read_certainty_under
from tests.conftest import Backend
from tests.reviews.test_calibration_pages import REVIEWERS, add_reviewers, review, review_all
from tests.web.desks import browser, file_one, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World

PAGE = f"/committee/calls/{FISCAL_YEAR}/certainty"


@pytest.fixture
def world(sqlite_backend: Backend) -> Iterator[World]:
    with sqlite_backend.app.app_context():
        add_reviewers(sqlite_backend.world)
        yield sqlite_backend.world
        db.session.remove()


@pytest.fixture
def app(sqlite_backend: Backend) -> Flask:
    return sqlite_backend.app


def set_ceiling(world: World, projects: int) -> None:
    """A ceiling that so many of the filings fit, which all ask for the same."""
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.execute(update(Call).values(ceiling=projects * 100_000_100))
        work.audit("amend_call", f"call:{world.call_id}")


def view_of(world: World) -> CertaintyView:
    return read_certainty(db.session(), world.actor("committee"), get_call(db.session(), FISCAL_YEAR))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_figures_of_page_and_file_are_those_of_the_query(world: World, app: Flask) -> None:
    review_all(world)
    file_one(world, title_th="ไม่มีคะแนน", title_en="Title none")
    set_ceiling(world, 3)
    view = view_of(world)
    assert view.inside == 3
    assert len(view.chances) == 6
    assert len({chance.band for chance in view.chances.values()}) > 1
    client = browser(app, "committee", "en")
    page = text_of(client.get(PAGE))
    ranked = text_of(client.get(PAGE.replace("certainty", "ranking")))
    assert "seed 2567" in page
    assert "2,000 sets of scores" in page
    assert "at most 2.2 percentage points" in page
    assert "Projects without scores, and so without a chance to tell: 1." in page
    assert "Heyard, Ott, Salanti & Egger 2022" in page
    rows = table(client.get(f"{PAGE}.csv").get_data(as_text=True))
    assert [row["Number"] for row in rows] == [line.entry.number for line in view.lines]
    for row, line in zip(rows, view.lines, strict=True):
        chance = view.chances[line.entry.proposal_id]
        assert int(row["Rank on the list"]) == line.rank
        assert int(row["Draws within"]) == chance.times_in
        assert (
            row["Chance of being within (percent)"]
            == f"{chance.probability // 10}.{chance.probability % 10}0"
        )
        assert row["Expected rank"] == f"{chance.expected_rank / 100:.2f}"
        assert (int(row["Rank by raw mean"]), int(row["Rank by calibrated score"])) == (
            chance.raw_rank,
            chance.calibrated_rank,
        )
        assert percent_in_words(chance.times_in, 2000) in page
        assert f"{percent_in_words(chance.times_in, 2000)} chance" in ranked
        assert f"{chance.low} to {chance.high}" in page
        # equal amounts: three fit, so being within is the same as being among the first three
        assert (chance.band is Band.CLEAR_IN) == (chance.high <= 3)
    set_ceiling(world, 6)  # all fit in every draw, which says no more than this
    assert "> 99.8 % chance" in text_of(client.get(PAGE.replace("certainty", "ranking")))
    thai = text_of(browser(app, "committee").get(PAGE))
    assert "บัญชีนี้แน่นอนเพียงใด" in thai
    assert "ก้ำกึ่ง" in thai


def test_bands_and_orders_are_in_the_address(world: World, app: Flask) -> None:
    review_all(world)
    set_ceiling(world, 3)
    view = view_of(world)
    client = browser(app, "committee", "en")
    for band in Band:
        page = text_of(client.get(PAGE, query_string={"band": band.value}))
        page = page[page.index('id="all"') :]
        for line in view.lines:
            chance = view.chances[line.entry.proposal_id]
            assert (line.entry.title.en in page) == (chance.band is band)
    page = text_of(client.get(PAGE, query_string={"order": "chance"}))
    page = page[page.index('id="all"') :]
    chances = view.chances
    by_chance = sorted(
        view.lines,
        key=lambda n: (-chances[n.entry.proposal_id].times_in, chances[n.entry.proposal_id].expected_rank),
    )
    places = [page.index(line.entry.title.en) for line in by_chance]
    assert places == sorted(places)
    assert client.get(PAGE, query_string={"band": "none", "order": "what"}).status_code == 200


def make_scenario(world: World, terms: Terms) -> int:
    """A scenario with these terms, not adopted."""
    with open_work(world.actor("secretariat"), NOW) as work:
        scenario = create_scenario(work, FISCAL_YEAR, "ฉากทดลอง")
        scenario.content = canonical_json(terms.to_json())
        work.session.flush()
        return scenario.id


def test_any_scenario_may_be_asked_about(world: World, app: Flask) -> None:
    ids = review_all(world)
    set_ceiling(world, 3)
    call = get_call(db.session(), FISCAL_YEAR)
    client = browser(app, "committee", "en")
    assert "Choose a scenario" not in text_of(client.get(PAGE))
    last = view_of(world).lines[-1].entry
    terms = Terms(2 * 100_000_100, must_fund=frozenset({last.number}))
    scenario = make_scenario(world, terms)
    view = read_certainty_under(db.session(), world.actor("committee"), call, terms)
    assert view.inside == 2
    assert view.chances[last.proposal_id].probability == 1000
    page = text_of(client.get(PAGE, query_string={"scenario": scenario}))
    assert "Choose a scenario" in page
    assert "not of the list as it stands" in page
    assert f'href="{PAGE}.csv?scenario={scenario}"' in page
    rows = table(client.get(f"{PAGE}.csv", query_string={"scenario": scenario}).get_data(as_text=True))
    assert {row["Number"]: int(row["Draws within"]) for row in rows} == {
        line.entry.number: view.chances[line.entry.proposal_id].times_in for line in view.lines
    }
    # what is not there is the list as it stands
    for other in ("999", "x", str(ids[0] + 10**6)):
        page = text_of(client.get(PAGE, query_string={"scenario": other}))
        assert "not of the list as it stands" not in page
    with pytest.raises(Forbidden):
        read_certainty_under(db.session(), world.actor("reviewer_bb"), call, terms)


def test_where_scores_cannot_be_calibrated_no_figure_is_made_up(world: World, app: Flask) -> None:
    client = browser(app, "committee", "en")
    assert "No review is in yet" in text_of(client.get(PAGE))
    review(world, "ก", {"reviewer_bb": 4, "reviewer_dga": 1})
    review(world, "ข", {"reviewer_nesdc": 3})
    view = view_of(world)
    assert (view.certainty, dict(view.chances)) == (None, {})
    page = text_of(client.get(PAGE))
    assert "How sure the list is cannot be told" in page
    assert "fall into 2 groups" in page
    assert "What would change it" in page
    assert "expected rank" in page  # how it would be made is told
    assert 'class="chance"' not in page
    assert table(client.get(f"{PAGE}.csv").get_data(as_text=True)) == []
    assert "ยังบอกความแน่นอนไม่ได้" in text_of(browser(app, "secretariat").get(PAGE))


def test_drawn_again_only_when_list_or_scores_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    judge = kept.judge_certainty

    def counted(*args: object) -> object:
        drawn.append(args)
        return judge(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "judge_certainty", counted)
    monkeypatch.setattr(kept, "_judged", {})  # what other tests drew for the same small world
    monkeypatch.setattr(kept, "_kept", {})
    review_all(world)
    set_ceiling(world, 3)
    first = view_of(world)
    assert view_of(world) is first
    assert len(drawn) == 1
    with open_work(world.actor("secretariat"), NOW) as work:
        work.audit("sign_in", "session:1")  # something that changes nothing here
    assert view_of(world).certainty is first.certainty
    assert len(drawn) == 1
    set_ceiling(world, 2)
    assert view_of(world).chances != first.chances
    assert len(drawn) == 2
    review(world, "ใหม่", dict.fromkeys(REVIEWERS, 3))
    assert len(view_of(world).chances) == 7
    assert len(drawn) == 3


def test_reviewers_officers_and_the_administrator_are_kept_out(world: World, app: Flask) -> None:
    review_all(world)
    for name in ("reviewer_bb", "officer", "certifier", "admin"):
        client = browser(app, name)
        for path in (PAGE, f"{PAGE}.csv"):
            assert client.get(path).status_code in (403, 404)
        with pytest.raises(Forbidden):
            read_certainty(db.session(), world.actor(name), get_call(db.session(), FISCAL_YEAR))


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
