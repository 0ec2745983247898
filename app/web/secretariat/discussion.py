"""The discussion of one proposal: the reviews side by side, what was said, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work, open_work
from app.reviews.actions.discussing import record_outcome, take_back_note, write_note
from app.reviews.design import Refusal
from app.reviews.queries.calibration import list_discordant
from app.reviews.queries.counted import read_reviews_of_call
from app.reviews.queries.discussions import get_discussion
from app.reviews.threads import CONCLUSION_NAMES, Conclusion
from app.web.arrival import arrived
from app.web.discussions import discussion_fields
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import say
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

NOTE, OUTCOME = "note", "outcome"
OUTCOME_WANTED = Text("กรุณาเลือกผลการหารือ", "Choose what the discussion came to")
_MEANS = {
    Conclusion.STANDS: Text(
        "ไม่ขอคะแนนใหม่ ผู้พิจารณายังเปลี่ยนได้เองในขั้นคะแนนสุดท้าย",
        "No new scores are asked for. Reviewers may still change theirs while final scores are taken.",
    ),
    Conclusion.RESCORE: Text(
        "ผู้พิจารณาทุกคนของข้อเสนอนี้ให้คะแนนสุดท้ายพร้อมเหตุผล เมื่อรอบเข้าสู่ขั้นคะแนนสุดท้าย",
        "Every reviewer of this proposal gives a final score with a reason once the round takes final scores.",
    ),
    Conclusion.MEETING: Text(
        "ความเห็นยังต่างกัน ให้ที่ประชุมคณะกรรมการเป็นผู้ชี้ขาด",
        "The views stay apart; the committee settles it at its meeting.",
    ),
}


@blueprint.get("/proposals/<int:proposal_id>/discussion")
@needs(Permission.MANAGE_ROUND)
def discussion(proposal_id: int) -> str:
    """The thread, what it is about, and the form of its outcome."""
    return _page(proposal_id)


@blueprint.post("/proposals/<int:proposal_id>/discussion")
@needs(Permission.MANAGE_ROUND)
def discuss(proposal_id: int) -> Page:
    """Say something, record the outcome, or take a note of one's own back; what stands in the other fields stays."""
    typed = {name: request.form.get(name, "") for name in (NOTE, OUTCOME, "text")}
    act = request.form.get("act", NOTE)
    if act == NOTE and not typed[NOTE].strip() and (typed[OUTCOME] or typed["text"].strip()):
        act = OUTCOME  # the Enter key presses the first button of a form, whatever was filled in
    problems: Sequence[Problem] = ()
    status, anchor = 422, "outcome-head" if act == OUTCOME else "thread"
    if act == OUTCOME and typed[OUTCOME] not in set(Conclusion):
        problems = [Problem(OUTCOME, OUTCOME_WANTED)]
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                done = _do(work, proposal_id, act, typed)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem(act if act == OUTCOME else NOTE, refusal.text),)
        else:
            flash(say(done))
            typed |= {OUTCOME: "", "text": ""} if act == OUTCOME else {NOTE: ""} if act == NOTE else {}
            if any(value.strip() for value in typed.values()):
                return _page(proposal_id, typed=typed)  # the other form is not sent yet, and must not be lost
            return redirect(url_for("secretariat.discussion", proposal_id=proposal_id, _anchor=anchor), 303)
    return _page(proposal_id, problems, typed), status


def _do(work: Work[Actor], proposal_id: int, act: str, typed: Mapping[str, str]) -> Text:
    """Do what a button of the page says; returns what to tell."""
    if act == OUTCOME:
        seen = read_id(request.form.get("seen"))
        record_outcome(work, proposal_id, Conclusion(typed[OUTCOME]), typed["text"], seen=seen)
        return Text("บันทึกผลการหารือแล้ว", "The outcome is recorded")
    if act == "take_back":
        note_id = read_id(request.form.get("id"))
        if note_id is None:
            raise NotFound()
        take_back_note(work, proposal_id, note_id)
        return Text("ถอนข้อความแล้ว", "The note is taken back")
    write_note(work, proposal_id, typed[NOTE])
    return Text("บันทึกข้อความแล้ว", "Your note is kept")


def _page(proposal_id: int, problems: Sequence[Problem] = (), typed: Mapping[str, str] | None = None) -> str:
    session, actor = db.session(), current_actor()
    found = get_discussion(session, actor, proposal_id)
    call = get_call_by_id(session, found.call_id)
    return render_template(
        "secretariat/discussion.html",
        call=call,
        **_compared(call, proposal_id),
        choices=[(c.value, say(name), say(_MEANS[c])) for c, name in CONCLUSION_NAMES.items()],
        seen=found.outcome.id if found.outcome else "",
        typed=typed or {},
        problems=problems,
        **discussion_fields(found, call.rubric),
    )


def _compared(call: CallView, proposal_id: int) -> dict[str, Any]:
    """What calibration and noise say of this proposal and its reviewers, beside the scores as given."""
    session = db.session()
    rows = list_discordant(session, current_actor(), call)
    found = read_reviews_of_call(session, call.id).calibration
    known = () if isinstance(found, Refusal) else found.proposals
    people = () if isinstance(found, Refusal) else found.reviewers
    return {
        "discordant": next((r for r in rows if r.proposal_id == proposal_id), None),
        "calibrated": next((p for p in known if p.proposal == proposal_id), None),
        "severities": {r.reviewer: r for r in people},
    }
