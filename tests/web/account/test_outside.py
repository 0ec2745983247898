"""Signing in with a provider, over real HTTP: linked first, then let in; whatever is not proven lets nobody in."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Response
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import func, select

from app.identity import fetching
from app.identity.actions import disable_person, invite_person
from app.identity.facts import Membership, Role
from app.identity.models import ExternalIdentity, ProviderVisit, SignInSession, User
from app.identity.outside import link_identity
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.web.account.outside import VISIT_OVER, WHY
from app.web.audit_words import AUDIT_WORDS
from tests.conftest import Backend, FixedClock, sign_in
from tests.identity.provider import CLIENT, NAME, TestProvider
from tests.web.account.outside_scene import ask_provider, come_back, go_round, leave, tell
from tests.world import NOW, World

Claims = dict[str, Any]


def count(backend: Backend, model: Any) -> int:
    with backend.app.app_context():
        return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def audited(backend: Backend) -> list[str]:
    with backend.app.app_context():
        return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq.desc()).limit(4)))


def link(client: FlaskClient, who: str) -> None:
    """Sign in as `who`, link the subject the provider knows, sign out."""
    sign_in(client, World.email(who))
    assert go_round(client, "/account/identities", provider="test").headers["Location"] == "/account"
    client.post("/sign-out")


def linked(backend: Backend, provider: TestProvider, who: str = "officer") -> None:
    """The same without a browser, where linking is not what is tested."""
    with backend.app.app_context(), open_work(backend.world.actor(who), NOW) as work:
        link_identity(work, provider.issuer, "7301", "test")


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def said(answer: Any, why: Text) -> bool:
    return why.fill(name=NAME).th in answer.text


def test_linked_by_the_person_then_let_in(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    link(client, "officer")
    assert not is_in(client)
    answer = go_round(client, next="/account?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?x=1")
    page = client.get("/account").text
    assert World.email("officer") in page
    assert "7301" in page
    assert NAME.th in page
    seen = audited(backend)
    assert seen[:2] == ["sign_in", "sign_in_outside"]
    assert {"link_identity", *seen} <= AUDIT_WORDS.keys()
    assert provider.asked.count("/token") == 2


def test_what_travels_to_the_provider(client: FlaskClient, provider: TestProvider, backend: Backend) -> None:
    """State, nonce, challenge and a way back made of SITE_URL, whatever Host the request had."""
    answer = client.post("/sign-in/with/test", headers={"Host": "localhost"})
    sent = {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert sent["redirect_uri"] == "http://127.0.0.1:8000/sign-in/with/test/return"
    assert (sent["response_type"], sent["scope"], sent["client_id"]) == ("code", "openid", CLIENT)
    assert sent["code_challenge_method"] == "S256"
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3
    assert f"form-action 'self' {provider.issuer};" in answer.headers["Content-Security-Policy"]
    assert (
        f"form-action 'self' {provider.issuer};" in client.get("/sign-in").headers["Content-Security-Policy"]
    )
    with backend.app.app_context():
        kept = db.session.execute(select(ProviderVisit)).scalar_one()
        assert sent["state"] not in (kept.state_sha256, kept.onward)


def test_secret_travels_as_the_provider_takes_it(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    provider.says = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    sign_in(client, World.email("officer"))
    answer = go_round(client, "/account/identities", provider="test")
    assert answer.status_code == 502  # this one takes the secret in the header only, whatever it says
    provider.says = {}
    assert go_round(client, "/account/identities", provider="test").status_code == 303


def test_sign_in_page_says_nothing_without_providers(client: FlaskClient, backend: Backend) -> None:
    page = client.get("/sign-in")
    assert "บัญชีอื่น" not in page.text
    assert "form-action 'self';" in page.headers["Content-Security-Policy"]
    assert client.post("/sign-in/with/test").status_code == 404
    assert client.get("/sign-in/with/test/return?state=a&code=b").status_code == 404


def test_unknown_subject_is_told_what_to_do(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    answer = go_round(client)
    assert answer.status_code == 403
    assert "ขอคำเชิญจากผู้ดูแลระบบ" in answer.text
    assert not is_in(client)
    assert count(backend, ExternalIdentity) == 0


def test_an_equal_address_links_nothing(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    provider.subject = World.email("admin")
    provider.more_claims = {
        "email": World.email("admin"),
        "email_verified": True,
        "preferred_username": World.email("admin"),
        "roles": ["admin"],
        "groups": ["admin"],
    }
    assert go_round(client).status_code == 403
    assert not is_in(client)
    assert count(backend, ExternalIdentity) == 0


def test_roles_come_from_the_invitation_alone(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        roles = [Membership(Role.OFFICER, backend.world.agencies["alpha"])]
        user_id, token = invite_person(work, "new@alpha.go.th", Text("ใหม่", "New"), roles)
    provider.more_claims = {"roles": ["admin"], "agency": "beta"}
    page = client.get(f"/invitations/{token}").text
    assert f"ตอบรับด้วย {NAME.th}" in page
    assert go_round(client, f"/invitations/{token}/with/test").headers["Location"] == "/desk"
    assert client.get("/admin/people").status_code == 403
    assert client.get("/agency/proposals").status_code == 200
    account = client.get("/account").text
    assert "ไม่มีรหัสผ่าน" in account
    assert client.get(f"/invitations/{token}").status_code == 404
    with backend.app.app_context():
        user = db.session.get_one(User, user_id)
        assert (user.password_hash, user.invitation_sha256) == (None, None)
        assert user.external_since == NOW
        identity = db.session.scalar(select(ExternalIdentity.id))
        with open_work(backend.world.actor("admin"), NOW) as work:  # a second one, of a provider that is gone
            gone = {"issuer": "https://gone.example", "subject": "1", "linked_at": NOW}
            work.session.add(ExternalIdentity(user_id=user_id, **gone))
    refused = client.post(f"/account/identities/{identity}/unlink")
    assert refused.status_code == 422
    assert "ทางเดียว" in refused.text
    assert is_in(client)


def test_invitation_renewed_meanwhile_is_over(
    client: FlaskClient, provider: TestProvider, backend: Backend, clock: FixedClock
) -> None:
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        roles = [Membership(Role.OFFICER, backend.world.agencies["alpha"])]
        user_id, token = invite_person(work, "new@alpha.go.th", Text("ใหม่", "New"), roles)
    back = ask_provider(leave(client, f"/invitations/{token}/with/test"))
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        disable_person(work, user_id)
    answer = come_back(client, back)
    assert answer.status_code == 403
    assert count(backend, ExternalIdentity) == 0
    assert client.post("/invitations/nothing/with/test").headers["Location"] == "/invitations/nothing"


def test_disabled_person_is_refused(client: FlaskClient, provider: TestProvider, backend: Backend) -> None:
    linked(backend, provider)
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        disable_person(work, backend.world.users["officer"])
    answer = go_round(client)
    assert answer.status_code == 403
    assert "ถูกระงับ" in answer.text
    assert not is_in(client)


def test_one_identity_opens_one_account(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    linked(backend, provider)
    sign_in(client, World.email("certifier"))
    answer = go_round(client, "/account/identities", provider="test")
    assert answer.status_code == 403
    assert "เชื่อมกับบัญชีอื่น" in answer.text
    assert count(backend, ExternalIdentity) == 1
    assert client.post("/account/identities", data={"provider": "nobody"}).status_code == 422


def test_unlinked_identity_opens_nothing(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    linked(backend, provider)
    sign_in(client, World.email("officer"))
    with backend.app.app_context():
        identity = db.session.scalar(select(ExternalIdentity.id))
    assert client.post(f"/account/identities/{identity}/unlink").status_code == 303
    client.post("/sign-out")
    assert go_round(client).status_code == 403
    with backend.app.app_context():
        user = db.session.get_one(User, backend.world.users["officer"])
        assert user.external_since is None


def test_linking_ends_where_it_began(client: FlaskClient, provider: TestProvider, backend: Backend) -> None:
    """Somebody else who signed in here meanwhile gets no link of mine."""
    sign_in(client, World.email("officer"))
    back = ask_provider(leave(client, "/account/identities", provider="test"))
    with client.session_transaction() as cookie:
        visit = cookie["visit"]
    sign_in(client, World.email("certifier"))
    with client.session_transaction() as cookie:
        cookie["visit"] = visit
    assert come_back(client, back).status_code == 403
    assert count(backend, ExternalIdentity) == 0


def test_callback_is_good_once_and_in_its_browser(
    client: FlaskClient, provider: TestProvider, backend: Backend, clock: FixedClock
) -> None:
    linked(backend, provider)
    back = ask_provider(leave(client))
    with client.session_transaction() as cookie:
        visit = cookie["visit"]
    stranger = backend.app.test_client()
    assert said(come_back(stranger, back), VISIT_OVER)
    assert said(come_back(client, back.replace("state=", "state=x")), VISIT_OVER)
    with client.session_transaction() as cookie:
        cookie["visit"] = visit
    assert come_back(client, back).status_code == 303
    client.post("/sign-out")
    with client.session_transaction() as cookie:
        cookie["visit"] = visit
    replayed = come_back(client, back)
    assert replayed.status_code == 400
    assert said(replayed, VISIT_OVER)
    late = ask_provider(leave(client))
    clock.advance(minutes=10, seconds=1)
    assert said(come_back(client, late), VISIT_OVER)
    assert not is_in(client)


def test_visit_to_one_provider_is_not_ended_at_another(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    back = ask_provider(leave(client))
    tell(backend, provider, code="other")
    assert said(come_back(client, back.replace("/with/test/", "/with/other/")), VISIT_OVER)


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_onward_is_a_page_of_this_site(
    client: FlaskClient, provider: TestProvider, backend: Backend, onward: str
) -> None:
    linked(backend, provider)
    assert go_round(client, next=onward).headers["Location"] == "/desk"


def by_hand(header: Claims, claims: Claims, secret: bytes = b"") -> str:
    """A token no library would make: unsigned, or by HMAC under `secret`."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signed = hmac.digest(secret, b".".join(parts), "sha256") if secret else b""
    return b".".join([*parts, base64.urlsafe_b64encode(signed).rstrip(b"=")]).decode()


WRONG_TOKENS: dict[str, Callable[[TestProvider, Claims], str]] = {
    "nonce": lambda p, c: p.signed({**c, "nonce": "another"}),
    "no nonce": lambda p, c: p.signed({k: v for k, v in c.items() if k != "nonce"}),
    "issuer": lambda p, c: p.signed({**c, "iss": "https://evil.example"}),
    "issuer, longer": lambda p, c: p.signed({**c, "iss": c["iss"] + "/"}),
    "audience": lambda p, c: p.signed({**c, "aud": "another-client"}),
    "audience of others": lambda p, c: p.signed({**c, "aud": ["x", "y"]}),
    "several audiences without azp": lambda p, c: p.signed({**c, "aud": [CLIENT, "y"]}),
    "azp": lambda p, c: p.signed({**c, "aud": [CLIENT, "y"], "azp": "y"}),
    "expired": lambda p, c: p.signed({**c, "exp": c["iat"] - 61}),
    "from the future": lambda p, c: p.signed({**c, "iat": c["iat"] + 3600}),
    "no expiry": lambda p, c: p.signed({k: v for k, v in c.items() if k != "exp"}),
    "no subject": lambda p, c: p.signed({k: v for k, v in c.items() if k != "sub"}),
    "subject is a number": lambda p, c: p.signed({**c, "sub": 7301}),
    "subject is empty": lambda p, c: p.signed({**c, "sub": ""}),
    "subject is endless": lambda p, c: p.signed({**c, "sub": "7" * 256}),
    "alg none": lambda p, c: by_hand({"alg": "none"}, c),
    "HMAC by the public key": lambda p, c: by_hand(
        {"alg": "HS256", "kid": "one"}, c, p.key.as_pem(private=False)
    ),
    "another's key": lambda p, c: p.signed(c, key=ECKey.generate_key("P-256"), kid="one"),
    "an unknown key": lambda p, c: p.signed(c, key=ECKey.generate_key("P-256", {"kid": "two"})),
    "no token": lambda p, c: "not a token",
    "changed afterwards": lambda p, c: p.signed(c)[:-4] + "AAAA",
}


# why each is refused, as the log says it: a token wrong in one thing is refused for that one
REASONS = {
    "nonce": "Invalid claim: 'nonce'",
    "no nonce": "Missing claim: 'nonce'",
    "issuer": "Invalid claim: 'iss'",
    "issuer, longer": "Invalid claim: 'iss'",
    "audience": "Invalid claim: 'aud'",
    "audience of others": "Invalid claim: 'aud'",
    "several audiences without azp": "Missing claim: 'azp'",
    "azp": "Invalid claim: 'azp'",
    "expired": "expired_token",
    "from the future": "issued in the future",
    "no expiry": "Missing claim: 'exp'",
    "no subject": "Missing claim: 'sub'",
    "subject is a number": "'sub'",
    "subject is empty": "no usable subject",
    "subject is endless": "no usable subject",
    "alg none": "'none' is not allowed",
    "HMAC by the public key": "'HS256' is not allowed",
    "another's key": "BadSignatureError",
    "an unknown key": "No key for kid",
    "no token": "DecodeError",
    "changed afterwards": "BadSignatureError",
}


@pytest.mark.parametrize("what", WRONG_TOKENS)
def test_token_that_proves_nothing_lets_nobody_in(
    client: FlaskClient,
    provider: TestProvider,
    backend: Backend,
    caplog: pytest.LogCaptureFixture,
    what: str,
) -> None:
    linked(backend, provider)
    sessions = count(backend, SignInSession)
    provider.sign = lambda claims: WRONG_TOKENS[what](provider, claims)
    answer = go_round(client)
    assert answer.status_code == 502
    assert said(answer, WHY[fetching.Trouble.BAD_TOKEN][1])
    assert REASONS[what] in caplog.text
    assert not is_in(client)
    assert count(backend, SignInSession) == sessions


@pytest.mark.parametrize(
    "more", [{"aud": [CLIENT]}, {"aud": [CLIENT, "y"], "azp": CLIENT}, {"exp": int(NOW.timestamp()) - 30}]
)
def test_token_within_the_rules_lets_in(
    client: FlaskClient, provider: TestProvider, backend: Backend, more: Claims
) -> None:
    linked(backend, provider)
    provider.more_claims = more
    assert go_round(client).status_code == 303
    assert is_in(client)


def test_keys_may_change_at_any_moment(client: FlaskClient, provider: TestProvider, backend: Backend) -> None:
    linked(backend, provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    assert go_round(client).status_code == 303
    assert is_in(client)


def test_declined_there(client: FlaskClient, provider: TestProvider) -> None:
    client.post("/language/en")
    provider.subject = None
    answer = go_round(client)
    assert answer.status_code == 403
    assert "did not allow the sign-in" in answer.text
    assert "Sign in with a password" in answer.text


WRONG_DOCUMENTS: dict[str, Callable[[TestProvider], dict[str, Any]]] = {
    "another issuer": lambda p: {"issuer": "https://evil.example"},
    "a token endpoint elsewhere": lambda p: {"token_endpoint": "http://evil.example/token"},
    "keys elsewhere": lambda p: {"jwks_uri": f"http://127.0.0.1:{p.port + 1}/keys"},
    "a host that begins alike": lambda p: {"token_endpoint": f"{p.issuer}.evil.example/token"},
    "a user in the address": lambda p: {"token_endpoint": f"{p.issuer}@evil.example/token"},
    "no pages": lambda p: {"authorization_endpoint": None},
    "a file": lambda p: {"jwks_uri": "file:///etc/passwd"},
}


@pytest.mark.parametrize("what", WRONG_DOCUMENTS)
def test_document_is_trusted_for_its_own_host_only(
    client: FlaskClient, provider: TestProvider, what: str
) -> None:
    provider.says = WRONG_DOCUMENTS[what](provider)
    answer = client.post("/sign-in/with/test")
    assert answer.status_code == 502
    assert said(answer, WHY[fetching.Trouble.BAD_ANSWER][1])


def test_another_issuers_answer_is_not_taken(
    client: FlaskClient, provider: TestProvider, backend: Backend
) -> None:
    """RFC 9207: `iss` beside the code names who answers."""
    linked(backend, provider)
    back = ask_provider(leave(client))
    assert come_back(client, f"{back}&iss=https://evil.example").status_code == 502
    provider.says = {"authorization_response_iss_parameter_supported": True}
    assert come_back(client, ask_provider(leave(client))).status_code == 502
    back = ask_provider(leave(client))
    assert come_back(client, f"{back}&iss={provider.issuer}").status_code == 303


def test_provider_that_is_down_leaves_the_password(client: FlaskClient, backend: Backend) -> None:
    tell(backend, TestProvider(backend.clock, "", port=9))
    answer = client.post("/sign-in/with/test")
    assert answer.status_code == 503
    assert said(answer, WHY[fetching.Trouble.DOWN][1])
    sign_in(client, World.email("officer"))


DOWN, BAD = WHY[fetching.Trouble.DOWN][1], WHY[fetching.Trouble.BAD_ANSWER][1]


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        ("/token", Response("gone", 500), DOWN),
        ("/token", Response("<html>", 200), BAD),
        ("/token", Response('{"error": "invalid_grant"}', 400), BAD),
        ("/token", Response('{"error": 7}', 400), BAD),
        ("/token", Response("[]", 200), BAD),
        ("/token", Response("{}", 200), WHY[fetching.Trouble.BAD_TOKEN][1]),
        ("/token", Response("x" * (fetching.LARGEST + 1)), BAD),
        ("/token", Response("", 302, {"Location": "/keys"}), BAD),
        ("/keys", Response("[" * 100_000), BAD),
        ("/keys", Response('{"keys": [{"kty": "EC"}, 7]}'), WHY[fetching.Trouble.BAD_TOKEN][1]),
        ("/keys", Response("", 404), BAD),
    ],
)
def test_answers_of_no_use(
    client: FlaskClient, provider: TestProvider, backend: Backend, path: str, answer: Response, why: Text
) -> None:
    linked(backend, provider)
    provider.answers = {path: answer}
    sorry = go_round(client)
    assert sorry.status_code in (502, 503)
    assert said(sorry, why)
    assert not is_in(client)


def test_slow_provider_is_not_waited_for(
    client: FlaskClient, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    provider.delay = 0.8
    answer = client.post("/sign-in/with/test")
    assert answer.status_code == 503
    assert said(answer, WHY[fetching.Trouble.SLOW][1])


def test_silent_provider_is_not_asked_again_at_once(
    client: FlaskClient, provider: TestProvider, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each click would hold a worker for seconds: the next ones are told at once."""
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    provider.delay = 0.5
    for _ in range(3):
        assert said(client.post("/sign-in/with/test"), WHY[fetching.Trouble.SLOW][1])
    assert len(provider.asked) == 1
    provider.delay = 0
    clock.advance(seconds=30)
    assert client.post("/sign-in/with/test").status_code == 303


def test_dripping_provider_is_cut_off(
    client: FlaskClient, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that come one by one keep a line alive; it is cut all the same."""
    import time

    def drip() -> Any:
        for _ in range(40):
            time.sleep(0.05)
            yield b" "

    monkeypatch.setattr(fetching, "SECONDS_IN_ALL", 0.3)
    provider.answers = {"/.well-known/openid-configuration": Response(drip())}
    began = time.monotonic()
    answer = client.post("/sign-in/with/test")
    assert said(answer, WHY[fetching.Trouble.SLOW][1])
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("code", ["ก", "%", "a b&c=d", "x" * 5000, "\n", "%E0%B8"])
def test_codes_nobody_gave_out_let_nobody_in(client: FlaskClient, provider: TestProvider, code: str) -> None:
    parts = urlsplit(ask_provider(leave(client)))
    state = parse_qs(parts.query)["state"][0]
    answer = client.get(parts.path, query_string={"code": code, "state": state})
    assert answer.status_code == 502
    assert not is_in(client)


def test_error_codes_of_the_provider_are_not_shown(client: FlaskClient, provider: TestProvider) -> None:
    back = ask_provider(leave(client))
    parts = urlsplit(back)
    state = parse_qs(parts.query)["state"][0]
    answer = client.get(f"{parts.path}?error=<b>server&error_description=<script>&state={state}")
    assert answer.status_code == 502
    assert "<script>" not in answer.text.split("<main")[1]
    assert "server" not in answer.text.split("<main")[1]


def test_old_visits_are_forgotten(
    client: FlaskClient, provider: TestProvider, backend: Backend, clock: FixedClock
) -> None:
    leave(client)
    clock.moment += timedelta(days=1, seconds=1)
    leave(client)
    assert count(backend, ProviderVisit) == 1
