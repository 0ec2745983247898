"""Letters reach a real SMTP server: intact, once as far as can be known, again after a failure, and not for ever."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.identity.actions import disable_person
from app.identity.facts import SYSTEM
from app.identity.models import User
from app.jobs import mailing, post
from app.jobs.errands import kept_here, lanes_of
from app.jobs.runner import LEASE, do_chores, drain, run_once
from app.kernel.db import db
from app.kernel.mail_settings import MailSettings
from app.kernel.outbox import MOST_ATTEMPTS, OutboxRow
from app.kernel.work import open_work
from app.notices.actions import SEND, TOPIC, set_preferences
from app.notices.facts import Fault
from app.notices.models import Mail
from app.proposals.models import Submission
from tests.conftest import FixedClock
from tests.jobs.post_office import CERTIFICATE, PASSWORD, USER, PostOffice, opened
from tests.notices.scene import change, latest_submission, mails
from tests.world import NOW, World, complete_draft, file_proposal, write_draft

OFFICER = World.email("officer")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def set_up(app: Flask, monkeypatch: pytest.MonkeyPatch, settings: MailSettings) -> None:
    monkeypatch.setitem(app.config, "DGI", replace(app.config["DGI"], mail=settings))


@pytest.fixture
def office(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with opened(PostOffice()) as office:
        set_up(app, monkeypatch, office.settings())
        yield office


def promise(event: str, at: datetime = NOW, **ids: Any) -> None:
    with open_work(SYSTEM, at) as work:
        work.promise(TOPIC, {"event": event, **ids})


def write_to_certifier(world: World) -> None:
    """News for one person alone."""
    draft = write_draft(world, complete_draft())
    forget_promises()
    promise("signature_wanted", proposal=draft, agency=world.agencies["alpha"], scope="filing")


def file_one(world: World, at: datetime = NOW) -> Submission:
    """A filing, and the one promise to tell of it."""
    filing = latest_submission(file_proposal(world))
    forget_promises()
    promise("filed", at, submission=filing.id)
    return filing


def forget_promises() -> None:
    """What making a proposal has promised is not what a test is about."""
    with open_work(SYSTEM, NOW) as work:
        work.session.execute(update(OutboxRow).values(done_at=NOW))


def read_header(encoded: str) -> str:
    """A header as a mail program shows it; the newer parser of the standard library puts a space between the encoded
    words of a name, which RFC 2047 section 6.2 forbids."""
    return str(make_header(decode_header(encoded)))


def only_mail() -> Mail:
    (mail,) = mails()
    return mail


def promises(topic: str = SEND) -> list[OutboxRow]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(OutboxRow).filter_by(topic=topic).order_by(OutboxRow.id))


def test_a_filing_is_told_to_each_person_in_their_language(
    app: Flask, world: World, office: PostOffice
) -> None:
    change(User, world.users["certifier"], language="en")
    filing = file_one(world)
    drain(app)
    letters = {message["To"].addresses[0].addr_spec: message for message in office.taken}
    assert set(letters) == {World.email(n) for n in ("officer", "certifier", "reviewer_alpha")}
    assert office.to == [[str(m["To"].addresses[0].addr_spec)] for m in office.taken]
    assert set(office.senders) == {"budget@dga.example"}
    thai, english = letters[OFFICER], letters[World.email("certifier")]
    assert thai["Subject"] == f"{filing.receipt_number[1:-2]} ยื่นข้อเสนอแล้ว ใบรับเลขที่ {filing.receipt_number}"
    headers = message_from_bytes(office.raw[office.taken.index(thai)])
    assert read_header(headers["From"]) == "ระบบคำของบประมาณ <budget@dga.example>"
    assert read_header(headers["To"]) == f"ผู้ใช้ officer <{OFFICER}>"
    assert thai["Reply-To"] == "office@dga.example"
    assert thai.get_content_type() == "text/plain"
    assert thai.get_content_charset() == "utf-8"
    body = thai.get_content()
    assert "เรียน ผู้ใช้ officer" in body
    assert "ระบบเชื่อมโยงข้อมูลทดสอบ" in body
    stored = {mail.address: mail for mail in mails()}
    assert body.replace("\r\n", "\n") == stored[OFFICER].body
    assert english["Subject"].endswith(f"is filed, receipt {filing.receipt_number}")
    assert "Dear Person certifier," in english.get_content()
    for mail in stored.values():
        assert (mail.state, mail.sent_at, mail.attempts, mail.error) == ("sent", NOW, 1, "")


def test_the_message_is_what_other_machines_expect(app: Flask, world: World, office: PostOffice) -> None:
    write_to_certifier(world)
    drain(app)
    (message,), (raw,) = office.taken, office.raw
    assert raw.isascii()  # nothing that a server without 8BITMIME could spoil
    assert max(map(len, raw.split(b"\r\n"))) < 998
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "th"
    assert message["List-Unsubscribe"] == "<http://127.0.0.1:8000/account>"
    assert parsedate_to_datetime(message["Date"]) == NOW
    assert message["Message-ID"].endswith("@dga.example>")
    assert message["MIME-Version"] == "1.0"


def test_official_letters_offer_no_way_out(app: Flask, world: World, office: PostOffice) -> None:
    file_one(world)
    drain(app)
    assert office.taken
    assert all(message["List-Unsubscribe"] is None for message in office.taken)


def test_what_is_switched_off_is_not_sent(app: Flask, world: World, office: PostOffice) -> None:
    with open_work(world.actor("certifier"), NOW) as work:
        set_preferences(work, [])
    write_to_certifier(world)
    drain(app)
    assert office.taken == []
    assert only_mail().state == "unwanted"


@pytest.mark.parametrize("answer", ["451 4.7.1 Greylisted, come back", "421 4.3.2 Closing"])
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_for_now_means_again_later(
    app: Flask, world: World, office: PostOffice, clock: FixedClock, stage: str, answer: str
) -> None:
    write_to_certifier(world)
    if stage == "rcpt":
        office.rcpt[World.email("certifier")] = [answer]
    else:
        getattr(office, stage).append(answer)
    drain(app)
    assert office.taken == []
    mail = only_mail()
    assert (mail.state, mail.attempts) == ("waiting", 1)
    assert mail.error.startswith(answer[:4])
    clock.advance(seconds=19)
    assert drain(app) == 0
    clock.advance(seconds=1)
    drain(app)
    assert len(office.taken) == 1
    mail = only_mail()
    assert (mail.state, mail.attempts, mail.error) == ("sent", 2, "")


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_for_good_means_never_again(
    app: Flask, world: World, office: PostOffice, clock: FixedClock, stage: str
) -> None:
    write_to_certifier(world)
    said = "550 5.1.1 No such person here"
    if stage == "rcpt":
        office.rcpt[World.email("certifier")] = [said]
    else:
        office.data.append(said)
    drain(app)
    mail = only_mail()
    assert (mail.state, mail.error, mail.attempts) == ("failed", said, 1)
    clock.advance(days=1)
    assert drain(app) == 0
    assert office.taken == []


def test_one_address_that_is_refused_keeps_no_other_from_its_letter(
    app: Flask, world: World, office: PostOffice
) -> None:
    office.rcpt[OFFICER] = ["550 5.1.1 No"]
    file_one(world)
    drain(app)
    assert {mail.address: mail.state for mail in mails()} == {
        OFFICER: "failed",
        World.email("certifier"): "sent",
        World.email("reviewer_alpha"): "sent",
    }


def test_a_sender_the_server_does_not_take_is_ours_to_mend(
    app: Flask, world: World, office: PostOffice, clock: FixedClock
) -> None:
    write_to_certifier(world)
    office.mail = ["553 5.7.1 Sender not yours"]
    drain(app)
    assert (only_mail().state, only_mail().error) == ("waiting", "553 5.7.1 Sender not yours")
    clock.advance(minutes=1)
    drain(app)
    assert only_mail().state == "sent"


def test_a_server_that_is_down_is_waited_for_past_the_first_attempts(
    app: Flask, world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PostOffice()
    with opened(office):
        set_up(app, monkeypatch, office.settings())
    write_to_certifier(world)
    drain(app)
    for attempt in range(1, MOST_ATTEMPTS + 2):
        mail = only_mail()
        assert (mail.state, mail.attempts) == ("waiting", attempt)
        assert "refused" in mail.error
        (row,) = promises()
        clock.moment = row.due_at
        if attempt <= MOST_ATTEMPTS:
            assert drain(app) == 1
    assert clock.moment - NOW > post.PATIENCE
    with opened(office):
        drain(app)
    assert len(office.taken) == 1
    assert only_mail().state == "sent"


def test_after_three_days_it_is_given_up(
    app: Flask, world: World, office: PostOffice, clock: FixedClock
) -> None:
    write_to_certifier(world)
    run_once(app)  # the news is heard, the letter not sent
    clock.advance(days=3, seconds=1)
    drain(app)
    assert office.taken == []
    assert (only_mail().state, only_mail().error) == ("failed", Fault.TOO_LATE)


def test_without_a_server_letters_wait_and_go_when_there_is_one(
    app: Flask, world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.config["DGI"].mail.server is None
    write_to_certifier(world)
    assert drain(app) == 1  # the news alone
    assert drain(app) == 0
    assert only_mail().state == "waiting"
    assert (only_mail().attempts, promises()[0].attempts) == (0, 0)
    assert not any(SEND in lane.only for lane in lanes_of(app))
    assert SEND in kept_here(app).but
    clock.advance(days=2)
    do_chores(app)
    assert only_mail().state == "waiting"
    with opened(PostOffice()) as office:
        set_up(app, monkeypatch, office.settings())
        assert any(SEND in lane.only for lane in lanes_of(app))
        drain(app)
        assert len(office.taken) == 1


def test_without_a_server_what_waits_too_long_is_given_up_and_stays_so(
    app: Flask, world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_to_certifier(world)
    drain(app)
    clock.advance(days=3, seconds=1)
    do_chores(app)
    assert (only_mail().state, only_mail().error) == ("failed", Fault.TOO_LATE)
    with opened(PostOffice()) as office:
        set_up(app, monkeypatch, office.settings())
        drain(app)
        assert office.taken == []


def test_killed_before_it_could_say_so_it_comes_again_with_the_same_message_id(
    app: Flask, world: World, office: PostOffice, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_to_certifier(world)
    run_once(app)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mailing, "note_sent", die)
        with pytest.raises(KeyboardInterrupt):
            run_once(app)
    assert only_mail().state == "waiting"
    assert not run_once(app)
    clock.moment += LEASE
    drain(app)
    first, second = office.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content() == second.get_content()
    assert (only_mail().state, only_mail().attempts) == ("sent", 2)
    clock.advance(days=1)
    assert drain(app) == 0


def test_two_letters_never_share_a_message_id(app: Flask, world: World, office: PostOffice) -> None:
    file_one(world)
    drain(app)
    assert len(office.taken) == len({message["Message-ID"] for message in office.taken}) == 3


def test_a_server_that_takes_the_mail_but_hangs_up_is_not_asked_again(
    app: Flask, world: World, office: PostOffice, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang_up(self: Any, server: Any, *_: Any) -> str:
        return "500 go away"

    monkeypatch.setattr(PostOffice, "handle_QUIT", hang_up, raising=False)
    write_to_certifier(world)
    drain(app)
    clock.advance(hours=3)
    drain(app)
    assert len(office.taken) == 1
    assert only_mail().state == "sent"


def test_a_disabled_person_is_not_written_to(app: Flask, world: World, office: PostOffice) -> None:
    write_to_certifier(world)
    run_once(app)
    with open_work(world.actor("admin"), NOW) as work:
        disable_person(work, world.users["certifier"])
    drain(app)
    assert office.taken == []
    assert (only_mail().state, only_mail().error) == ("failed", Fault.DISABLED)


BAD_ADDRESSES = [
    "a@b.th\r\nBcc: everybody@b.th",
    "a@b.th, c@d.th",
    "a@b.th\nX: y",
    "@b.th",
    "a b@c.th",
    "a@",
    "",
    "<a@b.th>",
    "สมชาย@b.th",  # this server does not know SMTPUTF8
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_an_address_that_is_none_fails_at_once(
    app: Flask, world: World, office: PostOffice, address: str
) -> None:
    write_to_certifier(world)
    run_once(app)
    change(Mail, only_mail().id, address=address)
    drain(app)
    assert office.taken == []
    assert (only_mail().state, only_mail().error) == ("failed", Fault.ADDRESS)


def test_names_and_subjects_cannot_add_a_header(app: Flask, world: World, office: PostOffice) -> None:
    evil = 'x"\r\nBcc: everybody@b.th\r\n\r\nน้ำ <z@b.th>, '
    change(User, world.users["certifier"], name_th=evil)
    write_to_certifier(world)
    run_once(app)
    change(Mail, only_mail().id, subject=evil)
    drain(app)
    (message,) = office.taken
    assert office.to == [[World.email("certifier")]]
    assert message["Bcc"] is None
    assert [a.addr_spec for a in message["To"].addresses] == [World.email("certifier")]
    assert "Bcc: everybody" in message["Subject"]  # all of it is text of the subject
    assert len(message.keys()) == len(set(message.keys()))


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_starttls_and_sign_in(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, trusted: None
) -> None:
    with opened(PostOffice(), starttls=True, require_starttls=True, auth_required=True) as office:
        secret = {"user": USER, "password": PASSWORD}
        set_up(app, monkeypatch, office.settings(needs_starttls=True, **secret))
        write_to_certifier(world)
        drain(app)
    assert (office.encrypted, office.signed_in) == ([True], [True])
    assert only_mail().state == "sent"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_password_is_ours_to_mend(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, trusted: None
) -> None:
    with opened(PostOffice(), starttls=True, auth_required=True) as office:
        set_up(app, monkeypatch, office.settings(needs_starttls=True, user=USER, password="wrong"))
        write_to_certifier(world)
        drain(app)
    assert only_mail().state == "waiting"
    assert only_mail().error.startswith("535")


def test_a_server_without_starttls_is_told_nothing(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(PostOffice()) as office:
        set_up(app, monkeypatch, office.settings(needs_starttls=True, user=USER, password=PASSWORD))
        write_to_certifier(world)
        drain(app)
    assert office.taken == []
    assert only_mail().state == "waiting"
    assert "STARTTLS" in only_mail().error


def test_a_server_nobody_vouches_for_is_told_nothing(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(PostOffice(), starttls=True) as office:
        set_up(app, monkeypatch, office.settings(needs_starttls=True))
        write_to_certifier(world)
        drain(app)
    assert office.taken == []
    assert only_mail().state == "waiting"
    assert "certificate" in only_mail().error.lower()


def test_news_of_long_ago_is_told_to_nobody(app: Flask, world: World, clock: FixedClock) -> None:
    filing = file_one(world, NOW - timedelta(days=31))
    drain(app)
    assert mails() == []
    promise("filed", at=NOW - timedelta(days=29), submission=filing.id)
    drain(app)
    assert len(mails()) == 3


def test_news_that_was_heard_by_a_runner_that_died_is_heard_once(
    app: Flask, world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_to_certifier(world)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("app.kernel.outbox.done", die)
        with pytest.raises(KeyboardInterrupt):
            run_once(app)
    clock.moment += LEASE
    drain(app)
    assert len(mails()) == len(promises()) == 1
