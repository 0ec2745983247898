"""What stands in a decision book, beside the figures themselves: plain values between the database and the file.

Amounts are decimal baht in every section but "figures", which holds the committee's paper as a value (whole satang,
hundredths of a point) so that it can be printed again from the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.figures.queries.ranking import RankingBook
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.portfolio.facts import Line, Terms

# of the walk in `portfolio.allocation`; a change of its rules is another version
METHOD = {"name": "rank-and-skip", "version": 1}


@dataclass(frozen=True, slots=True)
class ReviewLevels:
    """One counted review: its levels by criterion, its total (hundredths), and the rubric it was scored by. `reviewer`
    stands for the same person throughout the book and for nobody outside it."""

    number: str
    reviewer: int
    rubric_sha256: str
    total: int
    levels: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AdoptedScenario:
    """The scenario the list followed; none where the ceiling alone ruled."""

    name: str
    note: str
    adopted_at: datetime
    adopted_by: Text | None
    reason: str
    sha256: str


@dataclass(frozen=True, slots=True)
class HandChange:
    """A project taken, left out or cut by hand, with who and when."""

    number: str
    kind: str
    amount: int | None
    reason: str
    at: datetime
    by: Text | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision that counts. `amount` in satang."""

    number: str
    verdict: str
    amount: int
    conditions: str
    resolution: str
    resolution_number: str
    reason: str
    decided_at: datetime
    decided_by: Text | None
    meeting: str


@dataclass(frozen=True, slots=True)
class Attendant:
    """Somebody invited, and whether they came."""

    name: str
    post: str
    role: str
    presence: str
    note: str


@dataclass(frozen=True, slots=True)
class LeftRoom:
    """A member who took no part in one proposal."""

    number: str
    name: str
    ground: str
    note: str


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """An item of the agenda with what was noted and resolved."""

    position: int
    kind: str
    title: str
    text: str
    resolution: str


@dataclass(frozen=True, slots=True)
class MeetingRecord:
    """The meeting that was closed."""

    level: str
    ordinal: int
    number: str
    subject: str
    place: str
    starts_at: datetime
    opened_at: datetime | None
    closed_at: datetime
    closed_by: Text | None
    attendance: tuple[Attendant, ...]
    recusals: tuple[LeftRoom, ...]
    agenda: tuple[AgendaRow, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A versioned document of the call, whole. `content` is its JSON value; SHA-256 of its canonical form."""

    kind: str
    code: str
    version: int
    sha256: str
    content: Any


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the audit log stood before the closing, and the head of the book before this one."""

    count: int
    sha256: str
    previous_book: str | None


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a book says."""

    documents: tuple[Document, ...]
    filings: Mapping[str, Any]  # number -> the filed facts as JSON, hashed by `figures.facts`
    scores: tuple[ReviewLevels, ...]
    terms: Terms
    scenario: AdoptedScenario | None
    changes: tuple[HandChange, ...]
    decisions: tuple[DecisionRow, ...]
    meeting: MeetingRecord
    figures: RankingBook
    audit: AuditHead


def ranking_rows(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    """The ranking in words of the file: rank, number, mean and spread in hundredths, and the tie rule applied."""
    return [
        {
            "rank": line.rank,
            "number": line.entry.number,
            "mean": line.mean,
            "spread": line.spread,
            "reviews": line.entry.panel.count,
            "calibrated": line.entry.calibrated,
            "tie": line.tie.as_dict() if line.tie else None,
        }
        for line in lines
        if line.rank is not None
    ]


def allocation_rows(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    """The allocation in words of the file, amounts as decimal baht."""
    return [
        {
            "number": line.entry.number,
            "asked": decimal_baht(line.entry.requested),
            "granted": decimal_baht(line.granted),
            "standing": line.standing.value,
            "ground": line.ground.value,
            "left": decimal_baht(line.left),
            "short": decimal_baht(line.short),
            "points_short": line.points,
            "other": line.other,
            "displaced_by": line.displaced.value if line.displaced else None,
        }
        for line in lines
    ]
