"""The frame of every page: who I am, which call, the desks and their places.

Each desk's module declares one `Desk` and is named in `app/web/__init__.py`; the menu and the home page behind
`/desk` come from that.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Flask, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from app.calls.facts import ORIGIN_LABELS, CallWindow, Deadline, Origin, deadline_of
from app.calls.queries import CallView, current_of, find_current_window
from app.identity.actions import choose_language
from app.identity.facts import BODY_NAMES, ROLE_NAMES, Actor, Role
from app.identity.queries import PersonRow
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import LANGUAGES, Text
from app.kernel.work import open_work
from app.web.arrival import arrived
from app.web.door import asked_path, needs, public, safe_next
from app.web.forms import by_place
from app.web.signing import current_actor, current_session


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the desk menu: a page without arguments, and the permission that shows it."""

    endpoint: str
    name: Text
    permission: Permission


@dataclass(frozen=True, slots=True)
class Desk:
    """People with the same work, and where they do it. `places[0]` is the desk's home."""

    name: Text
    roles: frozenset[Role]
    places: tuple[Place, ...]


blueprint = Blueprint("shell", __name__)


def desks_of(actor: Actor) -> list[Desk]:
    """The desks a person sits at, in the order of the round."""
    desks: tuple[Desk, ...] = current_app.extensions["dgi.desks"]
    return [desk for desk in desks if desk.roles & actor.roles]


def menu() -> list[tuple[Text, list[Place]]]:
    """Each desk of the reader with the places open to them."""
    actor = current_actor()
    return [
        (desk.name, [place for place in desk.places if may(actor, place.permission)])
        for desk in desks_of(actor)
    ]


def roles_in_words(actor: Actor | PersonRow) -> list[Text]:
    """The person's roles; a reviewer's with the body."""
    words = []
    for m in actor.memberships:
        role = ROLE_NAMES[m.role]
        body = BODY_NAMES[m.body] if m.body else None
        words.append(Text(f"{role.th} {body.th}", f"{role.en}, {body.en}") if body else role)
    return words


def current_window() -> CallWindow | None:
    """The call the frame shows when a page is not about a certain one; asked once per request."""
    if "call_window" not in g:
        g.call_window = find_current_window(db.session(), arrived(), current_actor().agency_ids)
    window: CallWindow | None = g.call_window
    return window


def current_call(calls: Iterable[CallView]) -> CallView | None:
    """The same for a page that has read all `calls` for itself: the frame then need not ask for them again."""
    g.call_window = call = current_of(calls, arrived(), current_actor().agency_ids)
    return call


def deadline_shown(call: CallWindow, agency_id: int | None = None) -> Deadline:
    """The deadline to show: of this agency, else of the reader's own, else of every agency.

    Somebody of several agencies is shown the one that ends first among those not over yet, else the last.
    """
    if agency_id is not None:
        return deadline_of(call, agency_id)
    own = sorted((deadline_of(call, a) for a in current_actor().agency_ids), key=lambda d: d.closes_at)
    ahead = (d for d in own if arrived() < d.grace_until)
    return next(ahead, own[-1] if own else deadline_of(call, None))


@blueprint.get("/desk")
@needs(Permission.USE_ACCOUNT)
def desk() -> Response:
    """The reader's own desk."""
    mine = desks_of(current_actor())
    return redirect(url_for(mine[0].places[0].endpoint if mine else "account.show"))


@blueprint.post("/language/<code>")
@public
def choose(code: str) -> Response:
    """Read on in the other language, where one was; a signed-in person's choice is remembered."""
    if code not in LANGUAGES:
        raise NotFound()
    signed_in = current_session()
    if signed_in is not None:
        with open_work(signed_in.actor, arrived()) as work:
            choose_language(work, code)
    session["language"] = code
    return redirect(safe_next(request.form.get("next"), url_for("public.home")), 303)


def _place_to_return() -> str:
    """Where the language switch comes back to: this page, or the one before when this answers a POST."""
    return asked_path() if request.method == "GET" else url_for("shell.desk")


def _origin_label(origin: Origin) -> Text | None:
    return ORIGIN_LABELS[origin]


def _may(permission: str) -> bool:
    return may(current_actor(), Permission(permission))


def register(app: Flask, desks: Iterable[Desk]) -> None:
    """Give the frame what it needs; a place that does not exist stops the start."""
    desks = tuple(desks)
    missing = {p.endpoint for d in desks for p in d.places} - app.view_functions.keys()
    if missing:
        raise RuntimeError(f"desk places without a page: {', '.join(sorted(missing))}")
    app.extensions["dgi.desks"] = desks
    app.jinja_env.globals.update(
        arrived=arrived,
        by_place=by_place,
        current_session=current_session,
        current_window=current_window,
        deadline_shown=deadline_shown,
        may=_may,
        menu=menu,
        origin_label=_origin_label,
        place_to_return=_place_to_return,
        roles_in_words=roles_in_words,
    )
