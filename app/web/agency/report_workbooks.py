"""A report by workbook: the template with what is there, and the way back in. A workbook that was sent is read by the
runner; its page can be left and found again."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions.record_uploads import (
    apply_record_upload,
    drop_record_upload,
    require_room,
    upload_report_workbook,
)
from app.monitoring.periods import REPORT_NAMES
from app.monitoring.queries.record_uploads import (
    get_record_upload,
    list_record_uploads,
    read_record_result,
    stored_record_workbooks,
    subject_of,
)
from app.monitoring.report_sheets import bring_in, columns_of, make_template, sheet_names
from app.monitoring.reporting import compare_cells
from app.proposals.actions import EMPTY, TOO_LARGE, store_file
from app.proposals.actions.uploading import KEPT_FOR
from app.proposals.queries.uploads import UploadRow
from app.proposals.sheets import signing_key
from app.proposals.uploads import READY, UPLOAD_STATES
from app.web.agency.board import blueprint
from app.web.agency.media import BAD_NAME, EXCEL, plain_name
from app.web.agency.report import OpenReport, Page, writable_report
from app.web.agency.workbooks import most_bytes, workbook_store
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import by_place, read_id
from app.web.language import t
from app.web.report_views import ShownChange, name_place
from app.web.signing import current_actor
from app.workbooks.writing import write_template

_CHOOSE_FILE = Text("กรุณาเลือกไฟล์ Excel ที่กรอกแล้ว", "Choose the workbook you have filled in")
_FIELD = "workbook-file"
_ADDRESS = "/reports/<int:record_id>/workbook"
_UPLOAD = "/reports/workbooks/<int:upload_id>"


@blueprint.get(_ADDRESS)
@needs(Permission.REPORT_PROGRESS)
def report_workbook(record_id: int) -> Page:
    """The template, the form to send it back, and what was sent."""
    opened = writable_report(record_id)
    return _page(opened) if opened.may_write else redirect(opened.url)


def _page(opened: OpenReport, problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "agency/report_workbook.html",
        opened=opened,
        row=opened.view.row,
        call=opened.call,
        kind_name=REPORT_NAMES[opened.view.row.kind],
        uploads=list_record_uploads(db.session(), opened.id),
        states=UPLOAD_STATES,
        kept_days=KEPT_FOR.days,
        megabytes=most_bytes() >> 20,
        problems=problems,
        errors=by_place(problems),
    )


@blueprint.get(f"{_ADDRESS}/template.xlsx")
@needs(Permission.REPORT_PROGRESS)
def report_template(record_id: int) -> Response:
    """The template with what is there now, signed."""
    opened = writable_report(record_id)
    if not opened.may_write:
        return redirect(opened.url)
    subject = subject_of(opened.view, opened.call)
    db.session.rollback()
    key = signing_key(current_app.config["DGI"].secret_key)
    data = write_template(make_template(subject), key, arrived())
    row = opened.view.row
    name = f"{row.agency_code}-{row.fiscal_year}-{row.kind}-{row.period:02d}.xlsx"
    return send_download(data, name, "template", EXCEL.media_type)


@blueprint.post(_ADDRESS, endpoint="upload_report_workbook")
@needs(Permission.REPORT_PROGRESS)
def upload(record_id: int) -> Page:
    """Take a workbook in hand; its own page shows how far it is."""
    opened = writable_report(record_id)
    sent = request.files.get(_FIELD)
    if sent is None or not sent.filename:
        return _page(opened, [Problem(_FIELD, _CHOOSE_FILE)]), 422
    name, data = plain_name(sent.filename), sent.stream.read(most_bytes() + 1)
    for is_wrong, why in (
        (not name, BAD_NAME),
        (not data, EMPTY),
        (len(data) > most_bytes(), TOO_LARGE.fill(n=most_bytes() >> 20)),
    ):
        if is_wrong:
            return _page(opened, [Problem(_FIELD, why)]), 422
    try:
        require_room(db.session(), current_actor())
        file = store_file(workbook_store(), name, EXCEL.media_type, data)
        with open_work(current_actor(), arrived()) as work:
            upload_id = upload_report_workbook(work, record_id, file).id
    except Refused as refusal:
        return _page(opened, [Problem(_FIELD, refusal.text)]), 422
    return redirect(url_for("agency.report_upload", upload_id=upload_id), 303)


@blueprint.get(_UPLOAD)
@needs(Permission.REPORT_PROGRESS)
def report_upload(upload_id: int) -> Page:
    """One workbook that was sent: how far it is, what is wrong with it, or what it would change."""
    return _upload_page(upload_id)


def _upload_page(upload_id: int, refusal: Refused | None = None) -> str:
    row, record_id, compared = get_record_upload(db.session(), current_actor(), upload_id)
    opened = writable_report(record_id)
    result = None if row.is_unread else read_record_result(db.session(), upload_id)
    subject = subject_of(opened.view, opened.call)
    return render_template(
        "agency/report_upload.html",
        opened=opened,
        upload=row,
        row=opened.view.row,
        call=opened.call,
        kind_name=REPORT_NAMES[opened.view.row.kind],
        states=UPLOAD_STATES,
        result=result,
        changes=_changes(row, opened, result.values["report"]["cells"])
        if result is not None and row.state == READY
        else (),
        has_moved=result is not None and result.came_from.get("report") != opened.view.row.version,
        compared=compared,
        sheet_names=sheet_names(subject),
        column_names=columns_of(subject),
        megabytes=most_bytes() >> 20,
        refusal=refusal,
        errors={},
    )


def _changes(row: UploadRow, opened: OpenReport, cells: dict[str, str]) -> tuple[ShownChange, ...]:
    """What it would change in the report as it stands now."""
    present = opened.view.cells
    shown = []
    for change in compare_cells(present, bring_in(present, cells)):
        number, what = name_place(change.place, opened.view.ground, opened.call)
        shown.append(ShownChange(number, what, change.before, change.after))
    return tuple(shown)


@blueprint.post(_UPLOAD, endpoint="apply_report_workbook")
@needs(Permission.REPORT_PROGRESS)
def apply(upload_id: int) -> Page:
    """Take it in whole. If the report changed since the preview, it is shown anew and nothing is changed."""
    row, record_id, _ = get_record_upload(db.session(), current_actor(), upload_id)
    try:
        with open_work(current_actor(), arrived()) as work:
            apply_record_upload(work, upload_id, read_id(request.form.get("seen")) or 0)
    except Stale as stale:
        return _upload_page(upload_id, stale), 409
    except Refused as refusal:
        return _upload_page(upload_id, refusal), 422
    flash(t(f"นำเข้าจาก “{row.name}” แล้ว", f"Taken in from “{row.name}”"))
    return redirect(url_for("agency.report", record_id=record_id), 303)


@blueprint.post(f"{_UPLOAD}/drop", endpoint="drop_report_workbook")
@needs(Permission.REPORT_PROGRESS)
def drop_workbook(upload_id: int) -> Response:
    """The person does not want it after all."""
    row, record_id, _ = get_record_upload(db.session(), current_actor(), upload_id)
    with open_work(current_actor(), arrived()) as work:
        drop_record_upload(work, upload_id)
    flash(t(f"ไม่นำเข้า “{row.name}” รายงานไม่เปลี่ยน", f"“{row.name}” was dropped. The report is unchanged."))
    return redirect(url_for("agency.report_workbook", record_id=record_id), 303)


@blueprint.get(f"{_UPLOAD}/marked.xlsx")
@needs(Permission.REPORT_PROGRESS)
def marked_report_workbook(upload_id: int) -> Response:
    """The same workbook with what is to be mended marked in it."""
    row, _, _ = get_record_upload(db.session(), current_actor(), upload_id)
    _, marked = stored_record_workbooks(db.session(), upload_id)
    if marked is None:
        raise NotFound()
    name = f"{row.name.removesuffix('.xlsx')} {t('ทำเครื่องหมายแล้ว', 'marked')}.xlsx"
    return send_download(workbook_store().get(marked), name, "marked", EXCEL.media_type)
