"""For the joint secretariat: the committee's decisions; and for every token, what it is."""

from __future__ import annotations

from sqlalchemy import select

from app.api.calls import CODE
from app.api.door import api_needs
from app.api.operations import (
    CURSOR,
    FISCAL_YEAR,
    LIMIT,
    Answer,
    Asked,
    get,
    page_of,
    write_moment,
    write_page,
)
from app.api.proposals import NUMBER_SHAPE
from app.api.shapes import Baht, Listed, Moment, OneOf, Thing, Whole, Words
from app.calls.queries import get_call
from app.decisions.facts import Verdict
from app.decisions.queries import current_decisions
from app.identity.rules import Permission
from app.identity.scopes import RATE_LIMIT, TokenScope
from app.kernel.db import db
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.proposals.models import Proposal

TAG = "secretariat"
DECISION = Thing(
    "Decision",
    {
        "number": NUMBER_SHAPE,
        "verdict": OneOf(tuple(v.value for v in Verdict)),
        "amount": Baht(about="Approved, baht; 0.00 unless granted"),
        "conditions": Words(100_000),
        "resolution": Words(100_000),
        "resolution_number": Words(60, about="Empty outside meetings"),
        "meeting": Words(60, about="Number of the meeting, or empty"),
        "decided_at": Moment(),
    },
)
TOKEN = Thing(
    "Token",
    {
        "mark": Words(8, about="The part a token is known by"),
        "name": Words(100),
        "agency": CODE,
        "scopes": Listed(OneOf(tuple(s.value for s in TokenScope)), 20),
        "expires_at": Moment(),
        "requests_a_minute": Whole(1, 1_000_000),
    },
    about="`agency` is empty for the joint secretariat",
)


@get(
    "/calls/{fiscal_year}/decisions",
    Text("มติที่มีผลอยู่ของรอบหนึ่ง ตามเลขที่ข้อเสนอ", "The decisions that count in a call, by proposal"),
    page_of("DecisionPage", DECISION),
    tag=TAG,
    path=(FISCAL_YEAR,),
    query=(LIMIT, CURSOR),
)
@api_needs(Permission.READ_PORTFOLIO, TokenScope.FILINGS_READ)
def list_decisions(asked: Asked) -> Answer:
    session = db.session()
    call = get_call(session, asked.path["fiscal_year"])
    decisions = current_decisions(session, call.id)
    numbers = session.execute(
        select(Proposal.number, Proposal.id)
        .where(Proposal.call_id == call.id, Proposal.id.in_(decisions), Proposal.number > asked.cursor)
        .order_by(Proposal.number)
        .limit(asked.limit + 1)
    )
    return write_page(
        asked,
        (
            (
                number,
                {
                    "number": number,
                    "verdict": (decision := decisions[proposal_id]).verdict.value,
                    "amount": decimal_baht(decision.amount),
                    "conditions": decision.conditions,
                    "resolution": decision.resolution,
                    "resolution_number": decision.number,
                    "meeting": decision.meeting,
                    "decided_at": write_moment(decision.decided_at),
                },
            )
            for number, proposal_id in numbers
        ),
    )


@get("/token", Text("โทเคนที่แสดงอยู่", "The token that is shown"), TOKEN, tag="token")
@api_needs(Permission.CONNECT_SYSTEMS, None)
def read_token(asked: Asked) -> Answer:
    caller = asked.caller
    return Answer(
        {
            "mark": caller.mark,
            "name": caller.name,
            "agency": caller.agency_code,
            "scopes": [scope.value for scope in TokenScope if scope in caller.scopes],
            "expires_at": write_moment(caller.expires_at),
            "requests_a_minute": RATE_LIMIT,
        }
    )
