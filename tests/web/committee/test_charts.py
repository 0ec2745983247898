"""The page of charts: every chart with its question, its numbers and two files; the files are the page's charts."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from flask import Flask

from app.calls.queries import get_call
from app.figures.pen import Pen
from app.figures.portfolio_charts import NAMES, chart_table, portfolio_charts
from app.figures.queries.charts import chart_figures
from app.kernel.db import db
from reports.pictures import slide_svg
from tests.conftest import Backend
from tests.reviews.test_calibration_pages import add_reviewers, review_all
from tests.web.desks import browser, queries_of, text_of
from tests.world import FISCAL_YEAR, World

PAGE = f"/committee/calls/{FISCAL_YEAR}/charts"


@pytest.fixture
def world(sqlite_backend: Backend) -> Iterator[World]:
    with sqlite_backend.app.app_context():
        add_reviewers(sqlite_backend.world)
        yield sqlite_backend.world
        db.session.remove()


@pytest.fixture
def app(sqlite_backend: Backend) -> Flask:
    return sqlite_backend.app


def test_every_chart_stands_with_its_question_its_numbers_and_its_files(world: World, app: Flask) -> None:
    review_all(world)
    call = get_call(db.session(), FISCAL_YEAR)
    pen = Pen("en")
    charts = portfolio_charts(chart_figures(db.session(), world.actor("committee"), call), pen)
    assert {"stages", "guidelines", "ministries", "certainty", "quarters"} <= charts.keys() <= NAMES.keys()
    client = browser(app, "committee", "en")
    answer = client.get(PAGE)
    page = text_of(answer)
    for name, chart in charts.items():
        assert chart.question in page
        assert f'href="{PAGE}/{name}.png"' in answer.text
        assert f'href="{PAGE}/{name}.svg"' in answer.text
        rows = chart_table(name, chart, pen).values()
        assert [row[0] for row in rows] == list(chart.categories)
        assert [tuple(row[1:]) for row in rows] == list(zip(*(s.values for s in chart.series), strict=True))
    footer = " · ".join(filter(None, (pen.name(call.name), pen.name_or_empty(call.label))))
    svg = client.get(f"{PAGE}/certainty.svg")
    assert svg.mimetype == "image/svg+xml"
    assert svg.text == slide_svg(charts["certainty"], "en", footer=footer)
    assert svg.headers["Content-Disposition"].startswith("attachment")
    png = client.get(f"{PAGE}/certainty.png")
    assert struct.unpack(">II", png.data[16:24]) == (1920, 1080)
    assert client.get(f"{PAGE}/certainty.png").data == png.data
    assert queries_of(client, PAGE) <= 12


def test_without_scores_there_is_no_picture_of_certainty(world: World, app: Flask) -> None:
    client = browser(app, "secretariat", "en")
    assert "surely in" not in text_of(client.get(PAGE))
    assert client.get(f"{PAGE}/certainty.png").status_code == 404


@pytest.mark.parametrize("name", ["stages", "stages.pdf", "stages.png.png", "pies.png", ".png"])
def test_other_names_are_not_found(world: World, app: Flask, name: str) -> None:
    assert browser(app, "committee").get(f"{PAGE}/{name}").status_code == 404
