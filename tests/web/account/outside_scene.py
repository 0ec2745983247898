"""What the tests of signing in from outside share: an installation that knows the provider, and a browser's way there."""

from __future__ import annotations

from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Backend
from tests.identity.provider import TestProvider


def tell(backend: Backend, provider: TestProvider | None, *, demo: bool = True, **changes: Any) -> None:
    """Let the application know the provider, in a demo or not."""
    config = backend.app.config["DGI"]
    known = (provider.settings(**changes),) if provider is not None else ()
    backend.app.config["DGI"] = replace(config, demo=demo, providers=known)


def leave(client: FlaskClient, path: str = "/sign-in/with/test", **data: str) -> str:
    """Press the button; returns the provider's address the browser is sent to."""
    answer = client.post(path, data=data)
    assert answer.status_code == 303, answer.text[:2000]
    return answer.headers["Location"]


def ask_provider(address: str) -> str:
    """What the provider answers at once, its browser session being there: the address to come back to."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in (302, 303), body[:500]
    return answer.getheader("Location") or ""


def come_back(client: FlaskClient, address: str) -> TestResponse:
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def go_round(client: FlaskClient, path: str = "/sign-in/with/test", **data: str) -> TestResponse:
    """There and back again."""
    return come_back(client, ask_provider(leave(client, path, **data)))
