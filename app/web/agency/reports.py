"""The agency's reports: what is due now, what is late, what came back, and everything handed in so far."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.facts import Role
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions import begin_report
from app.monitoring.duties import Duty
from app.monitoring.periods import REPORT_NAMES, ReportKind
from app.monitoring.queries import list_due
from app.monitoring.queries.projects import Monitored, list_monitored
from app.monitoring.states import DRAFT, REPORT_STATES, RETURNED, SENT
from app.web.agency.board import blueprint
from app.web.agency.worklist import agencies_in_role
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.report_views import STATE_KINDS
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_CHOOSE = Text("กรุณาเลือกงวดที่จะรายงานจากรายการ", "Choose the period to report from the list")


@dataclass(frozen=True, slots=True)
class ReportWork:
    """What waits for the reader: reports to write (those that came back first, then the latest due), and to sign."""

    to_write: tuple[Duty, ...]
    to_sign: tuple[Duty, ...]

    @property
    def late(self) -> int:
        now = arrived()
        return sum(duty.is_late(now) for duty in self.to_write)


def report_work(duties: Sequence[Duty]) -> ReportWork:
    """What of these waits for the reader, by role: officers write, certifiers sign."""
    actor = current_actor()
    writes, signs = agencies_in_role(actor, Role.OFFICER), agencies_in_role(actor, Role.CERTIFIER)
    to_write = [
        duty
        for duty in duties
        if duty.agency_id in writes
        and ((duty.is_open and duty.state != SENT) or duty.correction_state in (DRAFT, RETURNED))
    ]
    to_write.sort(key=lambda d: (RETURNED not in (d.state, d.correction_state), d.due_at, d.kind.value))
    to_sign = [
        duty for duty in duties if duty.agency_id in signs and SENT in (duty.state, duty.correction_state)
    ]
    return ReportWork(tuple(to_write), tuple(to_sign))


@blueprint.get("/reports")
@needs(Permission.READ_PROPOSAL)
def reports() -> Page:
    """What is due, late and returned, and every period so far."""
    return _page()


def _page(problems: Sequence[Problem] = ()) -> str:
    session, actor, now = db.session(), current_actor(), arrived()
    duties = list_due(session, now, agency_ids=actor.agency_ids)
    years: list[tuple[Monitored, list[tuple[ReportKind, list[Duty]]]]] = []
    for call in list_monitored(session):
        of_call = [duty for duty in duties if duty.call_id == call.call_id]
        if of_call:
            years.append((call, [(kind, [d for d in of_call if d.kind is kind]) for kind in ReportKind]))
    return render_template(
        "agency/reports.html",
        work=report_work(duties),
        years=years,
        several=len({duty.agency_id for duty in duties}) > 1,
        writes_for=agencies_in_role(actor, Role.OFFICER),
        kind_names=REPORT_NAMES,
        states=REPORT_STATES | {"missing": Text("ยังไม่เริ่ม", "Not begun")},
        state_kinds=STATE_KINDS,
        now=now,
        problems=problems,
    )


@blueprint.post("/reports")
@needs(Permission.REPORT_PROGRESS)
def begin() -> Page:
    """Begin a report, or go on with the one there is."""
    sent = {name: read_id(request.form.get(name)) for name in ("agency", "fiscal_year", "period")}
    agency_id, fiscal_year, period = sent["agency"], sent["fiscal_year"], sent["period"]
    kind = request.form.get("kind", "")
    if agency_id is None or fiscal_year is None or period is None or kind not in set(ReportKind):
        return _page((Problem("reports", _CHOOSE),)), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            record_id = begin_report(work, fiscal_year, agency_id, ReportKind(kind), period).id
    except Refused as refusal:
        return _page((Problem("reports", refusal.text),)), 422
    return redirect(url_for("agency.report", record_id=record_id), 303)
