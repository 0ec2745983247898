"""What a decision is."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.text import Text


class Verdict(StrEnum):
    """The committee's word on a proposal."""

    APPROVED = "approved"
    CONDITIONAL = "conditional"
    DEFERRED = "deferred"
    REJECTED = "rejected"


VERDICT_NAMES = {
    Verdict.APPROVED: Text("เห็นชอบ", "Approved"),
    Verdict.CONDITIONAL: Text("เห็นชอบโดยมีเงื่อนไข", "Approved with conditions"),
    Verdict.DEFERRED: Text("เลื่อนการพิจารณา", "Deferred"),
    Verdict.REJECTED: Text("ไม่เห็นชอบ", "Not approved"),
}

GRANTING = frozenset({Verdict.APPROVED, Verdict.CONDITIONAL})

MOVES = {
    Verdict.APPROVED: "approve",
    Verdict.CONDITIONAL: "approve_conditionally",
    Verdict.DEFERRED: "defer",
    Verdict.REJECTED: "reject",
}
