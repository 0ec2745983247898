"""What a rule may know besides the facts, and the shape every check has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any

from app.calls.facts import Limits, PlanStructure, PriceList
from app.kernel.findings import Finding, Outcome
from app.kernel.lean import dataclass
from app.proposals.facts import ProposalFacts
from app.screening.facts import Circumstances

PASSES, NEEDS_PERSON, FAILS = Outcome.PASSES, Outcome.NEEDS_PERSON, Outcome.FAILS


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rule may know besides the facts. `arrived_at` is None for a draft being tried out."""

    plan: PlanStructure
    limits: Limits
    opens_at: datetime
    closes_at: datetime
    arrived_at: datetime | None
    grace: timedelta = timedelta(0)
    prices: PriceList | None = None
    known: Circumstances = field(default_factory=Circumstances)


# rule code, facts, situation, the rule's parameters -> at least one finding
Check = Callable[[str, ProposalFacts, Situation, Mapping[str, Any]], Iterable[Finding]]
