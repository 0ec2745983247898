"""What is done in identity. Each verb writes through the `Work` it is given and never commits."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import cache, lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import update

from app.identity.facts import Actor, Membership, Step
from app.identity.models import Agency, Ministry, SignInAttempt, SignInSession, User, UserMembership
from app.identity.queries import find_invitation, find_user_by_email
from app.identity.rules import (
    INVITATION_LIFE,
    ROLES_CLASH,
    Permission,
    is_email,
    password_problem,
    require,
    roles_clash,
)
from app.kernel.canonical import sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.thai_text import normalise, sort_key
from app.kernel.work import Work

_hasher = PasswordHasher()  # argon2id with the library's current parameters


@cache
def _decoy() -> str:
    """A hash nobody's password matches; verified for unknown people, so that timing says nothing."""
    return _hasher.hash(secrets.token_hex(16))


WRONG_PASSWORD = Text("รหัสผ่านปัจจุบันไม่ถูกต้อง", "The current password is not right")
NOT_AN_EMAIL = Text(
    "อีเมลไม่ถูกต้อง ตัวอย่างที่ถูก name@agency.go.th",
    "This is not an e-mail address; one looks like name@agency.go.th",
)
SESSION_OVER = Text("กรุณาเข้าสู่ระบบอีกครั้ง", "Please sign in again")
INVITATION_OVER = Text(
    "คำเชิญนี้ใช้ไม่ได้แล้ว กรุณาขอคำเชิญใหม่จากผู้ดูแลระบบ",
    "This invitation can no longer be used; ask the administrator for a new one",
)


def password_matches(user: User | None, password: str) -> bool:
    """Check a password in the same time whether or not the person exists."""
    try:
        _hasher.verify(user.password_hash if user and user.password_hash else _decoy(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return user is not None and user.password_hash is not None and user.disabled_at is None


def start_session(work: Work[Actor], user_id: int, *, waits_for: Step | None = None) -> str:
    """Begin a signed-in session; returns the token for the cookie. Only its hash is kept.

    One that `waits_for` a second factor is nobody's until `complete_session`.
    """
    token = secrets.token_urlsafe(32)
    work.session.add(
        SignInSession(
            token_sha256=sha256_text(token),
            user_id=user_id,
            started_at=work.now,
            seen_at=work.now,
            waits_for=waits_for.value if waits_for else None,
        )
    )
    work.audit("begin_sign_in" if waits_for else "sign_in", f"user:{user_id}")
    return token


def complete_session(work: Work[Actor], session_id: int, user_id: int) -> str:
    """The second factor was given: a whole session under a new token; the half one is over."""
    half = update(SignInSession).where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
    ended = work.session.execute(half.values(ended_at=work.now).returning(SignInSession.id)).all()
    if not ended:
        raise Refused(SESSION_OVER)
    return start_session(work, user_id)


def note_failed_sign_in(work: Work[Actor], email: str, address: str) -> None:
    """Keep a failed attempt for the throttle."""
    work.session.add(SignInAttempt(email=email[:254], address=address[:45], at=work.now))
    work.audit("fail_sign_in", "user:unknown", detail={"email": email[:254], "address": address[:45]})


def touch_session(work: Work[Actor], session_id: int) -> None:
    """The session is in use."""
    work.session.execute(update(SignInSession).where(SignInSession.id == session_id).values(seen_at=work.now))


def end_session(work: Work[Actor], session_id: int) -> None:
    """Sign out: the session is over on the server, whatever copies of the cookie exist."""
    work.session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(ended_at=work.now)
    )
    work.audit("sign_out", f"user:{work.actor.id}")


def note_account_change(work: Work[Actor], user_id: int, change: str, **detail: str) -> None:
    """Audit a change of how somebody signs in, and promise them an e-mail about it."""
    work.audit(change, f"user:{user_id}", detail=detail)
    told = {"event": "account_changed", "user": user_id, "change": change, "at": work.now.isoformat()}
    work.promise("notify", told)


def end_all_sessions(work: Work[Actor], user_id: int, *, but: int | None = None) -> None:
    """Sign a person out of every browser, or of every other one."""
    statement = update(SignInSession).where(
        SignInSession.user_id == user_id, SignInSession.ended_at.is_(None)
    )
    if but is not None:
        statement = statement.where(SignInSession.id != but)
    work.session.execute(statement.values(ended_at=work.now))


def change_password(work: Work[Actor], current: str, new: str, *, session_id: int) -> None:
    """Change one's own password; every other session of the person ends. Raises `Refused`."""
    require(work.actor, Permission.USE_ACCOUNT)
    user = work.session.get_one(User, work.actor.id)
    problems = []
    if not password_matches(user, current):
        problems.append(Problem("current", WRONG_PASSWORD))
    if (why := password_problem(new, user.email)) is not None:
        problems.append(Problem("new", why))
    if problems:
        raise Refused(Text("ยังเปลี่ยนรหัสผ่านไม่ได้", "The password was not changed"), problems)
    user.password_hash = _hasher.hash(new)
    end_all_sessions(work, user.id, but=session_id)
    work.audit("change_password", f"user:{user.id}")


def choose_language(work: Work[Actor], language: str) -> None:
    """Remember the person's language ("th" or "en") for the next sign-in."""
    work.session.execute(update(User).where(User.id == work.actor.id).values(language=language))


def renew_calendar(work: Work[Actor]) -> None:
    """Give one's calendar feed a new address; the earlier one is answered no more."""
    require(work.actor, Permission.USE_ACCOUNT)
    user = work.session.get_one(User, work.actor.id, with_for_update=True)
    user.calendar_number += 1
    work.audit("renew_calendar", f"user:{user.id}")


def invite_person(
    work: Work[Actor], email: str, name: Text, memberships: Iterable[Membership]
) -> tuple[int, str]:
    """Invite somebody; returns (user id, token of the invitation link). Raises `Refused` with all problems."""
    require(work.actor, Permission.MANAGE_PEOPLE)
    email = normalise(email).lower()
    problems = []
    if not is_email(email):
        problems.append(Problem("email", NOT_AN_EMAIL))
    elif find_user_by_email(work.session, email) is not None:
        problems.append(Problem("email", Text("มีผู้ใช้อีเมลนี้แล้ว", "Somebody already has this e-mail address")))
    if not name.th:
        problems.append(Problem("name_th", Text("กรุณากรอกชื่อภาษาไทย", "Enter the name in Thai")))
    roles = tuple(memberships)
    if not roles:
        problems.append(Problem("role", Text("กรุณาเลือกบทบาท", "Choose a role")))
    elif roles_clash(m.role for m in roles):
        problems.append(Problem("role", ROLES_CLASH))
    if problems:
        raise Refused(Text("ยังเชิญไม่ได้", "The invitation was not made"), problems)
    user = User(email=email, name_th=name.th, name_en=name.en or name.th, created_at=work.now)
    token = _open_invitation(work, user)
    work.session.add(user)
    work.session.flush()
    for m in roles:
        work.session.add(
            UserMembership(
                user_id=user.id,
                role=m.role.value,
                agency_id=m.agency_id,
                body=m.body.value if m.body else None,
            )
        )
    work.audit(
        "invite_person",
        f"user:{user.id}",
        detail={"roles": [m.role.value for m in roles]},
    )
    return user.id, token


def _open_invitation(work: Work[Actor], user: User) -> str:
    token = secrets.token_urlsafe(32)
    user.invitation_sha256 = sha256_text(token)
    user.invited_until = work.now + INVITATION_LIFE
    return token


def renew_invitation(work: Work[Actor], user_id: int) -> str:
    """A fresh invitation link for somebody who has not come in yet, or lost the password."""
    require(work.actor, Permission.MANAGE_PEOPLE)
    user = _get_user(work, user_id)
    if user.disabled_at is not None:
        raise Refused(Text("ผู้ใช้นี้ถูกระงับอยู่", "This person is disabled"))
    token = _open_invitation(work, user)
    work.audit("renew_invitation", f"user:{user.id}")
    return token


def accept_invitation(work: Work[Actor], token: str, password: str) -> int:
    """Set the first password by invitation; returns the user id. Raises `Refused`."""
    user = find_invitation(work.session, token, work.now)
    if user is None:
        raise Refused(INVITATION_OVER)
    if (why := password_problem(password, user.email)) is not None:
        raise Refused(Text("ยังตั้งรหัสผ่านไม่ได้", "The password was not set"), [Problem("password", why)])
    user.password_hash = _hasher.hash(password)
    user.invitation_sha256 = user.invited_until = None
    end_all_sessions(work, user.id)
    work.audit("accept_invitation", f"user:{user.id}")
    return user.id


def disable_person(work: Work[Actor], user_id: int) -> None:
    """Shut somebody out at once; their record stays. Nobody can disable themselves."""
    require(work.actor, Permission.MANAGE_PEOPLE)
    if user_id == work.actor.id:
        raise Refused(Text("ระงับบัญชีของตนเองไม่ได้", "You cannot disable your own account"))
    user = _get_user(work, user_id)
    if user.disabled_at is None:
        user.disabled_at = work.now
        end_all_sessions(work, user.id)
        work.audit("disable_person", f"user:{user.id}")


def enable_person(work: Work[Actor], user_id: int) -> None:
    """Let somebody in again."""
    require(work.actor, Permission.MANAGE_PEOPLE)
    user = _get_user(work, user_id)
    if user.disabled_at is not None:
        if user.password_hash is None and user.invitation_sha256 is None and user.external_since is None:
            _open_invitation(work, user)
        user.disabled_at = None
        work.audit("enable_person", f"user:{user.id}")


def _get_user(work: Work[Actor], user_id: int) -> User:
    user = work.session.get(User, user_id)
    if user is None:
        raise NotFound()
    return user


def add_ministry(work: Work[Actor], code: str, name: Text) -> Ministry:
    """Register a ministry."""
    require(work.actor, Permission.MANAGE_PEOPLE)
    ministry = Ministry(code=code, name_th=name.th, name_en=name.en, sort_key=sort_key(name.th))
    work.session.add(ministry)
    work.session.flush()
    work.audit("add_ministry", f"ministry:{ministry.id}")
    return ministry


def add_agency(work: Work[Actor], code: str, name: Text, ministry_id: int) -> Agency:
    """Register an agency under a ministry."""
    require(work.actor, Permission.MANAGE_PEOPLE)
    agency = Agency(
        code=code,
        name_th=name.th,
        name_en=name.en,
        ministry_id=ministry_id,
        sort_key=sort_key(name.th),
    )
    work.session.add(agency)
    work.session.flush()
    work.audit("add_agency", f"agency:{agency.id}", agency_id=agency.id)
    return agency


@lru_cache(maxsize=4)
def _published_hash(password: str) -> str:
    """One hash for all demo people: their password is published anyway, and hashing is slow on purpose."""
    return _hasher.hash(password)


def add_demo_person(
    work: Work[Actor], email: str, name: Text, password: str, memberships: Iterable[Membership]
) -> int:
    """A person of the demo with a published password; `doctor` refuses them outside the demo."""
    require(work.actor, Permission.MANAGE_PEOPLE)
    user = User(
        email=email,
        name_th=name.th,
        name_en=name.en,
        password_hash=_published_hash(password),
        created_at=work.now,
        is_demo=True,
    )
    work.session.add(user)
    work.session.flush()
    for m in memberships:
        work.session.add(
            UserMembership(
                user_id=user.id,
                role=m.role.value,
                agency_id=m.agency_id,
                body=m.body.value if m.body else None,
            )
        )
    work.audit("add_demo_person", f"user:{user.id}")
    return user.id
