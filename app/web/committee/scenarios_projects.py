"""One project in a scenario: where it stands, and the form that takes it, leaves it out or cuts it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.work import open_work
from app.portfolio.actions import adjust_project as adjust
from app.portfolio.actions import take_back_adjustment as take_back
from app.portfolio.facts import Adjusting, Adjustment
from app.portfolio.ledger import DEPARTURE_NAMES
from app.portfolio.queries import CallEntries
from app.portfolio.queries.scenarios import get_scenario, known_of, list_adjustments, may_change
from app.portfolio.reasons import STANDING_NAMES, names_in, why
from app.portfolio.scenarios import adjustment_problems
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.ranking import KINDS
from app.web.committee.scenarios import Page, version_of
from app.web.committee.scenarios_words import lay
from app.web.door import needs
from app.web.forms import Baht, Choice, Form, Paragraphs
from app.web.language import language, say, t
from app.web.signing import current_actor

HELP = {
    Adjusting.TAKE: Text(
        "ได้รับจัดสรรก่อนโครงการอื่น ไม่ว่าอยู่ลำดับใด กรอกวงเงินเมื่อให้น้อยกว่าที่ขอ",
        "Granted before others, whatever its rank; enter an amount to grant less than it asks for.",
    ),
    Adjusting.LEAVE: Text("ไม่ได้รับจัดสรร ไม่ว่าอยู่ลำดับใด", "Not granted, whatever its rank."),
    Adjusting.CUT: Text(
        "จัดสรรตามลำดับ แต่ขอเพียงวงเงินที่กรอก", "Goes by its rank, and asks only for the amount entered."
    ),
}


class AdjustmentForm(Form):
    """What is changed of a project by hand. No amount counts for one that is left out."""

    kind = Choice(Text("การปรับ", "What to change"), needed=True, offered=[k.value for k in Adjusting])
    amount = Baht(Text("วงเงิน", "The amount"))
    reason = Paragraphs(Text("เหตุผล", "The reason"), longest=4000)

    @property
    def adjustment(self) -> Adjustment:
        """The change; to be asked for once there are no problems with the kind."""
        kind = Adjusting(self.kind.data)
        amount = None if kind is Adjusting.LEAVE else self.amount.data
        return Adjustment(kind, amount, self.reason.data)


@blueprint.get("/scenarios/<int:scenario_id>/projects/<int:proposal_id>")
@needs(Permission.READ_PORTFOLIO)
def scenario_project(scenario_id: int, proposal_id: int) -> str:
    """The project, and what was changed of it."""
    return _page(scenario_id, proposal_id)


@blueprint.post("/scenarios/<int:scenario_id>/projects/<int:proposal_id>")
@needs(Permission.MANAGE_SCENARIO)
def adjust_scenario_project(scenario_id: int, proposal_id: int) -> Page:
    """Change it by hand."""
    get_scenario(db.session(), current_actor(), scenario_id, Permission.MANAGE_SCENARIO)
    form = AdjustmentForm(request.form)
    typed = {key: request.form.get(key, "") for key in ("kind", "amount", "reason")}
    problems: Sequence[Problem] = form.problems()
    status = 422
    if problems:
        problems = [*problems, *_also_wrong(scenario_id, proposal_id, form, {p.place for p in problems})]
    else:
        try:
            with open_work(current_actor(), arrived()) as work:
                adjust(work, scenario_id, version_of(request.form), proposal_id, form.adjustment)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem("kind", refusal.text),)
        else:
            flash(t("บันทึกการปรับแล้ว", "The change is saved"))
            return _back(scenario_id)
    return _page(scenario_id, proposal_id, typed, problems), status


@blueprint.post("/scenarios/<int:scenario_id>/projects/<int:proposal_id>/back")
@needs(Permission.MANAGE_SCENARIO)
def take_back_project(scenario_id: int, proposal_id: int) -> Response:
    """Let it stand as computed again."""
    with open_work(current_actor(), arrived()) as work:
        take_back(work, scenario_id, version_of(request.form), proposal_id)
    flash(t("ยกเลิกการปรับแล้ว", "The change is taken back"))
    return _back(scenario_id)


def _back(scenario_id: int) -> Response:
    return redirect(url_for("committee.scenario", scenario_id=scenario_id, _anchor="ledger"), 303)


def _also_wrong(
    scenario_id: int, proposal_id: int, form: AdjustmentForm, known_places: set[str]
) -> list[Problem]:
    """What the rules find besides fields that could not be read, so that all is told at once."""
    if "kind" in known_places:
        return []
    session = db.session()
    view = get_scenario(session, current_actor(), scenario_id)
    call = get_call_by_id(session, view.call_id)
    known = known_of(call, CallEntries(session, call).entries)
    entry = next((e for e in known.entries if e.proposal_id == proposal_id), None)
    if entry is None:
        raise NotFound()
    found = adjustment_problems(entry.number, form.adjustment, view.terms, known)
    return [p for p in found if p.place not in known_places]


def _page(
    scenario_id: int,
    proposal_id: int,
    typed: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> str:
    session, actor = db.session(), current_actor()
    view = get_scenario(session, actor, scenario_id)
    call = get_call_by_id(session, view.call_id)
    entries = CallEntries(session, call)
    entry = next((e for e in entries.entries if e.proposal_id == proposal_id), None)
    if entry is None:
        raise NotFound()
    laid = lay(entries, view.terms)
    line = None
    if laid.allocation:
        line = next(x for x in laid.allocation.lines if x.entry.proposal_id == proposal_id)
    current = view.terms.adjustments.get(entry.number)
    if typed is None:
        amount = format_baht(current.amount) if current and current.amount else ""
        typed = {
            "kind": current.kind.value if current else "",
            "amount": amount,
            "reason": current.reason if current else "",
        }
    return render_template(
        "committee/scenario_project.html",
        call=call,
        view=view,
        entry=entry,
        line=line,
        refusal=laid.refusal,
        why=why(line, language(), names_in(call.plan, entries.entries)) if line else "",
        standing=STANDING_NAMES[line.standing] if line else None,
        kind=KINDS[line.standing] if line else "",
        choices=[(k.value, say(DEPARTURE_NAMES[k]), say(HELP[k])) for k in Adjusting],
        names=DEPARTURE_NAMES,
        history=list_adjustments(session, scenario_id, proposal_id),
        current=current,
        may_change=may_change(actor, view),
        typed=typed,
        problems=problems,
    )
