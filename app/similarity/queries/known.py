"""What is known of the likeness of filings, for the rules that screen them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.identity.models import Agency
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal, Submission
from app.proposals.states import DRAFT
from app.similarity.models import ComparedFiling, OverlapPair, OverlapVerdict


@dataclass(frozen=True, slots=True)
class KnownPair:
    """A filing that another resembles. `score` per mille, 0 where only a verdict of earlier filings ties the two.
    `verdict` is "" while nobody has judged them; `yields` is the number of the proposal that should give way, `lead`
    the code of the agency that leads the other."""

    number: str
    title: Text
    agency: Text
    fiscal_year: int
    score: int
    verdict: str = ""
    yields: str = ""
    reason: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    verdict: str
    yields_id: int | None
    reason: str


_NOTHING_SAID = _Said("", None, "")
_later, _earlier = aliased(Submission), aliased(Submission)
_next = aliased(Submission)


def list_known(session: Session, submission_ids: Collection[int]) -> dict[int, tuple[KnownPair, ...] | None]:
    """Submission id -> what it resembles, the likest first, and what people said of it; None where it was neither
    compared yet nor judged.

    Of other proposals the filing that counts now; a verdict counts for the two proposals, whichever filing it was
    given on. Four queries for any number.
    """
    filings = session.execute(
        select(Submission.id, Submission.proposal_id, ComparedFiling.submission_id.label("compared"))
        .outerjoin(ComparedFiling, ComparedFiling.submission_id == Submission.id)
        .where(Submission.id.in_(submission_ids))
    ).all()
    compared = {filing.compared for filing in filings}
    proposal_of = {filing.id: filing.proposal_id for filing in filings}
    verdicts = _verdicts(session, set(proposal_of.values()))
    scores: dict[int, dict[int, int]] = {submission_id: {} for submission_id in proposal_of}
    for one, other_of, score in _pairs(session, submission_ids):
        scores[one][other_of] = score
    for submission_id, proposal_id in proposal_of.items():
        for other_of in verdicts.get(proposal_id, {}):
            scores[submission_id].setdefault(other_of, 0)
    others = _others(
        session, {*proposal_of.values(), *(other_of for found in scores.values() for other_of in found)}
    )
    known: dict[int, tuple[KnownPair, ...] | None] = dict.fromkeys(submission_ids)
    for submission_id, found in scores.items():
        said = verdicts.get(proposal_of[submission_id], {})
        pairs = [
            _known(others[other_of], score, said.get(other_of, _NOTHING_SAID), others)
            for other_of, score in found.items()
            if other_of in others
        ]
        if submission_id in compared or pairs:
            known[submission_id] = tuple(sorted(pairs, key=lambda p: (-p.score, p.number)))
    return known


def _pairs(session: Session, submission_ids: Collection[int]) -> list[tuple[int, int, int]]:
    """(submission asked for, proposal it resembles by its last filing, score); one query."""
    found = session.execute(
        select(
            OverlapPair.later_id,
            OverlapPair.earlier_id,
            _later.proposal_id.label("later_of"),
            _earlier.proposal_id.label("earlier_of"),
            OverlapPair.score,
            _is_superseded(_later).label("later_old"),
            _is_superseded(_earlier).label("earlier_old"),
        )
        .join(_later, _later.id == OverlapPair.later_id)
        .join(_earlier, _earlier.id == OverlapPair.earlier_id)
        .where(or_(OverlapPair.later_id.in_(submission_ids), OverlapPair.earlier_id.in_(submission_ids)))
    )
    asked = set(submission_ids)
    pairs = []
    for row in found:
        if row.later_id in asked and not row.earlier_old:
            pairs.append((row.later_id, row.earlier_of, row.score))
        if row.earlier_id in asked and not row.later_old:
            pairs.append((row.earlier_id, row.later_of, row.score))
    return pairs


def _is_superseded(filing: Any) -> ColumnElement[bool]:
    return (
        select(_next.id)
        .where(_next.proposal_id == filing.proposal_id, _next.sequence > filing.sequence)
        .correlate(filing)
        .exists()
    )


def _verdicts(session: Session, proposal_ids: Collection[int]) -> dict[int, dict[int, _Said]]:
    """Proposal -> other proposal -> the verdict that counts."""
    newest = (
        select(func.max(OverlapVerdict.id))
        .where(or_(OverlapVerdict.low_id.in_(proposal_ids), OverlapVerdict.high_id.in_(proposal_ids)))
        .group_by(OverlapVerdict.low_id, OverlapVerdict.high_id)
    )
    found: dict[int, dict[int, _Said]] = {}
    for v in session.scalars(select(OverlapVerdict).where(OverlapVerdict.id.in_(newest))):
        said = _Said(v.verdict, v.yields_id, v.reason)
        found.setdefault(v.low_id, {})[v.high_id] = said
        found.setdefault(v.high_id, {})[v.low_id] = said
    return found


@dataclass(frozen=True, slots=True)
class _Other:
    id: int
    number: str
    title: Text
    agency: Text
    lead: str
    fiscal_year: int


def _others(session: Session, proposal_ids: Collection[int]) -> dict[int, _Other]:
    """Filed proposals by id; those taken back are drafts again, and left out."""
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th,
            Agency.name_en,
            Agency.code,
            Call.fiscal_year,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(Proposal.id.in_(proposal_ids), Proposal.state != DRAFT)
    )
    return {
        r.id: _Other(
            r.id,
            r.number,
            Text(r.title_th, r.title_en),
            Text(r.name_th, r.name_en),
            r.code,
            r.fiscal_year,
        )
        for r in rows
    }


def _known(other: _Other, score: int, said: _Said, proposals: dict[int, _Other]) -> KnownPair:
    return KnownPair(
        number=other.number,
        title=other.title,
        agency=other.agency,
        fiscal_year=other.fiscal_year,
        score=score,
        verdict=said.verdict,
        yields=proposals[said.yields_id].number if said.yields_id in proposals else "",
        reason=said.reason,
        lead=other.lead,
    )
