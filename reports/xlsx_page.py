"""How a sheet is printed: its paper, head and foot, and over how many pages its columns are spread.

Pages are fitted to the width of A4. Whatever would have to be made too small to be read is spread over several pages
across instead, cut where a group of columns ends, with the columns that name a row again on each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from xlsxwriter.worksheet import Worksheet

from reports.document import Column, Document
from reports.thai import date_and_time, word
from reports.typeface import FAMILY

SMALLEST = 0.55  # of full size: 11 points come to 6, the size of small print
SURE_SCALE = 92  # per cent of a scale that surely fits: some programs make columns a little wider
_SIDE = 0.35  # inches left and right
ACROSS, _UPRIGHT = (11.69 - 2 * _SIDE) * 96, (8.27 - 2 * _SIDE) * 96  # pixels between the margins
DOWN = (8.27 - 0.75 - 0.7) * 72  # points between head and foot of a landscape page
_TYPE = 9  # points of head and foot as printed


@dataclass(frozen=True, slots=True)
class Spread:
    """``pages`` across at ``scale`` (1 is full size); ``breaks`` are the columns that begin a page."""

    pages: int
    breaks: tuple[int, ...]
    scale: float


def pixels(width: float) -> int:
    """What a column of ``width`` characters takes on the screen and, at 96 to the inch, on paper."""
    return int(width * 7 + 0.5) + 5


def spread_columns(columns: Sequence[Column], kept: int) -> Spread:
    """How a sheet's columns are spread over landscape pages; the first ``kept`` are printed on every one."""
    wide = [0 if column.hidden else pixels(column.width) for column in columns]
    whole, again = sum(wide), sum(wide[:kept])
    if whole * SMALLEST <= ACROSS:
        return Spread(1, (), min(1.0, ACROSS / max(whole, 1)))
    runs = _runs(columns, kept)
    sizes = [sum(wide[first:last]) for first, last in runs]
    room = max(ACROSS / SMALLEST - again, *sizes)
    pages = len(_filled(sizes, room))
    # as even as the groups allow: the least room that still makes do with so many pages
    low, high = ceil((whole - again) / pages), ceil(room)
    while low < high:
        middle = (low + high) // 2
        if len(_filled(sizes, middle)) <= pages and max(sizes) <= middle:
            high = middle
        else:
            low = middle + 1
    starts = _filled(sizes, high)
    breaks = tuple(runs[at][0] for at in starts[1:])
    return Spread(len(starts), breaks, min(1.0, ACROSS / (again + high)))


def _runs(columns: Sequence[Column], kept: int) -> list[tuple[int, int]]:
    """Columns that stay together, from first to last and one: those under a common heading."""
    runs: list[tuple[int, int]] = []
    for at in range(kept, len(columns)):
        group = columns[at].group
        if at > kept and group and group == columns[at - 1].group:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _filled(sizes: Sequence[int], room: float) -> list[int]:
    """The runs that begin a page when every page takes what still fits."""
    starts, used = [0], 0
    for at, size in enumerate(sizes):
        if used and used + size > room:
            starts.append(at)
            used = 0
        used += size
    return starts


def scale_of(widths: Sequence[float], landscape: bool = True) -> float:
    """How much smaller than full size a page of these columns is printed."""
    return min(1.0, (ACROSS if landscape else _UPRIGHT) / sum(map(pixels, widths)))


def set_up_page(sheet: Worksheet, document: Document, landscape: bool = True) -> None:
    """A4, one page wide, with head and foot."""
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=_SIDE, right=_SIDE, top=0.75, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    write_head_and_foot(sheet, document)


def write_head_and_foot(sheet: Worksheet, document: Document, scale: float = 1.0) -> None:
    """The paper's name above; the sheet's name, the time of printing and the page below. Programs make them smaller with
    the page: ``scale`` is what to make up for."""
    language = document.language
    face = f'&{round(_TYPE / scale)}&"{FAMILY},Regular"'
    printed = f"{word('printed', language)} {date_and_time(document.made_at, language)}"
    own = f"   {_escaped(document.footer, 50)}" if document.footer else ""
    sheet.set_header(f"&L{face}{_escaped(document.title, 110)}&R{face}{_escaped(document.label, 50)}")
    sheet.set_footer(f"&L{face}&A{own}&C{face}{_escaped(printed, 60)}&R{face}{word('page', language)} &P/&N")


def _escaped(text: str, limit: int) -> str:
    """Text for a header or footer, where & begins a code."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return short.replace("&", "&&")
