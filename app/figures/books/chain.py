"""The file of a decision book: sections in a fixed order, each hashed, each hash chained to the one before.

The link of a section is SHA-256 of "previous link:name:SHA-256 of the section's canonical JSON"; the first link follows the
hash of the head. The last link is the book's `head`, printed in the papers and on the page: whoever changes, removes or
reorders a section, or anything in it, ends at another head.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.lean import dataclass
from app.kernel.text import Text

FORMAT = "dgi-decision-book"
VERSION = 1
SECTIONS = (
    "call",
    "documents",
    "filings",
    "scores",
    "terms",
    "entries",
    "ranking",
    "allocation",
    "decisions",
    "meeting",
    "figures",
    "audit",
)


@dataclass(frozen=True, slots=True)
class Book:
    """A book as read: its sections by name, and the head of their chain."""

    sections: Mapping[str, Any]
    head: str


class Tampered(ValueError):
    """A file that is no whole book; `text` says at which place."""

    def __init__(self, text: Text):
        super().__init__(text.en)
        self.text = text


NOT_JSON = Text("แฟ้มนี้ไม่ใช่ JSON: {why}", "The file is not JSON: {why}")
NOT_A_BOOK = Text("แฟ้มนี้ไม่ใช่สมุดมติ", "The file is not a decision book")
OTHER_VERSION = Text(
    "สมุดมตินี้เป็นรุ่น {version} โปรแกรมนี้อ่านได้เฉพาะรุ่น {known}",
    "This decision book is of version {version}; this program reads version {known}",
)
NOT_CANONICAL = Text(
    "แฟ้มไม่อยู่ในรูปแบบบัญญัติ (เรียงคีย์ ไม่เว้นวรรค) ไบต์ต่างจากที่ระบบเขียนตั้งแต่ตำแหน่ง {at}",
    "The file is not in canonical form (sorted keys, no spaces): its bytes differ from what the system writes at {at}",
)
WRONG_SECTIONS = Text("ส่วนของสมุดไม่ครบหรือสลับที่: {names}", "Sections are missing or out of order: {names}")
SECTION_CHANGED = Text(
    "ส่วน “{name}” ถูกเปลี่ยน: SHA-256 ของเนื้อหาไม่ตรงกับที่บันทึกไว้",
    "Section “{name}” was changed: the SHA-256 of its content is not the one recorded",
)
LINK_BROKEN = Text(
    "สายโซ่ขาดที่ส่วน “{name}”: ข้อต่อไม่ต่อจากส่วนก่อนหน้า",
    "The chain breaks at section “{name}”: its link does not follow the one before",
)
HEAD_CHANGED = Text("หัวสายโซ่ไม่ตรงกับข้อต่อสุดท้าย", "The head is not the last link of the chain")


def _first() -> str:
    return sha256_text(canonical_json([FORMAT, VERSION]))


def _link(previous: str, name: str, sha256: str) -> str:
    return sha256_text(f"{previous}:{name}:{sha256}")


def write_book(sections: Mapping[str, Any]) -> tuple[bytes, str]:
    """The file and its head. Raises `ValueError` unless exactly `SECTIONS` are given."""
    if tuple(sections) != SECTIONS:
        raise ValueError(f"sections are {', '.join(SECTIONS)}")
    link = _first()
    written = []
    for name, content in sections.items():
        sha256 = sha256_text(canonical_json(content))
        link = _link(link, name, sha256)
        written.append({"name": name, "content": content, "sha256": sha256, "link": link})
    book = {"format": FORMAT, "version": VERSION, "sections": written, "head": link}
    return canonical_json(book).encode(), link


def read_book(data: bytes) -> Book:
    """Read a file and check its chain. Raises `Tampered` at the first place that is not as it was written."""
    try:
        value = json.loads(data)
        text = canonical_json(value)
    except (ValueError, TypeError, RecursionError) as error:
        raise Tampered(NOT_JSON.fill(why=str(error)[:200])) from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Tampered(NOT_A_BOOK)
    if value.get("version") != VERSION:
        raise Tampered(OTHER_VERSION.fill(version=str(value.get("version"))[:20], known=VERSION))
    rows = value.get("sections")
    if not isinstance(rows, list) or not all(_is_section(row) for row in rows):
        raise Tampered(NOT_A_BOOK)
    names = tuple(row["name"] for row in rows)
    if names != SECTIONS:
        raise Tampered(WRONG_SECTIONS.fill(names=", ".join(names)[:300]))
    link = _first()
    for row in rows:
        if sha256_text(canonical_json(row["content"])) != row["sha256"]:
            raise Tampered(SECTION_CHANGED.fill(name=row["name"]))
        link = _link(link, row["name"], row["sha256"])
        if link != row["link"]:
            raise Tampered(LINK_BROKEN.fill(name=row["name"]))
    if value.get("head") != link:
        raise Tampered(HEAD_CHANGED)
    if text.encode() != data:
        raise Tampered(NOT_CANONICAL.fill(at=_first_difference(text.encode(), data)))
    return Book({row["name"]: row["content"] for row in rows}, link)


def _is_section(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and row.keys() == {"name", "content", "sha256", "link"}
        and all(isinstance(row[key], str) for key in ("name", "sha256", "link"))
    )


def _first_difference(one: bytes, other: bytes) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
