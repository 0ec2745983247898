"""How a paper is cut: into stretches that begin on a page of their own, and parts small enough to lay out.

Where stretches begin follows from the document alone, so whoever sets which stretch, and in whatever
order, the pages come out the same. A part's size is reckoned in printed lines, roughly: what counts
is that no part takes much memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from reports.document import (
    Block,
    Chart,
    Document,
    Fields,
    Heading,
    KeyFigures,
    Memo,
    PageBreak,
    Paragraph,
    QrCode,
    Row,
    Signature,
    Table,
)
from reports.paper_blocks import Attendance, Beside, Clauses, Contents, Items, Section
from reports.pdf_facts import Cut
from reports.pdf_table import Slice, is_landscape, printed_columns

_LETTERS_OF_LINE = 60
_LETTERS_OF_CELL = 40


@dataclass(frozen=True, slots=True)
class Stretch:
    """Blocks ``begin`` to ``end``: what comes before and after stands on other pages."""

    begin: int
    end: int
    lines: int
    is_contents: bool = False


class Plan:
    """The printed blocks of a document, their pages' shapes, their sizes and the stretches."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.blocks = [b for b in document.blocks if not (isinstance(b, Table) and b.excel_only)]
        self.shapes = _page_shapes(self.blocks)
        self.rows: dict[str, list[Row]] = {b.name: b.values() for b in self.blocks if isinstance(b, Table)}
        self.fresh = [
            begins_page(self.blocks, at) or self.shapes[at - 1] != self.shapes[at]
            for at in range(len(self.blocks))
        ]

    def stretches(self, lines: int) -> list[Stretch]:
        """Runs of pages, each to be set without knowing the others; neighbours together up to ``lines``."""
        starts = [at for at, fresh in enumerate(self.fresh) if fresh]
        runs = [
            Stretch(begin, end, sum(map(self.lines_of, range(begin, end))), self._is_contents(begin))
            for begin, end in pairwise([*starts, len(self.blocks)])
            if not all(isinstance(block, PageBreak) for block in self.blocks[begin:end])
        ]
        joined: list[Stretch] = []
        for run in runs:
            last = joined[-1] if joined else None
            if last and last.lines + run.lines <= lines and not (last.is_contents or run.is_contents):
                joined[-1] = Stretch(last.begin, run.end, last.lines + run.lines)
            else:
                joined.append(run)
        return joined or [Stretch(0, 0, 0)]

    def _is_contents(self, at: int) -> bool:
        return isinstance(self.blocks[at], Contents)

    def lines_of(self, at: int) -> int:
        """About how many printed lines a block takes."""
        block = self.blocks[at]
        if isinstance(block, Table):
            return 6 + sum(self.lines_of_row(block, row) for row in self.rows[block.name])
        return _lines(block)

    def lines_of_row(self, table: Table, row: Row) -> int:
        """About how many lines the cells of a row have between them."""
        return sum(1 + len(str(row[index])) // _LETTERS_OF_CELL for index, _ in printed_columns(table))

    def steps_before(self, at: int, row: int) -> int:
        """How much of the work lies before row ``row`` of block ``at``: table rows and sections."""
        return sum(map(_steps, self.blocks[:at])) + row

    @property
    def steps(self) -> int:
        """All steps of the paper."""
        return self.steps_before(len(self.blocks), 0)

    def take(self, cut: Cut) -> tuple[list[Slice], int, int]:
        """The slices of a part, and the block and row after its last."""
        slices: list[Slice] = []
        at, row, room = cut.at, cut.row, cut.lines
        while at < cut.end and (room > 0 or not slices):
            block = self.blocks[at]
            if not isinstance(block, Table):
                slices.append(Slice(block, at))
                room -= _lines(block)
                at += 1
                continue
            rows = self.rows[block.name]
            stop = row
            room -= 6
            while stop < len(rows) and (room > 0 or stop == row):
                room -= self.lines_of_row(block, rows[stop])
                stop += 1
            slices.append(Slice(block, at, row, stop, tuple(rows[row:stop])))
            if stop < len(rows):
                return slices, at, stop
            at, row = at + 1, 0
        return slices, at, row


def begins_page(blocks: list[Block], at: int) -> bool:
    """Whether a block begins a new page by its nature, or by what stands before it; so does the end."""
    if at == 0 or at == len(blocks):
        return True
    return isinstance(blocks[at], PageBreak | Section | Contents) or isinstance(blocks[at - 1], Contents)


def _page_shapes(blocks: list[Block]) -> list[str]:
    """The page each block stands on; headings go with the table that follows them."""
    shapes = ["portrait"] * len(blocks)
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        if isinstance(block, Table) and is_landscape(block):
            shapes[index] = "landscape"
        elif isinstance(block, Heading | PageBreak | Section) and not begins_page(blocks, index + 1):
            shapes[index] = shapes[index + 1]
    return shapes


def _steps(block: Block) -> int:
    if isinstance(block, Table):
        return len(block.rows)
    return 1 if isinstance(block, Section) else 0


def _lines(block: Block) -> int:
    match block:
        case Paragraph(text) | Heading(text):
            return 2 + len(text) // _LETTERS_OF_LINE
        case Fields(items):
            return 2 + sum(2 + len(value) // _LETTERS_OF_LINE for _, value in items)
        case Items(texts):
            return sum(2 + len(text) // _LETTERS_OF_LINE for text in texts)
        case Clauses(items):
            return sum(2 + len(clause.text) // _LETTERS_OF_LINE for clause in items)
        case Attendance(_, people):
            return 3 + 4 * len(people)
        case KeyFigures(items):
            return 3 * len(items)
        case Chart(categories=categories):
            return 30 + 3 * len(categories)
        case Beside(charts):
            return sum(map(_lines, charts))
        case Memo() | QrCode():
            return 30
        case Signature():
            return 5
    return 2
