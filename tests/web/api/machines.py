"""Systems of the small world: a token of each kind, and a client that shows it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.identity.scopes import TokenScope, scopes_offered
from app.identity.tokens import issue_token, roles_at
from app.kernel.work import open_work
from tests.web.desks import SeparateClient
from tests.world import NOW, World

ROOT = "/api/v1"


def make_token(
    world: World, by: str, *scopes: TokenScope, agency: str | None = "alpha", days: int = 30
) -> tuple[int, str]:
    """A token made by somebody, of all the scopes they may give unless some are named: (its id, what is shown)."""
    agency_id = world.agencies[agency] if agency else None
    actor = world.actor(by)
    chosen = scopes or tuple(scopes_offered(roles_at(actor, agency_id)))
    with open_work(actor, NOW) as work:
        token, shown = issue_token(work, agency_id, f"ระบบของ {by}", [s.value for s in chosen], days)
        return token.id, shown


class Machine:
    """A system that shows a token, or none; every request is separate, as in life."""

    def __init__(self, app: Flask, token: str = ""):
        self.client = SeparateClient(app, app.response_class)
        self.token = token
        self.sent = 0

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **more: Any
    ) -> TestResponse:
        told = dict(headers or {})
        if self.token:
            told["Authorization"] = f"Bearer {self.token}"
        if method == "POST" and "Idempotency-Key" not in told:
            self.sent += 1
            told["Idempotency-Key"] = f"key-{id(self)}-{self.sent}"
        if body is not None:
            more["data"] = json.dumps(body, ensure_ascii=False).encode()
            more["content_type"] = "application/json"
        return self.client.open(ROOT + path, method=method, headers=told, **more)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path: str, body: Any, key: str = "") -> TestResponse:
        return self.ask("POST", path, body, {"Idempotency-Key": key} if key else {})

    def put(self, path: str, body: Any, etag: str) -> TestResponse:
        return self.ask("PUT", path, body, {"If-Match": etag})


def places(answer: TestResponse) -> list[str]:
    """Where a refusal says that something is wrong."""
    value: dict[str, Any] = answer.get_json(force=True)
    return [problem["place"] for problem in value["problems"]]


LIFE = timedelta(days=30)
