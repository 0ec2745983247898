"""Reminding reviewers now: who has something to do, who was told lately, the letter, and sending it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.work import open_work
from app.notices.letters import letterhead_of
from app.notices.reminding import list_behind, remind_reviewers, show_letter
from app.reviews.queries.outstanding import DUTIES
from app.reviews.queries.rounds import get_round
from app.reviews.states import PHASES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import count, t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]


@blueprint.get("/calls/<int:fiscal_year>/assignments/remind", endpoint="remind_reviewers")
@needs(Permission.ASSIGN_REVIEWER)
def remind_page(fiscal_year: int) -> str:
    """Who would be told, of what; with ?reviewer=… only these are ticked."""
    chosen = _ids(request.args.getlist("reviewer"))
    return _page(fiscal_year, chosen or None)


@blueprint.post("/calls/<int:fiscal_year>/assignments/remind")
@needs(Permission.ASSIGN_REVIEWER)
def send_reminders(fiscal_year: int) -> Page:
    """Write a letter to each of the chosen."""
    call = get_call(db.session(), fiscal_year)
    chosen = _ids(request.form.getlist("reviewer"))
    again = _ids(request.form.getlist("again"))
    letterhead = letterhead_of(current_app.config["DGI"])
    try:
        with open_work(current_actor(), arrived()) as work:
            written = remind_reviewers(work, call.id, chosen, letterhead, again=again)
    except Refused as refusal:
        problems = refusal.problems or (Problem("reviewers", refusal.text),)
        return _page(fiscal_year, chosen, again, problems), 422
    flash(t("เขียนจดหมายแจ้งเตือนแล้ว %s ฉบับ", "Reminders written: %s") % count(written))
    return redirect(url_for("secretariat.remind_reviewers", fiscal_year=fiscal_year), 303)


def _ids(typed: Sequence[str]) -> frozenset[int]:
    ids = [read_id(text) for text in typed]
    if None in ids:
        raise NotFound()
    return frozenset(i for i in ids if i is not None)


def _page(
    fiscal_year: int,
    chosen: frozenset[int] | None = None,
    again: frozenset[int] = frozenset(),
    problems: Sequence[Problem] = (),
) -> str:
    session, now = db.session(), arrived()
    call = get_call(session, fiscal_year)
    round_ = get_round(session, call.id)
    people = list_behind(session, current_actor(), call.id, now)
    told = [p for p in people if p.reader]
    letterhead = letterhead_of(current_app.config["DGI"])
    return render_template(
        "secretariat/remind.html",
        call=call,
        round=round_,
        phase=PHASES[round_.phase],
        people=told,
        unreachable=[p for p in people if p.reader is None],
        chosen=chosen,
        again=again,
        duties=DUTIES,
        letter=show_letter(call.id, call.name, told[0], letterhead, now) if told else None,
        has_server=current_app.config["DGI"].mail.server is not None,
        now=now,
        problems=problems,
    )
