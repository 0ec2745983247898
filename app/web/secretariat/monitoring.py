"""A call's monitoring at the secretariat's desk: opened for what was granted, its rules, who reported what by when, who is
late, and the reports that wait."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app.calls.queries import CallView, list_calls
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import arabic_digits
from app.kernel.work import open_work
from app.monitoring.actions import accept_report, open_monitoring
from app.monitoring.actions.rules import NOT_SET, list_rule_problems, set_reporting_rules
from app.monitoring.duties import Duty
from app.monitoring.facts import ReportingRules
from app.monitoring.models import Project
from app.monitoring.periods import MONTHS_OF_YEAR, REPORT_NAMES, ReportKind, last_month_of, month_name
from app.monitoring.queries import find_monitored, list_due
from app.monitoring.queries.projects import Monitored, list_monitored
from app.monitoring.queries.waiting import list_waiting
from app.monitoring.states import REPORT_STATES, SIGNED
from app.proposals.models import Proposal
from app.proposals.results import GRANTED_STATES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import by_place, read_id
from app.web.language import closing, say, t
from app.web.report_views import STATE_KINDS
from app.web.secretariat.desk import blueprint
from app.web.shell import current_call
from app.web.signing import current_actor
from reports.csvs import write_csv
from reports.document import Column, Table

Page = str | Response | tuple[str, int]

_TICK = Text("กรุณาเลือกรายงานที่จะรับรองอย่างน้อยหนึ่งฉบับ", "Tick at least one report to accept")
_CHOOSE = Text("กรุณาเลือกรอบที่จะเปิดติดตาม", "Choose the call to follow")
STATES = REPORT_STATES | {"missing": Text("ยังไม่เริ่ม", "Not begun")}


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """An agency's periods of one kind."""

    agency: Text
    by_period: Mapping[int, Duty]
    late: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who reported what of some periods of a kind, the agencies that have any of them."""

    kind: ReportKind
    is_after_year: bool
    periods: tuple[int, ...]
    rows: tuple[MatrixRow, ...]


def _matrices(duties: Sequence[Duty]) -> list[Matrix]:
    """Months and quarters of the year, and those after it."""
    now, found = arrived(), []
    for kind, is_after in product(ReportKind, (False, True)):
        own = [
            d
            for d in duties
            if d.kind is kind and (last_month_of(kind, d.period) > MONTHS_OF_YEAR) == is_after
        ]
        rows: dict[int, list[Duty]] = {}
        for duty in own:
            rows.setdefault(duty.agency_id, []).append(duty)
        shown = (
            MatrixRow(of[0].agency, {duty.period: duty for duty in of}, sum(duty.is_late(now) for duty in of))
            for of in rows.values()
        )
        if own:
            periods = tuple(sorted({duty.period for duty in own}))
            found.append(Matrix(kind, is_after, periods, tuple(shown)))
    return found


@blueprint.get("/monitoring")
@needs(Permission.MANAGE_MONITORING)
def monitoring() -> Page:
    """The call chosen by ?call=…, else the latest that is followed."""
    return _page(read_id(request.args.get("call")))


def _page(year: int | None, problems: Sequence[Problem] = ()) -> str:
    session = db.session()
    followed, calls = list_monitored(session), list_calls(session)
    current_call(calls)
    chosen = next((m for m in followed if m.fiscal_year == year), None)
    if chosen is None and year is None and followed:
        chosen = followed[0]
    duties = list_due(session, arrived(), call_id=chosen.call_id) if chosen is not None else []
    now = arrived()
    return render_template(
        "secretariat/monitoring.html",
        followed=followed,
        chosen=chosen,
        call=next((c for c in calls if chosen is not None and c.id == chosen.call_id), None),
        openable=_openable(calls),
        matrices=_matrices(duties),
        kind_names=REPORT_NAMES,
        late=[duty for duty in duties if duty.is_late(now)],
        waiting=[duty for duty in duties if SIGNED in (duty.state, duty.correction_state)],
        states=STATES,
        state_kinds=STATE_KINDS,
        month_name=month_name,
        rules=chosen.rules if chosen is not None else ReportingRules(),
        typed=request.form,
        now=now,
        problems=problems,
        errors=by_place(problems),
    )


def _openable(calls: Sequence[CallView]) -> list[tuple[CallView, int]]:
    """Calls with granted proposals that are not followed yet, and how many. One query."""
    rows = db.session().execute(
        select(Proposal.call_id, func.count())
        .outerjoin(Project, Project.proposal_id == Proposal.id)
        .where(Proposal.state.in_(GRANTED_STATES), Project.id.is_(None))
        .group_by(Proposal.call_id)
    )
    counts: dict[int, int] = {call_id: number for call_id, number in rows}
    return [(call, counts[call.id]) for call in calls if call.id in counts]


@blueprint.post("/monitoring", endpoint="open_monitoring")
@needs(Permission.MANAGE_MONITORING)
def open_() -> Page:
    """Follow the granted proposals of a call that are not followed yet."""
    year = read_id(request.form.get("fiscal_year"))
    if year is None:
        return _page(None, (Problem("open", _CHOOSE),)), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            count = len(open_monitoring(work, year))
    except Refused as refusal:
        return _page(year, (Problem("open", refusal.text),)), 422
    flash(t(f"เปิดติดตามแล้ว {count} โครงการ", f"Projects followed from now on: {count}"))
    return redirect(url_for("secretariat.monitoring", call=year), 303)


@blueprint.post("/monitoring/<int:fiscal_year>/rules", endpoint="set_reporting_rules")
@needs(Permission.MANAGE_MONITORING)
def set_rules(fiscal_year: int) -> Page:
    """By when reports are due, and the thresholds of the traffic lights (percent)."""
    kept = monitored_or_404(fiscal_year)
    sent = {
        name: read_id(arabic_digits(request.form.get(name, "")).strip()) or 0
        for name in ("month_days", "quarter_days", "green", "amber")
    }
    rules = ReportingRules(sent["month_days"], sent["quarter_days"], sent["green"] * 10, sent["amber"] * 10)
    try:
        if problems := list_rule_problems(rules):
            raise Refused(NOT_SET, problems)
        with open_work(current_actor(), arrived()) as work:
            set_reporting_rules(work, kept.fiscal_year, rules)
    except Refused as refusal:
        found = refusal.problems or [Problem("month_days", refusal.text)]
        return _page(fiscal_year, [_named(problem) for problem in found]), 422
    flash(t("เปลี่ยนเกณฑ์แล้ว", "The rules are changed"))
    return redirect(url_for("secretariat.monitoring", call=fiscal_year), 303)


def _named(problem: Problem) -> Problem:
    """Both kinds of report have days: which of them is wrong is said, too."""
    kind = {"month_days": ReportKind.MONEY, "quarter_days": ReportKind.PROGRESS}.get(problem.place)
    name, text = REPORT_NAMES[kind] if kind else Text("", ""), problem.text
    return replace(problem, text=Text(f"{name.th}: {text.th}", f"{name.en}: {text.en}")) if kind else problem


def monitored_or_404(fiscal_year: int) -> Monitored:
    """A call that is followed. Raises `NotFound`."""
    kept = find_monitored(db.session(), fiscal_year)
    if kept is None:
        raise NotFound()
    return kept


@blueprint.get("/monitoring/<int:fiscal_year>/late.csv")
@needs(Permission.MANAGE_MONITORING)
def late_list(fiscal_year: int) -> Response:
    """Who is late with what, as CSV."""
    kept, now = monitored_or_404(fiscal_year), arrived()
    late = [duty for duty in list_due(db.session(), now, call_id=kept.call_id) if duty.is_late(now)]
    columns = (
        ("agency", t("หน่วยงาน", "Agency")),
        ("report", t("รายงาน", "Report")),
        ("period", t("งวด", "Period")),
        ("due", t("กำหนดส่งภายใน", "Due by")),
        ("days", t("เกินกำหนด (วัน)", "Days late")),
        ("state", t("สถานะ", "State")),
    )
    table = Table(
        "late",
        t("รายงานที่เกินกำหนด", "Late reports"),
        tuple(Column(key, title) for key, title in columns),
        tuple(
            (
                say(duty.agency),
                say(REPORT_NAMES[duty.kind]),
                say(duty.name),
                closing(duty.due_at, "day"),
                str(duty.days_late(now)),
                say(STATES[duty.state]),
            )
            for duty in late
        ),
    )
    target = io.BytesIO()
    write_csv(table, target)
    return send_download(target.getvalue(), f"late-{fiscal_year}.csv", "late", "text/csv")


@blueprint.get("/monitoring/<int:fiscal_year>/waiting")
@needs(Permission.JUDGE_REPORT)
def waiting_reports(fiscal_year: int) -> Page:
    """Signed reports with their remarks; those without can be accepted together."""
    return _waiting_page(fiscal_year)


def _waiting_page(fiscal_year: int, refusals: Sequence[tuple[str, Text]] = ()) -> str:
    kept = monitored_or_404(fiscal_year)
    return render_template(
        "secretariat/waiting_reports.html",
        chosen=kept,
        waiting=list_waiting(db.session(), current_actor(), kept.call_id),
        refusals=refusals,
        ticked=request.form.getlist("report") if refusals else None,  # None: all that can be
        now=arrived(),
    )


@blueprint.post("/monitoring/<int:fiscal_year>/waiting", endpoint="accept_reports")
@needs(Permission.JUDGE_REPORT)
def accept_chosen(fiscal_year: int) -> Page:
    """Accept the ticked reports, each as it was shown: all of them or none."""
    kept = monitored_or_404(fiscal_year)
    shown = {w.row.id: w.row for w in list_waiting(db.session(), current_actor(), kept.call_id)}
    chosen: list[tuple[int, int]] = []
    if not request.form.getlist("report"):
        return _waiting_page(fiscal_year, [("", _TICK)]), 422
    for ticked in request.form.getlist("report"):
        record_id, version = (read_id(part) for part in (*ticked.split(":"), "")[:2])
        if record_id is None or version is None:
            raise NotFound()
        chosen.append((record_id, version))
    # earlier periods first: a later month may rest on them
    chosen.sort(key=lambda each: (shown[each[0]].period if each[0] in shown else 0, each[0]))
    at = ""
    try:
        with open_work(current_actor(), arrived()) as work:
            for record_id, version in chosen:
                row = shown.get(record_id)
                at = f"{say(row.agency)} {say(row.name)}" if row else ""
                accept_report(work, record_id, version)
    except Refused as refusal:
        words = [problem.text for problem in refusal.problems] or [refusal.text]
        return _waiting_page(fiscal_year, [(at, text) for text in words]), 422
    flash(t(f"รับรองแล้ว {len(chosen)} ฉบับ", f"Reports accepted: {len(chosen)}"))
    return redirect(url_for("secretariat.waiting_reports", fiscal_year=fiscal_year), 303)
