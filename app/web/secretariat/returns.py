"""Questions about a filing, its return for revision, and what of this waits in a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call, get_call_by_id
from app.identity.rules import Permission
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import (
    ask_question,
    drop_question,
    edit_question,
    extend_return,
    recall_return,
    return_proposal,
)
from app.proposals.drafts import SECTIONS
from app.proposals.queries import (
    find_question,
    get_filing,
    list_pending,
    list_pending_of_call,
    list_returns,
    list_returns_of_call,
)
from app.proposals.returns import (
    LONGEST_MESSAGE,
    LONGEST_QUESTION,
    NO_CYCLE_LEFT,
    RETURNABLE_STATES,
    mark_of,
)
from app.screening.actions import screen_proposal
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Form, Paragraphs, read_id
from app.web.language import count, t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.questions import QuestionForm
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options

Page = str | Response | tuple[str, int]

_DUE = "return-due"
_SATURDAY = 5


class ReturnForm(Form):
    """The message that goes with a return; fields are named "return-…"."""

    message = Paragraphs(Text("ข้อความถึงหน่วยงาน", "The message"), longest=LONGEST_MESSAGE)

    def problems(self) -> tuple[Problem, ...]:
        return tuple(Problem(f"return-{p.place}", p.text) for p in super().problems())


class RecallForm(Form):
    """Why the last filing counts after all."""

    reason = Paragraphs(Text("เหตุผล", "The reason"), longest=2000)

    def problems(self) -> tuple[Problem, ...]:
        return tuple(Problem(f"recall-{p.place}", p.text) for p in super().problems())


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent, to show it again. `edited` is the question whose wording was being changed."""

    section: str = ""
    text: str = ""
    edited: int = 0
    due: TypedMoment | None = None
    message: str = ""
    sections: frozenset[str] = field(default_factory=frozenset)
    chosen: frozenset[int] | None = None
    reason: str = ""


@blueprint.get("/calls/<int:fiscal_year>/returns")
@needs(Permission.RETURN_PROPOSAL)
def returns(fiscal_year: int) -> str:
    """What is out for revision in a call, the overdue first, and the questions that wait to be sent."""
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    return render_template(
        "secretariat/returns.html",
        call=call,
        now=arrived(),
        open_returns=list_returns_of_call(session, actor, call.id),
        pending=list_pending_of_call(session, actor, call.id),
    )


@blueprint.get("/proposals/<int:proposal_id>/returns")
@needs(Permission.RETURN_PROPOSAL)
def proposal_returns(proposal_id: int) -> str:
    """Questions that wait, the form of a return, the one that is open, and those before."""
    return _page(proposal_id)


@blueprint.post("/proposals/<int:proposal_id>/questions")
@needs(Permission.RETURN_PROPOSAL)
def ask(proposal_id: int) -> Page:
    """Add a question; it waits with the others until they are sent."""
    form = QuestionForm(request.form, prefix="question")
    problems: Sequence[Problem] = form.problems()
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                ask_question(work, proposal_id, form.section.data, form.text.data)
        except Refused as refusal:
            problems = refusal.problems or (Problem("question-text", refusal.text),)
        else:
            flash(t("เพิ่มคำถามแล้ว ยังไม่ได้ส่งถึงหน่วยงาน", "The question is added. It has not been sent yet."))
            return _back(proposal_id, "pending")
    typed = Typed(section=form.typed("section"), text=form.typed("text"))
    return _page(proposal_id, problems, typed), 422


@blueprint.post("/questions/<int:question_id>")
@needs(Permission.RETURN_PROPOSAL)
def change_question(question_id: int) -> Page:
    """Mend the wording of a question that waits; the log keeps what was asked."""
    proposal_id = find_question(db.session(), current_actor(), question_id)
    form = QuestionForm(request.form, prefix="question")
    problems: Sequence[Problem] = form.problems()
    status = 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                edit_question(
                    work,
                    question_id,
                    form.section.data,
                    form.text.data,
                    request.form.get("question-seen", ""),
                )
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem("question-text", refusal.text),)
        else:
            flash(t("แก้ถ้อยคำของคำถามแล้ว", "The wording is changed"))
            return _back(proposal_id, f"question-{question_id}")
    here = [Problem(p.place.replace("question-", f"question-{question_id}-", 1), p.text) for p in problems]
    typed = Typed(section=form.typed("section"), text=form.typed("text"), edited=question_id)
    return _page(proposal_id, here, typed), status


@blueprint.post("/questions/<int:question_id>/drop")
@needs(Permission.RETURN_PROPOSAL)
def drop(question_id: int) -> Response:
    """Decide not to send a question."""
    with open_work(current_actor(), arrived()) as work:
        proposal_id = drop_question(work, question_id)
    flash(t("ตัดคำถามออกแล้ว ยังเก็บไว้ในประวัติ", "The question is dropped; it stays on record"))
    return _back(proposal_id, "pending")


@blueprint.post("/proposals/<int:proposal_id>/return")
@needs(Permission.RETURN_PROPOSAL)
def send_back(proposal_id: int) -> Page:
    """Give the filing back to its agency for revision."""
    form = ReturnForm(request.form, prefix="return")
    due = TypedMoment.sent(_DUE, request.form)
    due_at, unreadable = due.read()
    chosen = [read_id(typed) for typed in request.form.getlist("question")]
    sections = frozenset(request.form.getlist("return-sections"))
    if None in chosen or not sections <= SECTIONS.keys():
        raise NotFound()
    questions = frozenset(question for question in chosen if question is not None)
    problems: Sequence[Problem] = (*unreadable, *form.problems())
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                return_proposal(
                    work,
                    proposal_id,
                    due_at=due_at,
                    sections=sections,
                    message=form.message.data,
                    question_ids=questions,
                )
        except Refused as refusal:
            problems = refusal.problems or (Problem("return", refusal.text),)
        else:
            flash(t("ส่งคืนให้หน่วยงานแก้ไขแล้ว", "The proposal is returned to its agency"))
            return _back(proposal_id, "open")
    typed = Typed(due=due, message=form.typed("message"), sections=sections, chosen=questions)
    return _page(proposal_id, problems, typed), 422


@blueprint.post("/proposals/<int:proposal_id>/return/extend")
@needs(Permission.RETURN_PROPOSAL)
def more_time(proposal_id: int) -> Page:
    """Give the agency until a later moment."""
    due = TypedMoment.sent(_DUE, request.form)
    due_at, unreadable = due.read()
    problems: Sequence[Problem] = unreadable
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                extend_return(work, proposal_id, due_at)
        except Refused as refusal:
            problems = refusal.problems or (Problem(_DUE, refusal.text),)
        else:
            flash(
                t("ขยายเวลาแก้ไขแล้ว และแจ้งกำหนดใหม่ให้หน่วยงานทราบ", "More time is given, and the agency is told")
            )
            return _back(proposal_id, "open")
    return _page(proposal_id, problems, Typed(due=due)), 422


@blueprint.post("/proposals/<int:proposal_id>/return/recall")
@needs(Permission.RETURN_PROPOSAL)
def recall(proposal_id: int) -> Page:
    """Let the last filing count, and screen it again."""
    form = RecallForm(request.form, prefix="recall")
    problems: Sequence[Problem] = form.problems()
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                recall_return(work, proposal_id, form.reason.data)
                screen_proposal(work, proposal_id)
        except Refused as refusal:
            problems = refusal.problems or (Problem("recall-reason", refusal.text),)
        else:
            flash(t("ใช้ฉบับที่ยื่นล่าสุดและกลั่นกรองแล้ว", "The last filing counts, and is screened"))
            return _back(proposal_id, "history")
    return _page(proposal_id, problems, Typed(reason=form.typed("reason"))), 422


def _back(proposal_id: int, anchor: str) -> Response:
    return redirect(url_for("secretariat.proposal_returns", proposal_id=proposal_id, _anchor=anchor), 303)


def _page(proposal_id: int, problems: Sequence[Problem] = (), typed: Typed | None = None) -> str:
    session, actor, now = db.session(), current_actor(), arrived()
    filing = get_filing(session, actor, proposal_id)
    call = get_call_by_id(session, filing.call_id)
    cycles = list_returns(session, actor, proposal_id)
    pending = list_pending(session, actor, proposal_id)
    typed = typed or Typed()
    names = Options(SECTIONS.items())
    most = call.limits.revision_cycles
    is_returnable = filing.state in RETURNABLE_STATES
    return render_template(
        "secretariat/return.html",
        call=call,
        filing_=filing,
        now=now,
        open_=next((r for r in cycles if r.state == "open"), None),
        cycles=cycles,
        pending=pending,
        marks={q.id: mark_of(q.text) for q in pending},
        sections=SECTIONS,
        section_options=names,
        is_returnable=is_returnable,
        none_left=NO_CYCLE_LEFT.fill(most=most) if len(cycles) >= most else None,
        most=count(most),
        due=typed.due or TypedMoment.of(_DUE, _usual(now)),
        months=MONTH_OPTIONS,
        typed=typed,
        longest_question=LONGEST_QUESTION,
        longest_message=LONGEST_MESSAGE,
        problems=problems,
    )


def _usual(now: datetime) -> datetime:
    """What is offered first: a week from now, or the next working day after that, at the end of office hours."""
    day = now.astimezone(BANGKOK) + timedelta(days=7)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day.replace(hour=16, minute=30, second=0, microsecond=0)
