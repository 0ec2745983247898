"""The contents of a book as the sections of its file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from app.figures.books.chain import Tampered
from app.figures.books.content import (
    AdoptedScenario,
    AuditHead,
    CallFacts,
    Contents,
    DecisionRow,
    Document,
    Filing,
    HandChange,
    MeetingRecord,
    PrintableContents,
    ReviewLevels,
    entry_from_json,
    entry_to_json,
)
from app.figures.queries.ranking import RankingBook
from app.kernel.money import decimal_baht, from_decimal_baht
from app.kernel.text import Text
from app.kernel.values import NotThisValue, freeze_value, thaw_value
from app.portfolio.facts import Terms

MALFORMED = Text("ส่วน “{name}” ไม่เป็นไปตามรูปแบบ: {why}", "Section “{name}” is not as it should be: {why}")


def sections_of(contents: PrintableContents) -> dict[str, Any]:
    """The sections of the file, in the order of `chain.SECTIONS`."""
    call = freeze_value(contents.call)
    return {
        "call": call | {"ceiling": decimal_baht(contents.call.ceiling)},
        "documents": freeze_value(contents.documents),
        "filings": {number: {"facts": f.facts, "sha256": f.sha256} for number, f in contents.filings.items()},
        "scores": freeze_value(contents.scores),
        "terms": {
            "terms": contents.terms.to_json(),
            "scenario": freeze_value(contents.scenario),
            "changes": [_with_decimal(freeze_value(change)) for change in contents.changes],
        },
        "entries": [entry_to_json(entry) for entry in contents.entries],
        "ranking": contents.ranking,
        "allocation": contents.allocation,
        "decisions": {
            "rows": [_with_decimal(freeze_value(row)) for row in contents.decisions],
            "total": decimal_baht(sum(row.amount for row in contents.decisions)),
        },
        "meeting": freeze_value(contents.meeting),
        "figures": freeze_value(contents.figures),
        "audit": freeze_value(contents.audit),
    }


def _with_decimal(row: dict[str, Any]) -> dict[str, Any]:
    amount = row["amount"]
    return row | {"amount": None if amount is None else decimal_baht(amount)}


def _with_satang(row: Any) -> Any:
    amount = row["amount"]
    return row | {"amount": None if amount is None else from_decimal_baht(amount)}


def contents_of(sections: Mapping[str, Any]) -> Contents:
    """The inverse of `sections_of`; printable where this program knows the paper's value. Raises `Tampered` naming the
    section that is not as it should be."""
    name = ""
    try:
        name = "call"
        ceiling = from_decimal_baht(sections[name]["ceiling"])
        call = thaw_value(CallFacts, sections[name] | {"ceiling": ceiling})
        name = "documents"
        documents = thaw_value(tuple[Document, ...], sections[name])
        name = "filings"
        filings = {number: Filing(f["sha256"], f["facts"]) for number, f in sections[name].items()}
        name = "scores"
        scores = thaw_value(tuple[ReviewLevels, ...], sections[name])
        name = "terms"
        terms = Terms.from_json(sections[name]["terms"])
        scenario = sections[name]["scenario"]
        adopted = None if scenario is None else thaw_value(AdoptedScenario, scenario)
        changes = [_with_satang(row) for row in sections[name]["changes"]]
        by_hand = thaw_value(tuple[HandChange, ...], changes)
        name = "entries"
        entries = tuple(entry_from_json(row) for row in sections[name])
        name = "decisions"
        rows = [_with_satang(row) for row in sections[name]["rows"]]
        decisions = thaw_value(tuple[DecisionRow, ...], rows)
        if from_decimal_baht(sections[name]["total"]) != sum(row.amount for row in decisions):
            raise NotThisValue("the total is not the sum of the rows")
        if len({row.number for row in decisions}) != len(decisions):
            raise NotThisValue("two decisions on one proposal")
        name = "meeting"
        meeting = thaw_value(MeetingRecord, sections[name])
        name = "audit"
        audit = thaw_value(AuditHead, sections[name])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Tampered(MALFORMED.fill(name=name, why=str(error)[:300])) from None
    contents = Contents(
        call,
        documents,
        filings,
        scores,
        terms,
        adopted,
        by_hand,
        entries,
        sections["ranking"],
        sections["allocation"],
        decisions,
        meeting,
        audit,
    )
    try:
        figures = thaw_value(RankingBook, sections["figures"])
    except NotThisValue:
        return contents
    return PrintableContents(**{f.name: getattr(contents, f.name) for f in fields(contents)}, figures=figures)
