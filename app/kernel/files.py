"""Stored files: bytes under a name of our own, addressed by their SHA-256, never by what a person typed.

One interface, two kinds of shelf: a folder, written here, and a bucket of S3-compatible storage (`buckets`, through
obstore). obstore writes to folders too, but renames without ever calling fsync, so that a power cut could empty a file
whose receipt is already printed; hence the folder stays our own.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from app.kernel.canonical import sha256_bytes
from app.kernel.config import Bucket, Config
from app.kernel.errors import NotFound
from app.kernel.text import Text

log = logging.getLogger(__name__)

SILENT = Text(
    "ที่เก็บไฟล์ไม่พร้อมใช้งาน ไฟล์ที่เพิ่งส่งยังไม่ได้เก็บ กรุณาลองใหม่ในอีกสักครู่",
    "The file storage cannot be used just now. A file you have just sent was not kept; try again shortly.",
)
DAMAGED = Text(
    "ไฟล์นี้ในที่เก็บเสียหายหรือถูกเปลี่ยนแปลง ระบบจึงไม่ส่งออกให้ กรุณาแจ้งผู้ดูแลระบบ",
    "This file was damaged or changed in storage, so it is not given out. Please tell the administrator.",
)


class Area(StrEnum):
    """The parts of an installation's storage; each store keeps to its own."""

    ATTACHMENTS = "files"
    PAPERS = "papers"
    WORKBOOKS = "workbooks"
    BOOKS = "books"
    RELEASES = "releases"


class StorageFault(Exception):
    """The storage failed, for reasons of its own. `text` is for the person who waits, the message for the log."""

    def __init__(self, what: str, text: Text = SILENT):
        super().__init__(what)
        self.text = text


class Shelf(Protocol):
    """Where bytes lie under "ab/abcdef…". Every method raises `StorageFault`."""

    def write(self, name: str, data: bytes) -> None:
        """Keep `data`, whole or not at all, and for good once this returns."""

    def read(self, name: str) -> bytes | None:
        """The bytes, or None when there is nothing of that name."""

    def remove(self, name: str) -> None:
        """Forget the bytes; nothing happens when they are gone already."""


class FileStore:
    """Keys are the SHA-256 of the content, so the same bytes are kept once and changed bytes are noticed."""

    def __init__(self, place: Path | Bucket):
        self._shelf: Shelf
        if isinstance(place, Path):
            self._shelf = Folder(place)
        else:
            from app.kernel.buckets import BucketShelf  # the library is loaded where it is used

            self._shelf = BucketShelf(place)

    def put(self, data: bytes) -> str:
        """Keep `data`; returns its key (64 hex digits). Raises `StorageFault`; then nothing is kept."""
        key = sha256_bytes(data)
        self._shelf.write(_name(key), data)
        return key

    def get(self, key: str) -> bytes:
        """The bytes of `key`, as they were put. Raises `NotFound`, and `StorageFault` when they were changed."""
        data = self._shelf.read(_name(key))
        if data is None:
            raise NotFound()
        if sha256_bytes(data) != key:
            log.error("stored file %s is damaged: its %s bytes have another SHA-256", key, len(data))
            raise StorageFault(f"the stored file {key} is damaged", DAMAGED)
        return data

    def remove(self, key: str) -> None:
        """Forget the bytes of `key`; nothing happens when they are gone already. Raises `StorageFault`."""
        self._shelf.remove(_name(key))

    def try_out(self) -> None:
        """Put, get and remove a few bytes of no meaning. Raises `StorageFault` saying what cannot be done."""
        data = b"storage is tried out " + secrets.token_bytes(16)
        key = sha256_bytes(data)
        _attempt("written", lambda: self.put(data))
        _attempt("read", lambda: self.get(key))
        _attempt("removed", lambda: self.remove(key))
        if self._shelf.read(_name(key)) is not None:
            raise StorageFault("a file that was removed can still be read")


def _attempt(done: str, deed: Callable[[], object]) -> None:
    try:
        deed()
    except NotFound:
        raise StorageFault("a file that was written is not there") from None
    except StorageFault as fault:
        raise StorageFault(f"files cannot be {done}: {fault}") from fault


def file_store(config: Config, area: Area) -> FileStore:
    """The store of an area in this installation; the one place where stores are made."""
    place = config.files
    return FileStore(place / area.value if isinstance(place, Path) else place.inside(area.value))


class Folder:
    """A folder on this machine, or one that all hosts share."""

    def __init__(self, folder: Path):
        self.folder = folder

    def write(self, name: str, data: bytes) -> None:
        """Bytes and name reach the disk before this returns; what is there already, whole, is left alone."""
        path = self.folder / name
        try:
            if not (path.exists() and path.stat().st_size == len(data) and path.read_bytes() == data):
                self._write(path, data)
        except OSError as error:
            raise StorageFault(f"cannot write {path}: {error.strerror or error}") from error

    def _write(self, path: Path, data: bytes) -> None:
        made = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in made:
            _sync_folder(folder.parent)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with open(draft, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)

    def read(self, name: str) -> bytes | None:
        """The bytes, or None."""
        path = self.folder / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageFault(f"cannot read {path}: {error.strerror or error}") from error

    def remove(self, name: str) -> None:
        """Take the name away; the empty folder may stay."""
        path = self.folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageFault(f"cannot remove {path}: {error.strerror or error}") from error


def _sync_folder(folder: Path) -> None:
    """A name is only safe from a power cut once its folder is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(key: str) -> str:
    if len(key) != 64 or not all(c in "0123456789abcdef" for c in key):
        raise NotFound()
    return f"{key[:2]}/{key}"
