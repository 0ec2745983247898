"""Panels and what reviewers can take: written, changed by two people, refused with every problem at once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.facts import Actor
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import change_panel, end_panel, make_panel, set_profile
from app.reviews.actions.panels import PanelFacts, ProfileFacts
from app.reviews.queries.panels import get_panel, get_profile, list_call_panels, list_profiles
from tests.world import NOW, World

NAME = Text("คณะหนึ่ง", "Panel one")


def make(world: World, by: str = "secretariat", **changes: object) -> int:
    values: dict[str, object] = {"name": NAME, "body": "", "stage": "", "seats": 2, "members": ()}
    with open_work(world.actor(by), NOW) as work:
        return make_panel(work, world.call_id, PanelFacts(**(values | changes)))  # type: ignore[arg-type]


def secretariat(world: World) -> Actor:
    return world.actor("secretariat")


def test_a_panel_is_made_changed_and_ended(app: Flask, world: World) -> None:
    bb, dga = world.users["reviewer_bb"], world.users["reviewer_dga"]
    panel_id = make(world, members=(bb, bb), body="bb", stage="upstream")
    (panel,) = list_call_panels(db.session(), secretariat(world), world.call_id)
    assert (panel.id, panel.members, panel.seats, panel.version) == (panel_id, (bb,), 2, 1)
    with open_work(secretariat(world), NOW) as work:
        change_panel(work, panel_id, PanelFacts(NAME, "", "", 3, (dga, bb)), 1)
    panel = get_panel(db.session(), secretariat(world), panel_id)
    assert (panel.members, panel.seats, panel.body, panel.version) == ((dga, bb), 3, "", 2)
    with open_work(secretariat(world), NOW) as work:
        end_panel(work, panel_id, 2)
    assert list_call_panels(db.session(), secretariat(world), world.call_id) == []
    assert get_panel(db.session(), secretariat(world), panel_id).ended_at == NOW
    said = db.session().scalars(
        select(AuditEntry.action).where(AuditEntry.subject == f"panel:{panel_id}").order_by(AuditEntry.seq)
    )
    assert list(said) == ["make_panel", "change_panel", "end_panel"]


def test_only_members_changing_is_a_new_version_too(app: Flask, world: World) -> None:
    panel_id = make(world)
    with open_work(secretariat(world), NOW) as work:
        change_panel(work, panel_id, PanelFacts(NAME, "", "", 2, (world.users["reviewer_bb"],)), 1)
    with pytest.raises(Stale), open_work(secretariat(world), NOW) as work:
        change_panel(work, panel_id, PanelFacts(NAME, "", "", 2), 1)
    with pytest.raises(Stale), open_work(secretariat(world), NOW) as work:
        end_panel(work, panel_id, 1)
    assert len(get_panel(db.session(), secretariat(world), panel_id).members) == 1


def test_every_problem_of_a_panel_is_told_at_once(app: Flask, world: World) -> None:
    make(world)
    wrong = PanelFacts(
        Text(NAME.th, " "),
        "bb",
        "nowhere",
        0,
        (world.users["reviewer_dga"], world.users["officer"], 999_999),
    )
    with pytest.raises(Refused) as refused, open_work(secretariat(world), NOW) as work:
        make_panel(work, world.call_id, wrong)
    places = [p.place for p in refused.value.problems]
    assert sorted(places) == ["members", "members", "members", "name_en", "name_th", "seats", "stage"]
    with pytest.raises(Refused) as refused:
        make(world, body="nasa", name=Text("อ" * 201, "x"))
    assert [p.place for p in refused.value.problems] == ["name_th", "body"]


def test_unknown_calls_and_people_are_not_found_and_others_are_forbidden(app: Flask, world: World) -> None:
    for name in ("reviewer_bb", "committee", "officer", "admin"):
        with pytest.raises(Forbidden):
            make(world, by=name)
    with pytest.raises(NotFound), open_work(secretariat(world), NOW) as work:
        make_panel(work, 999_999, PanelFacts(NAME, "", "", 1))
    with pytest.raises(NotFound), open_work(secretariat(world), NOW) as work:
        change_panel(work, 999_999, PanelFacts(NAME, "", "", 1), 1)
    for person in (world.users["officer"], 999_999):
        with pytest.raises(NotFound), open_work(secretariat(world), NOW) as work:
            set_profile(work, world.call_id, person, ProfileFacts(1), "")
        with pytest.raises(NotFound):
            get_profile(db.session(), secretariat(world), world.call_id, person)


def test_a_profile_is_kept_and_a_second_form_of_before_is_refused(app: Flask, world: World) -> None:
    person = world.users["reviewer_bb"]
    assert get_profile(db.session(), secretariat(world), world.call_id, person).says_nothing
    with open_work(secretariat(world), NOW) as work:
        set_profile(work, world.call_id, person, ProfileFacts(4, ("3.1", "1.1"), ("2",)), "")
    kept = get_profile(db.session(), secretariat(world), world.call_id, person)
    assert (kept.load_limit, kept.guidelines, kept.focus_areas) == (4, ("1.1", "3.1"), ("2",))
    with pytest.raises(Stale), open_work(secretariat(world), NOW) as work:
        set_profile(work, world.call_id, person, ProfileFacts(None), "")
    with open_work(secretariat(world), NOW) as work:
        set_profile(work, world.call_id, person, ProfileFacts(None), kept.seen)
    kept = get_profile(db.session(), secretariat(world), world.call_id, person)
    assert (kept.load_limit, kept.says_nothing) == (None, True)


def test_every_problem_of_a_profile_is_told_at_once(app: Flask, world: World) -> None:
    with pytest.raises(Refused) as refused, open_work(secretariat(world), NOW) as work:
        set_profile(
            work, world.call_id, world.users["reviewer_bb"], ProfileFacts(-1, ("9.9", "1.1"), ("zz",)), ""
        )
    assert [p.place for p in refused.value.problems] == ["load_limit", "guidelines", "focus_areas"]
    assert all(p.says_nothing for p in list_profiles(db.session(), secretariat(world), world.call_id))
