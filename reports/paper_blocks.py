"""Blocks only a paper knows: contents, sections, lists, clauses of minutes, and the files attached to it.

A workbook passes over them; what they show stands in its tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from reports.document import Chart

Relationship = Literal["Source", "Data", "Alternative", "Supplement"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file carried inside the PDF, byte for byte. ``name`` is unique in the document.

    ``relationship`` says what it is to the paper: ``Source`` is what the paper was made from,
    ``Data`` the figures behind it.
    """

    name: str
    data: bytes
    media_type: str
    description: str = ""
    relationship: Relationship = "Data"

    def __post_init__(self) -> None:
        if not self.name or "/" in self.name or "\\" in self.name:
            raise ValueError(f"{self.name!r} is no name for an attached file")
        if self.media_type.count("/") != 1:
            raise ValueError(f"{self.media_type!r} is no media type")


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents with page numbers, on pages of their own: every heading down to ``levels``, with
    a dotted leader and a link. ``title`` is the house word (สารบัญ / Contents) when empty."""

    title: str = ""
    levels: int = 2


@dataclass(frozen=True, slots=True)
class Section:
    """Begins a new page with ``title`` as its heading and bookmark. ``running`` (the title when
    empty) stands at the head of every page up to the next section."""

    title: str
    level: int = 1
    running: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Charts side by side, two or three of them, each in its share of the page's width."""

    charts: tuple[Chart, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.charts) <= 3:
            raise ValueError("one to three charts stand side by side")


@dataclass(frozen=True, slots=True)
class Items:
    """A plain list, numbered from ``first`` or with dots."""

    texts: tuple[str, ...]
    numbered: bool = True
    first: int = 1


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: ``level`` 1 counts 1, 2, 3; level 2 counts 1.1, 1.2; level 3 counts 1.1.1.

    Level 0 has no number and stands under the clause before it. ``label`` is printed in bold before
    the text, such as มติที่ประชุม.
    """

    text: str
    level: int = 1
    label: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.level <= 3:
            raise ValueError("a clause has level 0 to 3")


@dataclass(frozen=True, slots=True)
class Clauses:
    """Numbered clauses, as the agenda of minutes or the terms of an announcement.

    ``word`` stands before the numbers of level 1 (ระเบียบวาระที่), which then are headings and
    bookmarks. ``first`` is the number of the first clause of level 1.
    """

    items: tuple[Clause, ...]
    word: str = ""
    first: int = 1

    def numbers(self) -> list[str]:
        """The number of every clause in Arabic digits, dots between; "" for level 0."""
        counts = [self.first - 1, 0, 0]
        numbers = []
        for clause in self.items:
            if clause.level == 0:
                numbers.append("")
                continue
            counts[clause.level - 1] += 1
            counts[clause.level :] = [0] * (3 - clause.level)
            numbers.append(".".join(str(count) for count in counts[: clause.level]))
        return numbers


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came, numbered from ``first``: ``(name, post, duty at the meeting)``.

    ``title`` is ผู้มาประชุม, ผู้ไม่มาประชุม or ผู้เข้าร่วมประชุม.
    """

    title: str
    people: tuple[tuple[str, str, str], ...]
    first: int = 1


PaperBlock = Contents | Section | Beside | Items | Clauses | Attendance
