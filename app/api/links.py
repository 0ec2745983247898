"""Links that other agencies claim with the token's agency, and its answers."""

from __future__ import annotations

from typing import Any

from app.api.calls import CODE, said
from app.api.door import api_needs
from app.api.operations import (
    CURSOR,
    LIMIT,
    Answer,
    Asked,
    Parameter,
    get,
    page_of,
    post,
    write_moment,
    write_page,
)
from app.api.proposals import NUMBER_SHAPE
from app.api.shapes import BOTH, Flag, Maybe, Moment, OneOf, Thing, Whole, Words
from app.api.writing import write_once
from app.identity.facts import Actor
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import Work
from app.proposals.actions import answer_link
from app.proposals.queries import AskedLink, get_asked_link, list_asked_links

TAG = "links"
LINK_ID = Parameter("link", Whole(1, 2**31 - 1), "The number of the request", needed=True)
_ANSWERS = ("asked", "confirmed", "declined")
LINK = Thing(
    "Link",
    {
        "id": Whole(1, 2**31 - 1),
        "number": NUMBER_SHAPE,
        "fiscal_year": Whole(2500, 2699, "B.E."),
        "title": BOTH,
        "claimant": BOTH,
        "kind": CODE,
        "name": Words(2000),
        "direction": CODE,
        "channel": CODE,
        "state": OneOf(_ANSWERS),
        "asked_at": Moment(),
        "answered_at": Maybe(Moment()),
        "own_money": Maybe(Flag(), "Whether the partner asks for money of its own; null when not said"),
        "note": Words(20_000),
    },
)
LINK_ANSWER = Thing(
    "LinkAnswer",
    {
        "seen": OneOf(
            _ANSWERS, "The state the answer was decided on; 409 when a colleague has answered since"
        ),
        "confirms": Flag(),
        "own_money": Maybe(Flag(), "Needed for a confirmation"),
        "note": Words(20_000, about="Needed for a refusal"),
    },
)


def write_link(link: AskedLink) -> dict[str, Any]:
    """A link as it is sent."""
    return {
        "id": link.id,
        "number": link.number,
        "fiscal_year": link.fiscal_year,
        "title": said(link.title),
        "claimant": said(link.claimant),
        "kind": link.claim["kind"],
        "name": link.claim["name"],
        "direction": link.claim["direction"],
        "channel": link.claim["channel"],
        "state": link.state,
        "asked_at": write_moment(link.asked_at),
        "answered_at": write_moment(link.answered_at) if link.answered_at else None,
        "own_money": link.own_money,
        "note": link.note,
    }


def _clean(typed: str) -> str:
    try:
        return normalise(typed)
    except TextError as error:
        raise Refused(error.text, [Problem("/note", error.text)]) from None


@get(
    "/links",
    Text("การเชื่อมโยงที่หน่วยงานอื่นขอให้ยืนยัน รายการล่าสุดก่อน", "Links others put to the agency, the latest first"),
    page_of("LinkPage", LINK),
    tag=TAG,
    query=(LIMIT, CURSOR),
)
@api_needs(Permission.ANSWER_LINK, TokenScope.PROPOSALS_READ)
def list_links(asked: Asked) -> Answer:
    before = int(asked.cursor) if asked.cursor.isdecimal() else 2**31
    links = sorted(list_asked_links(db.session(), asked.actor), key=lambda link: -link.id)
    found = [link for link in links if link.id < before][: asked.limit + 1]
    return write_page(asked, ((str(link.id), write_link(link)) for link in found))


@get("/links/{link}", Text("การเชื่อมโยงหนึ่งรายการ", "One of these links"), LINK, tag=TAG, path=(LINK_ID,))
@api_needs(Permission.ANSWER_LINK, TokenScope.PROPOSALS_READ)
def read_link(asked: Asked) -> Answer:
    return Answer(write_link(get_asked_link(db.session(), asked.actor, asked.path["link"])))


@post(
    "/links/{link}/answers",
    Text("ตอบว่ายืนยันการเชื่อมโยงหรือไม่", "Answer for a link"),
    LINK,
    tag=TAG,
    path=(LINK_ID,),
    body=LINK_ANSWER,
    about="The answer may be changed later by another.",
)
@api_needs(Permission.ANSWER_LINK, TokenScope.PROPOSALS_WRITE)
def give_answer(asked: Asked) -> Answer:
    link_id, body = asked.path["link"], asked.body

    def do(work: Work[Actor]) -> Answer:
        answer_link(
            work,
            link_id,
            confirms=body["confirms"],
            own_money=body["own_money"],
            note=_clean(body["note"]),
            seen=body["seen"],
        )
        work.session.flush()
        link = get_asked_link(work.session, asked.actor, link_id)
        return Answer(write_link(link), 201, f"/links/{link_id}")

    return write_once(asked, do)
