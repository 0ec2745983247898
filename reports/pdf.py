"""A document as a PDF fit to be signed, searched and archived.

The paper is cut into stretches that begin on pages of their own, and these into parts of bounded
size (:mod:`reports.pdf_plan`). Short papers are made in this process. Long ones are made by two
child processes side by side and bound by a third, so that neither their time nor their memory is
this process's; whoever makes the parts, the same document gives the same bytes. The contents are
set when all page numbers are known, and the frames around the pages last.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from reports.document import Document
from reports.paper_blocks import Contents, Section
from reports.pdf_crew import Alone, Crew, Hands, PaperFailed
from reports.pdf_facts import Cut, Entry, Laid, PageFacts, Sheets, Source, Used
from reports.pdf_plan import Plan, Stretch

__all__ = ["PaperFailed", "Printed", "write_pdf"]

Progress = Callable[[int, int], None]

WORKERS = 2
# About how many printed lines a part has: ten pages of tables, so that no process takes 150 MiB.
PART_LINES = 1600
# A paper of this many parts is made before child processes have even started.
_SHORT = 3
_FRAMES_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Printed:
    """What came out: pages, and what each child process took, the binding one last."""

    pages: int
    used: tuple[Used, ...] = ()


def write_pdf(
    document: Document,
    target: str | Path | BinaryIO,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Printed:
    """Write ``document`` as PDF to a path or a binary file; nothing is written unless all of it is made.

    ``progress`` is called with the steps done and the steps in all: table rows and sections.
    ``workers`` child processes make the parts, 0 for none; by default two for long papers.
    Raises :class:`PaperFailed` when a child process dies or does not answer.
    """
    plan = Plan(document)
    stretches = plan.stretches(PART_LINES)
    if workers is None:
        workers = WORKERS if sum(stretch.lines for stretch in stretches) > _SHORT * PART_LINES else 0
    with tempfile.TemporaryDirectory(prefix="dgi-paper-") as folder:
        hands: Hands = Crew(document, Path(folder), workers) if workers else Alone(document)
        with hands:
            sheets, pages = _make(plan, stretches, hands, _Steps(plan.steps, progress))
            bound = hands.bind(replace(document, blocks=()), sheets)
        if progress:
            progress(plan.steps, plan.steps)
        _hand_out(bound, target)
        return Printed(pages, hands.used)


class _Steps:
    """Tells of progress; the last step is left for the binding."""

    def __init__(self, whole: int, progress: Progress | None) -> None:
        self.whole, self.progress, self.done = whole, progress, 0

    def add(self, steps: int) -> None:
        self.done += steps
        if self.progress and steps and self.done < self.whole:
            self.progress(self.done, self.whole)


def _make(plan: Plan, stretches: list[Stretch], hands: Hands, steps: _Steps) -> tuple[Sheets, int]:
    """All parts and frames of the paper, and its number of pages."""
    cuts = {
        number: Cut(number, 0, stretch.begin, 0, stretch.end, PART_LINES)
        for number, stretch in enumerate(stretches)
    }
    body = [cut for number, cut in cuts.items() if not stretches[number].is_contents]
    made: dict[tuple[int, int], tuple[Laid, Source]] = {}
    for laid, source in hands.parts(body, [stretch.lines for stretch in stretches]):
        made[laid.cut.stretch, laid.cut.number] = laid, source
        steps.add(laid.steps)
    for number, stretch in enumerate(stretches):
        if stretch.is_contents:
            made[number, 0] = _contents(plan, cuts[number], made, hands)
    parts = [made[key] for key in sorted(made)]
    pages = [page for laid, _ in parts for page in laid.pages]
    heads = _running_heads(plan, pages)
    frames = hands.frames(
        [
            (
                pages[first : first + _FRAMES_AT_ONCE],
                heads[first : first + _FRAMES_AT_ONCE],
                first + 1,
                len(pages),
            )
            for first in range(0, len(pages), _FRAMES_AT_ONCE)
        ]
    )
    return Sheets(parts, frames), len(pages)


def _contents(
    plan: Plan, cut: Cut, made: dict[tuple[int, int], tuple[Laid, Source]], hands: Hands
) -> tuple[Laid, Source]:
    """The contents, set once more when they take more pages than was thought."""
    block = plan.blocks[cut.at]
    assert isinstance(block, Contents)
    taken = 1
    while True:
        entries: list[Entry] = []
        page, mark = 1, 0
        for key in sorted([*made, (cut.stretch, 0)]):
            if key == (cut.stretch, 0):
                # The heading of the contents themselves is a bookmark as well.
                page, mark = page + taken, mark + 1
                continue
            laid, _ = made[key]
            for number, bookmark in enumerate(laid.bookmarks, mark):
                if bookmark.level <= block.levels:
                    entries.append(Entry(bookmark.level, bookmark.label, page + bookmark.page, number))
            page, mark = page + len(laid.pages), mark + len(laid.bookmarks)
        laid, source = hands.contents(cut, entries)
        if len(laid.pages) == taken:
            return laid, source
        taken = len(laid.pages)


def _running_heads(plan: Plan, pages: list[PageFacts]) -> list[str]:
    """What stands at the head of each page: the section it belongs to, else the paper's title."""
    head, heads = plan.document.title, []
    for page in pages:
        for at in page.blocks:
            block = plan.blocks[at]
            if isinstance(block, Section):
                head = block.running or block.title
        heads.append(head)
    return heads


def _hand_out(bound: Source, target: str | Path | BinaryIO) -> None:
    """Give the finished book to whom it is for, whole."""
    if isinstance(target, str | Path):
        beside = Path(f"{target}.unfinished")
        try:
            if isinstance(bound, bytes):
                beside.write_bytes(bound)
            else:
                shutil.copyfile(bound, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    elif isinstance(bound, bytes):
        target.write(bound)
    else:
        with open(bound, "rb") as book:
            shutil.copyfileobj(book, target)
