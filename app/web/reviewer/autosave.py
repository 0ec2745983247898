"""The scoring form saves itself: within two seconds of rest, and whatever state it is in (see `app.web.autosaving`)."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.errors import Refused
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import SavedElsewhere, save_review
from app.reviews.merging import fields_of
from app.web.arrival import arrived
from app.web.autosaving import Answer, refused, saved, to_choose, who_is_here
from app.web.door import needs
from app.web.language import say, t
from app.web.reviewer.desk import blueprint
from app.web.reviewer.reading import read_scores, typed_value
from app.web.signing import current_actor

CHOOSE = Text(
    "อีกหน้าหนึ่งของท่านบันทึกค่าอื่นในช่องเดียวกัน สิ่งที่ท่านกรอกในหน้านี้ยังอยู่ กรุณาเลือกว่าจะใช้ค่าใด",
    "Another page of yours saved something else in the same field. What you entered here is still there; choose.",
)


@blueprint.get("/session")
@needs(Permission.SCORE_PROPOSAL)
def session_again() -> Response:
    """Who is signed in now."""
    return who_is_here()


@blueprint.post("/assignments/<int:assignment_id>/autosave")
@needs(Permission.SCORE_PROPOSAL)
def autosave(assignment_id: int) -> Answer:
    """Save what stands in the form as a draft."""
    typed = read_scores(request.form)
    if not typed.is_keepable:
        return refused(t("ยังบันทึกไม่ได้ กรุณาแก้ไข", "Not saved yet; please mend"), typed.problems)
    try:
        with open_work(current_actor(), arrived()) as work:
            kept = save_review(
                work,
                assignment_id,
                typed.scores,
                typed.version,
                notes=typed.notes,
                reason=typed.reason,
                cause="autosaved",
                page=typed.page,
            )
    except SavedElsewhere as other:
        return to_choose(say(CHOOSE if other.merged.clashes else other.text))
    except Refused as refusal:
        return refused(say(refusal.text), refusal.problems)
    fields = fields_of(kept.sheet)
    return saved(
        kept.version,
        fields={place: typed_value(fields[place]) for place in kept.taken},
        merged=t(
            "อีกหน้าหนึ่งของท่านบันทึกช่องอื่นไว้ด้วย ทั้งสองหน้าอยู่ครบ",
            "Another page of yours saved other fields too; both are kept.",
        )
        if kept.taken
        else "",
        problems=typed.problems,
    )
