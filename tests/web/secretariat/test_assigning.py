"""Giving proposals to reviewers: conflicts are refused and named, all or nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import save_review
from app.reviews.models import Assignment
from tests.web.desks import assign, browser, file_one, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal

CONFLICT = "conflict of interest"


def _with_participant(world: World, code: str) -> int:
    rows = [budget_row(), budget_row(agency=code)]
    return file_proposal(world, complete_draft(names={"participants": [code]}, budget={"rows": rows}))


@pytest.mark.parametrize(
    ("participant", "chosen", "status", "made"),
    [
        ("", ["reviewer_bb"], 303, 1),
        ("", ["reviewer_bb", "reviewer_dga"], 303, 2),
        ("", ["reviewer_alpha"], 422, 0),  # an officer of the lead agency
        ("", ["reviewer_bb", "reviewer_alpha"], 422, 0),  # all or nothing
        ("dga", ["reviewer_dga"], 422, 0),  # the body itself takes part
        ("dga", ["reviewer_bb"], 303, 1),
        ("bb", ["reviewer_bb", "reviewer_dga"], 422, 0),
        ("", [], 422, 0),
    ],
)
def test_conflicts_are_refused(
    app: Flask, world: World, participant: str, chosen: list[str], status: int, made: int
) -> None:
    proposal_id = _with_participant(world, participant) if participant else file_one(world)
    client = browser(app, "secretariat", "en")
    answer = client.post(
        f"/secretariat/proposals/{proposal_id}/assign",
        data={"reviewer": [str(world.users[name]) for name in chosen]},
    )
    assert answer.status_code == status
    assert db.session().query(Assignment).count() == made
    if status == 422 and chosen:
        assert CONFLICT in text_of(answer)
    elif status == 422:
        assert "Choose at least one reviewer" in text_of(answer)


def test_those_in_conflict_are_shown_and_cannot_be_chosen(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    page = (
        browser(app, "secretariat", "en").get(f"/secretariat/proposals/{proposal_id}").get_data(as_text=True)
    )
    box = page[page.index(f'id="reviewer-{world.users["reviewer_alpha"]}"') :][:700]
    assert " disabled" in box[: box.index(">")]
    assert CONFLICT in box
    free = page[page.index(f'id="reviewer-{world.users["reviewer_bb"]}"') :]
    assert " disabled" not in free[: free.index(">")]


@pytest.mark.parametrize("typed", ["999999", "x", "", "-1", "9" * 30, "๑"])
def test_unknown_reviewers_are_not_found(app: Flask, world: World, typed: str) -> None:
    proposal_id = file_one(world)
    client = browser(app, "secretariat")
    answer = client.post(f"/secretariat/proposals/{proposal_id}/assign", data={"reviewer": [typed]})
    assert answer.status_code == 404


def test_people_who_do_not_review_cannot_be_assigned(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    answer = browser(app, "secretariat").post(
        f"/secretariat/proposals/{proposal_id}/assign", data={"reviewer": [str(world.users["committee"])]}
    )
    assert answer.status_code == 404


def test_an_assignment_is_taken_back_only_before_it_is_begun(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    begun, untouched = assign(world, proposal_id, "reviewer_bb", "reviewer_dga")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        save_review(work, begun, scores(2), 1)
    client = browser(app, "secretariat", "en")
    assert client.post(f"/secretariat/assignments/{untouched}/withdraw").status_code == 303
    refused = client.post(f"/secretariat/assignments/{begun}/withdraw")
    assert refused.status_code == 422
    assert "has begun" in text_of(refused)
    assert client.post("/secretariat/assignments/424242/withdraw").status_code == 404


def test_overview_shows_what_lacks_and_asks_the_same_whatever_the_number(app: Flask, world: World) -> None:
    full, short = file_one(world, title_en="Fully assigned"), file_one(world, title_en="Lacks a reviewer")
    third = file_one(world, title_en="Nobody yet")
    assign(world, full, "reviewer_bb", "reviewer_dga")
    assign(world, short, "reviewer_bb")
    client = browser(app, "secretariat", "en")
    address = f"/secretariat/calls/{FISCAL_YEAR}/assignments"
    page = text_of(client.get(address))
    assert "1 more needed" in page  # three are asked for: two have it
    assert "3 more needed" in page
    waiting = text_of(client.get(f"{address}?lack=reviews"))
    assert "Nobody yet" not in waiting
    assert "Lacks a reviewer" in waiting
    assert client.get(f"{address}?lack=nonsense&after=%27--").status_code == 200
    few = [queries_of(client, p) for p in (address, "/secretariat/", f"/secretariat/proposals/{third}")]
    for _ in range(6):
        assign(world, file_one(world), "reviewer_bb", "reviewer_dga")
    many = [queries_of(client, p) for p in (address, "/secretariat/", f"/secretariat/proposals/{third}")]
    assert many == few
    assert max(many) <= 12
