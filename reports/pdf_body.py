"""The body of a paper: blocks turned into what the page template prints.

Long tables are cut into slices, so that no part of a paper grows too large to lay out at once.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import segno

from reports.charts import chart_svg
from reports.document import (
    Block,
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
    Row,
    Signature,
    Table,
)
from reports.thai import cell_text, thai_digits, thai_prose, unit_of, word

_WIDE = 95
_SIGNATURE_LINE = "ลงชื่อ ........................................"


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows ``start`` to ``stop`` of a table; the whole of any other block."""

    block: Block
    start: int = 0
    stop: int = 0
    rows: tuple[Row, ...] = ()

    @property
    def table(self) -> Table:
        """The block, where it is known to be a table."""
        assert isinstance(self.block, Table)
        return self.block

    @property
    def is_cut(self) -> bool:
        """Whether rows of the table follow in a later part."""
        return isinstance(self.block, Table) and self.stop < len(self.block.rows)


def printed_columns(table: Table) -> list[tuple[int, Column]]:
    """The columns that go on paper, with their place in a row."""
    return [
        (index, column)
        for index, column in enumerate(table.columns)
        if not (column.excel_only or column.hidden)
    ]


def column_shares(table: Table) -> list[float]:
    """The width of each printed column in per cent of the page."""
    columns = printed_columns(table)
    whole = sum(column.width for _, column in columns)
    return [100 * column.width / whole for _, column in columns]


def is_landscape(table: Table) -> bool:
    """Whether a table lies across the page: as it says, else when it is wide."""
    if table.landscape is not None:
        return table.landscape
    return sum(column.width for _, column in printed_columns(table)) > _WIDE


def page_shapes(blocks: list[Block]) -> list[str]:
    """The page each block stands on; headings go with the table that follows them."""
    shapes = ["portrait"] * len(blocks)
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        if isinstance(block, Table) and is_landscape(block):
            shapes[index] = "landscape"
        elif isinstance(block, (Heading, PageBreak)) and index + 1 < len(blocks):
            shapes[index] = shapes[index + 1]
    return shapes


class Compositor:
    """Turns blocks into template values, with digits as the paper wants them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.language = document.language
        self.pictures: dict[str, str] = {}

    def prose(self, text: str) -> str:
        return thai_prose(text) if self.document.thai_digits else text

    def cell(self, value: Any, column: Column) -> str:
        text = cell_text(value, column.kind, self.language)
        if not self.document.thai_digits:
            return text
        return thai_digits(text) if column.is_number or column.kind == "date" else thai_prose(text)

    def word(self, key: str) -> str:
        return word(key, self.language)

    def groups(self, slices: list[Slice], first_part: bool) -> list[dict[str, Any]]:
        """Neighbouring blocks on the same kind of page, ready for the template."""
        blocks = [piece.block for piece in slices]
        groups: list[dict[str, Any]] = []
        for piece, shape in zip(slices, page_shapes(blocks), strict=True):
            if not groups or groups[-1]["page"] != shape:
                groups.append({"page": shape, "blocks": []})
            inside = groups[-1]["blocks"]
            values = self.block(piece)
            if values["is"] == "signatures" and inside and inside[-1]["is"] == "signatures":
                inside[-1]["entries"] += values["entries"]
            else:
                inside.append(values)
        has_memo = any(isinstance(block, Memo) for block in self.document.blocks)
        if first_part and not has_memo and self.document.cover:
            title = {
                "is": "title",
                "organisation": self.document.organisation,
                "title": self.prose(self.document.title),
                "subtitle": self.prose(self.document.subtitle),
            }
            if not groups:
                groups.append({"page": "portrait", "blocks": []})
            groups[0]["blocks"].insert(0, title)
        return groups

    def block(self, piece: Slice) -> dict[str, Any]:
        """One block as template values; ``is`` names its kind."""
        match piece.block:
            case Heading(text, level):
                return {"is": "heading", "text": self.prose(text), "level": min(3, max(1, level))}
            case Paragraph(text, style):
                return {"is": "paragraph", "text": self.prose(text), "style": style}
            case KeyFigures(items):
                entries = [tuple(self.prose(text) for text in item) for item in items]
                return {"is": "figures", "entries": entries}
            case Fields(items, title, code):
                lines = [
                    (self.prose(name), value if name in code else self.prose(value), name in code)
                    for name, value in items
                ]
                return {"is": "fields", "title": self.prose(title), "entries": lines}
            case Signature(name, post, role):
                one = {"line": _SIGNATURE_LINE, "name": name, "post": post, "role": role}
                if self.language == "en":
                    one["line"] = _SIGNATURE_LINE.replace("ลงชื่อ", "Signed")
                return {"is": "signatures", "entries": [one]}
            case QrCode() as code:
                return self._qr(code)
            case Chart() as chart:
                return self._chart(chart)
            case Memo() as memo:
                return self._memo(memo)
            case Table():
                return self._table(piece)
            case PageBreak():
                return {"is": "break"}

    def _picture(self, svg: str) -> str:
        name = f"picture-{len(self.pictures)}.svg"
        self.pictures[name] = svg
        return f"asset:{name}"

    def _qr(self, code: QrCode) -> dict[str, Any]:
        out = io.BytesIO()
        segno.make(code.data, error="m", micro=False).save(
            out, kind="svg", xmldecl=False, border=2, scale=4, dark="#1b2733"
        )
        source = self._picture(out.getvalue().decode())
        alt = code.caption or code.data
        return {"is": "qr", "source": source, "alt": alt, "caption": code.caption}

    def _chart(self, chart: Chart) -> dict[str, Any]:
        svg = chart_svg(chart, True, self.language, self.document.thai_digits)
        alt = svg.partition("<desc")[2].partition(">")[2].partition("</desc>")[0]
        return {
            "is": "chart",
            "title": self.prose(chart.title),
            "question": self.prose(chart.question),
            "source": self._picture(svg),
            "alt": alt,
        }

    def _memo(self, memo: Memo) -> dict[str, Any]:
        def entry(key: str, value: str) -> dict[str, str]:
            return {"name": self.word(key), "value": self.prose(value)}

        lines = [entry("to", memo.to)]
        lines += [entry("references", text) for text in memo.references]
        lines += [entry("enclosures", text) for text in memo.enclosures]
        return {
            "is": "memo",
            "heading": self.word("memo"),
            "agency": entry("agency", memo.agency),
            "number": entry("number", memo.number),
            "date": entry("date", memo.date),
            "subject": entry("subject", memo.subject),
            "lines": lines,
        }

    def _table(self, piece: Slice) -> dict[str, Any]:
        table = piece.table
        columns = printed_columns(table)
        styles = table.row_styles or ("",) * len(table.rows)
        rows = [
            {
                "style": styles[piece.start + offset],
                "cells": [self.cell(row[index], column) for index, column in columns],
            }
            for offset, row in enumerate(piece.rows)
        ]
        begun = piece.start > 0
        return {
            "is": "table",
            "name": table.name,
            "title": "" if begun else self.prose(table.title),
            "question": "" if begun else self.prose(table.question),
            "note": "" if piece.is_cut else self.prose(table.note),
            "shares": [f"{share:.4f}" for share in column_shares(table)],
            "grouped": any(column.group for _, column in columns),
            "heads": self._heads([column for _, column in columns]),
            "looks": [
                "n" if column.is_number else "c" if column.kind == "date" else "" for _, column in columns
            ],
            "carries": bool(table.carry_forward),
            "split": begun or piece.is_cut,
            "start": piece.start,
            "rows": rows,
            "totals": self._totals(table) if table.has_totals and not piece.is_cut else [],
            "empty": self.word("empty"),
        }

    def _heads(self, columns: list[Column]) -> list[dict[str, Any]]:
        """Column headings; the first of a run in one group says how far the group reaches."""
        heads: list[dict[str, Any]] = []
        for at, column in enumerate(columns):
            begins = bool(column.group) and (at == 0 or columns[at - 1].group != column.group)
            span = 1
            while begins and at + span < len(columns) and columns[at + span].group == column.group:
                span += 1
            heads.append(
                {
                    "title": self.prose(column.title),
                    "unit": unit_of(column.kind, column.unit, self.language),
                    "look": "" if column.is_number or column.kind == "date" else "text",
                    "group": self.prose(column.group),
                    "begins_group": begins,
                    "span": span,
                }
            )
        return heads

    def _totals(self, table: Table) -> list[str]:
        texts: list[str] = []
        named = False
        for index, column in printed_columns(table):
            total = table.total(index)
            if total is not None:
                # A count of anything is a whole number, whatever it counts.
                shown = replace(column, kind="int") if column.total == "count" else column
                texts.append(self.cell(total, shown))
            elif not named and not column.is_number and column.width >= 10:
                texts.append(self.word("total"))
                named = True
            else:
                texts.append("")
        return texts
