"""One report on the agency's desk: written (and saved by itself), sent, signed, handed back, corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission, Target, may
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.work import open_work
from app.monitoring.actions import (
    begin_correction,
    drop_report,
    hand_back,
    save_report,
    send_report,
    sign_report,
)
from app.monitoring.queries import RecordView, get_record, past_of
from app.monitoring.reporting import Past, list_report_problems
from app.monitoring.states import ACCEPTED, DRAFT, SENT, WRITABLE
from app.monitoring.typed_reports import Cells, list_places, read_cells
from app.web.agency.board import blueprint
from app.web.agency.media import ENDINGS
from app.web.arrival import arrived
from app.web.autosaving import Answer, refused, saved, to_choose
from app.web.door import needs
from app.web.forms import by_place, read_id
from app.web.language import say, t
from app.web.report_views import ShownChange, name_place, shown_report, soft_problems
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]


@dataclass(frozen=True)
class OpenReport:
    """A report on the desk, with its call, what came before, and what the reader may do."""

    view: RecordView
    call: CallView
    past: Past
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
    session, actor = db.session(), current_actor()
    view = get_record(session, actor, record_id, arrived())
    row, target = view.row, Target(frozenset({view.row.agency_id}))
    is_officer = may(actor, Permission.REPORT_PROGRESS, target)
    is_certifier = may(actor, Permission.SIGN_REPORT, target)
    if not (is_officer or is_certifier):
        raise NotFound()
    return OpenReport(
        view,
        get_call_by_id(session, row.call_id),
        past_of(session, row.call_id, row.agency_id, view.ground, is_correction=row.is_correction),
        is_officer,
        is_certifier,
    )


def report_page(
    opened: OpenReport,
    problems: Sequence[Problem] = (),
    *,
    theirs: Sequence[ShownChange] = (),
    unsaved: bool = False,
) -> str:
    return render_template(
        "agency/report.html",
        opened=opened,
        **shown_report(opened.view, opened.call, opened.past),
        soft=() if problems else soft_problems(opened.view),
        endings=",".join(ENDINGS),
        problems=problems,
        errors=by_place([*problems, *soft_problems(opened.view)]),
        theirs=theirs,
        unsaved=unsaved,
    )


def _typed(opened: OpenReport) -> Cells:
    return {place: request.form.get(place, "") for place in list_places(opened.view.ground)}


def _with(opened: OpenReport, cells: Cells) -> OpenReport:
    """The same with other words in its cells."""
    read = read_cells(cells, opened.view.ground)
    view = replace(opened.view, cells=read.cells, read=read, report=read.report)
    return replace(opened, view=view)


@blueprint.get("/reports/<int:record_id>")
@needs(Permission.READ_PROPOSAL)
def report(record_id: int) -> Page:
    """The form while it can be written, else what it says."""
    return report_page(open_report(record_id))


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
        return report_page(_with(opened, typed), unsaved=True)
    try:
        with open_work(current_actor(), arrived()) as work:
            version = save_report(work, record_id, typed, version)[0].version
    except Stale as stale:
        opened = writable_report(record_id)
        mine = _with(opened, typed)
        return report_page(
            mine,
            (Problem("version", stale.text),),
            theirs=_differences(opened, mine.view.cells),
            unsaved=True,
        ), 409
    if request.form.get("go") != "send":
        flash(t("บันทึกแล้ว", "Saved"))
        return redirect(opened.url, 303)
    try:
        with open_work(current_actor(), arrived()) as work:
            send_report(work, record_id, version)
    except Refused as refusal:
        return report_page(
            open_report(record_id), refusal.problems or (Problem("version", refusal.text),)
        ), 422
    flash(t("ส่งให้ผู้รับรองแล้ว", "Sent to the certifier"))
    return redirect(opened.url, 303)


def _differences(opened: OpenReport, mine: Mapping[str, str]) -> list[ShownChange]:
    """Where what is saved differs from what was typed."""
    kept, shown = opened.view.cells, []
    for place in dict.fromkeys([*kept, *mine]):
        if kept.get(place, "") != mine.get(place, ""):
            number, what = name_place(place, opened.view.ground, opened.call)
            shown.append(ShownChange(number, what, kept.get(place, ""), mine.get(place, "")))
    return shown


@blueprint.post("/reports/<int:record_id>/autosave")
@needs(Permission.REPORT_PROGRESS)
def report_autosave(record_id: int) -> Answer:
    """Save what stands in the form, whatever state it is in."""
    opened = writable_report(record_id)
    typed, version = _typed(opened), read_id(request.form.get("version")) or 0
    try:
        with open_work(current_actor(), arrived()) as work:
            record, read = save_report(work, record_id, typed, version)
            version = record.version
    except Stale as stale:
        return to_choose(say(stale.text))
    except Refused as refusal:
        return refused(say(refusal.text), refusal.problems)
    opened = _with(opened, typed)
    return saved(
        version,
        fields={},
        problems=soft_problems(opened.view),
        panel=render_template(
            "reports/panel.html",
            missing=len(read.missing),
            **shown_report(opened.view, opened.call, opened.past),
        ),
    )


@blueprint.get("/reports/<int:record_id>/sign")
@needs(Permission.SIGN_REPORT)
def sign_page(record_id: int) -> Page:
    """The certifier's page: totals, remarks, what it says, and the signature."""
    opened = open_report(record_id)
    return _sign_page(opened) if opened.may_sign else redirect(opened.url)


def _sign_page(opened: OpenReport, problems: Sequence[Problem] = ()) -> str:
    view = opened.view
    return render_template(
        "agency/report_sign.html",
        opened=opened,
        **shown_report(view, opened.call, opened.past),
        wrong=list_report_problems(view.report, view.ground, view.former),
        problems=problems,
        errors=by_place(problems),
    )


@blueprint.post("/reports/<int:record_id>/sign", endpoint="sign_report")
@needs(Permission.SIGN_REPORT)
def sign(record_id: int) -> Page:
    """Sign, with what was seen."""
    opened = open_report(record_id)
    if not opened.is_certifier:
        raise NotFound()
    version = read_id(request.form.get("version")) or 0
    try:
        with open_work(current_actor(), arrived()) as work:
            sign_report(work, record_id, version)
    except Refused as refusal:
        return _sign_page(open_report(record_id), (Problem("version", refusal.text),)), 422
    flash(t("ลงนามแล้ว ส่งถึงฝ่ายเลขานุการแล้ว", "Signed, and with the secretariat now"))
    return redirect(opened.url, 303)


@blueprint.post("/reports/<int:record_id>/hand-back")
@needs(Permission.READ_PROPOSAL)
def hand_report_back(record_id: int) -> Page:
    """The certifier hands it back, or the officer takes it back."""
    opened = open_report(record_id)
    try:
        with open_work(current_actor(), arrived()) as work:
            version = read_id(request.form.get("version")) or 0
            hand_back(work, record_id, request.form.get("note", ""), version)
    except Refused as refusal:
        problems = refusal.problems or (Problem("version", refusal.text),)
        again = open_report(record_id)
        return (_sign_page(again, problems) if again.may_sign else report_page(again, problems)), 422
    flash(t("กลับเป็นร่างแล้ว", "It is a draft again"))
    return redirect(opened.url, 303)


@blueprint.post("/reports/<int:record_id>/correct")
@needs(Permission.REPORT_PROGRESS)
def correct_report(record_id: int) -> Page:
    """Begin a correction of an accepted report."""
    opened = writable_report(record_id)
    try:
        with open_work(current_actor(), arrived()) as work:
            correction_id = begin_correction(work, record_id, request.form.get("reason", "")).id
    except Refused as refusal:
        return report_page(opened, refusal.problems or (Problem("reason", refusal.text),)), 422
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
        return report_page(opened, (Problem("version", refusal.text),)), 422
    flash(t("ลบร่างแล้ว", "The draft was dropped"))
    return redirect(url_for("agency.reports"), 303)
