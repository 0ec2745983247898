"""What is said of the parts of a paper among those who plan, make and bind them: plain values, no ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Cut:
    """One part to lay out: from row ``row`` of block ``at``, up to block ``end``, about ``lines`` long.

    ``stretch`` and ``number`` say where the part belongs.
    """

    stretch: int
    number: int
    at: int
    row: int
    end: int
    lines: int


@dataclass(slots=True)
class PageFacts:
    """What the layout of the body says about one page. Places are in CSS pixels.

    ``blocks`` are the printed blocks with something on the page, in order. ``rows`` gives the first
    and last row of each table whose rows are marked; ``reserved`` the height at which room was kept
    for its ``(brought forward, carried forward)`` lines.
    """

    width: float
    height: float
    blocks: list[int] = field(default_factory=list)
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    reserved: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def shape(self) -> str:
        return "landscape" if self.width > self.height else "portrait"


def read_page(page: Any) -> PageFacts:
    """Read a laid out page by its anchors."""
    facts = PageFacts(page.width, page.height)
    anchors: dict[str, tuple[float, float]] = page.anchors
    for anchor in anchors:
        kind, _, rest = anchor.partition("-")
        if kind == "block":
            facts.blocks.append(int(rest))
        elif kind == "row":
            table, _, number = rest.rpartition("-")
            first, last = facts.rows.get(table, (int(number), int(number)))
            facts.rows[table] = (min(first, int(number)), max(last, int(number)))
    for table in facts.rows:
        brought, carried = anchors.get(f"brought-{table}"), anchors.get(f"carried-{table}")
        if brought and carried:
            facts.reserved[table] = (brought[1], carried[1])
    facts.blocks.sort()
    return facts


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents. ``page`` counts from 1; ``mark`` is the place of its bookmark in the paper."""

    level: int
    label: str
    page: int
    mark: int


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A heading on page ``page`` of its part, counted from 0, ``top`` points above the page's foot."""

    level: int
    label: str
    page: int
    top: float


@dataclass(frozen=True, slots=True)
class Laid:
    """What the layout of a part says: its pages, its headings and the part after it, if any.

    ``goes_on`` says that the part begins inside the table with which the part before it ends.
    """

    cut: Cut
    pages: list[PageFacts]
    bookmarks: list[Bookmark]
    after: Cut | None
    steps: int
    goes_on: bool


# A finished PDF: its bytes, or the file it lies in.
Source = bytes | str


@dataclass(frozen=True, slots=True)
class Sheets:
    """What is bound: parts in the order of the book, and the frames of all pages in runs."""

    parts: Sequence[tuple[Laid, Source]]
    frames: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Used:
    """What a child process took: the most memory (KiB; 0 where the system does not tell) and seconds of processor."""

    peak: int
    seconds: float
