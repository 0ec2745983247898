"""Who comes in: a system that shows a token, within the token's scopes, its maker's permissions, and its rate.

    @get("/proposals", …)
    @api_needs(Permission.READ_PROPOSAL, TokenScope.PROPOSALS_READ)
    def list_proposals(asked): ...

Cookies are not looked at. Whether a permission reaches a certain object is asked by queries and actions, as for pages:
another agency's proposal answers 404.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import request

from app.api.refusing import Refusal
from app.identity.facts import SYSTEM
from app.identity.rules import Permission, may
from app.identity.scopes import NOTE_USE_EVERY, RATE_LIMIT, RATE_WINDOW, TokenScope, window_of
from app.identity.token_queries import Bearer, find_bearer
from app.identity.tokens import count_request
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "api_guard"

NO_TOKEN = Text(
    "กรุณาส่งโทเคนในหัวข้อ Authorization: Bearer dgi_…",
    "Send your token in the header Authorization: Bearer dgi_…",
)
BAD_TOKEN = Text(
    "โทเคนนี้ใช้ไม่ได้ อาจหมดอายุ ถูกยกเลิก หรือผู้ออกโทเคนพ้นหน้าที่แล้ว",
    "This token opens nothing: it is unknown, expired or revoked, or its maker has left",
)
NO_SCOPE = Text("โทเคนนี้ไม่ได้รับสิทธิ {scope}", "This token does not have the scope {scope}")


@dataclass(frozen=True, slots=True)
class Guard:
    """What an operation asks of whoever calls it. No permission: everybody comes in. No scope: any token does."""

    permission: Permission | None
    scope: TokenScope | None = None


PUBLIC = Guard(None)


def api_needs(permission: Permission, scope: TokenScope | None) -> Callable[[View], View]:
    """Only tokens of this scope, whose maker holds `permission`."""

    def mark(view: View) -> View:
        setattr(view, _MARK, Guard(permission, scope))
        return view

    return mark


def open_to_all(view: View) -> View:
    """Everybody comes in, without a token."""
    setattr(view, _MARK, PUBLIC)
    return view


def guard_of(view: Callable[..., Any]) -> Guard:
    """What a view says of itself. Raises `RuntimeError` when it says nothing, so that the start is refused."""
    guard: Guard | None = getattr(view, _MARK, None)
    if guard is None:
        raise RuntimeError(f"an operation without @api_needs or @open_to_all: {view.__name__}")
    return guard


def find_caller(guard: Guard, now: datetime) -> tuple[Bearer, dict[str, str]]:
    """The system that calls, with the headers of its rate; the request counts towards it.

    Raises `Refusal`: 401 without a token that opens anything, 429 beyond its rate, 403 outside its scopes or its
    maker's permissions.
    """
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not shown:
        raise Refusal(401, NO_TOKEN, headers={"WWW-Authenticate": 'Bearer realm="dgi-budget"'})
    bearer = find_bearer(db.session(), shown.strip(), now)
    if bearer is None:
        raise Refusal(
            401, BAD_TOKEN, headers={"WWW-Authenticate": 'Bearer realm="dgi-budget", error="invalid_token"'}
        )
    headers = _count(bearer, now)
    if guard.scope is not None and guard.scope not in bearer.scopes:
        challenge = f'Bearer realm="dgi-budget", error="insufficient_scope", scope="{guard.scope}"'
        raise Refusal(
            403, NO_SCOPE.fill(scope=guard.scope.value), headers={**headers, "WWW-Authenticate": challenge}
        )
    if guard.permission is not None and not may(bearer.actor, guard.permission):
        raise Refusal(403, headers=headers)
    return bearer, headers


def _count(bearer: Bearer, now: datetime) -> dict[str, str]:
    """Count the request in the database all hosts share; after draft-ietf-httpapi-ratelimit-headers."""
    is_noted = bearer.used_at is not None and now - bearer.used_at < NOTE_USE_EVERY
    with open_work(SYSTEM, now) as work:
        count = count_request(work, bearer.token_id, note_use=not is_noted)
    _, left = window_of(now)
    headers = {
        "RateLimit-Policy": f'"token";q={RATE_LIMIT};w={RATE_WINDOW}',
        "RateLimit": f'"token";r={max(0, RATE_LIMIT - count)};t={left}',
    }
    if count > RATE_LIMIT:
        raise Refusal(429, headers={**headers, "Retry-After": str(left)})
    return headers
