"""The agenda of a meeting, written before and during it, and the draft of its minutes."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.decisions.actions import set_agenda
from app.decisions.facts import ITEM_NAMES, VERDICT_NAMES, ItemFacts, ItemKind
from app.decisions.queries.meetings import get_meeting, list_agenda
from app.decisions.queries.minutes import read_minutes
from app.figures.facts import MEDIA_TYPES, PaperFormat
from app.figures.minutes import AGENDA_WORD, RESOLVED, minutes_document, minutes_of, remark
from app.figures.press import print_document
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.thai_text import TextError, arabic_digits, normalise
from app.kernel.work import open_work
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.meetings import expected_version, head_of, meeting_and_call
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import read_id
from app.web.language import t
from app.web.signing import current_actor
from app.web.tags import Options

Page = str | Response | tuple[str, int]
_KINDS = Options((kind.value, name) for kind, name in ITEM_NAMES.items())
_MOST_ROWS = 70


@blueprint.get("/meetings/<int:meeting_id>/agenda")
@needs(Permission.READ_PORTFOLIO)
def meeting_agenda(meeting_id: int) -> str:
    """The agenda, with what was said and resolved."""
    items = list_agenda(db.session(), meeting_id)
    rows = [ItemFacts(i.id, i.position, i.kind, i.title, i.text, i.resolution) for i in items]
    return _page(meeting_id, rows)


@blueprint.post("/meetings/<int:meeting_id>/agenda")
@needs(Permission.MANAGE_MEETING)
def save_agenda(meeting_id: int) -> Page:
    """Save the whole agenda."""
    get_meeting(db.session(), current_actor(), meeting_id)
    rows, problems = _read_rows()
    status = 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                set_agenda(work, meeting_id, expected_version(), rows)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or [Problem("agenda", refusal.text)]
        else:
            flash(t("บันทึกระเบียบวาระแล้ว", "The agenda is saved"))
            return redirect(url_for("committee.meeting_agenda", meeting_id=meeting_id), 303)
    return _page(meeting_id, rows, problems), status


def _read_rows() -> tuple[list[ItemFacts], Sequence[Problem]]:
    """The items of the form in its order: those ticked to go are left out, and an empty new one."""
    form = request.form
    rows: list[ItemFacts] = []
    problems: list[Problem] = []
    for n in range(_MOST_ROWS):
        if f"title-{n}" not in form or form.get(f"leaves-{n}") == "1":
            continue
        item_id = read_id(form.get(f"item-{n}"))
        words = {}
        for name in ("title", "text", "resolution"):
            try:
                words[name] = normalise(form.get(f"{name}-{n}", ""))
            except TextError as error:
                words[name] = ""
                problems.append(Problem(f"{name}-{len(rows)}", error.text))
        if item_id is None and not any(words.values()):
            continue
        typed = arabic_digits(form.get(f"position-{n}", "")).strip()
        position = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 999
        kind = form.get(f"kind-{n}", "")
        rows.append(
            ItemFacts(item_id, position, ItemKind(kind) if kind in set(ItemKind) else ItemKind.OTHER, **words)
        )
    return rows, problems


def _page(meeting_id: int, rows: Sequence[ItemFacts], problems: Sequence[Problem] = ()) -> str:
    meeting, call = meeting_and_call(meeting_id)
    return render_template(
        "committee/meeting_agenda.html",
        **head_of(meeting, call),
        rows=rows,
        kinds=_KINDS,
        problems=problems,
    )


@blueprint.get("/meetings/<int:meeting_id>/minutes")
@needs(Permission.READ_PORTFOLIO)
def meeting_minutes(meeting_id: int) -> str:
    """The draft of the minutes, to read."""
    meeting, call = meeting_and_call(meeting_id)
    return render_template(
        "committee/meeting_minutes.html",
        **head_of(meeting, call),
        minutes=minutes_of(read_minutes(db.session(), current_actor(), meeting_id)),
        agenda_word=AGENDA_WORD,
        resolved=RESOLVED,
        verdict_names=VERDICT_NAMES,
        remark=remark,
    )


@blueprint.get("/meetings/<int:meeting_id>/minutes.pdf")
@needs(Permission.READ_PORTFOLIO)
def minutes_pdf(meeting_id: int) -> Response:
    """The draft of the minutes, on paper."""
    records = read_minutes(db.session(), current_actor(), meeting_id)
    db.session.rollback()  # printing takes seconds: the database is let go of first
    data = print_document(minutes_document(minutes_of(records), arrived()), PaperFormat.PDF)
    number = records.number.replace("/", "-")
    return send_download(
        data, f"รายงานการประชุม {number}.pdf", f"minutes-{meeting_id}", MEDIA_TYPES[PaperFormat.PDF]
    )
