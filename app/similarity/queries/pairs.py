"""Pairs of filings that resemble each other, for those who may see all of them: lists and counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, search_key
from app.proposals.models import Proposal, Submission
from app.proposals.states import DRAFT, FAILED, PASSED, QUESTIONED, RECORDED, RETURNED, SUBMITTED
from app.similarity.content import comparison_from_json
from app.similarity.facts import Comparison, Ground
from app.similarity.models import ComparedFiling, OverlapPair, OverlapVerdict
from app.similarity.rules import WORKING_THRESHOLD

UNJUDGED, JUDGED = "none", "any"  # beside the verdicts themselves, what a list may be narrowed to
_LONGEST_SEARCH = 200
_UNDECIDED = (SUBMITTED, PASSED, QUESTIONED, FAILED, RETURNED)

later, earlier = aliased(Submission), aliased(Submission)
later_of, earlier_of = aliased(Proposal), aliased(Proposal)
_later_lead, _earlier_lead = aliased(Agency), aliased(Agency)
later_call, earlier_call = aliased(Call), aliased(Call)
_next = aliased(Submission)
_low = case((later_of.id < earlier_of.id, later_of.id), else_=earlier_of.id)
_high = case((later_of.id < earlier_of.id, earlier_of.id), else_=later_of.id)
_given = aliased(OverlapVerdict)
_standing = (
    select(func.max(_given.id))
    .where(_given.low_id == _low, _given.high_id == _high)
    .correlate(later_of, earlier_of)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class PairSide:
    """One of two filings in a list. `total` in satang."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    fiscal_year: int
    state: str
    total: int


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair in a list. `verdict` is "" while nobody has judged it; `yields` the number of the one to give way.
    `is_current` unless one of the two was filed again since."""

    id: int
    score: int
    later: PairSide
    earlier: PairSide
    grounds: tuple[Ground, ...]
    verdict: str
    yields: str
    is_current: bool

    @property
    def mark(self) -> str:
        """Where the pair stands in its list, for `after`."""
        return f"{int(bool(self.verdict))}-{self.score}-{self.id}"

    def beside(self, proposal_id: int) -> PairSide:
        """The other of the two."""
        return self.earlier if self.later.proposal_id == proposal_id else self.later


@dataclass(frozen=True, slots=True)
class PairFilter:
    """What a list of pairs is narrowed to. `verdict`: "" for all, `UNJUDGED`, `JUDGED` or a verdict; `across`: pairs
    of two calls, of one, or None for both; `least` per mille; `agency` the code of either lead."""

    text: str = ""
    verdict: str = ""
    across: bool | None = None
    least: int = WORKING_THRESHOLD
    agency: str = ""


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Pairs of a call from the working threshold on, those of them nobody has judged, and of those the ones whose
    verdict can still change something: one of the two is neither decided nor recorded from documents."""

    all: int = 0
    unjudged: int = 0
    waiting: int = 0


def is_latest(filing: Any) -> ColumnElement[bool]:
    return ~(
        select(_next.id)
        .where(_next.proposal_id == filing.proposal_id, _next.sequence > filing.sequence)
        .correlate(filing)
        .exists()
    )


def joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A statement over pairs with both filings, both proposals and the verdict that counts."""
    return (
        statement.select_from(OverlapPair)
        .join(later, later.id == OverlapPair.later_id)
        .join(earlier, earlier.id == OverlapPair.earlier_id)
        .join(later_of, later_of.id == later.proposal_id)
        .join(earlier_of, earlier_of.id == earlier.proposal_id)
        .outerjoin(OverlapVerdict, OverlapVerdict.id == _standing)
    )


def counting() -> ColumnElement[bool]:
    """The pairs that count: of the last filings of two proposals neither of which was taken back."""
    return and_(_both_filed(), is_latest(later), is_latest(earlier))


def _both_filed() -> ColumnElement[bool]:
    return and_(later_of.state != DRAFT, earlier_of.state != DRAFT)


def _rows() -> Select[*tuple[Any, ...]]:
    columns: list[Any] = [
        OverlapPair.id,
        OverlapPair.score,
        OverlapPair.content,
        OverlapVerdict.verdict,
        OverlapVerdict.yields_id,
        and_(is_latest(later), is_latest(earlier)).label("is_current"),
    ]
    for side, of, lead, call, name in (
        (later, later_of, _later_lead, later_call, "later"),
        (earlier, earlier_of, _earlier_lead, earlier_call, "earlier"),
    ):
        columns += [
            of.id.label(f"{name}_proposal"),
            of.number.label(f"{name}_number"),
            of.title_th.label(f"{name}_title_th"),
            of.title_en.label(f"{name}_title_en"),
            lead.name_th.label(f"{name}_agency_th"),
            lead.name_en.label(f"{name}_agency_en"),
            call.fiscal_year.label(f"{name}_year"),
            of.state.label(f"{name}_state"),
            side.total.label(f"{name}_total"),
        ]
    statement = joined(select(*columns))
    for of, lead, call in (
        (later_of, _later_lead, later_call),
        (earlier_of, _earlier_lead, earlier_call),
    ):
        statement = statement.join(lead, lead.id == of.lead_agency_id).join(call, call.id == of.call_id)
    return statement


def _read(row: Row[*tuple[Any, ...]]) -> PairRow:
    later_side, earlier_side = _side(row._mapping, "later"), _side(row._mapping, "earlier")
    numbers = {side.proposal_id: side.number for side in (later_side, earlier_side)}
    return PairRow(
        id=row.id,
        score=row.score,
        later=later_side,
        earlier=earlier_side,
        grounds=tuple(dict.fromkeys(r.ground for r in read_comparison(row.content).reasons)),
        verdict=row.verdict or "",
        yields=numbers.get(row.yields_id, ""),
        is_current=bool(row.is_current),
    )


def _side(row: Mapping[Any, Any], name: str) -> PairSide:
    return PairSide(
        proposal_id=row[f"{name}_proposal"],
        number=row[f"{name}_number"],
        title=Text(row[f"{name}_title_th"], row[f"{name}_title_en"]),
        agency=Text(row[f"{name}_agency_th"], row[f"{name}_agency_en"]),
        fiscal_year=row[f"{name}_year"],
        state=row[f"{name}_state"],
        total=row[f"{name}_total"],
    )


def read_comparison(content: str) -> Comparison:
    """What was kept of a pair."""
    return comparison_from_json(json.loads(content))


def list_pairs(
    session: Session,
    actor: Actor,
    call_id: int,
    wanted: PairFilter = PairFilter(),
    *,
    after: str = "",
    limit: int | None = 50,
) -> list[PairRow]:
    """Pairs whose later filing is of this call: those nobody has judged first, then the likest; keyset-paged by
    `PairRow.mark`. One query. Needs READ_OVERLAPS."""
    require(actor, Permission.READ_OVERLAPS)
    is_judged = case((OverlapVerdict.id.is_(None), 0), else_=1)
    statement = (
        _rows()
        .where(
            counting(),
            later_of.call_id == call_id,
            OverlapPair.score >= wanted.least,
            *_matching(wanted.text),
        )
        .order_by(is_judged, OverlapPair.score.desc(), OverlapPair.id)
    )
    if wanted.verdict == UNJUDGED:
        statement = statement.where(OverlapVerdict.id.is_(None))
    elif wanted.verdict == JUDGED:
        statement = statement.where(OverlapVerdict.id.is_not(None))
    elif wanted.verdict:
        statement = statement.where(OverlapVerdict.verdict == wanted.verdict)
    if wanted.across is not None:
        other = earlier_of.call_id != later_of.call_id
        statement = statement.where(other if wanted.across else ~other)
    if wanted.agency:
        statement = statement.where(
            or_(_later_lead.code == wanted.agency, _earlier_lead.code == wanted.agency)
        )
    if (mark := _read_mark(after)) is not None:
        judged, score, pair_id = mark
        statement = statement.where(
            or_(
                is_judged > judged,
                and_(is_judged == judged, OverlapPair.score < score),
                and_(is_judged == judged, OverlapPair.score == score, OverlapPair.id > pair_id),
            )
        )
    return [_read(row) for row in session.execute(statement.limit(limit))]


def _read_mark(after: str) -> tuple[int, int, int] | None:
    parts = after.split("-")
    if len(parts) != 3 or not all(p.isascii() and p.isdigit() and len(p) <= 9 for p in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])


def _matching(text: str) -> list[ColumnElement[bool]]:
    """Pairs of which one side or the other holds every word."""
    try:
        words = dict.fromkeys(search_key(text[:_LONGEST_SEARCH]).split())
    except TextError:
        return [false()]
    if not words:
        return []
    sides = [
        and_(*(of.search_key.contains(word, autoescape=True) for word in words))
        for of in (later_of, earlier_of)
    ]
    return [or_(*sides)]


def count_pairs(session: Session) -> dict[int, PairCounts]:
    """Call id -> its pairs. One query for any number of calls."""
    rows = session.execute(
        joined(
            select(
                later_of.call_id,
                func.count(),
                func.count(OverlapVerdict.id),
                func.count().filter(
                    OverlapVerdict.id.is_(None),
                    or_(later_of.state.in_(_UNDECIDED), earlier_of.state.in_(_UNDECIDED)),
                ),
            )
        )
        .where(counting(), OverlapPair.score >= WORKING_THRESHOLD)
        .group_by(later_of.call_id)
    )
    return {
        call_id: PairCounts(number, number - judged, waiting) for call_id, number, judged, waiting in rows
    }


def count_uncompared(session: Session, call_id: int) -> int:
    """Filings of a call that were not compared yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(later)
            .join(later_of, later_of.id == later.proposal_id)
            .outerjoin(ComparedFiling, ComparedFiling.submission_id == later.id)
            .where(
                later_of.call_id == call_id,
                later_of.state.not_in((DRAFT, RECORDED)),
                is_latest(later),
                ComparedFiling.submission_id.is_(None),
            )
        )
        or 0
    )


def list_pairs_of(session: Session, actor: Actor, proposal_id: int) -> list[PairRow]:
    """The pairs of one proposal's last filing, from the working threshold on, the likest first; then those of earlier
    filings that were judged, since that still counts. One of each two proposals. Needs READ_OVERLAPS."""
    require(actor, Permission.READ_OVERLAPS)
    is_current = and_(is_latest(later), is_latest(earlier))
    statement = (
        _rows()
        .where(
            _both_filed(),
            or_(later_of.id == proposal_id, earlier_of.id == proposal_id),
            or_(and_(is_current, OverlapPair.score >= WORKING_THRESHOLD), OverlapVerdict.id.is_not(None)),
        )
        .order_by(case((is_current, 0), else_=1), OverlapPair.score.desc(), OverlapPair.id.desc())
    )
    found: dict[int, PairRow] = {}
    for row in map(_read, session.execute(statement)):
        found.setdefault(row.beside(proposal_id).proposal_id, row)
    return list(found.values())
