"""The history of one's own review: every hand-in and every save, each with what it changed; one can be brought back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import Rubric
from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import save_review
from app.reviews.merging import EMPTY, fields_of
from app.reviews.queries import CAUSES, Revision, Sealed, get_assignment, list_revisions
from app.reviews.rules import Opening
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.reviewer.choosing import name_of, places_of
from app.web.reviewer.cover import cover_page
from app.web.reviewer.desk import blueprint
from app.web.reviewer.reading import typed_value
from app.web.signing import current_actor


@dataclass(frozen=True, slots=True)
class Change:
    """One field a save changed, as it stood before and after; "" for nothing."""

    name: Text
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """A save with what it changed. `is_of_rubric`: it was scored by the rubric the review is scored by now."""

    revision: Revision
    changes: tuple[Change, ...]
    is_of_rubric: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """A hand-in, or what is being written now (`handed_in` None), with the saves that led to it, latest first."""

    handed_in: Step | None
    saves: tuple[Step, ...]


def chapters(revisions: Sequence[Revision], rubric: Rubric, rubric_id: int) -> list[Chapter]:
    """Revisions, latest first, in chapters that each end with a hand-in; latest first."""
    steps = [
        Step(later, _changes(earlier, later, rubric), later.rubric_id == rubric_id)
        for later, earlier in pairwise([*revisions, None])
        if later is not None
    ]
    found: list[Chapter] = []
    saves: list[Step] = []
    handed_in: Step | None = None
    for step in steps:
        if step.revision.total is None:
            saves.append(step)
            continue
        if saves or handed_in:
            found.append(Chapter(handed_in, tuple(saves)))
        handed_in, saves = step, []
    if saves or handed_in:
        found.append(Chapter(handed_in, tuple(saves)))
    return found


def _changes(earlier: Revision | None, later: Revision, rubric: Rubric) -> tuple[Change, ...]:
    before, after = fields_of(earlier.sheet if earlier else EMPTY), fields_of(later.sheet)
    if earlier is not None and earlier.total is not None:
        before["reason"] = ""  # that of the earlier hand-in went in with it
    order = places_of(rubric)
    return tuple(
        Change(name_of(place, rubric), typed_value(before.get(place)), typed_value(after.get(place)))
        for place in sorted({*after, *before}, key=lambda place: (order.get(place, len(order)), place))
        if typed_value(before.get(place)) != typed_value(after.get(place))
    )


@blueprint.get("/assignments/<int:assignment_id>/history")
@needs(Permission.SCORE_PROPOSAL)
def history(assignment_id: int) -> str:
    """Every save and hand-in. The cover where the assignment cannot be opened."""
    try:
        return _page(assignment_id)
    except Sealed:
        return cover_page(assignment_id)


def _page(assignment_id: int, problems: Sequence[Problem] = ()) -> str:
    session, actor = db.session(), current_actor()
    own = get_assignment(session, actor, assignment_id)
    opening, _ = own.opening(arrived())
    return render_template(
        "reviewer/history.html",
        call=get_call_by_id(session, own.filing.call_id),
        own=own,
        chapters=chapters(list_revisions(session, own), own.rubric, own.rubric_id),
        causes=CAUSES,
        may_restore=opening is not Opening.CLOSED,
        problems=problems,
    )


@blueprint.post("/assignments/<int:assignment_id>/restore")
@needs(Permission.SCORE_PROPOSAL)
def restore(assignment_id: int) -> Response | tuple[str, int]:
    """Bring an earlier save back as the draft; what stands now stays in the list."""
    session, actor = db.session(), current_actor()
    own = get_assignment(session, actor, assignment_id)
    wanted, version = read_id(request.form.get("restore")), read_id(request.form.get("version")) or 0
    found = next((r for r in list_revisions(session, own) if r.version == wanted), None)
    if found is None:
        raise Refused(Text("ไม่พบฉบับที่เลือก", "There is no such version"))
    known = {c.code for c in own.rubric.criteria}
    scores = {code: score for code, score in found.sheet.scores.items() if code in known}
    try:
        with open_work(actor, arrived()) as work:
            save_review(work, assignment_id, scores, version, notes=found.sheet.notes, cause="restored")
    except Refused as refusal:
        return _page(assignment_id, refusal.problems or (Problem("restore", refusal.text),)), 422
    flash(
        t("นำฉบับก่อนกลับมาเป็นร่างแล้ว กรุณาตรวจก่อนส่ง", "Brought back as your draft. Check it before handing in.")
    )
    return redirect(url_for("reviewer.review", assignment_id=assignment_id), 303)
