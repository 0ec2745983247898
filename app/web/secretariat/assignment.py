"""One assignment: what became of it, and the two things that can be done with it: reopen it, take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.work import open_work
from app.proposals.states import REVIEWABLE_STATES
from app.reviews.actions import reopen_review
from app.reviews.actions.rounds import LONGEST_REASON, reopening_problems
from app.reviews.queries.hand_ins import count_saves
from app.reviews.queries.roll import get_roll_row
from app.reviews.rules import judge_opening
from app.reviews.states import ACCEPTED, ASSIGNMENT_STATES, LOCKED, PHASES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place
from app.web.language import language, t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.secretariat.assignments import STATE_KINDS
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]


@blueprint.get("/assignments/<int:assignment_id>")
@needs(Permission.ASSIGN_REVIEWER)
def assignment(assignment_id: int) -> str:
    """One assignment and what can be done with it."""
    return _page(assignment_id)


@blueprint.post("/assignments/<int:assignment_id>/reopen")
@needs(Permission.MANAGE_ROUND)
def reopen(assignment_id: int) -> Page:
    """Let its reviewer score until a moment, or tell everything that stands against it."""
    _, round_, row = get_roll_row(db.session(), current_actor(), assignment_id, arrived())
    until, wrong = TypedMoment.sent("until", request.form).read()
    reason = request.form.get("reason", "")
    problems: Sequence[Problem] = (
        *wrong,
        *reopening_problems(
            round_,
            assignment_state=row.state,
            proposal_state=row.proposal_state,
            until=until,
            reason=reason,
            now=arrived(),
        ),
    )
    if not problems and until is not None:
        try:
            with open_work(current_actor(), arrived()) as work:
                reopen_review(work, assignment_id, until, reason)
        except Refused as refusal:
            problems = refusal.problems or (Problem("assignment", refusal.text),)
        else:
            flash(t("เปิดให้ %s ให้คะแนนได้แล้ว", "Reopened for %s.") % row.reviewer.say(language()))
            return redirect(url_for("secretariat.assignment", assignment_id=assignment_id), 303)
    return _page(assignment_id, problems, request.form), 422


def _page(
    assignment_id: int, problems: Sequence[Problem] = (), typed: Mapping[str, str] | None = None
) -> str:
    session, actor, now = db.session(), current_actor(), arrived()
    call_id, round_, row = get_roll_row(session, actor, assignment_id, now)
    call = get_call_by_id(session, call_id)
    opening, why = judge_opening(
        round_,
        assignment_state=row.state,
        proposal_state=row.proposal_state,
        is_in=row.submitted_at is not None,
        reopened_until=row.reopened_until,
        now=now,
    )
    suggested = TypedMoment.of("until", now + timedelta(days=3))
    return render_template(
        "secretariat/assignment.html",
        call=call,
        round=round_,
        row=row,
        saves=count_saves(session, actor, assignment_id),
        opening=opening,
        why=why,
        may_reopen=row.state == ACCEPTED
        and row.proposal_state in REVIEWABLE_STATES
        and round_.phase != LOCKED,
        states=ASSIGNMENT_STATES,
        kinds=STATE_KINDS,
        phases=PHASES,
        until=TypedMoment.sent("until", typed) if typed is not None else suggested,
        reason=typed.get("reason", "") if typed is not None else "",
        months=MONTH_OPTIONS,
        longest=LONGEST_REASON,
        problems=problems,
        errors=by_place(problems),
        now=now,
    )
