"""Panels and assignment plans as the secretariat walks them, without a script."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.calls.queries import get_call
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import make_panel, make_plan
from app.reviews.actions.panels import PanelFacts
from app.reviews.models import Assignment, AssignmentPlan, DeclaredTie, Panel
from app.reviews.planning.apart import PlanFailed, compute_apart
from app.reviews.planning.facts import Keep, PlanSettings, Seat, Situation
from tests.conftest import Backend
from tests.web.desks import browser, file_one, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World

PANELS = f"/secretariat/calls/{FISCAL_YEAR}/panels"
PLANS = f"/secretariat/calls/{FISCAL_YEAR}/assignment-plans"


def keep_plan(world: World, *seats: Seat, keep: Keep = Keep.ALL) -> int:
    """A plan as it is kept, without computing one."""
    result = {
        "seats": len(seats),
        "missing": 0,
        "lacking": 0,
        "cost": 0,
        "groups": 1,
        "shared": 0,
        "pairs": 0,
    }
    with open_work(world.actor("secretariat"), NOW) as work:
        return make_plan(work, world.call_id, PlanSettings(1, keep), seats, result)


def test_a_panel_is_made_changed_and_ended_by_forms(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat", "en")
        assert "There are no panels yet" in text_of(her.get(PANELS))
        form = {
            "name_th": "คณะหนึ่ง",
            "name_en": "Panel one",
            "body": "bb",
            "stage": "",
            "seats": "๒",
            "members": [str(world.users["reviewer_bb"])],
        }
        wrong = her.post(f"{PANELS}/new", data=form | {"members": [str(world.users["reviewer_dga"])]})
        assert wrong.status_code == 422
        assert "cannot sit in a panel of Bureau of the Budget" in text_of(wrong)
        assert 'value="Panel one"' in text_of(wrong)
        assert her.post(f"{PANELS}/new", data=form | {"seats": "0"}).status_code == 422
        assert her.post(f"{PANELS}/new", data=form).status_code == 303
        page = text_of(her.get(PANELS))
        assert "Panel one" in page
        assert "Fewer than seats" in page
        panel = db.session().query(Panel).one()
        address = f"/secretariat/panels/{panel.id}"
        assert "checked" in text_of(her.get(address))
        assert her.post(address, data=form | {"seats": "1", "version": "1"}).status_code == 303
        stale = her.post(address, data=form | {"version": "1"})
        assert stale.status_code == 422
        assert "Somebody else changed this panel" in text_of(stale)
        assert her.post(f"{address}/end", data={"version": "1"}).status_code == 409
        assert her.post(f"{address}/end", data={"version": "2"}).status_code == 303
        assert "Panel one" not in text_of(her.get(PANELS))
        assert "This panel was ended" in text_of(her.get(address))


def test_what_a_reviewer_can_take_is_kept_by_a_form(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat", "en")
        address = f"/secretariat/calls/{FISCAL_YEAR}/reviewers/{world.users['reviewer_bb']}"
        assert (
            her.get(f"/secretariat/calls/{FISCAL_YEAR}/reviewers/{world.users['officer']}").status_code == 404
        )
        form = {"load_limit": "7", "guidelines": ["1.1", "2.1"], "focus_areas": ["2"], "seen": ""}
        assert her.post(address, data=form | {"load_limit": "-3"}).status_code == 422
        unknown = her.post(address, data=form | {"guidelines": ["1.1", "77"]})
        assert unknown.status_code == 422
        assert "has no code “77”" in text_of(unknown)
        assert her.post(address, data=form).status_code == 303
        assert "Health and medicine" in text_of(her.get(PANELS))
        page = text_of(her.get(address))
        assert page.count("checked") == 3
        stale = her.post(address, data=form)
        assert stale.status_code == 422
        assert "Somebody else changed" in text_of(stale)


def test_a_plan_is_made_looked_at_adjusted_previewed_and_applied(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat", "en")
        nothing = her.post(PLANS, data={"seed": "1", "keep": "all"})
        assert nothing.status_code == 422
        assert "No proposal of this call has passed screening" in text_of(nothing)
        one = file_one(world)
        assert her.post(PLANS, data={"seed": "x", "keep": "all"}).status_code == 422
        assert her.post(PLANS, data={"seed": "1", "keep": "none"}).status_code == 422
        made = her.post(PLANS, data={"seed": "1", "keep": "all"})
        assert made.status_code == 303
        address = made.headers["Location"]
        page = text_of(her.get(address))
        assert "All reviewers' scores can be compared" in page
        assert "1 more needed" in page
        assert "Of 3 members: 2 on this proposal already · 1 in conflict" in page
        bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
        seat = f"{address}/proposals/{one}"
        change = text_of(her.get(f"{seat}?instead={bb}"))
        assert "Who could replace Person reviewer_bb" in change
        assert "Has a conflict of interest in this proposal" in change
        assert her.get(f"{address}/proposals/999999").status_code == 404
        barred = her.post(seat, data={"version": "1", "reviewer": str(world.users["reviewer_alpha"])})
        assert barred.status_code == 422
        assert "Has a conflict of interest" in text_of(barred)
        assert her.post(seat, data={"version": "1", "instead": str(bb)}).status_code == 303
        stale = her.post(seat, data={"version": "1", "instead": str(dga)})
        assert stale.status_code == 422
        assert "Somebody else changed this plan" in text_of(stale)
        assert her.post(seat, data={"version": "2", "reviewer": str(bb)}).status_code == 303
        preview = text_of(her.get(f"{address}/apply"))
        assert "2 assignments would be made, on 1 proposals, to 2 reviewers" in preview
        assert db.session().query(Assignment).count() == 0
        done = her.post(f"{address}/apply", data={"version": "3"})
        assert done.status_code == 303
        db.session().rollback()
        assert {a.reviewer_id for a in db.session().query(Assignment)} == {bb, dga}
        assert "Applied" in text_of(her.get(address))
        assert her.post(f"{address}/apply", data={"version": "4"}).status_code == 422
        full = her.post(PLANS, data={"seed": "1", "keep": "all"})
        assert full.status_code == 303  # the third seat is still empty
        dropped = her.post(f"{full.headers['Location']}/drop", data={"version": "1"})
        assert dropped.status_code == 303
        assert "Dropped" in text_of(her.get(PLANS))


def test_what_has_come_up_since_bars_applying_and_says_where(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat", "en")
        one, bb = file_one(world), world.users["reviewer_bb"]
        plan_id = keep_plan(world, Seat(one, bb))
        with open_work(world.actor("secretariat"), NOW) as work:
            work.session.add(DeclaredTie(user_id=bb, agency_id=world.agencies["alpha"], tie="former", at=NOW))
        address = f"/secretariat/assignment-plans/{plan_id}"
        assert "1 of it can no longer be assigned" in text_of(her.get(address))
        assert "1 of 1 proposals" in text_of(her.get(f"{address}?view=faults"))
        preview = text_of(her.get(f"{address}/apply"))
        assert "cannot be applied before these 1 are adjusted" in preview
        assert "<button" not in preview.split("<main")[1].split("</main>")[0]
        refused = her.post(f"{address}/apply", data={"version": "1"})
        assert refused.status_code == 422
        assert "an interest in this proposal that must be judged first" in text_of(refused)
        assert db.session().query(Assignment).count() == 0


@pytest.mark.both_databases
def test_the_proposals_of_a_plan_are_narrowed_by_the_address(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat", "en")
        one, two = file_one(world, title_th="ระบบทะเบียนม้าน้ำ"), file_one(world)
        bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
        address = f"/secretariat/assignment-plans/{keep_plan(world, Seat(one, bb), Seat(two, dga))}"
        for query, number in (
            ("", 2),
            ("q=ม้าน้ำ", 1),
            ("q=nowhere", 0),
            (f"reviewer={bb}", 1),
            ("reviewer=999999", 0),
            ("stage=upstream", 2),
            ("stage=downstream", 0),
            ("view=lacking", 2),
            ("view=thin", 0),
            ("view=unmatched", 2),
            ("view=nonsense&stage=x&reviewer=y", 2),
        ):
            page = text_of(her.get(f"{address}?{query}"))
            found = re.search(r"(\d+) of 2 proposals", page)
            assert (int(found[1]) if found else 0) == number, query


def test_an_empty_panel_is_said_to_be_empty(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat", "en")
        file_one(world)
        with open_work(world.actor("secretariat"), NOW) as work:
            make_panel(work, world.call_id, PanelFacts(Text("ว่าง", "Empty"), "", "", 2))
        made = her.post(PLANS, data={"seed": "1", "keep": "all"})
        page = text_of(her.get(made.headers["Location"]))
        assert "This panel has no reviewers" in page
        assert "Add reviewers to the panel" in page
        assert "There is nothing to assign" in text_of(her.get(f"{made.headers['Location']}/apply"))


@pytest.mark.both_databases
def test_the_pages_ask_as_much_for_many_as_for_few(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat")
        bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
        one = file_one(world)
        plan_id = keep_plan(world, Seat(one, bb))
        panel_id = _panel(world, bb)
        address = f"/secretariat/assignment-plans/{plan_id}"
        pages = (
            PANELS,
            f"{PANELS}/new",
            f"/secretariat/panels/{panel_id}",
            f"/secretariat/calls/{FISCAL_YEAR}/reviewers/{bb}",
            PLANS,
            address,
            f"{address}/proposals/{one}",
            f"{address}/apply",
        )
        few = {page: queries_of(her, page) for page in pages}
        more = [file_one(world) for _ in range(4)]
        db.session().get_one(AssignmentPlan, plan_id).seats = str(
            [[p, r, panel_id] for p in (one, *more) for r in (bb, dga)]
        )
        db.session().commit()
        for page, before in few.items():
            assert queries_of(her, page) <= before <= 12, (page, before)


def _panel(world: World, *members: int) -> int:
    with open_work(world.actor("secretariat"), NOW) as work:
        return make_panel(work, world.call_id, PanelFacts(Text("ก", "A"), "", "", 1, members))


def test_the_call_in_the_bar_is_the_plans_own(app: Flask, world: World) -> None:
    her = browser(app, "secretariat")
    plan_id = keep_plan(world)
    name = get_call(db.session(), FISCAL_YEAR).name.th
    assert name in text_of(her.get(f"/secretariat/assignment-plans/{plan_id}"))


def test_more_reviewers_than_seats_are_told_in_the_preview(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat", "en")
        one = file_one(world)
        bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
        panel_id = _panel(world, bb, dga)
        few = keep_plan(world, Seat(one, bb, panel_id))
        many = keep_plan(world, Seat(one, bb, panel_id), Seat(one, dga, panel_id))
        told = "Proposals with more reviewers than seats"
        assert told not in text_of(her.get(f"/secretariat/assignment-plans/{few}/apply"))
        assert told in text_of(her.get(f"/secretariat/assignment-plans/{many}/apply"))


def test_a_plan_that_fails_is_told_and_nothing_is_kept(
    sqlite_backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PlanFailed("no memory")

    monkeypatch.setattr("app.web.secretariat.plans.compute_apart", fail)
    with sqlite_backend.app.app_context():
        her = browser(sqlite_backend.app, "secretariat", "en")
        file_one(sqlite_backend.world)
        answer = her.post(PLANS, data={"seed": "1", "keep": "all"})
        assert answer.status_code == 422
        assert "could not be computed and nothing has changed" in text_of(answer)
        assert db.session().query(AssignmentPlan).count() == 0


def test_a_process_without_a_plan_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    situation = Situation((), (), ())
    assert compute_apart(situation, 1) == ((), 0, False)
    monkeypatch.setattr("app.reviews.planning.apart.sys.executable", "/bin/false")
    with pytest.raises(PlanFailed):
        compute_apart(situation, 1)
