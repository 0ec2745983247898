"""What an agency learns of filings its proposal resembles: all of those it may see, of others only that they are.

What must not be told leaves this room not at all: of a filing of another agency a page gets a band of likeness and
nothing else, no name, no number, no amount, and no words that would tell what the other wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, Target, may, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import ProposalFacts
from app.proposals.models import Proposal, Submission
from app.proposals.queries import read_facts, target_of
from app.proposals.queries.owners import OWNERS, read_owners
from app.proposals.states import DRAFT, RECORDED
from app.similarity.content import comparison_from_json
from app.similarity.facts import Comparison, Match
from app.similarity.models import ComparedFiling, DraftComparison, OverlapPair
from app.similarity.queries.pairs import read_comparison
from app.similarity.rules import WORKING_THRESHOLD

_VERY_LIKE, _LIKE = 700, 500  # per mille


class Band(StrEnum):
    """How like, told where nothing else may be."""

    VERY_LIKE = "very_like"
    LIKE = "like"
    RATHER_LIKE = "rather_like"


BAND_NAMES = {
    Band.VERY_LIKE: Text("คล้ายมาก", "Very similar"),
    Band.LIKE: Text("คล้าย", "Similar"),
    Band.RATHER_LIKE: Text("คล้ายบางส่วน", "Similar in part"),
}


def band_of(score: int) -> Band:
    """The band of a score, per mille."""
    return Band.VERY_LIKE if score >= _VERY_LIKE else Band.LIKE if score >= _LIKE else Band.RATHER_LIKE


@dataclass(frozen=True, slots=True)
class SeenOverlap:
    """A filing the reader may see: of an own agency, or from the published archive. The left side of `comparison` is
    the reader's proposal. `is_own` tells whether there is a page to read it on; `total` in satang."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    fiscal_year: int
    total: int
    is_own: bool
    comparison: Comparison
    facts: ProposalFacts


@dataclass(frozen=True, slots=True)
class OwnOverlaps:
    """What a proposal resembles, the likest first. `hidden` are the bands of filings of other agencies."""

    seen: tuple[SeenOverlap, ...]
    hidden: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class ComparedDraft:
    """A comparison that was asked for. `compared_at` is None while it waits for the first; `sha256` is the mark of the
    text that was compared (`content.comparable_sha256`); `against` counts the filings."""

    asked_at: datetime
    compared_at: datetime | None
    against: int
    sha256: str
    found: OwnOverlaps

    @property
    def is_waiting(self) -> bool:
        return self.compared_at is None or self.compared_at < self.asked_at


def find_draft_overlaps(session: Session, actor: Actor, proposal_id: int) -> ComparedDraft | None:
    """What a draft resembled when that was last asked, or None when nobody asked. Raises `NotFound` for a proposal
    that is not of the actor's agencies."""
    require(actor, Permission.READ_PROPOSAL, target_of(session, proposal_id))
    row = session.get(DraftComparison, proposal_id)
    if row is None:
        return None
    found = json.loads(row.content) if row.content else []
    compared = {one["submission"]: comparison_from_json(one["comparison"]) for one in found}
    return ComparedDraft(
        asked_at=row.asked_at,
        compared_at=row.compared_at,
        against=row.against,
        sha256=row.sha256,
        found=_told(session, actor, proposal_id, compared),
    )


def find_filing_overlaps(session: Session, actor: Actor, proposal_id: int) -> OwnOverlaps | None:
    """What the last filing of a proposal resembles, or None while it was not compared yet. Raises `NotFound` for a
    proposal that is not of the actor's agencies."""
    require(actor, Permission.READ_PROPOSAL, target_of(session, proposal_id))
    filing = session.execute(
        select(Submission.id, ComparedFiling.compared_at)
        .outerjoin(ComparedFiling, ComparedFiling.submission_id == Submission.id)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).first()
    if filing is None or filing.compared_at is None:
        return None
    compared = {}
    for pair in session.scalars(
        select(OverlapPair).where(or_(OverlapPair.later_id == filing.id, OverlapPair.earlier_id == filing.id))
    ):
        comparison = read_comparison(pair.content)
        if pair.later_id == filing.id:
            compared[pair.earlier_id] = comparison
        else:
            compared[pair.later_id] = turned(comparison)
    return _told(session, actor, proposal_id, compared)


def turned(comparison: Comparison) -> Comparison:
    """The same with left and right exchanged."""
    return Comparison(
        comparison.score,
        comparison.reasons,
        tuple(
            Match(m.right, m.right_start, m.right_end, m.left, m.left_start, m.left_end, m.likeness)
            for m in comparison.matches
        ),
    )


_newer = aliased(Submission)


def _told(session: Session, actor: Actor, proposal_id: int, compared: dict[int, Comparison]) -> OwnOverlaps:
    """What may be told of these filings (submission id -> what it shares); one query."""
    enough = {key: one for key, one in compared.items() if one.score >= WORKING_THRESHOLD}
    seen: list[SeenOverlap] = []
    hidden: list[Band] = []
    for row in _others(session, proposal_id, enough):
        comparison = enough[row.submission_id]
        is_own = may(actor, Permission.READ_PROPOSAL, Target(read_owners(row.owners)))
        if not is_own and row.state != RECORDED:
            hidden.append(band_of(comparison.score))
            continue
        seen.append(
            SeenOverlap(
                proposal_id=row.id,
                number=row.number,
                title=Text(row.title_th, row.title_en),
                agency=Text(row.agency_th, row.agency_en),
                fiscal_year=row.fiscal_year,
                total=row.total,
                is_own=is_own,
                comparison=comparison,
                facts=read_facts(row.sha256, row.content),
            )
        )
    seen.sort(key=lambda one: (-one.comparison.score, one.number))
    return OwnOverlaps(tuple(seen), tuple(sorted(hidden, key=list(Band).index)))


def _others(session: Session, proposal_id: int, submission_ids: Iterable[int]) -> Iterable[Any]:
    """The last filings among these, without those taken back."""
    newer = (
        select(_newer.id)
        .where(_newer.proposal_id == Submission.proposal_id, _newer.sequence > Submission.sequence)
        .exists()
    )
    return session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.state,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
            Call.fiscal_year,
            Submission.id.label("submission_id"),
            Submission.total,
            Submission.sha256,
            Submission.content,
            OWNERS,
        )
        .join(Submission, Submission.proposal_id == Proposal.id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(
            Submission.id.in_(list(submission_ids)),
            Proposal.id != proposal_id,
            Proposal.state != DRAFT,
            ~newer,
        )
    )
