"""One proposal before the committee: what it says, how it was judged, where it stands, and the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.decisions.actions import record_decision, why_recused
from app.decisions.actions.deciding import ASKED_NOT_TO, why_nothing_now
from app.decisions.facts import GRANTING, VERDICT_NAMES, Verdict
from app.decisions.queries import approved_total, deciding_on
from app.decisions.rules import list_problems
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.work import open_work
from app.portfolio.queries import find_line
from app.portfolio.reasons import STANDING_NAMES, names_in, why
from app.portfolio.rules import TIE_RULES
from app.proposals.queries import get_filing
from app.proposals.states import RANKED_STATES
from app.reviews.queries import list_reviews
from app.reviews.queries.conflicts import find_meeting_standing
from app.reviews.queries.discussions import list_outcomes
from app.reviews.states import STANDING_STATES
from app.reviews.threads import CONCLUSION_NAMES
from app.screening.queries import find_latest_run
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.ranking import KINDS
from app.web.discussions import CONCLUSION_KINDS
from app.web.door import needs
from app.web.filing import evidence, results_of
from app.web.forms import Baht, Choice, Form, Line, Paragraphs
from app.web.language import language, say, t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]
_FIELDS = ("verdict", "amount", "number", "conditions", "resolution", "reason")


class DecisionForm(Form):
    """The committee's word; fields are named "decision-…". An amount counts only where money is granted."""

    verdict = Choice(Text("มติ", "The decision"), needed=True, offered=[v.value for v in Verdict])
    amount = Baht(Text("วงเงินที่เห็นชอบ", "The approved amount"))
    number = Line(Text("มติที่", "The number of the resolution"), longest=40)
    conditions = Paragraphs(Text("เงื่อนไข", "Conditions"), longest=4000)
    resolution = Paragraphs(Text("ข้อความมติ", "Text of the resolution"), longest=4000)
    reason = Paragraphs(Text("เหตุผล", "The reason"), longest=4000)

    @property
    def grants(self) -> bool:
        return self.verdict.data in GRANTING

    def problems(self) -> tuple[Problem, ...]:
        found = super().problems()
        return tuple(
            Problem(f"decision-{p.place}", p.text) for p in found if p.place != "amount" or self.grants
        )


@blueprint.get("/proposals/<int:proposal_id>")
@needs(Permission.READ_PORTFOLIO)
def proposal(proposal_id: int) -> str:
    """The proposal, and the form of the decision for those who decide."""
    return _page(proposal_id)


@blueprint.post("/proposals/<int:proposal_id>")
@needs(Permission.RECORD_DECISION)
def decide(proposal_id: int) -> Page:
    """Record the committee's decision, or amend it by recording anew."""
    form = DecisionForm(request.form, prefix="decision")
    problems: Sequence[Problem] = form.problems()
    status = 422
    if problems:
        problems = [*problems, *_also_wrong(proposal_id, form, {p.place for p in problems})]
    else:
        typed = request.form.get("decision-expected", "")
        expected = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 11 else 0
        try:
            with open_work(current_actor(), arrived()) as work:
                record_decision(
                    work,
                    proposal_id,
                    Verdict(form.verdict.data),
                    form.amount.data or 0,
                    conditions=form.conditions.data,
                    resolution=form.resolution.data,
                    reason=form.reason.data,
                    number=form.number.data,
                    expected=expected,
                )
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem("decision-verdict", refusal.text),)
        else:
            flash(t("บันทึกมติแล้ว", "The decision is recorded"))
            return redirect(url_for("committee.proposal", proposal_id=proposal_id, _anchor="decision"), 303)
    return _page(proposal_id, problems, {name: form.typed(name) for name in _FIELDS}), status


def _also_wrong(proposal_id: int, form: DecisionForm, known: set[str]) -> list[Problem]:
    """What the rules of decisions find besides fields that could not be read, so that all is told at once."""
    if form.verdict.data not in set(Verdict):
        return []
    session = db.session()
    filing = get_filing(session, current_actor(), proposal_id)
    call = get_call_by_id(session, filing.call_id)
    found = list_problems(
        Verdict(form.verdict.data),
        filing.total if form.amount.data is None else form.amount.data,
        filing.total,
        approved_total(session, call.id, but=proposal_id),
        call.ceiling,
        form.conditions.data,
        form.reason.data,
    )
    return [p for p in found if p.place not in known]


def _page(proposal_id: int, problems: Sequence[Problem] = (), typed: Mapping[str, str] | None = None) -> str:
    session, actor = db.session(), current_actor()
    filing = get_filing(session, actor, proposal_id)
    call = get_call_by_id(session, filing.call_id)
    run = find_latest_run(session, proposal_id)
    reviews = list_reviews(session, actor, proposal_id)
    decisions, elsewhere, sitting = deciding_on(session, call.id, proposal_id, actor.id)
    current = decisions[0] if decisions and decisions[0].is_current else None
    line = find_line(session, actor, call, proposal_id)
    recused, number = None, ""
    is_ranked, decides = filing.state in RANKED_STATES, may(actor, Permission.RECORD_DECISION)
    if actor.id is not None and is_ranked and decides and sitting.may_decide:
        recused = why_recused(find_meeting_standing(session, proposal_id, actor.id))
        if recused is None and sitting.recused is not None:
            recused = ASKED_NOT_TO
        is_amended = current is not None and current.meeting_id == sitting.meeting_id
        number = current.number if is_amended and current else sitting.next_number
    return render_template(
        "committee/proposal.html",
        call=call,
        filing_=filing,
        results=results_of(run) if run else [],
        run=run,
        evidence=evidence,
        given=sum(r.state in STANDING_STATES for r in reviews),
        finished=[r for r in reviews if r.counts],
        outcomes=list_outcomes(session, actor, proposal_id),
        conclusion_names=CONCLUSION_NAMES,
        conclusion_kinds=CONCLUSION_KINDS,
        earlier=sum(r.counts and r.submitted_at < filing.submitted_at for r in reviews if r.submitted_at),
        line=line,
        why=why(line, language(), names_in(call.plan, [line.entry])) if line else "",
        standing=STANDING_NAMES[line.standing] if line else None,
        kind=KINDS[line.standing] if line else "",
        tie_rules=TIE_RULES,
        decisions=decisions,
        verdict_names=VERDICT_NAMES,
        choices=[(v.value, say(name), "") for v, name in VERDICT_NAMES.items()],
        left=max(call.ceiling - elsewhere, 0),
        expected=current.id if current else 0,
        is_open=is_ranked and sitting.may_decide,
        is_waiting=is_ranked and decides and not sitting.may_decide,
        no_meeting=why_nothing_now(sitting),
        sitting=sitting,
        recused=recused,
        typed=typed
        or {
            "verdict": current.verdict.value if current else "",
            "amount": format_baht(
                (current.amount if current else 0) or (line.granted if line else 0) or filing.total
            ),
            "number": number,
            "conditions": current.conditions if current else "",
            "resolution": current.resolution if current else "",
            "reason": current.reason if current else "",
        },
        problems=problems,
    )
