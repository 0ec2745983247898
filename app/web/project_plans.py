"""Versions of a project's plan side by side, for everybody who may read the project; and its end, for the secretariat."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions.closing import close_project, reopen_project
from app.monitoring.facts import CAUSE_NAMES
from app.monitoring.plan_differences import compare_plans
from app.monitoring.planning import LONGEST_REASON
from app.monitoring.queries import get_project
from app.monitoring.queries.changes import account_of, list_versions
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Form, Paragraphs, by_place, read_id
from app.web.language import t
from app.web.plans import PlanNames
from app.web.signing import current_actor
from app.web.tags import Options

blueprint = Blueprint("plans", __name__, url_prefix="/plans")

Page = str | Response | tuple[str, int]


class EndForm(Form):
    """Why a project is closed."""

    note = Paragraphs(Text("หมายเหตุ", "Note"), longest=LONGEST_REASON)


@blueprint.get("/<int:project_id>")
@needs(Permission.READ_PROJECT)
def show(project_id: int) -> str:
    """Two versions of a plan compared: the first and the one in force, unless others are chosen."""
    return _page(project_id)


@blueprint.post("/<int:project_id>/close")
@needs(Permission.MANAGE_MONITORING)
def close(project_id: int) -> Page:
    """End a project; what it came to is told to the next call."""
    form = EndForm(request.form)
    if problems := form.problems():
        return _page(project_id, by_place(problems), form.typed("note")), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            close_project(work, project_id, form.note.data)
    except Refused as refusal:
        return _page(project_id, {"note": refusal.text}, form.typed("note")), 422
    flash(
        t(
            "ปิดโครงการแล้ว ผลที่รายงานใช้ประกอบรอบถัดไป",
            "The project is closed; what it reported serves the next call",
        )
    )
    return redirect(url_for("plans.show", project_id=project_id), 303)


@blueprint.post("/<int:project_id>/reopen")
@needs(Permission.MANAGE_MONITORING)
def reopen(project_id: int) -> Page:
    """Take a closed project up again, for corrections."""
    with open_work(current_actor(), arrived()) as work:
        reopen_project(work, project_id)
    flash(t("เปิดโครงการอีกครั้งแล้ว", "The project is under way again"))
    return redirect(url_for("plans.show", project_id=project_id), 303)


def _page(project_id: int, errors: dict[str, Text] | None = None, note: str = "") -> str:
    session, actor = db.session(), current_actor()
    view = get_project(session, actor, project_id)
    call = get_call_by_id(session, view.call_id)
    versions = {v.ordinal: v for v in list_versions(session, project_id)}
    last = max(versions)
    before = read_id(request.args.get("from")) or 1
    after = read_id(request.args.get("to")) or last
    before, after = (n if n in versions else d for n, d in ((before, 1), (after, last)))
    names = [
        (
            str(n),
            Text(f"ฉบับที่ {n}: {CAUSE_NAMES[v.cause].th}", f"Version {n}: {CAUSE_NAMES[v.cause].en}"),
        )
        for n, v in sorted(versions.items())
    ]
    return render_template(
        "plans/versions.html",
        call=call,
        view=view,
        names=PlanNames(call.plan, view),
        account=account_of(session, project_id),
        before=versions[before],
        after=versions[after],
        options=Options(names),
        difference=compare_plans(versions[before].plan, versions[after].plan),
        may_end=may(actor, Permission.MANAGE_MONITORING),
        errors=errors or {},
        note=note,
    )
