"""The attachments of a draft: what the call asks for, files added several at once, exchanged, taken off, fetched."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.calls.facts import Choice
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import (
    EMPTY,
    TOO_LARGE,
    StoredFile,
    attach_file,
    remove_attachment,
    replace_attachment,
    store_file,
)
from app.proposals.drafts import SECTIONS
from app.proposals.models import Attachment
from app.proposals.queries import get_draft, list_attachments
from app.web.agency.board import OpenProposal, blueprint, open_for_writing, open_proposal
from app.web.agency.judging import judge
from app.web.agency.last_year import last_year
from app.web.agency.media import BAD_NAME, ENDINGS, NotTaken, plain_name
from app.web.agency.offers import choices
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.filing import attachment_store
from app.web.language import t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_CHOOSE_KIND = Text("กรุณาเลือกประเภทเอกสาร", "Choose the kind of document")
_CHOOSE_FILE = Text("กรุณาเลือกไฟล์ที่จะแนบ", "Choose the file to attach")
_SEVERAL = Text(
    "มี {n} ไฟล์ที่แนบไม่ได้ เหตุผลอยู่ด้านบนของหน้า",
    "{n} files were not attached; the reasons are at the top of the page",
)
_OTHER = "other"  # the kind for what no call asks for by name


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of document the call offers, and how many files of it are attached. The kind for anything else is not
    asked for."""

    kind: Choice
    files: int

    @property
    def is_asked(self) -> bool:
        return self.kind.code != _OTHER


@blueprint.get("/proposals/<int:proposal_id>/attachments")
@needs(Permission.READ_PROPOSAL)
def attachments(proposal_id: int) -> Page:
    """What the call asks for, the files so far, and the form for more."""
    opened = open_proposal(proposal_id)
    if not (opened.is_draft and opened.may_write and opened.is_open("attachments")):
        page = "agency.read" if opened.is_draft else "agency.proposal"
        return redirect(url_for(page, proposal_id=proposal_id, _anchor="filed-attachments"))
    return _attachments(opened, kind=request.args.get("kind", ""))


def _attachments(
    opened: OpenProposal,
    problems: Sequence[Problem] = (),
    *,
    kind: str = "",
    attached: Sequence[str] = (),
) -> str:
    files = list_attachments(db.session(), opened.id)
    kinds = opened.call.plan.attachment_kinds
    of_files = [p.text for p in problems if p.place == "attachments-file"]
    return render_template(
        "agency/attachments.html",
        opened=opened,
        name=SECTIONS["attachments"],
        files=files,
        asked=[Asked(k, sum(f.kind == k.code for f in files)) for k in kinds],
        kinds=choices(kinds),
        kind=kind,
        accept=",".join(ENDINGS),
        limits=opened.call.limits,
        megabytes_at_once=current_app.config["DGI"].upload_bytes >> 20,
        attached=attached,
        problems=problems,
        last_year=last_year(opened, "attachments"),
        file_error=_SEVERAL.fill(n=len(of_files)) if len(of_files) > 1 else next(iter(of_files), None),
    )


@blueprint.post("/proposals/<int:proposal_id>/attachments")
@needs(Permission.WRITE_PROPOSAL)
def attach(proposal_id: int) -> Page:
    """Add files. Good ones are kept; of each bad one it is told why, all at once."""
    opened = open_for_writing(proposal_id)
    kind = request.form.get("attachments-kind", "")
    sent = [upload for upload in request.files.getlist("attachments-file") if upload.filename]
    problems = []
    if kind not in {c.code for c in opened.call.plan.attachment_kinds}:
        problems.append(Problem("attachments-kind", _CHOOSE_KIND))
    if not sent:
        problems.append(Problem("attachments-file", _CHOOSE_FILE))
    known, ready = not problems, []
    for upload in sent:
        try:
            ready.append(_take(upload, opened, keep=known))
        except NotTaken as refusal:
            problems.append(_about(plain_name(upload.filename or "") or "?", refusal.why))
    elsewhere = {a.sha256: a for a in list_attachments(db.session(), proposal_id) if a.kind != kind}
    attached, refused = _attach_all(proposal_id, kind, ready if known else [])
    problems += refused
    names = [file.name for file in attached]
    if problems:
        return _attachments(opened, problems, kind=kind, attached=names), 422
    flash(t(f"แนบ {_listed(names)} แล้ว", f"{_listed(names)} {'is' if len(names) == 1 else 'are'} attached"))
    for file in attached:
        if (twin := elsewhere.get(file.sha256)) is not None:
            of = opened.call.plan.name("attachment_kinds", twin.kind)
            flash(
                t(
                    f"“{file.name}” มีเนื้อหาเดียวกับ “{twin.name}” ที่แนบไว้เป็น{of.th}",
                    f"“{file.name}” has the same content as “{twin.name}”, attached as: {of.en}",
                )
            )
    return redirect(url_for("agency.attachments", proposal_id=proposal_id), 303)


@blueprint.post("/proposals/<int:proposal_id>/attachments/<int:attachment_id>/replace")
@needs(Permission.WRITE_PROPOSAL)
def replace(proposal_id: int, attachment_id: int) -> Page:
    """Exchange a file for another of the same kind of document."""
    opened = open_for_writing(proposal_id)
    if attachment_id not in {a.id for a in list_attachments(db.session(), proposal_id)}:
        raise NotFound()
    field = f"attachments-replace-{attachment_id}"
    upload = request.files.get(field)
    if upload is None or not upload.filename:
        return _attachments(opened, [Problem(field, _CHOOSE_FILE)]), 422
    try:
        file = _take(upload, opened)
        with open_work(current_actor(), arrived()) as work:
            replace_attachment(work, proposal_id, attachment_id, file)
    except NotTaken as refusal:
        return _attachments(opened, [Problem(field, refusal.why)]), 422
    except Refused as refusal:
        found = [Problem(field, p.text) for p in refusal.problems] or [Problem(field, refusal.text)]
        return _attachments(opened, found), 422
    flash(t(f"เปลี่ยนเป็น “{file.name}” แล้ว", f"“{file.name}” took its place"))
    return redirect(url_for("agency.attachments", proposal_id=proposal_id), 303)


def _attach_all(
    proposal_id: int, kind: str, ready: Sequence[StoredFile]
) -> tuple[list[StoredFile], list[Problem]]:
    """Attach what can be, in one transaction; what was attached, and why the rest was not."""
    attached, problems = [], []
    with open_work(current_actor(), arrived()) as work:
        for file in ready:
            try:
                attach_file(work, proposal_id, kind, file)
                attached.append(file)
            except Refused as refusal:
                if not refusal.problems:  # nothing can be attached at all
                    return [], [Problem("attachments-file", refusal.text)]
                problems += [_about(file.name, p.text) for p in refusal.problems]
    return attached, problems


def _take(upload: FileStorage, opened: OpenProposal, keep: bool = True) -> StoredFile:
    """One sent file, judged and, if `keep`, put away. Raises `NotTaken`, and `StorageFault`."""
    name = plain_name(upload.filename or "")
    if not name:
        raise NotTaken(BAD_NAME)
    megabytes = opened.call.limits.attachment_megabytes
    data = upload.stream.read(megabytes * 1024 * 1024 + 1)
    if not data:
        raise NotTaken(EMPTY)
    if len(data) > megabytes * 1024 * 1024:
        raise NotTaken(TOO_LARGE.fill(n=megabytes))
    media = judge(name, data)
    if not keep:
        return StoredFile(name, media.media_type, len(data), "")
    return store_file(attachment_store(), name, media.media_type, data)


def _about(name: str, why: Text, place: str = "attachments-file") -> Problem:
    return Problem(place, Text(f"“{name}”: {why.th}", f"“{name}”: {why.en}"))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


@blueprint.post("/proposals/<int:proposal_id>/attachments/<int:attachment_id>/remove")
@needs(Permission.WRITE_PROPOSAL)
def remove(proposal_id: int, attachment_id: int) -> Response:
    """Take a file off the draft."""
    open_for_writing(proposal_id)
    with open_work(current_actor(), arrived()) as work:
        remove_attachment(work, proposal_id, attachment_id)
    flash(t("นำไฟล์ออกแล้ว", "The file was taken off"))
    return redirect(url_for("agency.attachments", proposal_id=proposal_id), 303)


@blueprint.get("/proposals/<int:proposal_id>/attachments/<int:position>")
@needs(Permission.READ_PROPOSAL)
def attachment(proposal_id: int, position: int) -> Response:
    """The n-th file, always as a download, never shown by the browser as a page of this site."""
    view = get_draft(db.session(), current_actor(), proposal_id)
    kept: list[Attachment] = list_attachments(db.session(), view.id)
    if not 1 <= position <= len(kept):
        raise NotFound()
    file = kept[position - 1]
    data = attachment_store().get(file.sha256)
    return send_download(data, file.name, f"attachment-{position}", file.media_type)
