"""How the agency's own projects stand: plan against actual, with the same figures the secretariat and committee read."""

from __future__ import annotations

from flask import render_template, request, url_for

from app.calls.queries import get_call
from app.figures.monitoring_words import percent
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.monitoring.periods import period_name
from app.monitoring.queries.standing import standing_of
from app.monitoring.queries.standing_views import Choice
from app.monitoring.queries.stories import own_years
from app.web.agency.board import blueprint
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.monitoring.asked import light_tag, month_options, read_choice
from app.web.monitoring.dashboard import dashboard_words
from app.web.monitoring.project import project_words
from app.web.signing import current_actor
from app.web.tags import Options


def _choice() -> Choice:
    """An agency chooses the month and the plan alone: its projects are few."""
    asked = read_choice()
    return Choice(month=asked.month, first_plan=asked.first_plan)


@blueprint.get("/progress")
@needs(Permission.READ_PROPOSAL)
def performance() -> str:
    """The agency's projects of a year, the latest one unless another is asked for. For those who report alone: others read
    whole calls."""
    session, actor = db.session(), current_actor()
    years = own_years(session, actor)
    if not years:
        return render_template("agency/performance_none.html")
    asked = read_id(request.args.get("year"))
    if asked is not None and asked not in years:
        raise NotFound()
    year = asked or years[0]
    call = get_call(session, year)
    standing = standing_of(session, actor, year, arrived(), _choice(), own=True)
    return render_template(
        "agency/performance.html",
        **dashboard_words(standing, call),
        years=Options((str(y), Text(f"{y}", f"{y}")) for y in years).html(year),
        months=month_options(standing),
        rows=[
            (
                p,
                percent(p.sums.spent, p.sums.allotted),
                light_tag(p.money),
                light_tag(p.work.judged),
                light_tag(p.indicators),
            )
            for p in standing.projects
        ],
        base=url_for("agency.performance_project", fiscal_year=year, project_id=0)[:-1],
        ending=f"?month={standing.month}",
        late=[(late, period_name(year, late.kind, late.period)) for late in standing.late],
    )


@blueprint.get("/progress/<int:fiscal_year>/<int:project_id>")
@needs(Permission.READ_PROPOSAL)
def performance_project(fiscal_year: int, project_id: int) -> str:
    """One project of the agency's own at the end of a month; another agency's is not there."""
    session = db.session()
    call = get_call(session, fiscal_year)
    standing = standing_of(
        session, current_actor(), fiscal_year, arrived(), _choice(), own=True, targets=False
    )
    return render_template("agency/performance_project.html", **project_words(standing, call, project_id))
