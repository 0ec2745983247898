"""Synthetic reviews: a hidden quality per proposal, a severity per reviewer, and noise."""

from __future__ import annotations

from app.calls.facts import Rubric
from app.cli.demo.dice import Dice
from app.cli.demo.subjects import Subject, join_names, spaced, verdicts
from app.identity.facts import Body
from app.kernel.lean import dataclass
from app.reviews.facts import Panel, Score, Scores
from app.reviews.rules import weighted_total

BODIES = tuple(Body)
PER_BODY = 3

# below zero is severe; in levels of the rubric
SEVERITY = (-0.35, 0.1, 0.3, -0.2, 0.0, 0.25, -0.45, 0.05, 0.2, -0.1, 0.15, 0.4)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One of the twelve: a body and a number from 0 to 2 within it."""

    body: Body
    number: int

    @property
    def severity(self) -> float:
        return SEVERITY[BODIES.index(self.body) * PER_BODY + self.number]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One reviewer's levels, by criterion."""

    reviewer: Reviewer
    levels: dict[str, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """Three reviews waiting for a proposal: reviewers of three bodies; `without` is the fourth."""

    without: Body
    sheets: tuple[Sheet, ...]
    panel: Panel


def make_slots(dice: Dice, rubric: Rubric, count: int) -> list[Slot]:
    """`count` sets of three reviews, reviewers used evenly and each with many others; not ordered."""
    turns: dict[Body, list[int]] = {body: [] for body in BODIES}
    luck = Dice("turns")
    slots = []
    for n in range(count):
        without = BODIES[n % len(BODIES)]
        quality = dice.bell()
        leaning = {c.code: 0.35 * dice.bell() for c in rubric.criteria}
        sheets = []
        for body in BODIES:
            if body is without:
                continue
            # all of a body before anybody again, in an order that changes: their scores can be compared through others
            turns[body] = turns[body] or luck.shuffled(range(PER_BODY))
            reviewer = Reviewer(body, turns[body].pop())
            sheets.append(Sheet(reviewer, _levels(dice, reviewer, quality, leaning)))
        totals = [weighted_total(_bare(sheet), rubric) for sheet in sheets]
        panel = Panel(len(totals), sum(totals), sum(t * t for t in totals))
        slots.append(Slot(without, tuple(sheets), panel))
    return slots


def _levels(dice: Dice, reviewer: Reviewer, quality: float, leaning: dict[str, float]) -> dict[str, int]:
    return {
        code: max(0, min(4, round(2.3 + 0.7 * quality + lean + reviewer.severity + 0.4 * dice.bell())))
        for code, lean in leaning.items()
    }


def _bare(sheet: Sheet) -> Scores:
    return {code: Score(level, "") for code, level in sheet.levels.items()}


def write_scores(dice: Dice, sheet: Sheet, subject: Subject) -> Scores:
    """The sheet with comments: always at the extremes, now and then between."""
    values = {"subject": subject.name.th, "partners": join_names(subject.partners)}
    scores = {}
    for code, level in sheet.levels.items():
        tone = {0: "low", 4: "high"}.get(level, "middle")
        wanted = tone != "middle" or dice.chance(20)
        comment = spaced(dice.pick(verdicts()["comments"][code][tone]).format(**values)) if wanted else ""
        scores[code] = Score(level, comment)
    return scores
