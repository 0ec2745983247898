"""The quarterly report: ordered here, printed out of sight, found again and downloaded here."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call
from app.figures.actions import order_paper
from app.figures.facts import FilingChoice, PaperKind
from app.identity.rules import Permission
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.periods import LAST_QUARTER, MONTHS_OF_YEAR, month_of, quarter_name
from app.monitoring.queries import find_monitored
from app.monitoring.queries.projects import has_carried_over
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import say, t
from app.web.monitoring.desk import blueprint
from app.web.papers import own_papers, paper_words, send_paper
from app.web.signing import current_actor
from app.web.tags import Options

YEAR_END = MONTHS_OF_YEAR // 3
NOT_OVER = Text("กรุณาเลือกไตรมาสที่สิ้นสุดแล้วจากรายการ", "Choose one of the quarters that are over, from the list")
Page = str | Response | tuple[str, int]


@blueprint.get("/<int:fiscal_year>/papers")
@needs(Permission.READ_MONITORING)
def papers(fiscal_year: int) -> str:
    """Order the report of a quarter, and my reports with how far each is."""
    return _page(fiscal_year, request.args.get("quarter", ""))


@blueprint.post("/<int:fiscal_year>/papers")
@needs(Permission.READ_MONITORING)
def order(fiscal_year: int) -> Page:
    """Order the report of a quarter."""
    quarter = read_id(request.form.get("quarter"))
    if quarter is None or quarter not in _quarters_over(fiscal_year):
        return _page(fiscal_year, "", [Problem("quarter", NOT_OVER)]), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            order_paper(
                work,
                fiscal_year,
                PaperKind.MONITORING,
                request.form.get("format", ""),
                request.form.get("language", ""),
                FilingChoice(month=quarter * 3, thai_digits=request.form.get("thai_digits") == "1"),
            )
    except Refused as refusal:
        return _page(fiscal_year, str(quarter), refusal.problems or [Problem("format", refusal.text)]), 422
    flash(t("สั่งพิมพ์แล้ว เอกสารจะรออยู่ในรายการด้านล่าง", "Ordered. The paper will wait in the list below."))
    return redirect(url_for("monitoring.papers", fiscal_year=fiscal_year, quarter=quarter), 303)


@blueprint.get("/papers/<int:paper_id>")
@needs(Permission.READ_MONITORING)
def download(paper_id: int) -> Response:
    """A finished report of mine, as a download."""
    return send_paper(paper_id, {PaperKind.MONITORING})


def _quarters_over(fiscal_year: int) -> range:
    """The quarters that can be reported on: those that are over, and of the year after only where money was carried over.
    Raises `NotFound` for a call that is not followed."""
    monitored = find_monitored(db.session(), fiscal_year)
    if monitored is None:
        raise NotFound()
    today = arrived().astimezone(BANGKOK).date()
    over = min(max((month_of(fiscal_year, today) - 1) // 3, 0), LAST_QUARTER)
    if over > YEAR_END and not has_carried_over(db.session(), monitored.call_id):
        over = YEAR_END
    return range(1, over + 1)


def _page(fiscal_year: int, quarter: str, problems: Sequence[Problem] = ()) -> str:
    call = get_call(db.session(), fiscal_year)
    over = _quarters_over(fiscal_year)
    mine = [p for p in own_papers(PaperKind.MONITORING) if p.fiscal_year == fiscal_year]
    return render_template(
        "monitoring/papers.html",
        call=call,
        is_begun=bool(over),
        quarters=Options((str(q), quarter_name(fiscal_year, q)) for q in over).html(
            quarter or str(min(len(over), YEAR_END))
        ),
        problems=problems,
        extra={p.id: say(quarter_name(fiscal_year, p.choice.month // 3)) for p in mine if p.choice.month},
        **paper_words(mine, PaperKind.MONITORING),
    )
