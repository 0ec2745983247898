"""Identity's verbs on both databases: what they refuse, what they leave behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity import actions
from app.identity.facts import NOBODY, Membership, Role
from app.identity.models import SignInSession, User
from app.identity.queries import (
    any_demo_people,
    count_failures,
    find_invitation,
    find_signed_in,
    get_person,
    list_audit,
    list_people,
    list_reviewers,
)
from app.kernel.audit import AuditEntry, verify
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.text import Text
from app.kernel.work import open_work
from tests.conftest import REAL_HASHER
from tests.world import NOW, PASSWORD, World

pytestmark = pytest.mark.usefixtures("app")
GOOD = "a long walk by the river"
NAME = Text("ผู้มา ใหม่", "New Comer")


def _sign_in(world: World, who: str) -> str:
    with open_work(world.actor(who), NOW) as work:
        return actions.start_session(work, world.users[who])


def test_only_the_hash_of_a_token_is_kept(world: World) -> None:
    token = _sign_in(world, "officer")
    row = db.session.scalars(select(SignInSession)).one()
    assert token not in (row.token_sha256,)
    found = find_signed_in(db.session(), token, NOW)
    assert found is not None
    assert (found.actor.id, found.agency) == (world.users["officer"], Text("กรมอัลฟา", "Department Alpha"))


@pytest.mark.parametrize("token", ["", "x", "ก", "a" * 10_000])
def test_made_up_tokens_find_nobody(token: str) -> None:
    assert find_signed_in(db.session(), token, NOW) is None


def test_ended_session_finds_nobody(world: World) -> None:
    token = _sign_in(world, "officer")
    found = find_signed_in(db.session(), token, NOW)
    assert found is not None
    with open_work(found.actor, NOW) as work:
        actions.end_session(work, found.session_id)
    assert find_signed_in(db.session(), token, NOW) is None


def test_people_without_roles_can_sign_in_and_do_nothing(world: World, app: Flask) -> None:
    with open_work(world.actor("admin"), NOW) as work:
        user_id = actions.add_demo_person(work, "x@a.go.th", NAME, PASSWORD, [])
    with open_work(NOBODY, NOW) as work:
        token = actions.start_session(work, user_id)
    found = find_signed_in(db.session(), token, NOW)
    assert found is not None
    assert found.actor.roles == frozenset()


@pytest.mark.parametrize(
    "verb",
    [
        lambda work: actions.invite_person(work, "x@a.go.th", NAME, [Membership(Role.ADMIN)]),
        lambda work: actions.renew_invitation(work, 1),
        lambda work: actions.disable_person(work, 1),
        lambda work: actions.enable_person(work, 1),
        lambda work: actions.add_ministry(work, "x", NAME),
        lambda work: actions.add_agency(work, "x", NAME, 1),
        lambda work: actions.add_demo_person(work, "x@a.go.th", NAME, "x", []),
    ],
)
@pytest.mark.parametrize("who", ["officer", "secretariat", "committee", "reviewer_bb", None])
def test_only_the_admin_manages_people(world: World, verb: object, who: str | None) -> None:
    actor = world.actor(who) if who else NOBODY
    with pytest.raises(Forbidden), open_work(actor, NOW) as work:
        verb(work)  # type: ignore[operator]


def test_invitation_lapses_to_the_second(world: World) -> None:
    with open_work(world.actor("admin"), NOW) as work:
        _, token = actions.invite_person(work, "N@A.go.th", NAME, [Membership(Role.COMMITTEE)])
    assert find_invitation(db.session(), token, NOW + timedelta(days=7)) is not None
    assert find_invitation(db.session(), token, NOW + timedelta(days=7, microseconds=1)) is None
    assert find_invitation(db.session(), token + "x", NOW) is None


def test_invited_person_has_no_password_to_guess(world: World) -> None:
    with open_work(world.actor("admin"), NOW) as work:
        user_id, _ = actions.invite_person(work, "n@a.go.th", NAME, [Membership(Role.COMMITTEE)])
    user = db.session.get_one(User, user_id)
    assert not actions.password_matches(user, "")
    assert get_person(db.session(), user_id).state == "invited"


def test_accepting_ends_every_session(world: World) -> None:
    token = _sign_in(world, "officer")
    with open_work(world.actor("admin"), NOW) as work:
        link = actions.renew_invitation(work, world.users["officer"])
    with open_work(NOBODY, NOW) as work:
        actions.accept_invitation(work, link, GOOD)
    assert find_signed_in(db.session(), token, NOW) is None
    with pytest.raises(Refused), open_work(NOBODY, NOW) as work:
        actions.accept_invitation(work, link, GOOD)


def test_person_invited_disabled_and_enabled_can_be_invited_again(world: World) -> None:
    admin = world.actor("admin")
    with open_work(admin, NOW) as work:
        user_id, _ = actions.invite_person(work, "n@a.go.th", NAME, [Membership(Role.COMMITTEE)])
    with open_work(admin, NOW) as work:
        actions.disable_person(work, user_id)
    with open_work(admin, NOW) as work:
        actions.enable_person(work, user_id)
    with open_work(admin, NOW) as work:
        token = actions.renew_invitation(work, user_id)
    assert find_invitation(db.session(), token, NOW) is not None


def test_unknown_people_are_not_found(world: World) -> None:
    for verb in (actions.disable_person, actions.enable_person, actions.renew_invitation):
        with pytest.raises(NotFound), open_work(world.actor("admin"), NOW) as work:
            verb(work, 2**31 - 1)
    with pytest.raises(NotFound):
        get_person(db.session(), 2**31 - 1)


def test_failures_are_counted_by_account_and_address(world: World) -> None:
    with open_work(NOBODY, NOW) as work:
        actions.note_failed_sign_in(work, "a@b.th", "10.0.0.1")
        actions.note_failed_sign_in(work, "a@b.th", "10.0.0.2")
        actions.note_failed_sign_in(work, "c@b.th", "10.0.0.1")
    assert count_failures(db.session(), "a@b.th", "10.0.0.1", NOW) == (2, 2)
    assert count_failures(db.session(), "a@b.th", "10.0.0.9", NOW) == (2, 0)
    assert count_failures(db.session(), "a@b.th", "10.0.0.1", NOW + timedelta(minutes=15)) == (0, 0)


def test_lists(world: World) -> None:
    people = {p.email: p for p in list_people(db.session())}
    assert people[World.email("officer")].agency_names == (Text("กรมอัลฟา", "Department Alpha"),)
    assert {p.state for p in people.values()} == {"active"}
    reviewers = {r[0]: r[3] for r in list_reviewers(db.session())}
    alpha, bb = world.agencies["alpha"], world.agencies["bb"]
    assert reviewers[world.users["reviewer_alpha"]] == frozenset({alpha, bb})
    assert any_demo_people(db.session())


def test_a_password_costs_what_the_library_recommends(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """argon2id with 64 MiB and three rounds, the low-memory recommendation of RFC 9106; the other tests pay less."""
    monkeypatch.setattr(actions, "_hasher", REAL_HASHER)
    with open_work(world.actor("officer"), NOW) as work:
        session_id = work.session.scalars(select(SignInSession.id)).first() or 0
        actions.change_password(work, PASSWORD, GOOD, session_id=session_id)
    person = db.session.get_one(User, world.users["officer"])
    assert (person.password_hash or "").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert actions.password_matches(person, GOOD)
    assert not actions.password_matches(person, PASSWORD)


def test_every_verb_is_in_the_chain(world: World) -> None:
    before = db.session.scalars(select(AuditEntry.seq).order_by(AuditEntry.seq.desc())).first() or 0
    token = _sign_in(world, "officer")
    found = find_signed_in(db.session(), token, NOW)
    assert found is not None
    with open_work(found.actor, NOW) as work:
        actions.change_password(work, PASSWORD, GOOD, session_id=found.session_id)
        actions.end_session(work, found.session_id)
    rows = list_audit(db.session(), before=2**31 - 1, subject="", limit=3)
    assert [r.action for r in rows] == ["sign_out", "change_password", "sign_in"]
    assert rows[-1].seq == before + 1
    assert verify(db.session()).fault is None
