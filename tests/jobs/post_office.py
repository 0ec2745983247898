"""A real SMTP server for the tests: it takes mail on a port of its own, and refuses when it is told to."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.kernel.mail_settings import Mailbox, MailServer, MailSettings

CERTIFICATE = Path(__file__).with_name("post_office.pem")  # of nobody; trusted by the tests alone
USER, PASSWORD = "budget", "p/w: and more"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class PostOffice:
    """What came in, and what is to be answered: `rcpt` by address and `data`, each answer used once."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    rcpt: dict[str, list[str]] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.mail:
            return self.mail.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.rcpt.get(address):
            return self.rcpt[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data:
            return self.data.pop(0)
        self.raw.append(envelope.content)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.to.append(envelope.rcpt_tos)
        self.senders.append(envelope.mail_from)
        self.encrypted.append(session.ssl is not None)
        self.signed_in.append(bool(session.authenticated))
        return "250 OK"

    def settings(self, **server: Any) -> MailSettings:
        """How to reach it."""
        told = {"is_tls": False, "needs_starttls": False, **server}
        return MailSettings(
            MailServer("127.0.0.1", self.port, **told),
            Mailbox("ระบบคำของบประมาณ", "budget@dga.example"),
            Mailbox("", "office@dga.example"),
        )


def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@contextlib.contextmanager
def opened(office: PostOffice, *, starttls: bool = False, **smtp: Any) -> Iterator[PostOffice]:
    """The server, open while the block lasts, always on the same port."""

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        ok = isinstance(given, LoginPassword) and (given.login, given.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=ok, handled=False)

    office.port = office.port or free_port()
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=office.port,
        tls_context=_tls() if starttls else None,
        authenticator=check,
        auth_require_tls=False,
        **smtp,
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
