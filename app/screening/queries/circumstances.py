"""What is known around filings when they are screened."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.proposals.facts import ProposalFacts
from app.screening.facts import Circumstances


def gather_circumstances(
    session: Session, call: CallView, filings: Mapping[int, tuple[int, ProposalFacts]]
) -> dict[int, Circumstances]:
    """Submission id -> what is known around it, for `filings` (submission id -> proposal id, facts) of a call.

    The same number of queries for one filing and for all.
    """
    return {submission_id: Circumstances() for submission_id in filings}
