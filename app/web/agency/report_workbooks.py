"""A report by workbook: the template with what is there, and the way back in. A workbook that was sent is read by the
runner; its page can be left and found again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission, Target, may
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions.record_uploads import (
    apply_record_upload,
    drop_record_upload,
    upload_report_workbook,
)
from app.monitoring.merging import Clash, merge_sheet
from app.monitoring.models import RecordUpload
from app.monitoring.queries import RecordView, get_record
from app.monitoring.queries.record_uploads import (
    find_saver,
    get_record_upload,
    list_record_uploads,
    subject_of,
)
from app.monitoring.report_readings import list_wrong
from app.monitoring.report_sheets import columns_of, make_template, sheet_names
from app.monitoring.reporting import compare_cells
from app.monitoring.states import WRITABLE
from app.proposals.merging import Conflict, ShownConflict, show_conflicts
from app.web.agency.board import blueprint
from app.web.agency.report import Page
from app.web.agency.workbook_files import (
    how_many_shown,
    megabytes,
    read_choices,
    receive_workbook,
    send_marked,
    send_template,
)
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place, read_id
from app.web.language import t
from app.web.report_views import ShownChange, name_place, named_problems, shown_text
from app.web.signing import current_actor
from app.workbooks.actions import Undecided
from app.workbooks.queries import read_result
from app.workbooks.uploads import KEPT_FOR, READY, UPLOAD_STATES, UploadResult

_ADDRESS = "/reports/<int:record_id>/workbook"
_UPLOAD = "/reports/workbooks/<int:upload_id>"


@dataclass(frozen=True)
class OpenBook:
    """A report whose workbook is asked for, with its call: what its own page knows beside is not needed here."""

    view: RecordView
    call: CallView

    @property
    def id(self) -> int:
        return self.view.row.id

    @property
    def may_write(self) -> bool:
        return self.view.row.state in WRITABLE

    @property
    def url(self) -> str:
        return url_for("agency.report", record_id=self.id)


def _open(record_id: int) -> OpenBook:
    """A report of the reader's agency, to somebody who writes it. Raises `NotFound`."""
    session, actor = db.session(), current_actor()
    view = get_record(session, actor, record_id, arrived())
    if not may(actor, Permission.REPORT_PROGRESS, Target(frozenset({view.row.agency_id}))):
        raise NotFound()
    return OpenBook(view, get_call_by_id(session, view.row.call_id))


@blueprint.get(_ADDRESS)
@needs(Permission.REPORT_PROGRESS)
def report_workbook(record_id: int) -> Page:
    """The template, the form to send it back, and what was sent."""
    opened = _open(record_id)
    return _page(opened) if opened.may_write else redirect(opened.url)


def _page(opened: OpenBook, problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "agency/report_workbook.html",
        opened=opened,
        row=opened.view.row,
        call=opened.call,
        uploads=list_record_uploads(db.session(), opened.id),
        states=UPLOAD_STATES,
        kept_days=KEPT_FOR.days,
        megabytes=megabytes(),
        problems=problems,
        errors=by_place(problems),
    )


@blueprint.get(f"{_ADDRESS}/template.xlsx")
@needs(Permission.REPORT_PROGRESS)
def report_template(record_id: int) -> Response:
    """The template with what is there now, signed."""
    opened = _open(record_id)
    if not opened.may_write:
        return redirect(opened.url)
    row = opened.view.row
    name = f"{row.agency_code}-{row.fiscal_year}-{row.kind}-{row.period:02d}.xlsx"
    return send_template(make_template(subject_of(opened.view, opened.call)), name)


@blueprint.post(_ADDRESS, endpoint="upload_report_workbook")
@needs(Permission.REPORT_PROGRESS)
def upload(record_id: int) -> Page:
    """Take a workbook in hand; its own page shows how far it is."""
    opened = _open(record_id)
    try:
        upload_id = receive_workbook(
            RecordUpload, lambda work, file: upload_report_workbook(work, record_id, file)
        )
    except Refused as refusal:
        return _page(opened, refusal.problems), 422
    return redirect(url_for("agency.report_upload", upload_id=upload_id), 303)


@dataclass(frozen=True, slots=True)
class ReportPreview:
    """What a workbook would change in the report as it stands now, what is to be chosen, and what would be wrong. `by` is
    who saved the report last where it was saved since the template was made (`has_moved`); `source_is_known` where it is
    known what the template was made from."""

    changes: tuple[ShownChange, ...] = ()
    conflicts: tuple[ShownConflict, ...] = ()
    problems: tuple[Problem, ...] = ()
    has_moved: bool = False
    source_is_known: bool = True
    by: Text = Text("", "")


def _preview(opened: OpenBook, result: UploadResult) -> ReportPreview:
    value, present = result.values["report"], opened.view.cells
    base = value.get("base")
    merged = merge_sheet(base, value["cells"], present)
    has_moved = base is None or any(base.get(p, "") != present.get(p, "") for p in {*base, *present})
    plan = opened.call.plan
    wrong = list_wrong(merged.cells, value["cells"], subject_of(opened.view, opened.call))
    return ReportPreview(
        tuple(
            ShownChange(
                *_named(opened, change.place),
                *(shown_text(change.place, text) for text in (change.before, change.after)),
            )
            for change in compare_cells(present, merged.cells)
        ),
        show_conflicts((_conflict(opened, clash) for clash in merged.clashes), plan, {}),
        tuple(named_problems(wrong, opened.view.ground, opened.call)),
        has_moved,
        base is not None,
        find_saver(db.session(), opened.id) if has_moved else Text("", ""),
    )


def _named(opened: OpenBook, place: str) -> tuple[str, Text]:
    return name_place(place, opened.view.ground, opened.call)


def _conflict(opened: OpenBook, clash: Clash) -> Conflict:
    number, what = _named(opened, clash.place)
    name = Text(f"{number} {what.th}".strip(), f"{number} {what.en}".strip())
    base, mine, theirs = (
        shown_text(clash.place, text) for text in (clash.base or "", clash.mine, clash.theirs)
    )
    return Conflict(clash.place, name, base, mine, theirs)


@blueprint.get(_UPLOAD)
@needs(Permission.REPORT_PROGRESS)
def report_upload(upload_id: int) -> Page:
    """One workbook that was sent: how far it is, what is wrong with it, or what it would change."""
    return _upload_page(upload_id)


def _upload_page(
    upload_id: int, refusal: Refused | None = None, chosen: Mapping[str, str] | None = None
) -> str:
    upload = get_record_upload(db.session(), current_actor(), upload_id)
    opened = _open(upload.owner_id)
    result = None if upload.is_unread else read_result(db.session(), RecordUpload, upload_id)
    is_ready = result is not None and upload.state == READY and opened.may_write
    subject = subject_of(opened.view, opened.call)
    return render_template(
        "agency/report_upload.html",
        opened=opened,
        upload=upload,
        row=opened.view.row,
        call=opened.call,
        states=UPLOAD_STATES,
        result=result,
        preview=_preview(opened, result) if is_ready and result is not None else ReportPreview(),
        sheet_names=sheet_names(subject),
        column_names=columns_of(subject),
        most=how_many_shown(),
        megabytes=megabytes(),
        refusal=refusal,
        chosen=chosen or {},
        asked=isinstance(refusal, Undecided),
        errors={},
    )


@blueprint.post(_UPLOAD, endpoint="apply_report_workbook")
@needs(Permission.REPORT_PROGRESS)
def apply(upload_id: int) -> Page:
    """Take it in whole. If the report changed since the preview, or something is still to be chosen, it is shown anew and
    nothing is changed."""
    upload = get_record_upload(db.session(), current_actor(), upload_id)
    seen, (chosen, otherwise) = read_id(request.form.get("seen")) or 0, read_choices()
    try:
        with open_work(current_actor(), arrived()) as work:
            apply_record_upload(work, upload_id, seen, chosen, otherwise)
    except Stale as stale:
        return _upload_page(upload_id, stale), 409
    except Refused as refusal:
        return _upload_page(upload_id, refusal, chosen), 422
    flash(t(f"นำเข้าจาก “{upload.name}” แล้ว", f"Taken in from “{upload.name}”"))
    return redirect(url_for("agency.report", record_id=upload.owner_id), 303)


@blueprint.post(f"{_UPLOAD}/drop", endpoint="drop_report_workbook")
@needs(Permission.REPORT_PROGRESS)
def drop_workbook(upload_id: int) -> Response:
    """The person does not want it after all."""
    upload = get_record_upload(db.session(), current_actor(), upload_id)
    with open_work(current_actor(), arrived()) as work:
        drop_record_upload(work, upload_id)
    flash(
        t(f"ไม่นำเข้า “{upload.name}” รายงานไม่เปลี่ยน", f"“{upload.name}” was dropped. The report is unchanged.")
    )
    return redirect(url_for("agency.report_workbook", record_id=upload.owner_id), 303)


@blueprint.get(f"{_UPLOAD}/marked.xlsx")
@needs(Permission.REPORT_PROGRESS)
def marked_report_workbook(upload_id: int) -> Response:
    """The same workbook with what is to be mended marked in it."""
    return send_marked(RecordUpload, get_record_upload(db.session(), current_actor(), upload_id))
