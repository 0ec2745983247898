"""Changes of plans that agencies ask for: read beside the plan in force, and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions.changing import judge_change, return_change
from app.monitoring.facts import CAUSE_NAMES
from app.monitoring.plan_differences import compare_plans
from app.monitoring.planning import LONGEST_REASON
from app.monitoring.queries import get_project
from app.monitoring.queries.changes import account_of, get_change, list_changes
from app.monitoring.states import ASKED, CHANGE_STATES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Choice, Form, Paragraphs, by_place, read_id
from app.web.language import t
from app.web.plans import PlanNames
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options

PER_PAGE = 50


class JudgementForm(Form):
    """The word on a change."""

    verdict = Choice(Text("ผลการพิจารณา", "Judgement"), needed=True, offered=("approve", "return", "refuse"))
    note = Paragraphs(Text("เหตุผลหรือข้อสังเกต", "Reason or remark"), longest=LONGEST_REASON)


@blueprint.get("/changes")
@needs(Permission.JUDGE_CHANGE)
def plan_changes() -> str:
    """Changes of plans, those that wait unless others are asked for; the latest first."""
    state = request.args.get("state", ASKED)
    state = state if state in CHANGE_STATES else ""
    session, before = db.session(), read_id(request.args.get("before"))
    rows = list_changes(session, current_actor(), state=state, before=before, most=PER_PAGE + 1)
    offered = [(code, name) for code, name in CHANGE_STATES.items() if code != "draft"]
    return render_template(
        "secretariat/plan_changes.html",
        rows=rows[:PER_PAGE],
        following=rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None,
        started=before is not None,
        state=state,
        states=Options(offered).html(state),
        names=CAUSE_NAMES,
        state_names=CHANGE_STATES,
    )


@blueprint.get("/changes/<int:change_id>")
@needs(Permission.JUDGE_CHANGE)
def plan_change(change_id: int) -> str:
    """One change, beside the plan it was made from, and what was spent so far."""
    return _page(change_id)


@blueprint.post("/changes/<int:change_id>")
@needs(Permission.JUDGE_CHANGE)
def judge_plan_change(change_id: int) -> Response | tuple[str, int]:
    """Approve it, return it to be mended, or refuse it."""
    form = JudgementForm(request.form)
    problems: Sequence[Problem] = form.problems()
    if not problems:
        verdict = form.verdict.data
        try:
            with open_work(current_actor(), arrived()) as work:
                if verdict == "return":
                    return_change(work, change_id, form.note.data)
                else:
                    judge_change(work, change_id, verdict == "approve", form.note.data)
        except Refused as refusal:
            found = refusal.problems or (Problem("verdict", refusal.text),)
            # what is wrong with the plan itself is told at the judgement: its fields are the agency's
            problems = [p if p.place == "note" else replace(p, place="verdict") for p in found]
        else:
            flash(_done(verdict))
            if verdict == "return":  # it is the agency's own now
                return redirect(url_for("secretariat.plan_changes"), 303)
            return redirect(url_for("secretariat.plan_change", change_id=change_id), 303)
    return _page(change_id, problems, form.typed("verdict"), form.typed("note")), 422


def _done(verdict: str) -> str:
    if verdict == "approve":
        return t("อนุมัติแล้ว แผนใหม่มีผลทันที", "Approved; the new plan is in force")
    if verdict == "return":
        return t("ส่งคืนหน่วยงานให้แก้ไขแล้ว", "Returned to the agency to be mended")
    return t("บันทึกว่าไม่อนุมัติแล้ว", "Refused")


def _page(change_id: int, problems: Sequence[Problem] = (), verdict: str = "", note: str = "") -> str:
    session, actor = db.session(), current_actor()
    change = get_change(session, actor, change_id)
    view = get_project(session, actor, change.row.project_id)
    call = get_call_by_id(session, view.call_id)
    return render_template(
        "secretariat/plan_change.html",
        call=call,
        change=change,
        view=view,
        names=PlanNames(call.plan, view),
        account=account_of(session, view.row.id),
        cause=CAUSE_NAMES[change.row.kind],
        difference=compare_plans(change.before, change.proposed),
        is_latest=change.base == view.version.ordinal,
        verdict=verdict,
        note=note,
        problems=problems,
        errors=by_place(problems),
    )
