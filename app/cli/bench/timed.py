"""The application with a clock round each answer, for measuring only: `gunicorn app.cli.bench.timed:make()`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from app import create_app

HEADER = "X-Server-Milliseconds"


def make() -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """The WSGI application; each answer says how long it took from its arrival."""
    app = create_app()
    app.config.update(WTF_CSRF_ENABLED=False)

    def timed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            took = f"{(time.perf_counter() - began) * 1000:.3f}"
            return start_response(status, [*headers, (HEADER, took)], exc_info)

        return app(environ, start)

    return timed
