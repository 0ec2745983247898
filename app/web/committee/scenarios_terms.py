"""The terms of a scenario, on a form that works without a script: rows are added by a button that posts the form and
gives back everything typed; suggestions are taken over one by one, and kept only by saving."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for

from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.portfolio.actions import change_terms
from app.portfolio.actions.opening import FIXED
from app.portfolio.facts import Dimension
from app.portfolio.queries import list_entries
from app.portfolio.queries.evidence import suggest
from app.portfolio.queries.scenarios import ScenarioView, get_scenario, known_of
from app.portfolio.reasons import BOUND_NAMES, names_in
from app.portfolio.scenarios import Known
from app.portfolio.suggesting import Suggestions
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.scenarios import Page, version_of
from app.web.committee.scenarios_typed import TypedTerms, read_terms, read_typed, typed_of
from app.web.committee.scenarios_words import BASIS_WORDS
from app.web.door import needs
from app.web.language import language, say, t
from app.web.signing import current_actor
from app.web.tags import Options

NUMBER_OF = {
    Dimension.STAGE: Text("ช่วง", "Stage"),
    Dimension.GUIDELINE: Text("แนวทาง", "Guideline"),
    Dimension.MINISTRY: Text("กระทรวง", "Ministry"),
}


def _read(scenario_id: int) -> tuple[ScenarioView, CallView, Known]:
    session = db.session()
    view = get_scenario(session, current_actor(), scenario_id, Permission.MANAGE_SCENARIO)
    call = get_call_by_id(session, view.call_id)
    return view, call, known_of(call, list_entries(session, call.id))


@blueprint.get("/scenarios/<int:scenario_id>/terms")
@needs(Permission.MANAGE_SCENARIO)
def scenario_terms(scenario_id: int) -> Page:
    """The form, filled with the terms that hold."""
    view, call, known = _read(scenario_id)
    if view.is_fixed:
        flash(say(FIXED))
        return redirect(url_for("committee.scenario", scenario_id=scenario_id))
    return _page(view, call, known, typed_of(view.terms, known))


@blueprint.post("/scenarios/<int:scenario_id>/terms")
@needs(Permission.MANAGE_SCENARIO)
def change_scenario_terms(scenario_id: int) -> Page:
    """Save the terms; or, for a button that only adds to the form, give it back with that."""
    view, call, known = _read(scenario_id)
    typed = read_typed(request.form, call)
    wish = request.form.get("do", "")
    if wish:
        verb, _, kind = wish.partition(":")
        wishes = _all_of(kind, _suggested(call, known, typed)) if verb == "all" else [wish]
        for one in wishes:
            typed = typed.adding(one)
        return _page(view, call, known, typed)
    terms, problems = read_terms(typed, known)
    status = 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                change_terms(work, scenario_id, version_of(request.form), terms)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = list(refusal.problems) or [Problem("ceiling", refusal.text)]
            view, call, known = _read(scenario_id)
        else:
            flash(t("บันทึกเงื่อนไขแล้ว", "The terms are saved"))
            return redirect(url_for("committee.scenario", scenario_id=scenario_id), 303)
    return _page(view, call, known, typed, problems), status


def _suggested(call: CallView, known: Known, typed: TypedTerms) -> Suggestions:
    """What is suggested and not in the form yet, saved or not."""
    named, _ = read_terms(typed, known)
    return suggest(db.session(), current_actor(), call, list(known.entries), named)


def _all_of(kind: str, suggestions: Suggestions) -> list[str]:
    """The wishes that put every suggestion of a kind in the form."""
    lists = {"must": suggestions.must_fund, "needs": suggestions.needs, "exclusive": suggestions.exclusive}
    return [f"take:{kind}:{','.join(one.numbers)}" for one in lists.get(kind, ())]


def _page(
    view: ScenarioView,
    call: CallView,
    known: Known,
    typed: TypedTerms,
    problems: Sequence[Problem] = (),
) -> str:
    code = language()
    groups = _groups(call, known)
    titles = {n: (e.title.say(code) or e.title.th) for n, e in known.by_number.items()}
    return render_template(
        "committee/scenario_terms.html",
        call=call,
        view=view,
        typed=typed,
        problems=problems,
        bases=[(b.value, say(words), "") for b, words in BASIS_WORDS.items()],
        bounds=[(b.value, say(words)) for b, words in BOUND_NAMES.items()],
        groups=groups,
        titles=titles,
        projects=Options([(n, Text(title, title)) for n, title in titles.items()]).html(""),
        suggestions=_suggested(call, known, typed),
        weight_sum=sum(int(w) for w in typed.weights.values() if w.isascii() and w.isdigit()),
    )


def _groups(call: CallView, known: Known) -> Options:
    """Every group a limit may hold for, told by its kind."""
    name_of = names_in(call.plan, known.entries)
    names = {c.code: c.name for c in call.plan.guidelines}
    offered: list[tuple[str, Text]] = []
    for dimension, codes in (
        (Dimension.STAGE, [c.code for c in call.plan.stages]),
        (Dimension.GUIDELINE, [c.code for c in call.plan.guidelines]),
        (
            Dimension.MINISTRY,
            sorted(known.groups[Dimension.MINISTRY], key=lambda c: name_of(Dimension.MINISTRY, c).th),
        ),
    ):
        kind = NUMBER_OF[dimension]
        for code in codes:
            name = name_of(dimension, code)
            if dimension is Dimension.GUIDELINE:
                name = Text(f"{code} {names[code].th}", f"{code} {names[code].en}")
            offered.append(
                (
                    f"{dimension.value}:{code}",
                    Text(f"{kind.th}: {name.th}", f"{kind.en}: {name.en or name.th}"),
                )
            )
    return Options(offered)
