"""What waits for the committee, call by call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import render_template, url_for

from app.calls.queries import CallView, list_calls
from app.decisions.queries import approved_by_call
from app.decisions.queries.meetings import meetings_ahead
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.proposals.queries import count_states_by_call
from app.proposals.states import APPROVED, CONDITIONAL, DEFERRED, PASSED, RECORDED, REJECTED
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.meetings import meetings_to_hold
from app.web.door import needs
from app.web.language import count, say, t


@dataclass(frozen=True, slots=True)
class Agenda:
    """A call as the committee meets it: what waits, what is decided, what is left (satang)."""

    call: CallView
    waiting: int
    decided: int
    recorded: int
    approved: int

    @property
    def left(self) -> int:
        return self.call.ceiling - self.approved


@blueprint.get("/")
@needs(Permission.READ_PORTFOLIO)
def home() -> str:
    """Calls with proposals that wait for a decision, first."""
    session, now = db.session(), arrived()
    states, approved = count_states_by_call(session), approved_by_call(session)
    agendas = []
    for call in list_calls(session):
        counts = states.get(call.id, {})
        decided = sum(counts.get(s, 0) for s in (APPROVED, CONDITIONAL, DEFERRED, REJECTED))
        agendas.append(
            Agenda(call, counts.get(PASSED, 0), decided, counts.get(RECORDED, 0), approved.get(call.id, 0))
        )
    todo: list[tuple[str, ...]] = [*meetings_to_hold(meetings_ahead(session)), *_waiting(agendas, now)]
    return render_template("committee/home.html", agendas=agendas, todo=todo)


def _waiting(agendas: Sequence[Agenda], now: datetime) -> list[tuple[str, ...]]:
    return [
        (
            url_for("committee.ranking", fiscal_year=a.call.fiscal_year, verdict="none"),
            t("ข้อเสนอ %s รายการรอมติ", "%s proposals wait for a decision") % count(a.waiting),
            say(a.call.name),
            *(
                ("wait", t("ยังเปิดรับคำขอ", "Still open for filing"))
                if a.call.phase(now).accepts
                else ("warn", t("รอมติ", "Waits for you"))
            ),
        )
        for a in agendas
        if a.waiting
    ]
