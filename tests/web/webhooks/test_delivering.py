"""Messages to a real receiver: signed, once, tried again, given up; and who is told of what."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.identity.models import KeptAnswer
from app.jobs.errands import _MESSAGES, lanes_of
from app.jobs.runner import drain
from app.jobs.webhooks import forget_old, send_webhook
from app.kernel.db import db
from app.kernel.outbox import OutboxRow, Topics
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal, withdraw_proposal
from app.screening.actions import screen_proposal
from app.webhooks import reaching
from app.webhooks.actions import (
    SEND,
    enable_endpoint,
    send_test,
)
from app.webhooks.models import WebhookEndpoint
from app.webhooks.signatures import NotGenuine, check_message, derive_secret
from tests.conftest import Backend, FixedClock
from tests.web.api.machines import Machine, make_token
from tests.web.webhooks.messages import keep_all, log, register, told
from tests.web.webhooks.receiver import Receiver, listen
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, file_proposal, write_draft


@pytest.mark.both_databases
def test_a_filing_is_told_signed_and_once(
    app: Flask, world: World, receiver: Receiver, backend: Backend
) -> None:
    endpoint_id = register(world, receiver.url)
    register(world, receiver.url, "officer_beta", "beta")
    proposal_id = file_proposal(world)
    keep_all(app)
    assert told(receiver) == [("proposal.filed", "2570-0001")]
    headers, body = receiver.got[0]
    secret = derive_secret(app.config["DGI"].secret_key, endpoint_id, 1)
    now, seen = int(NOW.timestamp()), {}
    assert check_message(secret, headers, body, now, seen) == json.loads(body)["id"]
    with pytest.raises(NotGenuine, match="already"):
        check_message(secret, headers, body, now, seen)
    value = json.loads(body)
    assert set(value["data"]) == {
        "address",
        "fiscal_year",
        "number",
        "receipt_number",
        "sequence",
        "sha256",
    }
    assert value["data"]["address"].endswith("/api/v1/proposals/2570-0001")
    # the news is heard a second time, and the message sent a second time: nothing more comes
    delivery = log()[0]
    with open_work(world.actor("officer"), NOW) as work:
        work.session.execute(
            update(OutboxRow).where(OutboxRow.topic.in_(["notify", SEND])).values(done_at=None)
        )
    keep_all(app)
    send_webhook(app, {"delivery": delivery.id}, False)
    assert len(receiver.got) == 1
    assert (delivery.state, delivery.attempts, delivery.status) == ("delivered", 1, 204)
    assert proposal_id


def test_each_side_is_told_of_its_own(app: Flask, world: World) -> None:
    with listen() as alpha, listen() as beta, listen() as office:
        register(world, alpha.url)
        register(world, beta.url, "officer_beta", "beta")
        register(world, office.url, "secretariat", None)
        proposal_id = file_proposal(world)
        with open_work(world.actor("officer"), NOW) as work:
            withdraw_proposal(work, proposal_id)
        with open_work(world.actor("officer"), NOW) as work:
            submit_proposal(work, proposal_id, "again")

        with open_work(world.actor("secretariat"), NOW) as work:
            screen_proposal(work, proposal_id)
        with open_work(world.actor("committee"), NOW) as work:
            record_decision(work, proposal_id, Verdict.APPROVED, 100_000_100)
        keep_all(app)
        kinds = ["proposal.filed", "proposal.withdrawn", "proposal.filed", "proposal.decided"]
        assert sorted(kind for kind, _ in told(alpha)) == sorted(kinds)
        assert told(beta) == []
        assert sorted(told(office)) == sorted(told(alpha))
        assert all("100000100" not in body.decode() for _, body in alpha.got)
        addresses = {json.loads(body)["data"]["address"].partition("/api/v1")[2] for _, body in office.got}
        assert addresses == {"/filings/2570-0001"}


def test_only_what_was_chosen_is_told(app: Flask, world: World, receiver: Receiver) -> None:
    register(world, receiver.url, events=("proposal.withdrawn",))
    file_proposal(world)
    keep_all(app)
    assert receiver.got == []


@pytest.mark.parametrize("status", [500, 302, 404, 429])
def test_what_is_not_taken_is_tried_again(
    app: Flask, world: World, receiver: Receiver, clock: FixedClock, status: int
) -> None:
    """Redirects are not followed: they count as not taken."""
    register(world, receiver.url)
    receiver.status, receiver.location = status, receiver.url if status == 302 else ""
    file_proposal(world)
    keep_all(app)
    assert len(receiver.got) == 1
    assert (log()[0].state, log()[0].status) == ("waiting", status)
    keep_all(app)
    assert len(receiver.got) == 1  # not yet
    clock.moment = NOW + timedelta(minutes=1)
    receiver.status = 200
    keep_all(app)
    assert (log()[0].state, log()[0].attempts) == ("delivered", 2)
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    assert len(ids) == 1


def test_after_three_days_a_message_is_given_up_and_after_three_messages_the_address(
    app: Flask, world: World, receiver: Receiver, clock: FixedClock
) -> None:
    endpoint_id = register(world, receiver.url)
    receiver.status = 500
    for _ in range(4):
        file_proposal(world)
    keep_all(app)
    attempts: list[timedelta] = []
    moment = NOW
    while any(d.state == "waiting" for d in log()) and moment < NOW + timedelta(days=5):
        clock.moment = moment
        before = len(receiver.got)
        keep_all(app)
        attempts += [moment - NOW] * (len(receiver.got) > before)
        moment += timedelta(hours=3)
    assert {d.state for d in log()} == {"given_up"}
    assert timedelta(days=3) <= attempts[-1] < timedelta(days=3, hours=16)
    assert len(attempts) > 10
    endpoint = db.session().get_one(WebhookEndpoint, endpoint_id)
    assert (endpoint.disabled_at is not None, endpoint.disabled_why) == (True, "HTTP 500")
    receiver.got.clear()
    file_proposal(world)
    keep_all(app)
    assert receiver.got == []
    with open_work(world.actor("certifier"), NOW) as work:
        enable_endpoint(work, endpoint_id)
        send_test(work, endpoint_id, "https://dgi.example.go.th")
    receiver.status = 200
    clock.moment += timedelta(minutes=1)
    keep_all(app)
    assert [kind for kind, _ in told(receiver)] == ["test"]


@pytest.mark.both_databases
def test_an_address_that_is_gone_is_switched_off_at_once(
    app: Flask, world: World, receiver: Receiver
) -> None:
    endpoint_id = register(world, receiver.url)
    receiver.status = 410
    file_proposal(world)
    file_proposal(world)
    keep_all(app)
    assert len(receiver.got) == 1
    assert db.session().get_one(WebhookEndpoint, endpoint_id).disabled_at is not None
    assert {d.state for d in log()} == {"given_up"}


def test_a_receiver_that_drips_letters_is_cut_off(
    app: Flask, world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "_LONGEST", 0.4)
    register(world, receiver.url)
    receiver.drips = True
    file_proposal(world)
    began = time.monotonic()
    keep_all(app)
    assert time.monotonic() - began < 3
    assert log()[0].state == "waiting"


def test_a_receiver_that_says_nothing_is_not_waited_for(
    app: Flask, world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "TIMEOUT", 0.2)
    register(world, receiver.url)
    receiver.delay = 1
    file_proposal(world)
    keep_all(app)
    assert (log()[0].state, log()[0].error) == ("waiting", "timed out")


def test_a_name_nobody_tells_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look-ups that go on hold up no more than so many; each ends in words for the people of the address."""
    silent = threading.Event()
    monkeypatch.setattr(reaching, "TIMEOUT", 0.1)
    monkeypatch.setattr(reaching, "_looking", threading.BoundedSemaphore(2))
    monkeypatch.setattr(reaching.socket, "getaddrinfo", lambda *_a, **_k: silent.wait(60) and [])
    for _ in range(4):
        with pytest.raises(reaching.NameIsSlow, match="within"):
            reaching.post_message("https://hooks.example.go.th/", {}, b"", allows_local=False)
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.114.9", 443))]
    monkeypatch.setattr(reaching.socket, "getaddrinfo", lambda *_a, **_k: answer)
    silent.set()  # those that hung let go of their places
    monkeypatch.setattr(reaching, "TIMEOUT", 5)
    found = reaching.find_public_address("https://hooks.example.go.th/", allows_local=False)
    assert found == ("203.0.114.9", 443)


def test_messages_have_a_lane_of_their_own(app: Flask) -> None:
    assert _MESSAGES in lanes_of(app)
    assert Topics(only=(SEND,)) == _MESSAGES
    others = [lane for lane in lanes_of(app) if lane != _MESSAGES]
    assert all(SEND in lane.but or (lane.only and SEND not in lane.only) for lane in others)


def test_an_address_whose_name_leads_home_by_now_gets_nothing(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was public when it was registered: the name is looked up before every message, and every address judged."""
    register(world, "https://hooks.example.go.th/dgi")
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("203.0.114.9", "10.0.0.7")]
    monkeypatch.setattr(reaching.socket, "getaddrinfo", lambda *_a, **_k: answers)
    connected: list[object] = []
    monkeypatch.setattr(reaching.socket, "create_connection", lambda *a, **_k: connected.append(a))
    file_proposal(world)
    keep_all(app)
    assert (connected, log()[0].error) == ([], "the host is not on the open internet")


def test_the_connection_goes_where_the_judged_address_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look-up cannot lead elsewhere."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.114.9", 443))]
    monkeypatch.setattr(reaching.socket, "getaddrinfo", lambda *_a, **_k: answers)
    connected: list[object] = []

    def connect(address: object, _timeout: object) -> None:
        connected.append(address)
        raise OSError("no route")

    monkeypatch.setattr(reaching.socket, "create_connection", connect)
    with pytest.raises(reaching.Unreachable, match="no route"):
        reaching.post_message("https://hooks.example.go.th/", {}, b"", allows_local=False)
    assert connected == [("203.0.114.9", 443)]


def test_news_of_long_ago_is_told_to_no_system(
    app: Flask, world: World, receiver: Receiver, clock: FixedClock
) -> None:
    register(world, receiver.url)
    file_proposal(world)
    clock.moment = NOW + timedelta(days=31)
    keep_all(app)
    assert receiver.got == []


def test_a_draft_is_told_to_nobody(app: Flask, world: World, receiver: Receiver) -> None:
    register(world, receiver.url)
    write_draft(world, complete_draft())
    drain(app)
    assert receiver.got == []


def test_tls_is_checked_against_the_name_not_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to a number, the certificate must be of the name: another name, or nobody's signature under
    it, and nothing is sent."""
    certificate = Path(__file__).parents[2] / "jobs" / "post_office.pem"
    trusting = ssl.create_default_context(cafile=str(certificate))
    with listen(certificate) as receiver:
        port = urlsplit(receiver.url).port
        monkeypatch.setattr(reaching, "find_public_address", lambda _url, **_more: ("127.0.0.1", port))
        with pytest.raises(reaching.Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            reaching.post_message(f"https://localhost:{port}/", {}, b"{}", allows_local=False)
        monkeypatch.setattr(reaching.ssl, "create_default_context", lambda: trusting)
        with pytest.raises(reaching.Unreachable, match="mismatch"):
            reaching.post_message(f"https://elsewhere.example:{port}/", {}, b"{}", allows_local=False)
        assert receiver.got == []
        assert reaching.post_message(f"https://localhost:{port}/", {}, b"{}", allows_local=False) == 204
        assert [body for _, body in receiver.got] == [b"{}"]


def test_what_is_long_over_is_forgotten(
    app: Flask, world: World, receiver: Receiver, clock: FixedClock
) -> None:
    register(world, receiver.url)
    file_proposal(world)
    keep_all(app)
    officer = Machine(app, make_token(world, "officer", days=365)[1])
    begin = {"fiscal_year": FISCAL_YEAR}
    assert officer.post("/proposals", begin, key="one").status_code == 201
    clock.moment = NOW + timedelta(days=6)
    forget_old(app)
    assert officer.post("/proposals", begin, key="one").headers["Idempotency-Replayed"] == "true"
    clock.moment = NOW + timedelta(days=89)
    forget_old(app)
    assert db.session().scalars(select(KeptAnswer)).all() == []
    assert len(log()) == 1
    clock.moment = NOW + timedelta(days=91)
    forget_old(app)
    assert log() == []
