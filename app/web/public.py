"""What everybody may see: the front page and the sign of life."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from app.calls.queries import list_windows
from app.kernel.db import db
from app.web.door import public

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@public
def home() -> str:
    """What this is, which calls there are, and the way in."""
    return render_template("public/home.html", windows=list_windows(db.session()))


@blueprint.get("/healthz")
@public
def health() -> Response:
    """Whether the application answers at all."""
    return Response("ok\n", content_type="text/plain")
