"""Who people are at providers: visits there and back, identities linked to accounts, sign-in through one.

An identity is an issuer and a subject. It opens an account only after somebody who could already open that account put
the two together: signed in, or with an open invitation in hand. Roles and agencies come from the invitation alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.identity.actions import INVITATION_OVER, end_all_sessions, note_account_change
from app.identity.facts import Actor
from app.identity.models import ExternalIdentity, ProviderVisit, User
from app.identity.rules import VISIT_LIFE, Permission, require
from app.kernel.canonical import sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work

_KEPT = timedelta(days=1)  # visits, so that one that comes back twice is told from one that never left

UNKNOWN = Text(
    "บัญชีภายนอกนี้ยังไม่ได้เชื่อมกับบัญชีใดในระบบนี้", "This outside account is not linked to any account here yet"
)
DISABLED = Text(
    "บัญชีของท่านในระบบนี้ถูกระงับ กรุณาติดต่อผู้ดูแลระบบ", "Your account here is disabled; please ask the administrator"
)
OPENS_ANOTHER = Text(
    "บัญชีภายนอกนี้เชื่อมกับบัญชีอื่นในระบบนี้อยู่แล้ว บัญชีภายนอกหนึ่งบัญชีใช้ได้กับบัญชีเดียว",
    "This outside account opens another account here already; each opens one only",
)
LAST_WAY_IN = Text(
    "ยังยกเลิกไม่ได้ เพราะเป็นทางเข้าสู่ระบบทางเดียวของท่าน กรุณาขอลิงก์ตั้งรหัสผ่านจากผู้ดูแลระบบก่อน",
    "This is your only way in. Ask the administrator for a link to set a password first.",
)


class Purpose(StrEnum):
    """Why a browser was sent to a provider."""

    SIGN_IN = "sign_in"
    LINK = "link"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that came back: `user_id` None for a sign-in."""

    purpose: Purpose
    user_id: int | None
    invitation_sha256: str | None
    onward: str


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """One identity of a person, as their account shows it."""

    id: int
    issuer: str
    subject: str
    linked_at: datetime
    used_at: datetime | None


def list_identities(session: Session, user_id: int) -> list[LinkedIdentity]:
    """A person's outside identities, oldest first."""
    rows = session.scalars(
        select(ExternalIdentity).where(ExternalIdentity.user_id == user_id).order_by(ExternalIdentity.id)
    )
    return [LinkedIdentity(r.id, r.issuer, r.subject, r.linked_at, r.used_at) for r in rows]


def has_password(session: Session, user_id: int) -> bool:
    """Whether a person can sign in with a password."""
    return session.scalar(select(User.password_hash).where(User.id == user_id)) is not None


def begin_visit(
    work: Work[Actor],
    provider: str,
    purpose: Purpose,
    onward: str,
    *,
    user_id: int | None = None,
    invitation_sha256: str | None = None,
) -> str:
    """Note that a browser leaves for a provider; returns the state it must bring back."""
    work.session.execute(delete(ProviderVisit).where(ProviderVisit.began_at < work.now - _KEPT))
    state = secrets.token_urlsafe(32)
    work.session.add(
        ProviderVisit(
            state_sha256=sha256_text(state),
            provider=provider,
            purpose=purpose.value,
            user_id=user_id,
            invitation_sha256=invitation_sha256,
            onward=onward,
            began_at=work.now,
        )
    )
    return state


def end_visit(work: Work[Actor], provider: str, state: str) -> Visit | None:
    """The visit of this state, which is over with this; None when there is none, it was over before, or it took too long."""
    row = work.session.execute(
        update(ProviderVisit)
        .where(
            ProviderVisit.state_sha256 == sha256_text(state),
            ProviderVisit.provider == provider,
            ProviderVisit.back_at.is_(None),
            ProviderVisit.began_at >= work.now - VISIT_LIFE,
        )
        .values(back_at=work.now)
        .returning(
            ProviderVisit.purpose,
            ProviderVisit.user_id,
            ProviderVisit.invitation_sha256,
            ProviderVisit.onward,
        )
    ).first()
    return Visit(Purpose(row.purpose), row.user_id, row.invitation_sha256, row.onward) if row else None


def enter_from_outside(work: Work[Actor], issuer: str, subject: str, provider: str) -> int:
    """Whose account this identity opens. Raises `Refused`: nobody's, or of a disabled person."""
    identity = _find(work.session, issuer, subject)
    if identity is None:
        raise Refused(UNKNOWN)
    if work.session.get_one(User, identity.user_id).disabled_at is not None:
        raise Refused(DISABLED)
    identity.used_at = work.now
    work.audit("sign_in_outside", f"user:{identity.user_id}", detail={"provider": provider})
    return identity.user_id


def _find(session: Session, issuer: str, subject: str) -> ExternalIdentity | None:
    return session.scalars(
        select(ExternalIdentity).where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject)
    ).first()


def link_identity(work: Work[Actor], issuer: str, subject: str, provider: str) -> None:
    """Let an identity open one's own account from now on; linking it again changes nothing."""
    require(work.actor, Permission.USE_ACCOUNT)
    assert work.actor.id is not None
    _link(work, _locked(work, work.actor.id), issuer, subject, provider)


def _link(work: Work[Actor], user: User, issuer: str, subject: str, provider: str) -> None:
    found = _find(work.session, issuer, subject)
    if found is not None and found.user_id != user.id:
        raise Refused(OPENS_ANOTHER)
    if user.disabled_at is not None:
        raise Refused(DISABLED)
    if found is None:
        work.session.add(
            ExternalIdentity(user_id=user.id, issuer=issuer, subject=subject, linked_at=work.now)
        )
        user.external_since = user.external_since or work.now
        note_account_change(work, user.id, "link_identity", provider=provider)


def _locked(work: Work[Actor], user_id: int) -> User:
    """The person's row, held: whether a way in is the last one is asked by one request at a time."""
    return work.session.get_one(User, user_id, with_for_update=True, populate_existing=True)


def accept_from_outside(
    work: Work[Actor], user_id: int, invitation_sha256: str, issuer: str, subject: str, provider: str
) -> int:
    """Accept an invitation, which must still be open, by linking an identity to its account; returns the user id."""
    user = _locked(work, user_id)
    if user.invitation_sha256 != invitation_sha256 or user.disabled_at is not None:
        raise Refused(INVITATION_OVER)
    if user.invited_until is None or user.invited_until < work.now:
        raise Refused(INVITATION_OVER)
    _link(work, user, issuer, subject, provider)
    user.invitation_sha256 = user.invited_until = None
    end_all_sessions(work, user.id)
    work.audit("accept_invitation", f"user:{user.id}", detail={"provider": provider})
    return user.id


def unlink_identity(work: Work[Actor], identity_id: int, offered: Collection[str]) -> None:
    """Let an identity open one's own account no more. Raises `Refused` when no way in would remain: no password, and no
    other identity of an issuer that is `offered`."""
    require(work.actor, Permission.USE_ACCOUNT)
    assert work.actor.id is not None
    user = _locked(work, work.actor.id)
    identity = work.session.get(ExternalIdentity, identity_id)
    if identity is None or identity.user_id != user.id:
        raise NotFound()
    others = [other for other in list_identities(work.session, user.id) if other.id != identity_id]
    if user.password_hash is None and not any(other.issuer in offered for other in others):
        raise Refused(LAST_WAY_IN)
    work.session.delete(identity)
    if not others:
        user.external_since = None
    note_account_change(work, user.id, "unlink_identity")
