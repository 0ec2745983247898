"""The one door: every route names a permission or says that it is public; what says nothing is refused.

    @blueprint.get("/proposals")
    @needs(Permission.READ_PROPOSAL)
    def proposals(): ...

The door asks whether any role of the person holds the permission. Whether it reaches a certain object is asked by
the queries and actions, with the object at hand: another agency's proposal answers 404 as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from flask import Flask, redirect, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from app.identity.rules import Permission, may
from app.kernel.errors import Forbidden
from app.web.signing import current_actor, keep_alive

View = TypeVar("View", bound=Callable[..., Any])


class Machine(Enum):
    """A guard that is not asked here: systems show a token, which the machine door asks for itself."""

    TOKEN = "token"  # noqa: S105 (a name, no secret)


Guard = Permission | Machine | None
_MARK = "door_guard"


def needs(permission: Permission) -> Callable[[View], View]:
    """Only people with a role that holds `permission` come in."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        return view

    return mark


def public(view: View) -> View:
    """Everybody comes in."""
    setattr(view, _MARK, None)
    return view


def by_token(view: View) -> View:
    """Whoever shows a token comes in, whatever cookie they have; so that no form of another site can be sent here."""
    setattr(view, _MARK, Machine.TOKEN)
    return view


def guards(app: Flask) -> dict[str, Guard]:
    """Endpoint -> its permission, None for public, `Machine` for systems. Raises `RuntimeError` for routes that say
    none of it."""
    silent = [name for name, view in app.view_functions.items() if not hasattr(view, _MARK)]
    if silent:
        raise RuntimeError(f"routes without @needs or @public: {', '.join(sorted(silent))}")
    return {name: getattr(view, _MARK) for name, view in app.view_functions.items()}


def guard(app: Flask) -> None:
    """Stand at the door of every request; refuse to start while a route says nothing."""
    marks = guards(app)

    @app.before_request
    def ask() -> Response | None:
        if request.endpoint is None:
            return None  # no such page, or no such method: the error pages answer
        permission = marks[request.endpoint]
        if permission is None or isinstance(permission, Machine):
            return None
        actor = current_actor()
        if actor.id is None:
            if request.method not in ("GET", "HEAD"):
                raise Unauthorized()
            return redirect(url_for("account.sign_in", next=asked_path()))
        if not may(actor, permission):
            raise Forbidden()
        keep_alive()
        return None


def asked_path() -> str:
    """The path and query of this request, to come back to."""
    query = request.query_string.decode("ascii", "ignore")
    return f"{request.path}?{query}" if query else request.path


def safe_next(target: str | None, otherwise: str) -> str:
    """`target` when it is a path of this site, else `otherwise`: never a way to another host."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return otherwise
    if len(target) > 2000 or any(ord(c) < 0x21 or c == "\\" for c in target):
        return otherwise
    return target
