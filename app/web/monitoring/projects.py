"""The projects of a year, one line each, to the satang; the same as a file."""

from __future__ import annotations

import io

from flask import render_template, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call
from app.figures.monitoring_tables import standing_table
from app.figures.monitoring_words import percent
from app.figures.pen import Pen
from app.identity.rules import Permission
from app.kernel.db import db
from app.monitoring.queries.standing import standing_of
from app.monitoring.states import PROJECT_STATES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.language import language
from app.web.monitoring.asked import (
    address_of,
    filter_options,
    label_of,
    lead_of,
    light_tag,
    read_choice,
)
from app.web.monitoring.desk import blueprint
from app.web.signing import current_actor
from reports.csvs import write_csv


@blueprint.get("/<int:fiscal_year>/projects")
@needs(Permission.READ_MONITORING)
def projects(fiscal_year: int) -> str:
    """The projects chosen, in the order of their numbers."""
    session = db.session()
    call = get_call(session, fiscal_year)
    standing = standing_of(session, current_actor(), fiscal_year, arrived(), read_choice())
    fields = address_of(standing.chosen)
    month = {"month": fields["month"]} if "month" in fields else {}
    return render_template(
        "monitoring/projects.html",
        call=call,
        standing=standing,
        label=label_of(standing),
        lead=lead_of(standing),
        options=filter_options(standing, call),
        fields=fields,
        states=PROJECT_STATES,
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
        base=url_for("monitoring.project", fiscal_year=fiscal_year, project_id=0)[:-1],
        ending="?month=" + month["month"] if month else "",
        file=url_for("monitoring.standing_file", fiscal_year=fiscal_year, **fields),
    )


@blueprint.get("/<int:fiscal_year>/standing.csv")
@needs(Permission.READ_MONITORING)
def standing_file(fiscal_year: int) -> Response:
    """The same projects as CSV, amounts in baht to the satang."""
    session = db.session()
    call = get_call(session, fiscal_year)
    standing = standing_of(session, current_actor(), fiscal_year, arrived(), read_choice())
    target = io.BytesIO()
    write_csv(standing_table(standing, call.plan, Pen(language())), target)
    name = f"standing-{fiscal_year}-{standing.month:02d}.csv"
    return send_download(target.getvalue(), name, name, "text/csv")
