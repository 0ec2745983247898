"""All fiscal years that are followed, side by side, at the same month of each."""

from __future__ import annotations

from flask import render_template, request, url_for

from app.figures.monitoring_charts import years_chart
from app.figures.pen import Pen
from app.figures.portfolio_charts import chart_table
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.text import Text
from app.monitoring.lights import judge
from app.monitoring.periods import MONTHS_OF_YEAR, month_name
from app.monitoring.queries.years import years_standing
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import language
from app.web.monitoring.asked import SYNTHETIC, drawn, light_tag
from app.web.monitoring.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options


@blueprint.get("")
@needs(Permission.READ_MONITORING)
def years() -> str:
    """Every year's money at the end of the month asked for."""
    asked = read_id(request.args.get("month")) or MONTHS_OF_YEAR
    month = asked if asked <= MONTHS_OF_YEAR else MONTHS_OF_YEAR
    pen = Pen(language())
    found = years_standing(db.session(), current_actor(), month)
    shown = years_chart(found, pen) if any(y.sums.allotted for y in found) else None
    months = (_month_only(m) for m in range(1, MONTHS_OF_YEAR + 1))
    return render_template(
        "monitoring/years.html",
        years=[
            (
                y,
                url_for("monitoring.dashboard", fiscal_year=y.monitored.fiscal_year),
                month_name(y.monitored.fiscal_year, y.month) if y.month else None,
                light_tag(judge(y.sums.spent, y.sums.planned if y.month else 0, y.monitored.rules)),
            )
            for y in found
        ],
        month=month,
        months=Options(months).html(month),
        synthetic=SYNTHETIC,
        figure=None if shown is None else drawn(shown, chart_table("years", shown, pen), pen),
    )


def _month_only(month: int) -> tuple[str, Text]:
    name = month_name(2567, month)
    return str(month), Text(name.th.rsplit(" ", 1)[0], name.en.split(" ", 1)[0])
