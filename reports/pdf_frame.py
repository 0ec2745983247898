"""What stands around the text of every page: names, page numbers, totals carried over.

The body is laid out first; only then is it known how many pages there are and which rows each page
holds. The frame is then drawn for all pages at once and laid over the body, so page numbers and
carried totals are right however the paper was cut into parts.
"""

from __future__ import annotations

from typing import Any

from reports.document import Document, Memo, Table
from reports.pdf_body import Compositor
from reports.pdf_facts import PageFacts
from reports.pdf_table import column_shares, printed_columns
from reports.rounding import running_sums
from reports.thai import date_and_time, page_digits

_PX_PER_MM = 96 / 25.4
_SIDE_MARGINS = {"portrait": (22, 18), "landscape": (12, 12)}


class Frame:
    """Draws the frames of one paper."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.compositor = Compositor(document)
        self.running = {
            table.name: {
                index: running_sums((row[index] for row in table.values()), column.kind)
                for index, column in printed_columns(table)
                if column.key in table.carry_forward
            }
            for table in document.tables
            if table.carry_forward and not table.excel_only
        }

    def words(self, pages: list[PageFacts], heads: list[str], first: int, count: int) -> dict[str, Any]:
        """Template values for ``pages`` with their running ``heads``; the first is page ``first`` of ``count``."""
        prose = self.compositor.prose
        document = self.document
        printed = date_and_time(document.made_at, document.language)
        parts = [document.footer, document.identifier]
        parts.append(f"{self.compositor.word('printed')} {printed}")
        titled = any(isinstance(block, Memo) for block in document.blocks) or document.cover
        return {
            "language": document.language,
            "title": document.title,
            "label": document.label,
            "footer": prose("  ·  ".join(part for part in parts if part)),
            "pages": [
                {
                    "shape": page.shape,
                    # The first page of a titled paper bears its title already.
                    "head": "" if titled and number == 1 else prose(head),
                    "number": self._number(number, count),
                    "lines": self._lines(page),
                }
                for number, (page, head) in enumerate(zip(pages, heads, strict=True), first)
            ],
        }

    def _number(self, number: int, count: int) -> str:
        return page_digits(f"{self.compositor.word('page')} {number}/{count}", self.document.language)

    def _lines(self, page: PageFacts) -> list[dict[str, str]]:
        """The pieces of the brought-forward and carried-forward lines of a page."""
        pieces: list[dict[str, str]] = []
        for name, (brought, carried) in page.reserved.items():
            if name in self.running:
                table = self.document.table(name)
                first, last = page.rows[name]
                pieces += self._line(page, table, "brought", first, brought)
                if last + 1 < len(table.rows):
                    pieces += self._line(page, table, "carried", last + 1, carried)
        return pieces

    def _line(self, page: PageFacts, table: Table, key: str, rows: int, top: float) -> list[dict[str, str]]:
        """Running sums of the figures as printed in the first ``rows`` rows, each flush right under its
        column, and the words that name them in the room before the first."""
        running = self.running[table.name]
        left, right = (side * _PX_PER_MM for side in _SIDE_MARGINS[page.shape])
        whole = page.width - left - right
        texts: list[tuple[str, float]] = []
        edge = 0.0
        named = False
        for (index, column), share in zip(printed_columns(table), column_shares(table), strict=True):
            if index in running:
                if not named:
                    texts.append((self.compositor.word(key), edge))
                    named = True
                # As in a ledger, nothing is brought forward to the first page.
                sum_so_far = self.compositor.cell(running[index][rows], column)
                texts.append((sum_so_far if rows else "–", edge + share))
            edge += share
        return [
            {
                "text": text,
                "top": f"{top:.2f}",
                "width": f"{left + whole * end / 100:.2f}",
            }
            for text, end in texts
            if end
        ]
