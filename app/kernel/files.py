"""Stored files: bytes under a name of our own, addressed by their SHA-256, never by what a person typed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from app.kernel.canonical import sha256_bytes
from app.kernel.errors import NotFound


class FileStore:
    """A local folder. Keys are the SHA-256 of the content, so the same bytes are kept once."""

    def __init__(self, folder: Path):
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep `data`; returns its key (64 hex digits)."""
        key = sha256_bytes(data)
        path = self._path(key)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_name(f".{key}.{secrets.token_hex(4)}")
            try:
                with open(draft, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        return key

    def get(self, key: str) -> bytes:
        """The bytes of `key`; raises `NotFound`."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound() from None

    def remove(self, key: str) -> None:
        """Forget the bytes of `key`; nothing happens when they are gone already."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if len(key) != 64 or not all(c in "0123456789abcdef" for c in key):
            raise NotFound()
        return self.folder / key[:2] / key
