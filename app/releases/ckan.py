"""A CKAN server as this program speaks to it: the Action API, bounded in time and size, following nobody elsewhere.

https://docs.ckan.org/en/2.10/api/ Every answer is {"success": …, "result" | "error": …}. The token travels in the
`Authorization` header; a redirect is refused, for it would carry the token to another address.
"""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from app.kernel.catalogue_settings import CatalogueSettings
from app.kernel.lean import dataclass
from app.kernel.text import Text

SECONDS = 30
LARGEST = 8 * 1024 * 1024
SLOWEST = 64 * 1024
"""How long one answer may take in all, in seconds, and how large it may be, in bytes; a file sent has a second more
for each `SLOWEST` bytes."""

NO_ANSWER = Text(
    "เซิร์ฟเวอร์ {host} ไม่ตอบภายใน {seconds} วินาที หรือเชื่อมต่อไม่ได้ ({why})",
    "The server {host} does not answer within {seconds} seconds, or cannot be reached ({why})",
)
FAULT = Text(
    "เซิร์ฟเวอร์ {host} ขัดข้อง (HTTP {status}) ลองใหม่ภายหลังได้",
    "The server {host} has a fault (HTTP {status}); try again later",
)
REFUSED = Text(
    "เซิร์ฟเวอร์ {host} ไม่อนุญาต (HTTP {status}) ตรวจ DGI_CKAN_TOKEN และสิทธิ์ในองค์กร {organization}: {why}",
    "The server {host} does not allow it (HTTP {status}); check DGI_CKAN_TOKEN and its rights in {organization}: {why}",
)
NOT_TAKEN = Text(
    "เซิร์ฟเวอร์ {host} ไม่รับข้อมูล (HTTP {status}): {why}",
    "The server {host} does not take the data (HTTP {status}): {why}",
)
MOVED = Text(
    "เซิร์ฟเวอร์ {host} ส่งต่อไปที่อื่น (HTTP {status}) ซึ่งระบบไม่ตามไปเพื่อไม่ให้โทเคนรั่ว ตรวจ DGI_CKAN_URL",
    "The server {host} sends us elsewhere (HTTP {status}), and the token is not carried there; check DGI_CKAN_URL",
)
NOT_CKAN = Text(
    "คำตอบจาก {host} ไม่ใช่ของ CKAN (ไม่ใช่ JSON ที่อ่านได้) ตรวจ DGI_CKAN_URL",
    "The answer of {host} is not CKAN's (no JSON that can be read); check DGI_CKAN_URL",
)
TOO_LARGE = Text(
    "คำตอบจาก {host} ใหญ่เกิน {limit} MiB จึงเลิกอ่าน",
    "The answer of {host} is larger than {limit} MiB and was not read on",
)


class CatalogueFault(Exception):
    """The server did not do as asked. `is_passing` for what may go better the next time."""

    def __init__(self, text: Text, *, is_passing: bool = False, status: int = 0):
        super().__init__(text.en)
        self.text = text
        self.is_passing = is_passing
        self.status = status


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send along."""

    name: str
    media_type: str
    data: bytes


class Ckan:
    """One server."""

    def __init__(self, settings: CatalogueSettings, *, seconds: int = SECONDS, largest: int = LARGEST):
        parts = urlsplit(settings.url)
        self.host = parts.netloc
        self._is_safe = parts.scheme == "https"
        self._path = parts.path.rstrip("/")
        self._settings = settings
        self._seconds = seconds
        self._largest = largest

    def find(self, action: str, **wanted: str) -> Any:
        """Ask for something; None where there is none. Raises `CatalogueFault`."""
        try:
            return self.call(action, wanted)
        except CatalogueFault as fault:
            if fault.status == http.client.NOT_FOUND:
                return None
            raise

    def call(self, action: str, data: Mapping[str, Any], upload: Upload | None = None) -> Any:
        """Do an action of the API and return its result. Raises `CatalogueFault` saying what is wrong."""
        if upload is None:
            body, kind = json.dumps(data, ensure_ascii=False).encode(), "application/json"
        else:
            body, kind = _multipart(data, upload)
        status, answer = self._send(f"{self._path}/api/3/action/{action}", body, kind)
        return self._read(status, answer)

    def _send(self, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
        connection, is_cut = self._connect(), threading.Event()
        # each silence has its limit, but a server that answers drop by drop, or never ends its headers, would never reach it
        watch = threading.Timer(self._seconds + len(body) // SLOWEST, _cut, (connection, is_cut))
        watch.daemon = True
        watch.start()
        headers = {"Content-Type": kind, "Accept": "application/json", "User-Agent": "DGI-Budget"}
        if self._settings.token:
            headers["Authorization"] = self._settings.token
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            data = bytearray()
            while chunk := answer.read1(65536):
                data += chunk
                if len(data) > self._largest:
                    raise self._fault(TOO_LARGE, limit=self._largest // (1024 * 1024))
            if is_cut.is_set():
                raise TimeoutError("the answer does not end")
            return answer.status, bytes(data)
        except (OSError, http.client.HTTPException, TimeoutError) as error:
            told = getattr(error, "strerror", None) or str(error) or type(error).__name__
            why = "the answer does not end" if is_cut.is_set() else told
            raise self._fault(NO_ANSWER, is_passing=True, seconds=self._seconds, why=why) from None
        finally:
            watch.cancel()
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        if self._is_safe:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self.host, timeout=self._seconds, context=context)
        return http.client.HTTPConnection(self.host, timeout=self._seconds)

    def _read(self, status: int, body: bytes) -> Any:
        if 300 <= status < 400:
            raise self._fault(MOVED, status=status)
        if status >= 500 or status == http.client.TOO_MANY_REQUESTS:
            raise self._fault(FAULT, is_passing=True, status=status)
        try:
            answer = json.loads(body)
            is_done, result = answer["success"], answer.get("result")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
                raise self._not_allowed(status, "") from None
            raise self._fault(NOT_CKAN) from None  # whatever it answered is no word of CKAN's about the data
        if is_done is True and status == http.client.OK:
            return result
        why = _words(answer.get("error"))
        if status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
            raise self._not_allowed(status, why)
        raise self._fault(NOT_TAKEN, status=status, why=why)

    def _not_allowed(self, status: int, why: str) -> CatalogueFault:
        return self._fault(
            REFUSED, status=status, organization=self._settings.organization or "–", why=why or "–"
        )

    def _fault(
        self, text: Text, *, is_passing: bool = False, status: int = 0, **values: Any
    ) -> CatalogueFault:
        told = text.fill(host=self.host, status=status, **values)
        return CatalogueFault(told, is_passing=is_passing, status=status)


def _cut(connection: http.client.HTTPConnection, is_cut: threading.Event) -> None:
    """Wake whoever waits for the server; closing alone would leave them waiting."""
    is_cut.set()
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _words(error: Any) -> str:
    """What CKAN says is wrong, in one short line."""
    if isinstance(error, dict):
        said = "; ".join(f"{key}: {value}" for key, value in error.items() if key != "__type")
    else:
        said = str(error or "")
    return " ".join(said.split())[:300]


def _multipart(data: Mapping[str, Any], upload: Upload) -> tuple[bytes, str]:
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in data.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="upload"; filename="{upload.name}"\r\n'
        f"Content-Type: {upload.media_type}\r\n\r\n"
    )
    parts += [head.encode(), upload.data, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"
