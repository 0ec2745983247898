"""Papers to print: ordered here, printed out of sight, found again and downloaded here."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.calls.facts import ORIGIN_LABELS
from app.calls.queries import list_windows
from app.figures.actions import order_paper
from app.figures.facts import FAILURE_NAMES, FORMAT_NAMES, MEDIA_TYPES, PAPER_NAMES, STEP_NAMES, PaperKind
from app.figures.press import paper_store
from app.figures.queries import get_paper, list_papers, read_paper
from app.figures.states import PAPER_STATES
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
from app.web.language import language, say, t
from app.web.signing import current_actor
from app.web.tags import Options

Page = str | Response | tuple[str, int]

LANGUAGE_NAMES = {"th": Text("ไทย", "Thai"), "en": Text("อังกฤษ", "English")}


@blueprint.get("/papers")
@needs(Permission.PRINT_PAPERS)
def papers() -> str:
    """Order a paper, and my papers with how far each is."""
    return _page(request.args.get("call", ""))


@blueprint.post("/papers")
@needs(Permission.PRINT_PAPERS)
def order() -> Page:
    """Order the ranking book of a call."""
    year = read_id(request.form.get("call"))
    if year is None:
        problem = Problem("call", Text("กรุณาเลือกรอบคำขอ", "Choose the call"))
        return _page(request.form.get("call", ""), [problem]), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            order_paper(
                work,
                year,
                PaperKind.RANKING_BOOK,
                request.form.get("format", ""),
                request.form.get("language", ""),
            )
    except Refused as refusal:
        return _page(str(year), refusal.problems or [Problem("format", refusal.text)]), 422
    flash(t("สั่งพิมพ์แล้ว เอกสารจะรออยู่ในรายการด้านล่าง", "Ordered. The paper will wait in the list below."))
    return redirect(url_for("committee.papers", call=year), 303)


@blueprint.get("/papers/<int:paper_id>")
@needs(Permission.PRINT_PAPERS)
def download(paper_id: int) -> Response:
    """A finished paper of mine, as a download."""
    paper = get_paper(db.session(), current_actor(), paper_id)
    store = paper_store(current_app.config["DGI"])
    return send_file(
        io.BytesIO(read_paper(paper, store, arrived())),
        mimetype=MEDIA_TYPES[paper.format],
        as_attachment=True,
        download_name=paper.file_name,
    )


def _page(call: str, problems: Sequence[Problem] = ()) -> str:
    session = db.session()
    windows = list_windows(session)
    mine = list_papers(session, current_actor())
    if not call and windows:
        call = str(windows[0].fiscal_year)
    return render_template(
        "committee/papers.html",
        papers=mine,
        is_waiting=any(p.is_unfinished for p in mine),
        labels={w.fiscal_year: ORIGIN_LABELS[w.origin] for w in windows},
        calls=Options((str(w.fiscal_year), w.name) for w in windows).html(call),
        formats=[(f.value, say(name), "") for f, name in FORMAT_NAMES.items()],
        languages=[(code, say(name), "") for code, name in LANGUAGE_NAMES.items()],
        chosen_format=request.form.get("format", "") or "xlsx",
        chosen_language=request.form.get("language", "") or language(),
        names=PAPER_NAMES,
        language_names=LANGUAGE_NAMES,
        format_names=FORMAT_NAMES,
        states=PAPER_STATES,
        steps=STEP_NAMES,
        failures=FAILURE_NAMES,
        problems=problems,
    )
