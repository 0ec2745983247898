"""The attachments of a draft: added one at a time, fetched as downloads, taken off again."""

from __future__ import annotations

import io

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import attach_file, remove_attachment
from app.proposals.drafts import SECTIONS
from app.proposals.queries import get_draft, list_attachments
from app.web.agency.board import OpenProposal, blueprint, open_for_writing, open_proposal
from app.web.agency.media import ENDINGS, file_problem, plain_name, recognise
from app.web.agency.offers import choices
from app.web.arrival import arrived
from app.web.door import needs
from app.web.filing import attachment_store
from app.web.language import t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_CHOOSE_KIND = Text("กรุณาเลือกประเภทเอกสาร", "Choose the kind of document")
_CHOOSE_FILE = Text("กรุณาเลือกไฟล์ที่จะแนบ", "Choose the file to attach")
_BAD_NAME = Text("ชื่อไฟล์มีอักขระที่อ่านไม่ได้ กรุณาเปลี่ยนชื่อไฟล์", "The file's name cannot be read; rename the file")


@blueprint.get("/proposals/<int:proposal_id>/attachments")
@needs(Permission.READ_PROPOSAL)
def attachments(proposal_id: int) -> Page:
    """The files so far, and the form for one more."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft or not opened.may_write:
        page = "agency.read" if opened.is_draft else "agency.proposal"
        return redirect(url_for(page, proposal_id=proposal_id, _anchor="filed-attachments"))
    return _attachments(opened)


def _attachments(opened: OpenProposal, problems: tuple[Problem, ...] = ()) -> str:
    return render_template(
        "agency/attachments.html",
        opened=opened,
        name=SECTIONS["attachments"],
        files=list_attachments(db.session(), opened.id),
        kinds=choices(opened.call.plan.attachment_kinds),
        kind=request.form.get("attachments-kind", ""),
        accept=",".join(ENDINGS),
        limits=opened.call.limits,
        problems=problems,
    )


@blueprint.post("/proposals/<int:proposal_id>/attachments")
@needs(Permission.WRITE_PROPOSAL)
def attach(proposal_id: int) -> Page:
    """Add one file. Its kind is judged by its content; the chosen document kind is kept when it is refused."""
    opened = open_for_writing(proposal_id)
    sent, kind = request.files.get("attachments-file"), request.form.get("attachments-kind", "")
    most = opened.call.limits.attachment_megabytes * 1024 * 1024
    data = sent.stream.read(most + 1) if sent and sent.filename else b""
    problems = []
    if kind not in {c.code for c in opened.call.plan.attachment_kinds}:
        problems.append(Problem("attachments-kind", _CHOOSE_KIND))
    if sent is None or not sent.filename:
        problems.append(Problem("attachments-file", _CHOOSE_FILE))
        return _attachments(opened, tuple(problems)), 422
    name, media = plain_name(sent.filename), recognise(data)
    why = file_problem(name, media) if data and len(data) <= most else None
    if not name:
        why = _BAD_NAME
    if why is not None:
        problems.append(Problem("attachments-file", why))
    if problems:
        return _attachments(opened, tuple(problems)), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            attach_file(
                work,
                attachment_store(),
                proposal_id,
                kind=kind,
                name=name,
                media_type=media.media_type if media else "application/octet-stream",
                data=data,
            )
    except Refused as refusal:
        return _attachments(opened, refusal.problems or (Problem("main", refusal.text),)), 422
    flash(t(f"แนบ “{name}” แล้ว", f"“{name}” is attached"))
    return redirect(url_for("agency.attachments", proposal_id=proposal_id), 303)


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
    kept = list_attachments(db.session(), view.id)
    if not 1 <= position <= len(kept):
        raise NotFound()
    file = kept[position - 1]
    return send_file(
        io.BytesIO(attachment_store().get(file.sha256)),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
    )
