"""One request to a provider, bounded: hosts that were named beforehand, no redirect, so many seconds, so many bytes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from app.kernel.lean import dataclass

SECONDS = 5  # to connect, and for each silence
SECONDS_IN_ALL = 10
LARGEST = 256 * 1024  # bytes of an answer


class Trouble(StrEnum):
    """Why a provider was of no use."""

    DOWN = "down"
    SLOW = "slow"
    BAD_ANSWER = "bad_answer"
    BAD_TOKEN = "bad_token"  # noqa: S105 (no secret: a word)
    DENIED = "denied"


class ProviderFault(Exception):
    """A provider gave no usable answer. `detail` is for the log and holds no secrets."""

    def __init__(self, trouble: Trouble, detail: str):
        super().__init__(f"{trouble}: {detail}")
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a whole body."""

    status: int
    body: bytes


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def fetch(
    method: str,
    address: str,
    hosts: tuple[str, ...],
    scheme: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Ask once. Raises `ProviderFault` for another host or scheme, silence, a redirect, or an answer too large."""
    parts = urlsplit(address)
    if parts.scheme != scheme or parts.netloc not in hosts or not parts.hostname:
        raise ProviderFault(
            Trouble.BAD_ANSWER, f"{parts.scheme}://{parts.netloc} is not among the hosts named"
        )
    connection = (
        HTTPSConnection(parts.hostname, parts.port, timeout=SECONDS, context=_trust())
        if scheme == "https"
        else HTTPConnection(parts.hostname, parts.port, timeout=SECONDS)
    )
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    is_cut = threading.Event()
    timer: threading.Timer | None = None
    try:
        connection.connect()
        timer = threading.Timer(SECONDS_IN_ALL, _cut, (connection.sock, is_cut))
        timer.start()
        connection.request(method, target, body, {"Accept": "application/json", **(headers or {})})
        response = connection.getresponse()
        answer = Answer(response.status, response.read(LARGEST + 1))
    except (OSError, HTTPException, ValueError) as error:
        is_slow = is_cut.is_set() or isinstance(error, TimeoutError)
        trouble = Trouble.SLOW if is_slow else Trouble.DOWN
        raise ProviderFault(trouble, f"{parts.netloc}: {error.__class__.__name__}") from None
    finally:
        if timer is not None:
            timer.cancel()
        connection.close()
    if is_cut.is_set():
        raise ProviderFault(Trouble.SLOW, f"{parts.netloc}: no whole answer in {SECONDS_IN_ALL} seconds")
    if len(answer.body) > LARGEST:
        raise ProviderFault(Trouble.BAD_ANSWER, f"{parts.netloc}: more than {LARGEST} bytes")
    if 300 <= answer.status < 400:
        raise ProviderFault(Trouble.BAD_ANSWER, f"{parts.netloc}: a redirect, which is not followed")
    return answer


def _cut(connected: socket.socket | None, is_cut: threading.Event) -> None:
    """Silences are short, but bytes may drip: after `SECONDS_IN_ALL` the line goes dead whatever comes."""
    is_cut.set()
    if connected is not None:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
