"""Starting from an earlier project: which there are, what would come along and what not, and the draft made from it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import ORIGIN_LABELS, Origin, deadline_of
from app.calls.queries import CallView, get_call_by_id
from app.decisions.queries import decisions_on
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import continue_proposal
from app.proposals.carrying import Carried, Note
from app.proposals.drafts import SECTIONS, facts_from_draft
from app.proposals.facts import FORM_NAMES, Continued, Form, ProposalFacts
from app.proposals.queries import (
    Source,
    agency_directory,
    get_source,
    list_continuations,
    list_sources,
)
from app.web.agency.board import blueprint
from app.web.agency.finding import readable
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.shell import current_window
from app.web.signing import current_actor
from app.web.tags import Options

PER_PAGE = 50

Page = str | Response | tuple[str, int]

_NOTHING = Text("ไม่มี", "Nothing")


@blueprint.get("/earlier")
@needs(Permission.WRITE_PROPOSAL)
def earlier() -> str:
    """What my agencies filed in earlier years, and had recorded: each may be continued in the call that is open."""
    window = current_window()
    if window is None:
        return render_template("agency/carry.html", page=None, call=None)
    session, actor = db.session(), current_actor()
    text, year = readable(request.args.get("q", "")), read_id(request.args.get("year"))
    start = max(0, (read_id(request.args.get("from")) or 1) - 1)
    page = list_sources(session, actor, window.fiscal_year, text=text, year=year, start=start, limit=PER_PAGE)
    ids = [row.id for row in page.rows]
    start = start if start < page.count else 0
    kept: dict[str, Any] = {"q": text or None, "year": year}
    return render_template(
        "agency/carry.html",
        call=window,
        page=page,
        text=text,
        years=Options((str(y), Text(f"ปีงบประมาณ {y}", f"FY {y}")) for y in page.years).html(year),
        decisions=decisions_on(session, ids),
        continued=list_continuations(session, window.fiscal_year, ids),
        several_agencies=len({row.agency for row in page.rows}) > 1,
        labels={row.origin: ORIGIN_LABELS[row.origin] for row in page.rows},
        first=url_for("agency.earlier", **kept) if start else None,
        following=(
            url_for("agency.earlier", **kept | {"from": start + PER_PAGE + 1})
            if start + PER_PAGE < page.count
            else None
        ),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One section of what would be made: what comes along, and what does not."""

    name: Text
    what: Text
    notes: tuple[Note, ...]


@blueprint.get("/earlier/<int:source_id>")
@needs(Permission.WRITE_PROPOSAL)
def earlier_project(source_id: int) -> Page:
    """What a draft that continues this project would begin with."""
    source = get_source(db.session(), current_actor(), source_id)
    window = current_window()
    if window is None:
        return redirect(url_for("agency.earlier"))
    return _preview(source, get_call_by_id(db.session(), window.id))


def _preview(source: Source, call: CallView, problems: tuple[Problem, ...] = ()) -> str:
    if source.facts.fiscal_year >= call.fiscal_year:
        raise NotFound()
    session = db.session()
    directory = agency_directory(session)
    carried = source.carried_into(call, directory)
    facts = facts_from_draft(
        carried.draft,
        fiscal_year=call.fiscal_year,
        number="",
        origin=call.origin.value,
        lead=directory[source.lead_code],
        directory=directory,
        attachments=(),
        continues=_named(source),
    )
    return render_template(
        "agency/carry_preview.html",
        source=source,
        call=call,
        facts=facts,
        steps=[
            Step(SECTIONS[section], _what(section, carried, facts, call), carried.notes_of(section))
            for section in SECTIONS
        ],
        notes=len(carried.notes),
        decision=decisions_on(session, [source.id]).get(source.id),
        label=ORIGIN_LABELS[Origin(source.facts.origin)],
        others=list_continuations(session, call.fiscal_year, [source.id]).get(source.id, ()),
        deadline=deadline_of(call, source.lead_agency_id),
        problems=problems,
    )


def _named(source: Source) -> Continued:
    """The source as the filing of a proposal that continues it will name it."""
    facts = source.facts
    return Continued(facts.fiscal_year, facts.number, source.sha256, facts.title, facts.total)


def _what(section: str, carried: Carried, facts: ProposalFacts, call: CallView) -> Text:
    """What comes along in one section, in words."""
    plan, i = call.plan, facts.integration
    if section == "names":
        said = [Text(facts.title.th, facts.title.en or facts.title.th)]
        if facts.participants:
            count = len(facts.participants)
            said.append(Text(f"หน่วยงานร่วม {count} หน่วยงาน", _many(count, "participant")))
        return _joined(said)
    if section == "plan":
        codes = (
            ("stages", facts.stage),
            ("guidelines", facts.guideline),
            ("strategies", facts.strategy),
            ("focus_areas", facts.focus_area),
        )
        return _joined([plan.name(key, code) for key, code in codes if code])
    if section == "integration":
        said = [FORM_NAMES[Form(form)] for form in i.forms]
        links = len(i.links) + sum(len(part["links"]["rows"]) for part in carried.parts.values())
        if links:
            said.append(Text(f"การเชื่อมโยง {links} รายการ", _many(links, "link")))
        return _joined(said)
    if section == "rationale":
        names = (
            (facts.rationale, Text("หลักการและเหตุผล", "Rationale")),
            (facts.objectives, Text("วัตถุประสงค์", "objectives")),
            (facts.outputs, Text("ผลผลิต", "outputs")),
        )
        return _joined([name for text, name in names if text])
    if section == "indicators":
        count = len(facts.indicators)
        count += sum(len(part["indicators"]["rows"]) for part in carried.parts.values())
        return Text(f"ตัวชี้วัด {count} รายการ", _many(count, "indicator")) if count else _NOTHING
    if section == "budget" and facts.lines:
        lines, total = len(facts.lines), format_baht(facts.total)
        said = [Text(f"{lines} รายการ รวม {total} บาท", f"{_many(lines, 'line')}, {total} baht")]
        if facts.later_total:
            later = format_baht(facts.later_total)
            said.append(Text(f"ผูกพันปีต่อไป {later} บาท", f"{later} baht committed for later years"))
        return _joined(said)
    return _NOTHING


def _joined(said: list[Text]) -> Text:
    if not said:
        return _NOTHING
    return Text(" · ".join(text.th for text in said), " · ".join(text.en for text in said))


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


@blueprint.post("/earlier/<int:source_id>")
@needs(Permission.WRITE_PROPOSAL)
def continue_earlier(source_id: int) -> Page:
    """Make the draft. Whoever did not see that the project is continued already is shown it first."""
    actor, session = current_actor(), db.session()
    source = get_source(session, actor, source_id)
    year = read_id(request.form.get("fiscal_year"))
    if year is None:
        return redirect(url_for("agency.earlier_project", source_id=source_id), 303)
    try:
        with open_work(actor, arrived()) as work:
            proposal = continue_proposal(
                work,
                year,
                source.lead_agency_id,
                source_id,
                aware_of=read_id(request.form.get("aware_of")) or 0,
            )
            proposal_id, number = proposal.id, source.facts.number
    except Refused as refusal:
        window = current_window()
        if window is None or window.fiscal_year != year:
            raise
        call = get_call_by_id(db.session(), window.id)
        page = _preview(source, call, (Problem("continue", refusal.text),))
        return page, 409 if isinstance(refusal, Stale) else 422
    flash(
        t(
            f"สร้างร่างต่อเนื่องจาก {number} แล้ว ข้อมูลปีก่อนอยู่ข้างแบบฟอร์มของทุกส่วน",
            f"The draft that continues {number} is made. What was said then stands beside the form of every section.",
        )
    )
    return redirect(url_for("agency.proposal", proposal_id=proposal_id), 303)
