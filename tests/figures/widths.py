"""Whether the amounts a paper may have to print fit their columns."""

from __future__ import annotations

from reports.document import Document
from reports.outlines import text_width
from reports.pdf_table import column_shares, is_landscape, printed_columns
from reports.thai import thai_digits

WIDEST = {"million": "9,999.9999", "money": "9,999,999,999.99", "percent": "100.00", "score": "99.99"}
LANDSCAPE, PORTRAIT, PADDING = 273, 170, 2.4  # mm


def list_too_wide(document: Document, *, in_thai_digits: bool) -> tuple[list[str], int]:
    """Columns too narrow for ten thousand million baht in bold, in the digits asked for, by table and name; and how many
    were looked at."""
    narrow, looked_at = [], 0
    for table in document.tables:
        if table.excel_only:
            continue
        page = LANDSCAPE if is_landscape(table) else PORTRAIT
        for share, (_, column) in zip(column_shares(table), printed_columns(table), strict=True):
            if column.kind in WIDEST:
                looked_at += 1
                text = thai_digits(WIDEST[column.kind]) if in_thai_digits else WIDEST[column.kind]
                wide = text_width(text, 9, 400 if column.kind == "score" else 700) * 25.4 / 72
                if wide > share / 100 * page - PADDING:
                    narrow.append(f"{table.name}.{column.key}")
    return narrow, looked_at


def list_broken(document: Document, key: str, text: str) -> list[str]:
    """Tables whose column `key` is too narrow for `text` on one line."""
    return [
        table.name
        for table in document.tables
        if not table.excel_only
        for share, (_, column) in zip(column_shares(table), printed_columns(table), strict=True)
        if column.key == key
        and text_width(text, 9, 400) * 25.4 / 72
        > share / 100 * (LANDSCAPE if is_landscape(table) else PORTRAIT) - PADDING
    ]
