"""What became of granted projects, as it was last reported."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import ProjectResult, Proposal
from app.proposals.results import GRANTED_STATES, ProjectResults, results_from_json


def read_results(row: ProjectResult) -> ProjectResults:
    """A stored report as its value."""
    return results_from_json(json.loads(row.content), row.as_of, row.granted, row.spent, row.source)


def find_results(session: Session, proposal_ids: Collection[int]) -> dict[int, ProjectResults]:
    """Proposal id -> the report that counts, where there is one. One query; the caller knows who may see them."""
    newest = (
        select(func.max(ProjectResult.id))
        .where(ProjectResult.proposal_id.in_(proposal_ids))
        .group_by(ProjectResult.proposal_id)
    )
    rows = session.scalars(select(ProjectResult).where(ProjectResult.id.in_(newest)))
    return {row.proposal_id: read_results(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Report:
    """A report as its history shows it; `by` is None for the system."""

    results: ProjectResults
    recorded_at: datetime
    by: Text | None


def list_reports(session: Session, actor: Actor, proposal_id: int) -> list[Report]:
    """Every report on a project, the one that counts first."""
    require(actor, Permission.RECORD_RESULTS)
    rows = session.execute(
        select(ProjectResult, User)
        .outerjoin(User, User.id == ProjectResult.recorded_by)
        .where(ProjectResult.proposal_id == proposal_id)
        .order_by(ProjectResult.id.desc())
    )
    return [
        Report(read_results(row), row.recorded_at, Text(user.name_th, user.name_en) if user else None)
        for row, user in rows
    ]


@dataclass(frozen=True, slots=True)
class GrantedRow:
    """A granted project of a call with its latest report. Satang."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    state: str
    asked: int
    results: ProjectResults | None


def list_granted(session: Session, actor: Actor, call_id: int) -> list[GrantedRow]:
    """The projects of a call that may have results, by number. Two queries for any number of them."""
    require(actor, Permission.RECORD_RESULTS)
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Proposal.total,
            Agency.name_th,
            Agency.name_en,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(GRANTED_STATES))
        .order_by(Proposal.number)
    ).all()
    newest = (
        select(func.max(ProjectResult.id))
        .join(Proposal, Proposal.id == ProjectResult.proposal_id)
        .where(Proposal.call_id == call_id)
        .group_by(ProjectResult.proposal_id)
    )
    reported = {
        row.proposal_id: read_results(row)
        for row in session.scalars(select(ProjectResult).where(ProjectResult.id.in_(newest)))
    }
    return [
        GrantedRow(
            r.id,
            r.number,
            Text(r.title_th, r.title_en),
            Text(r.name_th, r.name_en),
            r.state,
            r.total,
            reported.get(r.id),
        )
        for r in rows
    ]
