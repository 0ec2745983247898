"""What a review is. Totals are integer hundredths of a point: 7250 is 72.50 of 100."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.states import DISCUSSION, FINAL, LOCKED, SCORING, SCREENING

LEVELS = range(5)


@dataclass(frozen=True, slots=True)
class Score:
    """One criterion: a level 0-4, or None when not given yet, and a comment."""

    level: int | None
    comment: str


Scores = Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Panel:
    """What the reviews of one proposal amount to, exactly: `count` reviews with sum and sum of squares of totals."""

    count: int
    total: int
    squares: int


class NamesFor(StrEnum):
    """Who reads reviewers' names beside their scores; the secretariat always does."""

    EVERYONE = "everyone"
    COMMITTEE = "committee"
    SECRETARIAT = "secretariat"


NAMES_FOR: dict[NamesFor, Text] = {
    NamesFor.EVERYONE: Text(
        "ผู้พิจารณาร่วม กรรมการ และฝ่ายเลขานุการ", "Co-reviewers, the committee and the secretariat"
    ),
    NamesFor.COMMITTEE: Text("กรรมการและฝ่ายเลขานุการ", "The committee and the secretariat"),
    NamesFor.SECRETARIAT: Text("ฝ่ายเลขานุการเท่านั้น", "The secretariat alone"),
}


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """How the reviews of a call run; the values of a call nobody has set up. Due moments are half-open, UTC.

    `version` is 0 for a call without a round of its own. `load_limit` None is no limit.
    """

    version: int = 0
    phase: str = SCORING
    names_for: NamesFor = NamesFor.EVERYONE
    load_limit: int | None = None
    least_bodies: int = 1
    scoring_due_at: datetime | None = None
    discussion_due_at: datetime | None = None
    final_due_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """By when the phase at hand must be done; None where no date is set, and in phases that have none."""
        return {
            SCREENING: None,
            SCORING: self.scoring_due_at,
            DISCUSSION: self.discussion_due_at,
            FINAL: self.final_due_at,
            LOCKED: None,
        }[self.phase]
