"""Connected systems: tokens of one's agency, or of the joint secretariat. What a token is shows once, when it is made."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.identity.scopes import LIVES, SCOPE_NAMES, TOKEN_STATES, TokenState, scopes_offered
from app.identity.token_queries import list_sides, list_tokens
from app.identity.tokens import issue_token, revoke_token, roles_at
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.signing import current_actor

blueprint = Blueprint("tokens", __name__, url_prefix="/connections")

Page = str | tuple[str, int] | Response
TAGS = {
    TokenState.ALIVE: "good",
    TokenState.EXPIRED: "plain",
    TokenState.REVOKED: "plain",
    TokenState.ORPHANED: "bad",
}
SIDE_NEEDED = Text("กรุณาเลือกว่าใช้ในนามของหน่วยงานใด", "Choose on whose behalf")
OFFICE = "office"  # for the joint secretariat, where forms name an agency by its id


def read_side(typed: str) -> int | None:
    """The side a form names: the id of an agency, or None for the joint secretariat. Raises `Refused`."""
    if typed == OFFICE:
        return None
    agency_id = read_id(typed)
    if agency_id is None:
        raise Refused(SIDE_NEEDED, [Problem("side", SIDE_NEEDED)])
    return agency_id


def sides_offered() -> list[tuple[str, Text]]:
    """For whom the reader may connect systems, as forms name them."""
    sides = list_sides(db.session(), current_actor())
    return [(str(agency_id) if agency_id is not None else OFFICE, name) for agency_id, name in sides]


@blueprint.get("")
@needs(Permission.CONNECT_SYSTEMS)
def show() -> str:
    """The tokens there are, and the form for another."""
    return _show(())


def _show(problems: tuple[Problem, ...], made: str = "") -> str:
    actor = current_actor()
    offered = list(
        dict.fromkeys(
            scope
            for agency_id, _ in list_sides(db.session(), actor)
            for scope in scopes_offered(roles_at(actor, agency_id))
        )
    )
    return render_template(
        "connections/tokens.html",
        tokens=list_tokens(db.session(), actor, arrived()),
        sides=sides_offered(),
        scopes=[(scope.value, scope.value, SCOPE_NAMES[scope]) for scope in offered],
        lives=LIVES,
        states=TOKEN_STATES,
        kinds=TAGS,
        typed=request.form,
        problems=problems,
        made=made,
    )


@blueprint.post("")
@needs(Permission.CONNECT_SYSTEMS)
def issue() -> Page:
    """Make a token, and show it this once: the page is the answer itself, so that nothing of it is kept."""
    form = request.form
    days = read_id(form.get("days")) or 0
    try:
        agency_id = read_side(form.get("side", ""))
        with open_work(current_actor(), arrived()) as work:
            _, shown = issue_token(work, agency_id, form.get("name", ""), form.getlist("scopes"), days)
    except Refused as refusal:
        return _show(refusal.problems), 422
    return _show((), shown)


@blueprint.post("/tokens/<int:token_id>/revoke")
@needs(Permission.CONNECT_SYSTEMS)
def revoke(token_id: int) -> Response:
    """End a token at once."""
    with open_work(current_actor(), arrived()) as work:
        revoke_token(work, token_id)
    flash(t("ยกเลิกโทเคนแล้ว ระบบที่ใช้อยู่จะเข้าไม่ได้อีก", "The token was revoked; the system using it is shut out."))
    return redirect(url_for("tokens.show"), 303)
