"""The years, one year, and what an agency or a ministry has in it."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response
from markupsafe import Markup

from app.kernel.errors import NotFound
from app.releases.facts import DIMENSION_NAMES, PHASE_NAMES, Dimension
from app.releases.finding import Question
from app.releases.queries import find_current
from app.releases.summing import Sums, has_asked, sums_by, total
from app.releases.words import title_of
from app.web.door import public
from app.web.language import language
from app.web.site.frame import Shown, blueprint, page, published, read_year, shown

_CHARTED = (Dimension.STAGE, Dimension.MINISTRY)


def spoken() -> Literal["th", "en"]:
    """The reader's language as the printing house knows it."""
    return "en" if language() == "en" else "th"


def drawn(chart: Any) -> Markup:
    """A chart as it stands in a page."""
    from reports.charts import chart_svg  # imported late: charts load fonts

    return Markup(chart_svg(chart, False, spoken()))  # noqa: S704 (our own drawing)


def about(view: Shown) -> dict[str, Any]:
    """What every page of a year is drawn with."""
    year = view.open.year
    return {
        "shown": view,
        "year": year,
        "title": title_of(year),
        "names": {(n.kind, n.code): n.name for n in year.names},
        "agencies": view.open.agencies,
        "phase_names": PHASE_NAMES,
        "dimension_names": DIMENSION_NAMES,
        "has_asked": has_asked(year),
    }


def curve(year: Any, sums: Sums, months: Any) -> dict[str, Any]:
    """The picture of plan and spending, and the rows of its table."""
    from app.monitoring.periods import month_name
    from app.releases.charts import curve_chart, last_month_told

    told = last_month_told(sums.disbursed_months, months)
    chart = curve_chart(
        year.fiscal_year,
        sums.planned_months,
        sums.disbursed_months,
        told,
        "en" if language() == "en" else "th",
    )
    planned, spent = chart.series
    return {
        "curve": drawn(chart),
        "curve_rows": list(zip(chart.categories, planned.values, spent.values, strict=True)),
        "told": month_name(year.fiscal_year, told, short=True) if told else None,
    }


@blueprint.get("/plan")
@public
def years() -> Response:
    """Every year of which something was published."""

    def make() -> dict[str, Any]:
        rows = published()
        fiscal_years = sorted({row.fiscal_year for row in rows}, reverse=True)
        current = [(n, find_current(rows, n)) for n in fiscal_years]
        opened = [(row, read_year(row.sha256).year) for _, row in current if row is not None]
        return {
            "years": [(row, year, total(year)) for row, year in opened],
            "gone": [n for n, row in current if row is None],
            "phase_names": PHASE_NAMES,
        }

    return page("public/years.html", make)


@blueprint.get("/plan/<int:fiscal_year>")
@public
def year(fiscal_year: int) -> Response:
    """A year: from what was asked to what was spent, by every dimension."""

    def make() -> dict[str, Any]:
        from app.releases.charts import groups_chart, path_chart

        view = shown(fiscal_year)
        told = view.open.year
        whole = total(told)
        tongue = spoken()
        groups = {dimension: sums_by(told, dimension) for dimension in Dimension}
        charts = {
            dimension: drawn(groups_chart(DIMENSION_NAMES[dimension], groups[dimension], tongue))
            for dimension in _CHARTED
            if whole.count and len(groups[dimension]) <= 20
        }
        months = [m for a in told.agencies for m in a.months]
        # beside the granted projects stand the agencies in them; who only asked is among `told.agencies` as well
        granted = {code for project in told.projects for code in project.agencies}
        return {
            **about(view),
            "whole": whole,
            "agency_count": len(granted or told.agencies),
            "groups": groups,
            "charts": charts,
            "path": drawn(path_chart(whole, tongue)),
            **(curve(told, whole, months) if whole.count else {"curve": None}),
        }

    return page("public/year.html", make)


@blueprint.get("/plan/<int:fiscal_year>/agencies/<code>")
@public
def agency(fiscal_year: int, code: str) -> Response:
    """What an agency has in a year."""
    return _group(fiscal_year, Dimension.AGENCY, code)


@blueprint.get("/plan/<int:fiscal_year>/ministries/<code>")
@public
def ministry(fiscal_year: int, code: str) -> Response:
    """What the agencies of a ministry have in a year."""
    return _group(fiscal_year, Dimension.MINISTRY, code)


def _group(fiscal_year: int, dimension: Dimension, code: str) -> Response:
    def make() -> dict[str, Any]:
        view = shown(fiscal_year)
        told = view.open.year
        sums = next((s for s in sums_by(told, dimension) if s.code == code), None)
        if sums is None:
            raise NotFound()
        is_agency = dimension is Dimension.AGENCY
        members = [a for a in told.agencies if (a.code if is_agency else a.ministry_code) == code]
        found = view.open.find(Question(agency=code) if is_agency else Question(ministry=code))
        mine = {a.code for a in members}
        rows = [
            (p, *(sum(getattr(m, name) for m in own) for name in ("approved", "allotted", "spent")))
            for p in told.projects
            if (own := [m for m in p.money if m.agency in mine])
        ]
        return {
            **about(view),
            "dimension": dimension,
            "sums": sums,
            "members": members,
            "member_sums": [s for s in sums_by(told, Dimension.AGENCY) if s.code in mine],
            "rows": rows,
            "count": found.count,
            **(curve(told, sums, [m for a in members for m in a.months]) if sums.count else {"curve": None}),
        }

    return page("public/group.html", make)
