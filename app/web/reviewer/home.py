"""What was given to me: unfinished first, how far I am, and how my own totals spread."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import render_template
from markupsafe import Markup

from app.calls.queries import list_windows
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.states import QUESTIONED, RETURNED, REVIEWABLE_STATES, SUBMITTED
from app.reviews.facts import RoundFacts
from app.reviews.queries import OwnAssignment, list_own_assignments
from app.reviews.queries.thread_states import list_own_discussions
from app.reviews.rules import Opening
from app.reviews.states import ASSIGNMENT_STATES, GIVEN, LOCKED, PHASES, SCREENING, STANDING_STATES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import language, t
from app.web.reviewer.desk import blueprint
from app.web.signing import current_actor
from reports.charts import chart_svg
from reports.document import Chart, Series

_PAUSED = frozenset({RETURNED, SUBMITTED, QUESTIONED})
_BAND = 1000  # hundredths of a point
PARTS = ("answers", "waiting", "reading", "again", "done", "held", "paused", "closed", "ended")


@dataclass(frozen=True, slots=True)
class Stack:
    """My assignments of one call. `answers` wait for my word on conflicts of interest, `waiting` for my scores, `again`
    for scores once more; `reading` can be read while the round takes no scores yet; `held` by a conflict of interest;
    `paused` wait for the agency or for screening first; `closed` are those nobody can score any more, though mine never
    came in; `ended` were declined or taken back."""

    fiscal_year: int
    round: RoundFacts
    answers: tuple[OwnAssignment, ...]
    waiting: tuple[OwnAssignment, ...]
    reading: tuple[OwnAssignment, ...]
    again: tuple[OwnAssignment, ...]
    done: tuple[OwnAssignment, ...]
    held: tuple[OwnAssignment, ...]
    paused: tuple[OwnAssignment, ...]
    closed: tuple[OwnAssignment, ...]
    ended: tuple[OwnAssignment, ...]

    @property
    def handed_in(self) -> int:
        return len(self.done) + len(self.again)

    @property
    def total(self) -> int:
        """What is mine to score in this round, handed in or not."""
        return len(self.answers) + len(self.waiting) + len(self.reading) + self.handed_in

    @property
    def next_ones(self) -> tuple[OwnAssignment, ...]:
        """What waits for me, in the order to take it up: scores first, then answers, then scores once more."""
        return (*self.waiting, *self.answers, *self.again)

    @property
    def totals(self) -> list[int]:
        """My own totals that count."""
        return [a.total for a in (*self.done, *self.again) if a.total is not None]


def place_of(assignment: OwnAssignment, now: datetime) -> str:
    """The part of a stack an assignment stands in at a moment."""
    if assignment.assignment_state not in STANDING_STATES:
        return "ended"
    if assignment.is_held:
        return "held"
    if assignment.state in _PAUSED and not assignment.submitted_at:
        return "paused"
    if assignment.assignment_state == GIVEN:
        return "answers" if _may_answer(assignment) else "closed"
    opening, _ = assignment.opening(now)
    if opening is Opening.FIRST:
        return "waiting"
    is_reopened = assignment.reopened_until is not None and now < assignment.reopened_until
    if opening is Opening.AGAIN or (
        opening is Opening.FINAL and (assignment.finalised_at is None or is_reopened)
    ):
        return "again"
    if assignment.submitted_at:
        return "done"
    return "reading" if assignment.round.phase == SCREENING and _may_answer(assignment) else "closed"


def _may_answer(assignment: OwnAssignment) -> bool:
    return assignment.state in REVIEWABLE_STATES and assignment.round.phase != LOCKED


def stacks(assignments: Iterable[OwnAssignment], now: datetime) -> list[Stack]:
    """Assignments by call, latest fiscal year first; begun ones come before untouched ones, then by number."""
    by_year: dict[int, list[OwnAssignment]] = {}
    for a in assignments:
        by_year.setdefault(a.fiscal_year, []).append(a)
    found = []
    for year, mine in sorted(by_year.items(), reverse=True):
        parts: dict[str, list[OwnAssignment]] = {}
        for a in sorted(mine, key=lambda a: (a.submitted_at is None and a.scored == 0, a.number)):
            parts.setdefault(place_of(a, now), []).append(a)
        sorted_out = {name: tuple(parts.get(name, ())) for name in PARTS}
        found.append(Stack(year, mine[0].round, **sorted_out))
    return found


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
    found = stacks(list_own_assignments(session, current_actor()), arrived())
    spreads = {
        s.fiscal_year: (rows, _spread_chart(rows)) for s in found if s.totals for rows in (bands(s.totals),)
    }
    return render_template(
        "reviewer/home.html",
        stacks=found,
        following=next((a for stack in found for a in stack.next_ones), None),
        spreads=spreads,
        windows={w.fiscal_year: w for w in list_windows(session)},
        waiting=sum(len(s.next_ones) for s in found),
        phases=PHASES,
        ended_as=ASSIGNMENT_STATES,
        talks=list_own_discussions(session, current_actor()),
    )
