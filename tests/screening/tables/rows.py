"""A row of a decision table, and what the rows are made of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.calls.facts import PriceList, Rulebook
from app.calls.rules import read_prices, read_rulebook
from app.cli.call_files import read_toml
from app.kernel.findings import Outcome
from app.proposals.facts import BudgetLine, Form, IntegrationLink, ProposalFacts
from app.screening.facts import Circumstances
from app.screening.rules import Situation
from tests.proposals.made_up import COMPLETE, LIMITS, PLAN, link, with_integration
from tests.world import DATA

RULEBOOK: Rulebook = read_rulebook(read_toml(DATA / "rulebook-2567.toml"))
PRICES: PriceList = read_prices(read_toml(DATA / "prices-2567.toml"))
OPENS = datetime(2022, 11, 29, 17, 0, tzinfo=UTC)
CLOSES = datetime(2022, 12, 9, 17, 0, tzinfo=UTC)
INSTANT = timedelta(milliseconds=1)
GRACE = timedelta(minutes=15)
BAHT = 100

PASSES, NEEDS_PERSON, FAILS = Outcome.PASSES, Outcome.NEEDS_PERSON, Outcome.FAILS


def situation(
    arrived_at: datetime | None = OPENS,
    grace: timedelta = timedelta(0),
    known: Circumstances | None = None,
    prices: PriceList | None = PRICES,
) -> Situation:
    return Situation(
        PLAN, LIMITS, OPENS, CLOSES, arrived_at, grace, prices=prices, known=known or Circumstances()
    )


DRAFT = situation(None)


def confirmed(**changes: Any) -> IntegrationLink:
    """A link its partner confirms, asking for no money of its own."""
    return link(**({"answer": "confirmed", "own_money": False} | changes))


# a proposal every deciding rule passes
SOUND: ProposalFacts = with_integration(links=(confirmed(),))


def form(*forms: Form, **changes: Any) -> ProposalFacts:
    return with_integration(forms=forms, **({"links": ()} | changes))


def lines(*changes: dict[str, Any], **rest: Any) -> ProposalFacts:
    """The sound proposal with other budget lines, each the usual one changed."""
    made: tuple[BudgetLine, ...] = tuple(replace(COMPLETE.lines[0], **c) for c in changes)
    return replace(SOUND, lines=made, **rest)


@dataclass(frozen=True)
class Row:
    """What a rule finds in `facts` when `on` is known. `says` stands in its words in both languages; `others` counts
    what it finds besides."""

    rule: str
    facts: ProposalFacts
    outcome: Outcome
    reason: str
    places: tuple[str, ...] = ()
    on: Situation = field(default_factory=situation)
    says: tuple[str, ...] = ()
