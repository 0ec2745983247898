"""Projects the agency carries out: what was granted, the plan in force, and how far it is."""

from __future__ import annotations

from flask import render_template

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.monitoring.facts import CAUSE_NAMES
from app.monitoring.queries import get_project
from app.monitoring.queries.changes import account_of, list_changes, list_versions
from app.monitoring.queries.projects import list_monitored, list_projects
from app.web.agency.board import blueprint
from app.web.door import needs
from app.web.plans import PlanNames, may_change
from app.web.signing import current_actor


@blueprint.get("/projects")
@needs(Permission.READ_PROPOSAL)
def projects() -> str:
    """Every project of the agency, the latest year first."""
    session, actor = db.session(), current_actor()
    years = list_monitored(session)
    rows = {year.fiscal_year: list_projects(session, actor, year.call_id) for year in years[:5]}
    return render_template(
        "agency/projects.html",
        years=[y for y in years[:5] if rows[y.fiscal_year]],
        rows=rows,
        changes=list_changes(session, actor, most=30),
        cause_name=CAUSE_NAMES.__getitem__,
        leads=may(actor, Permission.CHANGE_PLAN) and actor.agency_ids,
    )


@blueprint.get("/projects/<int:project_id>")
@needs(Permission.READ_PROPOSAL)
def project(project_id: int) -> str:
    """One project: its plan in force, its versions and changes."""
    session, actor = db.session(), current_actor()
    view = get_project(session, actor, project_id)
    call = get_call_by_id(session, view.call_id)
    return render_template(
        "agency/project.html",
        call=call,
        view=view,
        account=account_of(session, project_id),
        names=PlanNames(call.plan, view),
        versions=list_versions(session, project_id),
        changes=list_changes(session, actor, project_id=project_id),
        may_change=may_change(actor, view),
        cause_name=CAUSE_NAMES.__getitem__,
    )
