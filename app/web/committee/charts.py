"""The committee's charts: each with its question and its numbers, to look at and to put on a slide."""

from __future__ import annotations

from flask import render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.figures.pen import Pen
from app.figures.portfolio_charts import NAMES, chart_table, portfolio_charts
from app.figures.queries.charts import chart_figures
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.web.committee.desk import blueprint
from app.web.door import needs
from app.web.downloads import send_download
from app.web.language import language
from app.web.signing import current_actor
from reports.charts import chart_svg
from reports.document import Chart
from reports.thai import cell_text, unit_of

MEDIA = {"png": "image/png", "svg": "image/svg+xml"}


def _charts(call: CallView, pen: Pen) -> dict[str, Chart]:
    return portfolio_charts(chart_figures(db.session(), current_actor(), call), pen)


@blueprint.get("/calls/<int:fiscal_year>/charts")
@needs(Permission.READ_PORTFOLIO)
def charts(fiscal_year: int) -> str:
    """All charts of a call."""
    call = get_call(db.session(), fiscal_year)
    pen = Pen(language())
    return render_template(
        "committee/charts.html",
        call=call,
        charts=[
            (
                name,
                NAMES[name],
                chart,
                Markup(chart_svg(chart, False, pen.language)),  # noqa: S704 (our own drawing)
                _numbers(name, chart, pen),
                unit_of(chart.value_kind, chart.unit, pen.language),
                [
                    (
                        ending.upper(),
                        url_for("committee.chart_file", fiscal_year=fiscal_year, name=f"{name}.{ending}"),
                    )
                    for ending in MEDIA
                ],
            )
            for name, chart in _charts(call, pen).items()
        ],
    )


def _numbers(name: str, chart: Chart, pen: Pen) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the table behind a chart, as printed."""
    table = chart_table(name, chart, pen)
    heads = [column.title for column in table.columns]
    return heads, [
        [
            cell_text(value, column.kind, pen.language)
            for value, column in zip(row, table.columns, strict=True)
        ]
        for row in table.values()
    ]


@blueprint.get("/calls/<int:fiscal_year>/charts/<string:name>")
@needs(Permission.READ_PORTFOLIO)
def chart_file(fiscal_year: int, name: str) -> Response:
    """One chart as a slide, 1920 by 1080: NAME.png or NAME.svg. Raises `NotFound` for another name."""
    from reports.pictures import picture_png, slide_svg  # imported late: only a slide needs the renderer

    which, _, ending = name.partition(".")
    if which not in NAMES or ending not in MEDIA:
        raise NotFound()
    call = get_call(db.session(), fiscal_year)
    pen = Pen(language())
    chart = _charts(call, pen).get(which)
    if chart is None:
        raise NotFound()
    footer = " · ".join(filter(None, (pen.name(call.name), pen.name_or_empty(call.label))))
    svg = slide_svg(chart, pen.language, footer=footer)
    data = picture_png(svg) if ending == "png" else svg.encode()
    return send_download(
        data, f"{chart.title}-{fiscal_year}.{ending}", f"chart-{which}-{fiscal_year}", MEDIA[ending]
    )
