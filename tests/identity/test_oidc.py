"""Outside identities and half sessions in both databases. What travels to a provider and back is tested with one, in
tests/web/account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.identity import outside
from app.identity.actions import complete_session, disable_person, invite_person, start_session
from app.identity.facts import NOBODY, Membership, Role, Step
from app.identity.models import ExternalIdentity, User
from app.identity.outside import Purpose
from app.identity.queries import find_session, find_signed_in, find_subscriber, get_person
from app.identity.rules import HALF_SESSION_LIFE, VISIT_LIFE
from app.kernel.canonical import sha256_text
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.text import Text
from app.kernel.work import open_work
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("app")
ISSUER = "https://login.example.go.th"
SECOND = timedelta(seconds=1)


def test_half_session_is_found_as_such_and_completed_once(world: World) -> None:
    user_id = world.users["admin"]
    with open_work(NOBODY, NOW) as work:
        token = start_session(work, user_id, waits_for=Step.CODE)
    assert find_signed_in(db.session(), token, NOW) is None
    half = find_session(db.session(), token, NOW)
    assert half is not None
    assert half.waits_for is Step.CODE
    assert find_session(db.session(), token, NOW + HALF_SESSION_LIFE + SECOND) is None
    with open_work(NOBODY, NOW) as work:
        whole = complete_session(work, half.session_id, user_id)
    found = find_signed_in(db.session(), whole, NOW)
    assert found is not None
    assert (found.actor.id, found.waits_for) == (user_id, None)
    assert find_session(db.session(), token, NOW) is None
    with pytest.raises(Refused), open_work(NOBODY, NOW) as work:
        complete_session(work, half.session_id, user_id)


def test_visit_comes_back_once_soon_and_from_where_it_went(world: World) -> None:
    with open_work(NOBODY, NOW) as work:
        states = [outside.begin_visit(work, "one", Purpose.SIGN_IN, "/desk") for _ in range(2)]
    with open_work(NOBODY, NOW) as work:
        assert outside.end_visit(work, "other", states[0]) is None
        assert outside.end_visit(work, "one", "made up") is None
        found = outside.end_visit(work, "one", states[0])
        assert found is not None
        assert (found.purpose, found.user_id, found.onward) == (Purpose.SIGN_IN, None, "/desk")
        assert outside.end_visit(work, "one", states[0]) is None
    with open_work(NOBODY, NOW + VISIT_LIFE + SECOND) as work:
        assert outside.end_visit(work, "one", states[1]) is None


def link(world: World, who: str, subject: str, issuer: str = ISSUER) -> None:
    with open_work(world.actor(who), NOW) as work:
        outside.link_identity(work, issuer, subject, "one")


def test_identity_is_issuer_and_subject_together(world: World) -> None:
    link(world, "officer", "7301")
    link(world, "officer", "7301")
    link(world, "certifier", "7301", "https://other.example")
    with open_work(NOBODY, NOW) as work:
        assert outside.enter_from_outside(work, ISSUER, "7301", "one") == world.users["officer"]
    with open_work(NOBODY, NOW) as work:
        there = outside.enter_from_outside(work, "https://other.example", "7301", "two")
    assert there == world.users["certifier"]
    with pytest.raises(Refused, match="not linked"), open_work(NOBODY, NOW) as work:
        outside.enter_from_outside(work, ISSUER, "7301 ", "one")
    with pytest.raises(Refused, match="another account"):
        link(world, "certifier", "7301")
    twice = ExternalIdentity(user_id=world.users["certifier"], issuer=ISSUER, subject="7301", linked_at=NOW)
    with pytest.raises(IntegrityError), open_work(NOBODY, NOW) as work:  # nor past the verbs
        work.session.add(twice)


def test_disabled_person_is_refused_whatever_the_provider_says(world: World) -> None:
    link(world, "officer", "7301")
    with open_work(world.actor("admin"), NOW) as work:
        disable_person(work, world.users["officer"])
    with pytest.raises(Refused, match="disabled"), open_work(NOBODY, NOW) as work:
        outside.enter_from_outside(work, ISSUER, "7301", "one")


def test_invitation_accepted_from_outside(world: World) -> None:
    roles = [Membership(Role.OFFICER, world.agencies["alpha"])]
    with open_work(world.actor("admin"), NOW) as work:
        user_id, token = invite_person(work, "new@alpha.go.th", Text("ใหม่", "New"), roles)
    opened = sha256_text(token)
    late = NOW + timedelta(days=7, seconds=1)
    for at, shown in ((NOW, sha256_text("another")), (late, opened)):
        with pytest.raises(Refused, match="no longer be used"), open_work(NOBODY, at) as work:
            outside.accept_from_outside(work, user_id, shown, ISSUER, "7301", "one")
    with open_work(NOBODY, NOW) as work:
        assert outside.accept_from_outside(work, user_id, opened, ISSUER, "7301", "one") == user_id
    with pytest.raises(Refused), open_work(NOBODY, NOW) as work:
        outside.accept_from_outside(work, user_id, opened, ISSUER, "7302", "one")
    assert get_person(db.session(), user_id).state == "active"
    assert find_subscriber(db.session(), user_id) is not None


def test_the_last_way_in_stays(world: World) -> None:
    user_id = world.users["officer"]
    link(world, "officer", "7301")
    link(world, "officer", "7302", "https://other.example")
    first, second = (found.id for found in outside.list_identities(db.session(), user_id))
    with pytest.raises(NotFound), open_work(world.actor("certifier"), NOW) as work:
        outside.unlink_identity(work, first, [ISSUER])
    with open_work(NOBODY, NOW) as work:
        work.session.execute(update(User).where(User.id == user_id).values(password_hash=None))
    with pytest.raises(Refused, match="only way in"), open_work(world.actor("officer"), NOW) as work:
        outside.unlink_identity(work, first, [ISSUER])  # the other's provider is not offered any more
    with open_work(world.actor("officer"), NOW) as work:
        outside.unlink_identity(work, second, [ISSUER])
    with pytest.raises(Refused, match="only way in"), open_work(world.actor("officer"), NOW) as work:
        outside.unlink_identity(work, first, [ISSUER])
    with pytest.raises(IntegrityError), open_work(NOBODY, NOW) as work:  # nor past the verbs
        work.session.execute(update(User).where(User.id == user_id).values(external_since=None))
    with open_work(NOBODY, NOW) as work:
        work.session.execute(update(User).where(User.id == user_id).values(password_hash="x"))
    with open_work(world.actor("officer"), NOW) as work:
        outside.unlink_identity(work, first, [ISSUER])
    db.session.expire_all()
    assert db.session.scalar(select(User.external_since).where(User.id == user_id)) is None
