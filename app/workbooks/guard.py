"""Looks at an uploaded workbook before anything parses it: what it is made of, how large it really is.

Nothing a header claims is believed: every part is inflated in small chunks and counted while it streams by, and the
XML goes through expat, which refuses document types and keeps no tree. Cells are checked to stand where they say, so
that the reader behind cannot put a row in another's place. Runs in the child process.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import field
from io import BytesIO
from typing import Protocol, TypeVar
from xml.parsers import expat

from app.kernel.lean import dataclass
from app.workbooks.guard_xml import (
    ContentTypes,
    Declarations,
    PlainXml,
    Relationships,
    SharedStrings,
    SheetXml,
    Tally,
    Unacceptable,
    WorkbookXml,
)

_CHUNK = 1 << 16
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_OF_DIRECTORY = b"PK\x05\x06"
_MOST_DIRECTORY_BYTES = 1 << 18
_RATIO_MATTERS_FROM = 4 << 20
_FAULTS_OF_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    struct.error,
    OSError,
    ValueError,
)
_MACROS = re.compile(r"vbaproject|vbadata|macrosheets/|dialogsheets/|/intlmacrosheets/")
_LINKS = re.compile(
    r"externallinks?/|connections\.xml|querytables?/|xmlmaps\.xml|webextensions?/|customdata/|xl/model/"
)
_EMBEDDED = re.compile(r"embeddings/|activex/|ctrlprops/|oleobject|customui")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a workbook may be: bytes as sent and inflated, parts, the highest row and column with something in
    it, cells and characters in all sheets together."""

    file_bytes: int = 20 << 20
    inflated_bytes: int = 64 << 20
    ratio: int = 150
    parts: int = 400
    rows: int = 6_000
    columns: int = 120
    cells: int = 600_000
    characters: int = 20_000_000


@dataclass(slots=True)
class Inspection:
    """What the guard found: names of sheets, and cells that may not stay as they are: (sheet name, cell address)."""

    sheets: list[str] = field(default_factory=list)
    formulas: list[tuple[str, str]] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)


class _Scanner(Protocol):
    def feed(self, chunk: bytes) -> None: ...
    def close(self) -> None: ...


_S = TypeVar("_S", bound=_Scanner)


def inspect(data: bytes, limits: Limits) -> Inspection:
    """Look through `data`. Raises `Unacceptable` with the code of a refusal."""
    _check_container(data, limits)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _Look(archive, limits, len(data)).through()
    except _FAULTS_OF_ZIP as fault:
        raise Unacceptable("damaged") from fault
    except RuntimeError as fault:  # zipfile's word for a password
        raise Unacceptable("encrypted") from fault
    except expat.ExpatError as fault:
        raise Unacceptable("damaged") from fault


def _check_container(data: bytes, limits: Limits) -> None:
    if not data:
        raise Unacceptable("empty")
    if len(data) > limits.file_bytes:
        raise Unacceptable("too_big", most=limits.file_bytes >> 20)
    if data.startswith(_OLE):
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise Unacceptable("encrypted" if is_encrypted else "old_excel")
    if not data.startswith(b"PK"):
        raise Unacceptable("not_workbook")
    end = data.rfind(_END_OF_DIRECTORY)
    if end < 0 or len(data) < end + 22:
        raise Unacceptable("damaged")
    # zipfile reads the whole directory before anybody can ask how long it is.
    if int.from_bytes(data[end + 12 : end + 16], "little") > _MOST_DIRECTORY_BYTES:
        raise Unacceptable("too_many_parts")


class _Look:
    """One look through one archive; every part is inflated exactly once."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits, sent: int):
        self._archive, self._limits, self._sent = archive, limits, sent
        self._inflated = 0
        self._parts = self._check_parts()
        self._left = dict(self._parts)

    def through(self) -> Inspection:
        self._scan("[content_types].xml", ContentTypes())
        book = self._scan("xl/workbook.xml", WorkbookXml())
        links = self._scan("xl/_rels/workbook.xml.rels", Relationships())
        tally = Tally(self._limits.rows, self._limits.columns, self._limits.cells, self._limits.characters)
        if "xl/sharedstrings.xml" in self._left:
            self._scan("xl/sharedstrings.xml", SharedStrings(tally))
        found = Inspection(sheets=[name for name, _ in book.sheets])
        for name, link in book.sheets:
            part, is_sheet = links.part(link)
            if not is_sheet:
                continue
            sheet = self._scan(part, SheetXml(name, tally))
            found.formulas += [(name, cell) for cell in sheet.formulas]
            found.errors += [(name, cell) for cell in sheet.errors]
        for part in list(self._left):
            if part.endswith(".rels"):
                self._scan(part, Relationships())
            elif part.endswith(".xml"):
                self._scan(part, PlainXml())
            else:
                self._scan(part, Declarations())
        return found

    def _check_parts(self) -> dict[str, zipfile.ZipInfo]:
        entries = self._archive.infolist()
        if len(entries) > self._limits.parts:
            raise Unacceptable("too_many_parts")
        parts: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = entry.filename.casefold()
            if entry.flag_bits & 0x1:
                raise Unacceptable("encrypted")
            if entry.is_dir():
                continue
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Unacceptable("strange")
            kind = entry.external_attr >> 28
            if (
                name in parts
                or name.startswith("/")
                or "\\" in name
                or ".." in name.split("/")
                or kind == 0xA
            ):
                raise Unacceptable("strange")
            parts[name] = entry
        for pattern, code in ((_MACROS, "macros"), (_LINKS, "links"), (_EMBEDDED, "embedded")):
            if any(pattern.search(name) for name in parts):
                raise Unacceptable(code)
        if "xl/workbook.bin" in parts:
            raise Unacceptable("binary_excel")
        if "content.xml" in parts and "mimetype" in parts:
            raise Unacceptable("opendocument")
        if not {"[content_types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts.keys():
            raise Unacceptable("not_workbook")
        return parts

    def _scan(self, part: str, scanner: _S) -> _S:
        entry = self._left.pop(part, None)
        if entry is None:  # named by two sheets, or not there
            raise Unacceptable("strange" if part in self._parts else "damaged")
        for chunk in self._chunks(entry):
            scanner.feed(chunk)
        scanner.close()
        return scanner

    def _chunks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        with self._archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                self._inflated += len(chunk)
                if self._inflated > self._limits.inflated_bytes or (
                    self._inflated > _RATIO_MATTERS_FROM and self._inflated > self._limits.ratio * self._sent
                ):
                    raise Unacceptable("bomb")
                yield chunk
