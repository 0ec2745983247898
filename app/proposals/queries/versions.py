"""Every filing of a proposal, so that any two can be compared."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.proposals.facts import ProposalFacts
from app.proposals.models import Submission
from app.proposals.queries.filings import Filing, read_facts


@dataclass(frozen=True, slots=True)
class FiledVersion:
    """One filing among those of a proposal. `total` in satang."""

    sequence: int
    receipt_number: str
    submitted_at: datetime
    total: int
    sha256: str


def list_versions(session: Session, proposal_id: int) -> list[FiledVersion]:
    """The filings of a proposal, the first one first; the caller has checked who may read it."""
    rows = session.execute(
        select(
            Submission.sequence,
            Submission.receipt_number,
            Submission.submitted_at,
            Submission.total,
            Submission.sha256,
        )
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence)
    )
    return [FiledVersion(r.sequence, r.receipt_number, r.submitted_at, r.total, r.sha256) for r in rows]


def read_version(session: Session, filing: Filing, sequence: int) -> ProposalFacts:
    """What was filed then; the caller has got `filing`, the latest, by `get_filing`. Raises `NotFound`."""
    if sequence == filing.sequence:
        return filing.facts
    row = session.execute(
        select(Submission.sha256, Submission.content).where(
            Submission.proposal_id == filing.proposal_id, Submission.sequence == sequence
        )
    ).first()
    if row is None:
        raise NotFound()
    return read_facts(row.sha256, row.content)
