"""The discussion of a proposal for one of its reviewers: opened once the own scores are in, and none of it before."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions.discussing import take_back_note, write_note
from app.reviews.queries import Sealed, get_cover
from app.reviews.queries.discussions import get_own_discussion
from app.reviews.rules import Opening
from app.web.arrival import arrived
from app.web.discussions import discussion_fields
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.reviewer.desk import blueprint
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]


@blueprint.get("/assignments/<int:assignment_id>/discussion")
@needs(Permission.DISCUSS_PROPOSAL)
def discussion(assignment_id: int) -> Page:
    """The reviews side by side and what was said."""
    try:
        return _page(assignment_id)
    except Sealed as sealed:
        return _sealed_page(assignment_id, sealed.text)


@blueprint.post("/assignments/<int:assignment_id>/discussion")
@needs(Permission.DISCUSS_PROPOSAL)
def discuss(assignment_id: int) -> Page:
    """Say something, or take a note of one's own back."""
    session, actor = db.session(), current_actor()
    typed = request.form.get("note", "")
    takes_back = request.form.get("act") == "take_back"
    try:
        own, _ = get_own_discussion(session, actor, assignment_id)
        with open_work(actor, arrived()) as work:
            if takes_back:
                note_id = read_id(request.form.get("id"))
                if note_id is None:
                    raise NotFound()
                take_back_note(work, own.proposal_id, note_id)
            else:
                write_note(work, own.proposal_id, typed)
    except Sealed as sealed:
        return _sealed_page(assignment_id, sealed.text, typed)
    except Refused as refusal:
        problems = refusal.problems or (Problem("note", refusal.text),)
        return _page(assignment_id, problems, typed), 422
    flash(
        t("ถอนข้อความแล้ว", "The note is taken back") if takes_back else t("บันทึกข้อความแล้ว", "Your note is kept")
    )
    return redirect(url_for("reviewer.discussion", assignment_id=assignment_id, _anchor="thread"), 303)


def _page(assignment_id: int, problems: Sequence[Problem] = (), typed: str = "") -> str:
    session = db.session()
    own, found = get_own_discussion(session, current_actor(), assignment_id)
    opening, _ = own.opening(arrived())
    return render_template(
        "reviewer/discussion.html",
        call=get_call_by_id(session, found.call_id),
        own=own,
        may_score=opening in (Opening.FINAL, Opening.AGAIN),
        owes_final=found.owes_final(own.id),
        typed=typed,
        problems=problems,
        **discussion_fields(found, own.rubric),
    )


def _sealed_page(assignment_id: int, why: Text, typed: str = "") -> tuple[str, int]:
    """Why nothing of the discussion is shown; what was typed is kept to be copied."""
    session = db.session()
    cover = get_cover(session, current_actor(), assignment_id)
    call = get_call_by_id(session, cover.call_id)
    page = render_template("reviewer/discussion_sealed.html", call=call, cover=cover, why=why, typed=typed)
    return page, 422
