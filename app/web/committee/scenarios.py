"""Scenarios of a call: the list of them, one with what it leads to, and how they are made, named and dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import Origin
from app.calls.queries import CallView, get_call, get_call_by_id
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.portfolio.actions import create_scenario as create
from app.portfolio.actions import drop_scenario as drop
from app.portfolio.actions import rename_scenario as rename
from app.portfolio.facts import Terms
from app.portfolio.ledger import DEPARTURE_NAMES, Departure
from app.portfolio.queries import CallEntries, compare_with_computed, list_hands
from app.portfolio.queries.scenarios import (
    ScenarioView,
    get_scenario,
    list_scenarios,
    may_change,
)
from app.portfolio.reasons import names_in
from app.portfolio.side_by_side import MOST_COMPARED, moves_between
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.scenarios_words import (
    PLAIN,
    PLAIN_ID,
    lay,
    moved_rows,
    rows_of,
    tally,
    terms_in_words,
    unmet_in_words,
)
from app.web.door import needs
from app.web.forms import Form, Line, Paragraphs, read_id
from app.web.language import say, t
from app.web.signing import current_actor
from app.web.tags import Options

Page = str | Response | tuple[str, int]


class NameForm(Form):
    """A scenario's name and note."""

    name = Line(Text("ชื่อฉากทัศน์", "A name for the scenario"), needed=True, longest=200)
    note = Paragraphs(Text("หมายเหตุ", "The note"), longest=4000)


def version_of(typed: Mapping[str, str]) -> int:
    """The version a page was made from; 0, which no scenario has, where it is not told."""
    return read_id(typed.get("version")) or 0


@blueprint.get("/calls/<int:fiscal_year>/scenarios")
@needs(Permission.READ_PORTFOLIO)
def scenarios(fiscal_year: int) -> str:
    """Every scenario with what it comes to; the list by rank alone stands beside them."""
    copied = read_id(request.args.get("copy"))
    return _list_page(fiscal_year, {"name": "", "note": "", "copy": str(copied or "")})


@blueprint.post("/calls/<int:fiscal_year>/scenarios")
@needs(Permission.MANAGE_SCENARIO)
def create_scenario(fiscal_year: int) -> Page:
    """Make a scenario, of the ceiling alone or as a copy."""
    form = NameForm(request.form)
    typed = {key: request.form.get(key, "") for key in ("name", "note", "copy")}
    problems: Sequence[Problem] = form.problems()
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                made = create(work, fiscal_year, form.name.data, form.note.data, read_id(typed["copy"]))
                scenario_id = made.id
        except Refused as refusal:
            problems = refusal.problems or (Problem("name", refusal.text),)
        else:
            flash(t("สร้างฉากทัศน์แล้ว", "The scenario is made"))
            return redirect(url_for("committee.scenario", scenario_id=scenario_id), 303)
    return _list_page(fiscal_year, typed, problems), 422


def _list_page(fiscal_year: int, typed: Mapping[str, str], problems: Sequence[Problem] = ()) -> str:
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    views = list_scenarios(session, actor, call)
    entries = CallEntries(session, call)
    name_of = names_in(call.plan, entries.entries)
    plain = tally(entries, Terms(call.ceiling))
    rows = [(v, laid := tally(entries, v.terms), unmet_in_words(laid.unmet, name_of)) for v in views]
    return render_template(
        "committee/scenarios.html",
        call=call,
        rows=rows,
        plain=plain,
        plain_name=PLAIN,
        is_empty=not entries.entries,
        is_recorded=call.origin is Origin.IMPORTED,
        copies=Options([(str(v.id), Text(v.name, v.name)) for v in views]).html(typed["copy"]),
        most=MOST_COMPARED,
        typed=typed,
        problems=problems,
    )


@blueprint.get("/scenarios/<int:scenario_id>")
@needs(Permission.READ_PORTFOLIO)
def scenario(scenario_id: int) -> str:
    """One scenario: its terms, the list they lead to, and what people changed in it."""
    return _page(scenario_id)


@blueprint.post("/scenarios/<int:scenario_id>/name")
@needs(Permission.MANAGE_SCENARIO)
def rename_scenario(scenario_id: int) -> Page:
    """Another name and note."""
    form = NameForm(request.form)
    typed = {key: request.form.get(key, "") for key in ("name", "note")}
    problems: Sequence[Problem] = form.problems()
    status = 422
    get_scenario(db.session(), current_actor(), scenario_id, Permission.MANAGE_SCENARIO)
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                rename(work, scenario_id, version_of(request.form), form.name.data, form.note.data)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem("name", refusal.text),)
        else:
            flash(t("บันทึกชื่อแล้ว", "The name is saved"))
            return redirect(url_for("committee.scenario", scenario_id=scenario_id), 303)
    return _page(scenario_id, typed, problems), status


@blueprint.post("/scenarios/<int:scenario_id>/drop")
@needs(Permission.MANAGE_SCENARIO)
def drop_scenario(scenario_id: int) -> Page:
    """Take it off the list."""
    view = get_scenario(db.session(), current_actor(), scenario_id, Permission.MANAGE_SCENARIO)
    year = get_call_by_id(db.session(), view.call_id).fiscal_year
    with open_work(current_actor(), arrived()) as work:
        drop(work, scenario_id, version_of(request.form))
    flash(t("ลบฉากทัศน์ %s แล้ว", "Scenario %s is dropped") % view.name)
    return redirect(url_for("committee.scenarios", fiscal_year=year), 303)


def present_terms(views: Sequence[ScenarioView], call: CallView) -> tuple[int, Text, Terms]:
    """What the list of a call follows now: the adopted one of these scenarios, else rank alone."""
    for view in views:
        if view.is_adopted:
            return view.id, Text(view.name, view.name), view.terms
    return PLAIN_ID, PLAIN, Terms(call.ceiling)


def _page(scenario_id: int, typed: Mapping[str, str] | None = None, problems: Sequence[Problem] = ()) -> str:
    session, actor = db.session(), current_actor()
    view = get_scenario(session, actor, scenario_id)
    call = get_call_by_id(session, view.call_id)
    present_id, present_name, present = present_terms(list_scenarios(session, actor, call), call)
    entries = CallEntries(session, call)
    name_of = names_in(call.plan, entries.entries)
    laid, now = lay(entries, view.terms), lay(entries, present)
    ledger: tuple[Departure, ...] = ()
    if laid.allocation and view.terms.adjustments:
        _, ledger = compare_with_computed(entries, view.terms, list_hands(session, view.id))
    moves = None
    if laid.allocation and now.allocation and view.id != present_id:
        moves = [moved_rows(part, name_of) for part in moves_between(now.allocation, laid.allocation)]
    return render_template(
        "committee/scenario.html",
        call=call,
        view=view,
        laid=laid,
        counted=laid.counted,
        terms=terms_in_words(view.terms, call, name_of),
        unmet=unmet_in_words(laid.unmet, name_of),
        rows=rows_of(laid.allocation, call, name_of) if laid.allocation else (),
        ledger=ledger,
        departure_names=DEPARTURE_NAMES,
        moves=moves,
        present=(present_id, say(present_name)),
        may_change=may_change(actor, view),
        may_adopt=may(actor, Permission.ADOPT_SCENARIO),
        typed=typed or {"name": view.name, "note": view.note},
        problems=problems,
    )
