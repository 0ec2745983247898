"""One filed proposal: facts, findings with judgements beside them, reviewers, history."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import BODY_NAMES, Body
from app.identity.queries import list_reviewers
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Outcome, Problem
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
from app.reviews.actions import assign_reviewers, withdraw_assignment
from app.reviews.actions.assigning import why_not
from app.reviews.conflicts import Standing
from app.reviews.queries import ReviewView, list_reviews, read_interests
from app.reviews.queries.overview import reviewer_loads
from app.reviews.states import STANDING_STATES
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
    """A reviewer who could be given the proposal: `bar` says why not."""

    user_id: int
    name: Text
    given: int
    done: int
    is_assigned: bool
    bar: Text | None


_CONFLICT = Text(
    "สังกัดหน่วยงานของข้อเสนอนี้ (ผลประโยชน์ทับซ้อน)", "belongs to an agency of this proposal (conflict of interest)"
)
_HAS_IT = Text("ได้รับมอบหมายแล้ว", "has it already")


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
    typed = {name: form.typed(name) for name in ("rule", "outcome", "reason")}
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
    return _page(proposal_id, problems, chosen=frozenset(ids)), 422


@blueprint.post("/assignments/<int:assignment_id>/withdraw")
@needs(Permission.ASSIGN_REVIEWER)
def withdraw(assignment_id: int) -> Response:
    """Take back an assignment nobody has begun to score."""
    with open_work(current_actor(), arrived()) as work:
        proposal_id = withdraw_assignment(work, assignment_id)
    flash(t("ถอนการมอบหมายแล้ว", "The assignment is taken back"))
    return _back(proposal_id, "reviews")


def _back(proposal_id: int, anchor: str) -> Response:
    return redirect(url_for("secretariat.proposal", proposal_id=proposal_id, _anchor=anchor), 303)


def candidates(
    people: Sequence[tuple[int, Text, Body, frozenset[int]]],
    standings: Mapping[int, Standing],
    assigned: frozenset[int],
    loads: dict[int, tuple[int, int]],
) -> list[tuple[Text, list[Candidate]]]:
    """Reviewers by body; those who have the proposal, or are in conflict, with the reason why not."""
    bodies: dict[Body, list[Candidate]] = {}
    for user_id, name, body, _ in people:
        has_it = user_id in assigned
        bar = _HAS_IT if has_it else why_not(name, standings[user_id])
        bodies.setdefault(body, []).append(
            Candidate(user_id, name, *loads.get(user_id, (0, 0)), is_assigned=has_it, bar=bar)
        )
    return [(BODY_NAMES[body], bodies[body]) for body in Body if body in bodies]


def _page(
    proposal_id: int,
    problems: Sequence[Problem] = (),
    typed: dict[str, str] | None = None,
    chosen: frozenset[int] = frozenset(),
) -> str:
    session, actor = db.session(), current_actor()
    filing = get_filing(session, actor, proposal_id)
    call = get_call_by_id(session, filing.call_id)
    run = find_latest_run(session, proposal_id)
    reviews = list_reviews(session, actor, proposal_id)
    results = results_of(run) if run else []
    typed = typed or {"rule": "", "outcome": "", "reason": ""}
    return render_template(
        "secretariat/proposal.html",
        call=call,
        filing_=filing,
        run=run,
        results=results,
        evidence=evidence,
        reviews_=reviews,
        finished=[r for r in reviews if r.submitted_at],
        groups=_groups(filing, call, reviews),
        chosen=chosen,
        may_screen=filing.state in _SCREENABLE and run is not None,
        rules=Options((r.rule, r.name) for r in results if r.decides).html(typed["rule"]),
        outcomes=Options(OUTCOME_NAMES.items()).html(typed["outcome"]),
        typed=typed,
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
) -> list[tuple[Text, list[Candidate]]]:
    if filing.state not in REVIEWABLE_STATES:
        return []
    session = db.session()
    assigned = frozenset(r.reviewer_id for r in reviews if r.state in STANDING_STATES)
    loads = dict(reviewer_loads(session, call.id))
    people = list_reviewers(session)
    interests = read_interests(session, [filing.proposal_id], [person[0] for person in people])
    standings = {person[0]: interests.standing(filing.proposal_id, person[0]) for person in people}
    return candidates(people, standings, assigned, loads)


def reason_of(move: MoveView) -> str:
    """Why a step was taken, as a person wrote it; the run's own number is no reason to read."""
    return "" if _RUN.fullmatch(move.reason) else move.reason
