"""Where e-mail is handed in: encrypted unless told otherwise, and a bad value is named without its password."""

from __future__ import annotations

import pytest

from app.kernel.mail_settings import Mailbox, MailServer, MailSettings, read_mail_settings

FROM = {"DGI_MAIL_FROM": "budget@agency.go.th"}
SERVERS = {
    "smtp://mail.example": MailServer("mail.example", 587, False, True),
    "smtp://mail.example:25": MailServer("mail.example", 25, False, True),
    "smtp://mail.example:25/?starttls=no": MailServer("mail.example", 25, False, False),
    "smtp://127.0.0.1:2525": MailServer("127.0.0.1", 2525, False, False),
    "smtp://localhost": MailServer("localhost", 587, False, False),
    "smtp://[::1]:25": MailServer("::1", 25, False, False),
    "smtps://mail.example": MailServer("mail.example", 465, True, False),
    "smtp://me%40dga:p%2Fw%3A@mail.example": MailServer("mail.example", 587, False, True, "me@dga", "p/w:"),
}


@pytest.mark.parametrize(("url", "server"), SERVERS.items())
def test_servers(url: str, server: MailServer) -> None:
    assert read_mail_settings({**FROM, "DGI_SMTP_URL": url}).server == server


def test_nothing_said_is_no_server() -> None:
    assert read_mail_settings({}) == MailSettings()


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://user:secretword@",
        "smtp://u:secretword@mail.example:port",
        "smtp://u:secretword@mail.example:99999",
        "smtp://u:secretword@mail.example/box",
        "smtp://u:secretword@mail.example?starttls=yes",
        "smtp://u:secretword@mail.example?tls=no",
        "smtp://u:secretword@mail.example?starttls",
        "smtps://u:secretword@mail.example?starttls=no",
        "smtp://u:secretword@mail.example#x",
        "smtp://u:secretword%E0%B8%81@mail.example",
    ],
)
def test_a_server_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="DGI_SMTP_URL") as refused:
        read_mail_settings({**FROM, "DGI_SMTP_URL": url})
    assert "secretword" not in str(refused.value)


def test_the_password_is_not_shown_with_the_rest() -> None:
    settings = read_mail_settings({**FROM, "DGI_SMTP_URL": "smtp://u:secretword@mail.example"})
    assert "secretword" not in repr(settings)


MAILBOXES = {
    "a@b.go.th": Mailbox("", "a@b.go.th"),
    "<a@b.go.th>": Mailbox("", "a@b.go.th"),
    "สำนักงบประมาณ <a@b.go.th>": Mailbox("สำนักงบประมาณ", "a@b.go.th"),
    '"Budget, office" <a@b.go.th>': Mailbox("Budget, office", "a@b.go.th"),
}


@pytest.mark.parametrize(("text", "mailbox"), MAILBOXES.items())
def test_mailboxes(text: str, mailbox: Mailbox) -> None:
    settings = read_mail_settings({"DGI_MAIL_FROM": text, "DGI_MAIL_REPLY_TO": text})
    assert (settings.sender, settings.reply_to) == (mailbox, mailbox)
    assert mailbox.domain == "b.go.th"


@pytest.mark.parametrize("name", ["DGI_MAIL_FROM", "DGI_MAIL_REPLY_TO"])
@pytest.mark.parametrize(
    "text",
    ["a", "a@b", "a b@c.th", "ก@b.go.th", "a@b.go.th, c@d.go.th", "x\r\nBcc: y <a@b.go.th>", "x <a@b.go.th"],
)
def test_a_mailbox_that_cannot_be_used_is_named(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        read_mail_settings({name: text})


def test_a_server_needs_a_sender() -> None:
    with pytest.raises(ValueError, match="DGI_MAIL_FROM"):
        read_mail_settings({"DGI_SMTP_URL": "smtp://mail.example"})
