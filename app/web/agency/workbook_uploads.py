"""A workbook that was sent: how far its reading is, what is wrong with it, or what it would change; then it is taken in
whole, or dropped.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions.uploading import apply_upload, drop_upload
from app.proposals.comparing import SectionComparison, compare_section
from app.proposals.merging import ShownConflict, show_conflicts
from app.proposals.models import WorkbookUpload
from app.proposals.queries import list_savers
from app.proposals.queries.uploads import get_upload, read_sources
from app.proposals.sheets import SHEETS, Subject, bring_in, columns_of, list_wrong
from app.web.agency.board import blueprint
from app.web.agency.workbook_files import how_many_shown, megabytes, read_choices, send_marked
from app.web.agency.workbooks import WorkbookDesk, desk_of
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.signing import current_actor
from app.workbooks.actions import Undecided
from app.workbooks.queries import UploadRow, read_result
from app.workbooks.uploads import APPLIED, KEPT_FOR, READY, UPLOAD_STATES, UploadResult

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """What one sheet would change. `has_moved`: the draft was saved since the template was made, by `by` last;
    `source_is_known`: what it was made from is still there to tell whose change is whose."""

    section: str
    name: Text
    comparison: SectionComparison
    conflicts: tuple[ShownConflict, ...]
    by: Text
    version: int
    has_moved: bool
    source_is_known: bool
    problems: tuple[Problem, ...]


def _preview(row: UploadRow, result: UploadResult, subject: Subject) -> list[SheetPreview]:
    """Every sheet against the draft as it stands now."""
    sources = read_sources(db.session(), row.owner_id, row.agency_id, result.came_from)
    savers = list_savers(db.session(), row.owner_id, row.agency_id)
    plan, directory = subject.ground.plan, subject.ground.directory
    previews = []
    for section in (s for s in SHEETS if s in result.values and s in subject.values):
        present, version = subject.values[section], subject.versions[section]
        source = sources.get(section)
        merged = bring_in(section, source, result.values[section], present)
        problems = list_wrong(section, merged.value, subject.ground)
        previews.append(
            SheetPreview(
                section=section,
                name=subject.name(section),
                comparison=compare_section(section, present, merged.value, plan, directory),
                conflicts=show_conflicts(merged.conflicts, plan, directory),
                by=savers.get(section, Text("", "")),
                version=version,
                has_moved=result.came_from.get(section) != version,
                source_is_known=source is not None,
                problems=problems,
            )
        )
    return previews


@blueprint.get("/workbooks/<int:upload_id>")
@needs(Permission.WRITE_PROPOSAL)
def workbook_upload(upload_id: int) -> Page:
    """One workbook that was sent: how far it is, what is wrong with it, or what it would change."""
    row = get_upload(db.session(), current_actor(), upload_id)
    return _upload_page(row, desk_of(row))


def _upload_page(
    row: UploadRow,
    desk: WorkbookDesk,
    refusal: Refused | None = None,
    chosen: Mapping[str, str] | None = None,
) -> str:
    session = db.session()
    result = None if row.is_unread else read_result(session, WorkbookUpload, row.id)
    subject = desk.subject if result is not None else None
    previews: list[SheetPreview] = []
    shut: tuple[Text, ...] = ()
    if result is not None and subject is not None and row.state == READY:
        previews = _preview(row, result, subject)
        writable = {form.section for form in desk.writable}
        shut = tuple(subject.name(section) for section in result.values if section not in writable)
    return render_template(
        "agency/workbook_upload.html",
        desk=desk,
        opened=desk.opened,
        row=row,
        states=UPLOAD_STATES,
        result=result,
        previews=previews,
        shut=shut,
        sheet_names={section: subject.name(section) for section in SHEETS} if subject else {},
        column_names=_column_names(subject) if subject else {},
        most=how_many_shown(),
        megabytes=megabytes(),
        kept_days=KEPT_FOR.days,
        is_applied=row.state == APPLIED,
        refusal=refusal,
        chosen=chosen or {},
        asked=isinstance(refusal, Undecided),
        problems=(),
        errors={},
    )


def _column_names(subject: Subject) -> dict[tuple[str, str], Text]:
    """(sheet, column) -> its heading."""
    return {(s, column.key): column.heading for s in SHEETS for column in columns_of(s, subject)}


@blueprint.post("/workbooks/<int:upload_id>")
@needs(Permission.WRITE_PROPOSAL)
def apply_workbook(upload_id: int) -> Page:
    """Take all sheets in. If the draft changed since the preview, or something is still to be chosen, it is shown
    anew and nothing is changed."""
    row = get_upload(db.session(), current_actor(), upload_id)
    desk = desk_of(row)
    seen = {section: read_id(request.form.get(f"seen-{section}")) or 0 for section in SHEETS}
    chosen, otherwise = read_choices()
    try:
        with open_work(current_actor(), arrived()) as work:
            changed = apply_upload(work, upload_id, seen, chosen, otherwise)
    except Stale as stale:
        return _upload_page(*_again(row), stale), 409
    except Refused as refusal:
        return _upload_page(*_again(row), refusal, chosen), 422
    form = next((form for form in desk.forms if form.section in changed), desk.first)
    names = [form.name for form in desk.forms if form.section in changed]
    if names:
        flash(
            t(
                f"นำเข้าจาก “{row.name}” แล้ว: {', '.join(name.th for name in names)}",
                f"Taken in from “{row.name}”: {', '.join(name.en for name in names)}",
            )
        )
    else:
        flash(t("ไม่มีสิ่งใดต่างจากร่าง จึงไม่มีสิ่งใดเปลี่ยน", "Nothing differed from the draft, so nothing changed"))
    return redirect(form.url(), 303)


def _again(row: UploadRow) -> tuple[UploadRow, WorkbookDesk]:
    """The workbook and its desk as they stand now."""
    row = get_upload(db.session(), current_actor(), row.id)
    return row, desk_of(row)


@blueprint.post("/workbooks/<int:upload_id>/drop")
@needs(Permission.WRITE_PROPOSAL)
def drop_workbook(upload_id: int) -> Response:
    """The person does not want it after all."""
    row = get_upload(db.session(), current_actor(), upload_id)
    desk = desk_of(row)
    with open_work(current_actor(), arrived()) as work:
        drop_upload(work, upload_id)
    flash(t(f"ไม่นำเข้า “{row.name}” ร่างไม่เปลี่ยน", f"“{row.name}” was dropped. The draft is unchanged."))
    return redirect(desk.url, 303)


@blueprint.get("/workbooks/<int:upload_id>/marked.xlsx")
@needs(Permission.WRITE_PROPOSAL)
def marked_workbook(upload_id: int) -> Response:
    """The same workbook with what is to be mended marked in it."""
    row = get_upload(db.session(), current_actor(), upload_id)
    desk_of(row)
    return send_marked(WorkbookUpload, row)
