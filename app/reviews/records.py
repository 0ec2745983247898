"""The record of a call's reviews: what each was, how it came to be, what discussions came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from app.calls.facts import Rubric
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.facts import Scores
from app.reviews.states import ACCEPTED

HAND_INS = ("handed_in", "rescored", "final")
REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Record:
    """One assignment and its review. Totals are hundredths of a point; scores are empty until handed in.

    `first_scores` are those of the first hand-in. `answer_reason` is empty where the reader may not see it, and
    `reviewer` a number within the proposal where names are kept from the reader.
    """

    assignment_id: int
    proposal_id: int
    number: str
    title: Text
    reviewer: Text
    body: Text
    panel: Text | None
    state: str
    assigned_at: datetime
    answered_at: datetime | None
    answer_reason: str
    submitted_at: datetime | None
    first_total: int | None
    total: int | None
    finalised_at: datetime | None
    final_reason: str
    rubric_id: int
    scores: Scores
    first_scores: Scores

    @property
    def counts(self) -> bool:
        """Whether it is part of the proposal's mean."""
        return self.state == ACCEPTED and self.submitted_at is not None


@dataclass(frozen=True, slots=True)
class ReviewEvent:
    """A review was handed in (`cause` as in `ReviewRevision`) or reopened ("reopened": `by` whom, until `until`)."""

    record: Record
    cause: str
    at: datetime
    total: int | None = None
    reason: str = ""
    rubric_id: int | None = None
    by: Text | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """What a discussion came to. Earlier outcomes of the same proposal stand before the one that counts."""

    proposal_id: int
    number: str
    title: Text
    outcome: str
    text: str
    at: datetime
    by: Text | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class MoveRecord:
    """A step of the round."""

    move: str
    from_phase: str
    to_phase: str
    reason: str
    at: datetime
    by: Text | None


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One criterion of one finished review. `first_level` is that of the first hand-in, None where the criterion was
    not yet in the rubric; `weight` in percent and `version` are of the rubric the review was scored by."""

    record: Record
    criterion: str
    name: Text
    weight: int
    version: int
    first_level: int | None
    level: int
    comment: str

    @property
    def points(self) -> int:
        """What the level adds to the total, hundredths of a point."""
        return self.weight * self.level * 25


@dataclass(frozen=True, slots=True)
class ReviewRecords:
    """All reviews of a call, by proposal number and the order of assignment; events, outcomes and moves by time.

    `shows_names` and `shows_reasons` say what this reader sees: reviewers' names, and why somebody did not review.
    """

    shows_names: bool
    shows_reasons: bool
    rubrics: Mapping[int, Rubric]
    records: tuple[Record, ...] = ()
    events: tuple[ReviewEvent, ...] = ()
    outcomes: tuple[OutcomeRecord, ...] = ()
    moves: tuple[MoveRecord, ...] = ()

    @property
    def counted(self) -> Iterator[Record]:
        """The reviews that are part of a mean."""
        return (record for record in self.records if record.counts)

    def scores(self) -> Iterator[ScoreRow]:
        """Every criterion of the reviews that count, in the rubric's order."""
        for record in self.counted:
            rubric = self.rubrics[record.rubric_id]
            for criterion in rubric.criteria:
                score = record.scores.get(criterion.code)
                if score is None or score.level is None:
                    continue
                first = record.first_scores.get(criterion.code)
                yield ScoreRow(
                    record,
                    criterion.code,
                    criterion.name,
                    criterion.weight,
                    rubric.version,
                    first.level if first else None,
                    score.level,
                    score.comment,
                )

    @property
    def moments(self) -> Iterator[datetime]:
        """Every moment something in here was done."""
        for record in self.records:
            yield record.assigned_at
            if record.answered_at is not None:
                yield record.answered_at
        for done in (self.events, self.outcomes, self.moves):
            yield from (one.at for one in done)
