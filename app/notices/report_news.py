"""News of reports: what was sent, returned, accepted or corrected, and which are due or late."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.identity.models import Agency
from app.kernel.text import Text
from app.monitoring.duties import Duty
from app.monitoring.models import ProgressRecord
from app.monitoring.periods import NAMES_BEFORE_PERIOD, ReportKind, period_name
from app.monitoring.queries import list_due
from app.monitoring.states import ACCEPTED, RETURNED, SENT, SIGNED
from app.notices.facts import Event, News
from app.notices.matters import read_window
from app.notices.report_wording import report_count
from app.notices.rules import is_old_news

EVERY = timedelta(days=7)
REMINDED_FOR = timedelta(days=84)
"""Who has been late for longer is not written to by itself any more; the secretariat still may."""

_STATES = {
    Event.REPORT_SENT: SENT,
    Event.REPORT_RETURNED: RETURNED,
    Event.REPORT_ACCEPTED: ACCEPTED,
    Event.REPORT_CORRECTED: SIGNED,
}
_PATHS = {
    Event.REPORT_SENT: "/agency/reports/{id}/sign",
    Event.REPORT_CORRECTED: "/secretariat/reports/{id}",
}


def _of_report(session: Session, event: Event, payload: Mapping[str, Any], now: datetime) -> list[News]:
    """Nothing where the report has moved on meanwhile, or it was long ago."""
    record = session.get(ProgressRecord, payload["record"])
    if record is None or record.state != _STATES[event]:
        return []
    if is_old_news(record.judged_at or record.signed_at or record.sent_at or record.made_at, now):
        return []
    window = read_window(session, record.call_id)
    agency = session.get_one(Agency, record.agency_id)
    kind = ReportKind(record.kind)
    words: dict[str, Text | str] = {
        "report": NAMES_BEFORE_PERIOD[kind],
        "period": period_name(window.fiscal_year, kind, record.period),
        "agency": Text(agency.name_th, agency.name_en),
    }
    path = _PATHS.get(event, "/agency/reports/{id}").format(id=record.id)
    return [News(event, window.name, named=frozenset({record.agency_id}), words=words, path=path)]


REPORT_READERS: dict[Event, Callable[[Session, Event, Mapping[str, Any], datetime], list[News]]] = (
    dict.fromkeys(_STATES, _of_report)
)


def list_report_reminders(session: Session, now: datetime) -> dict[str, News]:
    """Reports that are due within three days, and those that are late: the day after, then weekly. One letter for each
    agency and call."""
    found: dict[str, News] = {}
    by_agency: dict[tuple[int, int], list[Duty]] = {}
    for duty in list_due(session, now):
        if duty.is_open and now - duty.due_at <= REMINDED_FOR:
            by_agency.setdefault((duty.call_id, duty.agency_id), []).append(duty)
    names: dict[int, Text] = {}
    for (call_id, agency_id), duties in by_agency.items():
        soon = [duty for duty in duties if duty.is_due_soon(now)]
        late = [duty for duty in duties if duty.is_late(now)]
        if (soon or late) and call_id not in names:
            names[call_id] = read_window(session, call_id).name
        if soon:
            key = f"{Event.REPORTS_DUE}:{call_id}:{agency_id}:{min(d.due_at for d in soon).timestamp():.0f}"
            found[key] = news_of(Event.REPORTS_DUE, names[call_id], soon, key)
        if late:
            last = max(duty.due_at for duty in late)
            key = f"{Event.REPORTS_LATE}:{call_id}:{agency_id}:{last.timestamp():.0f}:{(now - last) // EVERY}"
            found[key] = news_of(Event.REPORTS_LATE, names[call_id], late, key)
    return found


def news_of(event: Event, call: Text, duties: Iterable[Duty], key: str) -> News:
    """One letter's news of these periods of an agency."""
    ordered = sorted(duties, key=lambda duty: (duty.due_at, duty.kind.value))
    listed = [d.title for d in ordered]
    return News(
        event,
        call,
        named=frozenset({ordered[0].agency_id}),
        by=ordered[0].due_at if event is Event.REPORTS_DUE else None,
        words={"agency": ordered[0].agency, "count": report_count(len(ordered))},
        drafts=tuple(("", name) for name in listed),
        key=key,
    )
