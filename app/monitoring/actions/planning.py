"""A plan comes into force, and the one before it is kept."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, func, insert, select

from app.identity.facts import Actor
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.values import freeze_value
from app.kernel.work import Work
from app.monitoring.facts import Cause, Plan
from app.monitoring.models import Allotment, PlannedAmount, PlanVersion, Project


def put_in_force(
    work: Work[Actor],
    project: Project,
    plan: Plan,
    cause: Cause,
    agency_ids: Mapping[str, int],
    change_id: int | None = None,
) -> PlanVersion:
    """Make `plan` the version in force. Whoever calls has asked for the permission and judged the plan, and holds the
    project's row; `agency_ids` are those of the plan's agencies by code."""
    session = work.session
    before = session.scalars(select(PlanVersion).where(PlanVersion.current_for == project.id)).first()
    if before is not None:
        before.superseded_at, before.current_for = work.now, None
        session.flush()
    ordinal = session.scalar(
        select(func.coalesce(func.max(PlanVersion.ordinal), 0)).where(PlanVersion.project_id == project.id)
    )
    content = canonical_json(freeze_value(plan))
    version = PlanVersion(
        project_id=project.id,
        ordinal=(ordinal or 0) + 1,
        cause=cause.value,
        change_id=change_id,
        content=content,
        sha256=sha256_text(content),
        in_force_at=work.now,
        made_by=work.actor.id,
        current_for=project.id,
    )
    session.add(version)
    session.flush()
    _write_rows(work, project.id, plan, agency_ids)
    work.audit(
        "put_plan_in_force",
        f"project:{project.id}",
        agency_id=project.lead_agency_id,
        before=before.sha256 if before else None,
        after=version.sha256,
        detail={"version": version.ordinal, "cause": cause.value},
    )
    return version


def _write_rows(work: Work[Actor], project_id: int, plan: Plan, agency_ids: Mapping[str, int]) -> None:
    session = work.session
    session.execute(delete(PlannedAmount).where(PlannedAmount.project_id == project_id))
    session.execute(delete(Allotment).where(Allotment.project_id == project_id))
    carried = {(row.agency, row.category): row.carried for row in plan.spending}
    allotments = [
        {
            "project_id": project_id,
            "agency_id": agency_ids[agency],
            "category": category,
            "amount": amount,
            "carried": carried.get((agency, category), 0),
        }
        for (agency, category), amount in plan.allotted.items()
    ]
    planned = [
        {
            "project_id": project_id,
            "agency_id": agency_ids[row.agency],
            "category": row.category,
            "month": month,
            "amount": amount,
        }
        for row in plan.spending
        for month, amount in enumerate(row.months, 1)
        if amount
    ]
    for table, rows in ((Allotment, allotments), (PlannedAmount, planned)):
        if rows:
            session.execute(insert(table), rows)
