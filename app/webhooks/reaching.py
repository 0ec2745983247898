"""Handing a message to an address of somebody else's choice, without being led into our own network.

The host is looked up once; every address it has must be public; the connection goes to the address that was judged, so
that a second look-up cannot lead elsewhere. TLS names and certificates are checked against the host's name. Redirects
are not followed, and nothing of the answer is read but its first lines.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from app.webhooks.rules import is_public

TIMEOUT = 5  # seconds, for looking the name up, for connecting and for each answer
_LONGEST = 15  # seconds for everything, however slowly the other side speaks


# Look-ups at once: one whose servers are silent goes on after nobody waits for it any more.
_looking = threading.BoundedSemaphore(16)


class Unreachable(Exception):
    """The message was not taken; the words are for the people of the address."""


class NameIsSlow(Unreachable):
    """Nobody said in time where the host is."""

    def __init__(self) -> None:
        super().__init__(f"the host's name was not looked up within {TIMEOUT} s")


def find_public_address(url: str, *, allows_local: bool) -> tuple[str, int]:
    """The numeric address and port to connect to. Raises `Unreachable` when the host is unknown, or any of its
    addresses is not public, `NameIsSlow` when that is not told in time."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if allows_local and parts.scheme == "http" and host == "127.0.0.1":
        return host, port
    addresses = _look_up(host, port)
    if not addresses or not all(is_public(address) for address in addresses):
        raise Unreachable("the host is not on the open internet")
    return addresses[0], port


def _look_up(host: str, port: int) -> list[str]:
    """Where a host is. The system's own look-up knows no time limit: it is left to itself when its time is over."""
    answer: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

    def ask() -> None:
        found: list[Any] | None = None
        try:
            with contextlib.suppress(OSError, UnicodeError):
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        finally:
            _looking.release()
            answer.put(None if found is None else [str(entry[4][0]) for entry in found])

    if not _looking.acquire(timeout=TIMEOUT):
        raise NameIsSlow
    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        addresses = answer.get(timeout=TIMEOUT)
    except queue.Empty:
        raise NameIsSlow from None
    if addresses is None:
        raise Unreachable("the host is not known")
    return addresses


class _Pinned(http.client.HTTPConnection):
    """A connection to one numeric address, whatever the host's name says by now."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None):
        super().__init__(host, port, timeout=TIMEOUT)
        self._address = address
        self._context = context

    def connect(self) -> None:
        self.sock = socket.create_connection(
            (self._address, self.port), TIMEOUT
        )  # seen by the watch from here on
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def post_message(url: str, headers: Mapping[str, str], body: bytes, *, allows_local: bool) -> int:
    """POST `body` and return the status of the answer, whatever it is. Raises `Unreachable`."""
    address, port = find_public_address(url, allows_local=allows_local)
    parts = urlsplit(url)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _Pinned(parts.hostname or "", port, address, context)
    # each answer has its time limit, but a receiver that drips a letter every few seconds would never reach it
    watch = threading.Timer(_LONGEST, _cut, [connection])
    watch.daemon = True
    watch.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(str(error)[:200] or error.__class__.__name__) from None
    finally:
        watch.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """Wake whoever waits for the other side; closing alone would leave them waiting."""
    sock = connection.sock
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
