"""About how much of an upright page blocks take, before they are set: so that what must share a page can be chosen.

Widths are those of the letters in the font; heights are the style sheet's (``paper.css``). It is reckoned on the safe side:
a line of Thai is taken to be filled to 93 hundredths.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import ceil

from reports.charts import chart_svg
from reports.document import Block, Chart, Document, Fields, Heading, KeyFigures, Paragraph, Table
from reports.outlines import text_width
from reports.paper_blocks import Section
from reports.pdf_table import column_shares, printed_columns
from reports.rounding import STEPS, rounding_difference

PAGE_HEIGHT = 255.0  # mm between the margins of an upright A4 page
_PAGE_WIDTH = 170.0
_POINT = 25.4 / 72
_CHART_WIDTH = 680.0
_FILLED = 0.93
_HEADINGS = {1: (14, 5.0, 2.0), 2: (12, 4.0, 1.0), 3: (11, 3.0, 1.0)}  # size, room above and below


def height_of(blocks: Iterable[Block]) -> float:
    """The height in mm of sections, headings, paragraphs, fields, figures, charts and tables of numbers set one below the
    other. Raises `TypeError` for other blocks."""
    height = below = 0.0
    for block in blocks:
        above, inside, after = _measure(block)
        height += max(below, above) + inside
        below = after
    return height


def fits_page(blocks: Iterable[Block]) -> bool:
    """Whether the blocks stand on one page."""
    return height_of(blocks) <= PAGE_HEIGHT


def is_one_page(document: Document) -> bool:
    """Whether a document of such blocks stands on one page with its title above."""
    title = _lines(document.title, 17, _PAGE_WIDTH, 700) * _line(17, 1.4)
    above = _line(11) * bool(document.organisation) + title + _line(12) * bool(document.subtitle) + 3.5
    return above + 5.0 + height_of(document.blocks) <= PAGE_HEIGHT


def _lines(text: str, size: float, width: float, weight: int = 400) -> int:
    return max(1, ceil(text_width(text, size, weight) * _POINT / (width * _FILLED)))


def _line(size: float, spacing: float = 1.55) -> float:
    return size * spacing * _POINT


def _measure(block: Block) -> tuple[float, float, float]:
    """Room above, the block itself, room below."""
    match block:
        case Section(title, level) | Heading(title, level):
            size, above, below = _HEADINGS[min(3, max(1, level))]
            return above, _lines(title, size, _PAGE_WIDTH, 700) * _line(size, 1.4), below
        case Paragraph(text, "note"):
            return 1.5, _lines(text, 9, _PAGE_WIDTH) * _line(9), 1.5
        case Paragraph(text):
            return 0, _lines(text, 11, _PAGE_WIDTH) * _line(11), 2.0
        case Fields(items, title):
            height = _line(11, 1.4) + 0.8 if title else 0.0
            for name, value in items:
                lines = max(_lines(name, 11, _PAGE_WIDTH * 0.3), _lines(value, 11, _PAGE_WIDTH * 0.68))
                height += lines * _line(11) + 2.8
            return 4.0, height, 4.0
        case KeyFigures():
            return 4.0, _line(9 + 15 + 9, 1.45) + 1.0, 4.0
        case Chart() as chart:
            return 4.0, _titles(chart.question) + _picture(chart), 4.0
        case Table() as table:
            return 4.0, _table(table), 4.0
    raise TypeError(f"{type(block).__name__} is not reckoned with")


def _titles(question: str) -> float:
    """The title of a table or chart, and its question."""
    return _line(11, 1.4) + 0.8 + (_line(9.5) + 0.7 if question else 0.0)


def _picture(chart: Chart) -> float:
    """A chart as wide as the page."""
    drawn = chart_svg(chart, True, "th", False, _CHART_WIDTH)
    height = re.search(r'viewBox="0 0 [0-9.]+ ([0-9.]+)"', drawn)
    if height is None:
        raise ValueError("a chart without a size")
    return float(height[1]) * _PAGE_WIDTH / _CHART_WIDTH


def _table(table: Table) -> float:
    """Its title, headings of two lines, rows, the lines of rounding and totals, and what is said of the rounding."""
    row, cell = _line(9, 1.5), 1.6
    height = _titles(table.question) + (2 * row + 2.4)
    widths = [share / 100 * _PAGE_WIDTH - 2.4 for share in column_shares(table)]
    for values in table.values():
        cells = [
            _lines(str(values[index] or ""), 9, width)
            for (index, column), width in zip(printed_columns(table), widths, strict=True)
            if not column.is_number
        ]
        height += max([1, *cells]) * row + cell
    if table.has_totals:
        height += row + cell + 0.8
        if not _adds_up(table):
            height += row + cell + 2 * _line(9) + 3.0
    return height


def _adds_up(table: Table) -> bool:
    """Whether the printed columns come to their printed totals, so that nothing is said of rounding."""
    rows = table.values()
    return not any(
        rounding_difference((row[index] for row in rows), column.kind)
        for index, column in printed_columns(table)
        if column.kind in STEPS and column.total == "sum"
    )
