"""Tokens of the machine door: made, shown once, counted, revoked; and the answers kept for a request sent twice."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update

from app.identity.facts import AGENCY_ROLES, Actor, Role
from app.identity.models import ApiToken, KeptAnswer, TokenWindow
from app.identity.rules import Permission, require
from app.identity.scopes import LONGEST_LIFE, MOST_TOKENS, TokenScope, scopes_offered, window_of
from app.kernel.canonical import sha256_text
from app.kernel.db import insert_into, table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import Work

PREFIX = "dgi_"
KEEP_ANSWERS = timedelta(days=7)
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_MARK = 8

NOT_MADE = Text("ยังออกโทเคนไม่ได้", "The token was not made")
NAME_NEEDED = Text(
    "กรุณาตั้งชื่อโทเคนไม่เกิน 100 ตัวอักษร เช่น ชื่อระบบที่จะใช้",
    "Name the token, in at most 100 letters: the system using it",
)
SCOPE_NEEDED = Text("กรุณาเลือกสิทธิอย่างน้อยหนึ่งข้อ", "Choose at least one thing it may do")
NOT_YOURS = Text(
    "ท่านไม่มีสิทธิ์นี้ จึงให้แก่โทเคนไม่ได้", "You do not have this right yourself, so the token cannot have it"
)
LIFE_WRONG = Text("อายุโทเคนต้องอยู่ระหว่าง 1 ถึง 365 วัน", "A token lives from 1 to 365 days")
TOO_MANY = Text(
    "หน่วยงานมีโทเคนที่ใช้ได้ครบ {most} รายการแล้ว กรุณายกเลิกรายการที่ไม่ใช้",
    "There are {most} tokens already; revoke some",
).fill(most=MOST_TOKENS)


def require_side(actor: Actor, agency_id: int | None) -> None:
    """Whoever connects systems does it for an agency of their own, or (None) for the joint secretariat they belong to.
    Raises `Forbidden` or `NotFound`."""
    require(actor, Permission.CONNECT_SYSTEMS)
    if agency_id is None:
        if Role.SECRETARIAT not in actor.roles:
            raise NotFound()
    elif agency_id not in actor.agency_ids:
        raise NotFound()


def roles_at(actor: Actor, agency_id: int | None) -> frozenset[Role]:
    """The actor's roles at an agency, or (None) in the joint secretariat."""
    if agency_id is None:
        return actor.roles & {Role.SECRETARIAT}
    return frozenset(m.role for m in actor.memberships if m.agency_id == agency_id) & AGENCY_ROLES


def issue_token(
    work: Work[Actor], agency_id: int | None, name: str, scopes: Collection[str], days: int
) -> tuple[ApiToken, str]:
    """A new token in the actor's own name; returns it with what its system must show, which is told this once.

    Raises `Refused` with every problem, `NotFound` for an agency that is not the actor's.
    """
    require_side(work.actor, agency_id)
    problems = []
    try:
        name = " ".join(normalise(name).split())
    except TextError as error:
        problems.append(Problem("name", error.text))
    else:
        if not 1 <= len(name) <= 100:
            problems.append(Problem("name", NAME_NEEDED))
    offered = scopes_offered(roles_at(work.actor, agency_id))
    wanted = [scope for scope in TokenScope if scope in set(scopes)]
    if not scopes:
        problems.append(Problem("scopes", SCOPE_NEEDED))
    elif set(scopes) - set(offered):
        problems.append(Problem("scopes", NOT_YOURS))
    if not 1 <= days <= LONGEST_LIFE:
        problems.append(Problem("days", LIFE_WRONG))
    alive = select(func.count()).where(
        ApiToken.agency_id.is_(None) if agency_id is None else ApiToken.agency_id == agency_id,
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > work.now,
    )
    if (work.session.scalar(alive) or 0) >= MOST_TOKENS:
        problems.append(Problem("name", TOO_MANY))
    if problems or work.actor.id is None:
        raise Refused(NOT_MADE, problems)
    mark = "".join(secrets.choice(_LETTERS) for _ in range(_MARK))
    shown = f"{PREFIX}{mark}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        mark=mark,
        secret_sha256=sha256_text(shown),
        user_id=work.actor.id,
        agency_id=agency_id,
        name=name,
        scopes=" ".join(wanted),
        created_at=work.now,
        expires_at=work.now + timedelta(days=days),
    )
    work.session.add(token)
    work.session.flush()
    work.audit(
        "issue_token",
        f"token:{token.id}",
        agency_id=agency_id,
        detail={"mark": mark, "scopes": [scope.value for scope in wanted], "days": days},
    )
    return token, shown


def revoke_token(work: Work[Actor], token_id: int) -> None:
    """End a token at once, whoever of its agency made it. Raises `NotFound`."""
    require(work.actor, Permission.CONNECT_SYSTEMS)
    token = work.session.get(ApiToken, token_id, with_for_update=True)
    if token is None:
        raise NotFound()
    require_side(work.actor, token.agency_id)
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by = work.now, work.actor.id
        work.audit(
            "revoke_token", f"token:{token.id}", agency_id=token.agency_id, detail={"mark": token.mark}
        )


def count_request(work: Work[Actor], token_id: int, *, note_use: bool) -> int:
    """One more request of a token in the window of `work.now`; returns how many there were in it, this one included.
    Every host counts in the same row. With `note_use` the token's last use is noted, too."""
    number, _ = window_of(work.now)
    row = insert_into(work.session, TokenWindow).values(token_id=token_id, number=number, count=1)
    window = table_of(TokenWindow).c
    begins = (
        row.excluded.number > window.number
    )  # a clock that went back a little counts on in the later window
    counted = work.session.scalars(
        row.on_conflict_do_update(
            index_elements=["token_id"],
            set_={
                "number": case((begins, row.excluded.number), else_=window.number),
                "count": case((begins, 1), else_=window["count"] + 1),
            },
        ).returning(window["count"])
    ).one()
    if note_use:
        work.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=work.now))
    return int(counted)


def drop_old_answers(work: Work[Actor], before: datetime) -> None:
    """Answers kept for longer than anybody sends a request again."""
    work.session.execute(delete(KeptAnswer).where(KeptAnswer.at < before))
