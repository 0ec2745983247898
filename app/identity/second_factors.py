"""The second factor: set up, asked for, renewed, taken away. Each verb writes through its `Work` and never commits.

The secret is sealed in the database, a code is taken once, and wrong ones are counted with wrong passwords, under the
lock of the person's row: guesses sent at the same time are counted one after the other.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.identity.actions import SESSION_OVER, end_all_sessions, note_account_change
from app.identity.codes import (
    RECOVERY_CODES,
    is_recovery_code,
    matching_step,
    new_recovery_code,
    new_secret,
    read_code,
    show_recovery_code,
)
from app.identity.facts import Actor
from app.identity.models import RecoveryCode, SecondFactor, SignInAttempt, User
from app.identity.queries import count_failures
from app.identity.rules import PENDING_FACTOR_LIFE, Permission, require, sign_in_is_throttled
from app.identity.sealing import seal, unseal
from app.kernel.canonical import sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.lean import dataclass
from app.kernel.work import Work


class Verdict(StrEnum):
    """What became of a code somebody typed."""

    TAKEN = "taken"
    WRONG = "wrong"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class FactorState:
    """A person's second factor as their account shows it. `set_up_at` None: there is none."""

    set_up_at: datetime | None = None
    codes_left: int = 0


def has_second_factor(session: Session, user_id: int) -> bool:
    """Whether a code is asked of this person."""
    found = select(SecondFactor.user_id).where(
        SecondFactor.user_id == user_id, SecondFactor.secret.is_not(None)
    )
    return session.scalar(found) is not None


def get_factor_state(session: Session, user_id: int) -> FactorState:
    """Since when, and how many recovery codes are left; one query."""
    left = (
        select(func.count(RecoveryCode.id))
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    row = session.execute(
        select(SecondFactor.confirmed_at, left.label("left")).where(SecondFactor.user_id == user_id)
    ).first()
    return FactorState(row.confirmed_at, row.left) if row is not None else FactorState()


def find_pending(session: Session, user_id: int, secret_key: str, now: datetime) -> str | None:
    """The secret this person is setting up, or None: not begun, begun too long ago, or sealed under another key."""
    row = session.get(SecondFactor, user_id)
    return _open_pending(row, secret_key, now) if row is not None else None


def _open_pending(row: SecondFactor, secret_key: str, now: datetime) -> str | None:
    if row.pending is None or row.pending_at is None or now - row.pending_at > PENDING_FACTOR_LIFE:
        return None
    return unseal(secret_key, _place(row.user_id), row.pending)


def any_sealed_otherwise(session: Session, secret_key: str) -> bool:
    """Whether second factors were sealed under another SECRET_KEY and so open for nobody; one of them tells."""
    row = session.execute(
        select(SecondFactor.user_id, SecondFactor.secret)
        .where(SecondFactor.secret.is_not(None))
        .order_by(SecondFactor.confirmed_at)
        .limit(1)
    ).first()
    return row is not None and unseal(secret_key, _place(row.user_id), row.secret) is None


def _place(user_id: int) -> str:
    return f"second-factor:{user_id}"


def _locked(work: Work[Actor], user_id: int) -> SecondFactor | None:
    return work.session.get(SecondFactor, user_id, with_for_update=True, populate_existing=True)


def begin_set_up(work: Work[Actor], user_id: int, secret_key: str, *, replaces: bool) -> None:
    """Make a new secret to be confirmed; one in use stays until then, and is only replaced by whoever has shown it:
    raises `Refused` when there is one and this does not `replaces` it."""
    row = _locked(work, user_id)
    if row is not None and row.secret is not None and not replaces:
        raise Refused(SESSION_OVER)
    if row is None:
        row = SecondFactor(user_id=user_id, last_step=0)
        work.session.add(row)
    row.pending, row.pending_at = seal(secret_key, _place(user_id), new_secret()), work.now


def confirm_set_up(
    work: Work[Actor], user_id: int, typed: str, secret_key: str, *, session_id: int, replaces: bool
) -> list[str] | None:
    """Put the secret that was begun to use, when the code is one of its codes; returns the ten new recovery codes, to be
    shown once. None: the code is not right, or setting up was not begun. Other browsers of the person are signed out."""
    row = _locked(work, user_id)
    secret = _open_pending(row, secret_key, work.now) if row is not None else None
    if row is None or secret is None or (row.secret is not None and not replaces):
        return None
    step = matching_step(secret, read_code(typed), work.now, after=0)
    if step is None:
        return None
    row.secret, row.confirmed_at, row.last_step = row.pending, work.now, step
    row.pending = row.pending_at = None
    end_all_sessions(work, user_id, but=session_id)
    note_account_change(work, user_id, "set_up_second_factor")
    return _new_codes(work, user_id)


def _new_codes(work: Work[Actor], user_id: int) -> list[str]:
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    work.session.add_all(RecoveryCode(user_id=user_id, code_sha256=_hash(user_id, c)) for c in codes)
    return [show_recovery_code(code) for code in codes]


def _hash(user_id: int, code: str) -> str:
    return sha256_text(f"recovery:{user_id}:{code}")


def try_code(work: Work[Actor], user_id: int, typed: str, secret_key: str, address: str) -> Verdict:
    """Take a one-time code or a recovery code, once. A wrong one is counted; nothing is raised, so that it stays counted."""
    row = _locked(work, user_id)
    user = work.session.get_one(User, user_id)
    if sign_in_is_throttled(*count_failures(work.session, user.email, address, work.now)):
        return Verdict.TOO_MANY
    code = read_code(typed)
    if row is not None and row.secret is not None and user.disabled_at is None:
        secret = unseal(secret_key, _place(user_id), row.secret)
        step = matching_step(secret, code, work.now, after=row.last_step) if secret else None
        if step is not None:
            row.last_step = step
            return Verdict.TAKEN
        if is_recovery_code(code) and _use_recovery_code(work, user_id, code):
            return Verdict.TAKEN
    work.session.add(SignInAttempt(email=user.email, address=address[:45], at=work.now))
    work.audit("fail_second_step", f"user:{user_id}", detail={"address": address[:45]})
    return Verdict.WRONG


def _use_recovery_code(work: Work[Actor], user_id: int, code: str) -> bool:
    found = work.session.scalars(
        select(RecoveryCode).where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_sha256 == _hash(user_id, code),
            RecoveryCode.used_at.is_(None),
        )
    ).first()
    if found is None:
        return False
    found.used_at = work.now
    note_account_change(work, user_id, "use_recovery_code")
    return True


def renew_recovery_codes(work: Work[Actor]) -> list[str]:
    """Ten new recovery codes for oneself; the earlier ones are good no more. The shell has taken a code before."""
    require(work.actor, Permission.USE_ACCOUNT)
    assert work.actor.id is not None
    note_account_change(work, work.actor.id, "renew_recovery_codes")
    return _new_codes(work, work.actor.id)


def remove_second_factor(work: Work[Actor]) -> None:
    """Sign in with the password alone again. The shell has taken a code, and asked whether the roles allow it."""
    require(work.actor, Permission.USE_ACCOUNT)
    assert work.actor.id is not None
    _remove(work, work.actor.id)
    note_account_change(work, work.actor.id, "remove_second_factor")


def reset_second_factor(work: Work[Actor], user_id: int) -> None:
    """Take away the second factor of somebody who lost it: every browser of theirs is signed out, and people of staff
    roles set up a new one at the next sign-in. Raises `NotFound` for an unknown person."""
    require(work.actor, Permission.MANAGE_PEOPLE)
    if work.session.get(User, user_id) is None:
        raise NotFound()
    _remove(work, user_id)
    end_all_sessions(work, user_id)
    note_account_change(work, user_id, "reset_second_factor")


def _remove(work: Work[Actor], user_id: int) -> None:
    work.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    work.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
