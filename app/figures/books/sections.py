"""The contents of a book as the sections of its file, and back."""

from __future__ import annotations

from typing import Any

from app.figures.books.chain import Tampered
from app.figures.books.content import (
    METHOD,
    AdoptedScenario,
    AuditHead,
    Contents,
    DecisionRow,
    Document,
    HandChange,
    MeetingRecord,
    ReviewLevels,
    allocation_rows,
    ranking_rows,
)
from app.figures.queries.ranking import RankingBook
from app.kernel.money import decimal_baht, from_decimal_baht
from app.kernel.text import Text
from app.kernel.values import NotThisValue, freeze_value, thaw_value
from app.portfolio.facts import Terms

MALFORMED = Text("ส่วน “{name}” ไม่เป็นไปตามรูปแบบ: {why}", "Section “{name}” is not as it should be: {why}")


def sections_of(contents: Contents) -> dict[str, Any]:
    """The sections of the file, in the order of `chain.SECTIONS`."""
    page = contents.figures.page
    call = page.call
    lines = tuple(b.line for b in page.lines)
    return {
        "call": {
            "fiscal_year": call.fiscal_year,
            "name": call.name.as_dict(),
            "ceiling": decimal_baht(call.ceiling),
            "origin": call.origin.value,
        },
        "documents": freeze_value(contents.documents),
        "filings": {
            number: {"facts": facts, "sha256": contents.figures.facts[proposal_id]}
            for proposal_id, number, facts in _filings(contents)
        },
        "scores": freeze_value(contents.scores),
        "terms": {
            "terms": contents.terms.to_json(),
            "scenario": freeze_value(contents.scenario),
            "changes": [_with_decimal(freeze_value(change)) for change in contents.changes],
        },
        "ranking": ranking_rows(lines),
        "allocation": {
            "method": METHOD,
            "lines": allocation_rows(lines),
            "granted": decimal_baht(sum(line.granted for line in lines)),
            "left": decimal_baht(contents.terms.ceiling - sum(line.granted for line in lines)),
        },
        "decisions": {
            "rows": [_with_decimal(freeze_value(row)) for row in contents.decisions],
            "total": decimal_baht(sum(row.amount for row in contents.decisions)),
        },
        "meeting": freeze_value(contents.meeting),
        "figures": freeze_value(contents.figures),
        "audit": freeze_value(contents.audit),
    }


def _filings(contents: Contents) -> list[tuple[int, str, Any]]:
    numbers = {b.line.entry.proposal_id: b.line.entry.number for b in contents.figures.page.lines}
    numbers |= {filing.id: filing.number for filing in contents.figures.outside}
    return [
        (proposal_id, number, contents.filings[number])
        for proposal_id, number in sorted(numbers.items(), key=lambda pair: pair[1])
        if number in contents.filings and proposal_id in contents.figures.facts
    ]


def _with_decimal(row: dict[str, Any]) -> dict[str, Any]:
    amount = row["amount"]
    return row | {"amount": None if amount is None else decimal_baht(amount)}


def _with_satang(row: Any) -> Any:
    if not isinstance(row, dict) or "amount" not in row:
        raise NotThisValue("an amount expected")
    amount = row["amount"]
    return row | {"amount": None if amount is None else from_decimal_baht(amount)}


def contents_of(sections: dict[str, Any]) -> Contents:
    """The inverse of `sections_of`. Raises `Tampered` naming the section that is not as it should be."""
    name = ""
    try:
        name = "figures"
        figures = thaw_value(RankingBook, sections[name])
        name = "documents"
        documents = thaw_value(tuple[Document, ...], sections[name])
        name = "filings"
        filings = {number: filing["facts"] for number, filing in sections[name].items()}
        name = "scores"
        scores = thaw_value(tuple[ReviewLevels, ...], sections[name])
        name = "terms"
        terms = Terms.from_json(sections[name]["terms"])
        scenario = sections[name]["scenario"]
        adopted = None if scenario is None else thaw_value(AdoptedScenario, scenario)
        changes = [_with_satang(row) for row in sections[name]["changes"]]
        by_hand = thaw_value(tuple[HandChange, ...], changes)
        name = "decisions"
        rows = [_with_satang(row) for row in sections[name]["rows"]]
        decisions = thaw_value(tuple[DecisionRow, ...], rows)
        name = "meeting"
        meeting = thaw_value(MeetingRecord, sections[name])
        name = "audit"
        audit = thaw_value(AuditHead, sections[name])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Tampered(MALFORMED.fill(name=name, why=str(error)[:300])) from None
    return Contents(documents, filings, scores, terms, adopted, by_hand, decisions, meeting, figures, audit)
