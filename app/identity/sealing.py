"""Secrets that must be read again, sealed before the database sees them: AES-GCM under a key of SECRET_KEY.

A seal belongs to one place (`of`, such as "second-factor:7"): moved to another row it does not open.
"""

from __future__ import annotations

import base64
import binascii
import os
from functools import lru_cache

_NONCE = 12  # bytes, as NIST SP 800-38D recommends


@lru_cache(maxsize=4)
def _key(secret_key: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256  # imported late: only signing in needs it
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length=32, salt=None, info=b"dgi sealed secrets 1").derive(secret_key.encode())


def seal(secret_key: str, of: str, plain: str) -> str:
    """The sealed form of `plain`."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_key(secret_key)).encrypt(nonce, plain.encode(), of.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(secret_key: str, of: str, sealed: str) -> str | None:
    """What was sealed; None under another SECRET_KEY, of another place, or changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.urlsafe_b64decode(sealed.encode())
        return AESGCM(_key(secret_key)).decrypt(raw[:_NONCE], raw[_NONCE:], of.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError):
        return None
