"""The pages of e-mail: choosing, reading one's own, and seeing that others' were sent, never what they say."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.facts import SYSTEM
from app.identity.models import User
from app.kernel.db import db
from app.kernel.mail_settings import Mailbox, MailServer, MailSettings
from app.kernel.work import open_work
from app.notices.actions import fail_mail, note_delay, note_sent
from app.notices.facts import FAULTS, KINDS, Fault, Kind
from app.notices.models import Mail
from app.notices.queries import get_unwanted
from app.notices.rules import kinds_for
from tests.notices.scene import SITE, hear_at, latest_submission, mails
from tests.web.desks import browser, queries_of
from tests.world import NOW, World, complete_draft, file_proposal, write_draft


@pytest.fixture
def filed(app: Flask, world: World) -> dict[str, Mail]:
    """Letters about one filing, by name."""
    return hear_at(world, NOW, "filed", submission=latest_submission(file_proposal(world)).id)


def test_the_account_offers_what_the_role_is_told_of(app: Flask, world: World) -> None:
    for name in ("officer", "reviewer_bb", "secretariat", "committee"):
        page = browser(app, name).get("/account").text
        told = kinds_for(world.actor(name).roles)
        for kind, words in KINDS.items():
            may_choose = kind in told and words.why_always is None
            assert (words.name.th in page) is (kind in told)
            assert (f'value="{kind}" checked' in page) is may_choose
            assert (f'value="{kind}"' in page) is may_choose
            if words.why_always and kind in told:
                assert words.why_always.th in page


def test_choosing(app: Flask, world: World) -> None:
    officer = browser(app, "officer")
    answer = officer.post("/account/e-mails", data={"kinds": ["links", "signing", "nonsense"]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    page = officer.get("/account").text
    assert "บันทึกเรื่องที่รับแจ้งทางอีเมลแล้ว" in page
    ticked = re.findall(r'value="(\w+)" checked', page)
    assert ticked == ["links", "signing"]
    officer.post("/account/e-mails")
    db.session.rollback()
    off = get_unwanted(db.session(), world.actor("officer"))
    assert off == {Kind.TAKING_PART, Kind.LINKS, Kind.SIGNING, Kind.DEADLINE, Kind.REPORTING}
    assert get_unwanted(db.session(), world.actor("certifier")) == frozenset()


def test_what_was_sent_to_me_and_one_to_read(app: Flask, world: World, filed: dict[str, Mail]) -> None:
    officer, mail = browser(app, "officer"), filed["officer"]
    listed = officer.get("/account/e-mails").text
    assert html.escape(mail.subject) in listed
    assert "รอส่ง" in listed
    page = officer.get(f"/account/e-mails/{mail.id}").text
    assert "เรียน ผู้ใช้ officer" in page
    assert f'href="{SITE.site_url}/agency/proposals/' in page
    for other in (filed["certifier"].id, 999_999):
        assert officer.get(f"/account/e-mails/{other}").status_code == 404
    for name in ("admin", "secretariat", "reviewer_bb"):
        assert browser(app, name).get(f"/account/e-mails/{mail.id}").status_code == 404


def test_nothing_yet(app: Flask, world: World) -> None:
    assert "ยังไม่มีอีเมลถึงท่าน" in browser(app, "officer").get("/account/e-mails").text


def test_it_is_said_that_no_mail_can_leave(
    app: Flask, world: World, filed: dict[str, Mail], monkeypatch: pytest.MonkeyPatch
) -> None:
    words, mail = "ยังไม่ได้ตั้งค่าการส่งอีเมล", filed["officer"]
    officer, admin = browser(app, "officer"), browser(app, "admin")
    pages = ("/account", "/account/e-mails", f"/account/e-mails/{mail.id}")
    assert all(words in officer.get(page).text for page in pages)
    assert words in admin.get("/admin/e-mails").text
    settings = MailSettings(MailServer("mail.example", 587, False, True), Mailbox("", "a@b.go.th"))
    monkeypatch.setitem(app.config, "DGI", replace(app.config["DGI"], mail=settings))
    assert not any(words in officer.get(page).text for page in pages)
    assert words not in admin.get("/admin/e-mails").text


def test_why_it_was_not_sent_is_told_in_the_readers_language_or_the_servers_words(
    app: Flask, world: World, filed: dict[str, Mail]
) -> None:
    with open_work(SYSTEM, NOW) as work:
        fail_mail(work, filed["officer"].id, Fault.TOO_LATE)
        fail_mail(work, filed["certifier"].id, "550 5.1.1 <b>no such person</b>")
        note_delay(work, filed["reviewer_alpha"].id, "451 come back")
    officer = browser(app, "officer", "en")
    assert FAULTS[Fault.TOO_LATE].en in officer.get(f"/account/e-mails/{filed['officer'].id}").text
    listed = browser(app, "admin").get("/admin/e-mails").text
    assert FAULTS[Fault.TOO_LATE].th in listed
    assert "550 5.1.1 &lt;b&gt;no such person" in listed
    assert "451 come back" in listed


def test_others_see_that_it_was_sent_and_never_what_it_says(
    app: Flask, world: World, filed: dict[str, Mail]
) -> None:
    with open_work(SYSTEM, NOW) as work:
        note_sent(work, filed["officer"].id)
    for name in ("admin", "secretariat"):
        page = browser(app, name).get("/admin/e-mails").text
        for mail in filed.values():
            assert mail.address in page
            assert html.escape(mail.subject) not in page
        assert "2570-" not in page.split("<main")[1]
        assert "ส่งแล้ว" in page
    for name in ("officer", "certifier", "reviewer_bb", "committee"):
        assert browser(app, name).get("/admin/e-mails").status_code == 403


def addresses(page: str) -> set[str]:
    return set(re.findall(r"[\w.]+@test\.example", page.split("<tbody>")[1] if "<tbody>" in page else ""))


@pytest.mark.both_databases
def test_finding(app: Flask, world: World, filed: dict[str, Mail]) -> None:
    draft = write_draft(world, complete_draft())
    alpha = world.agencies["alpha"]
    hear_at(world, NOW, "signature_wanted", 2, proposal=draft, agency=alpha, scope="filing")
    with open_work(SYSTEM, NOW) as work:
        note_sent(work, filed["officer"].id)
    admin = browser(app, "admin")

    def found(query: str) -> set[str]:
        return addresses(admin.get(f"/admin/e-mails?{query}").text)

    everybody = {World.email(n) for n in ("officer", "certifier", "reviewer_alpha")}
    assert found("") == everybody
    assert found("q=CERTIF") == {World.email("certifier")}
    assert found("q=%25") == found("q=_@") == set()
    assert found("kind=signing") == {World.email("certifier")}
    assert found("kind=filing&state=sent") == {World.email("officer")}
    assert found("kind=nonsense&state=nonsense&before=x") == everybody
    assert "ไม่พบอีเมล" in admin.get("/admin/e-mails?kind=links").text
    assert "ส่งแล้ว (1)" in admin.get("/admin/e-mails").text


def many(world: World, count: int) -> None:
    with open_work(SYSTEM, NOW) as work:
        work.session.add_all(
            Mail(
                key=f"k{n}",
                user_id=world.users["officer"],
                address=f"p{n:03}@test.example",
                kind="filing",
                language="th",
                subject=f"เรื่อง {n:03}",
                body="",
                state="waiting",
                created_at=NOW,
            )
            for n in range(count)
        )


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("name", "path", "pattern"),
    [
        ("admin", "/admin/e-mails?kind=filing&q=p", r"p(\d{3})@test"),
        ("officer", "/account/e-mails", r"เรื่อง (\d{3})"),
    ],
)
def test_lists_page_without_gaps_and_ask_the_same_for_any_number(
    app: Flask, world: World, name: str, path: str, pattern: str
) -> None:
    reader = browser(app, name)
    many(world, 1)
    few = queries_of(reader, path)
    with open_work(SYSTEM, NOW) as work:
        work.session.execute(Mail.__table__.delete())
    many(world, 120)
    assert queries_of(reader, path) == few <= 12
    seen: list[str] = []
    address: str | None = path
    while address:
        page = reader.get(address).text
        seen += re.findall(pattern, page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = html.unescape(following[1]) if following else None
    assert seen == [f"{n:03}" for n in reversed(range(120))]


def test_a_mail_program_cannot_be_told_anything_by_a_name(app: Flask, world: World) -> None:
    """What people are called is escaped where the text is shown as a page."""
    with open_work(SYSTEM, NOW) as work:
        work.session.get_one(User, world.users["officer"]).name_th = "<script>alert(1)</script>"
    letters = hear_at(world, NOW, "filed", submission=latest_submission(file_proposal(world)).id)
    page = browser(app, "officer").get(f"/account/e-mails/{letters['officer'].id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert len(mails()) == len(set(db.session.scalars(select(Mail.key)))) == 3
