"""One filed proposal: facts, findings with judgements beside them, reviewers, history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import BODY_NAMES, Body
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Outcome, Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.queries import (
    Filing,
    MoveView,
    count_pending,
    find_open_return,
    get_filing,
    list_moves,
)
from app.proposals.states import FAILED, PASSED, QUESTIONED, RETURNED, REVIEWABLE_STATES, SUBMITTED
from app.reviews.actions import assign_reviewers, reassign_reviewer, withdraw_assignment
from app.reviews.facts import RoundFacts
from app.reviews.queries import ReviewView, get_round, list_reviews, read_interests
from app.reviews.queries.seating import Reviewer, find_proposal, read_crew, why_not
from app.reviews.states import ASSIGNMENT_STATES, LOCKED, PHASES, STANDING_STATES
from app.screening.actions import override_finding, screen_proposal
from app.screening.queries import find_latest_run
from app.similarity.queries import list_pairs_of
from app.web.arrival import arrived
from app.web.door import needs
from app.web.filing import evidence, results_of
from app.web.forms import Choice, Form, Paragraphs, read_id
from app.web.language import t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import OUTCOME_NAMES, Options

_SCREENABLE = frozenset({SUBMITTED, PASSED, QUESTIONED, FAILED})
_RUN = re.compile(r"screening run \d+")
# how far an assignment is, as the kind of its tag
STATE_KINDS = {
    "given": "wait",
    "accepted": "sent",
    "declined": "plain",
    "recused": "warn",
    "withdrawn": "plain",
}
_NOBODY_CHOSEN = Text("กรุณาเลือกผู้พิจารณาอย่างน้อยหนึ่งคน", "Choose at least one reviewer")

Page = str | Response | tuple[str, int]


class OverrideForm(Form):
    """A person's judgement on one rule; fields are named "override-…"."""

    rule = Choice(Text("ข้อที่วินิจฉัย", "The rule"), needed=True)
    outcome = Choice(Text("ผลการวินิจฉัย", "The judgement"), needed=True, offered=[o.value for o in Outcome])
    reason = Paragraphs(Text("เหตุผล", "The reason"), needed=True, longest=4000)

    def problems(self) -> tuple[Problem, ...]:
        return tuple(Problem(f"override-{p.place}", p.text) for p in super().problems())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reviewer who could be given the proposal: `bar` says why not, `before` what became of it last time."""

    person: Reviewer
    is_assigned: bool
    bar: Text | None
    before: ReviewView | None


@dataclass(frozen=True, slots=True)
class Typed:
    """What the forms of the page hold when they come back. `assignment` is the one whose form was sent."""

    rule: str = ""
    outcome: str = ""
    reason: str = ""
    chosen: frozenset[int] = field(default_factory=frozenset)
    assignment: int | None = None
    instead: str = ""
    why: str = ""


_HAS_IT = Text("ได้รับมอบหมายแล้ว", "has it already")
_NOBODY_INSTEAD = Text("กรุณาเลือกผู้พิจารณาที่จะมอบหมายแทน", "Choose who reviews it instead")
_LONGEST_REASON = 1000
_TOO_LONG = Text(
    f"เหตุผลยาวเกิน {_LONGEST_REASON:,} ตัวอักษร", f"The reason is longer than {_LONGEST_REASON:,} characters"
)


@blueprint.get("/proposals/<int:proposal_id>")
@needs(Permission.READ_REVIEWS)
def proposal(proposal_id: int) -> str:
    """The proposal with everything known about it."""
    return _page(proposal_id)


@blueprint.post("/proposals/<int:proposal_id>/screen")
@needs(Permission.RUN_SCREENING)
def screen_one(proposal_id: int) -> Response:
    """Run the rulebook again over this filing."""
    with open_work(current_actor(), arrived()) as work:
        screen_proposal(work, proposal_id)
    flash(t("กลั่นกรองใหม่แล้ว คำวินิจฉัยเดิมยังอยู่", "Screened again; earlier judgements stand"))
    return _back(proposal_id, "findings")


@blueprint.post("/proposals/<int:proposal_id>/override")
@needs(Permission.OVERRIDE_FINDING)
def override(proposal_id: int) -> Page:
    """Put a judgement beside a rule's conclusion."""
    form = OverrideForm(request.form, prefix="override")
    run = find_latest_run(db.session(), proposal_id)
    if run is None:
        raise NotFound()
    form.rule.offered = {f.rule for f in run.findings if f.decides}
    problems: Sequence[Problem] = form.problems()
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                override_finding(
                    work, proposal_id, form.rule.data, Outcome(form.outcome.data), form.reason.data
                )
        except Refused as refusal:
            problems = refusal.problems or (Problem("override-rule", refusal.text),)
        else:
            flash(t("บันทึกคำวินิจฉัยแล้ว", "The judgement is recorded"))
            return _back(proposal_id, f"rule-{form.rule.data}")
    typed = Typed(form.typed("rule"), form.typed("outcome"), form.typed("reason"))
    return _page(proposal_id, problems, typed), 422


@blueprint.post("/proposals/<int:proposal_id>/assign")
@needs(Permission.ASSIGN_REVIEWER)
def assign(proposal_id: int) -> Page:
    """Give the proposal to the chosen reviewers; all of them or none."""
    chosen = [read_id(typed) for typed in request.form.getlist("reviewer")]
    if None in chosen:
        raise NotFound()
    ids = [user_id for user_id in chosen if user_id is not None]
    problems: Sequence[Problem] = () if ids else (Problem("reviewers", _NOBODY_CHOSEN),)
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                made = assign_reviewers(work, proposal_id, ids)
        except Refused as refusal:
            problems = refusal.problems or (Problem("reviewers", refusal.text),)
        else:
            flash(
                t("มอบหมายผู้พิจารณาเพิ่ม %d คน", "%d reviewers assigned") % len(made)
                if made
                else t("ผู้พิจารณาที่เลือกได้รับมอบหมายอยู่แล้ว", "The chosen reviewers had it already")
            )
            return _back(proposal_id, "reviews")
    return _page(proposal_id, problems, Typed(chosen=frozenset(ids))), 422


@blueprint.post("/assignments/<int:assignment_id>/withdraw")
@needs(Permission.ASSIGN_REVIEWER)
def withdraw(assignment_id: int) -> Page:
    """Take an assignment back; with a reason once its reviewer has begun."""
    proposal_id = find_proposal(db.session(), current_actor(), assignment_id)
    why, problems = _read_why(assignment_id)
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                withdraw_assignment(work, assignment_id, why)
        except Refused as refusal:
            problems = _beside(assignment_id, refusal)
        else:
            flash(
                t("ยกเลิกการมอบหมายแล้ว ผู้พิจารณาได้รับแจ้ง", "The assignment is taken back, and the reviewer told")
            )
            return _back(proposal_id, "reviews")
    return _page(proposal_id, problems, Typed(assignment=assignment_id, why=why)), 422


@blueprint.post("/assignments/<int:assignment_id>/reassign")
@needs(Permission.ASSIGN_REVIEWER)
def reassign(assignment_id: int) -> Page:
    """Take an assignment back and give it to somebody else, in one step."""
    proposal_id = find_proposal(db.session(), current_actor(), assignment_id)
    why, problems = _read_why(assignment_id)
    chosen = request.form.get("instead", "")
    instead = read_id(chosen)
    if instead is None:
        problems = [*problems, Problem(f"instead-{assignment_id}", _NOBODY_INSTEAD)]
    elif not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                reassign_reviewer(work, assignment_id, instead, why)
        except Refused as refusal:
            problems = _beside(assignment_id, refusal)
        else:
            flash(t("เปลี่ยนผู้พิจารณาแล้ว ทั้งสองคนได้รับแจ้ง", "Given to somebody else; both are told"))
            return _back(proposal_id, "reviews")
    return _page(proposal_id, problems, Typed(assignment=assignment_id, why=why, instead=chosen)), 422


def _read_why(assignment_id: int) -> tuple[str, list[Problem]]:
    """The reason as typed, and what is wrong with it."""
    why = request.form.get("reason", "")
    if len(why) > _LONGEST_REASON:
        return why, [Problem(f"why-{assignment_id}", _TOO_LONG)]
    return why, []


def _beside(assignment_id: int, refusal: Refused) -> list[Problem]:
    """What is refused, at the field of the assignment's own form."""
    if not refusal.problems:
        return [Problem(f"why-{assignment_id}", refusal.text)]
    return [
        Problem(f"{'why' if p.place == 'reason' else 'instead'}-{assignment_id}", p.text)
        for p in refusal.problems
    ]


def _back(proposal_id: int, anchor: str) -> Response:
    return redirect(url_for("secretariat.proposal", proposal_id=proposal_id, _anchor=anchor), 303)


def _page(proposal_id: int, problems: Sequence[Problem] = (), typed: Typed | None = None) -> str:
    session, actor = db.session(), current_actor()
    filing = get_filing(session, actor, proposal_id)
    call = get_call_by_id(session, filing.call_id)
    run = find_latest_run(session, proposal_id)
    reviews = list_reviews(session, actor, proposal_id)
    round_, groups = _groups(filing, call, reviews)
    results = results_of(run) if run else []
    typed = typed or Typed()
    free = [c for _, people in groups for c in people if c.bar is None]
    return render_template(
        "secretariat/proposal.html",
        call=call,
        filing_=filing,
        run=run,
        results=results,
        evidence=evidence,
        reviews_=reviews,
        finished=[r for r in reviews if r.counts],
        round=round_,
        phase=PHASES[round_.phase] if round_ else None,
        states=ASSIGNMENT_STATES,
        kinds=STATE_KINDS,
        standing=STANDING_STATES,
        groups=groups,
        bars={c.person.user_id: c.bar for _, people in groups for c in people if not c.is_assigned},
        free=Options((str(c.person.user_id), c.person.name) for c in free).html(typed.instead),
        may_screen=filing.state in _SCREENABLE and run is not None,
        rules=Options((r.rule, r.name) for r in results if r.decides).html(typed.rule),
        outcomes=Options(OUTCOME_NAMES.items()).html(typed.outcome),
        typed=typed,
        longest_reason=_LONGEST_REASON,
        moves=list_moves(session, proposal_id),
        reason_of=reason_of,
        similar=list_pairs_of(session, actor, proposal_id) if may(actor, Permission.READ_OVERLAPS) else [],
        open_return=find_open_return(session, proposal_id) if filing.state == RETURNED else None,
        pending=count_pending(session, proposal_id),
        now=arrived(),
        problems=problems,
    )


def _groups(
    filing: Filing, call: CallView, reviews: Sequence[ReviewView]
) -> tuple[RoundFacts | None, list[tuple[Text, list[Candidate]]]]:
    """The round, and who could be given the proposal, by body; nobody where nothing can be assigned. While the agency
    revises it, the round is not asked for: nothing of it concerns the proposal then."""
    session = db.session()
    if filing.state == RETURNED:
        return None, []
    if filing.state not in REVIEWABLE_STATES:
        return get_round(session, call.id), []
    round_, people = read_crew(session, call.id)
    if round_.phase == LOCKED:
        return round_, []
    interests = read_interests(session, [filing.proposal_id], people)
    given = {r.reviewer_id: r for r in reviews}
    bodies: dict[Body, list[Candidate]] = {}
    for person in people.values():
        before = given.get(person.user_id)
        has_it = before is not None and before.state in STANDING_STATES
        bar = why_not(person.name, interests.standing(filing.proposal_id, person.user_id))
        bar = _HAS_IT if has_it else bar or person.full(person.load)
        bodies.setdefault(person.body, []).append(Candidate(person, has_it, bar, None if has_it else before))
    return round_, [(BODY_NAMES[body], bodies[body]) for body in Body if body in bodies]


def reason_of(move: MoveView) -> str:
    """Why a step was taken, as a person wrote it; the run's own number is no reason to read."""
    return "" if _RUN.fullmatch(move.reason) else move.reason
