"""A sent report: signed by the certifier, handed back to the officer, or taken back by the officer."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request

from app.identity.rules import Permission
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.work import open_work
from app.monitoring.actions import hand_back, sign_report
from app.monitoring.reporting import list_report_problems
from app.web.agency.board import blueprint
from app.web.agency.report import OpenReport, Page, open_report, report_page
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place, read_id
from app.web.language import t
from app.web.report_views import named_problems, shown_report
from app.web.signing import current_actor


@blueprint.get("/reports/<int:record_id>/sign")
@needs(Permission.SIGN_REPORT)
def sign_page(record_id: int) -> Page:
    """The certifier's page: totals, remarks, what it says, and the signature."""
    opened = open_report(record_id)
    return _sign_page(opened) if opened.may_sign else redirect(opened.url)


def _sign_page(opened: OpenReport, problems: Sequence[Problem] = (), note: str = "") -> str:
    view = opened.view
    wrong = list_report_problems(view.report, view.ground, view.former)
    return render_template(
        "agency/report_sign.html",
        opened=opened,
        **shown_report(view, opened.call, opened.past),
        wrong=named_problems(wrong, view.ground, opened.call),
        note=note,
        problems=problems,
        errors=by_place(problems),
    )


@blueprint.post("/reports/<int:record_id>/sign", endpoint="sign_report")
@needs(Permission.SIGN_REPORT)
def sign(record_id: int) -> Page:
    """Sign, with what was seen."""
    opened = open_report(record_id)
    if not opened.is_certifier:
        raise NotFound()
    version = read_id(request.form.get("version")) or 0
    try:
        with open_work(current_actor(), arrived()) as work:
            sign_report(work, record_id, version)
    except Refused as refusal:
        again = open_report(record_id)
        if again.may_sign:
            return _sign_page(again, (Problem("hand-back", refusal.text),)), 422
        return report_page(again, (Problem("history", refusal.text),)), 422
    flash(t("ลงนามแล้ว ส่งถึงฝ่ายเลขานุการแล้ว", "Signed, and with the secretariat now"))
    return redirect(opened.url, 303)


@blueprint.post("/reports/<int:record_id>/hand-back")
@needs(Permission.READ_PROPOSAL)
def hand_report_back(record_id: int) -> Page:
    """The certifier hands it back, or the officer takes it back."""
    opened, note = open_report(record_id), request.form.get("note", "")
    try:
        with open_work(current_actor(), arrived()) as work:
            version = read_id(request.form.get("version")) or 0
            hand_back(work, record_id, note, version)
    except Refused as refusal:
        again = open_report(record_id)
        at = "hand-back" if again.may_sign else "history"
        problems = refusal.problems or (Problem(at, refusal.text),)
        page = _sign_page(again, problems, note) if again.may_sign else report_page(again, problems)
        return page, 422
    flash(t("กลับเป็นร่างแล้ว", "It is a draft again"))
    return redirect(opened.url, 303)
