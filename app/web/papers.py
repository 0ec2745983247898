"""Printed papers on whichever desk they were ordered: their list in words, and a finished one as a download.

The list itself is drawn by `templates/macros/papers.html`; `papers.js` asks how far each paper is.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import current_app, request, send_file
from werkzeug.wrappers import Response

from app.figures.facts import (
    FAILURE_NAMES,
    FORMAT_NAMES,
    FORMATS_OF,
    MEDIA_TYPES,
    PAPER_NAMES,
    STEP_NAMES,
    PaperKind,
)
from app.figures.press import paper_store
from app.figures.queries import PaperView, get_paper, list_papers, read_paper
from app.figures.states import PAPER_STATES
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.web.arrival import arrived
from app.web.language import language, say
from app.web.signing import current_actor

MEETING_PAPERS = frozenset({PaperKind.RANKING_BOOK, PaperKind.DECISION_BOOK, PaperKind.BRIEF})
LANGUAGE_NAMES = {"th": Text("ไทย", "Thai"), "en": Text("อังกฤษ", "English")}


def own_papers(kind: PaperKind) -> list[PaperView]:
    """What the reader ordered of this kind, latest first."""
    return list_papers(db.session(), current_actor(), kinds={kind})


def meeting_papers() -> list[PaperView]:
    """What the reader ordered for meetings, latest first."""
    return list_papers(db.session(), current_actor(), kinds=MEETING_PAPERS)


def paper_words(papers: Sequence[PaperView], kind: PaperKind) -> Mapping[str, Any]:
    """What the order form and the list of papers are drawn with, for `render_template(..., **paper_words(mine))`."""
    return {
        "papers": papers,
        "is_waiting": any(paper.is_unfinished for paper in papers),
        "formats": [(f.value, say(FORMAT_NAMES[f]), "") for f in FORMATS_OF[kind]],
        "languages": [(code, say(name), "") for code, name in LANGUAGE_NAMES.items()],
        "chosen_format": request.form.get("format", "") or FORMATS_OF[kind][0].value,
        "chosen_language": request.form.get("language", "") or language(),
        "paper_names": {
            "kinds": PAPER_NAMES,
            "languages": LANGUAGE_NAMES,
            "formats": FORMAT_NAMES,
            "states": PAPER_STATES,
            "steps": STEP_NAMES,
            "failures": FAILURE_NAMES,
        },
    }


def send_paper(paper_id: int, kinds: Collection[PaperKind]) -> Response:
    """A finished paper of the reader's own, of the kinds a desk hands out, as a download. Raises `NotFound`, and
    `Refused` while it is not there."""
    paper = get_paper(db.session(), current_actor(), paper_id)
    if paper.kind not in kinds:
        raise NotFound()
    data = read_paper(paper, paper_store(current_app.config["DGI"]), arrived())
    return send_file(
        io.BytesIO(data),
        mimetype=MEDIA_TYPES[paper.format],
        as_attachment=True,
        download_name=paper.file_name,
    )
