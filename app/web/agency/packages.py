"""Word and Excel files: zip packages of parts, looked through without believing what they say of themselves.

Every part is inflated once, in small pieces, and must be as large as stated and have the stated checksum; parts may
not share bytes (the trick of small zip bombs), and all together may not grow past a limit. What the document is, and
whether anything in it can run, is read from its declared content types, which are what Office itself goes by.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree

from app.web.agency.media import (
    BROKEN,
    EXCEL,
    LOCKED,
    MACROS,
    TOO_LARGE_INSIDE,
    TWO_IN_ONE,
    WORD,
    WRONG_KIND,
    Media,
    NotTaken,
)

_END = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_MOST_PARTS = 5_000  # an office document has dozens of parts; more is made to tire the reader
_MOST_DIRECTORY = 1 << 20
_MOST_INSIDE = 256 << 20
_MOST_DECLARED = 1 << 20  # bytes of the two parts that are read as XML
_PIECE = 1 << 16

_TYPES, _RELATIONS = "[content_types].xml", "_rels/.rels"
_DOCUMENTS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": WORD,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": EXCEL,
}
_RUNS_BY_TYPE = re.compile(r"macroenabled|vbaproject|vbadata|macrosheet|activex", re.I)
_RUNS_BY_NAME = re.compile(r"(^|/)(vbaproject\.bin|vbadata\.xml|macrosheets/|activex/)")
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))

_BROKEN_PACKAGE = BROKEN.fill(kind="Office")


def hides_package(data: bytes) -> bool:
    """Whether a zip reader, which starts from the end, would find a package in a file of another kind."""
    at = data.rfind(_END, max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        return False
    size = int.from_bytes(data[at + 12 : at + 16], "little")
    return size > 0 and data[max(0, at - size) : at].startswith(_ENTRY)


def judge_package(data: bytes) -> Media:
    """Word or Excel. Raises `NotTaken` for anything else, and for what is broken, locked, huge or can run."""
    if b"%PDF-" in data[:1024]:
        raise NotTaken(TWO_IN_ONE)
    directory = _check_frame(data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error, IndexError):
        raise NotTaken(_BROKEN_PACKAGE) from None
    _check_entries(entries)
    spans = _lay_out(data, entries, directory)
    parts = {}
    for entry in entries:
        name = entry.filename.lower()
        begins, ends = spans[entry.header_offset]
        pieces = _inflate(data[begins:ends], entry, name.endswith((".xml", ".rels")))
        if name in (_TYPES, _RELATIONS) and entry.file_size <= _MOST_DECLARED:
            parts[name] = b"".join(pieces)
        else:
            parts[name] = b""
            for _ in pieces:  # looked at, not kept
                pass
    return _document_of(parts)


def _check_frame(data: bytes) -> int:
    """Where the directory begins: right behind the parts, with nothing before, between or after."""
    at = data.rfind(_END)
    if at < 0 or at + 22 > len(data):
        raise NotTaken(_BROKEN_PACKAGE)
    disk, first, here, count, size, begins, comment = struct.unpack("<HHHHIIH", data[at + 4 : at + 22])
    if (disk, first, here) != (0, 0, count) or at + 22 + comment != len(data) or begins + size != at:
        raise NotTaken(_BROKEN_PACKAGE)
    if count > _MOST_PARTS or size > _MOST_DIRECTORY:
        raise NotTaken(TOO_LARGE_INSIDE)
    return int(begins)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise NotTaken(LOCKED)
    if any(_RUNS_BY_NAME.search(name) for name in names):
        raise NotTaken(MACROS)
    if sum(entry.file_size for entry in entries) > _MOST_INSIDE:
        raise NotTaken(TOO_LARGE_INSIDE)
    strange = len(set(names)) != len(names) or any(
        name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names
    )
    if strange or any(e.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for e in entries):
        raise NotTaken(_BROKEN_PACKAGE)


def _lay_out(data: bytes, entries: list[zipfile.ZipInfo], directory: int) -> dict[int, tuple[int, int]]:
    """Header offset -> where the part's bytes begin and end. No two parts share any, and the first one begins the
    file."""
    spans = {}
    for entry in entries:
        at = entry.header_offset
        if data[at : at + 4] != b"PK\x03\x04" or at + 30 > directory:
            raise NotTaken(_BROKEN_PACKAGE)
        named, more = struct.unpack("<HH", data[at + 26 : at + 30])
        name = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")
        if data[at + 30 : at + 30 + named] != name:
            raise NotTaken(_BROKEN_PACKAGE)  # two readers would see two different parts
        begins = at + 30 + named + more
        spans[at] = (begins, begins + entry.compress_size)
    starts = sorted(spans)
    ends = [spans[at][1] for at in starts]
    shared = any(end > following for end, following in zip(ends, [*starts[1:], directory], strict=True))
    if not spans or len(spans) != len(entries) or starts[0] != 0 or shared:
        raise NotTaken(_BROKEN_PACKAGE)
    return spans


def _inflate(raw: bytes, entry: zipfile.ZipInfo, is_xml: bool) -> Iterator[bytes]:
    """The part in pieces. Raises `NotTaken` when it is not of the stated size and checksum, or declares a document
    type, which no Office file does."""
    size = checksum = 0
    before = b""
    for piece in _pieces(raw, entry):
        size += len(piece)
        if size > entry.file_size:
            raise NotTaken(_BROKEN_PACKAGE)
        checksum = zlib.crc32(piece, checksum)
        if is_xml:
            window = before + piece
            if any(mark in window for mark in _DOCTYPES):
                raise NotTaken(_BROKEN_PACKAGE)
            before = window[-20:]
        yield piece
    if (size, checksum) != (entry.file_size, entry.CRC):
        raise NotTaken(_BROKEN_PACKAGE)


def _pieces(raw: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    if entry.compress_type == zipfile.ZIP_STORED:
        yield from (raw[n : n + _PIECE] for n in range(0, len(raw), _PIECE))
        return
    if not raw and not entry.file_size:  # a folder, as some programs write it
        return
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for n in range(0, len(raw), _PIECE):
            waiting = raw[n : n + _PIECE]
            while waiting:
                yield stream.decompress(waiting, _PIECE)
                waiting = stream.unconsumed_tail
    except zlib.error:
        raise NotTaken(_BROKEN_PACKAGE) from None
    if not stream.eof or stream.unused_data:
        raise NotTaken(_BROKEN_PACKAGE)


def _document_of(parts: dict[str, bytes]) -> Media:
    """What the package says its main part is."""
    if _TYPES not in parts or _RELATIONS not in parts:
        raise NotTaken(WRONG_KIND)
    types, main = {}, ""
    for element in _elements(parts[_TYPES]):  # of one part, or of every part with an ending
        of = element.get("PartName", "").lstrip("/") or f"*.{element.get('Extension', '')}"
        types[of.lower()] = element.get("ContentType", "")
        if _RUNS_BY_TYPE.search(element.get("ContentType", "")):
            raise NotTaken(MACROS)
    for element in _elements(parts[_RELATIONS]):
        if element.get("Type", "").endswith("/officeDocument"):
            main = element.get("Target", "").lower().lstrip("/")
    media = _DOCUMENTS.get(types.get(main) or types.get(f"*.{main.rpartition('.')[2]}", ""))
    if media is None or main not in parts:
        raise NotTaken(WRONG_KIND)
    return media


def _elements(content: bytes) -> list[ElementTree.Element]:
    try:
        return list(ElementTree.fromstring(content))  # noqa: S314 (it has no document type, so no entities)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise NotTaken(_BROKEN_PACKAGE) from None
