"""The pages of the form, one per section: open, save, look again, choose between two texts.

The lead's sections and those of a participant's part are the same pages at two addresses. Everything typed comes back
with every problem; what somebody else saved meanwhile in other fields is kept, and in the same field put to the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import Conflict, Saved, save_section
from app.proposals.drafts import PART_SECTIONS, SECTIONS
from app.proposals.merging import resolve, show_conflicts
from app.proposals.queries import PartView
from app.proposals.sections import (
    FORM_SECTIONS,
    Ground,
    Progress,
    list_unreadable,
    read_section,
    show_section,
)
from app.web.agency.board import OpenProposal, blueprint, open_part, open_proposal
from app.web.agency.last_year import last_year
from app.web.agency.offers import MORE_ROWS, offers_for
from app.web.agency.selfcheck import self_check
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place, read_id
from app.web.language import moment, t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_ORDER = tuple(SECTIONS)
ADDRESS = f"/proposals/<int:proposal_id>/<any({', '.join(FORM_SECTIONS)}):section>"
PART_ADDRESS = f"/proposals/<int:proposal_id>/parts/<code>/<any({', '.join(PART_SECTIONS)}):section>"


@dataclass(frozen=True, slots=True)
class SectionForm:
    """One section's form: the lead's, or that of a participant's part."""

    opened: OpenProposal
    section: str
    part: PartView | None

    @property
    def name(self) -> Text:
        return SECTIONS[self.section] if self.part is None else PART_SECTIONS[self.section]

    @property
    def value(self) -> dict[str, Any]:
        """The section as it was last saved."""
        whole = self.opened.view.draft if self.part is None else self.part.part
        value: dict[str, Any] = whole[self.section]
        return value

    @property
    def version(self) -> int:
        kept = self.opened.view if self.part is None else self.part
        return kept.section_versions[self.section]

    @property
    def ground(self) -> Ground:
        return self.opened.ground if self.part is None else self.opened.ground_of(self.part.code)

    @property
    def agency_id(self) -> int:
        """Whose section it is."""
        return self.opened.view.lead_agency_id if self.part is None else self.part.agency_id

    @property
    def agency(self) -> Text:
        code = self.opened.view.lead_code if self.part is None else self.part.code
        return self.opened.directory[code].name

    @property
    def is_writable(self) -> bool:
        """Whether the reader may write it now."""
        if not self.opened.is_draft or not self.opened.is_open(self.opened_as):
            return False
        return self.opened.may_write if self.part is None else self.opened.may_write_part(self.agency_id)

    @property
    def opened_as(self) -> str:
        """The section a return opens for it."""
        return "integration" if self.section == "links" else self.section

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is still to be mended in it before filing, at the places of this form."""
        code = "" if self.part is None else self.part.code
        return tuple(p for p in self.opened.obstacles_by_agency.get(code, ()) if p.section == self.section)

    @property
    def order(self) -> tuple[str, ...]:
        """The sections this one stands among."""
        return _ORDER if self.part is None else tuple(PART_SECTIONS)

    def url(self, page: str = "section", **values: Any) -> str:
        """The address of one of this section's pages: "section", "autosave", "history" and so on."""
        if self.part is None:
            return url_for(f"agency.{page}", proposal_id=self.opened.id, section=self.section, **values)
        return url_for(
            f"agency.part_{page}",
            proposal_id=self.opened.id,
            code=self.part.code,
            section=self.section,
            **values,
        )

    @property
    def home_url(self) -> str:
        """The page with the list of sections."""
        if self.part is None:
            return url_for("agency.proposal", proposal_id=self.opened.id)
        return url_for("agency.part", proposal_id=self.opened.id, code=self.part.code)

    @property
    def next_url(self) -> str:
        """The page after this one."""
        following = self.order[self.order.index(self.section) + 1 :]
        if not following:
            return self.home_url
        if self.part is None and following[0] == "attachments":
            return url_for("agency.attachments", proposal_id=self.opened.id)
        return SectionForm(self.opened, following[0], self.part).url()

    @property
    def read_url(self) -> str:
        """The page for whoever reads only."""
        page = "agency.read" if self.opened.is_draft else "agency.proposal"
        return url_for(page, proposal_id=self.opened.id, _anchor=f"filed-{self.opened_as}")

    def save(self, value: dict[str, Any], version: int, cause: str = "typed", page: str = "") -> Saved:
        """Save it. Raises `Conflict` and `Refused`."""
        with open_work(current_actor(), arrived()) as work:
            return save_section(
                work,
                self.opened.id,
                self.section,
                value,
                version,
                agency_id=None if self.part is None else self.agency_id,
                cause=cause,
                page=page,
            )

    def after(self, saved: Saved) -> SectionForm:
        """The same form once that is saved, from what was just read and written: nothing is asked again."""
        view = self.opened.view
        if self.part is None:
            draft = {**view.draft, self.section: saved.value}
            versions = {**view.section_versions, self.section: saved.version}
            return SectionForm(
                self.opened.reread(replace(view, draft=draft, section_versions=versions)), self.section, None
            )
        part = replace(
            self.part,
            part={**self.part.part, self.section: saved.value},
            section_versions={**self.part.section_versions, self.section: saved.version},
        )
        parts = tuple(part if p.agency_id == part.agency_id else p for p in view.parts)
        return SectionForm(self.opened.reread(replace(view, parts=parts)), self.section, part)


def open_section(proposal_id: int, section: str, code: str | None) -> SectionForm:
    """A section of a proposal of the reader's own agencies. Raises `NotFound`."""
    if code is None:
        return SectionForm(open_proposal(proposal_id), section, None)
    opened, part = open_part(proposal_id, code)
    if part.code not in opened.view.joined:
        raise NotFound()
    return SectionForm(opened, section, part)


def open_writable(proposal_id: int, section: str, code: str | None) -> SectionForm:
    """The same for somebody who sends something: whoever only reads finds nothing to write to."""
    form = open_section(proposal_id, section, code)
    writes = form.opened.may_write if form.part is None else form.opened.may_write_part(form.agency_id)
    if not writes:
        raise NotFound()
    return form


@blueprint.get(ADDRESS)
@blueprint.get(PART_ADDRESS, endpoint="part_section")
@needs(Permission.READ_PROPOSAL)
def section(proposal_id: int, section: str, code: str | None = None) -> Page:
    """One section's form. Whoever only reads, and whoever comes after the filing, gets the page for reading."""
    form = open_section(proposal_id, section, code)
    if not form.is_writable:
        return redirect(form.read_url)
    problems = list_unreadable(section, form.value, form.ground)
    return show_form(form, show_section(section, form.value), problems=problems, is_summed=False)


@blueprint.post(ADDRESS)
@blueprint.post(PART_ADDRESS, endpoint="part_section_post")
@needs(Permission.WRITE_PROPOSAL)
def section_post(proposal_id: int, section: str, code: str | None = None) -> Page:
    """Save one section, or show the form again with more rows or narrower choices and nothing saved."""
    form = open_writable(proposal_id, section, code)
    reading = read_section(section, request.form.to_dict(flat=False), form.ground)
    shown_rows = read_id(request.form.get("shown_rows")) or 0
    version = read_id(request.form.get("version")) or 0
    if "more" in request.form:
        return show_form(form, reading.shown, rows=shown_rows + MORE_ROWS, version=version, unsaved=True)
    if "look" in request.form:
        return show_form(form, reading.shown, version=version, unsaved=True)
    problems = reading.problems
    if not problems:
        try:
            saved = form.save(reading.value, version, page=request.form.get("page", ""))
        except Conflict as conflict:
            return _choose(proposal_id, section, code, conflict)
        except Refused as refusal:
            problems = refusal.problems or (Problem("main", refusal.text),)
        else:
            return _saved(form, saved)
    page = show_form(form, reading.shown, rows=shown_rows, version=version, problems=problems, unsaved=True)
    return page, 422


def _saved(form: SectionForm, saved: Saved) -> Response:
    at = moment(arrived())
    flash(t(f"บันทึก “{form.name.th}” แล้ว เมื่อ {at}", f"“{form.name.en}” saved on {at}"))
    if saved.taken:
        flash(
            t(
                "ระหว่างนั้นมีผู้อื่นแก้ไขช่องอื่นของส่วนนี้ ข้อความของทั้งสองฝ่ายอยู่ครบ",
                "Meanwhile somebody else changed other fields of this section. Both texts are kept.",
            )
        )
    return redirect(form.next_url if request.form.get("go") == "next" else form.url(), 303)


def _choose(
    proposal_id: int,
    section: str,
    code: str | None,
    conflict: Conflict,
    chosen: Mapping[str, str] | None = None,
) -> tuple[str, int]:
    """Both texts of every field two people changed, with what was `chosen` so far."""
    form = open_writable(proposal_id, section, code)
    page = render_template(
        "agency/choose.html",
        form_page=form,
        opened=form.opened,
        conflicts=show_conflicts(conflict.merged.conflicts, form.opened.call.plan, form.opened.directory),
        by=conflict.by,
        is_own=conflict.is_own,
        version=conflict.version,
        sent=[
            (name, text)
            for name, text in request.form.items(multi=True)
            if name.startswith(f"{section}-") or name in ("opened_version", "page")
        ],
        opened_version=request.form.get("opened_version") or request.form.get("version", ""),
        chosen=chosen or {},
        asked=chosen is not None,
    )
    return page, 409


@blueprint.post(f"{ADDRESS}/choose")
@blueprint.post(f"{PART_ADDRESS}/choose", endpoint="part_choose")
@needs(Permission.WRITE_PROPOSAL)
def choose(proposal_id: int, section: str, code: str | None = None) -> Page:
    """Save what was chosen between two texts; a field without a choice is asked about again."""
    form = open_writable(proposal_id, section, code)
    sent = request.form.to_dict(flat=False)
    reading = read_section(section, sent, form.ground)
    opened = read_id(request.form.get("opened_version")) or 0
    seen = read_id(request.form.get("version")) or 0
    if reading.kept is None:
        page = show_form(form, reading.shown, version=opened, problems=reading.problems, unsaved=True)
        return page, 422
    try:
        form.save(reading.kept, opened, page=request.form.get("page", ""))
    except Conflict as conflict:
        chosen = {
            name.removeprefix("choice:"): texts[0]
            for name, texts in sent.items()
            if name.startswith("choice:") and texts[0] in ("mine", "theirs")
        }
        wanted = {c.place for c in conflict.merged.conflicts}
        if seen != conflict.version or not wanted <= chosen.keys():
            return _choose(proposal_id, section, code, conflict, chosen)
        value = resolve(conflict.merged, {place: chosen[place] for place in wanted})
        try:
            form.save(value, conflict.version)
        except Conflict as again:
            return _choose(proposal_id, section, code, again)
    flash(t("บันทึกข้อความที่ท่านเลือกแล้ว", "What you chose is saved"))
    return redirect(form.url(), 303)


def show_form(
    form: SectionForm,
    shown: Mapping[str, Any],
    *,
    rows: int = 0,
    version: int | None = None,
    problems: tuple[Problem, ...] = (),
    unsaved: bool = False,
    is_summed: bool = True,
) -> str:
    """A section's page. `is_summed`: problems stand at the top as well as at their fields, since something was just
    sent."""
    opened = form.opened
    own = form.problems
    progress = next((p for p in opened.progress if p.section == form.section), None)
    is_started = (
        bool(form.value.get("rows"))
        if form.part
        else progress is None or (progress.state is not Progress.NOT_STARTED)
    )
    return render_template(
        f"agency/section_{form.section}.html",
        form_page=form,
        opened=opened,
        section=form.section,
        name=form.name,
        step=form.order.index(form.section) + 1,
        steps=len(form.order),
        shown=shown,
        version=form.version if version is None else version,
        problems=problems if is_summed else (),
        errors=by_place(problems),
        missing=own if is_started and not problems and not unsaved else (),
        is_complete=is_started and not own and not unsaved,
        unsaved=unsaved,
        limits=opened.call.limits,
        check=self_check(form),
        last_year=last_year(opened, form.section, form.part.code if form.part else ""),
        **offers_for(form.section, opened, form.ground, shown, rows),
    )
