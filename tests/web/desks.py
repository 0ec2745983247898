"""What the tests of the secretariat's, reviewer's and committee's desks share: browsers, filings, reviews."""

from __future__ import annotations

import contextvars
import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.calls.queries import get_call
from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import submit_review
from app.reviews.facts import Score
from app.reviews.models import Assignment
from tests.conftest import sign_in
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, give


class SeparateClient(FlaskClient):
    """A client whose requests share nothing with the test's own application context, as in life."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()  # what the test read must not hold up what the request writes
        return contextvars.Context().run(super().open, *args, **kwargs)


GOOD_COMMENT = "ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย"


def browser(app: Flask, name: str, language: str = "th") -> FlaskClient:
    """Somebody of the small world, signed in and reading `language`."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = SeparateClient(app, app.response_class)
    sign_in(client, World.email(name))
    client.post(f"/language/{language}")
    return client


def text_of(answer: TestResponse) -> str:
    """The page as a reader sees its letters."""
    return html.unescape(answer.get_data(as_text=True))


def file_one(
    world: World, baht: str = "500000.50", *, agency: str = "alpha", at: datetime = NOW, **names: str
) -> int:
    """File a proposal of two units at `baht` each; it passes screening. `names` replace parts of the names."""
    partner = "beta" if agency == "alpha" else "alpha"
    satang = int(baht.replace(".", "")) * 2
    row = budget_row(agency=agency, unit_price=baht, q1=f"{satang // 100}.{satang % 100:02d}", q2="")
    draft = complete_draft(names=dict(names), budget={"rows": [row]})
    draft["integration"]["links"][0]["partner"] = partner
    by = "officer" if agency == "alpha" else "officer_beta"
    return file_proposal(world, draft, by=by, agency=agency, at=at)


def assign(world: World, proposal_id: int, *names: str) -> list[int]:
    """Give a proposal to reviewers, who accept it; returns the ids of the assignments."""
    return give(world, proposal_id, *names)


def scores(level: int = 3, comment: str = "") -> dict[str, Score]:
    """The same level on every criterion."""
    rubric = get_call(db.session(), FISCAL_YEAR).rubric
    return {c.code: Score(level, comment) for c in rubric.criteria}


def hand_in(world: World, name: str, assignment_id: int, given: Mapping[str, Score]) -> None:
    """Hand in a review."""
    version = db.session().get_one(Assignment, assignment_id).version
    with open_work(world.actor(name), NOW) as work:
        submit_review(work, assignment_id, given, version)


def score_form(level: int | str = 3, comment: str = "", version: int = 1) -> dict[str, str]:
    """The fields of the scoring form."""
    form = {"version": str(version)}
    for code in scores():
        form |= {f"score-{code}": str(level), f"comment-{code}": comment}
    return form


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements sent while inside, without transaction control."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def queries_of(client: FlaskClient, path: str) -> int:
    """How many queries a page asks."""
    with counting() as seen:
        answer = client.get(path)
    assert answer.status_code == 200, text_of(answer)[:800]
    return len(seen)
