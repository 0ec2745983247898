"""From a document to bytes. The printing house is heavy, so it is loaded when something is printed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.figures.facts import PaperFormat
from app.kernel.config import Config
from app.kernel.files import Area, FileStore, file_store

if TYPE_CHECKING:
    from reports.document import Document

Progress = Callable[[int, int], None]


def paper_store(config: Config) -> FileStore:
    """Where printed papers are kept in this installation."""
    return file_store(config, Area.PAPERS)


def book_store(config: Config) -> FileStore:
    """Where decision books are kept in this installation, for good."""
    return file_store(config, Area.BOOKS)


def print_document(document: Document, paper_format: PaperFormat, progress: Progress | None = None) -> bytes:
    """The document as a file. `progress` hears of table rows set so far and in all (PDF only)."""
    from reports import write_pdf, write_workbook

    target = io.BytesIO()
    if paper_format is PaperFormat.PDF:
        write_pdf(document, target, progress)
    else:
        write_workbook(document, target)
    return target.getvalue()
