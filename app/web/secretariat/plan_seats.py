"""One proposal of an assignment plan: who might review it instead, and what each change costs."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.facts import BODY_NAMES
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews import actions
from app.reviews.planning.changes import weigh_changes, weigh_removal
from app.reviews.planning.costs import MATCH_NAMES
from app.reviews.planning.facts import by_proposal
from app.reviews.queries.plans import get_plan
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place, read_id
from app.web.language import t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.plan import Looked, look_at
from app.web.signing import current_actor

NOT_OPEN = Text("แผนนี้ใช้หรือยกเลิกไปแล้ว จึงปรับไม่ได้", "This plan was applied or dropped and cannot be adjusted")


@blueprint.get("/assignment-plans/<int:plan_id>/proposals/<int:proposal_id>")
@needs(Permission.ASSIGN_REVIEWER)
def adjust_plan(plan_id: int, proposal_id: int) -> str:
    """Every reviewer for one proposal, with what each would cost."""
    looked = look_at(plan_id)
    return _adjust_page(looked, proposal_id, read_id(request.args.get("instead")))


def _adjust_page(
    looked: Looked, proposal_id: int, instead: int | None, problems: Sequence[Problem] = ()
) -> str:
    situation, reckoning = looked.standings.situation, looked.reckoning
    filed = looked.standings.filed.get(proposal_id)
    if filed is None:
        raise NotFound()
    planned = [s.reviewer for s in reckoning.seats if s.proposal == proposal_id]
    if instead not in planned:
        instead = None
    of = by_proposal((*situation.kept, *reckoning.seats))
    removals = {
        reviewer: weigh_removal(situation, reckoning.seats, proposal_id, reviewer) for reviewer in planned
    }
    faulty = [f for f in reckoning.faults if f.seat.proposal == proposal_id]
    subject = situation.subject[proposal_id]
    plan = looked.call.plan
    return render_template(
        "secretariat/assignment_plan_seat.html",
        call=looked.call,
        plan=looked.plan,
        filed=filed,
        is_open=looked.is_open,
        not_open=NOT_OPEN,
        facts=[
            (t("หน่วยงาน", "Agency"), t(filed.agency.th, filed.agency.en)),
            (t("แนวทาง", "Guideline"), _named(subject.guideline, plan.name("guidelines", subject.guideline))),
            (t("ด้านที่มุ่งเน้น", "Focus area"), _named("", plan.name("focus_areas", subject.focus_area))),
            (t("ที่นั่ง", "Seats"), str(sum(p.seats for p in situation.panels_of[proposal_id]))),
        ],
        people=looked.people_of(proposal_id, of),
        removals=removals,
        faulty=[
            (
                f,
                situation.reviewer[f.seat.reviewer].name
                if f.seat.reviewer in situation.reviewer
                else Text("–", "–"),
            )
            for f in faulty
        ],
        instead=instead,
        instead_name=situation.reviewer[instead].name if instead is not None else None,
        changes=weigh_changes(situation, reckoning.seats, proposal_id, instead) if looked.is_open else [],
        share=situation.share,
        matches=MATCH_NAMES,
        bodies=BODY_NAMES,
        problems=problems,
        errors=by_place(problems),
    )


def _named(code: str, name: Text) -> str:
    return t(f"{code} {name.th}", f"{code} {name.en}").strip()


@blueprint.post("/assignment-plans/<int:plan_id>/proposals/<int:proposal_id>")
@needs(Permission.ASSIGN_REVIEWER)
def change_plan_seat(plan_id: int, proposal_id: int) -> Response | tuple[str, int]:
    """Replace, add or take out one reviewer."""
    get_plan(db.session(), current_actor(), plan_id)
    reviewer_id = read_id(request.form.get("reviewer"))
    instead = read_id(request.form.get("instead"))
    try:
        with open_work(current_actor(), arrived()) as work:
            actions.change_seat(
                work,
                plan_id,
                read_id(request.form.get("version")) or 0,
                proposal_id,
                reviewer_id=reviewer_id,
                instead=instead,
            )
    except Refused as refusal:
        problems = refusal.problems or [Problem("people", refusal.text)]
        return _adjust_page(look_at(plan_id), proposal_id, instead, problems), 422
    flash(t("ปรับแผนแล้ว ยังไม่ได้มอบหมาย", "The plan is adjusted. Nothing is assigned yet."))
    return redirect(url_for("secretariat.adjust_plan", plan_id=plan_id, proposal_id=proposal_id), 303)
