"""One signed report at the secretariat's desk: read beside the plan and what came before, accepted or returned."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.work import open_work
from app.monitoring.actions import accept_report, return_report
from app.monitoring.queries import get_record, past_of
from app.monitoring.reporting import list_report_problems
from app.monitoring.states import SIGNED, WRITABLE
from app.web.arrival import arrived
from app.web.door import needs
from app.web.evidence_files import send_evidence
from app.web.forms import by_place, read_id
from app.web.language import t
from app.web.report_views import named_problems, shown_report
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]


@blueprint.get("/reports/<int:record_id>")
@needs(Permission.JUDGE_REPORT)
def report(record_id: int) -> Page:
    """What was signed, with what counts already."""
    return _page(record_id)


def _page(record_id: int, problems: Sequence[Problem] = (), note: str = "") -> str:
    session, actor = db.session(), current_actor()
    view = get_record(session, actor, record_id, arrived())
    row = view.row
    is_waiting, call = row.state == SIGNED, get_call_by_id(session, row.call_id)
    wrong = list_report_problems(view.report, view.ground, view.former) if is_waiting else []
    return render_template(
        "secretariat/report.html",
        **shown_report(
            view,
            call,
            past_of(session, row.call_id, row.agency_id, view.ground, is_correction=row.is_correction),
        ),
        is_waiting=is_waiting,
        is_being_written=row.state in WRITABLE,  # what it says then is the agency's own
        wrong=named_problems(wrong, view.ground, call),
        note=note,
        problems=[p for p in problems if p not in wrong],  # those stand above, with their places
        errors=by_place(problems),
    )


@blueprint.post("/reports/<int:record_id>/accept", endpoint="accept_report")
@needs(Permission.JUDGE_REPORT)
def accept(record_id: int) -> Page:
    """Accept it as it was shown."""
    try:
        with open_work(current_actor(), arrived()) as work:
            accept_report(work, record_id, read_id(request.form.get("version")) or 0)
    except Refused as refusal:
        return _page(record_id, (Problem("history", refusal.text), *refusal.problems)), 422
    flash(t("รับรองรายงานแล้ว", "The report is accepted"))
    back = read_id(request.form.get("back"))
    if back is not None:
        return redirect(url_for("secretariat.waiting_reports", fiscal_year=back), 303)
    return redirect(url_for("secretariat.report", record_id=record_id), 303)


@blueprint.post("/reports/<int:record_id>/return", endpoint="return_report")
@needs(Permission.JUDGE_REPORT)
def return_(record_id: int) -> Page:
    """Return it, and say why."""
    note = request.form.get("note", "")
    try:
        with open_work(current_actor(), arrived()) as work:
            return_report(work, record_id, note, read_id(request.form.get("version")) or 0)
    except Refused as refusal:
        problems = refusal.problems or (Problem("history", refusal.text),)
        return _page(record_id, problems, note), 422
    flash(t("ส่งคืนหน่วยงานแล้ว", "Returned to the agency"))
    return redirect(url_for("secretariat.report", record_id=record_id), 303)


@blueprint.get("/reports/<int:record_id>/evidence/<int:file_id>", endpoint="report_evidence")
@needs(Permission.JUDGE_REPORT)
def evidence(record_id: int, file_id: int) -> Response:
    """A file, always as a download."""
    return send_evidence(record_id, file_id)
