"""Changes of plan at the lead agency's desk: chosen, filled in, asked for, withdrawn; anybody of the project reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions.changing import ask_change, begin_change, save_change, withdraw_change
from app.monitoring.changing import (
    BLANK_MILESTONES,
    MONEY_KINDS,
    MONTH_KINDS,
    NEW_LINES,
    WORK_KINDS,
    Offered,
    beside,
    list_asking_problems,
    read_change,
)
from app.monitoring.facts import ASKED_FOR, CAUSE_NAMES, Cause, Plan
from app.monitoring.periods import LAST_MONTH, MONTHS_OF_YEAR, month_name
from app.monitoring.plan_differences import compare_plans
from app.monitoring.planning import LONGEST_REASON
from app.monitoring.queries import ProjectView, get_project
from app.monitoring.queries.changes import Account, ChangeView, account_of, get_change
from app.monitoring.states import DRAFT
from app.web.agency.board import blueprint
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Form, Paragraphs, by_place, read_id
from app.web.language import t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.plans import PlanNames, may_change, month_now
from app.web.signing import current_actor
from app.web.tags import Options

Page = str | Response | tuple[str, int]


_SAVED_BY_OTHERS = Text(
    "มีผู้อื่นบันทึกคำขอนี้หลังจากที่ท่านเปิดหน้า สิ่งที่ท่านพิมพ์ยังอยู่ครบ ดูสิ่งที่บันทึกไว้ท้ายหน้า แล้วกดบันทึกอีกครั้งหากจะใช้ของท่าน",
    "Somebody else saved this after you opened it. Everything you typed is still here: look at what is saved, at the end"
    " of the page, and save again to use yours",
)
_OF_FIELDS = {"reason": Text("เหตุผล", "Reason"), "ends_on": Text("วันสิ้นสุดโครงการ", "End of the project")}


class ReasonForm(Form):
    """Why the plan is to change; the rest is read by `monitoring.changing`."""

    reason = Paragraphs(Text("เหตุผล", "Reason"), longest=LONGEST_REASON)


@dataclass(frozen=True)
class Opened:
    """A change with its project and what was reported of it."""

    change: ChangeView
    project: ProjectView
    call: CallView
    account: Account
    names: PlanNames

    @property
    def kind(self) -> Cause:
        return self.change.row.kind

    @property
    def offered(self) -> Offered:
        month = max(month_now(self.project.fiscal_year, arrived()), self.account.last_month + 1)
        return Offered(
            tuple(self.project.agencies),
            tuple(c.code for c in self.call.plan.categories),
            month,
            self.account.used,
            self.account.within_year,
            self.account.after_year,
        )

    def list_problems(self, plan: Plan, reason: str) -> list[Problem]:
        """What would keep the change from being asked for."""
        names = {code: name for code, (_, name) in self.project.agencies.items()}
        names |= {category.code: category.name for category in self.call.plan.categories}
        year, used = self.project.fiscal_year, self.account.used
        return list_asking_problems(plan, self.change.before, self.kind, year, used, names, reason)

    def at(self, place: str) -> Text:
        """In words, where in the form a problem is; nothing where the problem itself says so."""
        head, _, rest = place.partition("-")
        number, _, name = rest.partition("-")
        before = self.change.before
        if head in ("spending", "carry") and number.isdigit() and 1 <= int(number) <= len(before.spending):
            if head == "spending" and not name:
                return Text("", "")
            row = before.spending[int(number) - 1]
            month = self.names.month(int(name[1:])) if head == "spending" else Text("", "")
            parts = self.names.agency(row.agency), self.names.category(row.category), month
            return Text(*(" ".join(getattr(p, of) for p in parts).strip() for of in ("th", "en")))
        if head == "line":
            item = next((line.item for line in before.lines if str(line.position) == number), number)
            return Text(item, item)
        if head == "indicator":
            found = next((i.name for i in before.indicators if str(i.position) == number), number)
            return Text(f"{found} ไตรมาส {name[1:]}", f"{found}, quarter {name[1:]}")
        words = {
            "milestone": Text("งานสำคัญที่ {n}", "Milestone {n}"),
            "new": Text("รายการใหม่ที่ {n}", "New line {n}"),
        }
        return words[head].fill(n=number) if head in words else _OF_FIELDS.get(head, Text("", ""))


@dataclass(frozen=True)
class TypedChange:
    """What the form shows: amounts and words by field, days in their three parts."""

    fields: Mapping[str, str]
    days: Mapping[str, TypedMoment] = field(default_factory=dict)
    milestones: int = 0

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


@blueprint.get("/projects/<int:project_id>/changes/new")
@needs(Permission.CHANGE_PLAN)
def choose_change(project_id: int) -> str:
    """Which kind of change is wanted."""
    session, actor = db.session(), current_actor()
    view = get_project(session, actor, project_id)
    if not may_change(actor, view):
        raise NotFound()
    return render_template("agency/change_choose.html", view=view, kinds=ASKED_FOR, cause_names=CAUSE_NAMES)


@blueprint.post("/projects/<int:project_id>/changes")
@needs(Permission.CHANGE_PLAN)
def begin_plan_change(project_id: int) -> Page:
    """Begin a change of the kind chosen."""
    kind = request.form.get("kind", "")
    get_project(db.session(), current_actor(), project_id)
    if kind not in ASKED_FOR:
        return redirect(url_for("agency.choose_change", project_id=project_id), 303)
    with open_work(current_actor(), arrived()) as work:
        change_id = begin_change(work, project_id, Cause(kind)).id
    return redirect(url_for("agency.plan_change", change_id=change_id), 303)


@blueprint.get("/changes/<int:change_id>")
@needs(Permission.READ_PROPOSAL)
def plan_change(change_id: int) -> str:
    """A change: the form while it is a draft of one's own, else what it says and what became of it."""
    opened = _open(change_id)
    if opened.change.row.state == DRAFT and may_change(current_actor(), opened.project):
        return _form(opened, _typed_of(opened), opened.change.proposed)
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
        return _form(opened, _typed_of(opened), plan, refusal.problems), 422
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


def _typed_of(opened: Opened) -> TypedChange:
    """A draft as it would be typed."""
    plan, fields = opened.change.proposed, {"reason": opened.change.reason}
    for line in plan.lines:
        fields[f"line-{line.position}"] = format_baht(line.amount)
    known = {line.position for line in opened.change.before.lines}
    for n, line in enumerate((line for line in plan.lines if line.position not in known), 1):
        place = f"new-{n}"
        fields |= {f"{place}-agency": line.agency, f"{place}-category": line.category}
        fields |= {f"{place}-item": line.item, f"{place}-amount": format_baht(line.amount)}
    for n, row in enumerate(plan.spending, 1):
        fields |= {f"spending-{n}-m{m}": format_baht(a) if a else "" for m, a in enumerate(row.months, 1)}
        fields[f"carry-{n}"] = format_baht(row.carried) if row.carried else ""
    by_month = plan.by_month
    later = [month for month in range(MONTHS_OF_YEAR + 1, LAST_MONTH + 1) if by_month[month - 1]]
    fields["until"] = str(max(later)) if later else ""
    days = {"ends_on": TypedMoment.of_day("ends_on", plan.ends_on)}
    for n, milestone in enumerate(plan.milestones, 1):
        place = f"milestone-{n}"
        fields |= {f"{place}-title": milestone.title, f"{place}-agency": milestone.agency}
        fields[f"{place}-weight"], fields[f"{place}-position"] = (
            str(milestone.weight),
            str(milestone.position),
        )
        days[f"{place}-due_on"] = TypedMoment.of_day(f"{place}-due_on", milestone.due_on)
    for indicator in plan.indicators:
        for quarter, target in enumerate(indicator.quarters, 1):
            fields[f"indicator-{indicator.position}-q{quarter}"] = target
    return TypedChange(fields, days, len(plan.milestones))


def _form(
    opened: Opened, typed: TypedChange, plan: Plan, problems: list[Problem] | tuple[Problem, ...] = ()
) -> str:
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
