"""Filing, and the receipts of what was filed."""

from __future__ import annotations

from typing import Any

from app.api.calls import said
from app.api.door import api_needs
from app.api.operations import NUMBER, Answer, Asked, Parameter, get, post, write_moment
from app.api.proposals import NUMBER_SHAPE, STATE
from app.api.shapes import BOTH, Baht, Flag, Listed, Maybe, Moment, Thing, Whole, Words
from app.api.writing import write_once
from app.identity.facts import Actor
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.canonical import sha256_text
from app.kernel.db import db
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions import submit_proposal
from app.proposals.models import Proposal
from app.proposals.queries import get_draft, get_receipt, list_versions
from app.proposals.queries.numbers import get_id_of
from app.proposals.queries.receipts import Receipt
from app.proposals.states import SUBMITTED
from app.screening.actions import screen_proposal

TAG = "filings"
SEQUENCE = Parameter("sequence", Whole(1, 999), "Which filing of the proposal, from 1", needed=True)
RECEIPT = Thing(
    "Receipt",
    {
        "receipt_number": Words(40),
        "number": NUMBER_SHAPE,
        "sequence": Whole(1, 10_000, "Which filing of the proposal this is"),
        "is_latest": Flag("Whether it is the one that counts"),
        "title": BOTH,
        "agency": BOTH,
        "fiscal_year": Whole(2500, 2699, "B.E."),
        "submitted_at": Moment("When the request arrived, by the server's clock"),
        "deadline_at": Maybe(Moment(), "The moment it was judged by"),
        "total": Baht(),
        "least": Maybe(Baht(), "The smallest amount the project still works with"),
        "sha256": Words(64, about="Of the frozen facts; anybody can check it at /receipts"),
        "state": STATE,
    },
)
FILING_ROW = Thing(
    "FilingRow",
    {
        "sequence": Whole(1, 10_000),
        "receipt_number": Words(40),
        "submitted_at": Moment(),
        "total": Baht(),
        "sha256": Words(64),
    },
)
NOTHING = Thing("Nothing", {}, about="An empty object")


def write_receipt(receipt: Receipt) -> dict[str, Any]:
    """A receipt as it is sent."""
    return {
        "receipt_number": receipt.receipt_number,
        "number": receipt.number,
        "sequence": receipt.sequence,
        "is_latest": receipt.is_latest,
        "title": said(receipt.title),
        "agency": said(receipt.agency),
        "fiscal_year": receipt.fiscal_year,
        "submitted_at": write_moment(receipt.submitted_at),
        "deadline_at": write_moment(receipt.deadline_at) if receipt.deadline_at else None,
        "total": decimal_baht(receipt.total),
        "least": decimal_baht(receipt.least) if receipt.least is not None else None,
        "sha256": receipt.sha256,
        "state": receipt.state,
    }


@post(
    "/proposals/{number}/filings",
    Text("ยื่นข้อเสนอ และรับเลขที่ใบรับ", "File a proposal, and receive its receipt"),
    RECEIPT,
    tag=TAG,
    path=(NUMBER,),
    body=NOTHING,
    about="The draft is frozen and screened. 422 names everything that is missing, wrong or unsigned, or says that the "
    "window is shut; a call that requires certification needs its signatures first, which people give on the pages. A "
    "proposal that is filed already answers its receipt.",
)
@api_needs(Permission.FILE_PROPOSAL, TokenScope.PROPOSALS_FILE)
def file_draft(asked: Asked) -> Answer:
    number = asked.path["number"]

    def do(work: Work[Actor]) -> Answer:
        proposal_id = get_id_of(work.session, number)
        key = sha256_text(f"token:{asked.caller.token_id}:{asked.now.isoformat()}")
        submit_proposal(work, proposal_id, key)
        if work.session.get_one(Proposal, proposal_id).state == SUBMITTED:
            screen_proposal(work, proposal_id)
        work.session.flush()
        receipt = get_receipt(work.session, asked.actor, proposal_id)
        return Answer(write_receipt(receipt), 201, f"/proposals/{number}/filings/{receipt.sequence}")

    return write_once(asked, do)


@get(
    "/proposals/{number}/filings",
    Text("การยื่นทุกครั้งของข้อเสนอหนึ่ง", "Every filing of a proposal"),
    Thing("FilingList", {"items": Listed(FILING_ROW, 1000)}),
    tag=TAG,
    path=(NUMBER,),
)
@api_needs(Permission.READ_PROPOSAL, TokenScope.PROPOSALS_READ)
def list_receipts(asked: Asked) -> Answer:
    session = db.session()
    view = get_draft(session, asked.actor, get_id_of(session, asked.path["number"]))
    return Answer(
        {
            "items": [
                {
                    "sequence": v.sequence,
                    "receipt_number": v.receipt_number,
                    "submitted_at": write_moment(v.submitted_at),
                    "total": decimal_baht(v.total),
                    "sha256": v.sha256,
                }
                for v in list_versions(session, view.id)
            ]
        }
    )


@get(
    "/proposals/{number}/filings/{sequence}",
    Text("ใบรับของการยื่นครั้งหนึ่ง", "The receipt of one filing"),
    RECEIPT,
    tag=TAG,
    path=(NUMBER, SEQUENCE),
)
@api_needs(Permission.READ_RECEIPT, TokenScope.PROPOSALS_READ)
def read_receipt(asked: Asked) -> Answer:
    session = db.session()
    proposal_id = get_id_of(session, asked.path["number"])
    return Answer(write_receipt(get_receipt(session, asked.actor, proposal_id, asked.path["sequence"])))
