"""The secretariat reminds reviewers now: who has something to do, who was told lately, and the letters."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import BODY_NAMES, Actor
from app.identity.queries import list_reviewers
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.notices.actions import write_news
from app.notices.facts import Event, Letter, Letterhead, News, Recipient
from app.notices.letters import write_letter
from app.notices.matters import read_window
from app.notices.models import Mail
from app.notices.queries import list_recipients
from app.notices.review_news import digest
from app.reviews.queries.outstanding import Duty, Outstanding, list_outstanding

REST = timedelta(hours=24)  # who was told within it is told again only when that is asked for
AT_LEAST = timedelta(minutes=10)  # and within this not even then: it is a button pressed twice
NOBODY = Text(
    "ไม่มีผู้พิจารณาที่เลือกคนใดต้องแจ้งเตือนในขณะนี้ อาจส่งงานครบแล้วหรือเพิ่งได้รับแจ้งไป",
    "None of those chosen need a reminder now: they may be done, or have just been told",
)


@dataclass(frozen=True, slots=True)
class Behind:
    """A reviewer who has something to do now. `told_at` is when a reminder of this call was last written, automatic
    or not; `reader` is None for who cannot sign in, and so is not written to."""

    reviewer_id: int
    name: Text
    body: Text
    waiting: tuple[Outstanding, ...]
    told_at: datetime | None
    reader: Recipient | None

    @property
    def due_at(self) -> datetime | None:
        """The earliest moment any of it is due."""
        return min((item.due_at for item in self.waiting if item.due_at is not None), default=None)

    def count(self, duty: Duty) -> int:
        return sum(item.duty is duty for item in self.waiting)

    def is_rested(self, now: datetime, rest: timedelta = REST) -> bool:
        """Whether the last reminder is long enough ago."""
        return self.told_at is None or now - self.told_at >= rest


def list_behind(session: Session, actor: Actor, call_id: int, now: datetime) -> list[Behind]:
    """Reviewers of a call who have something to do now, by body and name; at most nine queries."""
    require(actor, Permission.ASSIGN_REVIEWER)
    waiting = list_outstanding(session, call_id, now)
    if not waiting:
        return []
    readers = {p.actor.id: p for p in list_recipients(session, (), office=False, people=waiting)}
    # one letter is one row, its key names the event and the call
    told = {
        user_id: at
        for user_id, at in session.execute(
            select(Mail.user_id, func.max(Mail.created_at))
            .where(
                Mail.user_id.in_(waiting),
                or_(
                    Mail.key.startswith(f"{Event.REVIEWS_WANTED}:{call_id}:", autoescape=True),
                    Mail.key.startswith(f"{Event.REVIEWS_DUE}:{call_id}:", autoescape=True),
                ),
            )
            .group_by(Mail.user_id)
        )
    }
    people = {user_id: (name, body) for user_id, name, body, _ in list_reviewers(session)}
    return [
        Behind(
            user_id,
            name,
            BODY_NAMES[body],
            tuple(waiting[user_id]),
            told.get(user_id),
            readers.get(user_id),
        )
        for user_id, (name, body) in people.items()
        if user_id in waiting
    ]


def _news(call_id: int, call: Text, person: Behind, now: datetime) -> News:
    return digest(
        Event.REVIEWS_WANTED,
        call,
        person.reviewer_id,
        [item.number for item in person.waiting],
        f"{Event.REVIEWS_WANTED}:{call_id}:{now.timestamp():.0f}",
        person.due_at,
    )


def show_letter(
    call_id: int, call: Text, person: Behind, letterhead: Letterhead, now: datetime
) -> Letter | None:
    """The letter one of them would get, as it would be written now."""
    if person.reader is None:
        return None
    return write_letter(_news(call_id, call, person, now), person.reader, letterhead)


def remind_reviewers(
    work: Work[Actor],
    call_id: int,
    reviewer_ids: Collection[int],
    letterhead: Letterhead,
    *,
    again: Collection[int] = (),
) -> int:
    """Write one letter to each of these reviewers who has something to do now; returns how many letters.

    Who was told within a day is left out, unless named in `again`. Raises `Refused` when nobody is left to be told.
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    # two people pressing at once write one letter
    if work.session.get(Call, call_id, with_for_update=True) is None:
        raise NotFound()
    chosen = [
        person
        for person in list_behind(work.session, work.actor, call_id, work.now)
        if person.reader is not None
        and (
            (person.reviewer_id in reviewer_ids and person.is_rested(work.now))
            or (person.reviewer_id in again and person.is_rested(work.now, AT_LEAST))
        )
    ]
    if not chosen:
        raise Refused(NOBODY, [Problem("reviewers", NOBODY)])
    name = read_window(work.session, call_id).name
    told = [_news(call_id, name, person, work.now) for person in chosen]
    count = write_news(work, {news.key: news for news in told}, letterhead)
    work.audit("remind_reviewers", f"call:{call_id}", detail={"reviewers": [p.reviewer_id for p in chosen]})
    return count
