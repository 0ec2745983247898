"""What another page of the same reviewer saved meanwhile, brought together with this page's or told."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from app.identity.facts import Actor
from app.kernel.db import table_of
from app.kernel.errors import Stale
from app.kernel.text import Text
from app.kernel.work import Work
from app.reviews.merging import EMPTY, Merged, Sheet, known_to, merge_review
from app.reviews.models import ReviewRevision
from app.reviews.queries.own import scores_from_json

STALE = Text(
    "คะแนนนี้ถูกบันทึกจากอีกหน้าหนึ่งแล้ว คะแนนที่ท่านกรอกยังอยู่ กรุณาตรวจก่อนบันทึกอีกครั้ง",
    "These scores were saved from another page. What you entered is still here; check before saving again",
)
_RUBRIC_CHANGED = Text(
    "เกณฑ์ให้คะแนนเปลี่ยนเป็นฉบับใหม่หลังจากท่านเปิดหน้านี้ คะแนนที่ท่านกรอกยังอยู่ กรุณาตรวจเทียบกับเกณฑ์ฉบับใหม่ก่อนบันทึกอีกครั้ง",
    "The rubric was replaced by a new version after you opened this page. What you entered is still here; check it against"
    " the new version before saving again",
)
_MOST_SINCE = 500  # versions looked back over; a page that was open longer finds nothing to begin from


class SavedElsewhere(Stale):
    """Another page of the same reviewer saved something else since this one was opened: both texts of every field both
    changed, or, at a hand-in, what came in and was not seen yet. Nothing was saved. `version` is the one to go on from."""

    def __init__(self, merged: Merged, version: int):
        super().__init__(STALE)
        self.merged = merged
        self.version = version


class RubricChanged(SavedElsewhere):
    """The call went over to another version of its rubric since this page was opened, and this review with it, as it was
    not begun. What was entered is kept, to be looked at beside the new version."""

    def __init__(self, merged: Merged, version: int):
        super().__init__(merged, version)
        self.text = _RUBRIC_CHANGED


@cache
def _saves() -> Select[*tuple[Any, ...]]:
    kept = table_of(ReviewRevision).c
    return (
        select(kept.version, kept.content, kept.notes, kept.reason, kept.total, kept.page)
        .where(kept.assignment_id == bindparam("assignment"), kept.version >= bindparam("opened"))
        .order_by(kept.version)
        .limit(_MOST_SINCE)
    )


def bring_together(
    work: Work[Actor], assignment: Row[*tuple[Any, ...]], mine: Sheet, version: int, page: str
) -> Merged:
    """This page's changes and those saved since it was opened. Raises `Stale` for a version that never was."""
    if not 0 < version <= assignment.version:
        raise Stale(STALE)
    if version == assignment.version:
        return Merged(mine)
    rows = work.session.execute(_saves(), {"assignment": assignment.id, "opened": version}).all()
    if not rows or rows[0].version > version + 1:
        # every save left a row: a version without one was counted when the review went over to another rubric
        raise RubricChanged(Merged(mine), assignment.version)
    since = [(row.page, _sheet(row)) for row in rows]
    if rows[0].version != version:
        since.insert(0, ("", EMPTY))  # before its first save a review was empty
    return merge_review(known_to(page[:40], since), mine, since[-1][1])


def _sheet(row: Row[*tuple[Any, ...]]) -> Sheet:
    """A save as the form held it; the reason of a hand-in went in with it, and the next one begins without."""
    return Sheet(scores_from_json(row.content), row.notes, row.reason if row.total is None else "")


def has_reason(work: Work[Actor], assignment: Row[*tuple[Any, ...]], reason: str) -> bool:
    """Whether this very reason was saved last."""
    last = work.session.execute(_saves(), {"assignment": assignment.id, "opened": assignment.version}).first()
    return (_sheet(last).reason if last else "") == reason
