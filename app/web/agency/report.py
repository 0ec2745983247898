"""One report on the agency's desk: written (and saved by itself), sent, signed, handed back, corrected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission, Target, may
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.work import open_work
from app.monitoring.actions import (
    begin_correction,
    drop_report,
    save_report,
    send_report,
)
from app.monitoring.queries import RecordView, get_record, past_of
from app.monitoring.reporting import Past
from app.monitoring.states import ACCEPTED, DRAFT, SENT, WRITABLE
from app.monitoring.typed_reports import Cells, list_places, merge_cells, read_cells
from app.web.agency.board import blueprint
from app.web.agency.media import ENDINGS
from app.web.arrival import arrived
from app.web.autosaving import Answer, refused, saved, to_choose
from app.web.door import needs
from app.web.forms import by_place, read_id
from app.web.language import say, t
from app.web.report_views import (
    ShownChange,
    name_place,
    named_problems,
    shown_report,
    shown_text,
    soft_problems,
)
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]
_HEARD = "report_heard"


@dataclass(frozen=True)
class OpenReport:
    """A report on the desk, with its call, what came before, its cells as they are saved (`view` may have others typed
    into it), and what the reader may do."""

    view: RecordView
    call: CallView
    past: Past
    saved: Cells
    is_officer: bool
    is_certifier: bool

    @property
    def id(self) -> int:
        return self.view.row.id

    @property
    def may_write(self) -> bool:
        return self.is_officer and self.view.row.state in WRITABLE

    @property
    def may_sign(self) -> bool:
        return self.is_certifier and self.view.row.state == SENT

    @property
    def may_correct(self) -> bool:
        return self.is_officer and self.view.row.state == ACCEPTED

    @property
    def may_drop(self) -> bool:
        return self.may_write and self.view.row.state == DRAFT and self.view.row.signed_at is None

    @property
    def url(self) -> str:
        return url_for("agency.report", record_id=self.id)


def open_report(record_id: int) -> OpenReport:
    """A report of the reader's agency. Raises `NotFound`."""
    database, actor = db.session(), current_actor()
    view = get_record(database, actor, record_id, arrived())
    row, target = view.row, Target(frozenset({view.row.agency_id}))
    is_officer = may(actor, Permission.REPORT_PROGRESS, target)
    is_certifier = may(actor, Permission.SIGN_REPORT, target)
    if not (is_officer or is_certifier):
        raise NotFound()
    return OpenReport(
        view,
        get_call_by_id(database, row.call_id),
        past_of(database, row.call_id, row.agency_id, view.ground, is_correction=row.is_correction),
        view.cells,
        is_officer,
        is_certifier,
    )


@dataclass(frozen=True)
class Said:
    """What a person typed beside the report's cells, given back with what is wrong: a note, a reason, a choice."""

    note: str = ""
    reason: str = ""
    indicator: str = ""


def report_page(
    opened: OpenReport,
    problems: Sequence[Problem] = (),
    *,
    theirs: Sequence[ShownChange] = (),
    unsaved: bool = False,
    begun: tuple[int, str] | None = None,
    heard: str = "",
    said: Said = Said(),
) -> str:
    """The form or what it says. `begun` are the version and cells that what is typed began with, where that is not what
    is saved now; `heard` tells the page's script which of its texts arrived."""
    soft = soft_problems(opened.view)
    version, seen = begun or (opened.view.row.version, json.dumps(dict(opened.saved), ensure_ascii=False))
    return render_template(
        "agency/report.html",
        opened=opened,
        **shown_report(opened.view, opened.call, opened.past),
        version=version,
        seen=seen,
        soft=() if problems else named_problems(soft, opened.view.ground, opened.call),
        endings=",".join(ENDINGS),
        problems=named_problems(problems, opened.view.ground, opened.call),
        errors=by_place([*problems, *soft]),
        theirs=theirs,
        unsaved=unsaved,
        heard=heard,
        said=said,
    )


def _typed(opened: OpenReport) -> Cells:
    return {place: request.form.get(place, "") for place in list_places(opened.view.ground)}


def _seen() -> Cells | None:
    """The cells as they stood when the page was opened; None where the page did not say."""
    try:
        cells = json.loads(request.form.get("seen", ""))
    except (ValueError, RecursionError):
        return None
    is_read = isinstance(cells, dict) and all(isinstance(text, str) for text in cells.values())
    return cells if is_read else None


def _with(opened: OpenReport, cells: Cells) -> OpenReport:
    """The same with other words in its cells."""
    read = read_cells(cells, opened.view.ground)
    view = replace(opened.view, cells=read.cells, read=read, report=read.report)
    return replace(opened, view=view)


@blueprint.get("/reports/<int:record_id>")
@needs(Permission.READ_PROPOSAL)
def report(record_id: int) -> Page:
    """The form while it can be written, else what it says."""
    return report_page(open_report(record_id), heard=session.pop(_HEARD, ""))


def writable_report(record_id: int) -> OpenReport:
    opened = open_report(record_id)
    if not opened.is_officer:
        raise NotFound()
    return opened


@blueprint.post("/reports/<int:record_id>", endpoint="save_report")
@needs(Permission.REPORT_PROGRESS)
def save(record_id: int) -> Page:
    """Save what was typed; with go=send also send it to the certifier."""
    opened = writable_report(record_id)
    typed, version = _typed(opened), read_id(request.form.get("version")) or 0
    if "look" in request.form:
        begun = (version, request.form.get("seen", ""))
        return report_page(_with(opened, typed), unsaved=True, begun=begun)
    kept = request.form.get("kept", "")[:20]
    try:
        with open_work(current_actor(), arrived()) as work:
            version = save_report(work, record_id, typed, version, _seen())[0].version
    except Stale as stale:
        return _clash(record_id, typed, Problem("theirs", stale.text)), 409
    except Refused as refusal:  # sent meanwhile, in another tab or by somebody else
        opened = writable_report(record_id)
        mine = _with(opened, typed).view.cells
        places = dict.fromkeys([*opened.view.cells, *mine])
        shown = _differences(opened, mine, places)
        at = "theirs" if shown else "history"
        return report_page(opened, (Problem(at, refusal.text),), theirs=shown), 422
    if request.form.get("go") != "send":
        session[_HEARD] = kept
        flash(t("บันทึกแล้ว", "Saved"))
        return redirect(opened.url, 303)
    try:
        with open_work(current_actor(), arrived()) as work:
            send_report(work, record_id, version)
    except Refused as refusal:
        problems = refusal.problems or (Problem("history", refusal.text),)
        return report_page(open_report(record_id), problems, heard=kept), 422
    flash(t("ส่งให้ผู้รับรองแล้ว", "Sent to the certifier"))
    return redirect(opened.url, 303)


def _clash(record_id: int, typed: Cells, problem: Problem) -> str:
    """What somebody else saved in the same cells beside what was typed; theirs in all others."""
    opened = writable_report(record_id)
    mine, base = _with(opened, typed).view.cells, _seen()
    cells, places = mine, tuple(dict.fromkeys([*opened.saved, *mine]))
    if base is not None:
        cells, places = merge_cells(read_cells(base, opened.view.ground).cells, mine, opened.saved)
    theirs = _differences(opened, mine, places)
    return report_page(_with(opened, cells), (problem,), theirs=theirs, unsaved=True)


def _differences(opened: OpenReport, mine: Cells, places: Iterable[str]) -> list[ShownChange]:
    """Where what is saved differs from what was typed, of these places."""
    kept, shown = opened.saved, []
    for place in places:
        texts = [shown_text(place, cells.get(place, "")) for cells in (kept, mine)]
        if texts[0] != texts[1]:
            number, what = name_place(place, opened.view.ground, opened.call)
            shown.append(ShownChange(number, what, *texts))
    return shown


@blueprint.post("/reports/<int:record_id>/autosave")
@needs(Permission.REPORT_PROGRESS)
def report_autosave(record_id: int) -> Answer:
    """Save what stands in the form, whatever state it is in."""
    opened = writable_report(record_id)
    typed, version = _typed(opened), read_id(request.form.get("version")) or 0
    try:
        with open_work(current_actor(), arrived()) as work:
            record, read = save_report(work, record_id, typed, version, _seen())
            version = record.version
    except Stale as stale:
        return to_choose(say(stale.text))
    except Refused as refusal:
        return refused(say(refusal.text), refusal.problems)
    mine = read_cells(typed, opened.view.ground).cells
    came = [place for place in list_places(opened.view.ground) if read.cells.get(place) != mine.get(place)]
    opened = _with(opened, read.cells)
    return saved(
        version,
        fields={place: shown_text(place, read.cells.get(place, "")) for place in came},
        merged=t(
            "มีผู้อื่นบันทึกช่องอื่นของรายงานนี้ด้วย ข้อความของทั้งสองฝ่ายอยู่ครบ",
            "Somebody else saved other cells of this report; both texts are kept.",
        )
        if came
        else "",
        seen=json.dumps(dict(read.cells), ensure_ascii=False),
        problems=soft_problems(opened.view),
        panel=render_template(
            "reports/panel.html",
            missing=len(read.missing),
            **shown_report(opened.view, opened.call, opened.past),
        ),
    )


@blueprint.post("/reports/<int:record_id>/correct")
@needs(Permission.REPORT_PROGRESS)
def correct_report(record_id: int) -> Page:
    """Begin a correction of an accepted report."""
    opened, reason = writable_report(record_id), request.form.get("reason", "")
    try:
        with open_work(current_actor(), arrived()) as work:
            correction_id = begin_correction(work, record_id, reason).id
    except Refused as refusal:
        problems = refusal.problems or (Problem("reason", refusal.text),)
        return report_page(opened, problems, said=Said(reason=reason)), 422
    return redirect(url_for("agency.report", record_id=correction_id), 303)


@blueprint.post("/reports/<int:record_id>/drop")
@needs(Permission.REPORT_PROGRESS)
def drop(record_id: int) -> Page:
    """Throw a draft away that was never signed."""
    opened = writable_report(record_id)
    try:
        with open_work(current_actor(), arrived()) as work:
            drop_report(work, record_id, read_id(request.form.get("version")) or 0)
    except Refused as refusal:
        return report_page(opened, (Problem("history", refusal.text),)), 422
    flash(t("ลบร่างแล้ว", "The draft was dropped"))
    return redirect(url_for("agency.reports"), 303)
