"""Giving proposals to reviewers: conflicts are refused and named, all or nothing."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import assign_reviewers, declare_conflict, decline_assignment, save_review
from app.reviews.models import Assignment
from tests.reviews.discussed import at_phase
from tests.web.desks import assign, browser, file_one, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal

CONFLICT = "conflict of interest"


def assign_only(world: World, proposal_id: int, *names: str) -> list[int]:
    """Assignments that nobody has answered yet."""
    with open_work(world.actor("secretariat"), NOW) as work:
        return [a.id for a in assign_reviewers(work, proposal_id, [world.users[name] for name in names])]


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
        (
            "dga",
            ["reviewer_bb"],
            422,
            0,
        ),  # of the participant's ministry: the secretariat's word is wanted first
        ("gamma", ["reviewer_bb"], 422, 0),
        ("beta", ["reviewer_bb"], 303, 1),
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
        wants_a_word = participant in ("dga", "gamma") and chosen == ["reviewer_bb"]
        assert ("an interest that must be judged first" if wants_a_word else CONFLICT) in text_of(answer)
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


def test_what_has_begun_is_taken_back_with_a_reason_and_kept(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    begun, untouched = assign(world, proposal_id, "reviewer_bb", "reviewer_dga")
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        save_review(work, begun, scores(2), 1)
    client = browser(app, "secretariat", "en")
    assert client.post(f"/secretariat/assignments/{untouched}/withdraw").status_code == 303
    refused = client.post(f"/secretariat/assignments/{begun}/withdraw", data={"reason": "  "})
    assert refused.status_code == 422
    assert f'id="why-{begun}-error"' in refused.text
    assert "has begun" in text_of(refused)
    too_long = client.post(f"/secretariat/assignments/{begun}/withdraw", data={"reason": "x" * 1001})
    assert too_long.status_code == 422
    assert "x" * 1001 in too_long.text  # what was typed stays
    taken = client.post(f"/secretariat/assignments/{begun}/withdraw", data={"reason": "moved to Budget"})
    assert taken.status_code == 303
    page = text_of(client.get(f"/secretariat/proposals/{proposal_id}"))
    assert "Reason: moved to Budget" in page
    assert page.count("Taken back") >= 2
    assert [a.state for a in db.session().query(Assignment).order_by(Assignment.id)] == ["withdrawn"] * 2
    again = client.post(f"/secretariat/assignments/{begun}/withdraw", data={"reason": "twice"})
    assert again.status_code == 422
    assert client.post("/secretariat/assignments/424242/withdraw").status_code == 404


def test_one_is_passed_on_in_one_step_or_not_at_all(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    (given,) = assign(world, proposal_id, "reviewer_bb")
    client = browser(app, "secretariat", "en")
    address = f"/secretariat/assignments/{given}/reassign"

    def states() -> dict[int, str]:
        db.session.rollback()
        return {a.reviewer_id: a.state for a in db.session().query(Assignment)}

    bb, dga, alpha = (world.users[name] for name in ("reviewer_bb", "reviewer_dga", "reviewer_alpha"))
    for instead, words in (
        ("", "Choose who reviews it instead"),
        ("x", "Choose who reviews it instead"),
        (str(alpha), CONFLICT),
        (str(bb), "has this proposal already"),
    ):
        refused = client.post(address, data={"instead": instead, "reason": "Kept words"})
        assert refused.status_code == 422
        assert words in text_of(refused)
        assert "Kept words" in refused.text
        assert f'id="instead-{given}-error"' in refused.text
        assert states() == {bb: "accepted"}
    assert client.post(address, data={"instead": str(world.users["committee"])}).status_code == 404
    assert client.post(address, data={"instead": str(dga)}).status_code == 303
    assert states() == {bb: "withdrawn", dga: "given"}
    assert client.post(address, data={"instead": str(dga)}).status_code == 422  # it has ended
    assert client.post("/secretariat/assignments/424242/reassign").status_code == 404


def test_every_assignment_is_told_in_words_and_can_be_asked_again(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    asked, declined = assign_only(world, proposal_id, "reviewer_bb", "reviewer_dga")
    with open_work(world.actor("reviewer_dga"), NOW) as work:
        decline_assignment(work, declined, "On leave until May")
    client = browser(app, "secretariat", "en")
    address = f"/secretariat/proposals/{proposal_id}"
    page = client.get(address)
    shown = text_of(page)
    assert "Not answered" in shown
    assert "Declined" in shown
    assert "Reason: On leave until May" in shown
    assert re.search(r"The round is in the phase\s*<[^>]*>Scoring<", shown)
    assert "Ask again" in shown
    again = client.post(f"{address}/assign", data={"reviewer": [str(world.users["reviewer_dga"])]})
    assert again.status_code == 303
    assert "Declined" not in text_of(client.get(address))
    # a declared conflict holds: there is nothing to ask, and the page says why
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        declare_conflict(work, asked, "My brother runs it")
    shown = text_of(client.get(address))
    assert "Ask again" not in shown
    assert "Declared by the reviewer" in shown
    # the committee reads states, but neither reasons nor buttons
    seen = text_of(browser(app, "committee", "en").get(address))
    assert "My brother runs it" not in seen
    assert "Change or take back" not in seen


def test_in_a_locked_round_nothing_is_offered_and_nothing_taken(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    (given,) = assign(world, proposal_id, "reviewer_bb")
    at_phase(world, "locked")
    client = browser(app, "secretariat", "en")
    page = client.get(f"/secretariat/proposals/{proposal_id}")
    assert "The round is locked: nothing can be assigned" in text_of(page)
    for offered in ("Assign the chosen", "Change or take back", "/reassign"):
        assert offered not in page.text
    dga = str(world.users["reviewer_dga"])
    for path, data in (
        (f"/secretariat/proposals/{proposal_id}/assign", {"reviewer": [dga]}),
        (f"/secretariat/assignments/{given}/withdraw", {"reason": "late"}),
        (f"/secretariat/assignments/{given}/reassign", {"reason": "late", "instead": dga}),
    ):
        refused = client.post(path, data=data)
        assert refused.status_code == 422
        assert "The round is locked" in text_of(refused)
    assert [a.state for a in db.session().query(Assignment)] == ["accepted"]


@pytest.mark.both_databases
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
