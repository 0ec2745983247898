"""Signing a message so that its receiver knows whose it is, and that it is not an old one sent again.

After Standard Webhooks (standardwebhooks.com, version 1): `webhook-id`, `webhook-timestamp` (seconds since 1970) and
`webhook-signature`, "v1," and the base64 HMAC-SHA256 over "id.timestamp.body"; several with spaces between while the
secret changes. `check_message` is what a receiver does.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, MutableMapping, Sequence
from hashlib import sha256

PREFIX = "whsec_"
TOLERANCE = 300  # seconds a message may be old, or early
_NOT_GENUINE = "the signature does not fit"


class NotGenuine(ValueError):
    """A message that must not be believed; the words say why."""


def derive_secret(site_key: str, endpoint_id: int, number: int) -> bytes:
    """The 32 secret bytes of an address. They are derived, so that they need not be kept; another `number` gives
    others."""
    return hmac.new(site_key.encode(), f"webhook:{endpoint_id}:{number}".encode(), sha256).digest()


def show_secret(secret: bytes) -> str:
    """A secret as its receiver keeps it."""
    return PREFIX + base64.b64encode(secret).decode()


def read_secret(shown: str) -> bytes:
    """The inverse of `show_secret`. Raises `ValueError`."""
    if not shown.startswith(PREFIX):
        raise ValueError("not a webhook secret")
    return base64.b64decode(shown.removeprefix(PREFIX), validate=True)


def _signature(secret: bytes, message_id: str, timestamp: int, body: bytes) -> bytes:
    return hmac.new(secret, f"{message_id}.{timestamp}.".encode() + body, sha256).digest()


def sign_message(
    secret: bytes, message_id: str, timestamp: int, body: bytes, earlier: Sequence[bytes] = ()
) -> dict[str, str]:
    """The three headers of a message sent at `timestamp`, signed with the `earlier` secrets, too."""
    made = (_signature(one, message_id, timestamp, body) for one in (secret, *earlier))
    signatures = " ".join(f"v1,{base64.b64encode(signature).decode()}" for signature in made)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures,
    }


def check_message(
    secret: bytes, headers: Mapping[str, str], body: bytes, now: int, seen: MutableMapping[str, int]
) -> str:
    """Check a received message and return its id. `headers` are by lower-case name; `now` is in seconds since 1970.

    `seen` holds the ids of messages taken before, with their timestamps; it is brought up to date here, and forgets
    those too old to be believed anyway. Raises `NotGenuine` for a message that was forged, changed, is too old, or was
    taken already.
    """
    try:
        message_id, stamp = headers["webhook-id"], headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split()
    except KeyError as missing:
        raise NotGenuine(f"the header {missing} is missing") from None
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        raise NotGenuine("the time cannot be read")
    if abs(now - int(stamp)) > TOLERANCE:
        raise NotGenuine("the message is too old, or from the future")
    expected = _signature(secret, message_id, int(stamp), body)
    if not any(hmac.compare_digest(expected, _bytes_of(one)) for one in signatures):
        raise NotGenuine(_NOT_GENUINE)
    for old in [known for known, at in seen.items() if now - at > TOLERANCE]:
        del seen[old]
    if message_id in seen:
        raise NotGenuine("the message was taken already")
    seen[message_id] = int(stamp)
    return message_id


def _bytes_of(signature: str) -> bytes:
    version, _, text = signature.partition(",")
    if version != "v1":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
