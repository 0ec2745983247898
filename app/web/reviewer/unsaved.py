"""What a reviewer typed and could not be saved any more: only that, to be copied, and nothing of the proposal."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template

from app.calls.facts import Rubric
from app.kernel.db import db
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.merging import NOTES, REASON
from app.reviews.queries import find_own_rubric
from app.web.reviewer.reading import Typed
from app.web.signing import current_actor


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One criterion as it was typed; `level` "" when none was given."""

    name: Text
    level: str
    comment: str


def typed_lines(typed: Typed, rubric: Rubric) -> list[TypedLine]:
    """What was typed, criterion by criterion, blanks left out."""
    return [
        TypedLine(c.name, typed.raw.get(f"score-{c.code}", ""), typed.raw.get(f"comment-{c.code}", ""))
        for c in rubric.criteria
        if typed.raw.get(f"score-{c.code}") or typed.raw.get(f"comment-{c.code}")
    ]


def unsaved_page(
    assignment_id: int, typed: Typed, problems: Sequence[Problem], status: int = 422
) -> tuple[str, int]:
    """The page. Raises `NotFound` for an assignment that is not the reader's."""
    rubric = find_own_rubric(db.session(), current_actor(), assignment_id)
    page = render_template(
        "reviewer/unsaved.html",
        assignment_id=assignment_id,
        problems=problems,
        lines=typed_lines(typed, rubric),
        notes=typed.raw.get(NOTES, ""),
        reason=typed.raw.get(REASON, ""),
    )
    return page, status
