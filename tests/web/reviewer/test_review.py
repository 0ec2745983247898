"""One review: what can be saved and handed in, what is refused and kept, and what stays hidden until mine is in."""

from __future__ import annotations

import pytest
from flask import Flask

from app.calls.queries import get_call
from app.kernel.db import db
from app.reviews.facts import Score
from app.reviews.models import Assignment
from app.reviews.queries import scores_from_json
from app.reviews.rules import weighted_total
from app.web.reviewer.reading import LONGEST_COMMENT, read_scores, running_total
from tests.web.desks import (
    GOOD_COMMENT,
    assign,
    browser,
    file_one,
    hand_in,
    queries_of,
    score_form,
    scores,
    text_of,
)
from tests.world import FISCAL_YEAR, World

MARK = "เครื่องหมายลับของผู้พิจารณาอีกคนหนึ่ง SECRET-MARK-7351"


def test_others_scores_are_nowhere_until_mine_is_in(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    theirs, mine = assign(world, proposal_id, "reviewer_dga", "reviewer_bb")
    first = next(iter(scores()))  # a quarter of the weight
    hand_in(world, "reviewer_dga", theirs, scores(3, MARK) | {first: Score(4, MARK)})
    client = browser(app, "reviewer_bb")
    address = f"/reviewer/assignments/{mine}"
    before = [
        client.get("/reviewer/"),
        client.get(address),
        client.post(address, data={**score_form("9"), "act": "save"}),  # refused: no such level
        client.post(address, data={**score_form(4), "act": "submit"}),  # refused: comments are missing
        client.post(address, data={**score_form(3, version=77), "act": "submit"}),  # stale
        client.post(address, data={**score_form(2), "act": "save"}, follow_redirects=True),
        client.get(f"/reviewer/assignments/{theirs}"),
        client.get(f"/committee/proposals/{proposal_id}"),
        client.get(f"/secretariat/proposals/{proposal_id}"),
        client.get(f"/committee/calls/{FISCAL_YEAR}/ranking"),
    ]
    assert [a.status_code for a in before] == [200, 200, 422, 422, 409, 200, 404, 403, 403, 403]
    for answer in before:
        assert "SECRET-MARK-7351" not in text_of(answer)
        assert "81.25" not in text_of(answer)
    after = client.post(address, data={**score_form(3, version=2), "act": "submit"}, follow_redirects=True)
    assert MARK in text_of(after)
    assert "81.25" in text_of(after)
    assert "75.00" in text_of(after)


def test_an_unfinished_review_is_its_owners_alone(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    (mine,) = assign(world, proposal_id, "reviewer_bb")
    client = browser(app, "reviewer_bb")
    saved = client.post(
        f"/reviewer/assignments/{mine}", data={**score_form(4, MARK), "act": "save"}, follow_redirects=True
    )
    assert MARK in text_of(saved)
    for name, path in (
        ("secretariat", f"/secretariat/proposals/{proposal_id}"),
        ("committee", f"/committee/proposals/{proposal_id}"),
    ):
        answer = browser(app, name).get(path)
        assert answer.status_code == 200
        assert MARK not in text_of(answer)


@pytest.mark.parametrize(
    ("change", "act", "status", "said"),
    [
        ({}, "save", 303, ""),
        ({}, "submit", 303, ""),
        ({"score-integration": ""}, "save", 303, ""),
        ({"score-integration": ""}, "submit", 422, "Score the criterion"),
        ({"score-integration": "5"}, "save", 422, "level from 0 to 4"),
        ({"score-integration": "-1"}, "save", 422, "level from 0 to 4"),
        ({"score-integration": "three"}, "save", 422, "level from 0 to 4"),
        ({"score-integration": "4"}, "save", 303, ""),
        ({"score-integration": "4"}, "submit", 422, "needs a comment of at least"),
        (
            {"score-integration": "0", "comment-integration": "สั้นไป"},
            "submit",
            422,
            "needs a comment of at least",
        ),
        ({"score-integration": "0", "comment-integration": GOOD_COMMENT}, "submit", 303, ""),
        ({"comment-integration": "ย" * (LONGEST_COMMENT + 1)}, "save", 422, "too long"),
        ({"comment-integration": "ข้อความ\x07"}, "save", 422, "unreadable"),
        ({"score-nothing": "2"}, "save", 422, "Scores run from 0 to 4"),
        ({"version": "2"}, "save", 409, "saved from another page"),
        ({"version": "x"}, "save", 409, "saved from another page"),
        ({"version": "9" * 40}, "save", 409, "saved from another page"),
    ],
)
def test_what_can_be_sent(
    app: Flask, world: World, change: dict[str, str], act: str, status: int, said: str
) -> None:
    (mine,) = assign(world, file_one(world), "reviewer_bb")
    client = browser(app, "reviewer_bb", "en")
    marked = "ความเห็นที่ต้องไม่หาย"
    form = {**score_form(3), "comment-readiness": marked, **change, "act": act}
    answer = client.post(f"/reviewer/assignments/{mine}", data=form)
    assert answer.status_code == status, text_of(answer)[:1500]
    if status == 303:
        kept = scores_from_json(db.session().get_one(Assignment, mine).scores)
        assert kept["readiness"].comment == marked
        return
    page = text_of(answer)
    assert said in page
    assert marked in page
    assert db.session().get_one(Assignment, mine).scores == "{}"


def test_two_pages_with_different_values_in_a_field_are_put_to_the_reviewer(app: Flask, world: World) -> None:
    (mine,) = assign(world, file_one(world), "reviewer_bb")
    client = browser(app, "reviewer_bb", "en")
    address = f"/reviewer/assignments/{mine}"
    client.post(address, data={**score_form(1, "from the first page"), "act": "save"})
    second = score_form(1, "from the first page") | {"comment-economy": "from the second page"}
    for act in ("save", "submit"):
        answer = client.post(address, data={**second, "act": act})
        page = text_of(answer)
        assert answer.status_code == 409
        assert 'name="choice:comment-economy"' in page
        assert page.count('name="choice:') == 2
        assert "from the second page" in page.replace("<mark>", "").replace("</mark>", "")
    sent = {**second, "opened_version": "1", "version": "2"}
    asked = client.post(f"{address}/choose", data=sent)
    assert (asked.status_code, 'id="choice-comment-economy-error"' in text_of(asked)) == (409, True)
    assert client.post(f"{address}/choose", data=sent | {"choice:comment-economy": "mine"}).status_code == 303
    kept = scores_from_json(db.session().get_one(Assignment, mine).scores)
    assert (kept["economy"].comment, kept["benefit"].comment) == (
        "from the second page",
        "from the first page",
    )
    assert client.post(address, data={**score_form(2, version=3), "act": "save"}).status_code == 303


def test_what_came_in_from_another_page_is_looked_at_before_it_is_handed_in(app: Flask, world: World) -> None:
    (mine,) = assign(world, file_one(world), "reviewer_bb")
    client = browser(app, "reviewer_bb", "en")
    address = f"/reviewer/assignments/{mine}"
    client.post(address, data={**score_form(2), "notes": "", "act": "save"})
    client.post(address, data={**score_form(2, version=2), "notes": "from the other page", "act": "save"})
    answer = client.post(address, data={**score_form(2, version=2), "notes": "", "act": "submit"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Another page of yours saved other fields" in page
    assert "from the other page" in page
    assert 'name="version" value="3"' in page
    sent = {**score_form(2, version=3), "notes": "from the other page", "act": "submit"}
    assert client.post(address, data=sent).status_code == 303


def test_a_review_handed_in_cannot_be_changed(app: Flask, world: World) -> None:
    (mine,) = assign(world, file_one(world), "reviewer_bb")
    hand_in(world, "reviewer_bb", mine, scores(3))
    client = browser(app, "reviewer_bb", "en")
    answer = client.post(f"/reviewer/assignments/{mine}", data={**score_form(1, version=2), "act": "save"})
    assert answer.status_code == 422
    assert "can no longer be changed" in text_of(answer)
    assert db.session().get_one(Assignment, mine).total == 7500


@pytest.mark.parametrize("path", ["/reviewer/assignments/999999", "/reviewer/assignments/99999999999"])
def test_unknown_assignments_are_not_found(app: Flask, world: World, path: str) -> None:
    client = browser(app, "reviewer_bb")
    assert client.get(path).status_code == 404
    assert client.post(path, data={"act": "save", "version": "1"}).status_code == 404


def test_the_running_total_is_the_total_once_all_is_given(app: Flask, world: World) -> None:
    rubric = get_call(db.session(), FISCAL_YEAR).rubric
    for level in range(5):
        typed = read_scores(score_form(level))
        assert running_total(typed.scores, rubric) == (
            weighted_total(typed.scores, rubric),
            len(rubric.criteria),
        )
    assert running_total({}, rubric) == (0, 0)


@pytest.mark.both_databases
def test_home_shows_what_waits_first_and_asks_the_same_whatever_the_number(app: Flask, world: World) -> None:
    client = browser(app, "reviewer_bb", "en")
    assert "Nothing has been given to you yet" in text_of(client.get("/reviewer/"))
    first = file_one(world, title_en="The first project")
    (done,) = assign(world, first, "reviewer_bb")
    hand_in(world, "reviewer_bb", done, scores(3))
    assign(world, file_one(world, title_en="The second project"), "reviewer_bb")
    page = text_of(client.get("/reviewer/"))
    assert page.index("The second project") < page.index("The first project")
    assert "1 of 2 handed in" in page
    assert "Synthetic data for demonstration" in page
    few = queries_of(client, "/reviewer/")
    for _ in range(8):
        assign(world, file_one(world), "reviewer_bb")
    assert queries_of(client, "/reviewer/") == few <= 12
    assert queries_of(client, f"/reviewer/assignments/{done}") <= 12
