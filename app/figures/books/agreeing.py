"""Whether the paper kept in a book says what its replayed sections say: a paper must not be forged beside a sound replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.decisions.facts import Verdict
from app.figures.books.content import PrintableContents
from app.figures.rules import add_up, basis_of, book_lines, headline_of
from app.portfolio.facts import Allocation
from app.proposals.freezing import facts_from_json


def differences(contents: PrintableContents, computed: Allocation) -> Iterator[str]:
    """The parts of the paper that differ, by name; none for a paper that agrees. `computed` is the list recomputed."""
    figures = contents.figures
    page = figures.page
    decided = {row.number: (Verdict(row.verdict), row.amount) for row in contents.decisions}
    ids = {entry.number: entry.proposal_id for entry in contents.entries}
    lines = book_lines(computed.lines, {ids[number]: said for number, said in decided.items()})
    if page.lines != lines:
        numbers = (was.line.entry.number for was, now in zip(page.lines, lines, strict=False) if was != now)
        yield f"list, at {next(numbers, 'its length')}"
    if page.allocation != computed:
        yield "allocation"
    if page.totals != add_up(lines):
        yield "totals"
    if page.headline != headline_of(lines, page.shares, basis_of(lines)):
        yield "headline"
    if {p: d.amount for p, d in page.decisions.items()} != {ids[n]: said[1] for n, said in decided.items()}:
        yield "decisions"
    call = contents.call
    if (page.call.ceiling, page.call.fiscal_year, page.call.rubric_sha256) != (
        call.ceiling,
        call.fiscal_year,
        call.rubric_sha256,
    ):
        yield "call"
    if any(figures.facts.get(ids[n]) != contents.filings[n].sha256 for n in ids):
        yield "proofs of filing"
    printed = Counter((r.number, r.category, r.amount, r.q1, r.q2, r.q3, r.q4) for r in figures.lines)
    filed = Counter(
        (number, line.category, line.amount, *line.quarters)
        for number in ids
        for line in facts_from_json(contents.filings[number].facts).lines
    )
    if printed != filed:
        yield "budget lines"
