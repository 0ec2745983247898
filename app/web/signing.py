"""Who is signed in. The cookie holds a random token; the session itself lives in the database and really ends."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, g, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user

from app.identity.actions import touch_session
from app.identity.facts import NOBODY, Actor
from app.identity.queries import SignedIn, find_session
from app.kernel.db import db
from app.kernel.work import open_work
from app.web.arrival import arrived

TOUCH_EVERY = timedelta(minutes=5)
_COOKIE_KEY = "_user_id"  # where Flask-Login looks for the token


class Person(UserMixin):  # type: ignore[misc]
    """Flask-Login's user: the live session behind the cookie, whole or half."""

    def __init__(self, signed_in: SignedIn):
        self.signed_in = signed_in


class Visitor(AnonymousUserMixin):  # type: ignore[misc]
    """Nobody is signed in."""

    signed_in = None


def register(app: Flask) -> None:
    """Let Flask-Login find the person once per request, when first asked."""
    manager = LoginManager()
    manager.session_protection = None  # the token is checked on the server at every request
    manager.anonymous_user = Visitor
    manager.user_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined] # init_app would add remember-me cookies


def _load(token: str) -> Person | None:
    signed_in = find_session(db.session(), token, arrived())
    return Person(signed_in) if signed_in else None


def current_session() -> SignedIn | None:
    """The live sign-in session, or None; one that waits for a second factor is none."""
    found = _any_session()
    return found if found is not None and found.waits_for is None else None


def half_session() -> SignedIn | None:
    """The session that still waits for a second factor: it opens the page where that is given, and nothing else."""
    found = _any_session()
    return found if found is not None and found.waits_for is not None else None


def _any_session() -> SignedIn | None:
    if _COOKIE_KEY not in session:
        return None
    signed_in: SignedIn | None = current_user.signed_in
    return signed_in


def current_actor() -> Actor:
    """Whoever sent this request; `NOBODY` when not signed in."""
    signed_in = current_session()
    return signed_in.actor if signed_in else NOBODY


def keep_alive() -> None:
    """Note that the session is in use, at most once in `TOUCH_EVERY`: the one thing a GET may write."""
    signed_in = current_session()
    if signed_in and arrived() - signed_in.seen_at > TOUCH_EVERY:
        with open_work(signed_in.actor, arrived()) as work:
            touch_session(work, signed_in.session_id)


def carry_token(token: str) -> None:
    """Begin a fresh cookie with this token; nothing of the visitor's cookie is kept."""
    session.clear()
    session[_COOKIE_KEY] = token
    g.pop("_login_user", None)  # Flask-Login's note of who this request was until now


def drop_token() -> None:
    """Forget who was signed in here; the language stays."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
