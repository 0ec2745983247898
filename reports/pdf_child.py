"""A child process that makes parts of a paper: ``python -m reports.pdf_child FOLDER NUMBER``.

In: the pickled document in the folder; pickled questions on standard input. Out: pickled answers on
standard output, which nothing else can write to, and finished parts in files of the folder. It ends
when its input does, so it never outlives the process that started it by more than one part.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from reports.breath import uninterrupted
from reports.pdf_facts import Used

if TYPE_CHECKING:
    from reports.document import Document
    from reports.pdf_facts import Cut, Entry, PageFacts, Sheets
    from reports.pdf_parts import PartMaker


class Bench:
    """Answers questions, one method for each kind."""

    def __init__(self, folder: Path, number: int, out: BinaryIO) -> None:
        self._folder, self._number, self._out = folder, number, out
        self._maker: PartMaker | None = None
        self._files = 0

    def part(self, cut: Cut, entries: list[Entry] | None = None) -> None:
        """Lay a part out and say so, then paint it."""
        with uninterrupted():
            self.say("laid", self.maker.lay(cut, entries))
            self.say("painted", self._keep(self.maker.paint()))

    def frames(self, pages: list[PageFacts], heads: list[str], first: int, count: int) -> None:
        """Draw the frames of a run of pages."""
        with uninterrupted():
            self.say("frames", (first, self._keep(self.maker.paint_frames(pages, heads, first, count))))

    def bind(self, particulars: Document, sheets: Sheets) -> None:
        """Bind all parts."""
        from reports.pdf_bind import bind

        name = str(self._folder / "book.pdf")
        bind(particulars, sheets, name)
        self.say("bound", name)

    @property
    def maker(self) -> PartMaker:
        """Made when first wanted: binding needs no typesetter."""
        if self._maker is None:
            from reports.pdf_parts import PartMaker

            with (self._folder / "document").open("rb") as file:
                self._maker = PartMaker(pickle.load(file))  # noqa: S301 (written by our parent)
            # What is here now stays to the end; looking through it after every part is idle.
            gc.collect()
            gc.freeze()
        return self._maker

    def say(self, name: str, value: Any) -> None:
        """One answer."""
        pickle.dump((name, value), self._out)
        self._out.flush()

    def _keep(self, data: bytes) -> str:
        self._files += 1
        path = self._folder / f"{self._number}-{self._files}.pdf"
        path.write_bytes(data)
        return str(path)


def _peak() -> int:
    """The most memory this process took so far, KiB; 0 where the system does not tell."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return 0


def main() -> None:
    """Answer until there are no more questions."""
    out = os.fdopen(os.dup(1), "wb")
    # Whatever else would be printed goes to the log.
    os.dup2(2, 1)
    bench = Bench(Path(sys.argv[1]), int(sys.argv[2]), out)
    while True:
        try:
            name, values = pickle.load(sys.stdin.buffer)  # noqa: S301 (written by our parent)
        except EOFError:
            break
        getattr(bench, name)(*values)
    bench.say("used", Used(_peak(), time.process_time()))


if __name__ == "__main__":
    main()
