"""What I declare before reading: my ties with agencies, and what I said of proposals that were given to me."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.queries import list_agencies
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import declare_tie, end_tie, retract_conflict
from app.reviews.conflicts import TIE_NAMES, Ground
from app.reviews.queries.register import count_free, count_held, list_own_declarations, list_ties
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Choice, Form, Paragraphs, read_id
from app.web.language import count, say, t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.reviewer.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options

LONGEST_NOTE = 1000

Page = Response | tuple[str, int]


class TieForm(Form):
    agency = Choice(Text("หน่วยงาน", "The agency"), needed=True)
    tie = Choice(Text("ความเกี่ยวข้อง", "The tie"), needed=True, offered=[g.value for g in TIE_NAMES])
    note = Paragraphs(Text("คำอธิบาย", "The note"), longest=LONGEST_NOTE)


class ReasonForm(Form):
    reason = Paragraphs(Text("เหตุผล", "The reason"), longest=LONGEST_NOTE)


@blueprint.get("/interests")
@needs(Permission.DECLARE_INTEREST)
def interests() -> str:
    """My ties and my words."""
    return _page()


@blueprint.post("/interests")
@needs(Permission.DECLARE_INTEREST)
def declare() -> Page:
    """Declare a tie with an agency."""
    form = TieForm(request.form)
    form.agency.offered = {str(a.id) for a in list_agencies(db.session())}
    problems = list(form.problems())
    typed_day = TypedMoment.sent("left_on", request.form)
    left_on = None
    if typed_day.day or typed_day.month or typed_day.year:
        left_on, wrong = typed_day.read_day()
        problems += wrong
    if not problems:
        agency_id = read_id(form.agency.data)
        if agency_id is None:
            raise NotFound()
        try:
            with open_work(current_actor(), arrived()) as work:
                declare_tie(work, agency_id, Ground(form.tie.data), left_on=left_on, note=form.note.data)
        except Refused as refusal:
            problems = list(refusal.problems)
        else:
            held = count_held(db.session(), current_actor())
            rest = t(
                " ขณะนี้มีข้อเสนอของท่าน %s รายการที่เปิดไม่ได้จนกว่าฝ่ายเลขานุการจะวินิจฉัย",
                " Proposals of yours that now wait for the secretariat's word: %s.",
            )
            flash(t("บันทึกแล้ว", "Recorded.") + (rest % count(held) if held else ""))
            return redirect(url_for("reviewer.interests"), 303)
    return _page(problems, request.form), 422


@blueprint.post("/interests/<int:tie_id>/end")
@needs(Permission.DECLARE_INTEREST)
def end_interest(tie_id: int) -> Page:
    """Take a tie back; it stays in the register as taken back."""
    try:
        with open_work(current_actor(), arrived()) as work:
            end_tie(work, tie_id)
    except Refused as refusal:
        return _page([Problem(f"tie-{tie_id}", refusal.text)]), 422
    flash(t("ถอนคำแจ้งแล้ว", "Taken back"))
    return redirect(url_for("reviewer.interests"), 303)


@blueprint.post("/interests/proposals/<int:proposal_id>/retract")
@needs(Permission.DECLARE_INTEREST)
def retract(proposal_id: int) -> Page:
    """Take back a conflict I declared by mistake."""
    form = ReasonForm(request.form, prefix=f"retract-{proposal_id}")
    problems: Sequence[Problem] = form.problems()
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                retract_conflict(work, proposal_id, form.reason.data)
        except Refused as refusal:
            problems = refusal.problems
        else:
            flash(
                t(
                    "ถอนคำแจ้งแล้ว ฝ่ายเลขานุการเป็นผู้พิจารณาว่าจะมอบหมายข้อเสนอนี้ให้ท่านอีกหรือไม่",
                    "Taken back. Whether you are given this proposal again is for the secretariat to say.",
                )
            )
            return redirect(url_for("reviewer.interests"), 303)
    placed = [Problem(f"retract-{proposal_id}-{p.place}", p.text) for p in problems]
    return _page(placed, request.form), 422


def _page(problems: Sequence[Problem] = (), typed: Mapping[str, str] | None = None) -> str:
    session, actor = db.session(), current_actor()
    typed = typed or {}
    agencies = Options((str(a.id), a.name) for a in list_agencies(session))
    return render_template(
        "reviewer/interests.html",
        ties=list_ties(session, actor),
        declarations=list_own_declarations(session, actor),
        free=count_free(session, actor),
        held=count_held(session, actor),
        agencies=agencies.html(typed.get("agency", "")),
        tie_names=TIE_NAMES,
        choices=[(g.value, say(name), "") for g, name in TIE_NAMES.items()],
        typed=typed,
        left_on=TypedMoment.sent("left_on", typed),
        months=MONTH_OPTIONS,
        problems=problems,
        longest=LONGEST_NOTE,
    )
