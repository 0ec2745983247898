"""Assignment plans of a call: the list, and having one computed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews import actions
from app.reviews.actions.plans import result_of
from app.reviews.planning.apart import PlanFailed, compute_apart
from app.reviews.planning.costs import TABLE
from app.reviews.planning.facts import Keep, PlanSettings
from app.reviews.planning.reckoning import reckon
from app.reviews.queries.plans import list_plans, read_situation
from app.reviews.queries.rounds import get_round
from app.reviews.states import LOCKED
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Choice, Form, WholeNumber, by_place
from app.web.language import t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.plan import KEEP_NAMES, STATE_TAGS
from app.web.signing import current_actor

KEEP_HELP = {
    Keep.ALL: Text("แผนเติมเฉพาะที่นั่งที่ว่าง", "The plan fills empty seats only."),
    Keep.ANSWERED: Text(
        "เรื่องที่แผนมอบให้ผู้อื่นจะถูกเรียกคืนเมื่อใช้แผน", "What it gives to others is taken back when it is applied."
    ),
}
NO_PROPOSALS = Text(
    "ยังไม่มีข้อเสนอที่ผ่านการกลั่นกรองและรอพิจารณาในรอบนี้",
    "No proposal of this call has passed screening and waits for reviews",
)
NO_REVIEWERS = Text("ยังไม่มีผู้พิจารณาที่ใช้งานอยู่", "There are no active reviewers")
ALL_FILLED = Text(
    "ทุกข้อเสนอมีผู้พิจารณาครบตามที่นั่งแล้ว ไม่มีสิ่งใดต้องมอบหมาย",
    "Every proposal has as many reviewers as it has seats; there is nothing to assign",
)
FAILED = Text(
    "คำนวณแผนไม่สำเร็จ ยังไม่มีสิ่งใดเปลี่ยน กรุณาลองใหม่หรือแจ้งผู้ดูแลระบบ",
    "The plan could not be computed and nothing has changed; try again, or tell an administrator",
)
ROUND_IS_LOCKED = Text("รอบพิจารณาปิดแล้ว", "The round is locked")


class PlanForm(Form):
    """What a plan is asked for."""

    seed = WholeNumber(Text("เลขตั้งต้น", "Seed"), needed=True, high=2**31 - 1)
    keep = Choice(
        Text("การมอบหมายเดิม", "Assignments there are"), offered=[k.value for k in Keep], needed=True
    )


@blueprint.get("/calls/<int:fiscal_year>/assignment-plans")
@needs(Permission.ASSIGN_REVIEWER)
def assignment_plans(fiscal_year: int) -> str:
    """The plans of a call, and the form for one more."""
    call = get_call(db.session(), fiscal_year)
    return _plans_page(call, {"seed": str(1 + secrets.randbelow(9999)), "keep": Keep.ALL.value})


def _plans_page(call: CallView, typed: dict[str, str], problems: Sequence[Problem] = ()) -> str:
    session, actor = db.session(), current_actor()
    return render_template(
        "secretariat/assignment_plans.html",
        call=call,
        plans=list_plans(session, actor, call.id),
        round=get_round(session, call.id),
        tags=STATE_TAGS,
        typed=typed,
        keeps=[(k.value, t(n.th, n.en), t(KEEP_HELP[k].th, KEEP_HELP[k].en)) for k, n in KEEP_NAMES.items()],
        table=TABLE,
        problems=problems,
        errors=by_place(problems),
        locked=LOCKED,
    )


@blueprint.post("/calls/<int:fiscal_year>/assignment-plans")
@needs(Permission.ASSIGN_REVIEWER)
def make_assignment_plan(fiscal_year: int) -> Response | tuple[str, int]:
    """Have a plan computed, and keep it."""
    session = db.session()
    call = get_call(session, fiscal_year)
    form = PlanForm(request.form)
    typed = {"seed": form.typed("seed"), "keep": form.typed("keep")}
    if problems := form.problems():
        return _plans_page(call, typed, problems), 422
    settings = PlanSettings(form.seed.data, Keep(form.keep.data))
    round_ = get_round(session, call.id)
    standings = read_situation(session, call, round_, settings.keep)
    session.rollback()  # nothing is held while the plan is computed
    situation = standings.situation
    bar = None
    if round_.phase == LOCKED:
        bar = ROUND_IS_LOCKED
    elif not situation.subjects:
        bar = NO_PROPOSALS
    elif not any(r.is_active for r in situation.reviewers):
        bar = NO_REVIEWERS
    elif not situation.open_seats:
        bar = ALL_FILLED
    if bar is not None:
        return _plans_page(call, typed, [Problem("seed", bar)]), 422
    try:
        seats, exchanges, _ = compute_apart(situation, settings.seed)
    except PlanFailed:
        current_app.logger.exception("a plan of assignments was not computed")
        return _plans_page(call, typed, [Problem("seed", FAILED)]), 422
    result = result_of(reckon(situation, seats)) | {"exchanges": exchanges}
    with open_work(current_actor(), arrived()) as work:
        plan_id = actions.make_plan(work, call.id, settings, seats, result)
    flash(t("จัดทำแผนแล้ว ยังไม่ได้มอบหมาย", "The plan is made. Nothing is assigned yet."))
    return redirect(url_for("secretariat.assignment_plan", plan_id=plan_id), 303)
