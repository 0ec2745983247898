"""Projects and reports as systems name them: by the number of the proposal, by agency and period."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.monitoring.models import PlanChange, ProgressRecord, Project
from app.monitoring.periods import ReportKind
from app.proposals.models import Proposal


def get_project_id(session: Session, number: str) -> int:
    """The project of a proposal; who may know of it is asked next. Raises `NotFound`."""
    project_id = session.scalar(
        select(Project.id).join(Proposal, Proposal.id == Project.proposal_id).where(Proposal.number == number)
    )
    if project_id is None:
        raise NotFound()
    return project_id


def get_change_id(session: Session, project_id: int, ordinal: int) -> int:
    """A change of a project's plan; who may know of it is asked next. Raises `NotFound`."""
    change_id = session.scalar(
        select(PlanChange.id).where(PlanChange.project_id == project_id, PlanChange.ordinal == ordinal)
    )
    if change_id is None:
        raise NotFound()
    return change_id


def find_open_report(
    session: Session, call_id: int, agency_id: int, kind: ReportKind, period: int
) -> ProgressRecord | None:
    """The report of a period that is on its way; None where none was begun, or the last was accepted."""
    key = f"{call_id}:{agency_id}:{kind}:{period}"
    return session.scalars(select(ProgressRecord).where(ProgressRecord.open_for == key)).first()
