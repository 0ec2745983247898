"""The secretariat reminds agencies of reports that are late: who, who was told lately, and the letters."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.monitoring.duties import Duty
from app.monitoring.queries import list_due
from app.notices.actions import write_news
from app.notices.facts import Event, Letter, Letterhead, News, Recipient
from app.notices.letters import write_letter
from app.notices.matters import read_window
from app.notices.models import Mail
from app.notices.queries import list_recipients
from app.notices.report_news import news_of

REST = timedelta(hours=24)
NOBODY = Text(
    "ไม่มีหน่วยงานที่เลือกใดต้องแจ้งเตือนในขณะนี้ อาจส่งครบแล้วหรือเพิ่งได้รับแจ้งไป",
    "None of those chosen need a reminder now: they may have handed in, or have just been told",
)


@dataclass(frozen=True, slots=True)
class LateAgency:
    """An agency with reports that are late, its people who can be written to, and when they last were."""

    agency_id: int
    name: Text
    late: tuple[Duty, ...]
    people: tuple[Recipient, ...]
    told_at: datetime | None

    def is_rested(self, now: datetime) -> bool:
        return self.told_at is None or now - self.told_at >= REST


def list_late_agencies(session: Session, actor: Actor, call_id: int, now: datetime) -> list[LateAgency]:
    """Agencies of a call that are late, in the order of the register."""
    require(actor, Permission.JUDGE_REPORT)
    late: dict[int, list[Duty]] = {}
    for duty in list_due(session, now, call_id=call_id):
        if duty.is_late(now):
            late.setdefault(duty.agency_id, []).append(duty)
    if not late:
        return []
    people = list_recipients(session, frozenset(late), office=False)
    told: dict[int, datetime] = {}
    prefixes = [f"{event}:{call_id}:" for event in (Event.REPORTS_WANTED, Event.REPORTS_LATE)]
    rows = session.execute(
        select(Mail.key, func.max(Mail.created_at))
        .where(
            Mail.created_at > now - REST,
            or_(*(Mail.key.startswith(prefix, autoescape=True) for prefix in prefixes)),
        )
        .group_by(Mail.key)
    )
    for key, at in rows:
        agency_id = int(key.split(":")[2])
        told[agency_id] = max(at, told.get(agency_id, at))
    return [
        LateAgency(
            agency_id,
            duties[0].agency,
            tuple(duties),
            tuple(p for p in people if agency_id in p.actor.agency_ids),
            told.get(agency_id),
        )
        for agency_id, duties in late.items()
    ]


def _news(call_id: int, call: Text, agency: LateAgency, now: datetime) -> News:
    key = f"{Event.REPORTS_WANTED}:{call_id}:{agency.agency_id}:{now.timestamp():.0f}"
    return news_of(Event.REPORTS_WANTED, call, agency.late, key)


def show_report_letter(
    call_id: int, call: Text, agency: LateAgency, letterhead: Letterhead, now: datetime
) -> Letter | None:
    """The letter an agency's first person would get, exactly; None where nobody can be written to."""
    news = _news(call_id, call, agency, now)
    return write_letter(news, agency.people[0], letterhead) if agency.people else None


def remind_agencies(
    work: Work[Actor], call_id: int, agency_ids: Collection[int], letterhead: Letterhead
) -> int:
    """Write to the people of each of these agencies that is late; returns how many letters. Who was told within a day
    is left out. Raises `Refused` when nobody is left to be told."""
    require(work.actor, Permission.JUDGE_REPORT)
    # two people pressing at once write one letter
    if work.session.get(Call, call_id, with_for_update=True) is None:
        raise NotFound()
    chosen = [
        agency
        for agency in list_late_agencies(work.session, work.actor, call_id, work.now)
        if agency.agency_id in agency_ids and agency.is_rested(work.now)
    ]
    if not chosen:
        raise Refused(NOBODY, [Problem("agencies", NOBODY)])
    name = read_window(work.session, call_id).name
    told = [_news(call_id, name, agency, work.now) for agency in chosen]
    count = write_news(work, {news.key: news for news in told}, letterhead)
    work.audit("remind_agencies", f"call:{call_id}", detail={"agencies": [a.agency_id for a in chosen]})
    return count
