"""Two pages of one reviewer filled in the same field differently: both are shown, and the reviewer chooses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import Rubric
from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.comparing.marking import Mark, Span, mark_differences
from app.proposals.merging import ShownCell, ShownConflict, Side
from app.reviews.actions import SavedElsewhere, save_review
from app.reviews.merging import MINE, NOTES, REASON, THEIRS, Clash, Value, resolve
from app.reviews.queries import get_assignment
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.reviewer.desk import blueprint
from app.web.reviewer.reading import read_scores, typed_value
from app.web.reviewer.unsaved import unsaved_page
from app.web.signing import current_actor

OTHER_PAGE = Text("อีกหน้าหนึ่ง", "the other page")


def places_of(rubric: Rubric) -> dict[str, int]:
    """Place -> its number in the form: criterion by criterion, the level before the comment."""
    places = [f"{kind}-{c.code}" for c in rubric.criteria for kind in ("score", "comment")]
    return {place: n for n, place in enumerate([*places, REASON, NOTES])}


def name_of(place: str, rubric: Rubric) -> Text:
    """A field of the form in words."""
    if place == NOTES:
        return Text("บันทึกส่วนตัว", "Private notes")
    if place == REASON:
        return Text("เหตุผลที่ให้คะแนนอีกครั้ง", "Why you score again")
    kind, _, code = place.partition("-")
    criterion = next((c.name for c in rubric.criteria if c.code == code), Text(code, code))
    words = (
        Text("ระดับ: {name}", "Level: {name}")
        if kind == "score"
        else Text("ความเห็น: {name}", "Comment: {name}")
    )
    return words.fill(name=criterion)


def _shown(clash: Clash, rubric: Rubric) -> ShownConflict:
    name = name_of(clash.place, rubric)

    def side(value: Value, other: Value) -> Side:
        words, facing = typed_value(value), typed_value(other)
        marks: tuple[Span, ...] = ()
        if isinstance(value, str) and isinstance(other, str):
            marks = tuple(s for s in mark_differences(facing, words) if s.mark is not Mark.DELETED)
        return Side(cells=(ShownCell(name, words, marks, value != other, isinstance(value, int), False),))

    base, mine, theirs = clash.base, clash.mine, clash.theirs
    return ShownConflict(clash.place, name, "field", side(base, base), side(mine, theirs), side(theirs, mine))


def choose_page(
    assignment_id: int, clash: SavedElsewhere, chosen: Mapping[str, str] | None = None
) -> tuple[str, int]:
    """Both values of every field that two pages changed, with what was `chosen` so far."""
    session = db.session()
    own = get_assignment(session, current_actor(), assignment_id)
    page = render_template(
        "reviewer/choose.html",
        call=get_call_by_id(session, own.filing.call_id),
        own=own,
        clashes=_in_order((_shown(c, own.rubric) for c in clash.merged.clashes), own.rubric),
        by=OTHER_PAGE,
        version=clash.version,
        opened_version=request.form.get("opened_version") or request.form.get("version", ""),
        sent=list(_sent(request.form)),
        chosen=chosen or {},
        asked=chosen is not None,
    )
    return page, 409


def _sent(form: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name, text in form.items():
        if name.startswith(("score-", "comment-")) or name in (NOTES, REASON, "page"):
            yield name, text


def _in_order(shown: Iterable[ShownConflict], rubric: Rubric) -> list[ShownConflict]:
    order = places_of(rubric)
    return sorted(shown, key=lambda one: order.get(one.place, len(order)))


@blueprint.post("/assignments/<int:assignment_id>/choose")
@needs(Permission.SCORE_PROPOSAL)
def choose(assignment_id: int) -> Response | tuple[str, int]:
    """Save what was chosen, as a draft; a field without a choice is asked about again."""
    typed = read_scores(request.form, "opened_version")
    seen = read_id(request.form.get("version")) or 0
    try:
        with open_work(current_actor(), arrived()) as work:
            save_review(
                work,
                assignment_id,
                typed.scores,
                typed.version,
                notes=typed.notes,
                reason=typed.reason,
                page=typed.page,
            )
    except SavedElsewhere as clash:
        chosen = {
            name.removeprefix("choice:"): value
            for name, value in request.form.items()
            if name.startswith("choice:") and value in (MINE, THEIRS)
        }
        if seen != clash.version or not {c.place for c in clash.merged.clashes} <= chosen.keys():
            return choose_page(assignment_id, clash, chosen)
        sheet = resolve(clash.merged, chosen)
        try:
            with open_work(current_actor(), arrived()) as work:
                save_review(
                    work, assignment_id, sheet.scores, clash.version, notes=sheet.notes, reason=sheet.reason
                )
        except SavedElsewhere as again:
            return choose_page(assignment_id, again)
    except Refused as refusal:
        problems = refusal.problems or (Problem("review", refusal.text),)
        return unsaved_page(assignment_id, typed, problems)
    flash(t("บันทึกสิ่งที่ท่านเลือกแล้ว", "What you chose is saved"))
    return redirect(url_for("reviewer.review", assignment_id=assignment_id), 303)
