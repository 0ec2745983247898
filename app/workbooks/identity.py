"""Whose a workbook is: what it says about itself, signed, so that it can be believed when it comes back.

The signature is HMAC-SHA256 over canonical JSON with a key of the installation. It proves that this installation
made the template for that call and agency; it does not keep anything secret.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from app.kernel.canonical import canonical_json
from app.workbooks.naming import FORMAT_MARK

_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Identity:
    """What a workbook is (`kind`) and whose (`of`)."""

    kind: str
    of: Mapping[str, str]


def sign_identity(identity: Identity, key: bytes) -> tuple[str, str, str]:
    """The three cells of the identity sheet: the format, the identity as JSON, the signature."""
    claim = canonical_json({"kind": identity.kind, "of": dict(identity.of)})
    return FORMAT_MARK, claim, _signature(claim, key)


def read_identity(cells: tuple[str, ...], key: bytes) -> Identity | None:
    """The identity those three cells prove; None when they are not ours or were changed."""
    if len(cells) < 3 or cells[0] != FORMAT_MARK or len(cells[1]) > _LONGEST:
        return None
    if not hmac.compare_digest(cells[2].encode("utf-8", "replace"), _signature(cells[1], key).encode()):
        return None
    claim = json.loads(cells[1])
    return Identity(claim["kind"], claim["of"])


def _signature(claim: str, key: bytes) -> str:
    return hmac.new(key, f"{FORMAT_MARK}\n{claim}".encode("utf-8", "replace"), sha256).hexdigest()
