"""What a file really is, judged by its content; what its name says is only believed when it agrees."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise

WRONG_KIND = Text(
    "แนบได้เฉพาะไฟล์ PDF, PNG, JPEG, Word (.docx) และ Excel (.xlsx) ที่ไม่มีมาโคร ไฟล์นี้ไม่ใช่ไฟล์ดังกล่าว",
    "Only PDF, PNG, JPEG, Word (.docx) and Excel (.xlsx) files without macros can be attached; this is none of them",
)
WRONG_NAME = Text(
    "ชื่อไฟล์ลงท้ายไม่ตรงกับเนื้อหา ซึ่งเป็นไฟล์ {kind} กรุณาตรวจสอบว่าเลือกไฟล์ถูกต้อง",
    "The ending of the file's name does not fit its content, which is {kind}; check that it is the right file",
)

_MOST_PARTS = 5_000  # an office document has dozens of parts; more is made to tire the reader


@dataclass(frozen=True, slots=True)
class Media:
    """A kind of file we take. `endings` are the endings its name may have."""

    name: str
    media_type: str
    endings: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
PDF = Media("PDF", "application/pdf", (".pdf",))
PNG = Media("PNG", "image/png", (".png",))
JPEG = Media("JPEG", "image/jpeg", (".jpg", ".jpeg"))
WORD = Media("Word", f"{_OFFICE}.wordprocessingml.document", (".docx",))
EXCEL = Media("Excel", f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",))
ENDINGS = tuple(ending for media in (PDF, PNG, JPEG, WORD, EXCEL) for ending in media.endings)


def recognise(data: bytes) -> Media | None:
    """The kind of `data`, or None when it is nothing we take."""
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"PK\x03\x04"):
        return _office_document(data)
    return None


def _office_document(data: bytes) -> Media | None:
    """Word or Excel from the table of contents alone; nothing is unpacked."""
    if data.count(b"PK\x01\x02") > _MOST_PARTS:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError):
        return None
    if "[Content_Types].xml" not in parts or any(part.endswith("vbaProject.bin") for part in parts):
        return None
    for part, media in (("word/document.xml", WORD), ("xl/workbook.xml", EXCEL)):
        if part in parts:
            return media
    return None


def file_problem(name: str, media: Media | None) -> Text | None:
    """Why a file is refused, or None."""
    if media is None:
        return WRONG_KIND
    if not name.lower().endswith(media.endings):
        return WRONG_NAME.fill(kind=media.name)
    return None


def plain_name(sent: str) -> str:
    """A file's own name for people: no folders, one spelling, at most 200 characters with its ending kept."""
    name = sent.replace("\\", "/").rsplit("/", 1)[-1]
    try:
        name = " ".join(normalise(name).split())
    except TextError:
        return ""
    if len(name) > 200:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: 200 - len(ending) - 1]}{dot}{ending}" if stem and len(ending) < 10 else name[:200]
    return name
