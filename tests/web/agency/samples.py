"""Small files of every kind that may be attached, built byte by byte so that tests can spoil any part of them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from app.cli.demo.attachments import synthetic_page

PDF = synthetic_page("Draft terms of reference", "2570-0001", "Test")
_MAIN = "application/vnd.openxmlformats-officedocument"
WORD_TYPE = f"{_MAIN}.wordprocessingml.document.main+xml"
EXCEL_TYPE = f"{_MAIN}.spreadsheetml.sheet.main+xml"


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG, with its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 2, height: int = 2) -> bytes:
    """A grey picture; a large one only claims to be."""
    rows = zlib.compress(b"\0" * (min(width, 9) + 1) * min(height, 9))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2, extra: bytes = b"") -> bytes:
    """The bones of a JPEG: segments, size, a scan, the end."""

    def segment(marker: int, data: bytes) -> bytes:
        return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data

    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    segments = segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0") + extra + segment(0xC0, frame)
    return b"\xff\xd8" + segments + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34\xff\xd9"


def package(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def office_parts(
    main: str, of_type: str, more_types: str = "", more: Mapping[str, str | bytes] | None = None
) -> dict[str, str | bytes]:
    """The parts of an Office file whose main part is `main`."""
    return {
        "[Content_Types].xml": '<?xml version="1.0"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{of_type}"/>{more_types}</Types>',
        "_rels/.rels": '<?xml version="1.0"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
        f' Target="{main}"/></Relationships>',
        main: "<?xml version='1.0' encoding='UTF-8'?><document>" + "ก" * 2000 + "</document>",
        **(more or {}),
    }


def word(more_types: str = "", **more: str | bytes) -> bytes:
    """A Word file; `more` are parts, with "__" for "/" and "_dot_" for "." in their names."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    return package(office_parts("word/document.xml", WORD_TYPE, more_types, named))


def excel() -> bytes:
    """An Excel file, of its main part only."""
    return package(office_parts("xl/workbook.xml", EXCEL_TYPE))
