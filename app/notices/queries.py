"""What is asked of notices: who can be told, and what was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.identity.facts import AGENCY_ROLES, Actor, Body, Membership, Role
from app.identity.models import User, UserMembership
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.notices.facts import Kind, MailState, News, Recipient, say_error
from app.notices.models import Mail, UnwantedMail
from app.notices.rules import AUDIENCES, LATEST_SENDING, Side, agencies_on, pick_audience


def list_recipients(
    session: Session, agency_ids: Collection[int], *, office: bool, people: Collection[int] = ()
) -> list[Recipient]:
    """Officers and certifiers of these agencies, these people, and with `office` the secretariat: those who can sign
    in."""
    reached = and_(
        UserMembership.role.in_(sorted(AGENCY_ROLES)), UserMembership.agency_id.in_(sorted(agency_ids))
    )
    if office:
        reached = or_(reached, UserMembership.role == Role.SECRETARIAT.value)
    if people:
        reached = or_(reached, UserMembership.user_id.in_(sorted(people)))
    rows = session.execute(
        select(
            User.id,
            User.name_th,
            User.name_en,
            User.email,
            User.language,
            UserMembership.role,
            UserMembership.agency_id,
            UserMembership.body,
        )
        .join(UserMembership, UserMembership.user_id == User.id)
        .where(
            User.id.in_(select(UserMembership.user_id).where(reached)),
            or_(User.password_hash.is_not(None), User.external_since.is_not(None)),
            User.disabled_at.is_(None),
        )
        .order_by(User.id, UserMembership.id)
    ).all()
    unwanted = _unwanted(session, {row.id for row in rows})
    found: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    return [_recipient(own, unwanted.get(user_id, frozenset())) for user_id, own in found.items()]


def _recipient(rows: list[Row[*tuple[Any, ...]]], unwanted: frozenset[Kind]) -> Recipient:
    first = rows[0]
    memberships = tuple(Membership(Role(r.role), r.agency_id, Body(r.body) if r.body else None) for r in rows)
    actor = Actor(first.id, Text(first.name_th, first.name_en), memberships)
    return Recipient(actor, first.email, first.language, unwanted)


def _unwanted(session: Session, user_ids: Iterable[int]) -> dict[int, frozenset[Kind]]:
    found: dict[int, frozenset[Kind]] = {}
    for user_id, kind in session.execute(
        select(UnwantedMail.user_id, UnwantedMail.kind).where(UnwantedMail.user_id.in_(sorted(user_ids)))
    ):
        found[user_id] = found.get(user_id, frozenset()) | {Kind(kind)}
    return found


def get_unwanted(session: Session, actor: Actor) -> frozenset[Kind]:
    """The kinds the actor has switched off."""
    if actor.id is None:
        return frozenset()
    return _unwanted(session, [actor.id]).get(actor.id, frozenset())


def list_written(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these letters are written already."""
    asked, written = sorted(keys), set[str]()
    for start in range(0, len(asked), 500):
        written |= set(session.scalars(select(Mail.key).where(Mail.key.in_(asked[start : start + 500]))))
    return written


def find_untold(session: Session, told: Mapping[str, News]) -> dict[str, tuple[News, Recipient]]:
    """From news by key: the letters that are not written yet, by key and person. Three queries, however much news."""
    sides = [(side, news) for news in told.values() for side in AUDIENCES[news.event]]
    agencies = frozenset[int]().union(*(agencies_on(side, news) for side, news in sides))
    named = frozenset[int]().union(*(news.people for news in told.values()))
    office = any(side is Side.OFFICE and not news.people for side, news in sides)
    if not agencies and not office and not named:
        return {}
    people = list_recipients(session, agencies, office=office, people=named)
    letters = {
        f"{key}:{person.actor.id}": (news, person)
        for key, news in told.items()
        for person in pick_audience(news, people)
    }
    for written in list_written(session, letters):
        del letters[written]
    return letters


@dataclass(frozen=True, slots=True)
class MailRow:
    """That an e-mail was written, to whom and how far it is: all that anybody but its reader may know."""

    id: int
    name: Text
    address: str
    kind: Kind
    state: MailState
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    error: Text | None


@dataclass(frozen=True, slots=True)
class OwnMailRow(MailRow):
    """An e-mail in the list of the person it was written to."""

    subject: str
    language: str


@dataclass(frozen=True, slots=True)
class OwnMail(OwnMailRow):
    """An e-mail as its own reader opens it."""

    body: str


@dataclass(frozen=True, slots=True)
class MailFilter:
    """What to look for: a part of the address, a kind, a state; "" is any."""

    address: str = ""
    kind: str = ""
    state: str = ""


_LISTED = (
    Mail.id,
    Mail.address,
    Mail.kind,
    Mail.state,
    Mail.created_at,
    Mail.sent_at,
    Mail.attempts,
    Mail.error,
    User.name_th,
    User.name_en,
)
_OWN = (*_LISTED, Mail.subject, Mail.language)


def _latest(columns: Iterable[Any], before: int, limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .join(User, User.id == Mail.user_id)
        .where(Mail.id < before)
        .order_by(Mail.id.desc())
        .limit(limit)
    )


def _listed(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": Text(row.name_th, row.name_en),
        "address": row.address,
        "kind": Kind(row.kind),
        "state": MailState(row.state),
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "attempts": row.attempts,
        "error": say_error(row.error) if row.error else None,
    }


def _own(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {**_listed(row), "subject": row.subject, "language": row.language}


def list_mails(
    session: Session, actor: Actor, wanted: MailFilter, *, before: int, limit: int
) -> list[MailRow]:
    """What was sent to anybody, newest first, from before this id on: needs READ_MAILS."""
    require(actor, Permission.READ_MAILS)
    statement = _latest(_LISTED, before, limit)
    if wanted.address:
        statement = statement.where(
            func.lower(Mail.address).contains(wanted.address.lower(), autoescape=True)
        )
    if wanted.kind:
        statement = statement.where(Mail.kind == wanted.kind)
    if wanted.state:
        statement = statement.where(Mail.state == wanted.state)
    return [MailRow(**_listed(row)) for row in session.execute(statement)]


def count_mails(session: Session, actor: Actor) -> dict[str, int]:
    """State -> how many e-mails are in it: needs READ_MAILS."""
    require(actor, Permission.READ_MAILS)
    counts = dict.fromkeys((state.value for state in MailState), 0)
    for state, count in session.execute(select(Mail.state, func.count()).group_by(Mail.state)):
        counts[state] = count
    return counts


def list_own_mails(session: Session, actor: Actor, *, before: int, limit: int) -> list[OwnMailRow]:
    """What was sent to the actor, newest first, from before this id on."""
    statement = _latest(_OWN, before, limit).where(Mail.user_id == actor.id)
    return [OwnMailRow(**_own(row)) for row in session.execute(statement)]


def get_own_mail(session: Session, actor: Actor, mail_id: int) -> OwnMail:
    """One e-mail with its text; for everybody but the person it was written to it does not exist."""
    row = session.execute(
        select(*_OWN, Mail.body)
        .join(User, User.id == Mail.user_id)
        .where(Mail.id == mail_id, Mail.user_id == actor.id)
    ).first()
    if row is None:
        raise NotFound()
    return OwnMail(**_own(row), body=row.body)


def look_at_waiting(session: Session) -> tuple[int, str]:
    """How many e-mails wait to be sent, and what the mail server last said to one of them, or ""."""
    waiting = Mail.state == MailState.WAITING.value
    count = session.scalar(select(func.count()).select_from(Mail).where(waiting)) or 0
    said = select(Mail.error).where(waiting, Mail.error != "").order_by(Mail.id.desc()).limit(1)
    return count, session.scalar(said) or ""


def is_any_late(session: Session, now: datetime) -> bool:
    """Whether something waits that should not be sent any more."""
    late = select(Mail.id).where(
        Mail.state == MailState.WAITING.value, Mail.created_at < now - LATEST_SENDING
    )
    return session.scalar(late.limit(1)) is not None
