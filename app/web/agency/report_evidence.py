"""Evidence files of a quarter's report: judged by what they are, added, taken off, fetched."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions.evidence import MOST_BYTES, attach_evidence, remove_evidence
from app.proposals.actions import EMPTY, TOO_LARGE, store_file
from app.web.agency.board import blueprint
from app.web.agency.judging import judge
from app.web.agency.media import BAD_NAME, NotTaken, plain_name
from app.web.agency.report import Page, Said, report_page, writable_report
from app.web.arrival import arrived
from app.web.door import needs
from app.web.evidence_files import send_evidence
from app.web.filing import attachment_store
from app.web.forms import read_id
from app.web.language import t
from app.web.signing import current_actor

_CHOOSE_FILE = Text("กรุณาเลือกไฟล์หลักฐาน", "Choose the evidence file")
_CHOOSE_INDICATOR = Text("กรุณาเลือกตัวชี้วัดของรายงานนี้", "Choose an indicator of this report")
_FIELD = "evidence-file"


@blueprint.post("/reports/<int:record_id>/evidence", endpoint="attach_evidence")
@needs(Permission.REPORT_PROGRESS)
def attach(record_id: int) -> Page:
    """Add a file to an indicator."""
    opened = writable_report(record_id)
    chosen = Said(indicator=request.form.get("indicator", ""))
    number, _, position = chosen.indicator.rpartition("-")
    at = read_id(position)
    upload = request.files.get(_FIELD)
    try:
        if at is None or (number, at) not in opened.view.ground.indicators:
            raise NotTaken(_CHOOSE_INDICATOR)
        if upload is None or not upload.filename:
            raise NotTaken(_CHOOSE_FILE)
        if not (name := plain_name(upload.filename)):
            raise NotTaken(BAD_NAME)
        data = upload.stream.read(MOST_BYTES + 1)
        if not data:
            raise NotTaken(EMPTY)
        if len(data) > MOST_BYTES:
            raise NotTaken(TOO_LARGE.fill(n=MOST_BYTES >> 20))
        file = store_file(attachment_store(), name, judge(name, data).media_type, data)
        with open_work(current_actor(), arrived()) as work:
            attach_evidence(work, record_id, number, at, file)
    except NotTaken as refusal:
        return report_page(opened, [Problem(_FIELD, refusal.why)], said=chosen), 422
    except Refused as refusal:
        problems = refusal.problems or [Problem(_FIELD, refusal.text)]
        return report_page(writable_report(record_id), problems, said=chosen), 422
    flash(t(f"แนบ “{name}” แล้ว", f"“{name}” is attached"))
    return redirect(f"{opened.url}#evidence", 303)


@blueprint.post("/reports/<int:record_id>/evidence/<int:file_id>/remove", endpoint="remove_evidence")
@needs(Permission.REPORT_PROGRESS)
def remove(record_id: int, file_id: int) -> Response:
    """Take a file off."""
    opened = writable_report(record_id)
    with open_work(current_actor(), arrived()) as work:
        remove_evidence(work, record_id, file_id)
    flash(t("นำไฟล์ออกแล้ว", "The file was taken off"))
    return redirect(f"{opened.url}#evidence", 303)


@blueprint.get("/reports/<int:record_id>/evidence/<int:file_id>")
@needs(Permission.READ_PROPOSAL)
def evidence(record_id: int, file_id: int) -> Response:
    """A file, always as a download."""
    return send_evidence(record_id, file_id)
