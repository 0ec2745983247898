"""Messages that were given up are sent again; a secret that is changed signs on beside the new one."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.jobs.errands import _MESSAGES
from app.jobs.runner import run_once
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.work import open_work
from app.webhooks.actions import enable_endpoint, renew_secret, send_again, send_test
from app.webhooks.signatures import NotGenuine, check_message, derive_secret
from tests.conftest import FixedClock
from tests.web.webhooks.messages import keep_all, log, register
from tests.web.webhooks.receiver import Receiver
from tests.world import NOW, World, file_proposal


@pytest.mark.both_databases
def test_what_was_given_up_is_sent_again_as_it_was_and_for_as_long_as_a_new_one(
    app: Flask, world: World, receiver: Receiver, clock: FixedClock
) -> None:
    """The address was gone, which gave up a second message, too, whose promise was still to be kept."""
    endpoint_id = register(world, receiver.url)
    receiver.status = 500
    file_proposal(world)
    keep_all(app)
    clock.moment = NOW + timedelta(seconds=5)
    file_proposal(world)
    receiver.status = 410
    keep_all(app)
    assert [d.state for d in log()] == ["given_up", "given_up"]
    sent = {h["webhook-id"]: body for h, body in receiver.got}

    def ask(who: str = "certifier", delivery_id: int | None = None, at: int = endpoint_id) -> int:
        with open_work(world.actor(who), clock.moment) as work:
            return send_again(work, at, delivery_id)

    with pytest.raises(Refused):
        ask()
    clock.moment = NOW + timedelta(days=10)
    with open_work(world.actor("certifier"), clock.moment) as work:
        enable_endpoint(work, endpoint_id)
    elsewhere = register(world, receiver.url, "officer_beta", "beta")
    first, second = (d.id for d in log())
    for who, kind in (("officer_beta", NotFound), ("secretariat", NotFound), ("committee", Forbidden)):
        with pytest.raises(kind):
            ask(who)
    with pytest.raises(NotFound):
        ask("officer_beta", first, elsewhere)

    receiver.status, before = 503, len(receiver.got)
    assert (ask(delivery_id=first), ask(delivery_id=first), ask()) == (1, 0, 1)
    keep_all(app)
    assert len(receiver.got) == before + 2  # once each, whatever had been promised before
    assert [(d.state, d.attempts) for d in log()] == [("waiting", 1), ("waiting", 1)]
    clock.moment += timedelta(days=2)
    receiver.status = 200
    keep_all(app)
    assert {d.state for d in log()} == {"delivered"}
    assert {h["webhook-id"]: body for h, body in receiver.got} == sent
    assert (ask(delivery_id=second), ask()) == (0, 0)
    keep_all(app)
    assert len(receiver.got) == before + 4
    entries = db.session().scalars(select(AuditEntry).where(AuditEntry.action == "resend_webhook")).all()
    assert [(e.subject, json.loads(e.detail)["count"]) for e in entries] == [
        (f"webhook:{endpoint_id}", 1)
    ] * 2


def test_sent_again_without_luck_it_is_given_up_after_three_days_more(
    app: Flask, world: World, receiver: Receiver, clock: FixedClock
) -> None:
    endpoint_id = register(world, receiver.url)
    receiver.status = 500
    file_proposal(world)
    spans = []
    for _ in range(2):
        began = clock.moment
        while not spans or log()[0].state == "waiting":
            keep_all(app)
            spans.append(clock.moment - began)
            clock.moment += timedelta(hours=3)
        assert timedelta(days=3) <= spans[-1] < timedelta(days=3, hours=16)
        with open_work(world.actor("certifier"), clock.moment) as work:
            assert send_again(work, endpoint_id) == 1


# what is done, hours after the address was registered -> which secrets a message fits then
CHANGES_OF_SECRET = [
    ([], {0: [1], 100: [1]}),
    ([1], {0: [1], 2: [1, 2], 24.9: [1, 2], 25: [2], 100: [2]}),
    ([1, 13], {12: [1, 2], 14: [1, 2, 3], 25: [2, 3], 36.9: [2, 3], 37: [3]}),
    ([1, 2, 3, 4], {5: [1, 2, 3, 4, 5], 26.5: [3, 4, 5], 28: [5]}),
]


@pytest.mark.both_databases
@pytest.mark.parametrize(("changes", "fits"), CHANGES_OF_SECRET)
def test_a_secret_signs_for_24_hours_beside_the_one_that_replaced_it(
    app: Flask,
    world: World,
    receiver: Receiver,
    clock: FixedClock,
    changes: list[float],
    fits: dict[float, list[int]],
) -> None:
    endpoint_id = register(world, receiver.url)
    for hour in sorted([*changes, *fits]):
        clock.moment = NOW + timedelta(hours=hour)
        with open_work(world.actor("officer"), clock.moment) as work:
            if hour in changes:
                renew_secret(work, endpoint_id)
                continue
            send_test(work, endpoint_id, "https://dgi.example.go.th")
        receiver.got.clear()
        run_once(app, _MESSAGES)
        ((headers, body),) = receiver.got
        key, now = app.config["DGI"].secret_key, int(clock.moment.timestamp())
        found = []
        for number in range(1, 7):
            with contextlib.suppress(NotGenuine):
                check_message(derive_secret(key, endpoint_id, number), headers, body, now, {})
                found.append(number)
        assert found == fits[hour], hour
        assert len(headers["webhook-signature"].split(" ")) == len(found)


def test_a_secret_is_not_changed_more_often_than_earlier_ones_can_sign(app: Flask, world: World) -> None:
    endpoint_id = register(world, "http://127.0.0.1:9/")
    for hour, numbers in ((0, [2, 3, 4, 5, None]), (23, [None]), (24, [6])):
        for number in numbers:
            at = NOW + timedelta(hours=hour)
            if number is None:
                with pytest.raises(Refused), open_work(world.actor("officer"), at) as work:
                    renew_secret(work, endpoint_id)
            else:
                with open_work(world.actor("officer"), at) as work:
                    assert renew_secret(work, endpoint_id) == number
