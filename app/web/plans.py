"""What pages about a project's plan share: names of its codes, and who may change it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from app.calls.facts import PlanStructure
from app.identity.facts import Actor
from app.identity.rules import Permission, Target, may
from app.kernel.clock import BANGKOK
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.changing import Offered
from app.monitoring.periods import MONTHS_OF_YEAR, month_name, month_of
from app.monitoring.planning import read_number
from app.monitoring.queries import ProjectView
from app.monitoring.queries.changes import Account


@dataclass(frozen=True, slots=True)
class PlanNames:
    """Codes of a plan in words."""

    structure: PlanStructure
    view: ProjectView

    def agency(self, code: str) -> Text:
        found = self.view.agencies.get(code)
        return found[1] if found else Text(code, code)

    def category(self, code: str) -> Text:
        return self.structure.name("categories", code)

    def number(self, text: str) -> str:
        """A target for reading: "182800" as "182,800"; a text that is no number stays."""
        return f"{Decimal(text):,}" if read_number(text) == text else text

    def month(self, month: int) -> Text:
        return month_name(self.view.fiscal_year, month, short=True)


def may_change(actor: Actor, view: ProjectView) -> bool:
    """Whether the actor may ask for changes of the project: the lead agency's people may."""
    return may(actor, Permission.CHANGE_PLAN, Target(frozenset({view.row.lead_id})))


def month_now(fiscal_year: int, now: datetime) -> int:
    """The month (1 to 12) of the year's money it is, or the nearest one."""
    return min(max(month_of(fiscal_year, now.astimezone(BANGKOK).date()), 1), MONTHS_OF_YEAR)


def offered_to(view: ProjectView, structure: PlanStructure, account: Account, now: datetime) -> Offered:
    """What a change of a project's plan may choose from, and what was spent already."""
    return Offered(
        tuple(view.agencies),
        tuple(c.code for c in structure.categories),
        max(month_now(view.fiscal_year, now), account.last_month + 1),
        account.used,
        account.within_year,
        account.after_year,
    )
