"""Files carried inside a workbook, for whoever wants to compute with its figures.

A part of its own would be lost when the workbook is saved by another program, so a file travels as text in the cells of a
sheet that no menu shows: compressed, in base64, cut into pieces that fit a cell, each with its SHA-256. Excel and
LibreOffice keep such a sheet as it is.
"""

from __future__ import annotations

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from xlsxwriter.workbook import Workbook

from reports.document import Document

SHEET = "carried"
MARK = "dgi-carried-file 1"
_PIECE = 30_000  # letters; a cell holds 32,767
_FACTS = ("name", "bytes", "sha256", "pieces", "language", "made_at", "made_by")


class NotCarried(ValueError):
    """No file can be read from the sheet; `row`, from 1, is where it goes wrong, 0 where there is none at all."""

    def __init__(self, row: int):
        super().__init__(f"row {row}")
        self.row = row


@dataclass(frozen=True, slots=True)
class Carried:
    """A file as it was put in, and how the workbook around it was printed: `language`, `made_at` (ISO), `made_by`."""

    data: bytes
    facts: Mapping[str, str]


def write_carried(workbook: Workbook, document: Document, name: str = SHEET) -> None:
    """Put the first file attached to a document on a sheet of its own, out of sight. Nothing where none is attached."""
    if not document.attachments:
        return
    file = document.attachments[0]
    text = b64encode(zlib.compress(file.data)).decode()
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    facts = (
        file.name,
        str(len(file.data)),
        sha256(file.data).hexdigest(),
        str(len(pieces)),
        document.language,
        document.made_at.isoformat(),
        document.made_by,
    )
    plain = workbook.add_format({"num_format": "@"})
    sheet = workbook.add_worksheet(name)
    sheet.write_string(0, 0, MARK, plain)
    for row, pair in enumerate(zip(_FACTS, facts, strict=True), 1):
        for at, text in enumerate(pair):
            sheet.write_string(row, at, text, plain)
    for row, piece in enumerate(pieces, 1 + len(_FACTS)):
        sheet.write_string(row, 0, piece, plain)
        sheet.write_string(row, 1, sha256(piece.encode()).hexdigest(), plain)
    sheet.protect("")
    sheet.very_hidden()


def read_carried(rows: Sequence[Sequence[Any]], most: int) -> Carried:
    """The file in the cells of the sheet, at most `most` bytes of it. Raises `NotCarried`, naming the first bad row."""
    if not rows or not rows[0] or rows[0][0] != MARK:
        raise NotCarried(0)
    facts: dict[str, str] = {}
    for at, key in enumerate(_FACTS, 1):
        words = [str(cell) for cell in rows[at]] if at < len(rows) else []
        if words[:1] != [key]:
            raise NotCarried(at + 1)
        facts[key] = words[1] if len(words) > 1 else ""
    first = 1 + len(_FACTS)
    if facts["pieces"] != str(len(rows) - first):
        raise NotCarried(2 + _FACTS.index("pieces"))
    for at, row in enumerate(rows[first:], first + 1):
        if len(row) != 2 or sha256(str(row[0]).encode()).hexdigest() != row[1]:
            raise NotCarried(at)
    try:
        packed = b64decode("".join(str(row[0]) for row in rows[first:]), validate=True)
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(packed, most)
    except (binascii.Error, zlib.error, ValueError):
        raise NotCarried(first + 1) from None
    if not unpacking.eof or facts["bytes"] != str(len(data)):
        raise NotCarried(2 + _FACTS.index("bytes"))
    if facts["sha256"] != sha256(data).hexdigest():
        raise NotCarried(2 + _FACTS.index("sha256"))
    return Carried(data, facts)
