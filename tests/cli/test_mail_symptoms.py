"""What the doctor says of e-mail: not set up, not encrypted, not taken."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from app.cli.doctor import Grade, examine
from app.identity.facts import SYSTEM
from app.kernel.mail_settings import read_mail_settings
from app.kernel.work import open_work
from app.notices.actions import note_delay
from tests.notices.scene import hear_at, latest_submission
from tests.world import NOW, World, file_proposal

TAKEN = "smtp://mail.example"


def said(app: Flask, url: str = "") -> list[tuple[str, str]]:
    """(grade, words) of what is found about e-mail."""
    mail = read_mail_settings({"DGI_SMTP_URL": url, "DGI_MAIL_FROM": "a@b.go.th"})
    found = examine(replace(app.config["DGI"], mail=mail))
    return [(s.grade, s.what) for s in found if "mail" in s.what.lower() or "SMTP" in s.what]


def test_without_a_server_it_says_how_many_wait(app: Flask, world: World) -> None:
    assert said(app) == [(Grade.NOTE, "DGI_SMTP_URL is not set: no e-mail is sent; waiting: 0")]
    hear_at(world, NOW, "filed", submission=latest_submission(file_proposal(world)).id)
    assert said(app) == [(Grade.NOTE, "DGI_SMTP_URL is not set: no e-mail is sent; waiting: 3")]


def test_a_password_that_travels_unencrypted_is_unsafe(app: Flask) -> None:
    assert said(app, TAKEN) == []
    assert said(app, "smtps://u:p@mail.example") == []
    assert said(app, "smtp://u:p@127.0.0.1:25") == []
    assert said(app, "smtp://mail.example?starttls=no")[0][0] == Grade.NOTE
    ((grade, words),) = said(app, "smtp://u:hidden@mail.example?starttls=no")
    assert grade == Grade.UNSAFE
    assert "hidden" not in words


def test_what_the_server_answered_is_told(app: Flask, world: World) -> None:
    letters = hear_at(world, NOW, "filed", submission=latest_submission(file_proposal(world)).id)
    assert said(app, TAKEN) == []
    with open_work(SYSTEM, NOW) as work:
        note_delay(work, letters["officer"].id, "535 wrong password")
    assert said(app, TAKEN) == [(Grade.NOTE, "e-mails wait: 3; the last answer was: 535 wrong password")]
