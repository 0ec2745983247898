"""Handing an e-mail to the mail server: the message as the standards want it, and what the server's answer means."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.kernel.canonical import sha256_text
from app.kernel.mail_settings import Mailbox, MailServer
from app.kernel.outbox import NotYet
from app.notices.actions import Outgoing
from app.notices.facts import KINDS, Fault, Letterhead
from app.notices.letters import PREFERENCES, one_line

PATIENCE = timedelta(hours=1)  # until the next round of attempts; greylisting and repairs take about so long
TIMEOUT = 20  # seconds, for each answer of the server


class Undeliverable(Exception):
    """This e-mail will never be taken; the words are a `Fault` or the server's own."""


def compose(
    mail: Outgoing, sender: Mailbox, reply_to: Mailbox | None, letterhead: Letterhead, now: datetime
) -> EmailMessage:
    """The message: plain UTF-8 text. Its Message-ID is the same at every attempt, so that a mail sent again after a
    crash is known for the same. Raises `Undeliverable` for an address that is none."""
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = Address(one_line(mail.name.say(mail.language)), addr_spec=mail.address)
    except (MessageError, ValueError, IndexError, AttributeError):
        # what the parser of the standard library raises for what it cannot read depends on how wrong it is
        raise Undeliverable(Fault.ADDRESS) from None
    message["From"] = Address(sender.name, addr_spec=sender.address)
    if reply_to is not None:
        message["Reply-To"] = Address(reply_to.name, addr_spec=reply_to.address)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.id}.{sha256_text(mail.key)[:20]}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"  # Exchange answers to Auto-Submitted all the same
    if KINDS[mail.kind].why_always is None:
        message["List-Unsubscribe"] = f"<{letterhead.site_url}{PREFERENCES}>"
    message.set_content(mail.body, cte="quoted-printable" if mail.body.isascii() else "base64")
    message["Content-Language"] = mail.language  # after the content, which clears what is said of it
    return message


def deliver(message: EmailMessage, address: str, server: MailServer, sender: Mailbox) -> None:
    """Hand one message in. Raises `Undeliverable` when the server refuses this address or message for good, `NotYet`
    for everything that may pass or that an administrator can mend: silence, 4xx, sign-in, encryption, the sender."""
    try:
        with _connected(server, sender.domain) as smtp:
            try:
                smtp.send_message(message, sender.address, [address])
            except smtplib.SMTPNotSupportedError:  # an address in other letters than this server knows
                raise Undeliverable(Fault.ADDRESS) from None
    except smtplib.SMTPRecipientsRefused as refused:
        _refuse(*refused.recipients[address])
    except smtplib.SMTPSenderRefused as refused:
        raise NotYet(_words(refused.smtp_code, refused.smtp_error), PATIENCE) from None
    except smtplib.SMTPDataError as refused:
        _refuse(refused.smtp_code, refused.smtp_error)
    except smtplib.SMTPResponseException as refused:  # greeting, EHLO, STARTTLS, sign-in
        raise NotYet(_words(refused.smtp_code, refused.smtp_error), PATIENCE) from None
    except (smtplib.SMTPException, OSError) as error:  # TLS errors are OSErrors
        raise NotYet(one_line(str(error)) or error.__class__.__name__, PATIENCE) from None


@contextlib.contextmanager
def _connected(server: MailServer, our_name: str) -> Iterator[smtplib.SMTP]:
    """A session, encrypted and signed in as the settings say. How it is left says nothing about what was sent."""
    smtp: smtplib.SMTP
    if server.is_tls:
        tls = ssl.create_default_context()
        smtp = smtplib.SMTP_SSL(server.host, server.port, our_name, timeout=TIMEOUT, context=tls)
    else:
        smtp = smtplib.SMTP(server.host, server.port, our_name, timeout=TIMEOUT)
    try:
        if server.needs_starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()


def _refuse(code: int, words: bytes | str) -> None:
    """The server's no to this mail: 5xx is for good, anything else for now."""
    said = _words(code, words)
    if 500 <= code < 600:
        raise Undeliverable(said) from None
    raise NotYet(said, PATIENCE) from None


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return one_line(f"{code} {text}")
