"""Signatures: who has signed what, and who has still to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.models import Agency, User
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import ProposalFacts
from app.proposals.freezing import claims_sha256
from app.proposals.models import Certification
from app.proposals.queries.drafts import DraftView
from app.proposals.returns import OpenReturn, list_unanswered
from app.proposals.sections import list_obstacles
from app.proposals.signoff import PartnerStanding, judge_standing, list_unsigned


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: whose, of what, when."""

    agency_id: int
    agency: Text
    scope: str
    sha256: str
    at: datetime
    by: Text


def list_signatures(session: Session, proposal_id: int) -> list[Signature]:
    """Every signature ever given to a proposal, oldest first; whether one still holds is told by its hash."""
    return [
        Signature(
            r.agency_id,
            Text(r.name_th, r.name_en),
            r.scope,
            r.sha256,
            r.at,
            Text(r.by_th, r.by_en),
        )
        for r in session.execute(
            select(
                Certification.agency_id,
                Certification.scope,
                Certification.sha256,
                Certification.at,
                Agency.name_th,
                Agency.name_en,
                User.name_th.label("by_th"),
                User.name_en.label("by_en"),
            )
            .join(Agency, Agency.id == Certification.agency_id)
            .join(User, User.id == Certification.by)
            .where(Certification.proposal_id == proposal_id)
            .order_by(Certification.id)
        )
    ]


def find_signature(session: Session, proposal_id: int, agency_id: int, scope: str, sha256: str) -> bool:
    """Whether the agency's certifier has signed exactly this."""
    return (
        session.scalar(
            select(Certification.id).where(
                Certification.proposal_id == proposal_id,
                Certification.agency_id == agency_id,
                Certification.scope == scope,
                Certification.sha256 == sha256,
            )
        )
        is not None
    )


def list_partner_standings(session: Session, view: DraftView, facts: ProposalFacts) -> list[PartnerStanding]:
    """Each participant of the draft, in its order, and how far it has come."""
    return judge_partners(view, facts, list_signatures(session, view.id)) if facts.participants else []


def judge_partners(
    view: DraftView, facts: ProposalFacts, signatures: Iterable[Signature]
) -> list[PartnerStanding]:
    """The same, of all signatures ever given to the proposal."""
    signed = {(s.agency_id, s.sha256) for s in signatures if s.scope == "part"}
    parts = {p.code: p for p in view.parts}
    standings = []
    for agency in facts.participants:
        part = parts.get(agency.code)
        standings.append(
            PartnerStanding(
                agency,
                judge_standing(
                    part.state if part else None,
                    is_confirmed=part is not None and part.is_confirmed,
                    is_signed=part is not None and (part.agency_id, part.sha256) in signed,
                ),
            )
        )
    return standings


def is_signed_by_lead(view: DraftView, facts: ProposalFacts, signatures: Iterable[Signature]) -> bool:
    """Whether the lead's certifier has signed exactly these facts."""
    signed = (view.lead_agency_id, "filing", claims_sha256(facts))
    return any((s.agency_id, s.scope, s.sha256) == signed for s in signatures)


def list_filing_problems(
    session: Session,
    view: DraftView,
    call: CallView,
    facts: ProposalFacts,
    returned: OpenReturn | None,
    signatures: Collection[Signature] | None = None,
) -> list[Problem]:
    """Everything that stands between a draft and its filing: what is missing or wrong, questions of a return that have
    no answer, and in calls that ask for them the participants' confirmations and the signatures.

    `signatures` are all of the proposal's, where the caller has read them."""
    problems = list_obstacles(view.draft, view.joined, facts, call.plan, call.limits)
    if returned is not None:
        problems += list_unanswered(returned)
    if call.is_certified:
        if signatures is None:
            signatures = list_signatures(session, view.id)
        has_signed = is_signed_by_lead(view, facts, signatures)
        problems += list_unsigned(judge_partners(view, facts, signatures), lead_has_signed=has_signed)
    return problems
