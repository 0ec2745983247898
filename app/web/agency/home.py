"""The agency's home and list: what do I have to do now, by when, and everything my agencies ever proposed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import deadline_of
from app.calls.queries import CallView, list_calls
from app.identity.facts import Role
from app.identity.queries import AgencyName, list_agencies
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.queries import list_due
from app.proposals.actions import create_proposal
from app.proposals.queries import list_last_changes, list_own, own_kinds
from app.proposals.queries.outlook import count_asked_links
from app.proposals.queries.own import Order
from app.proposals.states import RETURNED, WRITABLE_STATES
from app.proposals.turns import Party
from app.web.agency.board import blueprint
from app.web.agency.finding import Wanted, offered_of, read_wanted
from app.web.agency.reports import report_work
from app.web.agency.worklist import Line, agencies_in_role, lines_of
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.shell import current_call
from app.web.signing import current_actor
from app.web.tags import Options

MOST_AT_HOME = 60
PER_PAGE = 50

_CHOOSE_AGENCY = Text("กรุณาเลือกหน่วยงานที่จะยื่นข้อเสนอ", "Choose the agency that proposes")
_CHOOSE_CALL = Text("กรุณาสร้างข้อเสนอจากรอบคำขอที่เปิดรับ", "Make the proposal from a call that is open")

Page = str | Response | tuple[str, int]


@blueprint.get("/")
@needs(Permission.READ_PROPOSAL)
def home() -> Page:
    """What do I have to do now?"""
    return _home()


def _home(problems: tuple[Problem, ...] = ()) -> str:
    session, actor = db.session(), current_actor()
    calls, agencies = list_calls(session), list_agencies(session)
    call = current_call(calls)
    # an agency may have been given longer than another: whoever is of several sees each
    deadlines = (
        [(a.name, deadline_of(call, a.id)) for a in agencies if a.id in actor.agency_ids] if call else []
    )
    own = list_own(session, actor, order=Order.DUE, limit=MOST_AT_HOME)
    year = call.fiscal_year if call else max((row.fiscal_year for row in own.rows), default=0)
    rows = [row for row in own.rows if row.fiscal_year == year or row.state == RETURNED]
    lines = lines_of(session, actor, rows, calls, agencies, arrived())
    writes_for = agencies_in_role(actor, Role.OFFICER)
    return render_template(
        "agency/home.html",
        call=call,
        is_open=any(deadline.judge(arrived()).accepts for _, deadline in deadlines),
        deadlines=deadlines,
        mine=[line for line in lines if line.tasks],
        asked_links=count_asked_links(session, actor),
        reports=report_work(list_due(session, arrived(), agency_ids=actor.agency_ids)),
        waiting=[
            line
            for line in lines
            if not line.tasks
            and (line.row.state in WRITABLE_STATES)
            and Party.NOBODY not in line.outlook.turn.parties
        ],
        filed=[line for line in lines if not line.tasks and line.row.state not in WRITABLE_STATES],
        is_more=own.count > len(own.rows),
        any_own=bool(own.count),
        year=year,
        writes_for=[agency for agency in agencies if agency.id in writes_for],
        agency_options=Options((str(a.id), a.name) for a in agencies if a.id in writes_for),
        problems=problems,
    )


@blueprint.get("/proposals")
@needs(Permission.READ_PROPOSAL)
def proposals() -> Page:
    """Every proposal of my agencies, of all years; filters, order and page stand in the address."""
    session, actor = db.session(), current_actor()
    kinds, calls, agencies = own_kinds(session, actor), list_calls(session), list_agencies(session)
    current_call(calls)
    newest = next((call.plan for call in calls if call.fiscal_year in kinds.years), None)
    offered = offered_of(kinds, newest)
    wanted = read_wanted(request.args, offered)
    start = max(0, (read_id(request.args.get("from")) or 1) - 1)
    chosen, count, total = _chosen(wanted, start, calls, agencies)
    if start and not chosen:  # the list has become shorter
        return redirect(url_for("agency.proposals", **wanted.address()))
    return render_template(
        "agency/proposals.html",
        lines=chosen,
        changes=list_last_changes(session, [line.row.id for line in chosen]),
        count=count,
        total=total,
        start=start,
        following=start + PER_PAGE + 1 if start + PER_PAGE < count else None,
        wanted=wanted,
        options=offered.options(wanted),
        stages=newest.names if newest else {},
        any_own=bool(kinds.years),
    )


def _chosen(
    wanted: Wanted, start: int, calls: Sequence[CallView], agencies: Sequence[AgencyName]
) -> tuple[list[Line], int, int]:
    """A page of what is wanted, how many there are in all, and their money (satang)."""
    session, actor = db.session(), current_actor()
    if not wanted.who:
        page = list_own(session, actor, wanted.own, order=wanted.order, start=start, limit=PER_PAGE)
        return lines_of(session, actor, page.rows, calls, agencies, arrived()), page.count, page.total
    # who has to act is known once the drafts are read, so this filter looks at everything that fits the others
    page = list_own(session, actor, wanted.own, order=wanted.order)
    found = [
        line
        for line in lines_of(session, actor, page.rows, calls, agencies, arrived())
        if line.is_waited_for(wanted.who)
    ]
    return found[start : start + PER_PAGE], len(found), sum(line.row.total for line in found)


@blueprint.post("/proposals")
@needs(Permission.WRITE_PROPOSAL)
def create() -> Page:
    """A new empty draft of one of my agencies."""
    actor = current_actor()
    mine = agencies_in_role(actor, Role.OFFICER)
    agency, year = request.form.get("agency", ""), request.form.get("fiscal_year", "")
    problems = []
    if not agency and len(mine) != 1:
        problems.append(Problem("agency", _CHOOSE_AGENCY))
    if not year:
        problems.append(Problem("new", _CHOOSE_CALL))
    if problems:
        return _home(tuple(problems)), 422
    agency_id, fiscal_year = read_id(agency) if agency else next(iter(mine)), read_id(year)
    if agency_id is None or fiscal_year is None:
        raise NotFound()
    try:
        with open_work(actor, arrived()) as work:
            proposal_id = create_proposal(work, fiscal_year, agency_id).id
    except Refused as refusal:
        return _home((Problem("new", refusal.text),)), 422
    flash(t("สร้างร่างข้อเสนอแล้ว กรอกส่วนใดก่อนก็ได้", "The draft is made. Fill in its sections in any order."))
    return redirect(url_for("agency.proposal", proposal_id=proposal_id), 303)
