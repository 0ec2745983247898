"""Papers to print: ordered here, printed out of sight, found again and downloaded here."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import list_windows
from app.figures.actions import order_paper
from app.figures.facts import PAPER_NAMES, PaperKind
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import say, t
from app.web.papers import MEETING_PAPERS, meeting_papers, paper_words, send_paper
from app.web.signing import current_actor
from app.web.tags import Options

# decision books are ordered from the meeting they are of
ORDERED_HERE = (PaperKind.RANKING_BOOK, PaperKind.BRIEF)
Page = str | Response | tuple[str, int]


@blueprint.get("/papers")
@needs(Permission.READ_PORTFOLIO)
def papers() -> str:
    """Order a paper, and my papers with how far each is."""
    return _page(request.args.get("call", ""))


@blueprint.post("/papers")
@needs(Permission.READ_PORTFOLIO)
def order() -> Page:
    """Order the ranking book or the brief of a call."""
    year = read_id(request.form.get("call"))
    if year is None:
        problem = Problem("call", Text("กรุณาเลือกรอบคำขอ", "Choose the call"))
        return _page(request.form.get("call", ""), [problem]), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            order_paper(
                work,
                year,
                request.form.get("kind", PaperKind.RANKING_BOOK),
                request.form.get("format", ""),
                request.form.get("language", ""),
            )
    except Refused as refusal:
        return _page(str(year), refusal.problems or [Problem("format", refusal.text)]), 422
    flash(t("สั่งพิมพ์แล้ว เอกสารจะรออยู่ในรายการด้านล่าง", "Ordered. The paper will wait in the list below."))
    return redirect(url_for("committee.papers", call=year), 303)


@blueprint.get("/papers/<int:paper_id>")
@needs(Permission.READ_PORTFOLIO)
def download(paper_id: int) -> Response:
    """A finished paper of mine, as a download."""
    return send_paper(paper_id, MEETING_PAPERS)


def _page(call: str, problems: Sequence[Problem] = ()) -> str:
    windows = list_windows(db.session())
    if not call and windows:
        call = str(windows[0].fiscal_year)
    return render_template(
        "committee/papers.html",
        calls=Options((str(w.fiscal_year), w.name) for w in windows).html(call),
        problems=problems,
        kinds=[(kind.value, say(PAPER_NAMES[kind]), "") for kind in ORDERED_HERE],
        chosen_kind=request.form.get("kind", "") or PaperKind.RANKING_BOOK.value,
        **paper_words(meeting_papers(), PaperKind.RANKING_BOOK),
    )
