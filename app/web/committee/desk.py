"""The desk itself: its places in the menu."""

from __future__ import annotations

from flask import Blueprint

from app.identity.facts import Role
from app.identity.rules import Permission
from app.kernel.text import Text
from app.web.shell import Desk, Place

blueprint = Blueprint("committee", __name__, url_prefix="/committee")

desk = Desk(
    Text("คณะกรรมการ", "Committee"),
    frozenset({Role.COMMITTEE}),
    (
        Place("committee.home", Text("งานของฉัน", "My work"), Permission.READ_PORTFOLIO),
        Place("committee.linkage", Text("ภาพการบูรณาการ", "Integration graph"), Permission.READ_LINKAGE),
        Place("monitoring.years", Text("แผนเทียบผล", "Plan against actual"), Permission.READ_MONITORING),
        Place("committee.papers", Text("เอกสารประกอบการประชุม", "Meeting papers"), Permission.READ_PORTFOLIO),
        Place("secretariat.calls", Text("รอบคำขอ", "Calls"), Permission.READ_CALL),
    ),
)
