"""The printing house: it knows ink, not budgets.

What flows in is one frozen :class:`~reports.document.Document`, its words already in the reader's
language and its amounts still exact integers. What flows out is the same document as an Excel
workbook, a PDF, a CSV file or an SVG chart. Rounding, Thai digits, Buddhist years, page numbers and
totals carried from page to page are decided here and nowhere else, so every paper that leaves the
system agrees with every other. This package imports nothing of ``app``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from reports.charts import chart_svg
from reports.csvs import write_csv
from reports.document import (
    Chart,
    Column,
    Document,
    Fields,
    Heading,
    KeyFigures,
    Memo,
    PageBreak,
    Paragraph,
    QrCode,
    Series,
    Signature,
    SumIfs,
    Table,
)
from reports.paper_blocks import Attachment, Attendance, Beside, Clause, Clauses, Contents, Items, Section

if TYPE_CHECKING:
    from reports.pdf import Printed

__all__ = [
    "Attachment",
    "Attendance",
    "Beside",
    "Chart",
    "Clause",
    "Clauses",
    "Column",
    "Contents",
    "Document",
    "Fields",
    "Heading",
    "Items",
    "KeyFigures",
    "Memo",
    "PageBreak",
    "Paragraph",
    "QrCode",
    "Section",
    "Series",
    "Signature",
    "SumIfs",
    "Table",
    "chart_svg",
    "write_csv",
    "write_pdf",
    "write_workbook",
]


def write_pdf(
    document: Document,
    target: str | Path | BinaryIO,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> Printed:
    """Write ``document`` as PDF; see :func:`reports.pdf.write_pdf`.

    The typesetter is loaded on first use: a process that only draws charts never pays for it.
    """
    from reports import pdf

    return pdf.write_pdf(document, target, progress, workers)


def write_workbook(document: Document, target: str | Path | BinaryIO) -> None:
    """Write ``document`` as .xlsx; see :func:`reports.xlsx.write_workbook`."""
    from reports import xlsx

    xlsx.write_workbook(document, target)
