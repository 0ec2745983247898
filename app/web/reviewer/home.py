"""What was given to me: unfinished first, how far I am, and how my own totals spread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from app.calls.queries import list_windows
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.text import Text
from app.proposals.states import QUESTIONED, RETURNED, REVIEWABLE_STATES, SUBMITTED
from app.reviews.queries import OwnAssignment, list_own_assignments
from app.web.door import needs
from app.web.language import language, t
from app.web.reviewer.desk import blueprint
from app.web.signing import current_actor
from reports.charts import chart_svg
from reports.document import Chart, Series

_PAUSED = frozenset({RETURNED, SUBMITTED, QUESTIONED})
_BAND = 1000  # hundredths of a point


@dataclass(frozen=True, slots=True)
class Stack:
    """My assignments of one call. `paused` wait for the agency or for screening first; `closed` are those nobody can
    score any more, though mine never came in."""

    fiscal_year: int
    waiting: tuple[OwnAssignment, ...]
    done: tuple[OwnAssignment, ...]
    paused: tuple[OwnAssignment, ...]
    closed: tuple[OwnAssignment, ...]

    @property
    def total(self) -> int:
        return len(self.waiting) + len(self.done)


def stacks(assignments: Iterable[OwnAssignment]) -> list[Stack]:
    """Assignments by call, latest fiscal year first; begun ones come before untouched ones, then by number."""
    by_year: dict[int, list[OwnAssignment]] = {}
    for a in assignments:
        by_year.setdefault(a.fiscal_year, []).append(a)
    return [
        Stack(
            fiscal_year=year,
            waiting=tuple(
                sorted((a for a in mine if is_waiting(a)), key=lambda a: (a.scored == 0, a.number))
            ),
            done=tuple(sorted((a for a in mine if a.submitted_at), key=lambda a: a.number)),
            paused=tuple(a for a in mine if not a.submitted_at and a.state in _PAUSED),
            closed=tuple(
                a for a in mine if not a.submitted_at and not is_waiting(a) and a.state not in _PAUSED
            ),
        )
        for year, mine in sorted(by_year.items(), reverse=True)
    ]


def is_waiting(assignment: OwnAssignment) -> bool:
    """Whether this one still waits for its reviewer."""
    return assignment.submitted_at is None and assignment.state in REVIEWABLE_STATES


def bands(totals: Iterable[int]) -> list[tuple[str, int]]:
    """How many totals (hundredths of a point) fall into each ten points; 100 belongs to the last band."""
    counts = [0] * 10
    for total in totals:
        counts[min(total // _BAND, 9)] += 1
    return [(f"{n * 10}–{n * 10 + 10}", number) for n, number in enumerate(counts)]


def _spread_chart(rows: list[tuple[str, int]]) -> Markup:
    question = Text("ฉันให้คะแนนรวมไว้สูงต่ำอย่างไร", "How do my own totals spread?")
    chart = Chart(
        title=t("คะแนนรวมที่ฉันให้", "My totals"),
        question=question.say(language()),
        kind="bar",
        categories=tuple(band for band, _ in rows),
        series=(Series(t("จำนวนข้อเสนอ", "Proposals"), tuple(n for _, n in rows)),),
        value_kind="int",
    )
    return Markup(chart_svg(chart, False, "en" if language() == "en" else "th"))  # noqa: S704 (our own drawing)


@blueprint.get("/")
@needs(Permission.SCORE_PROPOSAL)
def home() -> str:
    """My assignments."""
    session = db.session()
    found = stacks(list_own_assignments(session, current_actor()))
    following = next((a for stack in found for a in stack.waiting), None)
    spreads = {
        s.fiscal_year: (rows, _spread_chart(rows))
        for s in found
        if s.done
        for rows in (bands(a.total or 0 for a in s.done),)
    }
    return render_template(
        "reviewer/home.html",
        stacks=found,
        following=following,
        spreads=spreads,
        windows={w.fiscal_year: w for w in list_windows(session)},
        waiting=sum(len(s.waiting) for s in found),
    )
