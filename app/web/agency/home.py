"""The officer's home and list: what waits for me, by when, and everything my agencies ever proposed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import deadline_of
from app.calls.queries import CallView, find_call
from app.identity.facts import Role
from app.identity.queries import list_agencies
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import create_proposal
from app.proposals.queries import OwnRow, agency_ref, list_draft_facts, list_own
from app.proposals.rules import list_problems
from app.proposals.states import DRAFT, FAILED, QUESTIONED, STATES
from app.web.agency.board import blueprint
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.shell import current_window
from app.web.signing import current_actor
from app.web.tags import Options

MOST_DRAFTS = 20
PER_PAGE = 50

_CHOOSE_AGENCY = Text("กรุณาเลือกหน่วยงานที่จะยื่นข้อเสนอ", "Choose the agency that proposes")
_CHOOSE_CALL = Text("กรุณาสร้างข้อเสนอจากรอบคำขอที่เปิดรับ", "Make the proposal from a call that is open")

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class DraftTask:
    """A draft that waits for somebody: how many things are missing, in how many sections."""

    row: OwnRow
    missing: int
    sections: int


@blueprint.get("/")
@needs(Permission.READ_PROPOSAL)
def home() -> Page:
    """What do I have to do now?"""
    return _home()


def _home(problems: tuple[Problem, ...] = ()) -> str:
    session, actor, window = db.session(), current_actor(), current_window()
    own = list_own(session, actor).rows
    call = find_call(session, window.fiscal_year) if window else None
    agencies = list_agencies(session)
    # an agency may have been given longer than another: whoever is of several sees each
    deadlines = [(a.name, deadline_of(call, a.id)) for a in agencies if a.id in actor.agency_ids] if call else []
    directory = {agency.code: agency_ref(agency) for agency in agencies}
    writes_for = {m.agency_id for m in actor.memberships if m.role is Role.OFFICER}
    now_own = [row for row in own if call and row.fiscal_year == call.fiscal_year]
    drafts = [row for row in now_own if row.state == DRAFT]
    tasks = []
    if call is not None:
        newest = drafts[:MOST_DRAFTS]
        facts = list_draft_facts(session, [row.id for row in newest], call, directory)
        tasks = [_task(row, call, list_problems(facts[row.id].facts, call.plan, call.limits)) for row in newest]
    latest = own[0].fiscal_year if own else 0
    return render_template(
        "agency/home.html",
        call=call,
        is_open=any(deadline.judge(arrived()).accepts for _, deadline in deadlines),
        deadlines=deadlines,
        tasks=tasks,
        more_drafts=max(0, len(drafts) - MOST_DRAFTS),
        waiting=[row for row in own if row.state in (QUESTIONED, FAILED) and row.fiscal_year == latest],
        filed=[row for row in now_own if row.state != DRAFT][:MOST_DRAFTS],
        any_own=bool(own),
        writes_for=[agency for agency in agencies if agency.id in writes_for],
        agency_options=Options((str(a.id), a.name) for a in agencies if a.id in writes_for),
        problems=problems,
    )


def _task(row: OwnRow, call: CallView, problems: list[Problem]) -> DraftTask:
    return DraftTask(row, len(problems), len({p.section for p in problems}))


@blueprint.get("/proposals")
@needs(Permission.READ_PROPOSAL)
def proposals() -> str:
    """Every proposal of my agencies, of all years; call and state stand in the address."""
    own = list_own(db.session(), current_actor()).rows
    year, state = read_id(request.args.get("year")), request.args.get("state", "")
    years = list(dict.fromkeys(row.fiscal_year for row in own))
    states = [key for key in STATES if any(row.state == key for row in own)]
    found = [
        row
        for row in own
        if (year is None or row.fiscal_year == year) and (state not in STATES or row.state == state)
    ]
    start = max(0, (read_id(request.args.get("from")) or 1) - 1)
    return render_template(
        "agency/proposals.html",
        rows=found[start : start + PER_PAGE],
        count=len(found),
        total=sum(row.total for row in found),
        start=start,
        following=start + PER_PAGE + 1 if len(found) > start + PER_PAGE else None,
        year=year,
        state=state if state in STATES else "",
        year_options=Options((str(y), Text(f"ปีงบประมาณ {y}", f"FY {y}")) for y in years),
        state_options=Options((key, STATES[key]) for key in states),
        any_own=bool(own),
    )


@blueprint.post("/proposals")
@needs(Permission.WRITE_PROPOSAL)
def create() -> Page:
    """A new empty draft of one of my agencies."""
    actor = current_actor()
    mine = [m.agency_id for m in actor.memberships if m.role is Role.OFFICER and m.agency_id is not None]
    agency, year = request.form.get("agency", ""), request.form.get("fiscal_year", "")
    problems = []
    if not agency and len(mine) != 1:
        problems.append(Problem("agency", _CHOOSE_AGENCY))
    if not year:
        problems.append(Problem("new", _CHOOSE_CALL))
    if problems:
        return _home(tuple(problems)), 422
    agency_id, fiscal_year = read_id(agency) if agency else mine[0], read_id(year)
    if agency_id is None or fiscal_year is None:
        raise NotFound()
    try:
        with open_work(actor, arrived()) as work:
            proposal_id = create_proposal(work, fiscal_year, agency_id).id
    except Refused as refusal:
        return _home((Problem("new", refusal.text),)), 422
    flash(t("สร้างร่างข้อเสนอแล้ว กรอกส่วนใดก่อนก็ได้", "The draft is made. Fill in its sections in any order."))
    return redirect(url_for("agency.proposal", proposal_id=proposal_id), 303)
