"""Versions of the screening rules and reference prices: offered as files, read in words, compared, taken home again."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import DocumentKind
from app.calls.toml_text import LARGEST_FILE, FileFault, FileRefused, write_toml
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.screening.actions.rulebooks import Offered, offer_version
from app.screening.queries.versions import VersionView, get_version, list_versions
from app.screening.version_changes import PARAMETER_NAMES, SEVERITY_NAMES, compare_versions, say_parameter
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import by_place, read_id
from app.web.language import t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options

Page = str | Response | tuple[str, int]

KIND_NAMES = {
    DocumentKind.RULEBOOK: Text("ข้อกำหนดการกลั่นกรอง", "Screening rules"),
    DocumentKind.PRICES: Text("ราคาอ้างอิง", "Reference prices"),
}
_NO_FILE = Text("กรุณาเลือกแฟ้ม", "Choose a file")
_SEE_BELOW = Text(
    "แฟ้มนี้ยังใช้ไม่ได้ ดูจุดที่ต้องแก้ {count} จุดในตาราง ฉบับเดิมทุกฉบับยังอยู่ครบ",
    "The file cannot be used as it stands; places to mend, listed below: {count}. Every version there was is as it was.",
)
_NAMED = Text("ฉบับที่ {version} {code} · {title}", "Version {version} {code} · {title}")
# the order in which a file is written for people to go on with
_KEYS = (
    *("code", "version", "check", "severity", "name", "title", "source", "basis", "unit"),
    *("price_baht", "words", "but", "th", "en", "remedy", "parameters", "reasons", "rules", "items"),
)


def name_of(version: VersionView) -> Text:
    """A version as it is chosen from a list."""
    return _NAMED.fill(title=version.title, code=version.code, version=version.version)


@blueprint.get("/rulebooks")
@needs(Permission.MANAGE_CALL)
def rulebooks() -> str:
    """Every version, which calls use it since when, and the form to offer another."""
    return _list_page()


def _list_page(
    problems: Sequence[Problem] = (), faults: Sequence[FileFault] = (), file_name: str = ""
) -> str:
    versions = list_versions(db.session())
    return render_template(
        "secretariat/rulebooks.html",
        kinds=[(kind, name, [v for v in versions if v.kind is kind]) for kind, name in KIND_NAMES.items()],
        kilobytes=LARGEST_FILE // 1024,
        problems=problems,
        errors=by_place(problems),
        faults=faults,
        file_name=file_name,
    )


@blueprint.post("/rulebooks")
@needs(Permission.MANAGE_CALL)
def offer_rulebook() -> Page:
    """Take a file in as a version, or tell everything that is wrong with it."""
    sent = request.files.get("rulebook-file")
    if sent is None or not sent.filename:
        return _list_page([Problem("rulebook-file", _NO_FILE)]), 422
    data = sent.stream.read(LARGEST_FILE + 1)
    try:
        with open_work(current_actor(), arrived()) as work:
            offered = offer_version(work, data)
    except FileRefused as refusal:
        problem = Problem("rulebook-file", _SEE_BELOW.fill(count=len(refusal.faults)))
        return _list_page([problem], refusal.faults, sent.filename[:120]), 422
    flash(_said(offered))
    return redirect(url_for("secretariat.rulebook", document_id=offered.document_id), 303)


def _said(offered: Offered) -> str:
    if not offered.is_new:
        return t(
            "เนื้อหานี้มีอยู่แล้ว (%s ฉบับที่ %d) จึงไม่มีอะไรเปลี่ยน",
            "This content was there already (%s version %d); nothing changed.",
        ) % (offered.code, offered.version)
    return t(
        "รับไว้เป็น %s ฉบับที่ %d แล้ว ยังไม่มีรอบใดใช้ฉบับนี้จนกว่าจะนำไปใช้",
        "Kept as %s version %d. No call uses it until it is adopted.",
    ) % (offered.code, offered.version)


@blueprint.get("/rulebooks/<int:document_id>")
@needs(Permission.MANAGE_CALL)
def rulebook(document_id: int) -> str:
    """One version: its rules in order with severity, parameters, basis and wording; or its prices."""
    session = db.session()
    versions = list_versions(session)
    version = next((v for v in versions if v.id == document_id), None)
    if version is None:
        raise NotFound()
    others = [v for v in versions if v.kind is version.kind and v.id != version.id]
    return render_template(
        "secretariat/rulebook.html",
        version=version,
        kind_name=KIND_NAMES[version.kind],
        others=others,
        other_options=Options((str(v.id), name_of(v)) for v in others),
        severity_names=SEVERITY_NAMES,
        say_parameter=say_parameter,
        parameter_names=PARAMETER_NAMES,
    )


@blueprint.get("/rulebooks/<int:document_id>/file.toml")
@needs(Permission.MANAGE_CALL)
def rulebook_file(document_id: int) -> Response:
    """A version as a file, to go on from: read again, it is the same version."""
    version = get_version(db.session(), document_id)
    data = write_toml(version.document, _KEYS).encode()
    name = f"{version.code}-{version.version}.toml"
    return send_download(data, name, "version", "application/toml")


@blueprint.get("/rulebooks/compare")
@needs(Permission.MANAGE_CALL)
def compare_rulebooks() -> str:
    """Two versions side by side: `since` and `until` in the address, else the latest two of a code."""
    versions = list_versions(db.session())
    since, until = _chosen(versions)
    comparison = compare_versions(since.value, until.value) if since and until else None
    return render_template(
        "secretariat/rulebook_compare.html",
        since=since,
        until=until,
        options=Options((str(v.id), name_of(v)) for v in versions),
        comparison=comparison,
        show_all=request.args.get("show") == "all",
        is_plain=bool(until and until.kind is DocumentKind.PRICES),
    )


def _chosen(versions: Sequence[VersionView]) -> tuple[VersionView | None, VersionView | None]:
    """The two asked for, if they are of one kind; a missing one is the version next to the other, the earlier first."""
    found = {v.id: v for v in versions}
    since = found.get(read_id(request.args.get("since")) or 0)
    until = found.get(read_id(request.args.get("until")) or 0)
    if until is None:
        kind = since.kind if since else DocumentKind.RULEBOOK
        until = next((v for v in versions if v.kind is kind and v is not since), None)
    if since is None and until is not None:
        same = [v for v in versions if v.kind is until.kind and v is not until]
        since = next((v for v in same if v.code == until.code and v.version < until.version), None)
        since = since or next(iter(same), None)
    if since and until and since.kind is not until.kind:
        return since, None
    return since, until
