"""The desk itself: its place in the menu."""

from __future__ import annotations

from flask import Blueprint

from app.identity.facts import Role
from app.identity.rules import Permission
from app.kernel.text import Text
from app.web.shell import Desk, Place

blueprint = Blueprint("reviewer", __name__, url_prefix="/reviewer")

desk = Desk(
    Text("ผู้พิจารณา", "Reviewing"),
    frozenset({Role.REVIEWER}),
    (
        Place("reviewer.home", Text("งานพิจารณาของฉัน", "My reviews"), Permission.SCORE_PROPOSAL),
        Place("reviewer.interests", Text("ผลประโยชน์ทับซ้อน", "My interests"), Permission.DECLARE_INTEREST),
    ),
)
