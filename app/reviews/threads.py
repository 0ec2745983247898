"""Discussions: when they are written, what they come to, and where the reviewers of a proposal part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from app.calls.facts import Rubric
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.states import RANKED_STATES, REVIEWABLE_STATES
from app.reviews.facts import Scores
from app.reviews.states import DISCUSSION, FINAL, LOCKED

LONGEST_NOTE = 4000  # characters
APART = 2  # levels between the highest and the lowest from which a criterion is worth talking about
WRITTEN_IN = frozenset({DISCUSSION, FINAL})

ROUND_OVER = Text(
    "รอบพิจารณาปิดแล้ว อ่านการหารือได้ แต่เขียนเพิ่มไม่ได้", "The round is locked: it can be read, not added to"
)
NOT_OPEN = Text(
    "รอบพิจารณายังไม่ถึงขั้นหารือ จึงยังเขียนไม่ได้",
    "The round has not come to the discussion, so nothing can be written yet",
)
DECIDED = Text("คณะกรรมการมีมติแล้ว การหารือจึงจบแล้ว", "The committee has decided, so the discussion is over")


class Conclusion(StrEnum):
    """What a discussion comes to."""

    STANDS = "stands"
    RESCORE = "rescore"
    MEETING = "meeting"


CONCLUSION_NAMES: dict[Conclusion, Text] = {
    Conclusion.STANDS: Text("คงคะแนนเดิม", "The scores stand"),
    Conclusion.RESCORE: Text("ขอคะแนนสุดท้ายจากผู้พิจารณา", "Final scores are asked for"),
    Conclusion.MEETING: Text("นำเข้าที่ประชุมคณะกรรมการ", "Taken to the committee's meeting"),
}


def why_silent(phase: str, proposal_state: str) -> Text | None:
    """Why nothing can be written in the discussion of a proposal now; None when it can.

    Notes and outcomes are written in the phases of the discussion and of the final scores; a proposal that is out for
    revision meanwhile can still be talked about.
    """
    if proposal_state in RANKED_STATES - REVIEWABLE_STATES:
        return DECIDED
    if phase in WRITTEN_IN:
        return None
    return ROUND_OVER if phase == LOCKED else NOT_OPEN


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion across the reviews of a proposal: a level each, None where a review was scored by a rubric without
    it. `apart` is the highest level less the lowest; `weight` percent, None for a criterion of an earlier rubric."""

    code: str
    name: Text
    weight: int | None
    levels: tuple[int | None, ...]

    @property
    def apart(self) -> int:
        given = [level for level in self.levels if level is not None]
        return max(given) - min(given) if given else 0

    @property
    def is_wide(self) -> bool:
        return self.apart >= APART


def compare_reviews(rubric: Rubric, reviews: Sequence[Scores]) -> list[CriterionRow]:
    """Criterion by criterion in the order of the rubric, then what only an earlier rubric asked."""
    names = {c.code: (c.name, c.weight) for c in rubric.criteria}
    others = dict.fromkeys(code for scores in reviews for code in scores if code not in names)
    asked: list[tuple[str, Text, int | None]] = [
        (code, name, weight) for code, (name, weight) in names.items()
    ]
    asked += [(code, Text(code, code), None) for code in others]
    return [
        CriterionRow(
            code,
            name,
            weight,
            tuple(scores[code].level if code in scores else None for scores in reviews),
        )
        for code, name, weight in asked
    ]


def given_since(given_at: datetime | None, asked_at: datetime) -> datetime | None:
    """When a final score was given, if that was after it was asked for."""
    return given_at if given_at is not None and given_at >= asked_at else None


@dataclass(frozen=True, slots=True)
class FinalScore:
    """A reviewer from whom a final score is expected after a discussion; `given_at` None while it is."""

    reviewer: Text
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class ThreadState:
    """How far a discussion is. `notes` counts those not taken back; `is_unanswered`: a reviewer wrote last, and the
    secretariat has neither answered nor recorded an outcome since."""

    notes: int = 0
    last_at: datetime | None = None
    is_unanswered: bool = False
    conclusion: Conclusion | None = None
    text: str = ""
    concluded_at: datetime | None = None
    finals: tuple[FinalScore, ...] = ()

    @property
    def finals_given(self) -> int:
        return sum(final.given_at is not None for final in self.finals)

    @property
    def awaits_finals(self) -> bool:
        return self.finals_given < len(self.finals)


QUIET = ThreadState()
