"""What became of granted projects: who has reported, and the form to record a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call, get_call_by_id
from app.decisions.queries import decisions_on
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import open_work
from app.monitoring.actions.closing import take_results
from app.monitoring.queries import find_monitored
from app.proposals.actions import record_results
from app.proposals.queries import Filing, Report, get_filing, list_granted, list_reports
from app.proposals.results import (
    GRANTED_STATES,
    LONGEST_NOTE,
    LONGEST_RESULT,
    LONGEST_SOURCE,
    IndicatorResult,
    ProjectResults,
)
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Baht, Form, Line, Paragraphs, by_place
from app.web.language import t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

_REACHED = {"yes": True, "no": False, "": None}


class ResultsForm(Form):
    """The money and the source; the day is read by `TypedMoment`, the indicators one by one."""

    granted = Baht(Text("วงเงินที่ใช้ได้", "What could be spent"), needed=True)
    spent = Baht(Text("เบิกจ่ายแล้ว", "Spent"), needed=True)
    source = Line(Text("ที่มาของตัวเลข", "Where the figures come from"), needed=True, longest=LONGEST_SOURCE)
    note = Paragraphs(Text("หมายเหตุ", "Note"), longest=LONGEST_NOTE)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds. `results` and `reached` are by the indicator's place, from 1."""

    day: TypedMoment
    granted: str = ""
    spent: str = ""
    source: str = ""
    note: str = ""
    results: dict[int, str] = field(default_factory=dict)
    reached: dict[int, str] = field(default_factory=dict)


@blueprint.get("/calls/<int:fiscal_year>/results")
@needs(Permission.RECORD_RESULTS)
def results(fiscal_year: int) -> str:
    """The granted projects of a call, each with its latest report."""
    session = db.session()
    call = get_call(session, fiscal_year)
    rows, followed = list_granted(session, current_actor(), call.id), find_monitored(session, fiscal_year)
    return render_template(
        "secretariat/results.html",
        call=call,
        rows=rows,
        reported=[r for r in rows if r.results],
        decisions=decisions_on(session, [r.proposal_id for r in rows]),
        is_monitored=followed is not None,
        is_synthetic=followed is not None and followed.is_synthetic,
    )


@blueprint.post("/calls/<int:fiscal_year>/results")
@needs(Permission.RECORD_RESULTS)
def take_results_post(fiscal_year: int) -> Response:
    """Take the results from what was reported and accepted in the monitoring."""
    with open_work(current_actor(), arrived()) as work:
        count = take_results(work, fiscal_year)
    flash(
        t(
            f"นำผลจากรายงานที่รับรองแล้วของ {count} โครงการ",
            f"Results of {count} projects taken from accepted reports",
        )
    )
    return redirect(url_for("secretariat.results", fiscal_year=fiscal_year), 303)


@blueprint.get("/proposals/<int:proposal_id>/results")
@needs(Permission.RECORD_RESULTS)
def project_results(proposal_id: int) -> str:
    """The reports on a project, and the form for the next."""
    filing, reports = _open(proposal_id)
    return _page(filing, reports, _prefilled(filing, reports))


@blueprint.post("/proposals/<int:proposal_id>/results")
@needs(Permission.RECORD_RESULTS)
def record_project_results(proposal_id: int) -> Response | tuple[str, int]:
    """Record a report; the one before stays in the history."""
    filing, reports = _open(proposal_id)
    form = ResultsForm(request.form)
    day = TypedMoment.sent("as_of", request.form)
    as_of, wrong_day = day.read_day()
    count = len(filing.facts.indicators)
    typed = Typed(
        day,
        form.typed("granted"),
        form.typed("spent"),
        form.typed("source"),
        form.typed("note"),
        results={n: request.form.get(f"result-{n}", "") for n in range(1, count + 1)},
        reached={n: request.form.get(f"reached-{n}", "") for n in range(1, count + 1)},
    )
    told, unreadable = _read_all(typed.results)
    problems: Sequence[Problem] = (*wrong_day, *form.problems(), *unreadable)
    if as_of is not None and not problems:
        report = ProjectResults(
            as_of,
            form.granted.data,
            form.spent.data,
            tuple(
                IndicatorResult.of(n, k, told[n], _REACHED.get(typed.reached[n]))
                for n, k in enumerate(filing.facts.indicators, 1)
                if told[n] or _REACHED.get(typed.reached[n]) is not None
            ),
            form.source.data,
            form.note.data,
        )
        try:
            with open_work(current_actor(), arrived()) as work:
                record_results(work, proposal_id, report)
        except Refused as refusal:
            problems = refusal.problems or (Problem("spent", refusal.text),)
        else:
            flash(t("บันทึกผลการดำเนินงานแล้ว", "The results are recorded."))
            return redirect(url_for("secretariat.project_results", proposal_id=proposal_id), 303)
    return _page(filing, reports, typed, problems), 422


def _read_all(typed: Mapping[int, str]) -> tuple[dict[int, str], list[Problem]]:
    """The results in one spelling, and those that hold what cannot be kept."""
    told, problems = {}, []
    for n, text in typed.items():
        try:
            told[n] = " ".join(normalise(text).split())
        except TextError as error:
            problems.append(Problem(f"result-{n}", error.text))
    return told, problems


def _open(proposal_id: int) -> tuple[Filing, list[Report]]:
    session, actor = db.session(), current_actor()
    filing = get_filing(session, actor, proposal_id)
    if filing.state not in GRANTED_STATES:
        raise NotFound()
    return filing, list_reports(session, actor, proposal_id)


def _prefilled(filing: Filing, reports: Sequence[Report]) -> Typed:
    """The latest report to go on from; without one, what the committee granted or the documents hold."""
    if reports:
        last = reports[0].results
        return Typed(
            TypedMoment.of_day("as_of", last.as_of),
            format_baht(last.granted),
            format_baht(last.spent),
            last.source,
            last.note,
            {k.position: k.result for k in last.indicators},
            {k.position: {True: "yes", False: "no", None: ""}[k.reached] for k in last.indicators},
        )
    decision = decisions_on(db.session(), [filing.proposal_id]).get(filing.proposal_id)
    granted = decision.amount if decision else filing.total
    return Typed(TypedMoment("as_of"), format_baht(granted))


def _page(filing: Filing, reports: Sequence[Report], typed: Typed, problems: Sequence[Problem] = ()) -> str:
    session = db.session()
    context: dict[str, Any] = {
        "call": get_call_by_id(session, filing.call_id),
        "filing_": filing,
        "reports": reports,
        "typed": typed,
        "months": MONTH_OPTIONS,
        "longest": LONGEST_RESULT,
        "problems": problems,
        "errors": by_place(problems),
    }
    return render_template("secretariat/project_results.html", **context)
