"""A document as a PDF fit to be signed, searched and archived.

The paper is laid out in parts of bounded size: a part that ends inside a table gives its last,
unfinished page back, and the next part begins with that page's first row, so no seam shows. The
frame of every page is drawn when all parts are known. Short papers are tagged for screen readers.
The same document gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf

from reports.document import Block, Document, Table
from reports.pdf_body import Compositor, Slice
from reports.pdf_frame import Frame, PageFacts, read_page
from reports.press import lay_out, paint, uninterrupted

Progress = Callable[[int, int], None]

ROWS_PER_PART = 400
_FRAMES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class _Bookmark:
    level: int
    label: str
    page: int
    top: float


@dataclass(slots=True)
class _Part:
    """Finished pages of the body."""

    pdf: bytes
    pages: list[PageFacts]
    bookmarks: list[_Bookmark]


def write_pdf(document: Document, target: str | Path | BinaryIO, progress: Progress | None = None) -> None:
    """Write ``document`` as PDF to a path or a binary file.

    ``progress`` is called with the table rows set so far and the rows in all.
    """
    blocks = [block for block in document.blocks if not (isinstance(block, Table) and block.excel_only)]
    whole = sum(len(block.rows) for block in blocks if isinstance(block, Table))
    parts: list[_Part] = []
    for part, done in _parts(document, blocks, whole):
        parts.append(part)
        if progress:
            progress(done, whole)
    _bind(document, parts, target)


def _parts(document: Document, blocks: list[Block], whole: int) -> Iterator[tuple[_Part, int]]:
    """The parts of the body one after the other, each with the number of rows set by its end."""
    compositor = Compositor(document)
    tables = [block for block in blocks if isinstance(block, Table)]
    values = {table.name: table.values() for table in tables}
    tagged = whole <= ROWS_PER_PART
    at, row, done, pages_before = 0, 0, 0, 0
    first = True
    while first or at < len(blocks):
        slices, at, row = _take(blocks, values, at, row)
        compositor.pictures.clear()
        words = {
            "language": document.language,
            "title": document.title,
            "groups": compositor.groups(slices, first),
        }
        with uninterrupted():
            part, row_after = _set(words, compositor.pictures, slices, tables, tagged, pages_before)
        row = row if row_after is None else row_after
        done = sum(len(b.rows) for b in blocks[:at] if isinstance(b, Table)) + row
        pages_before += len(part.pages)
        first = False
        yield part, done


def _set(
    words: dict[str, Any],
    pictures: dict[str, str],
    slices: list[Slice],
    tables: list[Table],
    tagged: bool,
    pages_before: int,
) -> tuple[_Part, int | None]:
    """Lay out and paint one part. When its last page is given back because its table goes on, the
    first row on that page is returned too: the next part begins there."""
    rendering = lay_out("body.html.j2", words, pictures)
    pages = [read_page(page, tables) for page in rendering.pages]
    row_after = None
    if slices and slices[-1].is_cut and len(pages) > 1:
        again = pages[-1].rows.get(slices[-1].table.name)
        if again and again[0] > slices[-1].start:
            row_after = again[0]
            pages.pop()
            rendering = rendering.copy(rendering.pages[:-1])
    bookmarks = [
        _Bookmark(level, label, pages_before + number, (page.height - y) * 0.75)
        for number, page in enumerate(rendering.pages)
        for level, label, (_, y), _ in page.bookmarks
    ]
    return _Part(paint(rendering, tagged), pages, bookmarks), row_after


def _take(
    blocks: list[Block], values: dict[str, list[Any]], at: int, row: int
) -> tuple[list[Slice], int, int]:
    """The next slices, of about :data:`ROWS_PER_PART` rows, and where the part after begins."""
    slices: list[Slice] = []
    room = ROWS_PER_PART
    while at < len(blocks) and room > 0:
        block = blocks[at]
        if isinstance(block, Table):
            rows = values[block.name]
            stop = min(len(rows), row + room)
            slices.append(Slice(block, row, stop, tuple(rows[row:stop])))
            room -= stop - row
            if stop < len(rows):
                return slices, at, stop
            row = 0
        else:
            slices.append(Slice(block))
        at += 1
    return slices, at, row


def _bind(document: Document, parts: list[_Part], target: str | Path | BinaryIO) -> None:
    """Join the parts, lay the frames over their pages, add bookmarks and particulars."""
    with pikepdf.open(io.BytesIO(parts[0].pdf)) as book:
        for part in parts[1:]:
            with pikepdf.open(io.BytesIO(part.pdf)) as more:
                book.pages.extend(more.pages)
        _lay_frames(document, book, [page for part in parts for page in part.pages])
        _add_bookmarks(book, [mark for part in parts for mark in part.bookmarks])
        _add_particulars(document, book)
        book.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )


def _lay_frames(document: Document, book: pikepdf.Pdf, pages: list[PageFacts]) -> None:
    frame = Frame(document)
    for start in range(0, len(pages), _FRAMES_AT_ONCE):
        some = pages[start : start + _FRAMES_AT_ONCE]
        words = frame.words(some, start + 1, len(pages))
        with uninterrupted():
            drawn = paint(lay_out("frame.html.j2", words, {}), tagged=False)
        with pikepdf.open(io.BytesIO(drawn)) as frames:
            for offset, page in enumerate(frames.pages):
                number = start + offset
                form = book.copy_foreign(page.as_form_xobject())
                under = book.pages[number]
                name = pikepdf.Name(f"/Frame{number}")
                under.add_resource(form, pikepdf.Name.XObject, name, replace_existing=True)
                under.contents_add(b"q\n", prepend=True)
                under.contents_add(b"\nQ /Artifact BMC q %s Do Q EMC" % str(name).encode())


def _add_bookmarks(book: pikepdf.Pdf, bookmarks: list[_Bookmark]) -> None:
    """The outline, nested by level whatever levels are skipped."""
    if "/Outlines" in book.Root:
        del book.Root.Outlines
    with book.open_outline() as outline:
        above: list[tuple[int, pikepdf.OutlineItem]] = []
        for mark in bookmarks:
            item = pikepdf.OutlineItem(mark.label, mark.page, "XYZ", top=mark.top)
            while above and above[-1][0] >= mark.level:
                above.pop()
            (above[-1][1].children if above else outline.root).append(item)
            above.append((mark.level, item))


def _add_particulars(document: Document, book: pikepdf.Pdf) -> None:
    moment = document.made_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
    keywords = [document.label, document.identifier, document.sha256]
    particulars = {
        "/Title": document.title,
        "/Subject": document.subtitle,
        "/Author": ", ".join(filter(None, (document.made_by, document.organisation))),
        "/Keywords": " ".join(filter(None, keywords)),
        "/Creator": "DGI-Budget",
        "/CreationDate": moment,
        "/ModDate": moment,
    }
    for key, value in particulars.items():
        if value:
            book.docinfo[key] = value
    book.Root.Lang = pikepdf.String(document.language)
    book.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    if len(book.pages) > 3:
        book.Root.PageMode = pikepdf.Name.UseOutlines
