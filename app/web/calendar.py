"""The calendar feed: the openings, closings and due dates that concern a person, at an address only they know.

Calendar programs cannot sign in, so the address itself is the key: an HMAC over the person and a number. A new number
makes a new address, and the earlier one is answered no more. What stands in the feed is what a lost address may tell:
names and moments of calls, numbers of proposals; never a title or an amount.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.calls.facts import CallWindow, Deadline, Origin, deadline_of
from app.calls.queries import WindowChange, list_window_changes, list_windows
from app.identity.actions import renew_calendar
from app.identity.queries import Subscriber, find_subscriber
from app.identity.rules import Permission, may
from app.kernel.clock import BANGKOK, format_closing
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import LANGUAGES, Text
from app.kernel.work import open_work
from app.monitoring.duties import Duty
from app.monitoring.periods import NAMES_BEFORE_PERIOD
from app.monitoring.queries import list_due
from app.proposals.queries.returns import DueReturn, list_open_returns
from app.proposals.queries.unfiled import Unfiled, count_unfiled
from app.web.arrival import arrived
from app.web.door import needs, public
from app.web.language import t
from app.web.signing import current_actor

blueprint = Blueprint("calendar", __name__)

_TITLE = Text("กำหนดการคำขอ DGI-Budget", "DGI-Budget deadlines")
_ALARMS = (timedelta(days=3), timedelta(hours=24), timedelta(hours=1))
# a closing is shown as the hour before it: at midnight it would otherwise stand on the day after
_SHOWN = timedelta(hours=1)
REPORTS_AHEAD = timedelta(days=62)  # periods still running, so that their due dates are seen coming


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the calendar. `sequence` counts the times its moment was set anew; `is_deadline` rings."""

    uid: str
    name: Text
    starts_at: datetime
    ends_at: datetime
    lines: tuple[Text, ...]
    path: str
    sequence: int
    changed_at: datetime
    is_deadline: bool = True


def calendar_token(user_id: int, number: int) -> str:
    """The secret part of a feed's address: 64 hex digits."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"calendar:{user_id}:{number}".encode(), sha256).hexdigest()


@blueprint.app_template_global()
def calendar_address() -> str:
    """The address of the reader's own feed."""
    user_id = current_actor().id
    subscriber = find_subscriber(db.session(), user_id) if user_id is not None else None
    if user_id is None or subscriber is None:
        raise NotFound()
    token = calendar_token(user_id, subscriber.number)
    site: str = current_app.config["DGI"].site_url
    return site + url_for("calendar.feed", user_id=user_id, token=token)


@blueprint.post("/account/calendar")
@needs(Permission.USE_ACCOUNT)
def renew() -> AnyResponse:
    """A new address for my calendar."""
    with open_work(current_actor(), arrived()) as work:
        renew_calendar(work)
    flash(
        t(
            "เปลี่ยนที่อยู่ปฏิทินแล้ว ที่อยู่เดิมใช้ไม่ได้อีก กรุณาสมัครรับใหม่ในโปรแกรมปฏิทิน",
            "The calendar has a new address. The earlier one no longer works; subscribe again in your calendar.",
        )
    )
    return redirect(url_for("account.show", _anchor="calendar"), 303)


@blueprint.get("/calendar/<int:user_id>-<string(length=64):token>.ics")
@public
def feed(user_id: int, token: str) -> AnyResponse:
    """The feed itself, in the person's language; unknown, renewed and disabled all answer 404."""
    subscriber = find_subscriber(db.session(), user_id)
    if subscriber is None or not hmac.compare_digest(
        token.encode(), calendar_token(user_id, subscriber.number).encode()
    ):
        raise NotFound()
    body = write_calendar(list_entries(db.session(), subscriber), subscriber.language)
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="dgi-budget.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(sha256(body).hexdigest())
    return response.make_conditional(request)


def list_entries(session: Session, subscriber: Subscriber) -> list[Entry]:
    """Everything in a person's calendar: calls first, then returns and reports; a constant number of queries."""
    changes = list_window_changes(session)
    unfiled = count_unfiled(session, subscriber.agencies)
    entries: list[Entry] = []
    for window in list_windows(session):
        if window.origin is not Origin.IMPORTED:  # its documents state no window
            entries += _of_call(subscriber, window, [c for c in changes if c.call_id == window.id], unfiled)
    entries += map(_of_return, list_open_returns(session, subscriber.agencies))
    if subscriber.agencies:
        now = arrived()
        ahead = list_due(session, now, agency_ids=subscriber.agencies, until=now + REPORTS_AHEAD)
        several = len(subscriber.agencies) > 1
        entries += (_of_duty(duty, several) for duty in ahead if duty.is_open)
    return entries


def _of_call(
    subscriber: Subscriber,
    window: CallWindow,
    changes: list[WindowChange],
    unfiled: Mapping[tuple[int, int], Unfiled],
) -> Iterator[Entry]:
    path = url_for("secretariat.call", fiscal_year=window.fiscal_year)
    yield Entry(
        uid=f"call-{window.fiscal_year}-opening",
        name=Text("เปิดรับ: {call}", "Opens: {call}").fill(call=window.name),
        starts_at=window.opens_at,
        ends_at=window.opens_at + _SHOWN,
        lines=(),
        path=path,
        sequence=0,
        changed_at=changes[0].at,
        is_deadline=False,
    )
    for agency_id, agency in _askers(subscriber, window).items():
        deadline = deadline_of(window, agency_id)
        moved = [c.at for c in changes if c.agency_id in (None, agency_id)]
        drafts = (
            unfiled.get((window.id, agency_id)) if agency_id in subscriber.agencies and agency_id else None
        )
        name = Text("ปิดรับ: {call}", "Closes: {call}").fill(call=window.name)
        if agency is not None:
            name = Text("{name} ({agency})", "{name} ({agency})").fill(name=name, agency=agency)
        yield Entry(
            uid=f"call-{window.fiscal_year}-closing" + (f"-{agency_id}" if agency_id else ""),
            name=name,
            starts_at=deadline.closes_at - _SHOWN,
            ends_at=deadline.closes_at,
            lines=tuple(_told(deadline, drafts)),
            path=url_for("agency.home") if subscriber.agencies else path,
            sequence=len(moved) - 1,
            changed_at=max([*moved, drafts.changed_at] if drafts else moved),
        )


def _askers(subscriber: Subscriber, window: CallWindow) -> dict[int | None, Text | None]:
    """Whose closing moments a person is told, agency id -> name where one must be named.

    Agency people: their own agencies'. The secretariat: every agency's, and that of each given longer. Others: the
    one for every agency.
    """
    if subscriber.agencies:
        several = len(subscriber.agencies) > 1
        return {key: name if several else None for key, name in subscriber.agencies.items()}
    singled_out = window.extensions if may(subscriber.actor, Permission.MANAGE_CALL) else ()
    return {None: None} | {e.agency_id: e.agency for e in singled_out if e.agency_id is not None}


def _told(deadline: Deadline, drafts: Unfiled | None) -> Iterator[Text]:
    yield Text("ข้อเสนอต้องมาถึงก่อน {closes}", "Filings must arrive before {closes}").fill(
        closes=_closing(deadline.closes_at)
    )
    if deadline.has_grace:
        yield Text("ช่วงผ่อนผันถึงก่อน {until}", "Grace until just before {until}").fill(
            until=_closing(deadline.grace_until)
        )
    if deadline.extended_by is not None:
        yield Text("ขยายเวลาแล้ว เหตุผล: {reason}", "Extended. Reason: {reason}").fill(
            reason=deadline.extended_by.reason
        )
    if drafts is not None and drafts.count:
        yield Text("ร่างที่ยังไม่ได้ยื่น: {count} ฉบับ", "Drafts not filed yet: {count}").fill(count=drafts.count)


def _of_return(due: DueReturn) -> Entry:
    return Entry(
        uid=f"return-{due.id}",
        name=Text("ส่งข้อเสนอ {number} ที่แก้ไขแล้ว", "File {number} again, revised").fill(number=due.number),
        starts_at=due.due_at - _SHOWN,
        ends_at=due.due_at,
        lines=(
            Text("ส่งคืนแก้ไขครั้งที่ {cycle} ต้องมาถึงก่อน {due}", "Return {cycle}; it must arrive before {due}").fill(
                cycle=due.cycle, due=_closing(due.due_at)
            ),
        ),
        path=url_for("agency.proposal", proposal_id=due.proposal_id),
        sequence=0,
        changed_at=due.returned_at,
    )


def _of_duty(duty: Duty, several: bool) -> Entry:
    """A report that is not handed in yet."""
    name = Text("ส่ง{report} {period}", "Hand in: {report}, {period}").fill(
        report=NAMES_BEFORE_PERIOD[duty.kind], period=duty.name
    )
    if several:
        name = Text("{name} ({agency})", "{name} ({agency})").fill(name=name, agency=duty.agency)
    return Entry(
        uid=f"report-{duty.fiscal_year}-{duty.agency_id}-{duty.kind}-{duty.period}",
        name=name,
        starts_at=duty.due_at - _SHOWN,
        ends_at=duty.due_at,
        lines=(Text("ลงนามแล้วภายใน {due}", "Signed by {due}").fill(due=_closing(duty.due_at)),),
        path=url_for("agency.reports"),
        sequence=0,
        changed_at=duty.since,
    )


def _closing(at: datetime) -> Text:
    return Text(format_closing(at, "th"), format_closing(at, "en"))


def write_calendar(entries: list[Entry], language: str) -> bytes:
    """The entries as iCalendar (RFC 5545), in Bangkok time."""
    from icalendar import Calendar, Event  # only the feed needs it

    site: str = current_app.config["DGI"].site_url
    host = urlsplit(site).hostname or "localhost"
    code = language if language in LANGUAGES else "th"
    calendar = Calendar()
    for name, value in (
        ("prodid", "-//DGI-Budget//deadlines//TH"),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("x-wr-calname", _TITLE.say(code)),
        ("x-wr-timezone", "Asia/Bangkok"),
        ("x-published-ttl", "PT1H"),
    ):
        calendar.add(name, value)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add_component(_bangkok())
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.uid}@{host}")
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("sequence", entry.sequence)
        event.add("summary", entry.name.say(code))
        event.add("dtstart", entry.starts_at.astimezone(BANGKOK))
        event.add("dtend", entry.ends_at.astimezone(BANGKOK))
        event.add("description", "\n".join([*(line.say(code) for line in entry.lines), site + entry.path]))
        event.add("url", site + entry.path)
        event.add("transp", "TRANSPARENT")  # nobody is busy because of it
        if entry.is_deadline:
            for before in _ALARMS:
                event.add_component(_alarm(before - _SHOWN, entry.name.say(code)))
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _alarm(before: timedelta, words: str) -> Any:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", -before)
    return alarm


def _bangkok() -> Any:
    """Asia/Bangkok has known one offset since 1920 and no summer time."""
    from icalendar import Timezone, TimezoneStandard

    zone, always = Timezone(), TimezoneStandard()
    zone.add("tzid", "Asia/Bangkok")
    always.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 (local by definition)
    always.add("tzoffsetfrom", timedelta(hours=7))
    always.add("tzoffsetto", timedelta(hours=7))
    always.add("tzname", "+07")
    zone.add_component(always)
    return zone
