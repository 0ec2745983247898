"""Receipts: proof of filing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, may, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import (
    Proposal,
    Submission,
)
from app.proposals.queries.filings import read_facts
from app.proposals.queries.owners import target_of
from app.proposals.states import DRAFT, RECORDED

_any = aliased(Submission)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of filing. `submitted_at` is the server's time of arrival, `deadline_at` the moment it was judged by (None
    for filings that are older than deadlines kept); `total` satang, and `least` the smallest amount the project still
    works with, where it states one. `latest` is the sequence of the last filing, the one that counts, and `state` the
    proposal's now."""

    proposal_id: int
    receipt_number: str
    number: str
    title: Text
    agency: Text
    fiscal_year: int
    origin: str
    submitted_at: datetime
    submitted_by: Text
    total: int
    sha256: str
    deadline_at: datetime | None = None
    sequence: int = 1
    latest: int = 1
    state: str = ""
    least: int | None = None

    @property
    def is_latest(self) -> bool:
        return self.sequence == self.latest

    @property
    def is_withdrawn(self) -> bool:
        """Whether the proposal was taken back and has not been filed again."""
        return self.state == DRAFT

    @property
    def is_in_grace(self) -> bool:
        """Whether it came after the closing moment and was taken all the same."""
        return self.deadline_at is not None and self.submitted_at >= self.deadline_at


def get_receipt(session: Session, actor: Actor, proposal_id: int, sequence: int | None = None) -> Receipt:
    """The receipt of the latest filing, or of the one of this sequence. Raises `NotFound`; of a proposal taken back,
    only its own agencies see it."""
    target = target_of(session, proposal_id)
    require(actor, Permission.READ_RECEIPT, target)
    state = session.scalar(select(Proposal.state).where(Proposal.id == proposal_id))
    if state == DRAFT and not may(actor, Permission.READ_PROPOSAL, target):
        raise NotFound()
    wanted = [Proposal.id == proposal_id]
    if sequence is not None:
        wanted.append(Submission.sequence == sequence)
    receipt = _find_receipt(session, *wanted)
    if receipt is None:
        raise NotFound()
    return receipt


def find_receipt_by_number(session: Session, receipt_number: str) -> Receipt | None:
    """For public verification: the page shows number, time and hash only."""
    return _find_receipt(session, Submission.receipt_number == receipt_number)


def _find_receipt(session: Session, *conditions: ColumnElement[bool]) -> Receipt | None:
    latest = select(func.max(_any.sequence)).where(_any.proposal_id == Proposal.id).scalar_subquery()
    row = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.state,
            Submission.sequence,
            latest.label("latest"),
            Submission.receipt_number,
            Submission.submitted_at,
            Submission.deadline_at,
            Submission.sha256,
            Submission.total,
            Submission.content,
            Agency.name_th,
            Agency.name_en,
            Call.fiscal_year,
            Call.origin,
            User.name_th.label("by_th"),
            User.name_en.label("by_en"),
        )
        .join(Submission, Submission.proposal_id == Proposal.id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Call, Call.id == Proposal.call_id)
        .outerjoin(User, User.id == Submission.submitted_by)
        .where(*conditions, Proposal.state != RECORDED)  # nobody filed what was recorded
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    facts = read_facts(row.sha256, row.content)
    return Receipt(
        proposal_id=row.id,
        receipt_number=row.receipt_number,
        number=row.number,
        title=facts.title,
        agency=Text(row.name_th, row.name_en),
        fiscal_year=row.fiscal_year,
        origin=row.origin,
        submitted_at=row.submitted_at,
        submitted_by=Text(row.by_th or "", row.by_en or ""),
        total=row.total,
        sha256=row.sha256,
        sequence=row.sequence,
        latest=row.latest,
        state=row.state,
        deadline_at=row.deadline_at,
        least=facts.reduced.amount if facts.reduced else None,
    )
