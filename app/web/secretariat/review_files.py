"""The record of a round's reviews as CSV: every criterion of every review, and how the scores came to be."""

from __future__ import annotations

import io

from werkzeug.wrappers import Response

from app.calls.queries import get_call
from app.figures.pen import Pen
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.text import Text
from app.reviews.queries import list_review_records
from app.web.door import needs
from app.web.downloads import send_download
from app.web.language import language
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from reports.document import Table


@blueprint.get("/calls/<int:fiscal_year>/reviews/scores.csv")
@needs(Permission.MANAGE_ROUND)
def review_scores(fiscal_year: int) -> Response:
    """One row for each proposal, reviewer and criterion of the reviews that count."""
    from app.figures.review_sheets import detail_table  # imported late: the printing house is heavy

    call = get_call(db.session(), fiscal_year)
    records = list_review_records(db.session(), current_actor(), call.id)
    return _send(
        detail_table(records, Pen(language())), Text("รายละเอียดคะแนน", "review-details"), fiscal_year
    )


@blueprint.get("/calls/<int:fiscal_year>/reviews/history.csv")
@needs(Permission.MANAGE_ROUND)
def score_history(fiscal_year: int) -> Response:
    """One row for each hand-in and each reopening."""
    from app.figures.review_history import history_table

    call = get_call(db.session(), fiscal_year)
    records = list_review_records(db.session(), current_actor(), call.id)
    return _send(history_table(records, Pen(language())), Text("ประวัติคะแนน", "score-history"), fiscal_year)


def _send(table: Table, name: Text, fiscal_year: int) -> Response:
    from reports.csvs import write_csv

    target = io.BytesIO()
    write_csv(table, target)
    file_name = f"{name.say(language())}-{fiscal_year}.csv"
    return send_download(target.getvalue(), file_name, f"{name.en}-{fiscal_year}", "text/csv; charset=utf-8")
