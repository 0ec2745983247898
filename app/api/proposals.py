"""An agency's own proposals: listed, begun, read, and checked by the rules they will be screened by."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.api.calls import CODE, said
from app.api.door import api_needs
from app.api.operations import (
    CURSOR,
    LIMIT,
    NUMBER,
    YEAR_FILTER,
    Answer,
    Asked,
    Parameter,
    address_of,
    get,
    page_of,
    post,
    write_moment,
    write_page,
)
from app.api.rules import RULE_RESULT, write_results
from app.api.shapes import (
    BOTH,
    PROBLEM_PLACE,
    Baht,
    Flag,
    Listed,
    Maybe,
    Moment,
    OneOf,
    Shape,
    Thing,
    Whole,
    Words,
)
from app.api.writing import write_once
from app.calls.facts import deadline_of
from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Outcome, Problem
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions import create_proposal
from app.proposals.queries import (
    agency_directory,
    draft_facts,
    find_open_return,
    get_draft,
    list_filing_problems,
)
from app.proposals.queries.numbers import NumberedRow, get_id_of, list_numbered
from app.proposals.sections import FORM_SECTIONS
from app.proposals.states import PARTICIPATIONS, RETURNED, STATES, WRITABLE_STATES
from app.screening.queries import situation_of
from app.screening.rules import explain, screen

TAG = "proposals"
NUMBER_SHAPE = Words(20, about="The proposal's number, such as 2570-0001")
STATE = OneOf(tuple(STATES))

ROW_FIELDS: dict[str, Shape] = {
    "number": NUMBER_SHAPE,
    "fiscal_year": Whole(2500, 2699, "B.E."),
    "title": BOTH,
    "state": STATE,
    "stage": CODE,
    "lead": Words(40, about="Code of the lead agency"),
    "is_lead": Flag("Whether the token's agency leads"),
    "total": Baht(about="Asked for in the fiscal year by all agencies, baht"),
    "own_amount": Baht(about="… by the token's agency"),
    "updated_at": Moment(),
    "submitted_at": Maybe(Moment(), "When it was filed last"),
    "due_at": Maybe(Moment(), "By when a returned proposal must be filed again"),
}
ROW = Thing("ProposalRow", ROW_FIELDS)
SECTION_LINK = Thing(
    "SectionVersion",
    {
        "section": OneOf(FORM_SECTIONS),
        "version": Whole(1, 2**31 - 1, "Counts up with every save"),
        "address": Words(300, about="Where the section is read and written"),
        "may_be_written": Flag("Whether the lead may write it now"),
    },
)
PARTICIPANT = Thing(
    "Participant",
    {
        "agency": Words(40, about="Code of the agency"),
        "state": OneOf((*PARTICIPATIONS, "named"), "named: not invited yet"),
        "is_confirmed": Flag("Whether its officer has declared its part complete"),
    },
)
PROPOSAL = Thing(
    "Proposal",
    {
        **ROW_FIELDS,
        "window": Thing("Window", {"opens_at": Moment(), "closes_at": Moment(), "grace_until": Moment()}),
        "sections": Listed(SECTION_LINK, 20),
        "participants": Listed(PARTICIPANT, 1000),
    },
)
NEW_PROPOSAL = Thing("NewProposal", {"fiscal_year": Whole(2500, 2699, "Of which call, B.E.")})
FINDINGS = Thing(
    "Findings",
    {
        "can_be_filed": Flag("Whether nothing stands in the way, the window aside"),
        "problems": Listed(PROBLEM_PLACE, 5000, "Everything to mend, answer or sign before it can be filed"),
        "outcome": OneOf(
            tuple(o.value for o in Outcome), "What screening would conclude of the draft as it stands"
        ),
        "rules": Listed(RULE_RESULT, 200),
    },
)


def write_row(row: NumberedRow) -> dict[str, Any]:
    """A row as it is sent."""
    return {
        "number": row.number,
        "fiscal_year": row.fiscal_year,
        "title": said(row.title),
        "state": row.state,
        "stage": row.stage,
        "lead": row.lead,
        "is_lead": row.is_lead,
        "total": decimal_baht(row.total),
        "own_amount": decimal_baht(row.own_amount),
        "updated_at": write_moment(row.updated_at),
        "submitted_at": write_moment(row.submitted_at) if row.submitted_at else None,
        "due_at": write_moment(row.due_at) if row.due_at else None,
    }


@get(
    "/proposals",
    Text("ข้อเสนอที่หน่วยงานเป็นเจ้าของหรือร่วมดำเนินการ ตามเลขที่", "The agency's own proposals, by number"),
    page_of("ProposalPage", ROW),
    tag=TAG,
    query=(YEAR_FILTER, Parameter("state", STATE, "Only in this state"), LIMIT, CURSOR),
)
@api_needs(Permission.READ_PROPOSAL, TokenScope.PROPOSALS_READ)
def list_proposals(asked: Asked) -> Answer:
    rows = list_numbered(
        db.session(),
        asked.actor,
        fiscal_year=asked.query.get("fiscal_year"),
        state=asked.query.get("state", ""),
        after=asked.cursor,
        limit=asked.limit + 1,
    )
    return write_page(asked, ((row.number, write_row(row)) for row in rows))


@post(
    "/proposals",
    Text("เริ่มข้อเสนอใหม่ที่หน่วยงานเป็นหน่วยงานหลัก", "Begin a proposal led by the agency"),
    PROPOSAL,
    tag=TAG,
    body=NEW_PROPOSAL,
    about="Refused (422) outside the submission window of the agency.",
)
@api_needs(Permission.WRITE_PROPOSAL, TokenScope.PROPOSALS_WRITE)
def begin_proposal(asked: Asked) -> Answer:
    agency_id = asked.caller.agency_id
    if agency_id is None:
        raise NotFound()

    def do(work: Work[Actor]) -> Answer:
        try:
            proposal = create_proposal(work, asked.body["fiscal_year"], agency_id)
        except NotFound:
            raise Refused(NO_CALL, [Problem("/fiscal_year", NO_CALL)]) from None
        work.session.flush()
        value = write_proposal(work.session, asked.actor, proposal.number)
        return Answer(value, 201, f"/proposals/{proposal.number}")

    return write_once(asked, do)


NO_CALL = Text("ไม่มีรอบคำขอของปีนี้", "There is no call of this fiscal year")


def write_proposal(session: Session, actor: Actor, number: str) -> dict[str, Any]:
    """A proposal of the actor's own as it is sent. Raises `NotFound`."""
    view = get_draft(session, actor, get_id_of(session, number))
    (row,) = list_numbered(session, actor, number=number, limit=1)
    call = get_call_by_id(session, view.call_id)
    deadline = deadline_of(call, view.lead_agency_id)
    returned = find_open_return(session, view.id) if view.state == RETURNED else None
    parts = {p.code: p for p in view.parts}
    return {
        **write_row(row),
        "window": {
            "opens_at": write_moment(deadline.opens_at),
            "closes_at": write_moment(deadline.closes_at),
            "grace_until": write_moment(deadline.grace_until),
        },
        "sections": [
            {
                "section": section,
                "version": view.section_versions[section],
                "address": address_of(f"/proposals/{number}/sections/{section}"),
                "may_be_written": row.is_lead
                and view.state in WRITABLE_STATES
                and (returned is None or section in returned.sections),
            }
            for section in FORM_SECTIONS
        ],
        "participants": [
            {
                "agency": code,
                "state": parts[code].state if code in parts else "named",
                "is_confirmed": code in parts and parts[code].is_confirmed,
            }
            for code in dict.fromkeys(view.draft["names"]["participants"])
        ],
    }


@get(
    "/proposals/{number}",
    Text("ข้อเสนอหนึ่งของหน่วยงาน", "One of the agency's proposals"),
    PROPOSAL,
    tag=TAG,
    path=(NUMBER,),
)
@api_needs(Permission.READ_PROPOSAL, TokenScope.PROPOSALS_READ)
def read_proposal(asked: Asked) -> Answer:
    return Answer(write_proposal(db.session(), asked.actor, asked.path["number"]))


@get(
    "/proposals/{number}/findings",
    Text(
        "สิ่งที่ต้องแก้ก่อนยื่น และผลตรวจตามเกณฑ์กลั่นกรอง", "What stands in the way of filing, and the rules' own check"
    ),
    FINDINGS,
    tag=TAG,
    path=(NUMBER,),
    about="The same rules as on filing, tried on the draft as it is saved. Nothing is written.",
)
@api_needs(Permission.READ_PROPOSAL, TokenScope.PROPOSALS_READ)
def check_proposal(asked: Asked) -> Answer:
    session = db.session()
    view = get_draft(session, asked.actor, get_id_of(session, asked.path["number"]))
    call = get_call_by_id(session, view.call_id)
    facts = draft_facts(session, view, call, agency_directory(session))
    returned = find_open_return(session, view.id) if view.state == RETURNED else None
    is_written = view.state in WRITABLE_STATES
    problems = list_filing_problems(session, view, call, facts, returned) if is_written else []
    result = screen(facts, call.rulebook, situation_of(call))
    return Answer(
        {
            "can_be_filed": is_written and not problems,
            "problems": [{"place": p.place, "text": said(p.text)} for p in problems],
            "outcome": result.outcome.value,
            "rules": write_results([explain(f, call.rulebook) for f in result.findings]),
        }
    )
