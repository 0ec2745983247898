"""Publishing: what a release would say, making it, showing it to the public, withdrawing it, sending it to the catalogue."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call, list_calls
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.releases.actions import LONGEST_NOTE, make_release, publish_release, withdraw_release
from app.releases.catalogue import VERBS, dataset_name
from app.releases.cataloguing import ask_catalogue, is_overtaken, list_runs
from app.releases.facts import PHASE_NAMES
from app.releases.making import gather, prepare_release, release_store, thaw_release
from app.releases.queries import ReleaseView, get_release, list_releases
from app.releases.summing import total
from app.releases.words import labels_of
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import Form, Paragraphs, by_place, read_id
from app.web.language import t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

STATE_NAMES = {
    "made": ("draft", Text("จัดทำแล้ว ยังไม่เผยแพร่", "Made, not published")),
    "published": ("good", Text("เผยแพร่อยู่", "Published")),
    "withdrawn": ("bad", Text("ถอนแล้ว", "Withdrawn")),
}
RUN_NAMES = {
    "waiting": ("wait", Text("กำลังส่ง", "Being sent")),
    "done": ("good", Text("ส่งครบแล้ว", "Sent")),
    "failed": ("bad", Text("ส่งไม่สำเร็จ", "Not sent")),
}


class NoteForm(Form):
    """What is new in a release."""

    note = Paragraphs(Text("มีอะไรใหม่ในชุดนี้", "What is new in it"), longest=LONGEST_NOTE)


class ReasonForm(Form):
    """Why a release is withdrawn."""

    reason = Paragraphs(Text("เหตุผลที่ถอน", "Why it is withdrawn"), needed=True, longest=LONGEST_NOTE)


@blueprint.get("/publishing")
@needs(Permission.PUBLISH_DATA)
def publishing() -> str:
    """The calls with their releases."""
    session = db.session()
    calls = list_calls(session)
    releases = list_releases(session, current_actor())
    return render_template(
        "secretariat/publishing.html",
        calls=[(c, [r for r in releases if r.call_id == c.id]) for c in calls],
        phases=PHASE_NAMES,
        states=STATE_NAMES,
    )


@blueprint.get("/publishing/<int:fiscal_year>")
@needs(Permission.PUBLISH_DATA)
def new_release(fiscal_year: int) -> str:
    """What a release made now would say, beside the last one."""
    return _new_release(fiscal_year, "", [])


def _new_release(fiscal_year: int, note: str, problems: list[Problem]) -> str:
    from app.releases.comparing import compare  # imported late: few pages need it
    from app.releases.queries.warnings import list_warnings

    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    releases = [r for r in list_releases(session, actor) if r.call_id == call.id]
    words: dict[str, Any] = {"call": call, "note": note, "problems": problems, "errors": by_place(problems)}
    try:
        year = gather(session, actor, call, current_app.config["DGI"], arrived())
    except Refused as refusal:
        return render_template("secretariat/release_new.html", refusal=refusal.text, year=None, **words)
    before = releases[0] if releases else None
    store = release_store(current_app.config["DGI"])
    earlier = None
    if before is not None:
        try:
            earlier = thaw_release(store.get(before.sha256))
        except Refused:
            before = None  # of another version of the program: there is nothing to hold it beside
    return render_template(
        "secretariat/release_new.html",
        refusal=None,
        year=year,
        sums=total(year),
        labels=labels_of(year),
        phase=PHASE_NAMES[year.phase],
        before=before,
        differences=compare(earlier, year),
        warnings=list_warnings(session, call, year, arrived()),
        **words,
    )


@blueprint.post("/publishing/<int:fiscal_year>")
@needs(Permission.PUBLISH_DATA)
def make_release_post(fiscal_year: int) -> Response | tuple[str, int]:
    """Make a release as things stand."""
    form = NoteForm(request.form)
    if problems := form.problems():
        return _new_release(fiscal_year, form.typed("note"), list(problems)), 422
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    prepared = prepare_release(session, actor, call, current_app.config["DGI"], arrived())
    with open_work(actor, arrived()) as work:
        release_id = make_release(work, prepared, form.note.data or "").id
    flash(t("จัดทำข้อมูลแล้ว ตรวจดูก่อนเผยแพร่", "The release is made; look at it before it is published."))
    return redirect(url_for("secretariat.release", release_id=release_id), 303)


@blueprint.get("/publishing/releases/<int:release_id>")
@needs(Permission.PUBLISH_DATA)
def release(release_id: int) -> str:
    """One release: what it says, its files, and what can be done with it."""
    return _release(release_id)


def _release(
    release_id: int, problems: list[Problem] | None = None, reason: str = "", planned: Any = None
) -> str:
    session, actor = db.session(), current_actor()
    view = get_release(session, actor, release_id)
    config = current_app.config["DGI"]
    try:
        year = thaw_release(release_store(config).get(view.sha256))
    except Refused:
        year = None
    problems = problems or []
    return render_template(
        "secretariat/release.html",
        release=view,
        year=year,
        sums=total(year) if year else None,
        labels=labels_of(year) if year else (),
        phase=PHASE_NAMES[view.phase],
        state=STATE_NAMES[view.state],
        runs=list_runs(session, actor, release_id),
        run_names=RUN_NAMES,
        verbs=VERBS,
        missing=config.catalogue.missing,
        is_overtaken=is_overtaken(session, view.call_id, view.ordinal),
        catalogue=config.catalogue,
        dataset=dataset_name(view.fiscal_year),
        planned=planned,
        problems=problems,
        errors=by_place(problems),
        reason=reason,
    )


def _version() -> int:
    version = read_id(request.form.get("version"))
    if version is None:
        raise NotFound()
    return version


@blueprint.post("/publishing/releases/<int:release_id>/publish")
@needs(Permission.PUBLISH_DATA)
def publish(release_id: int) -> Response:
    """Show it to the public."""
    with open_work(current_actor(), arrived()) as work:
        publish_release(work, release_id, _version())
    flash(t("เผยแพร่แล้ว ประชาชนเห็นข้อมูลชุดนี้ทันที", "Published: the public sees it from now on."))
    return redirect(url_for("secretariat.release", release_id=release_id), 303)


@blueprint.post("/publishing/releases/<int:release_id>/withdraw")
@needs(Permission.PUBLISH_DATA)
def withdraw_published(release_id: int) -> Response | tuple[str, int]:
    """Show it no longer; the public reads why."""
    form = ReasonForm(request.form)
    problems = list(form.problems())
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                withdraw_release(work, release_id, _version(), form.reason.data or "")
        except Stale:
            raise
        except Refused as refusal:
            if not refusal.problems:
                raise
            problems = list(refusal.problems)
    if problems:
        return _release(release_id, problems, form.typed("reason")), 422
    flash(t("ถอนแล้ว หน้าเว็บแสดงเหตุผลแทนข้อมูล", "Withdrawn: the public pages say why in its place."))
    return redirect(url_for("secretariat.release", release_id=release_id), 303)


@blueprint.get("/publishing/releases/<int:release_id>/files/<name>")
@needs(Permission.PUBLISH_DATA)
def release_file(release_id: int, name: str) -> Response:
    """One of its files, before the public has it."""
    from app.releases.datafiles import media_type  # imported late: all that builds files

    view = get_release(db.session(), current_actor(), release_id)
    file = next((f for f in view.files if f.name == name), None)
    if file is None:
        raise NotFound()
    data = release_store(current_app.config["DGI"]).get(file.sha256)
    return send_download(data, f"dgi-{view.fiscal_year}-{view.short}-{name}", name, media_type(name))


@blueprint.post("/publishing/releases/<int:release_id>/catalogue")
@needs(Permission.PUBLISH_DATA)
def catalogue(release_id: int) -> Response | tuple[str, int]:
    """Look what would be sent to the open data catalogue, or have it sent."""
    from app.releases.ckan import CatalogueFault  # imported late: all that speaks to other servers
    from app.releases.sending import look, parcel

    config = current_app.config["DGI"]
    if request.form.get("do") == "send":
        with open_work(current_actor(), arrived()) as work:
            ask_catalogue(work, release_id, config.catalogue)
        flash(t("สั่งส่งแล้ว ผลจะปรากฏในหน้านี้", "It is being sent; how it went will stand on this page."))
        return redirect(url_for("secretariat.release", release_id=release_id, _anchor="catalogue"), 303)
    view: ReleaseView = get_release(db.session(), current_actor(), release_id)
    year = thaw_release(release_store(config).get(view.sha256))
    sent = parcel(year, view.sha256, view.files, config.catalogue, config.site_url)
    db.session.rollback()  # nothing is held while another server is waited for
    try:
        steps = look(sent, config.catalogue)
    except CatalogueFault as fault:
        return _release(release_id, [Problem("catalogue", fault.text)]), 422
    return _release(release_id, planned=(steps, sent.dataset)), 200
