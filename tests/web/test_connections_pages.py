"""The pages of connected systems: what is shown once, what is never shown, and what is refused with everything typed."""

from __future__ import annotations

import re
import socket
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.models import ApiToken
from app.jobs.errands import _MESSAGES
from app.jobs.runner import run_once
from app.kernel.db import db
from app.webhooks import reaching
from app.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.webhooks.signatures import check_message, read_secret
from tests.conftest import FixedClock
from tests.web.api.machines import Machine, make_token
from tests.web.desks import browser, queries_of, text_of
from tests.web.webhooks.receiver import listen
from tests.world import NOW, World

FORM = {"name": "ระบบงบประมาณ", "scopes": ["proposals:read"], "days": "90"}


def test_a_token_is_shown_once_and_works(app: Flask, world: World) -> None:
    officer = browser(app, "officer", "en")
    assert "Connected systems" in text_of(officer.get("/agency/"))
    made = text_of(officer.post("/connections", data={**FORM, "side": str(world.agencies["alpha"])}))
    shown = re.search(r'value="(dgi_[^"]+)"', made)
    assert shown is not None
    assert Machine(app, shown[1]).get("/token").get_json()["name"] == "ระบบงบประมาณ"
    page = text_of(officer.get("/connections"))
    mark = shown[1].split("_")[1]
    assert f"dgi_{mark}_…" in page
    assert shown[1] not in page
    token = db.session().scalars(select(ApiToken)).one()
    assert shown[1] not in (token.secret_sha256, token.name, token.mark)
    revoked = officer.post(f"/connections/tokens/{token.id}/revoke", follow_redirects=True)
    assert "Revoked" in text_of(revoked)
    assert Machine(app, shown[1]).get("/token").status_code == 401


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["filings:read"]}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"days": "366"}, "days"),
        ({"days": "0"}, "days"),
        ({"days": ""}, "days"),
    ],
)
def test_a_wrong_form_comes_back_as_it_was_typed(
    app: Flask, world: World, changed: dict[str, object], place: str
) -> None:
    form = {**FORM, "side": str(world.agencies["alpha"]), **changed}
    answer = browser(app, "officer").post("/connections", data=form)
    assert answer.status_code == 422
    assert f'id="{place}-error"' in text_of(answer)
    assert db.session().scalars(select(ApiToken)).all() == []


def test_nobody_makes_a_token_for_others(app: Flask, world: World) -> None:
    for name, side in (("officer", str(world.agencies["beta"])), ("officer", "office"), ("secretariat", "1")):
        answer = browser(app, name).post("/connections", data={**FORM, "side": side})
        assert answer.status_code in (404, 422), name
    assert db.session().scalars(select(ApiToken)).all() == []


def test_colleagues_see_the_tokens_of_their_agency_and_no_others(app: Flask, world: World) -> None:
    make_token(world, "officer")
    make_token(world, "officer_beta", agency="beta")
    make_token(world, "secretariat", agency=None)
    seen = {name: text_of(browser(app, name).get("/connections")) for name in ("certifier", "secretariat")}
    assert "ระบบของ officer" in seen["certifier"]
    assert "ระบบของ officer_beta" not in seen["certifier"]
    assert "ระบบของ secretariat" not in seen["certifier"]
    assert "ระบบของ secretariat" in seen["secretariat"]
    assert "ระบบของ officer" not in seen["secretariat"]


def test_the_list_asks_the_same_however_long_it_is(app: Flask, world: World) -> None:
    officer = browser(app, "officer")
    make_token(world, "officer")
    few = queries_of(officer, "/connections")
    for _ in range(6):
        make_token(world, "certifier")
    assert queries_of(officer, "/connections") == few


def test_a_webhook_from_its_registration_to_its_log(app: Flask, world: World) -> None:
    officer = browser(app, "officer", "en")
    with listen() as receiver:
        form = {"url": receiver.url, "side": str(world.agencies["alpha"]), "events": ["proposal.filed"]}
        made = text_of(officer.post("/connections/webhooks", data=form))
        shown = re.search(r'value="(whsec_[^"]+)"', made)
        assert shown is not None
        (endpoint,) = db.session().scalars(select(WebhookEndpoint)).all()
        address = f"/connections/webhooks/{endpoint.id}"
        assert shown[1] not in text_of(officer.get(address))
        officer.post(f"{address}/test")
        while run_once(app, _MESSAGES):
            pass
        headers, body = receiver.got[0]
        check_message(read_secret(shown[1]), headers, body, int(NOW.timestamp()), {})
        page = text_of(officer.get(address))
        assert "Delivered" in page
        assert '"type":"test"' in page
        renewed = re.search(r'value="(whsec_[^"]+)"', text_of(officer.post(f"{address}/secret")))
        assert renewed is not None
        assert renewed[1] != shown[1]
        assert receiver.url in text_of(officer.get("/connections/webhooks"))
        officer.post(f"{address}/remove")
        assert officer.get(address).status_code == 404
        assert receiver.url not in text_of(officer.get("/connections/webhooks"))


def test_what_was_given_up_is_offered_again_and_only_that(app: Flask, world: World) -> None:
    officer = browser(app, "officer", "en")
    with listen() as receiver:
        form = {"url": receiver.url, "side": str(world.agencies["alpha"]), "events": ["proposal.filed"]}
        officer.post("/connections/webhooks", data=form)
        (endpoint,) = db.session().scalars(select(WebhookEndpoint)).all()
        address = f"/connections/webhooks/{endpoint.id}"
        receiver.status = 410
        officer.post(f"{address}/test")
        assert "Send again" not in text_of(officer.get(address))
        while run_once(app, _MESSAGES):
            pass
        shown = text_of(officer.get(address))
        assert "Switch the address on first" in shown
        assert "Send again" not in shown
        officer.post(f"{address}/enable")
        (delivery,) = db.session().scalars(select(WebhookDelivery)).all()
        one = f"{address}/messages/{delivery.id}/again"
        page = text_of(officer.get(address))
        assert f'action="{one}"' in page
        assert f'action="{address}/again"' in page
        receiver.status = 200
        assert "on its way again" in text_of(officer.post(one, follow_redirects=True))
        assert "is on its way" in text_of(officer.post(one, follow_redirects=True))
        while run_once(app, _MESSAGES):
            pass
        assert "0 messages" in text_of(officer.post(f"{address}/again", follow_redirects=True))
        assert "Send again" not in text_of(officer.get(address))
        assert len(receiver.got) == 2
        assert officer.post(f"{address}/messages/{delivery.id + 1}/again").status_code == 404


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_secret_that_was_changed_says_until_when_the_earlier_one_counts(
    app: Flask, world: World, clock: FixedClock, language: str
) -> None:
    officer = browser(app, "officer", language)
    form = {"url": "http://127.0.0.1:9/", "side": str(world.agencies["alpha"]), "events": ["proposal.filed"]}
    officer.post("/connections/webhooks", data=form)
    (endpoint,) = db.session().scalars(select(WebhookEndpoint)).all()
    address = f"/connections/webhooks/{endpoint.id}"
    words = {"th": "ทั้งกุญแจใหม่และกุญแจเดิม", "en": "with the earlier one"}[language]
    assert words not in text_of(officer.get(address))
    changed = text_of(officer.post(f"{address}/secret"))
    assert words in changed
    assert {"th": "21 พ.ย. 2568", "en": "21 Nov 2568"}[language] in changed
    clock.moment = NOW + timedelta(hours=23, minutes=59)
    assert words in text_of(browser(app, "officer", language).get(address))
    clock.moment = NOW + timedelta(hours=24)
    assert words not in text_of(browser(app, "officer", language).get(address))


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_name_that_is_not_looked_up_in_time_is_said_and_what_was_typed_stays(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    answered = threading.Event()

    def hang(*_args: object, **_more: object) -> list[object]:
        answered.wait(60)  # whoever waits for it gets another answer than that it took too long
        raise socket.gaierror("unknown")

    officer = browser(app, "officer", language)
    monkeypatch.setattr(reaching, "TIMEOUT", 0.1)
    monkeypatch.setattr(reaching.socket, "getaddrinfo", hang)
    form = {
        "url": "https://hooks.example.go.th/dgi?a=1",
        "side": str(world.agencies["alpha"]),
        "events": ["proposal.filed", "report.returned"],
    }
    answer = officer.post("/connections/webhooks", data=form)
    answered.set()
    page = text_of(answer)
    assert answer.status_code == 422
    assert {"th": "สิ่งที่กรอกยังอยู่ครบ", "en": "What you typed is kept"}[language] in page
    assert 'value="https://hooks.example.go.th/dgi?a=1"' in page
    ticked = re.findall(r'<input[^>]*value="([a-z]+\.[a-z]+)"[^>]* checked', page)
    assert ticked == ["proposal.filed", "report.returned"]
    assert db.session().scalars(select(WebhookEndpoint)).all() == []


@pytest.mark.parametrize("found", ["10.0.0.7", "127.0.0.1", "169.254.169.254", ""])
def test_an_address_inside_a_private_network_is_refused(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    def look_up(*_args: object, **_more: object) -> list[object]:
        if not found:
            raise socket.gaierror("unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, 443))]

    officer = browser(app, "officer")
    monkeypatch.setattr(reaching.socket, "getaddrinfo", look_up)
    form = {
        "url": "https://hooks.example.go.th/",
        "side": str(world.agencies["alpha"]),
        "events": ["proposal.filed"],
    }
    answer = officer.post("/connections/webhooks", data=form)
    assert answer.status_code == 422
    assert 'id="url-error"' in text_of(answer)
    assert 'id="events-error"' not in text_of(answer)
    assert "https://hooks.example.go.th/" in text_of(answer)
    # what else is wrong is said with it
    both = text_of(officer.post("/connections/webhooks", data=form | {"events": []}))
    assert 'id="url-error"' in both
    assert 'id="events-error"' in both
    assert db.session().scalars(select(WebhookEndpoint)).all() == []


def test_events_must_be_chosen_from_the_list(app: Flask, world: World) -> None:
    officer = browser(app, "officer")
    for events in ([], ["test"], ["proposal.filed", "everything"]):
        form = {"url": "http://127.0.0.1:9/", "side": str(world.agencies["alpha"]), "events": events}
        answer = officer.post("/connections/webhooks", data=form)
        assert (answer.status_code, 'id="events-error"' in text_of(answer)) == (422, True)
