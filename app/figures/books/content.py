"""What stands in a decision book: plain values between the database and the file.

What is replayed stands in sections of a declared form, which only another `chain.VERSION` may change; amounts there are
decimal baht. Beside them "figures" holds the committee's paper as a value (whole satang, hundredths of a point) so that it
can be printed again from the file; a later program that no longer knows that value still replays the book.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.figures.queries.ranking import RankingBook
from app.kernel.lean import dataclass
from app.kernel.money import decimal_baht, from_decimal_baht
from app.kernel.text import Text
from app.portfolio.facts import Allocation, Entry, Line, Terms
from app.reviews.facts import Panel

# of the walk in `portfolio.allocation`; a change of its rules is another version, and earlier books keep theirs
METHOD = {"name": "rank-and-skip", "version": 2}
WHOLE_FIRST = {"name": "rank-and-skip", "version": 1}  # what must be funded was taken whole or not at all
METHODS = (METHOD, WHOLE_FIRST)


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
class CallFacts:
    """The call: its ceiling in satang, and the SHA-256 of the documents it used."""

    fiscal_year: int
    name: Text
    ceiling: int
    origin: str
    plan_sha256: str
    rubric_sha256: str
    rulebook_sha256: str


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing that counts: the facts as JSON, and the SHA-256 its receipt shows."""

    sha256: str
    facts: Any


@dataclass(frozen=True)
class Contents:
    """Everything a book rests on and says, but for its paper. Filings by number; `ranking` and `allocation` are the rows
    of the file."""

    call: CallFacts
    documents: tuple[Document, ...]
    filings: Mapping[str, Filing]
    scores: tuple[ReviewLevels, ...]
    terms: Terms
    scenario: AdoptedScenario | None
    changes: tuple[HandChange, ...]
    entries: tuple[Entry, ...]
    ranking: Any
    allocation: Any
    decisions: tuple[DecisionRow, ...]
    meeting: MeetingRecord
    audit: AuditHead


@dataclass(frozen=True)
class PrintableContents(Contents):
    """A book with its paper as a value."""

    figures: RankingBook


def ranking_rows(lines: Sequence[Line]) -> list[dict[str, Any]]:
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


def allocation_rows(allocation: Allocation, method: Mapping[str, Any] = METHOD) -> dict[str, Any]:
    """The allocation in words of the file, amounts as decimal baht."""
    rows = [
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
        for line in allocation.lines
    ]
    return {
        "method": dict(method),
        "lines": rows,
        "granted": decimal_baht(allocation.granted),
        "left": decimal_baht(allocation.left),
        "unmet_floors": [
            [u.limit.dimension.value, u.limit.code, decimal_baht(u.limit.amount), decimal_baht(u.short)]
            for u in allocation.unmet
        ],
    }


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """An entry in words of the file."""
    return {
        "proposal": entry.proposal_id,
        "number": entry.number,
        "title": entry.title.as_dict(),
        "agency": entry.agency.as_dict(),
        "ministry": entry.ministry.as_dict(),
        "ministry_code": entry.ministry_code,
        "stage": entry.stage,
        "guideline": entry.guideline,
        "state": entry.state,
        "requested": decimal_baht(entry.requested),
        "least": None if entry.least is None else decimal_baht(entry.least),
        "submitted_at": entry.submitted_at.isoformat(),
        "reviews": [entry.panel.count, entry.panel.total, entry.panel.squares],
        "calibrated": entry.calibrated,
    }


def entry_from_json(value: Mapping[str, Any]) -> Entry:
    """The inverse of `entry_to_json`. Raises `KeyError`, `ValueError` or `TypeError` for anything else."""
    least = value["least"]
    count, total, squares = value["reviews"]
    return Entry(
        proposal_id=value["proposal"],
        number=value["number"],
        title=Text.from_dict(value["title"]),
        agency=Text.from_dict(value["agency"]),
        ministry=Text.from_dict(value["ministry"]),
        ministry_code=value["ministry_code"],
        stage=value["stage"],
        guideline=value["guideline"],
        state=value["state"],
        requested=from_decimal_baht(value["requested"]),
        submitted_at=datetime.fromisoformat(value["submitted_at"]),
        panel=Panel(count, total, squares),
        least=None if least is None else from_decimal_baht(least),
        calibrated=value["calibrated"],
    )
