"""What is asked of tokens: who stands behind one that is shown, and which an agency has."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from app.identity.facts import AGENCY_ROLES, Actor, Body, Membership, Role
from app.identity.models import Agency, ApiToken, User, UserMembership
from app.identity.rules import Permission, require
from app.identity.scopes import TokenScope, TokenState
from app.identity.tokens import PREFIX
from app.kernel.canonical import sha256_text
from app.kernel.db import table_of
from app.kernel.lean import dataclass
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Bearer:
    """The system that shows a token, and the person it acts for. `actor` has the memberships the token stands for and
    no others; `agency_code` is "" for the joint secretariat."""

    token_id: int
    mark: str
    name: str
    actor: Actor
    scopes: frozenset[TokenScope]
    agency_id: int | None
    agency_code: str
    expires_at: datetime
    used_at: datetime | None


@cache
def _shown() -> Select[*tuple[Any, ...]]:
    tokens, users, memberships, agencies = map(table_of, (ApiToken, User, UserMembership, Agency))
    return (
        select(
            tokens,
            users.c.name_th,
            users.c.name_en,
            memberships.c.role,
            memberships.c.agency_id.label("member_of"),
            memberships.c.body,
            agencies.c.code,
        )
        .join_from(tokens, users, users.c.id == tokens.c.user_id)
        .join(memberships, memberships.c.user_id == users.c.id)
        .outerjoin(agencies, agencies.c.id == tokens.c.agency_id)
        .where(
            tokens.c.mark == bindparam("mark"),
            tokens.c.revoked_at.is_(None),
            users.c.disabled_at.is_(None),
        )
        .order_by(memberships.c.id)
    )


def find_bearer(session: Session, shown: str, now: datetime) -> Bearer | None:
    """Who shows this token; None when it is unknown, over or revoked, and when its maker was disabled or is no longer
    of its agency."""
    if len(shown) > 100 or not shown.startswith(PREFIX) or not shown.isascii():
        return None
    mark = shown.removeprefix(PREFIX).partition("_")[0]
    rows = session.execute(_shown(), {"mark": mark}).all()
    if not rows or not hmac.compare_digest(rows[0].secret_sha256, sha256_text(shown)):
        return None
    token = rows[0]
    if token.expires_at <= now:
        return None
    held = tuple(
        Membership(Role(r.role), r.member_of, Body(r.body) if r.body else None)
        for r in rows
        if _stands_for(r.role, r.member_of, token.agency_id)
    )
    if not held:
        return None
    return Bearer(
        token_id=token.id,
        mark=token.mark,
        name=token.name,
        actor=Actor(token.user_id, Text(token.name_th, token.name_en), held),
        scopes=_scopes(token.scopes),
        agency_id=token.agency_id,
        agency_code=token.code or "",
        expires_at=token.expires_at,
        used_at=token.used_at,
    )


def _stands_for(role: str, member_of: int | None, agency_id: int | None) -> bool:
    if agency_id is None:
        return role == Role.SECRETARIAT
    return role in AGENCY_ROLES and member_of == agency_id


def _scopes(kept: str) -> frozenset[TokenScope]:
    """Scopes this version knows; one that was dropped opens nothing any more."""
    known = {scope.value for scope in TokenScope}
    return frozenset(TokenScope(scope) for scope in kept.split() if scope in known)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its own people see it; the secret is nowhere. `agency` None is the joint secretariat."""

    id: int
    mark: str
    name: str
    agency: Text | None
    maker: Text
    scopes: tuple[TokenScope, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    state: TokenState


def list_tokens(session: Session, actor: Actor, now: datetime) -> list[TokenRow]:
    """Every token of the actor's agencies and bodies, the latest first; two queries for any number."""
    require(actor, Permission.CONNECT_SYSTEMS)
    of = [ApiToken.agency_id.in_(actor.agency_ids)]
    if Role.SECRETARIAT in actor.roles:
        of.append(ApiToken.agency_id.is_(None))
    rows = session.execute(
        select(
            ApiToken,
            User.name_th,
            User.name_en,
            User.disabled_at,
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
        )
        .join(User, User.id == ApiToken.user_id)
        .outerjoin(Agency, Agency.id == ApiToken.agency_id)
        .where(or_(*of))
        .order_by(ApiToken.id.desc())
        .limit(500)
    ).all()
    members = _members(session, {r.ApiToken.user_id for r in rows})
    found = []
    for r in rows:
        token: ApiToken = r.ApiToken
        belongs = any(_stands_for(role, at, token.agency_id) for role, at in members.get(token.user_id, ()))
        state = TokenState.ALIVE
        if token.revoked_at is not None:
            state = TokenState.REVOKED
        elif token.expires_at <= now:
            state = TokenState.EXPIRED
        elif r.disabled_at is not None or not belongs:
            state = TokenState.ORPHANED
        found.append(
            TokenRow(
                token.id,
                token.mark,
                token.name,
                Text(r.agency_th, r.agency_en) if r.agency_th else None,
                Text(r.name_th, r.name_en),
                tuple(scope for scope in TokenScope if scope in _scopes(token.scopes)),
                token.created_at,
                token.expires_at,
                token.used_at,
                state,
            )
        )
    return found


def _members(session: Session, user_ids: Collection[int]) -> dict[int, list[tuple[str, int | None]]]:
    found: dict[int, list[tuple[str, int | None]]] = {}
    for user_id, role, agency_id in session.execute(
        select(UserMembership.user_id, UserMembership.role, UserMembership.agency_id).where(
            UserMembership.user_id.in_(user_ids)
        )
    ):
        found.setdefault(user_id, []).append((role, agency_id))
    return found


def list_sides(session: Session, actor: Actor) -> list[tuple[int | None, Text]]:
    """For whom the actor may connect systems: each own agency in Thai order, and None for the joint secretariat."""
    sides: list[tuple[int | None, Text]] = [
        (r.id, Text(r.name_th, r.name_en))
        for r in session.execute(
            select(Agency.id, Agency.name_th, Agency.name_en)
            .where(Agency.id.in_(actor.agency_ids))
            .order_by(Agency.sort_key)
        )
    ]
    if Role.SECRETARIAT in actor.roles:
        sides.append((None, Text("ฝ่ายเลขานุการร่วม", "The joint secretariat")))
    return sides
