"""The decision book of a closed meeting: its head, its replay, its file, and its papers to order."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.decisions.facts import LEVEL_NAMES, Level
from app.decisions.queries.books import BookView, get_book
from app.figures.actions import order_paper
from app.figures.books.replaying import Check, replay_book
from app.figures.facts import FilingChoice, PaperKind
from app.figures.press import book_store
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.work import open_work
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.door import needs
from app.web.language import t
from app.web.papers import meeting_papers, paper_words
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]


@blueprint.get("/meetings/<int:meeting_id>/book")
@needs(Permission.READ_PORTFOLIO)
def book(meeting_id: int) -> str:
    """The book, replayed as the page is asked for."""
    return _page(meeting_id)


@blueprint.post("/meetings/<int:meeting_id>/book")
@needs(Permission.READ_PORTFOLIO)
def order_book(meeting_id: int) -> Page:
    """Order the book's PDF or workbook."""
    view = get_book(db.session(), current_actor(), meeting_id)
    fiscal_year = get_call_by_id(db.session(), view.call_id).fiscal_year
    choice = FilingChoice(meeting=meeting_id, thai_digits=request.form.get("thai_digits") == "1")
    try:
        with open_work(current_actor(), arrived()) as work:
            order_paper(
                work,
                fiscal_year,
                PaperKind.DECISION_BOOK,
                request.form.get("format", ""),
                request.form.get("language", ""),
                choice,
            )
    except Refused as refusal:
        return _page(meeting_id, refusal.problems or [Problem("format", refusal.text)]), 422
    flash(t("สั่งพิมพ์แล้ว เอกสารจะรออยู่ในรายการด้านล่าง", "Ordered. The paper will wait in the list below."))
    return redirect(url_for("committee.book", meeting_id=meeting_id, _anchor="papers"), 303)


@blueprint.get("/meetings/<int:meeting_id>/book.json")
@needs(Permission.READ_PORTFOLIO)
def book_file(meeting_id: int) -> Response:
    """The file itself, byte for byte as it was frozen."""
    view = get_book(db.session(), current_actor(), meeting_id)
    fiscal_year = get_call_by_id(db.session(), view.call_id).fiscal_year
    return send_file(
        io.BytesIO(_bytes(view)),
        mimetype="application/json",
        as_attachment=True,
        download_name=f"decision-book-{fiscal_year}-{view.level}-{view.meeting_id}.json",
    )


def _bytes(view: BookView) -> bytes:
    return book_store(current_app.config["DGI"]).get(view.sha256)


_checked: dict[str, tuple[Check, ...]] = {}
_MOST_KEPT = 16


def _checks(view: BookView) -> tuple[Check, ...]:
    """The replay of a book, kept by the SHA-256 of its bytes: the same bytes replay the same."""
    data = _bytes(view)  # the store refuses bytes that are not those of their name
    found = _checked.get(view.sha256)
    if found is None:
        found = replay_book(data).checks
        while len(_checked) >= _MOST_KEPT:
            _checked.pop(next(iter(_checked), ""), None)
        _checked[view.sha256] = found
    return found


def _page(meeting_id: int, problems: Sequence[Problem] = ()) -> str:
    view = get_book(db.session(), current_actor(), meeting_id)
    papers = [
        paper
        for paper in meeting_papers()
        if paper.kind is PaperKind.DECISION_BOOK and paper.choice.meeting == meeting_id
    ]
    return render_template(
        "committee/book.html",
        call=get_call_by_id(db.session(), view.call_id),
        book=view,
        level=LEVEL_NAMES[Level(view.level)],
        checks=(checks := _checks(view)),
        fault=next((check.fault for check in checks if check.fault is not None), None),
        problems=problems,
        **paper_words(papers, PaperKind.DECISION_BOOK),
    )
