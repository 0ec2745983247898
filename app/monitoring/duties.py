"""What an agency has to report by when, and how each period stands."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from app.kernel.clock import BANGKOK
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.facts import ReportingRules
from app.monitoring.periods import (
    LAST_MONTH,
    LAST_QUARTER,
    MONTHS_OF_YEAR,
    ReportKind,
    due_at,
    last_day,
    last_month_of,
    period_name,
    quarter_of,
    report_title,
)
from app.monitoring.states import DRAFT, RETURNED, SENT

DUE_SOON = timedelta(days=3)
MISSING = "missing"
NOT_HANDED_IN = frozenset({MISSING, DRAFT, SENT, RETURNED})


def days_of(rules: ReportingRules, kind: ReportKind) -> int:
    """Within how many days after its period a report is due."""
    return rules.month_days if kind is ReportKind.MONEY else rules.quarter_days


def due_moment(
    fiscal_year: int, kind: ReportKind, period: int, rules: ReportingRules, opened_at: datetime
) -> datetime:
    """Up to when a report is in time, exclusive. What was over before the call was followed is due as many days after
    that."""
    days = days_of(rules, kind)
    opened = opened_at.astimezone(BANGKOK).date() + timedelta(days=days + 1)
    return max(due_at(fiscal_year, kind, period, days), datetime.combine(opened, time(), BANGKOK))


def may_begin(fiscal_year: int, kind: ReportKind, period: int, now: datetime) -> bool:
    """Whether a period is over: it is reported from its last day on."""
    return now.astimezone(BANGKOK).date() >= last_day(fiscal_year, last_month_of(kind, period))


def most_periods(kind: ReportKind) -> int:
    """The number of the last period there can be."""
    return LAST_MONTH if kind is ReportKind.MONEY else LAST_QUARTER


def last_period(kind: ReportKind, last_month: int) -> int:
    """The last period an agency reports, whose plans go to `last_month`: the year's, or that of money carried over."""
    month = max(MONTHS_OF_YEAR, last_month)
    return month if kind is ReportKind.MONEY else quarter_of(month)


@dataclass(frozen=True, slots=True)
class Duty:
    """A period an agency has to report, and how far that is.

    `state` is that of the report that counts, or of the one being worked on where none counts yet, or `MISSING`;
    `correction_id` is a correction being worked on beside one that counts. `first_signed_at` is when it was first handed
    in, which being late is judged by; `due_at` is exclusive; `since` is when the call was begun to be followed.
    """

    call_id: int
    fiscal_year: int
    agency_id: int
    agency: Text
    kind: ReportKind
    period: int
    due_at: datetime
    since: datetime
    state: str = MISSING
    record_id: int | None = None
    revision: int = 0
    first_signed_at: datetime | None = None
    note: str = ""
    correction_id: int | None = None
    correction_state: str = ""

    @property
    def name(self) -> Text:
        return period_name(self.fiscal_year, self.kind, self.period)

    @property
    def title(self) -> Text:
        return report_title(self.fiscal_year, self.kind, self.period)

    @property
    def is_open(self) -> bool:
        """Whether the agency still has to hand it in."""
        return self.state in NOT_HANDED_IN

    def is_late(self, now: datetime) -> bool:
        """Not handed in, though its time is up; what was handed in and came back is another matter."""
        return self.is_open and self.first_signed_at is None and now >= self.due_at

    def is_due_soon(self, now: datetime) -> bool:
        """Not handed in, and its time is up within three days."""
        return self.is_open and self.first_signed_at is None and self.due_at - DUE_SOON <= now < self.due_at

    def days_late(self, now: datetime) -> int:
        """Days begun since its time was up, until it was first handed in or until now; 0 when in time."""
        until = self.first_signed_at or now
        return 0 if until < self.due_at else (until - self.due_at).days + 1
