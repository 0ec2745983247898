"""For the joint secretariat: what was filed, line by line, and what screening made of it."""

from __future__ import annotations

from typing import Any

from app.api.calls import CODE, said
from app.api.door import api_needs
from app.api.operations import (
    CURSOR,
    FISCAL_YEAR,
    LIMIT,
    NUMBER,
    Answer,
    Asked,
    Parameter,
    get,
    page_of,
    write_moment,
    write_page,
)
from app.api.proposals import NUMBER_SHAPE, STATE
from app.api.rules import OUTCOME, RULE_RESULT, write_results
from app.api.shapes import BOTH, Baht, Listed, Maybe, Moment, Shape, Thing, Whole, Words
from app.calls.queries import get_call
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.proposals.facts import BudgetLine
from app.proposals.queries import FilingFilter, get_filing, list_filings
from app.proposals.queries.numbers import get_id_of
from app.screening.queries import find_latest_run

TAG = "secretariat"
FILED_ROW_FIELDS: dict[str, Shape] = {
    "number": NUMBER_SHAPE,
    "title": BOTH,
    "agency": BOTH,
    "ministry": BOTH,
    "stage": CODE,
    "guideline": CODE,
    "state": STATE,
    "total": Baht(),
    "submitted_at": Moment(),
}
FILED_ROW = Thing("FiledProposalRow", FILED_ROW_FIELDS)
LINE = Thing(
    "FiledLine",
    {
        "agency": CODE,
        "category": CODE,
        "item": Words(2000),
        "quantity": Maybe(Whole(0, 10**9)),
        "unit": Words(2000),
        "unit_price": Maybe(Baht()),
        "amount": Baht(),
        "quarters": Listed(Baht(), 4, "Of the fiscal year, first to fourth"),
        "later_years": Listed(Baht(), 20, "Commitments of the fiscal years after"),
    },
)
PARTY = Thing("FiledAgency", {"code": CODE, "name": BOTH, "total": Baht()})
FILED = Thing(
    "FiledProposal",
    {
        "number": NUMBER_SHAPE,
        "state": STATE,
        "receipt_number": Words(40),
        "sequence": Whole(1, 10_000),
        "submitted_at": Moment(),
        "sha256": Words(64, about="Of the frozen facts"),
        "title": BOTH,
        "stage": CODE,
        "guideline": CODE,
        "strategy": CODE,
        "focus_area": CODE,
        "agencies": Listed(PARTY, 1000, "The lead first"),
        "rationale": Words(100_000),
        "objectives": Words(100_000),
        "outputs": Words(100_000),
        "total": Baht(),
        "lines": Listed(LINE, 20_000),
    },
)
SCREENING = Thing(
    "Screening",
    {
        "run_at": Moment(),
        "rulebook": Thing("RulebookVersion", {"code": CODE, "version": Whole(1, 10_000)}),
        "outcome": OUTCOME,
        "concluded": OUTCOME,
        "rules": Listed(RULE_RESULT, 200),
        "overrides": Listed(
            Thing("Override", {"rule": CODE, "outcome": OUTCOME, "reason": Words(20_000), "at": Moment()}),
            1000,
        ),
    },
    about="`outcome` is the rules' own, `concluded` has the judgements of people standing in",
)


def _line(line: BudgetLine) -> dict[str, Any]:
    return {
        "agency": line.agency,
        "category": line.category,
        "item": line.item,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": None if line.unit_price is None else decimal_baht(line.unit_price),
        "amount": decimal_baht(line.amount),
        "quarters": [decimal_baht(q) for q in line.quarters],
        "later_years": [decimal_baht(y) for y in line.later_years],
    }


@get(
    "/calls/{fiscal_year}/filings",
    Text("ข้อเสนอที่ยื่นแล้วของรอบหนึ่ง ตามเลขที่", "What was filed in a call, by number"),
    page_of("FiledProposalPage", FILED_ROW),
    tag=TAG,
    path=(FISCAL_YEAR,),
    query=(Parameter("state", STATE, "Only in this state"), LIMIT, CURSOR),
)
@api_needs(Permission.READ_FILING, TokenScope.FILINGS_READ)
def list_filed(asked: Asked) -> Answer:
    session = db.session()
    call = get_call(session, asked.path["fiscal_year"])
    wanted = FilingFilter(state=asked.query.get("state", ""))
    rows = list_filings(session, asked.actor, call.id, wanted, after=asked.cursor, limit=asked.limit + 1)
    return write_page(
        asked,
        (
            (
                row.number,
                {
                    "number": row.number,
                    "title": said(row.title),
                    "agency": said(row.agency),
                    "ministry": said(row.ministry),
                    "stage": row.stage,
                    "guideline": row.guideline,
                    "state": row.state,
                    "total": decimal_baht(row.total),
                    "submitted_at": write_moment(row.submitted_at),
                },
            )
            for row in rows
        ),
    )


@get(
    "/filings/{number}",
    Text("ข้อเสนอตามที่ยื่นครั้งล่าสุด ทุกรายการงบประมาณ", "A proposal as it was filed last, with every line"),
    FILED,
    tag=TAG,
    path=(NUMBER,),
)
@api_needs(Permission.READ_FILING, TokenScope.FILINGS_READ)
def read_filing(asked: Asked) -> Answer:
    session = db.session()
    filing = get_filing(session, asked.actor, get_id_of(session, asked.path["number"]))
    facts = filing.facts
    return Answer(
        {
            "number": filing.number,
            "state": filing.state,
            "receipt_number": filing.receipt_number,
            "sequence": filing.sequence,
            "submitted_at": write_moment(filing.submitted_at),
            "sha256": filing.sha256,
            "title": said(facts.title),
            "stage": facts.stage,
            "guideline": facts.guideline,
            "strategy": facts.strategy,
            "focus_area": facts.focus_area,
            "agencies": [
                {"code": a.code, "name": said(a.name), "total": decimal_baht(facts.total_of(a.code))}
                for a in facts.agencies
            ],
            "rationale": facts.rationale,
            "objectives": facts.objectives,
            "outputs": facts.outputs,
            "total": decimal_baht(filing.total),
            "lines": [_line(line) for line in facts.lines],
        }
    )


@get(
    "/filings/{number}/screening",
    Text("ผลการกลั่นกรองที่มีผลอยู่", "The screening that counts"),
    SCREENING,
    tag=TAG,
    path=(NUMBER,),
    about="404 before the first screening.",
)
@api_needs(Permission.RUN_SCREENING, TokenScope.FILINGS_READ)
def read_screening(asked: Asked) -> Answer:
    session = db.session()
    filing = get_filing(session, asked.actor, get_id_of(session, asked.path["number"]))
    run = find_latest_run(session, filing.proposal_id)
    if run is None:
        raise NotFound()
    return Answer(
        {
            "run_at": write_moment(run.run_at),
            "rulebook": {"code": run.rulebook.code, "version": run.rulebook.version},
            "outcome": run.outcome.value,
            "concluded": run.concluded.value,
            "rules": write_results(run.findings),
            "overrides": [
                {"rule": o.rule, "outcome": o.outcome.value, "reason": o.reason, "at": write_moment(o.at)}
                for o in run.overrides
            ],
        }
    )
