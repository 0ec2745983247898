"""Where e-mail is handed in, and in whose name: read from the environment, as `config` reads the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import parse_qsl, unquote, urlsplit

from app.kernel.lean import dataclass

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"smtp": 587, "smtps": 465}
_ADDRESS = r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"
_MAILBOX = re.compile(
    rf'(?:"?(?P<name>[^<>"\x00-\x1f]*?)"?\s*<(?P<in>{_ADDRESS})>|(?P<bare>{_ADDRESS}))', re.ASCII
)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name shown beside it, or ""."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server. Either TLS from the first byte, or STARTTLS, which is insisted on where it is `needed`."""

    host: str
    port: int
    is_tls: bool
    needs_starttls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, so that nothing travels."""
        return self.host in _HERE


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Without a server mails are written and wait. `sender` is there whenever `server` is."""

    server: MailServer | None = None
    sender: Mailbox | None = None
    reply_to: Mailbox | None = None


def read_mail_settings(environ: Mapping[str, str]) -> MailSettings:
    """DGI_SMTP_URL, DGI_MAIL_FROM, DGI_MAIL_REPLY_TO. Raises `ValueError` naming the variable, never its password."""
    url = environ.get("DGI_SMTP_URL", "").strip()
    sender = _read_mailbox(environ, "DGI_MAIL_FROM")
    if url and sender is None:
        raise ValueError("DGI_MAIL_FROM must be set, because DGI_SMTP_URL is")
    return MailSettings(
        server=_read_server(url) if url else None,
        sender=sender,
        reply_to=_read_mailbox(environ, "DGI_MAIL_REPLY_TO"),
    )


def _read_mailbox(environ: Mapping[str, str], name: str) -> Mailbox | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    match = _MAILBOX.fullmatch(text)
    if match is None:
        raise ValueError(f"{name} must be an address, or a name and an address in <>, not {text!r}")
    return Mailbox((match["name"] or "").strip(), match["in"] or match["bare"])


def _read_server(url: str) -> MailServer:
    wrong = ValueError(
        "DGI_SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465 (?starttls=no is the one option)"
    )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except (KeyError, ValueError):
        raise wrong from None
    is_tls, unencrypted = parts.scheme == "smtps", options == {"starttls": "no"}
    if not host or parts.path not in ("", "/") or parts.fragment or (options and (is_tls or not unencrypted)):
        raise wrong
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():
        raise ValueError("DGI_SMTP_URL: the user and the password must be plain ASCII, as servers take them")
    return MailServer(
        host=host,
        port=port,
        is_tls=is_tls,
        needs_starttls=not is_tls and not unencrypted and host not in _HERE,
        user=user,
        password=password,
    )
