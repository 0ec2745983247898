"""One part of a paper after another: laid out, judged where the next begins, painted.

A part that ends before its stretch does gives its last pages back: the next part begins with the
first page that opens with a row or a block of its own, so no seam shows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.document import Document, Memo
from reports.pdf_body import Compositor
from reports.pdf_facts import Bookmark, Cut, Entry, Laid, PageFacts, read_page
from reports.pdf_frame import Frame
from reports.pdf_plan import Plan
from reports.pdf_table import Slice
from reports.press import lay_out, paint


class PartMaker:
    """Lays out and paints the parts of one document. Parts may be asked for in any order."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.plan = Plan(document)
        self.compositor = Compositor(document)
        self.frame: Frame | None = None
        self._rendering: Any = None

    def lay(self, cut: Cut, entries: list[Entry] | None = None) -> Laid:
        """Lay a part out and keep it for :meth:`paint`. ``entries`` are the lines of the contents."""
        self.compositor.entries = entries or []
        lines = cut.lines
        while True:
            slices, at, row = self.plan.take(replace(cut, lines=lines))
            self.compositor.marks_rows = at < cut.end
            rendering = lay_out("body.html.j2", self._words(cut, slices), self.compositor.pictures)
            pages = [read_page(page) for page in rendering.pages]
            if at >= cut.end:
                break
            if seam := _seam(pages, slices):
                kept, at, row = seam
                pages = pages[:kept]
                rendering = rendering.copy(rendering.pages[:kept])
                break
            # One block fills all pages: the part must be longer.
            lines *= 2
        bookmarks = [
            Bookmark(level, label, number, (page.height - y) * 0.75)
            for number, page in enumerate(rendering.pages)
            for level, label, (_, y), _ in page.bookmarks
        ]
        self._rendering = rendering
        after = None if at >= cut.end else Cut(cut.stretch, cut.number + 1, at, row, cut.end, cut.lines)
        steps = self.plan.steps_before(at, row) - self.plan.steps_before(cut.at, cut.row)
        return Laid(cut, pages, bookmarks, after, steps, cut.row > 0)

    def paint(self) -> bytes:
        """The part laid out last, as a PDF."""
        rendering, self._rendering = self._rendering, None
        return paint(rendering, tagged=True)

    def paint_frames(self, pages: list[PageFacts], heads: list[str], first: int, count: int) -> bytes:
        """The frames of ``pages``, as a PDF of as many pages."""
        self.frame = self.frame or Frame(self.document)
        words = self.frame.words(pages, heads, first, count)
        return paint(lay_out("frame.html.j2", words, {}), tagged=False)

    def _words(self, cut: Cut, slices: list[Slice]) -> dict[str, Any]:
        self.compositor.pictures.clear()
        groups = self.compositor.groups(slices, self.plan.shapes, self.plan.fresh)
        has_memo = any(isinstance(block, Memo) for block in self.document.blocks)
        if (cut.stretch, cut.number) == (0, 0) and self.document.cover and not has_memo:
            if not groups:
                groups.append({"page": "portrait", "blocks": []})
            groups[0]["blocks"].insert(0, self.compositor.title())
        return {"language": self.document.language, "title": self.document.title, "groups": groups}


def _seam(pages: list[PageFacts], slices: list[Slice]) -> tuple[int, int, int] | None:
    """How many pages to keep, and the block and row with which the page after them opens."""
    for number in range(len(pages) - 1, 0, -1):
        page, before = pages[number], pages[number - 1]
        if not page.blocks:
            continue
        opening = page.blocks[0]
        if opening not in before.blocks:
            return number, opening, 0
        piece = next(piece for piece in slices if piece.at == opening)
        name = piece.table.name if piece.rows else ""
        if name in page.rows:
            row = page.rows[name][0]
            # A row taller than a page stands on both.
            if row > piece.start and (name not in before.rows or row > before.rows[name][1]):
                return number, opening, row
    return None
