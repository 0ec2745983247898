"""What is asked of identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.identity.facts import Actor, Body, Membership, Role, Step
from app.identity.models import (
    Agency,
    Ministry,
    SignInAttempt,
    SignInSession,
    User,
    UserMembership,
)
from app.identity.rules import (
    HALF_SESSION_LIFE,
    SESSION_IDLE,
    SESSION_LONGEST,
    SIGN_IN_WINDOW,
    roles_clash,
)
from app.kernel.audit import AuditEntry
from app.kernel.canonical import sha256_text
from app.kernel.db import table_of
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: who, for which agency, in which language, since when, and what it still waits for."""

    actor: Actor
    session_id: int
    language: str
    seen_at: datetime
    email: str
    agency: Text | None
    waits_for: Step | None = None


@cache
def _signed_in() -> Select[*tuple[Any, ...]]:
    """Session, person and memberships together; written once, because every request asks it."""
    sessions, users, memberships, agencies = map(table_of, (SignInSession, User, UserMembership, Agency))
    return (
        select(
            sessions.c.id,
            sessions.c.started_at,
            sessions.c.seen_at,
            sessions.c.waits_for,
            users.c.id.label("user_id"),
            users.c.name_th,
            users.c.name_en,
            users.c.email,
            users.c.language,
            memberships.c.role,
            memberships.c.agency_id,
            memberships.c.body,
            agencies.c.name_th.label("agency_th"),
            agencies.c.name_en.label("agency_en"),
        )
        .join_from(sessions, users, users.c.id == sessions.c.user_id)
        .outerjoin(memberships, memberships.c.user_id == users.c.id)
        .outerjoin(agencies, agencies.c.id == memberships.c.agency_id)
        .where(
            sessions.c.token_sha256 == bindparam("token_sha256"),
            sessions.c.ended_at.is_(None),
            users.c.disabled_at.is_(None),
        )
        .order_by(memberships.c.id)
    )


def find_signed_in(session: Session, token: str, now: datetime) -> SignedIn | None:
    """The person behind a session token, or None if the session ended, lapsed or waits for a second factor, or the
    person was disabled."""
    found = find_session(session, token, now)
    return found if found is not None and found.waits_for is None else None


def find_session(session: Session, token: str, now: datetime) -> SignedIn | None:
    """The same, also of a session that still waits for something and opens nothing but what it waits for."""
    rows = session.execute(_signed_in(), {"token_sha256": sha256_text(token)}).all()
    if not rows:
        return None
    first = rows[0]
    if now - first.seen_at > SESSION_IDLE or now - first.started_at > SESSION_LONGEST:
        return None
    step = Step(first.waits_for) if first.waits_for else None
    if step is not None and now - first.started_at > HALF_SESSION_LIFE:
        return None
    actor = Actor(first.user_id, Text(first.name_th, first.name_en), _memberships(rows))
    agency = next((Text(r.agency_th, r.agency_en) for r in rows if r.agency_th), None)
    return SignedIn(actor, first.id, first.language, first.seen_at, first.email, agency, step)


def _memberships(rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[Membership, ...]:
    return tuple(
        Membership(Role(row.role), row.agency_id, Body(row.body) if row.body else None)
        for row in rows
        if row.role is not None
    )


def get_actor(session: Session, user_id: int) -> Actor:
    """The actor of a person, signed in or not. Raises `NotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound()
    rows = session.execute(
        select(UserMembership.role, UserMembership.agency_id, UserMembership.body)
        .where(UserMembership.user_id == user_id)
        .order_by(UserMembership.id)
    ).all()
    return Actor(user.id, Text(user.name_th, user.name_en), _memberships(rows))


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whose calendar a feed is. `number` counts its addresses; `agencies` are the person's own, id -> name."""

    actor: Actor
    language: str
    number: int
    agencies: Mapping[int, Text]


def find_subscriber(session: Session, user_id: int) -> Subscriber | None:
    """A person who may sign in, or None."""
    user = session.get(User, user_id)
    if user is None or user.disabled_at is not None or not (user.password_hash or user.external_since):
        return None
    actor = get_actor(session, user_id)
    named = session.execute(
        select(Agency.id, Agency.name_th, Agency.name_en)
        .where(Agency.id.in_(actor.agency_ids))
        .order_by(Agency.sort_key)
    )
    return Subscriber(
        actor, user.language, user.calendar_number, {r.id: Text(r.name_th, r.name_en) for r in named}
    )


def find_user_by_email(session: Session, email: str) -> User | None:
    return session.scalars(select(User).where(User.email == email)).first()


def count_failures(session: Session, email: str, address: str, now: datetime) -> tuple[int, int]:
    """Failed sign-ins within the throttle window: (of this account, of this network address)."""
    since = now - SIGN_IN_WINDOW
    count = select(func.count()).select_from(SignInAttempt).where(SignInAttempt.at > since)
    return (
        session.scalar(count.where(SignInAttempt.email == email)) or 0,
        session.scalar(count.where(SignInAttempt.address == address)) or 0,
    )


@dataclass(frozen=True, slots=True)
class AgencyName:
    """An agency with its ministry, as lists and forms need it."""

    id: int
    code: str
    name: Text
    ministry_id: int
    ministry_code: str
    ministry: Text


def list_agencies(session: Session) -> list[AgencyName]:
    """All agencies in Thai order, with their ministries."""
    rows = session.execute(
        select(
            Agency.id,
            Agency.code,
            Agency.name_th,
            Agency.name_en,
            Ministry.id.label("ministry_id"),
            Ministry.code.label("ministry_code"),
            Ministry.name_th.label("ministry_th"),
            Ministry.name_en.label("ministry_en"),
        )
        .join(Ministry, Ministry.id == Agency.ministry_id)
        .order_by(Agency.sort_key)
    )
    return [
        AgencyName(
            r.id,
            r.code,
            Text(r.name_th, r.name_en),
            r.ministry_id,
            r.ministry_code,
            Text(r.ministry_th, r.ministry_en),
        )
        for r in rows
    ]


def agency_ids(session: Session) -> dict[str, int]:
    """Agency code -> row id."""
    return {code: row_id for code, row_id in session.execute(select(Agency.code, Agency.id))}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as the admin's list shows them."""

    id: int
    email: str
    name: Text
    memberships: tuple[Membership, ...]
    agency_names: tuple[Text, ...]
    state: str  # active, invited, disabled
    is_demo: bool


def get_person(session: Session, user_id: int) -> PersonRow:
    """One person as the admin sees them. Raises `NotFound`."""
    found = list_people(session, user_id)
    if not found:
        raise NotFound()
    return found[0]


def list_people(session: Session, user_id: int | None = None) -> list[PersonRow]:
    """Everybody, or one person, with roles; two queries however many people there are."""
    one = [] if user_id is None else [User.id == user_id]
    members: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in session.execute(
        select(
            UserMembership.user_id,
            UserMembership.role,
            UserMembership.agency_id,
            UserMembership.body,
            Agency.name_th,
            Agency.name_en,
        )
        .join(User, User.id == UserMembership.user_id)
        .outerjoin(Agency, Agency.id == UserMembership.agency_id)
        .where(*one)
        .order_by(UserMembership.id)
    ):
        members.setdefault(row.user_id, []).append(row)
    people = []
    for user in session.execute(
        select(
            User.id,
            User.email,
            User.name_th,
            User.name_en,
            or_(User.password_hash.is_not(None), User.external_since.is_not(None)).label("has_come"),
            User.disabled_at,
            User.is_demo,
        )
        .where(*one)
        .order_by(User.email)
    ):
        rows = members.get(user.id, [])
        state = "disabled" if user.disabled_at else "active" if user.has_come else "invited"
        people.append(
            PersonRow(
                user.id,
                user.email,
                Text(user.name_th, user.name_en),
                _memberships(rows),
                tuple(Text(r.name_th, r.name_en) for r in rows if r.name_th),
                state,
                user.is_demo,
            )
        )
    return people


def list_reviewers(session: Session) -> list[tuple[int, Text, Body, frozenset[int]]]:
    """Active reviewers: (user id, name, body, every agency the person belongs to).

    A reviewer of a body belongs to the agency of the same code, whether or not somebody entered it. Who holds an office
    that clashes with reviewing is named, too: they are barred from every proposal, and the pages say why.
    """
    every = aliased(UserMembership)
    belongs: dict[int, set[int]] = {}
    people: dict[tuple[str, int], Text] = {}
    for r in session.execute(
        select(
            User.id,
            User.name_th,
            User.name_en,
            UserMembership.body,
            Agency.id.label("body_agency"),
            every.agency_id,
        )
        .join(UserMembership, UserMembership.user_id == User.id)
        .join(every, every.user_id == User.id)
        .outerjoin(Agency, Agency.code == UserMembership.body)
        .where(UserMembership.role == Role.REVIEWER.value, User.disabled_at.is_(None))
        .order_by(UserMembership.body, User.id)
    ):
        people[r.body, r.id] = Text(r.name_th, r.name_en)
        belongs.setdefault(r.id, set()).update({r.body_agency, r.agency_id} - {None})
    return [
        (user_id, name, Body(body), frozenset(belongs[user_id])) for (body, user_id), name in people.items()
    ]


def list_committee(session: Session) -> dict[int, Text]:
    """Active members of the committee, user id -> name, in the order of their names."""
    rows = session.execute(
        select(User.id, User.name_th, User.name_en)
        .join(UserMembership, UserMembership.user_id == User.id)
        .where(UserMembership.role == Role.COMMITTEE.value, User.disabled_at.is_(None))
        .order_by(User.name_th, User.id)
    )
    return {r.id: Text(r.name_th, r.name_en) for r in rows}


def list_clashing(session: Session) -> list[tuple[int, str]]:
    """Accounts whose roles break the separation of duties, made before it was asked for: (user id, e-mail)."""
    rows = session.execute(
        select(User.id, User.email, UserMembership.role)
        .join(UserMembership, UserMembership.user_id == User.id)
        .where(User.disabled_at.is_(None))
        .order_by(User.email)
    ).all()
    roles: dict[tuple[int, str], set[Role]] = {}
    for r in rows:
        roles.setdefault((r.id, r.email), set()).add(Role(r.role))
    return [person for person, held in roles.items() if roles_clash(held)]


def find_invitation(session: Session, token: str, now: datetime) -> User | None:
    """The person an open invitation is for, or None when unknown, used, lapsed or disabled."""
    user = session.scalars(select(User).where(User.invitation_sha256 == sha256_text(token))).first()
    if user is None or user.disabled_at or user.invited_until is None or user.invited_until < now:
        return None
    return user


def any_demo_people(session: Session) -> bool:
    """Whether people with the published demo password can still sign in."""
    found = select(User.id).where(User.is_demo, User.disabled_at.is_(None)).limit(1)
    return session.scalar(found) is not None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry of the audit log with the names of who acted and for which agency."""

    seq: int
    at: datetime
    actor: Text | None
    agency: Text | None
    action: str
    subject: str
    sha256: str


def list_audit(session: Session, *, before: int, subject: str, limit: int) -> list[AuditRow]:
    """Entries older than `before`, newest first; of one `subject` ("kind:id") when it is not empty."""
    statement = (
        select(
            AuditEntry.seq,
            AuditEntry.at,
            AuditEntry.action,
            AuditEntry.subject,
            AuditEntry.sha256,
            User.name_th,
            User.name_en,
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(Agency, Agency.id == AuditEntry.agency_id)
        .where(AuditEntry.seq < before)
        .order_by(AuditEntry.seq.desc())
        .limit(limit)
    )
    if subject:
        statement = statement.where(AuditEntry.subject == subject)
    return [
        AuditRow(
            r.seq,
            r.at,
            Text(r.name_th, r.name_en) if r.name_th else None,
            Text(r.agency_th, r.agency_en) if r.agency_th else None,
            r.action,
            r.subject,
            r.sha256,
        )
        for r in session.execute(statement)
    ]
