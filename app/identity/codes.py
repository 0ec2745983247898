"""Codes of the second factor: one-time codes after RFC 6238 (six digits, thirty seconds, SHA-1), and recovery codes."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime

ISSUER = "DGI-Budget"
STEP_SECONDS = 30
DRIFT = 1  # steps a clock may be early or late
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are read as others
_RECOVERY_LENGTH = 16  # of 31 letters: 79 bits, so that a plain hash keeps it
_GROUP = 4


def new_secret() -> str:
    """160 random bits in base32, as authenticators take them."""
    import pyotp  # imported late: only signing in needs it

    return pyotp.random_base32(32)


def enrolment_address(secret: str, email: str) -> str:
    """The `otpauth:` address that a QR code hands to an authenticator."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def in_groups(text: str) -> str:
    """A long code as it is read out: groups of four."""
    return " ".join(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))


def read_code(typed: str) -> str:
    """What was typed as a code: digits of any script as 0-9, letters small, without spaces and dashes; may be ""."""
    if len(typed) > 100:
        return ""
    letters = []
    for letter in unicodedata.normalize("NFKC", typed):
        value = unicodedata.decimal(letter, None)
        if value is not None:
            letters.append(str(value))
        elif letter.isascii() and letter.isalpha():
            letters.append(letter.lower())
        elif not (letter.isspace() or unicodedata.category(letter) in ("Pd", "Cf")):
            return ""
    return "".join(letters)


def step_of(moment: datetime) -> int:
    """The number of the thirty seconds a moment lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The step whose code this is, within `DRIFT` of now and later than `after`; None when there is none."""
    import pyotp

    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    here, generator = step_of(now), pyotp.TOTP(secret)
    for step in range(here - DRIFT, here + DRIFT + 1):
        if step > after and secrets.compare_digest(generator.generate_otp(step), code):
            return step
    return None


def new_recovery_code() -> str:
    """A recovery code without its dashes."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LENGTH))


def show_recovery_code(code: str) -> str:
    """As people write it down: `abcd-efgh-…`."""
    return in_groups(code).replace(" ", "-")


def is_recovery_code(code: str) -> bool:
    """Whether what was typed has the shape of one."""
    return len(code) == _RECOVERY_LENGTH and all(letter in _LETTERS for letter in code)
