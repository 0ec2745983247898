"""Changes of plan at the lead agency's desk: chosen, filled in, asked for, withdrawn; anybody of the project reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions.changing import ask_change, begin_change, save_change, withdraw_change
from app.monitoring.changing import (
    BLANK_MILESTONES,
    MONEY_KINDS,
    MONTH_KINDS,
    NEW_LINES,
    WORK_KINDS,
    beside,
    read_change,
)
from app.monitoring.facts import ASKED_FOR, CAUSE_NAMES, Cause, Plan
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR, month_name
from app.monitoring.plan_differences import compare_plans
from app.monitoring.planning import LONGEST_REASON
from app.monitoring.queries import get_project
from app.monitoring.queries.changes import account_of, get_change, list_changes
from app.monitoring.states import ASKED, DRAFT
from app.web.agency.board import blueprint
from app.web.agency.typed_changes import Opened, TypedChange, typed_of
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Form, Paragraphs, by_place, read_id
from app.web.language import t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.plans import PlanNames, may_change
from app.web.signing import current_actor
from app.web.tags import Options

Page = str | Response | tuple[str, int]


_CHOOSE_KIND = Text("กรุณาเลือกว่าต้องการเปลี่ยนอะไร", "Choose what is to change")
_SAVED_BY_OTHERS = Text(
    "มีผู้อื่นบันทึกคำขอนี้หลังจากที่ท่านเปิดหน้า สิ่งที่ท่านพิมพ์ยังอยู่ครบ ดูสิ่งที่บันทึกไว้ท้ายหน้า แล้วกดบันทึกอีกครั้งหากจะใช้ของท่าน",
    "Somebody else saved this after you opened it. Everything you typed is still here: look at what is saved, at the end"
    " of the page, and save again to use yours",
)


class ReasonForm(Form):
    """Why the plan is to change; the rest is read by `monitoring.changing`."""

    reason = Paragraphs(Text("เหตุผล", "Reason"), longest=LONGEST_REASON)


@blueprint.get("/projects/<int:project_id>/changes/new")
@needs(Permission.CHANGE_PLAN)
def choose_change(project_id: int) -> str:
    """Which kind of change is wanted."""
    return _choose(project_id)


def _choose(project_id: int, problems: Sequence[Problem] = ()) -> str:
    session, actor = db.session(), current_actor()
    view = get_project(session, actor, project_id)
    if not may_change(actor, view):
        raise NotFound()
    changes = list_changes(session, actor, project_id=project_id)
    return render_template(
        "agency/change_choose.html",
        view=view,
        kinds=ASKED_FOR,
        cause_names=CAUSE_NAMES,
        under_way=next((c for c in changes if c.state in (DRAFT, ASKED)), None),
        problems=problems,
        errors=by_place(problems),
    )


@blueprint.post("/projects/<int:project_id>/changes")
@needs(Permission.CHANGE_PLAN)
def begin_plan_change(project_id: int) -> Page:
    """Begin a change of the kind chosen."""
    kind = request.form.get("kind", "")
    get_project(db.session(), current_actor(), project_id)
    if kind not in ASKED_FOR:
        return _choose(project_id, [Problem("kind", _CHOOSE_KIND)]), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            change_id = begin_change(work, project_id, Cause(kind)).id
    except Refused as refusal:
        return _choose(project_id, [Problem("kind", refusal.text)]), 422
    return redirect(url_for("agency.plan_change", change_id=change_id), 303)


@blueprint.get("/changes/<int:change_id>")
@needs(Permission.READ_PROPOSAL)
def plan_change(change_id: int) -> str:
    """A change: the form while it is a draft of one's own, else what it says and what became of it."""
    opened = _open(change_id)
    if opened.change.row.state == DRAFT and may_change(current_actor(), opened.project):
        return _form(opened, typed_of(opened), opened.change.proposed)
    return _show(opened)


@blueprint.post("/changes/<int:change_id>")
@needs(Permission.CHANGE_PLAN)
def save_plan_change(change_id: int) -> Page:
    """Keep what was typed; with "ask" put it to the secretariat at once. What cannot be read stays on the page."""
    opened = _open(change_id)
    if not may_change(current_actor(), opened.project):
        raise NotFound()
    typed, days, wrong_days = _sent(opened)
    form, asks = ReasonForm(request.form), request.form.get("do") == "ask"
    plan, problems = read_change(
        opened.change.before, opened.kind, opened.project.fiscal_year, typed.fields, days, opened.offered
    )
    if opened.change.row.state != DRAFT:
        return _too_late(opened, plan)
    wrong = [*wrong_days, *(p for p in problems if not _is_told(p, wrong_days)), *form.problems()]
    if wrong:
        more = beside(wrong, opened.list_problems(plan, form.reason.data)) if asks else []
        return _form(opened, typed, plan, [*wrong, *more]), 422
    expected = read_id(request.form.get("version")) or 0
    try:
        with open_work(current_actor(), arrived()) as work:
            save_change(work, change_id, plan, form.reason.data, expected)
    except Stale:
        opened = _open(change_id)  # the page then carries the version that is saved now
        if opened.change.row.state != DRAFT:
            return _too_late(opened, plan)
        return _form(opened, typed, plan, [Problem("difference", _SAVED_BY_OTHERS)]), 409
    if not asks:
        flash(t("บันทึกร่างแล้ว", "The draft is saved"))
        return redirect(url_for("agency.plan_change", change_id=change_id), 303)
    try:
        with open_work(current_actor(), arrived()) as work:
            ask_change(work, change_id)
    except Refused as refusal:
        opened = _open(change_id)
        return _form(opened, typed_of(opened), plan, refusal.problems), 422
    flash(
        t(
            "ยื่นคำขอแล้ว ฝ่ายเลขานุการจะแจ้งผลทางอีเมลและหน้านี้",
            "The change is asked for; the answer comes by e-mail and on this page",
        )
    )
    return redirect(url_for("agency.plan_change", change_id=change_id), 303)


def _too_late(opened: Opened, plan: Plan) -> Page:
    """What was typed after the change was asked for: nothing where it is the same (a second click), else said."""
    if plan == opened.change.proposed:
        return redirect(url_for("agency.plan_change", change_id=opened.change.row.id), 303)
    return _show(opened, plan), 422


@blueprint.post("/changes/<int:change_id>/withdraw")
@needs(Permission.CHANGE_PLAN)
def withdraw_plan_change(change_id: int) -> Page:
    """Take a change back."""
    opened = _open(change_id)
    with open_work(current_actor(), arrived()) as work:
        withdraw_change(work, change_id)
    flash(t("ถอนคำขอแล้ว", "The change is withdrawn"))
    return redirect(url_for("agency.project", project_id=opened.project.row.id), 303)


def _is_told(problem: Problem, told: list[Problem]) -> bool:
    """Whether what is wrong with a day is said already, in more detail."""
    return any(problem.place.rsplit("-", 1)[0] == other.place.rsplit("-", 1)[0] for other in told)


def _open(change_id: int) -> Opened:
    session, actor = db.session(), current_actor()
    change = get_change(session, actor, change_id)
    project = get_project(session, actor, change.row.project_id)
    call = get_call_by_id(session, project.call_id)
    return Opened(change, project, call, account_of(session, project.row.id), PlanNames(call.plan, project))


def _sent(opened: Opened) -> tuple[TypedChange, dict[str, date | None], list[Problem]]:
    """What the form sent, with its days read where anything was typed."""
    fields = {name: value for name, value in request.form.items() if name not in ("csrf_token", "do")}
    count = max(
        (
            int(n)
            for n in (name.split("-")[1] for name in fields if name.startswith("milestone-"))
            if n.isdigit()
        ),
        default=0,
    )
    count = min(count, 200)
    places = ["ends_on", *(f"milestone-{n}-due_on" for n in range(1, count + 1))]
    typed = {place: TypedMoment.sent(place, request.form) for place in places}
    days: dict[str, date | None] = {}
    problems: list[Problem] = []
    for place, moment in typed.items():
        if moment.day or moment.month or moment.year:
            days[place], wrong = moment.read_day()
            problems += wrong
    return TypedChange(fields, typed, count), days, problems


def _form(opened: Opened, typed: TypedChange, plan: Plan, problems: Sequence[Problem] = ()) -> str:
    kind, before = opened.kind, opened.change.before
    known = {line.position for line in before.lines}
    rows = list(range(1, max(typed.milestones, len(plan.milestones)) + BLANK_MILESTONES + 1))
    blank = {f"milestone-{n}-due_on": TypedMoment(f"milestone-{n}-due_on") for n in rows}
    months = range(MONTHS_OF_YEAR + 1, LAST_MONTH + 1)
    return render_template(
        "agency/change_form.html",
        opened=opened,
        call=opened.call,
        typed=typed,
        days=blank | {"ends_on": TypedMoment("ends_on")} | dict(typed.days),
        before=before,
        own_lines=[line for line in before.lines if line.position in known],
        milestone_rows=rows,
        new_lines=range(1, NEW_LINES + 1),
        agency_options=Options((code, name) for code, (_, name) in opened.project.agencies.items()),
        category_options=Options((c.code, c.name) for c in opened.call.plan.categories),
        until_options=Options((str(m), month_name(opened.project.fiscal_year, m)) for m in months),
        months=MONTH_OPTIONS,
        asks_lines=kind in MONEY_KINDS,
        asks_months=kind in MONTH_KINDS,
        asks_work=kind in WORK_KINDS,
        cause=CAUSE_NAMES[kind],
        difference=compare_plans(before, opened.change.proposed),
        problems=[_named(opened, problem) for problem in problems],
        totals=[problem.text for problem in problems if problem.place in ("total", "milestones")],
        errors=by_place(problems),
    )


def _named(opened: Opened, problem: Problem) -> Problem:
    at, text = opened.at(problem.place), problem.text
    return replace(problem, text=Text(f"{at.th}: {text.th}", f"{at.en}: {text.en}")) if at.th else problem


def _show(opened: Opened, lost: Plan | None = None) -> str:
    """What it asks for; `lost` is a plan that was typed too late to be saved."""
    return render_template(
        "agency/change.html",
        opened=opened,
        call=opened.call,
        cause=CAUSE_NAMES[opened.kind],
        difference=compare_plans(opened.change.before, opened.change.proposed),
        lost=compare_plans(opened.change.proposed, lost) if lost else None,
        may_change=may_change(current_actor(), opened.project),
    )
