"""A table as CSV that opens right in Excel: UTF-8 with a byte-order mark, CRLF, text made safe."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any, BinaryIO

from reports.document import Kind, Table
from reports.thai import in_bangkok, scaled

# A spreadsheet takes a cell that begins with one of these for a formula.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
# A negative number, or a hyphen that stands for nothing, calculates nothing.
_NEGATIVE = re.compile(r"-([0-9]+(\.[0-9]+)?)?", re.ASCII)


def safe_text(text: str) -> str:
    """``text`` as it may stand in a CSV cell: a leading apostrophe disarms would-be formulas."""
    return "'" + text if text.startswith(_RISKY) and not _NEGATIVE.fullmatch(text) else text


def _plain(value: Any, kind: Kind) -> str:
    """A raw value for machines: full precision, no grouping, ISO dates."""
    if value is None:
        return ""
    if kind in ("money", "score", "percent"):
        return scaled(value, 2).replace(",", "")
    if kind == "million":
        return scaled(value, 8).replace(",", "")
    if kind == "int":
        return str(value)
    if kind == "date":
        return in_bangkok(value).isoformat()
    return safe_text(str(value))


def write_csv(table: Table, target: str | Path | BinaryIO, keys_as_header: bool = False) -> None:
    """Write ``table``, without its totals, to a path or binary file.

    Million columns keep all eight decimals, so no satang is lost. With ``keys_as_header`` the
    first line holds the column keys instead of the titles (for open data).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    header = [column.key if keys_as_header else column.title for column in table.columns]
    writer.writerow([safe_text(title) for title in header])
    kinds = [column.kind for column in table.columns]
    for row in table.values():
        writer.writerow([_plain(value, kind) for value, kind in zip(row, kinds, strict=True)])
    data = out.getvalue().encode("utf-8-sig")
    if isinstance(target, (str, Path)):
        Path(target).write_bytes(data)
    else:
        target.write(data)
