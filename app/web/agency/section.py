"""The pages of the form, one per section: open, save, look again.

Everything typed comes back with every problem; a section somebody else saved meanwhile is shown beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import save_section
from app.proposals.drafts import SECTIONS
from app.proposals.sections import FORM_SECTIONS, Progress, read_section, show_section
from app.web.agency.board import (
    OpenProposal,
    blueprint,
    open_for_writing,
    open_proposal,
    section_url,
)
from app.web.agency.offers import MORE_ROWS, offers_for
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place, read_id
from app.web.language import moment, t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_ORDER = tuple(SECTIONS)
_ADDRESS = f"/proposals/<int:proposal_id>/<any({', '.join(FORM_SECTIONS)}):section>"


@blueprint.get(_ADDRESS)
@needs(Permission.READ_PROPOSAL)
def section(proposal_id: int, section: str) -> Page:
    """One section's form. Whoever only reads, and whoever comes after the filing, gets the page for reading."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft or not opened.may_write:
        page = "agency.read" if opened.is_draft else "agency.proposal"
        return redirect(url_for(page, proposal_id=proposal_id, _anchor=f"filed-{section}"))
    return _form(opened, section, show_section(section, opened.view.draft[section]))


@blueprint.post(_ADDRESS)
@needs(Permission.WRITE_PROPOSAL)
def section_post(proposal_id: int, section: str) -> Page:
    """Save one section, or show the form again with more rows or narrower choices and nothing saved."""
    opened = open_for_writing(proposal_id)
    reading = read_section(section, request.form.to_dict(flat=False), opened.ground)
    shown_rows = read_id(request.form.get("shown_rows")) or 0
    version = read_id(request.form.get("version")) or 0
    if "more" in request.form:
        return _form(
            opened, section, reading.shown, rows=shown_rows + MORE_ROWS, version=version, unsaved=True
        )
    if "look" in request.form:
        return _form(opened, section, reading.shown, version=version, unsaved=True)
    problems, stale = reading.problems, None
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                save_section(work, proposal_id, section, reading.value, version)
        except Stale as refusal:
            opened, stale = open_for_writing(proposal_id), refusal.text
            version = opened.view.section_versions[section]
        except Refused as refusal:
            problems = refusal.problems or (Problem("main", refusal.text),)
        else:
            return _saved(proposal_id, section)
    page = _form(
        opened,
        section,
        reading.shown,
        rows=shown_rows,
        version=version,
        problems=problems,
        stale=stale,
        unsaved=True,
    )
    return page, 409 if stale else 422


def _saved(proposal_id: int, section: str) -> Response:
    at = moment(arrived())
    flash(t(f"บันทึก “{SECTIONS[section].th}” แล้ว เมื่อ {at}", f"“{SECTIONS[section].en}” saved on {at}"))
    if request.form.get("go") == "next":
        following = _ORDER[_ORDER.index(section) + 1]
        return redirect(section_url(proposal_id, following), 303)
    return redirect(section_url(proposal_id, section), 303)


def _form(
    opened: OpenProposal,
    section: str,
    shown: Mapping[str, Any],
    *,
    rows: int = 0,
    version: int | None = None,
    problems: tuple[Problem, ...] = (),
    stale: Text | None = None,
    unsaved: bool = False,
) -> str:
    place = _ORDER.index(section)
    own = opened.progress[place]
    started = own.state is not Progress.NOT_STARTED
    return render_template(
        f"agency/section_{section}.html",
        opened=opened,
        section=section,
        name=SECTIONS[section],
        step=place + 1,
        steps=len(_ORDER),
        shown=shown,
        version=opened.view.section_versions[section] if version is None else version,
        problems=problems,
        errors=by_place(problems),
        missing=own.problems if started and not problems and not unsaved else (),
        is_complete=own.state is Progress.COMPLETE and not unsaved,
        stale=stale,
        unsaved=unsaved,
        limits=opened.call.limits,
        **offers_for(section, opened, shown, rows),
    )
