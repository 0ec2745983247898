"""The ledger of the scenario a call adopted, as read from the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.models import User
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Adjusting, Adjustment, Allocation, Terms
from app.portfolio.ledger import Departure, Hand, departures_of
from app.portfolio.models import ScenarioAdjustment
from app.portfolio.queries.lists import CallEntries, adopted_scenario, terms_of
from app.proposals.models import Proposal


def list_departures(session: Session, call: CallView) -> tuple[Departure, ...]:
    """Every departure of the adopted scenario from its computed order; nothing where there is none, or nobody changed
    anything. At most seven queries. Asks no permission: the caller shows it to whom it shows the list. Raises `Refused`
    as `entries_under` does."""
    _, scenario = adopted_scenario(session, call.id)
    if scenario is None:
        return ()
    hands = list_hands(session, scenario.id)
    if not hands:
        return ()
    terms = terms_of(session, scenario)
    return compare_with_computed(CallEntries(session, call), terms, hands)[1]


def list_hands(session: Session, scenario_id: int) -> dict[str, Hand]:
    """Proposal number -> what was changed by hand in a scenario and who did it. One query."""
    rows = session.execute(
        select(
            Proposal.number,
            ScenarioAdjustment.kind,
            ScenarioAdjustment.amount,
            ScenarioAdjustment.reason,
            ScenarioAdjustment.at,
            User.name_th,
            User.name_en,
        )
        .join(Proposal, Proposal.id == ScenarioAdjustment.proposal_id)
        .outerjoin(User, User.id == ScenarioAdjustment.by)
        .where(ScenarioAdjustment.scenario_id == scenario_id, ScenarioAdjustment.ended_at.is_(None))
        .order_by(Proposal.number)
    )
    return {
        number: Hand(Adjustment(Adjusting(kind), amount, reason), Text(name_th or "", name_en or ""), at)
        for number, kind, amount, reason, at, name_th, name_en in rows
    }


def compare_with_computed(
    entries: CallEntries, terms: Terms, hands: Mapping[str, Hand]
) -> tuple[Allocation, tuple[Departure, ...]]:
    """The list under the terms, and how it departs from the list without the changes by hand. Raises `Refused`."""
    under = entries.under(terms)
    changed = allocate(under, terms)
    if not hands:
        return changed, ()
    computed = allocate(under, replace(terms, adjustments={}))
    return changed, departures_of(computed, changed, hands)
