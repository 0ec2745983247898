"""Separation of duties: who scores does not also sit where all scores are seen or the decision is made."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from flask import Flask
from sqlalchemy import select

from app.cli.doctor import Grade, examine
from app.identity.actions import add_demo_person, disable_person, invite_person
from app.identity.facts import SYSTEM, Body, Membership, Role
from app.identity.models import User
from app.identity.queries import list_clashing, list_reviewers
from app.identity.rules import ROLES_CLASH, roles_clash
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.text import Text
from app.kernel.work import open_work
from tests.conftest import Backend
from tests.web.desks import browser, text_of
from tests.world import NOW, PASSWORD, World

NAME = Text("ผู้สองหน้าที่", "Two Offices")
CLASHES = [{Role.REVIEWER, other} for other in (Role.SECRETARIAT, Role.COMMITTEE, Role.ADMIN)]


def member(role: Role, world: World) -> Membership:
    if role is Role.REVIEWER:
        return Membership(role, world.agencies["bb"], Body.BB)
    return Membership(role, world.agencies["alpha"])


def test_which_roles_clash() -> None:
    for number in range(len(Role) + 1):
        for roles in combinations(Role, number):
            assert roles_clash(roles) is any(pair <= set(roles) for pair in CLASHES), roles


@pytest.mark.parametrize("roles", list(combinations(Role, 2)), ids=" and ".join)
def test_nobody_is_invited_to_roles_that_clash(app: Flask, world: World, roles: tuple[Role, Role]) -> None:
    def invite() -> None:
        with open_work(world.actor("admin"), NOW) as work:
            invite_person(work, "two@a.go.th", NAME, [member(role, world) for role in sorted(roles)])

    if set(roles) in CLASHES:
        with pytest.raises(Refused) as refusal:
            invite()
        assert [(p.place, p.text) for p in refusal.value.problems] == [("role", ROLES_CLASH)]
        assert db.session.scalar(select(User.id).where(User.email == "two@a.go.th")) is None
    else:
        invite()


def test_accounts_from_before_are_named_wherever_somebody_can_mend_it(sqlite_backend: Backend) -> None:
    """By the doctor and on the person's page; they stay in the list of reviewers, so that the pages say why they are
    given nothing."""
    app, world = sqlite_backend.app, sqlite_backend.world
    with app.app_context():
        assert list_clashing(db.session()) == []
        with open_work(SYSTEM, NOW) as work:
            roles = [member(Role.REVIEWER, world), member(Role.COMMITTEE, world)]
            user_id = add_demo_person(work, "two@a.go.th", NAME, PASSWORD, roles)
        assert list_clashing(db.session()) == [(user_id, "two@a.go.th")]
        assert user_id in {reviewer[0] for reviewer in list_reviewers(db.session())}
        told = [s for s in examine(replace(app.config["DGI"])) if "two@a.go.th" in s.what]
        assert [s.grade for s in told] == [Grade.NOTE]
        admin = browser(app, "admin", "en")
        assert ROLES_CLASH.en in text_of(admin.get(f"/admin/people/{user_id}"))
        assert ROLES_CLASH.en not in text_of(admin.get(f"/admin/people/{world.users['reviewer_alpha']}"))
        assert "has to choose" in text_of(admin.get("/admin/people/invite"))
        with open_work(world.actor("admin"), NOW) as work:
            disable_person(work, user_id)
        assert list_clashing(db.session()) == []
        db.session.remove()
