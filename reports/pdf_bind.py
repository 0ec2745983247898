"""The bindery: parts become one book, with frames, tags, bookmarks, links, particulars and attached files.

It needs only what the makers of the parts said of them; no page is laid out or read again.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from reports.document import Document
from reports.pdf_archive import add_particulars, attach_files
from reports.pdf_facts import Sheets, Source


@dataclass(frozen=True, slots=True)
class _Mark:
    """A heading of the whole book."""

    level: int
    label: str
    page: int
    top: float


def bind(document: Document, sheets: Sheets, target: str | BinaryIO) -> None:
    """Write the book. ``document`` gives the particulars; its blocks are not looked at."""
    book = pikepdf.new()
    tags = _Tags(book)
    marks: list[_Mark] = []
    is_whole = True
    for laid, source in sheets.parts:
        first = len(book.pages)
        with _opened(source) as part:
            book.pages.extend(part.pages)
            is_whole = is_whole and _has_all_glyphs(part)
            tags.add(part, first, laid.goes_on)
        marks += [_Mark(mark.level, mark.label, first + mark.page, mark.top) for mark in laid.bookmarks]
    tags.finish()
    is_whole = _lay_frames(book, sheets.frames) and is_whole
    _add_links(book, marks)
    _add_bookmarks(book, marks)
    attach_files(document, book)
    add_particulars(document, book, is_whole)
    book.save(
        target,
        deterministic_id=True,
        min_version="1.7",
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )


@contextmanager
def _opened(source: Source) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(source) if isinstance(source, bytes) else Path(source)) as pdf:
        yield pdf


class _Tags:
    """Joins the tags of the parts; a table that goes on from one part to the next is one table."""

    def __init__(self, book: pikepdf.Pdf) -> None:
        self.book = book
        self.root = book.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self.whole = book.make_indirect(Dictionary(S=Name.Document, P=self.root, K=Array()))
        self.pages: list[tuple[int, pikepdf.Object]] = []
        self.links: list[tuple[pikepdf.Object, pikepdf.Object]] = []
        self.last: pikepdf.Object | None = None

    def add(self, part: pikepdf.Pdf, first: int, goes_on: bool) -> None:
        """Take the tags of a part whose pages stand in the book from ``first`` on."""
        tree = self.book.copy_foreign(part.Root.StructTreeRoot)
        document = tree.K[0]
        count = len(part.pages)
        links: dict[int, pikepdf.Object] = {}
        numbers = tree.ParentTree.Nums
        for at in range(0, len(numbers), 2):
            number, owners = int(numbers[at]), numbers[at + 1]
            if number < count:
                self.book.pages[first + number].obj.StructParents = first + number
                self.pages.append((first + number, owners))
            else:
                links[number] = owners
        for page in self.book.pages[first : first + count] if links else ():
            for annotation in page.get(Name.Annots, Array()):
                self.links.append((annotation, links[int(annotation.StructParent)]))
        if goes_on and self.last is not None:
            self._go_on(document)
        for kid in document.K:
            kid.P = self.whole
            self.whole.K.append(kid)
        table = _outermost(self.whole, -1)
        self.last = table if table is not None else self.last

    def _go_on(self, document: pikepdf.Object) -> None:
        """Move the rows of the part's first table to the table before it."""
        table = _outermost(document, 0)
        assert table is not None
        assert self.last is not None
        for rows in table.K:
            rows.P = self.last
            self.last.K.append(rows)
        section = table.P
        section.K = Array(kid for kid in section.K if kid.objgen != table.objgen)
        if not len(section.K):
            run = section.P
            run.K = Array(kid for kid in run.K if kid.objgen != section.objgen)

    def finish(self) -> None:
        """Hang the joined tags on the book."""
        self.root.K = Array([self.whole])
        nums = Array()
        for number, owners in self.pages:
            nums.append(number)
            nums.append(owners)
        for number, (annotation, owner) in enumerate(self.links, len(self.book.pages)):
            annotation.StructParent = number
            nums.append(number)
            nums.append(owner)
        self.root.ParentTree = self.book.make_indirect(Dictionary(Nums=nums))
        self.root.ParentTreeNextKey = len(self.book.pages) + len(self.links)
        self.book.Root.StructTreeRoot = self.root
        self.book.Root.MarkInfo = Dictionary(Marked=True)
        for page in self.book.pages:
            page.obj.Tabs = Name.S


def _outermost(element: pikepdf.Object, end: int) -> pikepdf.Object | None:
    """The table with which an element begins (``end`` 0) or ends (-1), if it does."""
    while len(element.K) and isinstance(kid := element.K[end], pikepdf.Dictionary) and "/S" in kid:
        if Name.Table == kid.S:
            return kid
        element = kid
    return None


def _has_all_glyphs(part: pikepdf.Pdf) -> bool:
    """Whether every letter had a glyph in some font: where one had none, the font's code map says so."""
    fonts = part.pages[0].resources.get("/Font", Dictionary())
    return not any(isinstance(font.Encoding, pikepdf.Stream) for _, font in fonts.items())


def _lay_frames(book: pikepdf.Pdf, frames: Sequence[Source]) -> bool:
    """Lay the frames over the pages; returns whether all their letters had glyphs."""
    number = 0
    is_whole = True
    for source in frames:
        with _opened(source) as drawn:
            is_whole = is_whole and _has_all_glyphs(drawn)
            for page in drawn.pages:
                form = book.copy_foreign(page.as_form_xobject())
                under = book.pages[number]
                name = Name(f"/Frame{number}")
                under.add_resource(form, Name.XObject, name, replace_existing=True)
                under.contents_add(b"q\n", prepend=True)
                under.contents_add(b"\nQ /Artifact BMC q %s Do Q EMC" % str(name).encode())
                number += 1
    return is_whole


def _add_links(book: pikepdf.Pdf, marks: list[_Mark]) -> None:
    """The links of the contents lead to ``page:<number of the bookmark>``; now it is known where that is."""
    for page in book.pages:
        for annotation in page.get(Name.Annots, Array()):
            annotation.F = 4
            kind, _, number = str(annotation.A.URI).partition(":")
            if kind == "page":
                mark = marks[int(number)]
                del annotation.A
                target = book.pages[mark.page].obj
                annotation.Dest = Array([target, Name.XYZ, None, round(mark.top, 2), None])
                annotation.Contents = String(mark.label)


def _add_bookmarks(book: pikepdf.Pdf, marks: list[_Mark]) -> None:
    """The outline, nested by level whatever levels are skipped."""
    with book.open_outline() as outline:
        above: list[tuple[int, pikepdf.OutlineItem]] = []
        for mark in marks:
            item = pikepdf.OutlineItem(mark.label, mark.page, "XYZ", top=mark.top)
            while above and above[-1][0] >= mark.level:
                above.pop()
            (above[-1][1].children if above else outline.root).append(item)
            above.append((mark.level, item))
