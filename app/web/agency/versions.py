"""Earlier versions of a section: who saved what when, any two compared, and an earlier one brought back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.proposals.comparing import compare_section
from app.proposals.queries import CAUSES, list_revisions, read_revision
from app.web.agency.board import blueprint
from app.web.agency.section import ADDRESS, PART_ADDRESS, SectionForm, open_section, open_writable
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.tags import Options

PER_PAGE = 30
Page = str | tuple[str, int] | Response


@blueprint.get(f"{ADDRESS}/history")
@blueprint.get(f"{PART_ADDRESS}/history", endpoint="part_history")
@needs(Permission.READ_PROPOSAL)
def history(proposal_id: int, section: str, code: str | None = None) -> Page:
    """The saves of a section, and two of them compared: `from` and `to` in the address, else the last change."""
    return _history(open_section(proposal_id, section, code))


def _history(form: SectionForm, problems: tuple[Problem, ...] = ()) -> str:
    session, opened = db.session(), form.opened
    before = read_id(request.args.get("before"))
    rows = list_revisions(session, opened.id, form.agency_id, form.section, before=before, most=PER_PAGE + 1)
    newest = form.version
    to = min(read_id(request.args.get("to")) or newest, newest)
    since = read_id(request.args.get("from"))
    since = min(since, newest) if since else max(to - 1, 1)
    earlier = read_revision(session, opened.id, form.agency_id, form.section, since)
    later = read_revision(session, opened.id, form.agency_id, form.section, to)
    shown = rows[:PER_PAGE]
    versions = [(str(row.version), _numbered(row.version)) for row in shown]
    if not any(row.version == 1 for row in rows):
        versions.append(("1", Text("1 (ก่อนกรอก)", "1 (before anything was typed)")))
    for version in (since, to):
        if str(version) not in dict(versions):
            versions.append((str(version), _numbered(version)))
    return render_template(
        "agency/history.html",
        form_page=form,
        opened=opened,
        rows=shown,
        more=shown[-1].version if len(rows) > PER_PAGE else None,
        causes=CAUSES,
        version=newest,
        since=since,
        to=to,
        version_options=Options(versions),
        comparison=compare_section(form.section, earlier, later, opened.call.plan, opened.directory),
        may_restore=form.is_writable,
        problems=problems,
    )


def _numbered(version: int) -> Text:
    return Text(f"ฉบับที่ {version}", f"Version {version}")


@blueprint.post(f"{ADDRESS}/history")
@blueprint.post(f"{PART_ADDRESS}/history", endpoint="part_restore")
@needs(Permission.WRITE_PROPOSAL)
def restore(proposal_id: int, section: str, code: str | None = None) -> Page:
    """Bring an earlier version back, as a new one; the present one stays among the versions."""
    form = open_writable(proposal_id, section, code)
    version = read_id(request.form.get("restore"))
    if version is None or version > form.version:
        raise NotFound()
    value = read_revision(db.session(), form.opened.id, form.agency_id, section, version)
    try:
        form.save(value, read_id(request.form.get("version")) or 0, "restored")
    except Stale:
        changed = Text(
            "มีผู้บันทึกส่วนนี้หลังจากที่ท่านเปิดหน้านี้ กรุณาดูการเปลี่ยนแปลงล่าสุดก่อน",
            "Somebody saved this section after you opened this page; look at the latest change first",
        )
        return _history(form, (Problem("main", changed),)), 409
    except Refused as refusal:
        return _history(form, refusal.problems or (Problem("main", refusal.text),)), 422
    flash(
        t(
            f"นำฉบับที่ {version} กลับมาใช้แล้ว ฉบับก่อนหน้ายังอยู่ในรายการ",
            f"Version {version} is back in use. The one before it is still in the list.",
        )
    )
    return redirect(form.url("history"), 303)
