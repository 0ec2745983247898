"""A shelf in S3-compatible storage, over HTTP through obstore. Imported only where a bucket is really used.

Each object is sent in one signed request that carries the SHA-256 of its bytes, so a storage that speaks the protocol
refuses what was changed on the way and never shows half an object.

obstore's threads do not survive a fork: a process that has used a bucket must not fork workers afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import TypeVar

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from app.kernel.config import Bucket
from app.kernel.files import StorageFault

_CODE = re.compile(r"<Code>(\w+)</Code>")
_REASON = re.compile(r" - ([^\n<]+)")
_GONE = ("NoSuchKey", "")  # a storage that sends no code with its 404 means the object too

T = TypeVar("T")


@cache
def _connect(bucket: Bucket) -> S3Store:
    """One connection pool per bucket and prefix, for as long as the process lives."""
    where = {"endpoint": bucket.endpoint} if bucket.endpoint else {}
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        region=bucket.region,
        access_key_id=bucket.access_key,
        secret_access_key=bucket.secret_key,
        disable_bulk_delete=True,  # the plain DELETE is what every storage knows
        client_options={
            "allow_http": bucket.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=60),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        **where,  # type: ignore[arg-type]
    )


class BucketShelf:
    """Objects of a bucket under its prefix."""

    def __init__(self, bucket: Bucket):
        self.bucket = bucket

    def write(self, name: str, data: bytes) -> None:
        """One atomic request; the same bytes under the same name again change nothing."""
        self._ask(lambda s: obstore.put(s, name, data, use_multipart=False))

    def read(self, name: str) -> bytes | None:
        """The bytes, or None."""
        try:
            return self._ask(lambda s: bytes(obstore.get(s, name).bytes()))
        except _Gone:
            return None

    def remove(self, name: str) -> None:
        """Delete the object; a storage that keeps versions keeps its own."""
        try:
            self._ask(lambda s: obstore.delete(s, name))
        except _Gone:
            return

    def _ask(self, request: Callable[[S3Store], T]) -> T:
        try:
            return request(_connect(self.bucket))
        except FileNotFoundError as error:
            code = _code(error)
            if code in _GONE:
                raise _Gone(f"nothing of that name in the bucket {self.bucket.name}") from None
            raise StorageFault(f"the storage has no bucket {self.bucket.name} ({code})") from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise StorageFault(
                f"the storage refuses the access key, or its rights in the bucket {self.bucket.name}"
                f" ({_code(error) or 'no reason given'})"
            ) from None
        except BaseError as error:
            reason = _code(error) or (found[1] if (found := _REASON.search(str(error))) else "unknown fault")
            raise StorageFault(
                f"the storage at {self.bucket.endpoint or 'Amazon S3'} does not answer as it should: {reason}"
            ) from None


class _Gone(StorageFault):
    """There is no such object."""


def _code(error: Exception) -> str:
    """The storage's own word for what is wrong, such as SignatureDoesNotMatch."""
    match = _CODE.search(str(error))
    return match[1] if match else ""
