"""The cover of an assignment: what it is, and the reviewer's answer before reading; why one cannot be opened."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import accept_assignment, declare_conflict, decline_assignment
from app.reviews.conflicts import GROUND_NAMES
from app.reviews.queries import get_cover
from app.reviews.states import GIVEN, PHASES, STANDING_STATES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Choice, Form, Paragraphs
from app.web.language import t
from app.web.reviewer.desk import blueprint
from app.web.signing import current_actor

NO_CONFLICT, CONFLICT, CANNOT = "accept", "conflict", "decline"
ANSWERS = (NO_CONFLICT, CONFLICT, CANNOT)
LONGEST_REASON = 2000


class AnswerForm(Form):
    """What a reviewer answers before reading; both ways out want a reason, which the actions ask for."""

    answer = Choice(Text("คำตอบ", "your answer"), needed=True, offered=ANSWERS)
    answer_reason = Paragraphs(Text("เหตุผล", "The reason"), longest=LONGEST_REASON)


def cover_page(assignment_id: int, form: AnswerForm | None = None, problems: Sequence[Problem] = ()) -> str:
    """The page of an assignment that cannot be opened (yet). Raises `NotFound`."""
    session = db.session()
    cover = get_cover(session, current_actor(), assignment_id)
    call = get_call_by_id(session, cover.call_id)
    return render_template(
        "reviewer/cover.html",
        call=call,
        cover=cover,
        stage=call.plan.name("stages", cover.stage) if cover.stage else None,
        phase=PHASES[cover.round.phase],
        decisive=cover.standing.decisive,
        grounds=GROUND_NAMES,
        is_asked=cover.state in STANDING_STATES,
        may_accept=cover.state == GIVEN and cover.standing.is_clear,
        problems=problems,
        **answer_fields(assignment_id, form),
    )


def answer_fields(assignment_id: int, form: AnswerForm | None = None) -> dict[str, str | int]:
    """What `reviewer/answer.html` shows, beside `may_accept` and `errors`."""
    return {
        "answer_url": url_for("reviewer.answer", assignment_id=assignment_id),
        "chosen": form.typed("answer") if form else "",
        "typed_answer": form.typed("answer_reason") if form else "",
        "longest_reason": LONGEST_REASON,
    }


@blueprint.post("/assignments/<int:assignment_id>/answer")
@needs(Permission.SCORE_PROPOSAL)
def answer(assignment_id: int) -> Response | tuple[str, int]:
    """No conflict of interest, a conflict, or no time: then the desk, or the list."""
    form = AnswerForm(request.form)
    problems = form.problems()
    if not problems:
        chosen, reason = form.answer.data, form.answer_reason.data
        try:
            with open_work(current_actor(), arrived()) as work:
                if chosen == NO_CONFLICT:
                    accept_assignment(work, assignment_id)
                elif chosen == CONFLICT:
                    declare_conflict(work, assignment_id, reason)
                else:
                    decline_assignment(work, assignment_id, reason)
        except Refused as refusal:
            place = (
                "answer_reason" if refusal.problems else "answer"
            )  # the form of the desk has a reason of its own
            problems = (Problem(place, refusal.text),)
        else:
            flash(_thanks(chosen))
            here = url_for("reviewer.review", assignment_id=assignment_id)
            return redirect(here if chosen == NO_CONFLICT else url_for("reviewer.home"), 303)
    return cover_page(assignment_id, form, problems), 422


def _thanks(chosen: str) -> str:
    if chosen == NO_CONFLICT:
        return t(
            "บันทึกแล้วว่าท่านไม่มีผลประโยชน์ทับซ้อน ขณะนี้ท่านเปิดอ่านและให้คะแนนได้",
            "It is recorded that you have no conflict of interest. You can read and score now.",
        )
    if chosen == CONFLICT:
        return t(
            "บันทึกผลประโยชน์ทับซ้อนแล้ว ท่านถอนตัวจากข้อเสนอนี้ และฝ่ายเลขานุการได้รับแจ้ง",
            "Your conflict of interest is recorded. You are recused, and the secretariat has been told.",
        )
    return t(
        "บันทึกแล้วว่าท่านไม่พิจารณาข้อเสนอนี้ และฝ่ายเลขานุการได้รับแจ้ง",
        "It is recorded that you do not review this proposal. The secretariat has been told.",
    )
