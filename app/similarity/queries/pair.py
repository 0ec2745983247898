"""One pair of filings with all they say, its neighbours in the list, and what people said of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import ProposalFacts
from app.proposals.queries import read_facts
from app.proposals.states import DRAFT
from app.similarity.facts import Comparison
from app.similarity.models import OverlapPair, OverlapVerdict
from app.similarity.queries.pairs import (
    counting,
    earlier,
    earlier_call,
    earlier_of,
    is_latest,
    joined,
    later,
    later_call,
    later_of,
    read_comparison,
)
from app.similarity.rules import WORKING_THRESHOLD


@dataclass(frozen=True, slots=True)
class WholeSide:
    """One of two filings with all it says. `total` in satang."""

    proposal_id: int
    submission_id: int
    call_id: int
    number: str
    fiscal_year: int
    state: str
    total: int
    submitted_at: datetime
    sha256: str
    is_latest: bool
    facts: ProposalFacts


@dataclass(frozen=True, slots=True)
class PairView:
    """Two filings and what they share; the left side of `comparison` is the later one."""

    id: int
    score: int
    comparison: Comparison
    later: WholeSide
    earlier: WholeSide

    @property
    def sides(self) -> tuple[WholeSide, WholeSide]:
        return self.later, self.earlier

    @property
    def is_latest(self) -> bool:
        """Whether neither was filed again since."""
        return self.later.is_latest and self.earlier.is_latest


def get_pair(session: Session, actor: Actor, pair_id: int) -> PairView:
    """One pair with both filings as they were compared. Needs READ_OVERLAPS; raises `NotFound`, also where one of the
    two was taken back and is a draft again."""
    require(actor, Permission.READ_OVERLAPS)
    columns: list[Any] = [OverlapPair.id, OverlapPair.score, OverlapPair.content.label("comparison")]
    for side, of, call, name in (
        (later, later_of, later_call, "later"),
        (earlier, earlier_of, earlier_call, "earlier"),
    ):
        columns += [
            of.id.label(f"{name}_proposal"),
            side.id.label(f"{name}_submission"),
            of.call_id.label(f"{name}_call"),
            of.number.label(f"{name}_number"),
            call.fiscal_year.label(f"{name}_year"),
            of.state.label(f"{name}_state"),
            side.total.label(f"{name}_total"),
            side.submitted_at.label(f"{name}_at"),
            side.sha256.label(f"{name}_sha256"),
            side.content.label(f"{name}_content"),
            is_latest(side).label(f"{name}_latest"),
        ]
    row = session.execute(
        joined(select(*columns))
        .join(later_call, later_call.id == later_of.call_id)
        .join(earlier_call, earlier_call.id == earlier_of.call_id)
        .where(OverlapPair.id == pair_id, later_of.state != DRAFT, earlier_of.state != DRAFT)
    ).first()
    if row is None:
        raise NotFound()
    return PairView(
        id=row.id,
        score=row.score,
        comparison=read_comparison(row.comparison),
        later=_whole(row._mapping, "later"),
        earlier=_whole(row._mapping, "earlier"),
    )


def _whole(row: Mapping[Any, Any], name: str) -> WholeSide:
    return WholeSide(
        proposal_id=row[f"{name}_proposal"],
        submission_id=row[f"{name}_submission"],
        call_id=row[f"{name}_call"],
        number=row[f"{name}_number"],
        fiscal_year=row[f"{name}_year"],
        state=row[f"{name}_state"],
        total=row[f"{name}_total"],
        submitted_at=row[f"{name}_at"],
        sha256=row[f"{name}_sha256"],
        is_latest=bool(row[f"{name}_latest"]),
        facts=read_facts(row[f"{name}_sha256"], row[f"{name}_content"]),
    )


def find_current_pair(session: Session, one: int, other: int) -> int | None:
    """The pair of the last filings of two proposals, if they still resemble each other."""
    left, right = later_of.id, earlier_of.id
    found: int | None = session.scalar(
        joined(select(OverlapPair.id)).where(
            counting(),
            OverlapPair.score >= WORKING_THRESHOLD,
            or_(and_(left == one, right == other), and_(left == other, right == one)),
        )
    )
    return found


def find_neighbours(session: Session, pair: PairView) -> tuple[int | None, int | None]:
    """The pairs nobody has judged before and after this one in the list of its call."""
    unjudged = joined(select(OverlapPair.id)).where(
        counting(),
        later_of.call_id == pair.later.call_id,
        OverlapPair.score >= WORKING_THRESHOLD,
        OverlapVerdict.id.is_(None),
    )
    before = unjudged.where(
        or_(
            OverlapPair.score > pair.score,
            and_(OverlapPair.score == pair.score, OverlapPair.id < pair.id),
        )
    ).order_by(OverlapPair.score, OverlapPair.id.desc())
    after = unjudged.where(
        or_(
            OverlapPair.score < pair.score,
            and_(OverlapPair.score == pair.score, OverlapPair.id > pair.id),
        )
    ).order_by(OverlapPair.score.desc(), OverlapPair.id)
    return session.scalar(before.limit(1)), session.scalar(after.limit(1))


@dataclass(frozen=True, slots=True)
class VerdictView:
    """A verdict that was given. `yields` is the number of the one to give way; `of_earlier` the numbers of those that
    were filed again since; `by` None for the system."""

    id: int
    verdict: str
    yields: str
    reason: str
    at: datetime
    by: Text | None
    of_earlier: tuple[str, ...]


def list_verdicts(session: Session, pair: PairView) -> list[VerdictView]:
    """What was said of the two proposals, the latest first; that one counts."""
    low, high = sorted(pair.sides, key=lambda side: side.proposal_id)
    rows = session.execute(
        select(OverlapVerdict, User.name_th, User.name_en)
        .outerjoin(User, User.id == OverlapVerdict.by)
        .where(OverlapVerdict.low_id == low.proposal_id, OverlapVerdict.high_id == high.proposal_id)
        .order_by(OverlapVerdict.id.desc())
    )
    numbers = {side.proposal_id: side.number for side in pair.sides}
    return [
        VerdictView(
            id=v.id,
            verdict=v.verdict,
            yields=numbers[v.yields_id] if v.yields_id else "",
            reason=v.reason,
            at=v.at,
            by=Text(name_th, name_en) if name_th else None,
            of_earlier=tuple(
                side.number
                for side, judged in ((low, v.low_sha256), (high, v.high_sha256))
                if side.sha256 != judged
            ),
        )
        for v, name_th, name_en in rows
    ]
