"""The signatures a filing carries."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.identity.models import Agency
from app.proposals.drafts import PART_SECTIONS, empty_part, part_sha256
from app.proposals.freezing import claims_sha256
from app.proposals.models import DraftRevision, Submission
from app.proposals.queries.filings import read_facts
from app.proposals.queries.receipts import Receipt
from app.proposals.queries.signoff import Signature, list_signatures


def list_filing_signatures(session: Session, receipt: Receipt) -> list[Signature]:
    """Who signed what was filed then: the lead's certifier all that it claims, and the certifier of each participant
    its part as it was at that moment. In the order of signing; none where nobody signed.

    The caller has got `receipt` by `get_receipt`.
    """
    filed = session.execute(
        select(Submission.content, Submission.sha256, Submission.submitted_at).where(
            Submission.receipt_number == receipt.receipt_number
        )
    ).one()
    signatures = [s for s in list_signatures(session, receipt.proposal_id) if s.at <= filed.submitted_at]
    if not signatures:
        return []
    facts = read_facts(filed.sha256, filed.content)
    participants = {
        row.id
        for row in session.execute(
            select(Agency.id).where(Agency.code.in_([a.code for a in facts.participants]))
        )
    }
    parts = _parts_then(session, receipt, filed.submitted_at)
    whole = claims_sha256(facts)
    return [
        s
        for s in signatures
        if (s.scope == "filing" and s.sha256 == whole)
        or (s.scope == "part" and s.agency_id in participants and s.sha256 == parts.get(s.agency_id, _BLANK))
    ]


_BLANK = part_sha256(empty_part())


def _parts_then(session: Session, receipt: Receipt, at: datetime) -> dict[int, str]:
    """Agency id -> the hash of its part as it was last saved at or before a moment."""
    mine = (DraftRevision.proposal_id == receipt.proposal_id, DraftRevision.section.in_(list(PART_SECTIONS)))
    last = (
        select(
            DraftRevision.agency_id, DraftRevision.section, func.max(DraftRevision.version).label("version")
        )
        .where(*mine, DraftRevision.at <= at)
        .group_by(DraftRevision.agency_id, DraftRevision.section)
        .subquery()
    )
    rows = session.execute(
        select(DraftRevision.agency_id, DraftRevision.section, DraftRevision.content)
        .join(
            last,
            and_(
                DraftRevision.agency_id == last.c.agency_id,
                DraftRevision.section == last.c.section,
                DraftRevision.version == last.c.version,
            ),
        )
        .where(*mine)
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row.agency_id, empty_part())[row.section] = json.loads(row.content)
    return {agency_id: part_sha256(part) for agency_id, part in found.items()}
