"""The printing house: it knows ink, not budgets.

What flows in is one frozen :class:`~reports.document.Document`, its words already in the reader's
language and its amounts still exact integers. What flows out is the same document as an Excel
workbook, a PDF, a CSV file or an SVG chart. Rounding, Thai digits, Buddhist years, page numbers and
totals carried from page to page are decided here and nowhere else, so every paper that leaves the
system agrees with every other. This package imports nothing of ``app``.
"""

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
from reports.pdf import write_pdf
from reports.xlsx import write_workbook

__all__ = [
    "Chart",
    "Column",
    "Document",
    "Fields",
    "Heading",
    "KeyFigures",
    "Memo",
    "PageBreak",
    "Paragraph",
    "QrCode",
    "Series",
    "Signature",
    "SumIfs",
    "Table",
    "chart_svg",
    "write_csv",
    "write_pdf",
    "write_workbook",
]
