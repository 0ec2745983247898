"""Budget lines and indicators by workbook: the template with what is there, and the way back in.

The lead's workbook and that of a participant's part are the same pages. A workbook that was sent is read by the
runner; its page (`workbook_uploads`) can be left and found again.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.proposals.actions.uploading import upload_workbook
from app.proposals.models import WorkbookUpload
from app.proposals.queries import PartView
from app.proposals.queries.uploads import list_uploads, subject_of
from app.proposals.sheets import SHEETS, Subject, make_template
from app.web.agency.board import OpenProposal, blueprint, open_part, open_proposal
from app.web.agency.section import SectionForm
from app.web.agency.workbook_files import megabytes, receive_workbook, send_template
from app.web.door import needs
from app.web.forms import by_place
from app.workbooks.queries import UploadRow
from app.workbooks.uploads import KEPT_FOR, UPLOAD_STATES

Page = str | Response | tuple[str, int]

_ADDRESS = "/proposals/<int:proposal_id>/workbook"
_PART_ADDRESS = "/proposals/<int:proposal_id>/parts/<code>/workbook"


@dataclass(frozen=True, slots=True)
class WorkbookDesk:
    """Whose workbook it is: the lead's, or that of a participant's part, with the forms of the sections in it."""

    opened: OpenProposal
    forms: tuple[SectionForm, ...]

    @property
    def first(self) -> SectionForm:
        return self.forms[0]

    @property
    def agency_id(self) -> int:
        return self.first.agency_id

    @property
    def writable(self) -> tuple[SectionForm, ...]:
        """The sections that may be written now."""
        return tuple(form for form in self.forms if form.is_writable)

    @property
    def subject(self) -> Subject:
        """What the workbook is made of and read against."""
        o = self.opened
        return subject_of(o.view, o.call, o.directory, o.returned, self.agency_id)

    @property
    def url(self) -> str:
        """The page with the template and the list."""
        if self.first.part is None:
            return url_for("agency.workbook", proposal_id=self.opened.id)
        return url_for("agency.part_workbook", proposal_id=self.opened.id, code=self.first.part.code)

    @property
    def template_url(self) -> str:
        if self.first.part is None:
            return url_for("agency.workbook_template", proposal_id=self.opened.id)
        return url_for("agency.part_workbook_template", proposal_id=self.opened.id, code=self.first.part.code)


def _desk(proposal_id: int, code: str | None) -> WorkbookDesk:
    """The workbook of somebody who writes for the lead, or for the participant `code`. Raises `NotFound`."""
    if code is None:
        return _desk_for(open_proposal(proposal_id), None)
    return _desk_for(*open_part(proposal_id, code))


def _desk_for(opened: OpenProposal, part: PartView | None) -> WorkbookDesk:
    if not (opened.may_write if part is None else opened.may_write_part(part.agency_id)):
        raise NotFound()
    return WorkbookDesk(opened, tuple(SectionForm(opened, section, part) for section in SHEETS))


def desk_of(row: UploadRow) -> WorkbookDesk:
    """The desk a workbook was sent to. Raises `NotFound`."""
    opened = open_proposal(row.owner_id)
    if row.agency_id == opened.view.lead_agency_id:
        return _desk_for(opened, None)
    part = opened.view.part_of(row.agency_id)
    if part is None:
        raise NotFound()
    return _desk_for(opened, part)


@blueprint.get(_ADDRESS)
@blueprint.get(_PART_ADDRESS, endpoint="part_workbook")
@needs(Permission.WRITE_PROPOSAL)
def workbook(proposal_id: int, code: str | None = None) -> Page:
    """The template, the form to send it back, and what was sent. Where nothing may be written, the page to read."""
    desk = _desk(proposal_id, code)
    return _page(desk) if desk.writable else redirect(desk.first.read_url)


def _page(desk: WorkbookDesk, problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "agency/workbook.html",
        desk=desk,
        opened=desk.opened,
        uploads=list_uploads(db.session(), desk.opened.id, desk.agency_id),
        states=UPLOAD_STATES,
        kept_days=KEPT_FOR.days,
        megabytes=megabytes(),
        problems=problems,
        errors=by_place(problems),
    )


@blueprint.get(f"{_ADDRESS}/template.xlsx")
@blueprint.get(f"{_PART_ADDRESS}/template.xlsx", endpoint="part_workbook_template")
@needs(Permission.WRITE_PROPOSAL)
def workbook_template(proposal_id: int, code: str | None = None) -> Response:
    """The template with what is there now, signed."""
    desk = _desk(proposal_id, code)
    if not desk.writable:
        return redirect(desk.first.read_url)
    subject = desk.subject
    return send_template(make_template(subject), f"{subject.number}-{subject.agency.code}.xlsx")


@blueprint.post(_ADDRESS, endpoint="upload_workbook")
@blueprint.post(_PART_ADDRESS, endpoint="part_upload_workbook")
@needs(Permission.WRITE_PROPOSAL)
def upload(proposal_id: int, code: str | None = None) -> Page:
    """Take a workbook in hand; its own page shows how far it is."""
    desk = _desk(proposal_id, code)
    try:
        upload_id = receive_workbook(
            WorkbookUpload, lambda work, file: upload_workbook(work, proposal_id, desk.agency_id, file)
        )
    except Refused as refusal:
        return _page(desk, refusal.problems), 422
    return redirect(url_for("agency.workbook_upload", upload_id=upload_id), 303)
