"""Reminding agencies of late reports now: who is late, who was told lately, the letter, and sending it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.notices.letters import letterhead_of
from app.notices.report_reminding import list_late_agencies, remind_agencies, show_report_letter
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import count, t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.monitoring import monitored_or_404
from app.web.signing import current_actor

_TICK = Text("กรุณาเลือกหน่วยงานที่จะแจ้งเตือนอย่างน้อยหนึ่งแห่ง", "Tick at least one agency to remind")

Page = str | Response | tuple[str, int]


@blueprint.get("/monitoring/<int:fiscal_year>/remind", endpoint="remind_agencies")
@needs(Permission.JUDGE_REPORT)
def remind_page(fiscal_year: int) -> Page:
    """Who is late, and the letter as it would go out."""
    return _page(fiscal_year)


def _page(fiscal_year: int, problems: Sequence[Problem] = ()) -> str:
    kept, now = monitored_or_404(fiscal_year), arrived()
    late = list_late_agencies(db.session(), current_actor(), kept.call_id, now)
    reached = [agency for agency in late if agency.people]
    letterhead = letterhead_of(current_app.config["DGI"])
    return render_template(
        "secretariat/remind_agencies.html",
        chosen=kept,
        late=late,
        letter=show_report_letter(kept.call_id, kept.name, reached[0], letterhead, now) if reached else None,
        has_server=current_app.config["DGI"].mail.server is not None,
        now=now,
        problems=problems,
        ticked=request.form.getlist("agency") if problems else None,  # None: all that may be told
    )


@blueprint.post("/monitoring/<int:fiscal_year>/remind", endpoint="send_agency_reminders")
@needs(Permission.JUDGE_REPORT)
def send(fiscal_year: int) -> Page:
    """Write to the people of the chosen agencies."""
    kept = monitored_or_404(fiscal_year)
    chosen = [read_id(text) for text in request.form.getlist("agency")]
    if None in chosen:
        raise NotFound()
    if not chosen:
        return _page(fiscal_year, (Problem("agencies", _TICK),)), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            agencies = [agency for agency in chosen if agency is not None]
            written = remind_agencies(work, kept.call_id, agencies, letterhead_of(current_app.config["DGI"]))
    except Refused as refusal:
        return _page(fiscal_year, refusal.problems or (Problem("agencies", refusal.text),)), 422
    flash(t("เขียนจดหมายแจ้งเตือนแล้ว %s ฉบับ", "Reminders written: %s") % count(written))
    return redirect(url_for("secretariat.remind_agencies", fiscal_year=fiscal_year), 303)
