"""The moment a request arrived, stamped before anything else is done with it.

A deadline is judged by this moment: under load a request may wait for a lock longer than the second that decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

_KEY = "dgi.arrived_at"

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def wrap(app: Flask, proxies: int) -> None:
    """Put the stamp outside everything; `proxies` is how many trusted proxies stand in front."""
    inner: WSGI = app.wsgi_app
    if proxies:
        inner = ProxyFix(inner, x_for=proxies, x_proto=proxies, x_host=proxies)

    def stamped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[_KEY] = app.config["CLOCK"]()
        return inner(environ, start_response)

    app.wsgi_app = stamped  # type: ignore[method-assign]


def arrived() -> datetime:
    """When the present request arrived, UTC: the `now` of everything it does.

    A request context made by hand, without the WSGI layer, arrives when it is first asked.
    """
    if _KEY not in request.environ:
        request.environ[_KEY] = current_app.config["CLOCK"]()
    moment: datetime = request.environ[_KEY]
    return moment
