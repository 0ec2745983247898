"""Who makes the parts of a paper: this process alone, or child processes side by side.

Children are started afresh (never forked: a web server or a job runner has threads) and spoken to
over pipes; what they make lies in files of a folder that goes away with the paper. A child that dies
or does not answer ends the paper with :class:`PaperFailed`, and the other children with it.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

from reports.breath import uninterrupted
from reports.document import Document
from reports.pdf_facts import Cut, Entry, Laid, PageFacts, Sheets, Source, Used

_ROOT = Path(__file__).resolve().parents[1]
# Seconds for one part, which takes one or two: on a machine out of breath this is still not long.
LONGEST = 180.0
FrameTask = tuple[list[PageFacts], list[str], int, int]
Made = tuple[Laid, Source]


class PaperFailed(RuntimeError):
    """A child process ended or fell silent before the paper was made; says what it said last."""


class Hands(Protocol):
    """Makes parts, frames and the book of one document, inside a ``with`` statement."""

    used: tuple[Used, ...]

    def __enter__(self) -> Self: ...

    def __exit__(self, *how: object) -> None: ...

    def parts(self, cuts: list[Cut], lines: list[int]) -> Iterator[Made]:
        """All parts that begin with ``cuts`` and follow from them, in any order; ``lines`` tells of
        every stretch how long it is."""

    def contents(self, cut: Cut, entries: list[Entry]) -> Made:
        """The contents."""

    def frames(self, tasks: list[FrameTask]) -> list[Source]:
        """Frames for runs of pages, in order."""

    def bind(self, particulars: Document, sheets: Sheets) -> Source:
        """The whole book."""


class Alone(contextlib.AbstractContextManager["Alone"]):
    """Everything in this process, one part after the other."""

    used: tuple[Used, ...] = ()

    def __init__(self, document: Document) -> None:
        from reports.pdf_parts import PartMaker  # the typesetter is heavy: whoever has children needs none

        self._maker = PartMaker(document)

    def __exit__(self, *how: object) -> None:
        return None

    def parts(self, cuts: list[Cut], lines: list[int]) -> Iterator[Made]:
        for cut in cuts:
            after: Cut | None = cut
            while after:
                made = self.contents(after, [])
                yield made
                after = made[0].after

    def contents(self, cut: Cut, entries: list[Entry]) -> Made:
        with uninterrupted():
            return self._maker.lay(cut, entries), self._maker.paint()

    def frames(self, tasks: list[FrameTask]) -> list[Source]:
        with uninterrupted():
            return [self._maker.paint_frames(*task) for task in tasks]

    def bind(self, particulars: Document, sheets: Sheets) -> Source:
        from reports.pdf_bind import bind

        target = io.BytesIO()
        bind(particulars, sheets, target)
        return target.getvalue()


class _Child:
    """One child process. Its answers come into ``answers`` as ``(child, name, value)``."""

    def __init__(self, folder: Path, number: int, answers: queue.Queue[tuple[_Child, str, Any]]) -> None:
        self.log = folder / f"child-{number}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                [sys.executable, "-m", "reports.pdf_child", str(folder), str(number)],
                cwd=_ROOT,
                env={**os.environ, "MALLOC_ARENA_MAX": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._reader = threading.Thread(target=self._read, args=(answers,), daemon=True)
        self._reader.start()

    def ask(self, name: str, *values: Any) -> None:
        """Give the child something to do. One that is gone is noticed where its answer fails to come."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            pickle.dump((name, values), self.process.stdin)
            self.process.stdin.flush()

    def _read(self, answers: queue.Queue[tuple[_Child, str, Any]]) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                name, value = pickle.load(self.process.stdout)  # noqa: S301 (our own child wrote it)
                answers.put((self, name, value))
        except (EOFError, pickle.UnpicklingError, OSError, ValueError):
            answers.put((self, "gone", None))

    def last_words(self) -> str:
        """Why the child ended, as far as it said."""
        said = self.log.read_text("utf-8", "replace")[-2000:] if self.log.exists() else ""
        return f"exit {self.process.poll()}: {said}".strip()

    def dismiss(self, now: bool) -> None:
        """End the child, and wait for its end."""
        assert self.process.stdin is not None
        if now:
            self.process.kill()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Crew(contextlib.AbstractContextManager["Crew"]):
    """Child processes that make parts side by side. The longest stretch is begun first, and a part
    is painted by one child while another lays out what follows it."""

    def __init__(self, document: Document, folder: Path, workers: int) -> None:
        self._document, self._folder, self._count = document, folder, workers
        self._answers: queue.Queue[tuple[_Child, str, Any]] = queue.Queue()
        self._children: list[_Child] = []
        self._started = 0
        self.used: tuple[Used, ...] = ()

    def __enter__(self) -> Self:
        with (self._folder / "document").open("wb") as file:
            pickle.dump(self._document, file)
        try:
            for _ in range(self._count):
                self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *how: object) -> None:
        self._dismiss(now=True)

    def parts(self, cuts: list[Cut], lines: list[int]) -> Iterator[Made]:
        waiting = list(cuts)
        idle = list(self._children)
        laid_by: dict[_Child, Laid] = {}
        while waiting or len(idle) < len(self._children):
            # What has most pages after it first; else in the order of the book.
            waiting.sort(key=lambda cut: (cut.number * cut.lines - lines[cut.stretch], cut.stretch))
            while waiting and idle:
                idle.pop(0).ask("part", waiting.pop(0))
            child, name, value = self._hear()
            if name == "laid":
                laid_by[child] = value
                if value.after:
                    waiting.append(value.after)
            else:
                idle.append(child)
                yield laid_by.pop(child), value

    def contents(self, cut: Cut, entries: list[Entry]) -> Made:
        self._children[0].ask("part", cut, entries)
        _, _, laid = self._hear()
        _, _, source = self._hear()
        return laid, source

    def frames(self, tasks: list[FrameTask]) -> list[Source]:
        for number, task in enumerate(tasks):
            self._children[number % self._count].ask("frames", *task)
        drawn: dict[int, Source] = {}
        for _ in tasks:
            _, _, (first, source) = self._hear()
            drawn[first] = source
        return [drawn[first] for first in sorted(drawn)]

    def bind(self, particulars: Document, sheets: Sheets) -> Source:
        # The makers go first: the binder begins with a memory of its own.
        self._dismiss(now=False)
        self._start()
        self._children[0].ask("bind", particulars, sheets)
        _, _, source = self._hear()
        self._dismiss(now=False)
        bound: str = source
        return bound

    def _start(self) -> None:
        self._children.append(_Child(self._folder, self._started, self._answers))
        self._started += 1

    def _hear(self) -> tuple[_Child, str, Any]:
        try:
            child, name, value = self._answers.get(timeout=LONGEST)
        except queue.Empty:
            raise PaperFailed(f"no part within {LONGEST:g} s") from None
        if name == "gone":
            child.process.wait()
            raise PaperFailed(f"a process that made the paper ended: {child.last_words()}")
        return child, name, value

    def _dismiss(self, now: bool) -> None:
        """Part from all children; those that end by themselves say what they took."""
        children: Sequence[_Child] = self._children
        self._children = []
        for child in children:
            child.dismiss(now)
        while not self._answers.empty():
            _, name, value = self._answers.get()
            if name == "used":
                self.used += (value,)
