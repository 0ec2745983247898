"""Papers: ordered, found again, downloaded by whoever ordered them and by nobody else."""

from __future__ import annotations

import pytest
from flask import Flask

from app.figures.actions import begin_paper, finish_paper
from app.figures.models import PrintedPaper
from app.figures.press import paper_store
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.work import open_work
from tests.web.desks import browser, text_of
from tests.world import FISCAL_YEAR, NOW, World


def _order(**changes: str) -> dict[str, str]:
    return {"call": str(FISCAL_YEAR), "format": "pdf", "language": "th"} | changes


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 303),
        ({"format": "xlsx", "language": "en"}, 303),
        ({"call": ""}, 422),
        ({"call": "x"}, 422),
        ({"call": "1999"}, 404),
        ({"call": "9" * 30}, 422),
        ({"format": "docx"}, 422),
        ({"format": ""}, 422),
        ({"language": "fr"}, 422),
        ({"kind": "brief", "format": "pdf"}, 303),
        ({"kind": "brief", "format": "xlsx"}, 422),
        ({"kind": "unheard-of"}, 422),
        ({"kind": "own-filings"}, 403),
        ({"kind": "decision-book"}, 404),  # of no meeting
    ],
)
def test_what_can_be_ordered(app: Flask, world: World, changes: dict[str, str], status: int) -> None:
    answer = browser(app, "committee").post("/committee/papers", data=_order(**changes))
    assert answer.status_code == status
    assert db.session().query(PrintedPaper).count() == (1 if status == 303 else 0)


def test_a_paper_waits_for_its_orderer_alone(app: Flask, world: World) -> None:
    client = browser(app, "committee", "en")
    client.post("/committee/papers", data=_order())
    client.post("/committee/papers", data=_order())  # a second click orders nothing more
    paper = db.session().query(PrintedPaper).one()
    page = client.get("/committee/papers").get_data(as_text=True)
    assert "Waiting to be printed" in page
    assert 'http-equiv="refresh"' in page
    assert client.get(f"/committee/papers/{paper.id}").status_code == 422  # not printed yet
    store = paper_store(app.config["DGI"])
    with open_work(SYSTEM, NOW) as work:
        begin_paper(work, paper.id)
    with open_work(SYSTEM, NOW) as work:
        finish_paper(work, paper.id, store.put(b"%PDF-made"), 9)
    page = text_of(client.get("/committee/papers"))
    assert "Ready" in page
    assert "ranking-book-" in page
    assert "Synthetic data for demonstration" in page
    assert 'http-equiv="refresh"' not in page
    answer = client.get(f"/committee/papers/{paper.id}")
    assert answer.data == b"%PDF-made"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "application/pdf"
    other = browser(app, "secretariat")
    assert other.get(f"/committee/papers/{paper.id}").status_code == 404
    assert "ranking-book-" not in text_of(other.get("/committee/papers"))
    assert client.get("/committee/papers/31337").status_code == 404
