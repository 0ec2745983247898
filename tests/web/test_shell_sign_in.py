"""Signing in and out: sessions that really end, slow guessing, and answers that give nothing away."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.identity.actions import disable_person
from app.identity.models import SignInAttempt, SignInSession, User
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.work import open_work
from app.web.account import REFUSED
from tests.conftest import Backend, FixedClock, sign_in
from tests.world import NOW, PASSWORD, World


def _cookie(client: FlaskClient) -> str:
    found = client.get_cookie("dgi")
    assert found is not None
    return found.value


def test_sign_in_leads_to_the_page_asked_for(client: FlaskClient) -> None:
    data = {"email": World.email("admin"), "password": PASSWORD, "next": "/admin/audit"}
    answer = client.post("/sign-in", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/audit")
    assert client.get("/admin/audit").status_code == 200


def test_email_is_taken_in_any_case(client: FlaskClient) -> None:
    sign_in(client, World.email("admin").upper())


def test_copied_cookie_is_dead_after_sign_out(client: FlaskClient, backend: Backend) -> None:
    sign_in(client, World.email("admin"))
    copied = _cookie(client)
    thief = backend.app.test_client()
    thief.set_cookie("dgi", copied)
    assert thief.get("/admin/people").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert client.get("/admin/people").status_code == 302
    assert thief.get("/admin/people").status_code == 302


def test_cookie_holds_only_the_token(client: FlaskClient, backend: Backend) -> None:
    sign_in(client, World.email("admin"))
    with client.session_transaction() as session:
        assert set(session) <= {"_user_id", "csrf_token", "language"}


def test_second_sign_in_gets_another_token_and_ends_the_first(client: FlaskClient, backend: Backend) -> None:
    sign_in(client, World.email("admin"))
    first = _cookie(client)
    sign_in(client, World.email("officer"))
    thief = backend.app.test_client()
    thief.set_cookie("dgi", first)
    assert thief.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("who", "password"),
    [("nobody", PASSWORD), ("officer", "guessed"), ("officer", PASSWORD + "x" * 200), ("disabled", PASSWORD)],
)
def test_refusals_are_alike(client: FlaskClient, backend: Backend, who: str, password: str) -> None:
    if who == "disabled":
        who = "certifier"
        with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
            disable_person(work, backend.world.users[who])
    answer = client.post("/sign-in", data={"email": World.email(who), "password": password})
    assert answer.status_code == 422
    assert REFUSED.th in answer.text
    assert World.email(who) in answer.text
    assert password not in answer.text


def test_guessing_is_slowed_and_let_go_later(client: FlaskClient, clock: FixedClock) -> None:
    wrong = {"email": World.email("officer"), "password": "wrong"}
    right = {"email": World.email("officer"), "password": PASSWORD}
    for _ in range(8):
        assert client.post("/sign-in", data=wrong).status_code == 422
    answer = client.post("/sign-in", data=right)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "รอ 15 นาที" in answer.text
    assert client.post("/sign-in", data={**right, "email": World.email("admin")}).status_code == 303
    clock.advance(minutes=15, seconds=1)
    assert client.post("/sign-in", data=right).status_code == 303


def test_many_accounts_from_one_address_are_slowed(client: FlaskClient, backend: Backend) -> None:
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        for n in range(40):
            work.session.add(SignInAttempt(email=f"x{n}@a.go.th", address="127.0.0.1", at=NOW))
    data = {"email": World.email("officer"), "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 429


def test_idle_session_lapses(client: FlaskClient, clock: FixedClock) -> None:
    sign_in(client, World.email("admin"))
    clock.advance(hours=1, minutes=59)
    assert client.get("/account").status_code == 200
    clock.advance(hours=1, minutes=59)
    assert client.get("/account").status_code == 200
    clock.advance(hours=2, seconds=1)
    assert client.get("/account").status_code == 302


def test_no_session_outlives_a_working_day(client: FlaskClient, clock: FixedClock) -> None:
    sign_in(client, World.email("admin"))
    for _ in range(14):
        assert client.get("/account").status_code == 200
        clock.advance(hours=1)
    clock.advance(seconds=1)
    assert client.get("/account").status_code == 302


def test_reading_writes_only_that_the_session_is_used(
    client: FlaskClient, backend: Backend, clock: FixedClock
) -> None:
    sign_in(client, World.email("admin"))

    def seen() -> object:
        with backend.app.app_context():
            return db.session.execute(
                select(SignInSession.seen_at, select(func.count(AuditEntry.seq)).scalar_subquery())
            ).one()

    before = seen()
    clock.advance(minutes=4)
    client.get("/admin/people")
    assert seen() == before
    clock.advance(minutes=2)
    client.get("/admin/people")
    after = seen()
    assert after[0] > before[0]  # type: ignore[index]
    assert after[1] == before[1]  # type: ignore[index]


def test_session_of_a_disabled_person_ends_at_once(client: FlaskClient, backend: Backend) -> None:
    sign_in(client, World.email("officer"))
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        disable_person(work, backend.world.users["officer"])
    assert client.get("/account").status_code == 302


def test_sign_in_page_sends_a_signed_in_person_on(client: FlaskClient) -> None:
    sign_in(client, World.email("admin"))
    assert client.get("/sign-in?next=/account").headers["Location"] == "/account"
    assert client.get("/sign-in?next=//evil.example").headers["Location"] == "/desk"


def test_change_of_password_ends_the_other_browsers(client: FlaskClient, backend: Backend) -> None:
    other = backend.app.test_client()
    sign_in(other, World.email("officer"))
    sign_in(client, World.email("officer"))
    new = "a long walk by the river"
    data = {"current": PASSWORD, "password": new, "again": new}
    assert client.post("/account/password", data=data).status_code == 303
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    fresh = backend.app.test_client()
    old = fresh.post("/sign-in", data={"email": World.email("officer"), "password": PASSWORD})
    assert old.status_code == 422
    sign_in(fresh, World.email("officer"), new)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"current": "wrong", "password": "a long walk by the river"}, "รหัสผ่านปัจจุบันไม่ถูกต้อง"),
        ({"current": PASSWORD, "password": "short"}, "อย่างน้อย 12 ตัวอักษร"),
        ({"current": PASSWORD, "password": ""}, "กรุณากรอกรหัสผ่านใหม่"),
        ({"current": PASSWORD, "password": "a long walk by the river", "again": "other"}, "ไม่ตรงกัน"),
    ],
)
def test_password_change_refused_at_the_field(client: FlaskClient, data: dict[str, str], words: str) -> None:
    sign_in(client, World.email("officer"))
    answer = client.post("/account/password", data={"again": data["password"], **data})
    assert answer.status_code == 422
    assert words in answer.text
    place = re.search(r'class="summary".*?href="#(\w+)"', answer.text, re.S)
    assert place is not None
    assert f'id="{place[1]}"' in answer.text


def test_language_chosen_before_sign_in_is_remembered(client: FlaskClient, app: Flask) -> None:
    assert '<html lang="th">' in client.get("/", headers={"Accept-Language": "en"}).text
    answer = client.post("/language/en", data={"next": "/sign-in"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert '<html lang="en">' in client.get("/sign-in").text
    sign_in(client, World.email("officer"))
    assert '<html lang="en">' in client.get("/account").text
    language = select(User.language).where(User.email == World.email("officer"))
    assert db.session.scalar(language) == "en"


def test_language_of_a_signed_in_person_follows_them(client: FlaskClient, backend: Backend) -> None:
    sign_in(client, World.email("officer"))
    client.post("/language/en", data={"next": "https://evil.example/"})
    other = backend.app.test_client()
    sign_in(other, World.email("officer"))
    assert '<html lang="en">' in other.get("/account").text
    assert client.post("/language/fr").status_code == 404
    assert client.post("/language/en", data={"next": "//evil.example"}).headers["Location"] == "/"


def test_a_language_the_database_should_not_hold_is_read_as_thai(
    client: FlaskClient, backend: Backend
) -> None:
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        work.session.execute(update(User).values(language="xx"))
    sign_in(client, World.email("officer"))
    assert '<html lang="th">' in client.get("/account").text
