"""An assignment plan is applied, after a preview of exactly what will happen, or dropped."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.work import open_work
from app.reviews import actions
from app.reviews.actions.plans import fault_words, foresee
from app.reviews.planning.facts import by_proposal
from app.reviews.queries.plans import get_plan
from app.reviews.states import LOCKED
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.plan import Looked, look_at
from app.web.signing import current_actor


@blueprint.post("/assignment-plans/<int:plan_id>/drop")
@needs(Permission.ASSIGN_REVIEWER)
def drop_assignment_plan(plan_id: int) -> Response:
    """Drop a plan."""
    fiscal_year = get_plan(db.session(), current_actor(), plan_id).fiscal_year
    with open_work(current_actor(), arrived()) as work:
        actions.drop_plan(work, plan_id, read_id(request.form.get("version")) or 0)
    flash(t("ยกเลิกแผนแล้ว ไม่มีสิ่งใดถูกมอบหมาย", "The plan is dropped. Nothing was assigned."))
    return redirect(url_for("secretariat.assignment_plans", fiscal_year=fiscal_year), 303)


@blueprint.get("/assignment-plans/<int:plan_id>/apply")
@needs(Permission.ASSIGN_REVIEWER)
def preview_assignment_plan(plan_id: int) -> str:
    """Exactly what applying would do."""
    return _preview(look_at(plan_id))


def _preview(looked: Looked, problems: Sequence[Problem] = ()) -> str:
    standings = looked.standings
    effect = foresee(standings, looked.plan.seats)
    of = by_proposal(effect.given)
    new: dict[int, int] = {}
    for seat in effect.given:
        new[seat.reviewer] = new.get(seat.reviewer, 0) + 1
    situation = standings.situation
    crowded = [
        standings.filed[proposal]
        for proposal, seats in of.items()
        if len(seats) + len(situation.kept_of.get(proposal, ()))
        > sum(panel.seats for panel in situation.panels_of[proposal])
    ]
    return render_template(
        "secretariat/assignment_plan_apply.html",
        crowded=crowded,
        call=looked.call,
        plan=looked.plan,
        is_open=looked.is_open,
        is_locked=looked.plan.round.phase == LOCKED,
        effect=effect,
        fault_list=[fault_words(f, standings) for f in effect.faults],
        missing=looked.reckoning.missing,
        islands=looked.reckoning.islands,
        people=[(situation.reviewer[r].name, n) for r, n in sorted(new.items())],
        rows=[(standings.filed[p], looked.people_of(p, of)) for p in standings.filed if p in of],
        taken_back=[(standings.filed[p], situation.reviewer[r].name) for (p, r), _ in effect.taken_back],
        problems=problems,
    )


@blueprint.post("/assignment-plans/<int:plan_id>/apply")
@needs(Permission.ASSIGN_REVIEWER)
def apply_assignment_plan(plan_id: int) -> Response | tuple[str, int]:
    """Assign all of it, or nothing."""
    plan = get_plan(db.session(), current_actor(), plan_id)
    try:
        with open_work(current_actor(), arrived()) as work:
            effect = actions.apply_plan(work, plan_id, read_id(request.form.get("version")) or 0)
    except Refused as refusal:
        return _preview(look_at(plan_id), refusal.problems or [Problem("confirm", refusal.text)]), 422
    flash(
        t(
            "มอบหมายแล้ว {n} รายการ ผู้พิจารณาได้รับแจ้งคนละหนึ่งฉบับ",
            "{n} assignments are made. Each reviewer is told in one letter.",
        ).format(n=f"{len(effect.given):,}")
    )
    return redirect(url_for("secretariat.assignments", fiscal_year=plan.fiscal_year), 303)
