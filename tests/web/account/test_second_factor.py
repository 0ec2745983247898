"""The second step of signing in: staff must have one, nothing opens before it, and it can be moved, renewed and reset."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.identity.models import RecoveryCode, SecondFactor, SignInSession
from app.identity.rules import Permission
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.web.account.second_step import WRONG_CODE, WRONG_FIRST_CODE
from app.web.audit_words import AUDIT_WORDS
from app.web.door import guards
from tests.conftest import Backend, FixedClock
from tests.identity.provider import TestProvider
from tests.identity.test_totp import code_at
from tests.web.account.outside_scene import go_round, tell
from tests.world import PASSWORD, World

STAFF = ("secretariat", "committee", "admin", "reviewer_bb")


@pytest.fixture(autouse=True)
def no_demo(backend: Backend, settings_as_before: None) -> None:
    """An installation as it is meant to be: staff need a second factor."""
    tell(backend, None, demo=False)


def give_password(client: FlaskClient, who: str, onward: str = "/account") -> str:
    """The first step; returns where it leads."""
    data = {"email": World.email(who), "password": PASSWORD, "next": onward}
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 303, answer.text[:1000]
    return answer.headers["Location"]


def key_on(page: str) -> str:
    found = re.search(r'class="enrol-key">([A-Z2-7 ]+)<', page)
    assert found is not None, page[:3000]
    return found[1].replace(" ", "")


def enrol(client: FlaskClient, clock: FixedClock) -> tuple[str, list[str]]:
    """Set up on the page one was led to; returns the secret and the recovery codes shown."""
    secret = key_on(client.get("/second-factor/set-up").text)
    answer = client.post("/second-factor/set-up", data={"code": code_at(secret, clock()), "next": "/desk"})
    assert answer.status_code == 200, answer.text[:2000]
    codes = re.findall(r"<code>([a-z2-9-]{19})</code>", answer.text)
    assert len(codes) == 10
    clock.advance(seconds=30)
    return secret, codes


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@pytest.mark.parametrize("who", STAFF)
def test_staff_are_led_to_set_up_and_nothing_opens_before(
    client: FlaskClient, clock: FixedClock, who: str
) -> None:
    assert give_password(client, who, "/secretariat") == "/second-factor/set-up?next=/secretariat"
    led = client.get("/sign-in?next=/desk")
    assert led.headers["Location"] == "/second-factor/set-up?next=/desk"
    page = client.get("/second-factor/set-up").text
    assert "<svg" in page
    assert 'autocomplete="one-time-code"' in page
    enrol(client, clock)
    assert is_in(client)


def test_half_session_is_nobodys_at_every_door(client: FlaskClient, backend: Backend) -> None:
    """Every route that is not public answers it as it answers a visitor: those of people, and those of systems."""
    give_password(client, "admin")
    app, visitor, wrong = backend.app, backend.app.test_client(), []
    marks = guards(app)
    for rule in app.url_map.iter_rules():
        if marks[rule.endpoint] is None:
            continue
        with app.test_request_context():
            one_of = {name: getattr(rule._converters[name], "items", {1}) for name in rule.arguments}
            path = app.url_for(rule.endpoint, **{name: min(words) for name, words in one_of.items()})
        method = min((rule.methods or set()) - {"HEAD", "OPTIONS"})
        seen, expected = (who.open(path, method=method) for who in (client, visitor))
        if (seen.status_code, seen.location) != (expected.status_code, expected.location):
            wrong.append((rule.endpoint, seen.status_code, expected.status_code))
        if isinstance(marks[rule.endpoint], Permission):
            assert seen.status_code in (302, 401), rule.endpoint
    assert not wrong


@pytest.mark.parametrize("who", ["officer", "certifier"])
def test_agencies_may_and_need_not(client: FlaskClient, who: str) -> None:
    assert give_password(client, who) == "/account"
    assert is_in(client)


@pytest.mark.parametrize("who", STAFF)
def test_in_a_demo_it_is_offered_only(client: FlaskClient, backend: Backend, who: str) -> None:
    tell(backend, None, demo=True)
    assert give_password(client, who) == "/account"
    assert "ตั้งค่าการยืนยันตัวตนสองขั้น" in client.get("/account").text


def test_code_is_asked_from_then_on(client: FlaskClient, backend: Backend, clock: FixedClock) -> None:
    give_password(client, "admin")
    secret, _ = enrol(client, clock)
    client.post("/sign-out")
    assert give_password(client, "admin", "/admin/audit") == "/sign-in/second-step?next=/admin/audit"
    assert not is_in(client)
    assert client.get("/second-factor/set-up").headers["Location"].startswith("/sign-in")
    assert client.post("/second-factor/set-up", data={"code": "000000"}).status_code == 303
    page = client.get("/sign-in/second-step").text
    assert 'inputmode="numeric"' in page
    with client.session_transaction() as cookie:
        half = cookie["_user_id"]
    wrong = client.post("/sign-in/second-step", data={"code": "000000", "next": "/admin/audit"})
    assert wrong.status_code == 422
    assert WRONG_CODE.th in wrong.text
    assert client.post("/sign-in/second-step", data={"code": ""}).status_code == 422
    code = code_at(secret, clock())
    typed = "".join(chr(ord("๐") + int(digit)) for digit in f"{code}")
    answer = client.post(
        "/sign-in/second-step", data={"code": f" {typed[:3]} {typed[3:]}", "next": "/admin/audit"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/audit")
    assert is_in(client)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != half
    thief = backend.app.test_client()
    with thief.session_transaction() as cookie:
        cookie["_user_id"] = half
    assert not is_in(thief)
    client.post("/sign-out")
    give_password(client, "admin")
    assert client.post("/sign-in/second-step", data={"code": code}).status_code == 422  # replayed
    with backend.app.app_context():
        seen = set(db.session.scalars(select(AuditEntry.action)))
    assert {"begin_sign_in", "fail_second_step", "set_up_second_factor"} <= seen & AUDIT_WORDS.keys()


def test_too_many_codes_wait(client: FlaskClient, clock: FixedClock) -> None:
    give_password(client, "admin")
    secret, _ = enrol(client, clock)
    client.post("/sign-out")
    give_password(client, "admin")
    for _ in range(8):
        assert client.post("/sign-in/second-step", data={"code": "000000"}).status_code == 422
    answer = client.post("/sign-in/second-step", data={"code": code_at(secret, clock())})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    data = {"email": World.email("admin"), "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 429


def test_recovery_code_opens_once(client: FlaskClient, clock: FixedClock) -> None:
    give_password(client, "admin")
    _, codes = enrol(client, clock)
    client.post("/sign-out")
    give_password(client, "admin")
    assert client.post("/sign-in/second-step", data={"code": codes[3]}).status_code == 303
    assert "เหลือรหัสกู้คืน 9 รหัส" in client.get("/account").text
    client.post("/sign-out")
    give_password(client, "admin")
    assert client.post("/sign-in/second-step", data={"code": codes[3]}).status_code == 422


def test_half_session_lapses_and_can_be_left(
    client: FlaskClient, clock: FixedClock, backend: Backend
) -> None:
    give_password(client, "admin")
    clock.advance(minutes=15, seconds=1)
    assert client.get("/second-factor/set-up").headers["Location"].startswith("/sign-in")
    assert client.get("/sign-in").status_code == 200
    give_password(client, "admin")
    client.post("/sign-out")
    assert client.get("/sign-in").status_code == 200
    with backend.app.app_context():
        ended = db.session.scalars(select(SignInSession.ended_at).order_by(SignInSession.id.desc())).first()
    assert ended is not None


def test_wrong_first_code_sets_nothing_up(client: FlaskClient, backend: Backend) -> None:
    give_password(client, "admin")
    before = key_on(client.get("/second-factor/set-up").text)
    answer = client.post("/second-factor/set-up", data={"code": "000000"})
    assert answer.status_code == 422
    assert WRONG_FIRST_CODE.th in answer.text
    assert key_on(answer.text) == before
    assert not is_in(client)
    with backend.app.app_context():
        assert db.session.scalar(select(SecondFactor.secret)) is None


def test_a_second_window_does_not_set_it_up_again(
    client: FlaskClient, backend: Backend, clock: FixedClock
) -> None:
    """Whoever knows the password only is shown nothing once the person has set it up elsewhere."""
    other = backend.app.test_client()
    give_password(other, "admin")
    give_password(client, "admin")
    enrol(client, clock)
    assert other.get("/second-factor/set-up").headers["Location"].startswith("/sign-in")
    assert client.post("/account/second-factor", data={"do": "set_up", "code": "000000"}).status_code == 422
    assert not is_in(other)


def test_officer_sets_it_up_moves_it_and_switches_it_off(
    client: FlaskClient, backend: Backend, clock: FixedClock
) -> None:
    give_password(client, "officer")
    assert "ยังไม่ได้ตั้งค่า" in client.get("/account/second-factor").text
    assert client.get("/second-factor/set-up").headers["Location"] == "/account/second-factor"
    assert (
        client.post("/account/second-factor", data={"do": "set_up"}).headers["Location"]
        == "/second-factor/set-up"
    )
    first, _ = enrol(client, clock)
    assert is_in(client)
    page = client.get("/account/second-factor").text
    assert "ย้ายไปเครื่องใหม่" in page
    assert "ปิดการยืนยันตัวตนสองขั้น" in page
    assert client.post("/account/second-factor", data={"do": "remove"}).status_code == 422
    assert client.post("/account/second-factor", data={"do": "set_up", "code": "000000"}).status_code == 422
    moved = client.post("/account/second-factor", data={"do": "set_up", "code": code_at(first, clock())})
    assert moved.headers["Location"] == "/second-factor/set-up"
    second, codes = enrol(client, clock)
    assert second != first
    data = {"do": "codes", "code": code_at(first, clock())}
    assert client.post("/account/second-factor", data=data).status_code == 422
    renewed = client.post("/account/second-factor", data={"do": "codes", "code": codes[0]})
    assert renewed.status_code == 200
    assert codes[1] not in renewed.text
    data = {"do": "remove", "code": code_at(second, clock())}
    assert client.post("/account/second-factor", data=data).status_code == 303
    client.post("/sign-out")
    assert give_password(client, "officer") == "/account"
    with backend.app.app_context():
        assert db.session.scalar(select(RecoveryCode.id)) is None


def test_setting_it_up_signs_the_other_browsers_out(
    client: FlaskClient, backend: Backend, clock: FixedClock
) -> None:
    other = backend.app.test_client()
    give_password(other, "officer")
    give_password(client, "officer")
    client.post("/account/second-factor", data={"do": "set_up"})
    enrol(client, clock)
    assert is_in(client)
    assert not is_in(other)


def test_staff_cannot_switch_it_off(client: FlaskClient, backend: Backend, clock: FixedClock) -> None:
    give_password(client, "secretariat")
    secret, _ = enrol(client, clock)
    assert 'value="remove"' not in client.get("/account/second-factor").text
    data = {"do": "remove", "code": code_at(secret, clock())}
    assert client.post("/account/second-factor", data=data).status_code == 403
    client.post("/sign-out")
    assert give_password(client, "secretariat").startswith("/sign-in/second-step")


def test_reset_by_the_administrator(client: FlaskClient, backend: Backend, clock: FixedClock) -> None:
    person = backend.app.test_client()
    give_password(person, "secretariat")
    enrol(person, clock)
    give_password(client, "admin")
    enrol(client, clock)
    path = f"/admin/people/{backend.world.users['secretariat']}"
    assert "ล้างการยืนยันตัวตนสองขั้น" in client.get(path).text
    assert client.post(f"{path}/second-factor").headers["Location"] == path
    assert not is_in(person)
    assert "ยังไม่ได้ตั้งค่า" in client.get(path).text
    assert give_password(person, "secretariat").startswith("/second-factor/set-up")
    own = f"/admin/people/{backend.world.users['admin']}"
    assert "ล้างการยืนยันตัวตนสองขั้น" not in client.get(own).text


def test_reset_at_the_command_line(client: FlaskClient, backend: Backend, clock: FixedClock) -> None:
    give_password(client, "admin")
    enrol(client, clock)
    runner = backend.app.test_cli_runner()
    unknown = runner.invoke(args=["reset-second-factor", "nobody@test.example"])
    assert unknown.exit_code == 1
    done = runner.invoke(args=["reset-second-factor", World.email("admin").upper()])
    assert done.exit_code == 0, done.output
    assert give_password(client, "admin").startswith("/second-factor/set-up")


def test_invitation_of_staff_leads_to_it_too(
    client: FlaskClient, backend: Backend, clock: FixedClock
) -> None:
    give_password(client, "admin")
    enrol(client, clock)
    data = {"email": "new@dga.or.th", "name_th": "ใหม่", "role": "secretariat"}
    page = client.post("/admin/people/invite", data=data).text
    link = re.search(r"/invitations/[\w-]+", page)
    assert link is not None
    fresh = backend.app.test_client()
    data = {"password": "a long walk by the river", "again": "a long walk by the river"}
    answer = fresh.post(link[0], data=data)
    assert answer.headers["Location"] == "/second-factor/set-up?next=/desk"
    assert not is_in(fresh)


@pytest.mark.parametrize(
    ("told", "claims", "leads"),
    [
        ({}, {"amr": ["pwd", "otp"]}, "/second-factor/set-up?next=/desk"),
        ({"amr": frozenset({"otp"})}, {"amr": ["pwd"]}, "/second-factor/set-up?next=/desk"),
        ({"amr": frozenset({"otp"})}, {"amr": "otp"}, None),
        ({"amr": frozenset({"otp"})}, {"amr": ["pwd", "otp"]}, "/desk"),
        ({"acr": frozenset({"gold"})}, {"acr": "gold"}, "/desk"),
        ({"acr": frozenset({"gold"})}, {"acr": ["gold"]}, "/second-factor/set-up?next=/desk"),
    ],
)
def test_provider_counts_as_second_factor_only_as_agreed(
    client: FlaskClient,
    backend: Backend,
    clock: FixedClock,
    provider: TestProvider,
    told: dict[str, frozenset[str]],
    claims: dict[str, object],
    leads: str | None,
) -> None:
    tell(backend, provider)
    give_password(client, "secretariat")
    go_round(client, "/account/identities", provider="test")
    client.post("/sign-out")
    tell(backend, provider, demo=False, **told)
    provider.more_claims = claims
    answer = go_round(client)
    if leads is None:  # claims of another shape than the standard's are no claims
        assert answer.status_code == 502
    else:
        assert answer.headers["Location"] == leads
    assert is_in(client) == (leads == "/desk")


def test_half_session_is_as_old_as_its_first_step(client: FlaskClient, clock: FixedClock) -> None:
    give_password(client, "admin")
    clock.moment += timedelta(minutes=14)
    assert client.get("/second-factor/set-up").status_code == 200
    clock.moment += timedelta(minutes=1, seconds=1)
    assert client.get("/second-factor/set-up").status_code == 302


def test_the_language_chosen_on_the_way_stays(client: FlaskClient, clock: FixedClock) -> None:
    client.post("/language/en")
    give_password(client, "admin")
    assert "Set up your second factor" in client.get("/second-factor/set-up").text
    client.post("/language/th")
    assert "ตั้งค่าการยืนยันตัวตนสองขั้น" in client.get("/second-factor/set-up").text
    client.post("/language/en")
    enrol(client, clock)
    assert '<html lang="en">' in client.get("/account").text
