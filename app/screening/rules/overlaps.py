"""What a filing resembles, and what people judged of it.

The machine finds pairs, a person judges them: unjudged likeness only asks for a person, and a proposal fails as a
duplicate by a person's verdict alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.findings import Finding
from app.proposals.facts import ProposalFacts
from app.screening.facts import KnownOverlap
from app.screening.rules.situation import FAILS, NEEDS_PERSON, PASSES, Situation
from app.similarity.facts import VERDICT_NAMES, Verdict

# reasons that tell of another agency's filing -> what an agency is told instead
WITHHELD = {
    "similar": "similar_withheld",
    "judged": "judged_withheld",
    "gives_way": "gives_way_withheld",
    "stands": "stands_withheld",
}


def check_overlap(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """Every filing this one resembles by `least_score` per mille or more, and nobody has judged, needs a person."""
    found = on.known.overlaps
    if found is None:
        yield Finding(rule, PASSES, "draft" if on.arrived_at is None else "not_compared")
        return
    least = parameters.get("least_score", 0)
    waiting = [overlap for overlap in found if not overlap.verdict and overlap.score >= least]
    for overlap in waiting:
        yield Finding(
            rule, NEEDS_PERSON, "similar", values=_values(overlap) | {"percent": overlap.score // 10}
        )
    if not waiting:
        yield Finding(rule, PASSES, "none")


def check_duplicate(
    rule: str, facts: ProposalFacts, on: Situation, parameters: Mapping[str, Any]
) -> Iterable[Finding]:
    """A proposal judged a duplicate fails where it is the one that gives way."""
    found = on.known.overlaps
    if found is None:
        yield Finding(rule, PASSES, "draft" if on.arrived_at is None else "not_compared")
        return
    judged = [overlap for overlap in found if overlap.verdict]
    for overlap in judged:
        values = _values(overlap) | {"why": overlap.reason}
        if overlap.verdict != Verdict.DUPLICATE:
            verdict = VERDICT_NAMES[Verdict(overlap.verdict)].as_dict()
            yield Finding(rule, PASSES, "judged", values=values | {"verdict": verdict})
        elif overlap.yields == facts.number:
            yield Finding(rule, FAILS, "gives_way", values=values)
        else:
            yield Finding(rule, PASSES, "stands", values=values)
    if not judged:
        yield Finding(rule, PASSES, "none")


def _values(overlap: KnownOverlap) -> dict[str, Any]:
    return {
        "number": overlap.number,
        "title": overlap.title.as_dict(),
        "agency": overlap.agency.as_dict(),
        "year": overlap.fiscal_year,
        "lead": overlap.lead,
    }
