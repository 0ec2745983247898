"""Whose a workbook is: what it says about itself, signed, so that it can be believed when it comes back.

The signature is HMAC-SHA256 over canonical JSON, and over what else the workbook carries, with a key of the
installation. It proves that this installation made the template for that call and agency; it does not keep anything
secret.
"""

from __future__ import annotations

import base64
import hmac
import json
import zlib
from collections.abc import Mapping, Sequence
from hashlib import sha256

from app.kernel.canonical import canonical_json
from app.kernel.lean import dataclass
from app.workbooks.naming import FORMAT_MARK

_LONGEST = 4000
_CHUNK = 30_000  # Excel keeps 32,767 characters in a cell


@dataclass(frozen=True, slots=True)
class Identity:
    """What a workbook is (`kind`) and whose (`of`), and the text it `carried` along."""

    kind: str
    of: Mapping[str, str]
    carried: str = ""


def sign_identity(identity: Identity, key: bytes) -> tuple[str, ...]:
    """The cells of the identity sheet: the format, the identity as JSON, the signature; below, what it carries, packed so
    that no program finds anything in it to tidy."""
    claim = canonical_json({"kind": identity.kind, "of": dict(identity.of)})
    packed = _pack(identity.carried)
    chunks = (packed[start : start + _CHUNK] for start in range(0, len(packed), _CHUNK))
    return FORMAT_MARK, claim, _signature(claim, packed, key), *chunks


def read_identity(cells: Sequence[str], key: bytes) -> Identity | None:
    """The identity those cells prove; None when they are not ours or were changed."""
    if len(cells) < 3 or cells[0] != FORMAT_MARK or len(cells[1]) > _LONGEST:
        return None
    packed = "".join(cells[3:])
    if not hmac.compare_digest(
        cells[2].encode("utf-8", "replace"), _signature(cells[1], packed, key).encode()
    ):
        return None
    claim = json.loads(cells[1])
    return Identity(claim["kind"], claim["of"], _unpack(packed))


def _pack(text: str) -> str:
    """Letters, digits, + and / only: a cell that begins with = would be a formula."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=") if text else ""


def _unpack(packed: str) -> str:
    """The inverse; only for what is signed."""
    padded = packed + "=" * (-len(packed) % 4)
    return zlib.decompress(base64.b64decode(padded)).decode() if packed else ""


def _signature(claim: str, packed: str, key: bytes) -> str:
    said = f"{FORMAT_MARK}\n{claim}\n{packed}" if packed else f"{FORMAT_MARK}\n{claim}"
    return hmac.new(key, said.encode("utf-8", "replace"), sha256).hexdigest()
